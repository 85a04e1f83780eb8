"""Whole counts of a store: a file is one picture, judged by the guard against mass changes before it is believed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg import sql

from blocks.database import inbox, received_files, stock_gate
from blocks.database.stock_gate import Picture, Verdict
from blocks.database.stock_ledger import book_levels
from blocks.documents.verdicts import Fault
from tasks.stock_movements import pos_records
from tasks.stock_movements.pos_judging import Judged, read, settle
from tasks.stock_movements.pos_records import COUNT
from tasks.stock_movements.pos_rules import Decided, Known, Named, placed

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.systems.tills.contract import Till

CHUNK = 2000


@dataclass(slots=True)
class _Count:
    """A picture as far as its file was read: of which store, when, and what of it may not be believed."""

    warehouse: str = ""
    store: str = ""
    at: datetime | None = None
    decided: Decided = field(default_factory=Decided)
    records: dict[int, str] = field(default_factory=dict)

    def objection(self, row: Named, warehouse: str) -> Fault | None:
        """Return why a row is not of this picture; the first row says which store and moment it shows."""
        if self.at is None:
            self.warehouse, self.store, self.at = warehouse, row.row.warehouse, row.row.happened_at
        if warehouse == self.warehouse and row.row.happened_at == self.at:
            return None
        text = f"The file begins as a whole count of '{self.store}' at {self.at:%Y-%m-%d %H:%M} UTC; this row is not."
        remedy = "Write one file for each store and moment, or set 'picture: partial' in the profile."
        return Fault(rule="POS-PICTURE", place="row", text=text, remedy=remedy)


def judge_picture(
    connection: "Connection", trail: "Trail", till: "Till", source: str, file: Mapping[str, Any]
) -> tuple[Judged, Verdict | None]:
    """Judge one file as the picture it is, and book it when it is let in; all in the caller's transaction.

    Where a row of it was put aside, articles that it does not name are left as they are: the row may be theirs.
    """
    inbox.hold_source(connection, source=source, kind=COUNT)
    if file["id"] not in {each["id"] for each in pos_records.pictures_to_judge(connection, source=source)}:
        return Judged(), None
    count = _arrive(connection, trail, till, source, file)
    judged, aside = len(count.records), len(count.decided.aside)
    verdict = None
    if file["refusal"] or count.at is None:
        _ignore(count)
    else:
        picture = Picture(source, count.at, count.warehouse, (count.warehouse,))
        verdict = stock_gate.let_in(connection, trail, picture)
        if verdict.import_id is not None:
            _ignore(count)
            received_files.note_stopped(connection, trail, file["id"], import_id=verdict.import_id)
        else:
            _book(connection, trail, source, count, whole=not aside)
    connection.execute("DROP TABLE arriving_stock")
    records = [{"id": number, "external_id": name, "kind": COUNT} for number, name in count.records.items()]
    settle(connection, trail, source, records, count.decided)
    if verdict is not None and verdict.stopped:
        return Judged(put_aside=aside, stopped=judged - aside), verdict
    ignored = len(count.decided.ignored)
    return Judged(booked=judged - aside - ignored, put_aside=aside, ignored=ignored), verdict


def _ignore(count: _Count) -> None:
    count.decided.ignored += [number for number in count.records if number not in count.decided.aside]


def _arrive(connection: "Connection", trail: "Trail", till: "Till", source: str, file: Mapping[str, Any]) -> _Count:
    """Copy the file's rows into the picture, chunk by chunk; those that cannot be believed are put aside."""
    connection.execute(f"CREATE TEMP TABLE arriving_stock {stock_gate.SHAPE} ON COMMIT DROP")
    count = _Count()
    for records in _chunks(connection, file):
        count.records.update((each["id"], each["external_id"]) for each in records if each["state"] == "received")
        rows, unreadable = read(connection, trail, till, records)
        known = pos_records.known_for(connection, source=source, warehouses=till.warehouses, rows=rows)
        fresh = count.records.keys()
        count.decided.aside.update({number: why for number, why in unreadable.items() if number in fresh})
        with connection.cursor().copy(
            "COPY arriving_stock (warehouse, location, sku, on_hand, forecast) FROM STDIN"
        ) as copy:
            for line in _good(count, rows, known, fresh):
                copy.write_row(line)
    return count


def _chunks(connection: "Connection", file: Mapping[str, Any]) -> Iterator[Sequence[dict[str, Any]]]:
    for begin in range(0, file["records"], CHUNK):
        yield pos_records.rows_of_file(connection, file["id"], begin=begin, limit=CHUNK)


def _good(count: _Count, rows: Sequence[Named], known: Known, fresh: Collection[int]) -> Iterator[tuple[Any, ...]]:
    for each in rows:
        faults, warehouse, sku = placed(each.row, known)
        if not faults and (objection := count.objection(each, warehouse)):
            faults = (objection,)
        if not faults:
            yield warehouse, each.row.location, *known.rules.in_pieces(sku, each.row.quantity or Decimal(0)), 0
        elif each.inbox_id in fresh:
            count.decided.aside[each.inbox_id] = faults


_NAMED = sql.SQL("SELECT warehouse, sku, sum(on_hand) AS on_hand FROM arriving_stock GROUP BY 1, 2")
_LEFT_OUT = sql.SQL(
    "SELECT s.warehouse, s.sku, 0 FROM stock s WHERE s.warehouse = {} AND s.on_hand <> 0"
    " AND NOT EXISTS (SELECT FROM arriving_stock a WHERE a.warehouse = s.warehouse AND a.sku = s.sku)"
)


def _book(connection: "Connection", trail: "Trail", source: str, count: _Count, *, whole: bool) -> None:
    if count.at is None:
        return
    document = f"count {count.store}"
    as_of = pos_records.after_earlier_counts(connection, source=source, document=document, at=count.at)
    levels: sql.Composable = _NAMED
    if whole:
        levels = sql.SQL(" UNION ALL ").join([_NAMED, _LEFT_OUT.format(sql.Literal(count.warehouse))])
    book_levels(connection, trail, source=source, levels=levels, as_of=as_of, document=document)
