"""How arrived movements become events and stock: weighed against what is known, all of a batch in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import tuple_row

from blocks.database.audit import Trail

if TYPE_CHECKING:
    from blocks.database.engine import Connection

OPENED_BY = "soms"
"""The source of openings: stock that was there before its ledger began."""


MOST_AT_ONCE = 20_000
"""Rows that one event of the audit trail tells of; what is more is told in several, so that memory stays flat."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        events: How many events, without openings.
        late: How many of them came too late to change what is on hand.
        of_orders: The events that concern our orders: ``id, order_id, kind, warehouse, sku, quantity``.
    """

    events: int = 0
    late: int = 0
    of_orders: Sequence[dict[str, Any]] = ()


def book_arrived(
    connection: "Connection", trail: Trail, *, source: str, also: Sequence[tuple[str, str]] = (), word: str
) -> Written:
    """Lock the stock that the temporary table ``moved`` speaks of, and book what it says.

    What it did stands in the temporary table ``weighed`` afterwards; without anything to book there is none.

    Args:
        connection: An audited transaction's connection; ``moved`` holds nothing that is in the ledger already.
        trail: The same transaction's trail.
        source: Who says so.
        also: (warehouse, SKU) of further stock to lock, in the same one order.
        word: How the audit trail calls it, e.g. 'stock.moved'.
    """
    run = {"source": source, "run": trail.actor.run_id, "opened_by": OPENED_BY}
    connection.execute("CREATE TEMP TABLE told (relation text, key text) ON COMMIT DROP")
    connection.execute(_MAKE_ROOM)
    connection.execute(_LOCK, ([place[0] for place in also], [place[1] for place in also]))
    if connection.execute("SELECT FROM moved LIMIT 1").fetchone() is None:
        connection.execute("DROP TABLE told")
        return Written()
    for query in (_OPEN, _WEIGH, "ANALYZE weighed", _WRITE, _MOVE):
        connection.execute(query.encode(), run if "%(" in query else None)
    counts = connection.execute(_COUNTS).fetchone() or {}
    ours = counts.pop("ours")
    mine = connection.execute(_OF_ORDERS).fetchall() if ours else []
    _tell(connection, trail, word, {"source": source, **counts})
    connection.execute("DROP TABLE told")
    return Written(counts["events"], counts["late"], mine)


def changed_skus(connection: "Connection") -> frozenset[str]:
    """Return the articles of which more or less is on hand after what was weighed."""
    rows = connection.execute("SELECT DISTINCT sku FROM weighed GROUP BY warehouse, sku HAVING sum(delta) <> 0")
    return frozenset(row["sku"] for row in rows)


def _tell(connection: "Connection", trail: Trail, word: str, facts: dict[str, Any]) -> None:
    """Tell the trail of every row that was written; of very many at once, so that they need not be remembered."""
    with connection.cursor(name="told_rows", row_factory=tuple_row) as cursor:
        cursor.itersize = MOST_AT_ONCE
        cursor.execute("SELECT relation, key FROM told GROUP BY 1, 2 ORDER BY 1 DESC, 2")
        rows = cursor.fetchmany(MOST_AT_ONCE)
        more = cursor.fetchmany(MOST_AT_ONCE)
        while more:
            apart = Trail(trail.actor)
            apart.add(word, "stock", rows, facts)
            apart.write(connection)
            rows, more = more, cursor.fetchmany(MOST_AT_ONCE)
        trail.add(word, "stock", rows, facts)


_COUNTS = """
SELECT count(*) AS events, count(ignored) AS late, count(order_id) AS ours,
  count(DISTINCT (warehouse, sku)) AS articles FROM weighed
"""
_MAKE_ROOM = """
WITH made AS (
  INSERT INTO stock (warehouse, sku, on_hand, counted_at)
  SELECT warehouse, sku, 0, min(happened_at) FROM moved GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (warehouse, sku) DO NOTHING RETURNING warehouse, sku
)
INSERT INTO told SELECT 'stock', warehouse || ':' || sku FROM made
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
WITH opened AS (
  INSERT INTO stock_event (source, event_id, kind, warehouse, sku, quantity, delta, happened_at, run_id)
  SELECT %(opened_by)s, 'opening:' || s.warehouse || ':' || s.sku, 'opening', s.warehouse, s.sku, s.on_hand, s.on_hand,
    s.counted_at, %(run)s
  FROM stock s JOIN (SELECT DISTINCT warehouse, sku FROM moved) arrived USING (warehouse, sku)
  WHERE s.on_hand <> 0
    AND NOT EXISTS (SELECT FROM stock_event e WHERE e.sku = s.sku AND e.warehouse = s.warehouse)
  ORDER BY s.warehouse, s.sku RETURNING id
)
INSERT INTO told SELECT 'stock_event', id::text FROM opened
"""
_WEIGH = """
CREATE TEMP TABLE weighed ON COMMIT DROP AS
WITH touched AS MATERIALIZED (
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
), counted AS MATERIALIZED (
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
WITH written AS (
  INSERT INTO stock_event (source, event_id, kind, warehouse, location, sku, quantity, delta, ignored, order_id,
    document, happened_at, run_id)
  SELECT %(source)s, event_id, kind, warehouse, location, sku, quantity, delta, ignored, order_id,
    document, happened_at, %(run)s
  FROM weighed ORDER BY happened_at, kind = 'count', place RETURNING id
)
INSERT INTO told SELECT 'stock_event', id::text FROM written
"""
_MOVE = """
WITH changed AS (
  UPDATE stock SET on_hand = stock.on_hand + new.delta, counted_at = coalesce(new.counted_at, stock.counted_at)
  FROM (
    SELECT warehouse, sku, sum(delta) AS delta,
      max(happened_at) FILTER (WHERE kind = 'count' AND ignored IS NULL) AS counted_at
    FROM weighed GROUP BY 1, 2
  ) new
  WHERE stock.warehouse = new.warehouse AND stock.sku = new.sku
    AND (new.delta <> 0 OR new.counted_at IS DISTINCT FROM stock.counted_at AND new.counted_at IS NOT NULL)
  RETURNING stock.warehouse, stock.sku
)
INSERT INTO told SELECT 'stock', warehouse || ':' || sku FROM changed
"""
_OF_ORDERS = """
SELECT e.id, e.order_id, e.kind, e.warehouse, e.sku, e.quantity
FROM stock_event e JOIN told t ON t.relation = 'stock_event' AND e.id = t.key::bigint
WHERE e.order_id IS NOT NULL ORDER BY e.id
"""
