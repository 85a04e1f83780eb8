"""What Postgres knows of demand and of what is on its way: read in pages of articles, set by set.

What was demanded of an article in a warehouse is what orders took and keep (shipped, reserved or owed) on the day they
were placed, what left without an order of ours, and what tills sold; a void takes a sale back. What an order gave back
before it shipped was not needed; what customers return was. Goods that one warehouse sends another are no demand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import stock_position
from blocks.database.stock_position import Position

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.documents.stock_rules import StockRules
    from tasks.replenishment.demand import Demand, Floats

Article = tuple[str, str]
"""Warehouse and SKU."""
LEAST = 1e-9
"""Pieces that are more than the rounding of a sum."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: warehouses (empty: those of the rules) and SKUs (empty: all); days in this zone."""

    zone: str
    warehouses: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Days of the past in the merchant's zone, from the first to yesterday."""

    first: date
    today: date
    zone: str

    @property
    def days(self) -> int:
        """Return how many there are; today is not over and does not count."""
        return max((self.today - self.first).days, 0)


_MOVED = """
  SELECT {key} r.quantity AS pieces, (o.placed_at AT TIME ZONE %(zone)s)::date AS day
  FROM reservation r JOIN sales_order o ON o.id = r.order_id {of_r}
  UNION ALL
  SELECT {key_e} -e.quantity, (coalesce(o.placed_at, e.happened_at) AT TIME ZONE %(zone)s)::date
  FROM stock_event e LEFT JOIN sales_order o ON o.id = e.order_id {of_e}
    AND (e.kind IN ('shipment', 'sale') OR e.kind = 'void' AND e.quantity > 0)
  UNION ALL
  SELECT {key_b} b.quantity, (o.placed_at AT TIME ZONE %(zone)s)::date
  FROM backorder b JOIN sales_order o ON o.id = b.order_id {of_b} AND b.served_at IS NULL
"""
_DEMANDED = _MOVED.format(
    key="r.warehouse, r.sku,",
    key_e="e.warehouse, e.sku,",
    key_b="b.warehouse, b.sku,",
    of_r="JOIN a ON a.warehouse = r.warehouse AND a.sku = r.sku WHERE true",
    of_e="JOIN a ON a.warehouse = e.warehouse AND a.sku = e.sku WHERE true",
    of_b="JOIN a ON a.warehouse = b.warehouse AND a.sku = b.sku WHERE true",
)
_ALL = _MOVED.format(
    key="", key_e="", key_b="",
    of_r="WHERE o.placed_at >= %(since)s",
    of_e="WHERE e.happened_at >= %(since)s",
    of_b="WHERE true",
)  # fmt: skip
_CHANGED = """
  SELECT warehouse, sku, delta AS pieces, (happened_at AT TIME ZONE %(zone)s)::date AS day
  FROM stock_event JOIN a USING (warehouse, sku) WHERE kind <> 'opening'
  UNION ALL
  SELECT warehouse, sku, -quantity, (booked_at AT TIME ZONE %(zone)s)::date
  FROM reservation JOIN a USING (warehouse, sku)
"""
_ARTICLES = "WITH a AS (SELECT * FROM unnest(%(warehouses)s::text[], %(skus)s::text[]) AS a(warehouse, sku))"


def span(connection: "Connection", *, zone: str, history_days: int) -> Span:
    """Return the days that say something: since the first order or event, but no more than so many."""
    row = connection.execute(
        "SELECT (clock_timestamp() AT TIME ZONE %(zone)s)::date AS today,"
        " (least((SELECT min(placed_at) FROM sales_order), (SELECT min(happened_at) FROM stock_event"
        " WHERE kind <> 'opening')) AT TIME ZONE %(zone)s)::date AS first",
        {"zone": zone},
    ).fetchone()
    today: date = row["today"] if row else date.today()  # noqa: DTZ011 - a SELECT without FROM has a row
    first: date = row["first"] if row and row["first"] else today
    return Span(max(first, today - timedelta(days=history_days)), today, zone)


