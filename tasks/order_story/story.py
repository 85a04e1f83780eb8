"""One order's story: what happened when, by whom, in which run, in words. Pure: rows in, entries out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from blocks.documents.base import plain_decimal

EVENTS = {
    "inbox.received": "came in",
    "inbox.duplicate": "came in again, unchanged",
    "inbox.came_back": "the source has gone back to this version",
    "record.put_aside": "was put aside",
    "record.released": "was released to be judged again",
    "record.rejected": "was rejected",
    "record.superseded": "was overtaken by a newer version",
    "correction.made": "a correction was made",
    "correction.approved": "a correction was approved",
    "correction.declined": "a correction was declined",
    "order.corrected": "was read with its corrections",
    "order.accepted": "was accepted",
    "order.held_short": "was held: stock is short",
    "order.followed": "followed a change of status or payment",
    "order.superseded": "was overtaken by a newer version before it was judged",
    "order.ignored": "needed no handling",
    "order.in_erp": "has its sale in the ERP",
    "order.taken_over": "is marked as taken over in the shop",
    "effect.due": "a call became due",
    "effect.claimed": "a worker took calls in hand",
    "effect.handed_over": "a call was handed over",
    "effect.done": "a call was made",
    "effect.adopted": "a call had been made already and was adopted",
    "effect.refused": "a call was refused",
    "effect.put_off": "a call was put off",
    "effect.given_up": "a call was given up after too many tries",
    "effect.retried": "a call was made due again",
    "effect.abandoned": "a call was abandoned",
}
SHORTEST_DIGEST = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: ``ref`` names the event or row, ``who`` a person or 'soms', ``run`` a flow run's id.

    ``note`` is what a person wrote as their reason; it stays out of artifacts.
    """

    at: datetime
    ref: str
    text: str
    who: str = ""
    process: str = ""
    run: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where events and rows do not tell the same."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one order, in time order."""

    order: str
    entries: tuple[Entry, ...]
    gaps: tuple[Gap, ...]
    now: Mapping[str, Any]

    def sentence(self) -> str:
        """Return the story's size in one sentence."""
        holes = f"{len(self.gaps)} PLACES DO NOT AGREE" if self.gaps else "no gap"
        return f"Order {self.order}: {len(self.entries)} entries, {holes}."

    def as_data(self) -> dict[str, Any]:
        """Return the story as JSON can hold it, times in UTC."""
        return {
            "order": self.order,
            "now": {name: _plain(value) for name, value in self.now.items()},
            "entries": [{**asdict(entry), "at": utc(entry.at)} for entry in self.entries],
            "gaps": [asdict(gap) for gap in self.gaps],
        }


def utc(moment: datetime) -> str:
    """Return a moment in UTC to the millisecond, e.g. '2026-08-21 10:11:12.345'."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def local(moment: datetime, zone: tzinfo) -> str:
    """Return a moment on the merchant's clock, e.g. '08-21 12:11:12 CEST'."""
    return moment.astimezone(zone).strftime("%m-%d %H:%M:%S %Z")


def told(event: Mapping[str, Any]) -> Entry:
    """Return an audit event as an entry."""
    facts = json.loads(event["facts"])
    note = str(facts.pop("reason", "")) if event["actor"] != "soms" else ""
    words = EVENTS.get(event["kind"], event["kind"].replace("_", " ").replace(".", ": "))
    detail = "; ".join(f"{name.replace('_', ' ')} {_short(name, value)}" for name, value in facts.items())
    text = f"{event['subject']}: {words}" + (f" ({detail})" if detail else "")
    return Entry(event["at"], f"event {event['seq']}", text, event["actor"], event["process"], event["run_id"], note)


def _short(name: str, value: Any) -> str:
    if name == "sha256":
        return str(value)[:SHORTEST_DIGEST] + "…"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return utc(value) if isinstance(value, datetime) else value


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries by time; what a transaction wrote stands before the event that tells of it."""
    return tuple(sorted(entries, key=lambda entry: (entry.at, _rank(entry.ref))))


def _rank(ref: str) -> tuple[int, int]:
    kind, _, number = ref.partition(" ")
    return (1, int(number)) if kind == "event" else (0, 0)


def signed_by(rows: Sequence[tuple[Entry, str]], events: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Return row entries with the actor and the run of the first event after them that names their row.

    Args:
        rows: Entries with the subject under which events name their row, e.g. 'reservation/17'.
        events: The order's events, oldest first, with ``digests`` as a mapping.
    """
    signed = []
    for entry, subject in rows:
        event = next((each for each in events if each["at"] >= entry.at and subject in each["digests"]), None)
        if event is None:
            signed.append(entry)
            continue
        who, run = entry.who or event["actor"], entry.run or event["run_id"]
        signed.append(replace(entry, who=who, process=event["process"], run=run))
    return signed
