"""Compares whole systems in one join each: only what differs comes out, into a temporary table.

The ERP's levels have just passed the gate, which left what differs in ``picture_gap``; what the shop showed when it was
just read stands in ``seen_listing``. The tables made here live as long as the connection; their rows are numbered, so
that causes are looked for in chunks.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL

from blocks.database.stock_gate import levels_query
from blocks.database.stock_position import sellable_query, warehouses
from blocks.documents.stock_rules import StockRules
from tasks.inventory_reconciliation.outcome import Compared
from tasks.inventory_reconciliation.scope import Scope

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_LEVEL_GAPS = """
CREATE TEMP TABLE level_gap AS
SELECT row_number() OVER () AS n, warehouse, sku, was AS expected, coalesce(now, 0) AS found,
  NULL::bigint AS event, %(found_at)s::timestamptz AS found_at, false AS waits
FROM picture_gap
WHERE was <> coalesce(now, 0) AND NOT warehouse = ANY(%(elsewhere)s)
  AND (now IS NOT NULL OR warehouse = ANY(%(houses)s))
  AND (%(warehouse)s::text IS NULL OR warehouse = %(warehouse)s)
  AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
"""
_HOUSES = """
SELECT warehouse FROM (SELECT DISTINCT warehouse FROM picture_gap WHERE now IS NULL) AS left_out
WHERE EXISTS (SELECT FROM stock_location l WHERE l.warehouse = left_out.warehouse)
  OR EXISTS (SELECT FROM arriving_stock a WHERE a.warehouse = left_out.warehouse)
"""
_ABSORBED = """
INSERT INTO level_gap
SELECT (SELECT count(*) FROM level_gap) + row_number() OVER (ORDER BY id), warehouse, sku, quantity - delta, quantity,
  id, happened_at, false
FROM stock_event e
WHERE source = %(system)s AND kind = 'count' AND delta <> 0 AND heard_at > %(since)s
  AND EXISTS (SELECT FROM stock_event b WHERE b.sku = e.sku AND b.warehouse = e.warehouse AND b.id < e.id)
  AND (%(warehouse)s::text IS NULL OR warehouse = %(warehouse)s)
  AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
"""
_LEVELS_COUNTED = SQL("""
SELECT count(*) AS articles FROM ({levels}) c
WHERE (%(warehouse)s::text IS NULL OR warehouse = %(warehouse)s)
  AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
""")


def find_level_gaps(
    connection: "Connection", rules: StockRules, scope: Scope, *, named: int, system: str, found_at: datetime,
    since: datetime,
) -> Compared:  # fmt: skip
    """Compare what the ERP has, ``named`` articles in all, with our books; fills ``level_gap``.

    Differences that counts have put right since the last comparison are found as well: their row names the count.
    Warehouses whose stock a till counts are left to it, and those the ERP has never named to whoever counts them. An
    article that the books have never heard of is no difference: master data takes it in.
    """
    parameters = {
        "found_at": found_at,
        "houses": sorted(row["warehouse"] for row in connection.execute(_HOUSES)),
        "elsewhere": [house for house, counter in rules.counted_by.items() if counter != system],
        "warehouse": scope.warehouse,
        "skus": None if scope.skus is None else sorted(scope.skus),
        "system": system,
        "since": since,
    }
    connection.execute("DROP TABLE IF EXISTS level_gap")
    connection.execute(_LEVEL_GAPS, parameters)
    connection.execute(_ABSORBED, parameters)
    connection.execute("CREATE UNIQUE INDEX ON level_gap (n)")
    gaps: Any = connection.execute("SELECT count(*) AS differing FROM level_gap").fetchone()
    if not scope.whole:
        levels = levels_query(rules)
        row: Any = connection.execute(
            _LEVELS_COUNTED.format(levels=levels.text), {**parameters, **levels.parameters}
        ).fetchone()
        named = row["articles"]
    return Compared(articles=named, differing=gaps["differing"])


_LISTING_GAPS = SQL("""
CREATE TEMP TABLE listing_gap AS
SELECT row_number() OVER () AS n, sku, expected, expected_visible, why, found, found_visible, own_rule, changed_at,
  seen_at, kept_hidden, strange, missing, false AS waits
FROM (
  SELECT coalesce(w.sku, s.sku) AS sku, w.quantity AS expected, w.visible AS expected_visible, w.why,
    s.quantity AS found, s.visible AS found_visible, s.own_rule, s.changed_at, s.seen_at,
    w.visible AND NOT s.visible AND EXISTS (
      SELECT FROM listing l WHERE l.channel = %(channel)s AND l.sku = w.sku AND l.hidden_by = 'person') AS kept_hidden,
    w.sku IS NULL AS strange, s.sku IS NULL AS missing
  FROM ({sellable}) w FULL JOIN (
    SELECT * FROM seen_listing WHERE channel = %(channel)s AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
  ) s ON s.sku = w.sku
  WHERE w.quantity <> s.quantity OR w.visible <> s.visible OR w.sku IS NULL OR s.sku IS NULL
) AS gaps
""")
_LISTINGS_COUNTED = """
SELECT shown.articles, shown.showing, shown.stocked, gaps.*
FROM (
  SELECT count(*) AS articles, count(*) FILTER (WHERE visible) AS showing,
    count(*) FILTER (WHERE quantity > 0) AS stocked
  FROM seen_listing WHERE channel = %(channel)s AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
) AS shown, (
  SELECT count(*) FILTER (
      WHERE found <> expected OR found_visible <> expected_visible AND NOT kept_hidden) AS differing,
    count(*) FILTER (WHERE found_visible AND NOT expected_visible) AS hiding,
    count(*) FILTER (WHERE found > 0 AND expected = 0) AS zeroing,
    count(*) FILTER (WHERE kept_hidden) AS kept_hidden,
    count(*) FILTER (WHERE missing) AS missing, count(*) FILTER (WHERE strange) AS strange
  FROM listing_gap
) AS gaps
"""


def find_listing_gaps(connection: "Connection", rules: StockRules, scope: Scope, *, channel: str) -> Compared:
    """Compare what the shop showed with what it shall show; fills ``listing_gap``, one row per article."""
    skus = None if scope.skus is None else sorted(scope.skus)
    query = sellable_query(channel, rules, skus=skus, houses=warehouses(connection))
    parameters = {**query.parameters, "channel": channel, "skus": skus}
    connection.execute("DROP TABLE IF EXISTS listing_gap")
    connection.execute(_LISTING_GAPS.format(sellable=query.text), parameters)
    connection.execute("CREATE UNIQUE INDEX ON listing_gap (n)")
    row: Any = connection.execute(_LISTINGS_COUNTED, parameters).fetchone()
    return Compared(**row)
