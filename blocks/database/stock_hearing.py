"""Hearing a stock source: page after page of what moved goes into the ledger, and with it where to go on."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blocks.database.stock_ledger import Booked, book_movements

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.systems.stock import Movements, StockSource


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard: how many pages with something in them, and what became of it."""

    pages: int = 0
    booked: Booked = field(default_factory=Booked)

    def __add__(self, other: "Heard") -> "Heard":
        """Return the sums."""
        return Heard(self.pages + other.pages, self.booked + other.booked)


def hear(database: "Database", actor: "Actor", *, source: str, system: "StockSource") -> Heard:
    """Book what a source says has moved since it was heard last; each page in one transaction with its position.

    Safe to break off anywhere and to call by several at once: whoever finds that another has gone on leaves it to them.

    Raises:
        Unsupported: The source does not tell what moves.
        TryAgainLater, Refused, Unreadable: As the source raises them; the pages before are booked.
    """
    position, heard = position_of(database, source), Heard()
    for page in system.movements(position):
        if not _is_news(page, position):
            continue
        with database.audited(actor) as (connection, trail):
            if not _go_on(connection, source, position, page.position):
                return heard
            booked = book_movements(
                connection, trail, source=source, movements=page.movements, closed_sales=page.closed_sales
            )
        heard += Heard(1, booked)
        position = page.position
    return heard


def position_of(database: "Database", source: str) -> str:
    """Return up to where a source has been heard, in its own words; empty when it never was."""
    with database.connect() as connection:
        row = connection.execute("SELECT position FROM movement_cursor WHERE source = %s", (source,)).fetchone()
    return str(row["position"]) if row else ""


def _is_news(page: "Movements", position: str) -> bool:
    return bool(page.movements or page.closed_sales) or page.position != position


def _go_on(connection: "Connection", source: str, before: str, after: str) -> bool:
    """Move the position, if it still is where this hearer began; others wait until this page is booked."""
    connection.execute(
        "INSERT INTO movement_cursor (source, position) VALUES (%s, '') ON CONFLICT (source) DO NOTHING", (source,)
    )
    moved = connection.execute(
        "UPDATE movement_cursor SET position = %s, heard_at = now() WHERE source = %s AND position = %s",
        (after, source, before),
    )
    return moved.rowcount == 1