def market(connection: "Connection", of: Span) -> list[float]:
    """Return the pieces of the whole business on each day of the span."""
    rows = connection.execute(
        f"SELECT day, sum(pieces)::float8 AS pieces FROM ({_ALL}) AS moved GROUP BY 1",  # noqa: S608 - a constant
        {"zone": of.zone, "since": of.first - timedelta(days=1)},
    )
    totals = [0.0] * of.days
    for row in rows:
        if 0 <= (place := (row["day"] - of.first).days) < of.days:
            totals[place] = max(row["pieces"], 0.0)
    return totals


def sample(connection: "Connection", *, most: int, warehouses: Sequence[str]) -> list[Article]:
    """Return some of the articles that were ever demanded, the same ones each time, by warehouse and SKU."""
    rows = connection.execute(
        "SELECT warehouse, sku FROM (SELECT warehouse, sku FROM reservation UNION"
        " SELECT warehouse, sku FROM stock_event WHERE kind IN ('shipment', 'sale')) AS moved"
        " WHERE %(all)s OR warehouse = ANY(%(warehouses)s) ORDER BY md5(warehouse || ':' || sku), 1, 2 LIMIT %(most)s",
        {"all": not warehouses, "warehouses": list(warehouses), "most": most},
    )
    return sorted((row["warehouse"], row["sku"]) for row in rows)


def page(
    connection: "Connection", *, after: Article, warehouses: Sequence[str], skus: Sequence[str], limit: int
) -> list[Article]:
    """Return the next articles that stock is kept of, by warehouse and SKU."""
    rows = connection.execute(
        "SELECT warehouse, sku FROM stock WHERE (warehouse, sku) > (%(house)s, %(sku)s)"
        " AND (%(all_houses)s OR warehouse = ANY(%(houses)s)) AND (%(all_skus)s OR sku = ANY(%(skus)s))"
        " ORDER BY warehouse, sku LIMIT %(limit)s",
        {
            "house": after[0],
            "sku": after[1],
            "all_houses": not warehouses,
            "houses": list(warehouses),
            "all_skus": not skus,
            "skus": list(skus),
            "limit": limit,
        },
    )
    return [(row["warehouse"], row["sku"]) for row in rows]


def positions(connection: "Connection", articles: Sequence[Article], rules: "StockRules") -> dict[Article, Position]:
    """Return what is there of these articles."""
    found = stock_position.positions(connection, sorted({sku for _, sku in articles}), rules=rules)
    wanted = set(articles)
    return {key: each for each in found if (key := (each.warehouse, each.sku)) in wanted}


def demand(
    connection: "Connection", articles: Sequence[Article], of: Span, totals: Sequence[float],
    there: "dict[Article, Position]",
) -> "Demand":  # fmt: skip
    """Return what was demanded of these articles; days on which there was nothing to sell are unknown."""
    import numpy as np  # noqa: PLC0415 - the desk of purchases does without

    from tasks.replenishment.demand import Demand  # noqa: PLC0415

    pieces = np.maximum(_by_day(connection, _DEMANDED, articles, of), 0.0)[:, : of.days]
    changes = _by_day(connection, _CHANGED, articles, of)
    now = np.array([float(there[article].available) if article in there else 0.0 for article in articles])
    beyond = _sold_beyond_stock(connection, sorted({sku for _, sku in articles}))
    # What was there at a day's end is what is there now less all that changed since; a day begins as the last ended.
    after = np.cumsum(changes[:, ::-1], axis=1)[:, ::-1]
    at_start, at_end = now[:, np.newaxis] - after[:, :-1], now[:, np.newaxis] - after[:, 1:]
    never_out = np.array([sku in beyond for _, sku in articles], dtype=bool)[:, np.newaxis]
    known = (pieces > 0) | (at_start > LEAST) | (at_end > LEAST) | never_out
    return Demand(np.where(known, pieces, np.nan), np.asarray(totals, dtype=np.float64))


