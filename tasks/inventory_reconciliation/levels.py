"""The ERP's levels against our books: read, judged by the gate, compared, explained, booked as counts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL

from blocks.database import stock_gate, stock_rules
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.database.stock_gate import Picture
from blocks.database.stock_ledger import book_levels
from blocks.documents.stock import StockLevel
from blocks.documents.stock_rules import StockRules
from tasks.inventory_reconciliation import records
from tasks.inventory_reconciliation.causes import explain
from tasks.inventory_reconciliation.chunks import Tally, chunks
from tasks.inventory_reconciliation.comparing import find_level_gaps
from tasks.inventory_reconciliation.evidence import LevelQuestion, level_gaps
from tasks.inventory_reconciliation.outcome import Compared, Outcome
from tasks.inventory_reconciliation.rules import Fate
from tasks.inventory_reconciliation.scope import Scope

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

Pages = Iterable[tuple[StockLevel, ...]]
_CORRECTIONS = SQL("SELECT warehouse, sku, found AS on_hand FROM level_gap WHERE event IS NULL AND NOT waits")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of the ERP."""

    system: str
    found_at: datetime
    rules: StockRules


def compare_levels(
    database: Database, actor: Actor, pages: Pages, scope: Scope, *, system: str, rehearsal: bool = False
) -> Outcome:
    """Compare what the ERP has with our books, name each difference's cause, and book what the ERP has.

    A picture that the gate stops is kept for a person, and nothing of it is compared. What the ERP cannot know yet, or
    has just contradicted itself about, is left as it is. A rehearsal finds the same and keeps nothing.
    """
    with database.connect(autocommit=True) as connection:
        records.hold(connection, system)
        records.make_room(connection)
        reading = _read(connection, pages, system)
        picture = Picture(system, reading.found_at)
        with records.audited(connection, actor) as trail:
            verdict = stock_gate.let_in(connection, trail, picture, rehearsal=rehearsal)
        if verdict.stopped:
            return Outcome(system, stopped=verdict.sentence())
        with records.audited(connection, actor) as trail:
            compared = _find(connection, reading, scope, named=verdict.articles)
            if not rehearsal:
                return _carry_out(connection, trail, reading, scope, compared)
            tally = Tally()
            repaired, waiting = _explain(connection, reading, tally)
            outcome = Outcome(system, compared, repaired=repaired, waiting=waiting)
            return replace(outcome, causes=dict(tally.causes), examples=tally.examples)


def _read(connection: "Connection", pages: Pages, system: str) -> _Reading:
    """Copy the ERP's levels into ``arriving_stock``, page by page."""
    row: Any = connection.execute("SELECT clock_timestamp() AS now").fetchone()
    connection.execute(f"CREATE TEMP TABLE arriving_stock {stock_gate.SHAPE}")
    for page in pages:
        with connection.cursor().copy("COPY arriving_stock FROM STDIN") as copy:
            for level in page:
                copy.write_row((level.warehouse, level.location, level.sku, level.on_hand, level.forecast))
    return _Reading(system, row["now"], stock_rules.in_force(connection))


def _find(connection: "Connection", reading: _Reading, scope: Scope, *, named: int) -> Compared:
    last = records.last_done(connection, reading.system)
    since = last["at"] if last else reading.found_at
    return find_level_gaps(
        connection, reading.rules, scope, named=named, system=reading.system, found_at=reading.found_at, since=since
    )


def _carry_out(
    connection: "Connection", trail: "Trail", reading: _Reading, scope: Scope, compared: Compared
) -> Outcome:
    """Write the comparison down and book what differs, all in one transaction."""
    number = records.begin(connection, trail, name=reading.system, scope=scope, compared=compared)
    tally = Tally()
    repaired, waiting = _explain(connection, reading, tally, trail, number)
    if repaired:
        book_levels(
            connection, trail, source=reading.system, levels=_CORRECTIONS, as_of=reading.found_at,
            document=f"reconciliation {number}",
        )  # fmt: skip
    outcome = Outcome(reading.system, compared, number, repaired, waiting)
    return replace(outcome, causes=dict(tally.causes), examples=tally.examples)


def _explain(
    connection: "Connection", reading: _Reading, tally: Tally, trail: "Trail | None" = None, number: int = 0
) -> tuple[int, int]:
    """Find the cause of every difference; returns how many articles are put right and how many wait."""
    asked, counts = LevelQuestion(reading.system, reading.rules), {Fate.REPAIR: 0, Fate.WAIT: 0}
    for rows in chunks(connection, "level_gap"):
        judged, waits = [], []
        for row, gap in zip(rows, level_gaps(connection, asked, rows), strict=True):
            explained = explain(gap)
            fate = Fate.WAIT if explained.passing and row["event"] is None else Fate.REPAIR
            waits += [row["n"]] if fate is Fate.WAIT else []
            counts[fate] += 1
            judged.append((gap, explained, fate))
        tally.add(judged)
        connection.execute("UPDATE level_gap SET waits = true WHERE n = ANY(%s)", (waits,))
        if trail is not None:
            records.keep_differences(connection, trail, number, judged)
    return counts[Fate.REPAIR], counts[Fate.WAIT]
