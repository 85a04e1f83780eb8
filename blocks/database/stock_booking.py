"""How arrived movements become events and stock: weighed against what is known, all of a batch in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

OPENED_BY = "soms"
"""The source of openings: stock that was there before its ledger began."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        events: How many events, without openings.
        late: How many of them came too late to change what is on hand.
        skus: Articles of which more or less is on hand now.
        of_orders: The events that concern our orders: ``id, order_id, kind, warehouse, sku, quantity``.
    """

    events: int = 0
    late: int = 0
    skus: frozenset[str] = frozenset()
    of_orders: Sequence[dict[str, Any]] = ()


def book_arrived(
    connection: "Connection", trail: "Trail", *, source: str, also: Sequence[tuple[str, str]] = (), word: str
) -> Written:
    """Lock the stock that the temporary table ``moved`` speaks of, and book what it says.

    Args:
        connection: An audited transaction's connection; ``moved`` holds nothing that is in the ledger already.
        trail: The same transaction's trail.
        source: Who says so.
        also: (warehouse, SKU) of further stock to lock, in the same one order.
        word: How the audit trail calls it, e.g. 'stock.moved'.
    """
    places = _rows(connection, _MAKE_ROOM)
    connection.execute(_LOCK, ([place[0] for place in also], [place[1] for place in also]))
    if not places and not _rows(connection, "SELECT FROM moved LIMIT 1"):
        return Written()
    opened = [number for (number,) in _rows(connection, _OPEN, (OPENED_BY, trail.actor.run_id))]
    connection.execute(_WEIGH)
    connection.execute("ANALYZE weighed")
    written = [number for (number,) in _rows(connection, _WRITE, (source, trail.actor.run_id))]
    changed = _rows(connection, _MOVE)
    late = _rows(connection, "SELECT count(*) FROM weighed WHERE ignored IS NOT NULL")[0][0]
    mine = connection.execute(_OF_ORDERS, (written,)).fetchall()
    connection.execute("DROP TABLE weighed")
    touched = dict.fromkeys((*places, *((house, sku) for house, sku, _ in changed)))
    rows = [("stock_event", number) for number in (*opened, *written)]
    facts = {"source": source, "events": len(written), "late": late, "articles": len(touched)}
    trail.add(word, "stock", [*rows, *(("stock", f"{house}:{sku}") for house, sku in touched)], facts)
    return Written(len(written), late, frozenset(sku for _, sku, differs in changed if differs), mine)


def _rows(connection: "Connection", query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


_MAKE_ROOM = """
INSERT INTO stock (warehouse, sku, on_hand, counted_at)
SELECT warehouse, sku, 0, min(happened_at) FROM moved GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (warehouse, sku) DO NOTHING RETURNING warehouse, sku
"""
_LOCK = """
SELECT count(*) FROM (
  SELECT FROM stock s JOIN (
    SELECT warehouse, sku FROM moved UNION SELECT * FROM unnest(%s::text[], %s::text[])
  ) AS wanted USING (warehouse, sku)
  ORDER BY s.warehouse, s.sku FOR UPDATE OF s
) locked
"""
_OPEN = """
INSERT INTO stock_event (source, event_id, kind, warehouse, sku, quantity, delta, happened_at, run_id)
SELECT %s, 'opening:' || s.warehouse || ':' || s.sku, 'opening', s.warehouse, s.sku, s.on_hand, s.on_hand,
  s.counted_at, %s
FROM stock s JOIN (SELECT DISTINCT warehouse, sku FROM moved) arrived USING (warehouse, sku)
WHERE s.on_hand <> 0
  AND NOT EXISTS (SELECT FROM stock_event e WHERE e.sku = s.sku AND e.warehouse = s.warehouse)
ORDER BY s.warehouse, s.sku RETURNING id
"""
_WEIGH = """
CREATE TEMP TABLE weighed ON COMMIT DROP AS
WITH touched AS (
  SELECT s.warehouse, s.sku, s.on_hand, (
    SELECT max(e.happened_at) FROM stock_event e WHERE e.sku = s.sku AND e.warehouse = s.warehouse
    AND e.kind IN ('opening', 'count') AND e.ignored IS NULL) AS counted_at
  FROM stock s JOIN (SELECT DISTINCT warehouse, sku FROM moved) arrived USING (warehouse, sku)
), judged AS (
  SELECT m.*, t.on_hand, t.counted_at,
    coalesce(CASE WHEN m.kind = 'count' THEN m.happened_at < t.counted_at ELSE m.happened_at <= t.counted_at END, false)
      AS late
  FROM moved m JOIN touched t USING (warehouse, sku)
), running AS (
  SELECT *, sum(CASE WHEN kind = 'count' THEN 0 ELSE quantity END) OVER (
    PARTITION BY warehouse, sku ORDER BY happened_at, kind = 'count', place ROWS UNBOUNDED PRECEDING) AS moved_before
  FROM judged WHERE NOT late
), counts AS (
  SELECT r.*, (SELECT coalesce(sum(e.delta), 0) FROM stock_event e WHERE e.sku = r.sku AND e.warehouse = r.warehouse
    AND e.happened_at > r.happened_at) AS since
  FROM running r WHERE kind = 'count'
), counted AS (
  SELECT place, quantity - (
    coalesce(lag(quantity - moved_before + since) OVER own, on_hand) + moved_before - since) AS delta
  FROM counts WINDOW own AS (PARTITION BY warehouse, sku ORDER BY happened_at, place)
)
SELECT j.place, j.event_id, j.kind, j.warehouse, j.location, j.sku, j.quantity, j.order_id, j.document, j.happened_at,
  CASE WHEN j.late THEN 0 WHEN j.kind = 'count' THEN c.delta ELSE j.quantity END AS delta,
  CASE WHEN j.late THEN
    CASE WHEN j.kind = 'count' THEN 'It is older than' ELSE 'It happened before' END || ' the count of '
    || to_char(j.counted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS" UTC"')
    || CASE WHEN j.kind = 'count' THEN ', which stands.' ELSE ', which holds it already.' END
  END AS ignored
FROM judged j LEFT JOIN counted c USING (place)
"""
"""``moved_before`` of a count is what moved before it within the batch, ``since`` what is booked and happened after it.

A count's delta is what was counted less what the ledger says for that moment: the count before it in the batch, or what
is on hand now, with the movements between added and those that happened later taken off.
"""
_WRITE = """
INSERT INTO stock_event (source, event_id, kind, warehouse, location, sku, quantity, delta, ignored, order_id, document,
  happened_at, run_id)
SELECT %s, event_id, kind, warehouse, location, sku, quantity, delta, ignored, order_id, document, happened_at, %s
FROM weighed ORDER BY happened_at, kind = 'count', place RETURNING id
"""
_MOVE = """
UPDATE stock SET on_hand = stock.on_hand + new.delta, counted_at = coalesce(new.counted_at, stock.counted_at)
FROM (
  SELECT warehouse, sku, sum(delta) AS delta,
    max(happened_at) FILTER (WHERE kind = 'count' AND ignored IS NULL) AS counted_at
  FROM weighed GROUP BY 1, 2
) new
WHERE stock.warehouse = new.warehouse AND stock.sku = new.sku
  AND (new.delta <> 0 OR new.counted_at IS DISTINCT FROM stock.counted_at AND new.counted_at IS NOT NULL)
RETURNING stock.warehouse, stock.sku, new.delta <> 0
"""
_OF_ORDERS = """
SELECT id, order_id, kind, warehouse, sku, quantity FROM stock_event WHERE id = ANY(%s) AND order_id IS NOT NULL
ORDER BY id
"""
