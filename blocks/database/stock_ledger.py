"""The stock ledger: every change of what is on hand is an event, heard once, and the events add up to what is there.

Two laws hold at the end of every transaction (``stock_laws`` proves them): the deltas of an article's events in a
warehouse sum to ``stock.on_hand``, and its reservations to ``stock.reserved``. What is on hand follows from the events
alone, not from the order in which they are heard: it is the newest count and whatever moved after it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg import sql

from blocks.database import inbox
from blocks.database.stock_booking import book_arrived, changed_skus
from blocks.database.stock_orders import Orders, consume, find_orders, lock_orders
from blocks.database.stock_rules import in_force
from blocks.documents.stock import MovementKind, StockMovement
from blocks.documents.stock_rules import StockRules

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

KIND = "stock"


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of movements.

    Attributes:
        events: How many are in the ledger now that were not before.
        repeated: How many had been heard before; they changed nothing.
        late: How many of the new ones came too late to change what is on hand; the ledger says why.
        contradicting: Ids of repeated events that say something else than before; the first word stands.
        skus: Articles of which more or less is on hand or reserved now; not named of a whole picture.
    """

    events: int = 0
    repeated: int = 0
    late: int = 0
    contradicting: tuple[str, ...] = ()
    skus: frozenset[str] = field(default_factory=frozenset)

    def __add__(self, other: "Booked") -> "Booked":
        """Return the sums."""
        return Booked(
            self.events + other.events,
            self.repeated + other.repeated,
            self.late + other.late,
            self.contradicting + other.contradicting,
            self.skus | other.skus,
        )


def book_movements(
    connection: "Connection",
    trail: "Trail",
    *,
    source: str,
    movements: Sequence[StockMovement],
    closed_sales: Sequence[str] = (),
) -> Booked:
    """Book what happened to stock, each event once, whoever tells it how often and in whatever order.

    A shipment of one of our orders takes its pieces and their reservation down together, also when the pieces had been
    counted away before; a sale of which nothing is left to ship gives back what was still reserved for it.

    Locks, in this order: the source, the orders by id, stock by (warehouse, sku).

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        source: Name of the connected system, e.g. 'tryton-erp/main'.
        movements: What happened; packs are booked as their pieces. A count is of the article in the whole warehouse;
            counts of one moment in several locations, or of packs and single pieces, are one count.
        closed_sales: Our references of sales of which nothing is left to ship.
    """
    inbox.hold_source(connection, source=source, kind=KIND)
    orders = find_orders(connection, [*(each.sale for each in movements if each.sale), *closed_sales])
    _arrive(connection, _in_pieces(movements, in_force(connection)), orders)
    repeated, contradicting = _drop_known(connection, source)
    closing = [reference for reference in closed_sales if reference in orders.by_reference]
    touched = lock_orders(connection, orders, closing)
    booked = book_arrived(connection, trail, source=source, also=touched.keys, word="stock.moved")
    skus = changed_skus(connection) if booked.events else frozenset()
    skus |= consume(connection, trail, touched, booked.of_orders)
    connection.execute("DROP TABLE IF EXISTS weighed, moved")
    return Booked(booked.events, repeated, booked.late, contradicting, skus)


def book_levels(
    connection: "Connection",
    trail: "Trail",
    *,
    source: str,
    levels: sql.Composable,
    as_of: datetime,
    document: str = "",
) -> Booked:
    """Book a whole picture of stock as counts: of the articles of which it says something else than the ledger.

    A picture is read over some time, so it may or may not hold what moved meanwhile: a level that agrees with the
    ledger before or after any of those movements agrees.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        source: Name of the connected system whose picture it is.
        levels: A query with the columns ``warehouse, sku, on_hand``, each article once per warehouse; a per cent sign
            in it is doubled, as in every query with values.
        as_of: When the reading began, by the source's clock: what moved before is in the picture.
        document: What to name as the counts' document.
    """
    inbox.hold_source(connection, source=source, kind=KIND)
    packs = in_force(connection).packs
    _arrive(connection, (), Orders())
    values = {"as_of": as_of, "document": document, "count": MovementKind.COUNT.value}
    if packs:
        levels = sql.SQL(_PIECES).format(levels)
        values |= {"packs": list(packs), "of": [each.of for each in packs.values()]}
        values |= {"pieces": [each.pieces for each in packs.values()]}
    connection.execute(sql.SQL(_DIFFERING).format(levels), values)
    connection.execute("ANALYZE moved")
    connection.execute(_DROP_KNOWN, (source,))
    booked = book_arrived(connection, trail, source=source, word="stock.counted")
    connection.execute("DROP TABLE IF EXISTS weighed, moved")
    return Booked(booked.events, late=booked.late)


