"""From a till's rows in the inbox to the ledger: read, rules, one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from blocks.database import corrections, inbox, quarantine
from blocks.database.stock_ledger import book_movements
from blocks.documents.patches import patched_bytes
from blocks.documents.till_rows import RowKind
from blocks.documents.verdicts import Fault
from blocks.errors import Unreadable
from blocks.standards.stock_files.naming import whole_void
from tasks.stock_movements import pos_records
from tasks.stock_movements.pos_records import KIND
from tasks.stock_movements.pos_rules import Decided, Named, decide

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.systems.tills.contract import Till


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of rows: counts; ``late`` is part of ``booked``, ``events`` may be more where a slip was voided."""

    booked: int = 0
    known: int = 0
    late: int = 0
    put_aside: int = 0
    ignored: int = 0
    stopped: int = 0
    freed: int = 0

    def __add__(self, other: "Judged") -> "Judged":
        """Return the sums."""
        return Judged(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Judged)))

    @property
    def rows(self) -> int:
        """Return how many rows were judged."""
        return self.booked + self.known + self.put_aside + self.ignored + self.stopped


def judge(connection: "Connection", trail: "Trail", till: "Till", source: str, *, limit: int) -> Judged:
    """Judge up to ``limit`` open rows of a till and book the good ones, all in the caller's transaction."""
    inbox.hold_source(connection, source=source, kind=KIND)
    open_rows = pos_records.open_rows(connection, source=source, limit=limit)
    if not open_rows:
        return Judged()
    rows, aside = read(connection, trail, till, open_rows)
    known = pos_records.known_for(connection, source=source, warehouses=till.warehouses, rows=rows)
    decided = decide(rows, known)
    decided.aside.update(aside)
    booked = book_movements(connection, trail, source=source, movements=[movement for _, movement in decided.movements])
    _contradicting(decided, booked.contradicting)
    settle(connection, trail, source, open_rows, decided)
    freed = _free_voids(connection, trail, source, rows, decided)
    accepted = len({inbox_id for inbox_id, _ in decided.movements})
    again = min(booked.repeated, accepted)
    return Judged(accepted - again, again, booked.late, len(decided.aside), len(decided.ignored), 0, freed)


def read(
    connection: "Connection", trail: "Trail", till: "Till", records: Sequence[Mapping[str, Any]]
) -> tuple[list[Named], dict[int, tuple[Fault, ...]]]:
    """Read records with their corrections; returns the rows, and the faults of those that cannot be read."""
    patches = corrections.in_force(connection, [record["id"] for record in records])
    rows: list[Named] = []
    aside: dict[int, tuple[Fault, ...]] = {}
    for record in records:
        mine = patches.get(record["id"], ())
        try:
            row = till.read_row(patched_bytes(bytes(record["body"]), mine))
        except Unreadable as error:
            aside[record["id"]] = _unreadable(error)
            continue
        rows.append(Named(record["id"], record["external_id"], row))
        if mine:
            facts = {"corrections": [patch.number for patch in mine]}
            trail.add("till.row_corrected", f"inbox/{record['id']}", [("inbox", record["id"])], facts)
    return rows, aside


def _unreadable(error: Unreadable) -> tuple[Fault, ...]:
    found = [
        Fault(rule="POS-UNREADABLE", place=defect.place, text=defect.text, remedy=defect.remedy)
        for defect in error.reasons
    ]
    alone = Fault(rule="POS-UNREADABLE", place="row", text=str(error), remedy="Ask the till's operator.")
    return tuple(found) or (alone,)


def _contradicting(decided: Decided, events: Sequence[str]) -> None:
    """Put aside the rows that say something else of an event than was booked before; the first word stands."""
    if not events:
        return
    wanted = set(events)
    told = {inbox_id for inbox_id, movement in decided.movements if movement.event_id in wanted}
    decided.movements = [each for each in decided.movements if each[0] not in told]
    text = "This row had come before and said something else, which is booked."
    remedy = (
        "If the till was wrong, send what corrects it as a row of its own and reject this one. If slip numbers begin"
        " anew, e.g. each day, join the date to 'slip.number' in the profile."
    )
    fault = Fault(rule="POS-CHANGED", place="row", text=text, remedy=remedy)
    decided.aside.update(dict.fromkeys(told, (fault,)))