def _by_day(connection: "Connection", query: str, articles: Sequence[Article], of: Span) -> "Floats":
    """Return the sums of a query of ``warehouse, sku, day, pieces``: a row per article, a column per day and today."""
    import numpy as np  # noqa: PLC0415 - as above

    places = {article: place for place, article in enumerate(articles)}
    sums = np.zeros((len(articles), of.days + 1))
    found = connection.execute(
        f"{_ARTICLES}, moved AS ({query}), summed AS ("  # noqa: S608 - constants
        " SELECT warehouse, sku, day - %(first)s::date AS place, sum(pieces)::float8 AS pieces FROM moved"
        " WHERE day BETWEEN %(first)s AND %(today)s GROUP BY 1, 2, 3)"
        " SELECT warehouse, sku, array_agg(place) AS places, array_agg(pieces) AS pieces FROM summed GROUP BY 1, 2",
        {
            "warehouses": [warehouse for warehouse, _ in articles],
            "skus": [sku for _, sku in articles],
            "zone": of.zone,
            "first": of.first,
            "today": of.today,
        },
        binary=True,
    )
    for row in found:
        sums[places[row["warehouse"], row["sku"]], row["places"]] = row["pieces"]
    return sums


def _sold_beyond_stock(connection: "Connection", skus: Sequence[str]) -> set[str]:
    """Return the articles that can be sold though nothing is there: a day without demand says that nobody wanted it."""
    rows = connection.execute(
        "SELECT DISTINCT sku FROM article WHERE sku = ANY(%s) AND (backorder OR preorder)", (list(skus),)
    )
    return {row["sku"] for row in rows}


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """What is on its way of one article: by the ERP's word (with its day), and what we ordered and what came in."""

    due: tuple[tuple[date | None, Decimal], ...] = ()
    ordered: tuple[tuple[datetime, Decimal], ...] = ()
    received: tuple[tuple[datetime, Decimal], ...] = ()
    counted: frozenset[int] = frozenset()
    """Numbers of the proposals among them: one decided since must not be counted as undecided."""


def on_its_way(connection: "Connection", articles: Sequence[Article], *, since: datetime) -> dict[Article, OnItsWay]:
    """Return what is on its way of these articles; orders of ours since a time, and all receipts since the first."""
    parameters = {
        "warehouses": [warehouse for warehouse, _ in articles],
        "skus": [sku for _, sku in articles],
        "since": since,
    }
    found: dict[Article, dict[str, list[Any]]] = {}

    def entry(row: dict[str, Any]) -> dict[str, list[Any]]:
        key = (row["warehouse"], row["sku"])
        return found.setdefault(key, {"due": [], "ordered": [], "received": [], "counted": []})

    for row in connection.execute(
        f"{_ARTICLES} SELECT warehouse, sku, due_on, sum(quantity) AS pieces"  # noqa: S608 - a constant
        " FROM incoming_goods JOIN a USING (warehouse, sku) GROUP BY 1, 2, 3",
        parameters,
    ):
        entry(row)["due"].append((row["due_on"], row["pieces"]))
    for row in connection.execute(
        f"{_ARTICLES} SELECT id, warehouse, sku, decided_at, quantity"  # noqa: S608 - a constant
        " FROM purchase_proposal JOIN a USING (warehouse, sku)"
        " WHERE state IN ('approved', 'ordered') AND decided_at >= %(since)s ORDER BY id",
        parameters,
    ):
        entry(row)["ordered"].append((row["decided_at"], row["quantity"]))
        entry(row)["counted"].append(row["id"])
    for row in connection.execute(
        f"{_ARTICLES}, first AS (SELECT warehouse, sku, min(decided_at) AS at"  # noqa: S608 - a constant
        " FROM purchase_proposal JOIN a USING (warehouse, sku)"
        " WHERE state IN ('approved', 'ordered') AND decided_at >= %(since)s GROUP BY 1, 2)"
        " SELECT e.warehouse, e.sku, e.happened_at, e.quantity FROM stock_event e JOIN first USING (warehouse, sku)"
        " WHERE e.kind = 'receipt' AND e.quantity > 0 AND e.happened_at >= first.at",
        parameters,
    ):
        entry(row)["received"].append((row["happened_at"], row["quantity"]))
    return {
        key: OnItsWay(
            tuple(lists["due"]), tuple(lists["ordered"]), tuple(lists["received"]), frozenset(lists["counted"])
        )
        for key, lists in found.items()
    }
