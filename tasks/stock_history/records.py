"""What Postgres knows of the stock of one article: the ledger's events and the reservations of orders."""

from typing import TYPE_CHECKING

from tasks.stock_history.history import Happening, History

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_HISTORY = """
WITH happened AS (
  SELECT happened_at AS at, id, 0 AS turn, warehouse, kind AS what, quantity, delta, 0 AS held, source,
    concat_ws('; ', nullif(document, ''), (SELECT 'order ' || o.number FROM sales_order o WHERE o.id = e.order_id),
      ignored) AS text, heard_at, ignored IS NOT NULL AS ignored
  FROM stock_event e WHERE sku = %(sku)s AND (%(warehouse)s::text IS NULL OR warehouse = %(warehouse)s)
  UNION ALL
  SELECT booked_at, id, 1, warehouse, CASE WHEN quantity > 0 THEN 'reserved' ELSE 'given back' END, abs(quantity), 0,
    quantity, 'soms', (SELECT 'order ' || o.number FROM sales_order o WHERE o.id = r.order_id) || '; ' || reason,
    booked_at, false
  FROM reservation r WHERE sku = %(sku)s AND (%(warehouse)s::text IS NULL OR warehouse = %(warehouse)s)
), running AS (
  SELECT *, sum(delta) OVER line AS on_hand, sum(held) OVER line AS reserved, count(*) OVER () AS total,
    row_number() OVER (ORDER BY at DESC, turn DESC, id DESC) AS place
  FROM happened WINDOW line AS (PARTITION BY warehouse ORDER BY at, turn, id ROWS UNBOUNDED PRECEDING)
)
SELECT * FROM running WHERE place <= %(limit)s ORDER BY at, turn, id
"""


def history(connection: "Connection", sku: str, *, warehouse: str | None = None, limit: int = 1000) -> History:
    """Return what happened to an article, oldest first; of a long history its newest end.

    Args:
        connection: A connection.
        sku: The article.
        warehouse: One warehouse; None for all.
        limit: How many happenings at most.
    """
    rows = connection.execute(_HISTORY, {"sku": sku, "warehouse": warehouse, "limit": limit}).fetchall()
    happenings = tuple(
        Happening(
            row["at"], row["warehouse"], row["what"], row["quantity"], row["delta"], row["on_hand"], row["reserved"],
            row["source"], row["text"] or "", row["heard_at"], row["ignored"],
        )
        for row in rows
    )  # fmt: skip
    return History(sku, happenings, max(0, (rows[0]["total"] if rows else 0) - limit))
