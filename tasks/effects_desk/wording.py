"""What a call to an outside system does, in words a person would use. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

WORDS = {
    "erp.purchase_request": "ask {system} to buy what {what} says",
    "erp.sale": "book the sale of {what} in {system}",
    "file.result": "write the result file of {what} to {system}",
    "shop.takeover": "mark {what} as taken over in {system}",
    "status.erp": "tell {system} the new status of {what}",
    "status.shop": "tell {system} the new status of {what}",
    "mail.confirmation": "send the confirmation of {what} by mail from {system}",
    "mail.rejection": "answer by mail from {system} that {what} was rejected",
}


def in_words(effect: Mapping[str, Any]) -> str:
    """Return what one call would do, e.g. 'book the sale of order BERLIN-4711 in tryton-erp/main (3 tries so far)'.

    Args:
        effect: ``kind, system, subject, attempts, last_error``, and ``channel, number`` of the order behind it, if any.
    """
    number = effect.get("number")
    what = f"order {str(effect['channel']).upper()}-{number}" if number else str(effect["subject"])
    words: str = WORDS.get(effect["kind"], "make the call '" + effect["kind"] + "' for {what} at {system}")
    told = words.format(what=what, system=effect["system"])
    if effect["attempts"]:
        tries = "1 try" if effect["attempts"] == 1 else f"{effect['attempts']} tries"
        why = f": {effect['last_error']}" if effect["last_error"] else ""
        told += f" ({tries} so far{why})"
    return told


def when(effect: Mapping[str, Any], now: datetime | None = None) -> str:
    """Return when one call will be made: by the next run, not before a time, or by a worker that has it in hand."""
    if effect["state"] == "claimed":
        return "in hand" if effect["held"] else "next run"
    if effect["due_at"] > (now or datetime.now(UTC)):
        return f"from {effect['due_at'].astimezone(UTC):%m-%d %H:%M} UTC"
    return "next run"
