"""What the report on stock movements reads in Postgres."""

from typing import TYPE_CHECKING, Any

from tasks.stock_movements.summary import Findings

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_MINE = "run_id = %(run)s AND source = %(source)s AND heard_at > now() - interval '6 hours'"
"""Of this run; an index serves the time, and no run takes as long."""
_EVENTS = f"""
SELECT happened_at, kind, sku, warehouse, quantity, delta, document, ignored FROM stock_event
WHERE {_MINE} AND (ignored IS NOT NULL) = %(late)s ORDER BY id DESC LIMIT %(limit)s
"""  # noqa: S608 - made of constants
_KINDS = f"""
SELECT kind, count(*) AS events, sum(delta) AS delta FROM stock_event WHERE {_MINE} GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - made of constants
_BELOW_ZERO = f"""
SELECT s.warehouse, s.sku, s.on_hand FROM stock s
JOIN (SELECT DISTINCT warehouse, sku FROM stock_event WHERE {_MINE}) moved USING (warehouse, sku)
WHERE s.on_hand < 0 ORDER BY 1, 2 LIMIT %(limit)s
"""  # noqa: S608 - made of constants
_LAGS = f"""
SELECT name, count(*) AS events, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS half,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS most, max(seconds) AS longest
FROM (
  SELECT 'from the source into the ledger' AS name, extract(epoch FROM heard_at - happened_at)::float8 AS seconds
  FROM stock_event WHERE {_MINE} AND ignored IS NULL AND kind <> 'count'
  UNION ALL
  SELECT 'from the source to what ' || l.channel || ' shows', extract(epoch FROM l.told_at - e.happened_at)::float8
  FROM listing l JOIN LATERAL (
    SELECT max(happened_at) AS happened_at FROM stock_event
    WHERE {_MINE} AND sku = l.sku AND ignored IS NULL AND heard_at <= l.wanted_at AND kind <> 'count'
  ) e ON e.happened_at IS NOT NULL
  WHERE l.told_at >= l.wanted_at AND l.wanted_at > now() - interval '6 hours'
    AND l.sku IN (SELECT sku FROM stock_event WHERE {_MINE})
) lags GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - made of constants
"""A listing tells only of its last change; one that followed a movement of this run is measured from that movement."""


def findings(connection: "Connection", *, source: str, run_id: str, limit: int) -> Findings:
    """Return what a run booked, by kind and its newest ones, and what of it a person should see."""

    def rows(query: str, **more: object) -> list[dict[str, Any]]:
        values = {"source": source, "run": run_id, "limit": limit, **more}
        return connection.execute(query.encode(), values).fetchall()

    return Findings(rows(_EVENTS, late=True), rows(_EVENTS, late=False), rows(_KINDS), rows(_BELOW_ZERO), rows(_LAGS))
