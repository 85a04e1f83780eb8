"""Proofs in words: what a person reads beside a difference. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tasks.inventory_reconciliation.causes import Cause


def because(cause: str, proof: Mapping[str, Any]) -> str:
    """Return in one sentence what a cause was found by."""
    if "follows" in proof:
        return f"It shows {proof['follows']} pieces, so it is hidden. {because(cause, proof['because'])}"
    if "events" in proof:
        return _by_events(cause, proof["events"], len(proof.get("moves", ())))
    if "event" in proof:
        factor = proof.get("factor_of", "")
        return f"{_event(proof['event'])} was taken there in units of {factor}."
    if "first" in proof:
        return f"The books have {proof['document']} as {proof['first']} and again as {proof['moves'][0][0]}."
    if "ignored" in proof:
        return f"{proof['moves'][0][0]} came too late to be booked: {proof['ignored']}"
    return _by_rest(proof)


def _by_rest(proof: Mapping[str, Any]) -> str:
    """Return what a proof without events says, by what it names."""
    for name, words in _WORDS.items():
        if name in proof:
            return words(proof)
    return "Nothing in its history explains it."


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "factor": lambda proof: f"It says {proof['factor']} times too {'much' if proof['times'] else 'little'}: packs?",
    "calls": lambda proof: f"Call {', '.join(map(str, proof['calls']))} to the shop is under way.",
    "told": lambda proof: f"It showed {proof['told']} and nothing happened since: somebody changed it there.",
    "moved_to": lambda proof: f"Stock moved while it was compared: {proof['moved_to']} by now.",
    "changed_at": lambda _: "The shop changed it a moment ago, as a sale does that has not been read yet.",
    "shop_rule": lambda proof: (
        f"The shop hides at low stock by itself ({proof['shop_rule']}), nobody knows since when."
    ),
}


def _by_events(cause: str, events: Sequence[Sequence[str]], count: int) -> str:
    first = _event(events[0])
    verb = {
        Cause.TWICE.value: "was taken twice there",
        Cause.LATE.value: "is not there yet",
        Cause.MANUAL.value: "was made by hand here and is not known there",
    }.get(cause, "never arrived there")
    rest = f" (and {count - 1} before it)" if count > 1 else ""
    return f"{first}{rest} {verb}."


def _event(event: Sequence[str]) -> str:
    ref, kind, pieces, document, at = event
    number = f", {document}" if document else ""
    return f"The {kind} of {pieces} on {at[:16].replace('T', ' ')}{number} ({ref})"
