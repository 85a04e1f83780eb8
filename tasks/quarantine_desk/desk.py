"""What a person does at the quarantine desk; each in the caller's one transaction, facts and trail together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from blocks.database import corrections, effects, quarantine
from blocks.documents.base import plain_decimal
from blocks.documents.byte_patches import corrected_bytes
from blocks.documents.money_places import touches_money
from blocks.documents.orders import Order
from blocks.documents.patch_lines import Change, changes_of
from blocks.documents.patches import Patch, corrected, patched_bytes, patched_order
from blocks.documents.reasons import kept_reason
from blocks.errors import Refused, TryAgainLater, Unreadable, WrongUse
from blocks.systems.shops.contract import Received
from tasks.quarantine_desk import records

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.systems.sources import OrderSource

PROCESS = "quarantine_desk"
ROWS = frozenset({"movement", "count"})
"""Kinds of records that are rows of a till's file, and no orders."""
Load = Callable[[str], "OrderSource"]
"""Loads a source by the name of its block; connects to Prefect, so only where an order must be read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A record as it can be read now, with its corrections: the order, or in a sentence why there is none."""

    order: Order | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """All about one record: its row with the raw bytes, how it reads, its corrections, its rows in a file."""

    record: dict[str, Any]
    reading: Reading
    corrections: list[dict[str, Any]]
    file_rows: list[dict[str, Any]]


def look(connection: "Connection", load: Load, record_id: int) -> Look:
    """Return all about one record; a source that cannot be loaded costs only the parsed order.

    Raises:
        WrongUse: There is no such record.
    """
    record = quarantine.show(connection, record_id)
    return Look(
        record,
        read(connection, load, record),
        corrections.of_record(connection, record["inbox_id"]),
        records.file_rows(connection, [record["inbox_id"]]),
    )


def read(connection: "Connection", load: Load, record: dict[str, Any]) -> Reading:
    """Read a record with all its corrections, those that wait for a second person included."""
    try:
        return Reading(_order(load(record["source"]), record, _patches(connection, record)))
    except Unreadable as error:
        places = "; ".join(f"{defect.place}: {defect.text}" for defect in error.reasons[:5])
        return Reading(None, f"{error} {places}".strip())
    except (TryAgainLater, WrongUse, Refused) as error:
        return Reading(None, f"The source cannot be asked how to read it. {error}")


def _order(source: "OrderSource", record: dict[str, Any], patches: Sequence[Patch]) -> Order:
    body = patched_bytes(bytes(record["body"]), patches)
    if record["kind"] in ROWS:
        raise Unreadable(_told_of_row(source, body))
    received = Received(record["external_id"], body, record["content_type"])
    channel = source.channel or record["source"].partition("/")[2] or record["source"]
    order, _ = patched_order(source.read_order(received, channel), patches)
    return order


def _told_of_row(till: Any, body: bytes) -> str:
    """Return in a sentence what a row of a till's file says. Raises Unreadable with every defect where it cannot."""
    row = till.read_row(body)
    pieces = f" of {plain_decimal(row.quantity)} '{row.sku or row.gtin}'" if row.quantity is not None else ""
    slip = f", slip {row.voids or row.slip}" if row.voids or row.slip else ""
    return f"It is a row of a till's file and no order; it says: {row.kind}{pieces} in '{row.warehouse}'{slip}."


def _patches(connection: "Connection", record: dict[str, Any]) -> tuple[Patch, ...]:
    found = corrections.in_force(connection, [record["inbox_id"]], with_proposed=True)
    return found.get(record["inbox_id"], ())


@dataclass(frozen=True, slots=True)
class Made:
    """A correction that was kept; ``state`` is 'approved', or 'proposed' where a second person must approve it."""

    correction: int
    state: str
    changes: tuple[Change, ...]
    still_unreadable: str = ""

    @property
    def waits(self) -> bool:
        """Return whether a second person must approve it."""
        return self.state == "proposed"


def correct(
    connection: "Connection",
    trail: "Trail",
    load: Load,
    *,
    record_id: int,
    lines: Sequence[str],
    raw: bool,
    by: str,
    reason: str,
) -> Made:
    """Keep a correction of one open record, checked against the order at once; what touches money is proposed.

    Raises:
        WrongUse: The record does not wait, a line is wrong, or the corrected order would not be one.
        TryAgainLater: Its source cannot be loaded now.
    """
    reason = kept_reason(reason)
    changes = changes_of(lines, raw=raw)
    record = quarantine.lock_open(connection, record_id)
    fix = _correct_bytes if raw else _correct_order
    changes, money, problem = fix(load, record, _patches(connection, record), changes)
    row = corrections.write_down(
        connection, trail, record=record, changes=changes, raw=raw, money=money, by=by, reason=reason
    )
    return Made(row["id"], row["state"], changes, problem)


def _correct_order(
    load: Load, record: dict[str, Any], patches: Sequence[Patch], changes: tuple[Change, ...]
) -> tuple[tuple[Change, ...], bool, str]:
    """Return the changes with what stands there now, and whether they touch money."""
    before = _readable(load, record, patches)
    after, changes = corrected(before, changes)
    if after == before:
        raise WrongUse("That is how the record reads already: nothing would be corrected.")
    return changes, touches_money(before, after, changes), ""


