"""Finds what a shop shall show otherwise, and makes the telling due; a shop that was never looked at is read first."""

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from blocks.database import listings, seen_listings, stock_rules
from blocks.database.listings import BATCH, Refreshed
from blocks.database.pacing import paced
from blocks.errors import Refused
from blocks.systems.stock import StockTarget

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database

OVERLAP = timedelta(minutes=2)
"""Stock that moved so long ago is looked at again: what was written before may have been committed after."""


def refresh_all(database: "Database", actor: "Actor", *, channel: str, system: str) -> Refreshed:
    """Refresh every listing that differs from what stock says, in transactions of a bounded size."""
    found = Refreshed()
    with database.connect() as reading:
        for skus in listings.differing(reading, channel):
            found += refresh_some(database, actor, channel=channel, system=system, skus=skus)
    return found


def refresh_some(
    database: "Database", actor: "Actor", *, channel: str, system: str, skus: Collection[str]
) -> Refreshed:
    """Refresh the listings of some articles."""
    found, rest = Refreshed(), iter(sorted(set(skus)))
    while part := list(islice(rest, BATCH)):
        with database.audited(actor) as (connection, trail):
            found += listings.refresh(connection, trail, channel=channel, system=system, skus=part)
    return found


_MOVED = """
SELECT sku FROM stock_event WHERE heard_at >= %(since)s
UNION SELECT sku FROM reservation
  WHERE id > (SELECT coalesce(max(id), 0) FROM reservation) - 100000 AND booked_at >= %(since)s
"""


def moved_since(connection: "Connection", channel: str, since: datetime) -> list[str]:
    """Return the channel's articles whose stock or reservations moved at or after a moment, bundles and packs too."""
    skus = [row["sku"] for row in connection.execute(_MOVED, {"since": since})]
    return listings.affected(connection, channel, skus, stock_rules.in_force(connection)) if skus else []


def was_seen(connection: "Connection", channel: str) -> bool:
    """Return whether anything is known of what a shop shows."""
    return connection.execute("SELECT FROM seen_listing WHERE channel = %s LIMIT 1", (channel,)).fetchone() is not None


def look(
    database: "Database", actor: "Actor", shop: object, *, channel: str, system: str, skus: Collection[str] = ()
) -> int:
    """Read what the shop shows of these articles, or of all, and keep it; returns how many were read.

    Raises:
        Refused: The connection is none that shows stock.
    """
    if not isinstance(shop, StockTarget):
        raise Refused(f"'{system}' cannot show stock: choose the connection of a shop.")
    limit = getattr(shop, "calls_per_second", None)
    with database.audited(actor) as (connection, trail), paced(database, system, limit):
        return seen_listings.take_seen(connection, trail, channel, shop.shown(sorted(set(skus))), whole=not skus)