def settle(
    connection: "Connection",
    trail: "Trail",
    source: str,
    records: Sequence[Mapping[str, Any]],
    decided: Decided,
) -> None:
    """Write down what became of each record; what had waited under the same name has been overtaken."""
    names = {record["id"]: record["external_id"] for record in records}
    kinds = {record["id"]: record["kind"] for record in records}
    for kind in set(kinds.values()):
        same = sorted({names[number] for number in names if kinds[number] == kind})
        quarantine.supersede(connection, trail, source=source, kind=kind, external_ids=same)
    states = dict.fromkeys(names, "accepted")
    states.update(dict.fromkeys(decided.ignored, "ignored"))
    states.update(dict.fromkeys(decided.aside, "put_aside"))
    inbox.settle(connection, states)
    quarantine.put_aside(
        connection,
        trail,
        [
            quarantine.PutAside(number, source, kinds[number], names[number], why)
            for number, why in decided.aside.items()
        ],
    )
    settled = [number for number in names if number not in decided.aside]
    facts = {"rows": len(settled), "ignored": len(decided.ignored)}
    trail.add("till.rows_booked", f"source/{source}", [("inbox", number) for number in settled], facts)


def _free_voids(connection: "Connection", trail: "Trail", source: str, rows: Sequence[Named], decided: Decided) -> int:
    """Let voids go on that waited for a slip of these rows; returns how many are judged again."""
    done = {inbox_id for inbox_id, _ in decided.movements}
    slips = {
        whole_void(each.row.warehouse, each.row.slip)
        for each in rows
        if each.inbox_id in done and each.row.kind in {RowKind.SALE, RowKind.RETURN}
    }
    waiting = pos_records.waiting_voids(connection, source=source, slips=slips) if slips else []
    if not waiting:
        return 0
    reason = "The slip it takes back has come in."
    return len(quarantine.release(connection, trail, waiting, by="soms", reason=reason))


def fate(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return what became of one row, for its sender: the word for it, rule ids, reasons and remedies."""
    state = str(row["state"])
    if not row["fresh"]:
        words = {"put_aside": "put aside", "received": "waiting"}
        return "duplicate", "", f"The same row had come before; that one is {words.get(state, state)}.", ""
    if state in {"put_aside", "rejected"}:
        return _aside(row, rejected=state == "rejected")
    if state == "ignored":
        return _ignored(row)
    if row["ignored"]:
        return "too late", "", str(row["ignored"]), ""
    return _PLAIN_FATES.get(state, (state, "", "", ""))


_PLAIN_FATES = {
    "accepted": ("booked", "", "", ""),
    "received": ("waiting", "", "", ""),
    "superseded": ("superseded", "", "A newer version of this row came in.", ""),
}


def _aside(row: Mapping[str, Any], *, rejected: bool) -> tuple[str, str, str, str]:
    faults = json.loads(row["faults"] or "[]")
    rules = " ".join(dict.fromkeys(fault["rule"] for fault in faults))
    reasons = " ".join(dict.fromkeys(f"{fault['place']}: {fault['text']}" for fault in faults))
    if rejected:
        return "rejected", rules, str(row["closing_reason"] or reasons), ""
    return "put aside", rules, reasons, " ".join(dict.fromkeys(fault["remedy"] for fault in faults))


def _ignored(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    if not str(row["external_id"]).startswith(f"{RowKind.COUNT}:"):
        return "ignored", "", "Its slip had been taken back as a whole before this row came.", ""
    if row["refusal"]:
        remedy = "Send the count again, whole."
        return "not booked", "POS-PICTURE", "The file is not whole; nothing of a whole count is booked then.", remedy
    if row["picture"] == "released":
        late = f" {row['picture_late']} of its articles were counted anew since." if row["picture_late"] else ""
        return "booked", "", f"Somebody looked at the count and released it: {row['picture_reason']}{late}", ""
    if row["picture"] == "declined":
        reason = f"The count differs so much from what was known that it was stopped: {row['picture_reason']}"
        return "not booked", "POS-GUARD", reason, "Count again if it was right after all."
    reason = "The count differs so much from what is known that somebody must look at it first."
    return "waiting", "POS-GUARD", reason, "Nothing: you need not send it again."