def _in_pieces(movements: Iterable[StockMovement], rules: StockRules) -> list[StockMovement]:
    """Return the movements in pieces, with counts that belong together summed up under the first one's id."""
    counts: dict[tuple[str, str, datetime], dict[tuple[str, str], StockMovement]] = {}
    moved = []
    for each in movements:
        sku, pieces = rules.in_pieces(each.sku, each.quantity)
        booked = each if sku == each.sku else each.model_copy(update={"sku": sku, "quantity": pieces})
        if each.kind is MovementKind.COUNT:
            counts.setdefault((each.warehouse, sku, each.happened_at), {})[each.sku, each.location] = booked
        else:
            moved.append(booked)
    for parts in counts.values():
        first, *others = parts.values()
        total = sum((each.quantity for each in others), first.quantity)
        moved.append(first.model_copy(update={"quantity": total}) if others else first)
    return moved


def _arrive(connection: "Connection", movements: Sequence[StockMovement], orders: Orders) -> None:
    connection.execute(
        "CREATE TEMP TABLE moved (place bigint GENERATED ALWAYS AS IDENTITY, event_id text, kind text, warehouse text,"
        " location text, sku text, quantity numeric(18, 8), order_id bigint, document text, happened_at timestamptz)"
        " ON COMMIT DROP"
    )
    columns = "event_id, kind, warehouse, location, sku, quantity, order_id, document, happened_at"
    with connection.cursor().copy(f"COPY moved ({columns}) FROM STDIN") as copy:
        for each in movements:
            order = orders.by_reference.get(each.sale)
            copy.write_row((
                each.event_id, each.kind.value, each.warehouse, each.location, each.sku, each.quantity,
                order.id if order else None, each.document, each.happened_at,
            ))  # fmt: skip
    connection.execute("ANALYZE moved")


_KNOWN = """
SELECT m.event_id, (m.kind, m.warehouse, m.sku, m.quantity) IS DISTINCT FROM (e.kind, e.warehouse, e.sku, e.quantity)
  AS contradicts
FROM moved m JOIN stock_event e ON e.source = %s AND e.event_id = m.event_id
UNION ALL
SELECT event_id, (kind, warehouse, sku, quantity) IS DISTINCT FROM
  (first_kind, first_warehouse, first_sku, first_quantity)
FROM (
  SELECT *, row_number() OVER same AS turn, first_value(kind) OVER same AS first_kind,
    first_value(warehouse) OVER same AS first_warehouse, first_value(sku) OVER same AS first_sku,
    first_value(quantity) OVER same AS first_quantity
  FROM moved WINDOW same AS (PARTITION BY event_id ORDER BY place)
) turns
WHERE turn > 1 AND NOT EXISTS (SELECT FROM stock_event e WHERE e.source = %s AND e.event_id = turns.event_id)
"""
_DROP_KNOWN = "DELETE FROM moved m USING stock_event e WHERE e.source = %s AND e.event_id = m.event_id"
_DROP_AGAIN = """
DELETE FROM moved m USING (
  SELECT place, row_number() OVER (PARTITION BY event_id ORDER BY place) AS turn FROM moved
) turns WHERE turns.place = m.place AND turns.turn > 1
"""


def _drop_known(connection: "Connection", source: str) -> tuple[int, tuple[str, ...]]:
    """Drop what was heard before; the caller holds the source, so nobody else books its events meanwhile."""
    known = connection.execute(_KNOWN, (source, source)).fetchall()
    dropped = connection.execute(_DROP_KNOWN, (source,)).rowcount + connection.execute(_DROP_AGAIN).rowcount
    return dropped, tuple(dict.fromkeys(row["event_id"] for row in known if row["contradicts"]))


_PIECES = """
SELECT l.warehouse, coalesce(p.of, l.sku) AS sku, sum(l.on_hand * coalesce(p.pieces, 1)) AS on_hand
FROM ({}) l LEFT JOIN unnest(%(packs)s::text[], %(of)s::text[], %(pieces)s::numeric[]) AS p(sku, of, pieces)
  ON p.sku = l.sku
GROUP BY 1, 2
"""
_DIFFERING = """
WITH levels AS ({})
INSERT INTO moved (event_id, kind, warehouse, location, sku, quantity, document, happened_at)
SELECT concat_ws(':', 'count', to_char(%(as_of)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), l.warehouse,
  l.sku), %(count)s, l.warehouse, '', l.sku, l.on_hand, %(document)s, %(as_of)s
FROM levels l LEFT JOIN stock s ON s.warehouse = l.warehouse AND s.sku = l.sku
WHERE s.sku IS NULL OR (s.on_hand <> l.on_hand AND NOT EXISTS (
  SELECT FROM (
    SELECT sum(e.delta) OVER (ORDER BY e.happened_at DESC, e.id DESC) AS since FROM stock_event e
    WHERE e.sku = l.sku AND e.warehouse = l.warehouse AND e.happened_at > %(as_of)s
  ) meanwhile WHERE s.on_hand - meanwhile.since = l.on_hand))
ORDER BY l.warehouse, l.sku
"""