def _correct_bytes(
    load: Load, record: dict[str, Any], patches: Sequence[Patch], changes: tuple[Change, ...]
) -> tuple[tuple[Change, ...], bool, str]:
    """Return the changes with what stands there now; bytes can hold anything, so they always need a second person."""
    is_row = record["kind"] in ROWS
    if not is_row and not _unreadable_because(load, record, patches):
        raise WrongUse(
            f"Record {record['id']} can be read: correct the order by its own places, e.g. lines[1].sku=LAMP. Only"
            " what cannot be read is corrected in its bytes."
        )
    _, changes = corrected_bytes(patched_bytes(bytes(record["body"]), patches), changes)
    after = (*patches, Patch(0, changes, raw=True, money=True))
    return changes, True, _defects_of_row(load, record, after) if is_row else _unreadable_because(load, record, after)


def _defects_of_row(load: Load, record: dict[str, Any], patches: Sequence[Patch]) -> str:
    """Return in a sentence why a row of a till's file cannot be read; empty when it can."""
    try:
        _told_of_row(load(record["source"]), patched_bytes(bytes(record["body"]), patches))
    except Unreadable as error:
        return "; ".join(f"{defect.place}: {defect.text}" for defect in error.reasons[:5]) or str(error)
    return ""


def _readable(load: Load, record: dict[str, Any], patches: Sequence[Patch]) -> Order:
    try:
        return _order(load(record["source"]), record, patches)
    except Unreadable as error:
        raise WrongUse(
            f"Record {record['id']} cannot be read, so there is no order to correct: correct the bytes as they came by"
            f" a JSON pointer (--raw '/place=value'). {error}"
        ) from error


def _unreadable_because(load: Load, record: dict[str, Any], patches: Sequence[Patch]) -> str:
    """Return in a sentence why the record cannot be read; empty when it can."""
    try:
        _order(load(record["source"]), record, patches)
    except Unreadable as error:
        return "; ".join(f"{defect.place}: {defect.text}" for defect in error.reasons[:5]) or str(error)
    return ""


def release(
    connection: "Connection", trail: "Trail", *, record_ids: Sequence[int], by: str, reason: str
) -> tuple[list[int], dict[int, str]]:
    """Let records be judged again; returns those that were released, and of the others why they were not."""
    done = quarantine.release(connection, trail, record_ids, by=by, reason=reason)
    return done, _why_not(connection, [number for number in record_ids if number not in done])


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was rejected: records, how many senders will be answered, and of the others why they were not rejected."""

    records: list[int]
    answers: int
    not_done: dict[int, str]


class Answering(Protocol):
    """How a rejection is answered: whose effect of which kind it is, from which mailbox, and to whom it can be."""

    @property
    def process(self) -> str: ...  # noqa: D102 - said by the class
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def mailbox(self) -> str: ...  # noqa: D102
    @property
    def can_write_to(self) -> Callable[[Order], bool]: ...  # noqa: D102


def reject(
    connection: "Connection",
    trail: "Trail",
    load: Load,
    *,
    record_ids: Sequence[int],
    by: str,
    reason: str,
    answering: Answering | None,
) -> Rejected:
    """Close records for good and put the answer to each sender as a due effect, each once.

    A record from a file is answered in the file's result. Where the order can be read and names a mail address, the
    answer is a mail; without ``answering`` none is sent.
    """
    rows = quarantine.reject(connection, trail, record_ids, by=by, reason=reason)
    due = _answers(connection, load, rows, answering) if answering else []
    written = effects.put(connection, trail, due)
    done = [row["id"] for row in rows]
    return Rejected(done, len(written), _why_not(connection, [each for each in record_ids if each not in done]))


def _answers(
    connection: "Connection", load: Load, rows: Sequence[dict[str, Any]], answering: Answering
) -> list[effects.Due]:
    from_files = {row["inbox_id"] for row in records.file_rows(connection, [row["inbox_id"] for row in rows])}
    due = []
    for row in rows:
        if row["inbox_id"] in from_files:
            continue
        order = read(connection, load, quarantine.show(connection, row["id"])).order
        if order is not None and answering.can_write_to(order):
            due.append(
                effects.Due(
                    business_key=f"{answering.kind}:{row['inbox_id']}",
                    process=answering.process,
                    system=answering.mailbox,
                    kind=answering.kind,
                    subject=f"quarantine/{row['id']}",
                    payload={"quarantine_id": row["id"]},
                )
            )
    return due


def _why_not(connection: "Connection", record_ids: Sequence[int]) -> dict[int, str]:
    """Return in a sentence why each of these records was left as it is."""
    waiting = corrections.undecided(connection, record_ids)
    return {number: _reason(connection, number, waiting.get(number, [])) for number in record_ids}


def _reason(connection: "Connection", number: int, waiting: Sequence[int]) -> str:
    try:
        record = quarantine.show(connection, number)
    except WrongUse as error:
        return str(error)
    if record["state"] != "open" or not waiting:
        return quarantine.closed_sentence(record)
    named = ", ".join(map(str, waiting))
    return (
        f"Record {number} stays: somebody else must approve or decline correction {named} first"
        f" (`soms quarantine approve {waiting[0]}`)."
    )
