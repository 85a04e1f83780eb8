"""The stock position: what is there, promised, kept back and on its way, and what of it each channel can sell.

One statement for all articles. What can be sold of an article is floor(sum over the channel's warehouses of
max(on hand - reserved - owed - safety, 0)); of a bundle or a pack, the least that one of its parts allows. *Owed* are
pieces that orders bought beyond stock and wait for: they go to those orders as soon as they arrive.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from blocks.database import stock_rules
from blocks.documents.base import plain_decimal
from blocks.documents.stock_rules import StockRules

if TYPE_CHECKING:
    from blocks.database.engine import Connection

BATCH = 5_000
MOST_JOINED = 4
"""With more warehouses, grouping their rows is the quicker way."""


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT and its named parameters, ready to stand in a larger statement.

    Example:
        >>> query = sellable_query("berlin", rules)
        >>> connection.execute(SQL("CREATE TEMP TABLE wanted AS {}").format(query.text), query.parameters)
    """

    text: Composable
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sellable:
    """What a channel can sell of one of its articles now.

    Attributes:
        sku: The article.
        quantity: Whole pieces, bundles or packs; None where stock is not managed or nobody has ever counted it.
        visible: Whether a shop shall show it; None: leave it as it is.
        why: ``in stock``, ``beyond stock``, ``sold out``, ``not managed`` or ``never counted``.
    """

    sku: str
    quantity: Decimal | None
    visible: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class Position:
    """Stock of one article in one warehouse, in pieces.

    Attributes:
        warehouse: Its code.
        sku: The article.
        on_hand: What lies there.
        reserved: What orders have been promised of it.
        owed: What orders bought beyond stock and wait for.
        safety: What is kept back.
        incoming: What is on its way.
        next_on: The first day on which something of it is due; None when nobody named one.
    """

    warehouse: str
    sku: str
    on_hand: Decimal
    reserved: Decimal
    owed: Decimal
    safety: Decimal
    incoming: Decimal
    next_on: date | None

    @property
    def available(self) -> Decimal:
        """Return what can be promised from here; negative when more is promised than lies there."""
        return self.on_hand - self.reserved - self.owed - self.safety

    def sentence(self) -> str:
        """Return the position as people read it; what is nothing is left out."""
        parts = (("reserved", self.reserved), ("owed", self.owed), ("kept back", self.safety))
        words = [f"{plain_decimal(pieces)} {what}" for what, pieces in parts if pieces]
        less = f", {', '.join(words)}" if words else ""
        due = f" from {self.next_on}" if self.next_on else ", no day known"
        coming = f"; {plain_decimal(self.incoming)} on the way{due}" if self.incoming else ""
        return f"{plain_decimal(self.on_hand)} on hand{less}, {plain_decimal(self.available)} to promise{coming}"


@dataclass(frozen=True, slots=True)
class Place:
    """What the ERP's last whole picture said of an article at one storage location of a warehouse, in pieces."""

    warehouse: str
    location: str
    sku: str
    on_hand: Decimal
    forecast: Decimal


def sellable(
    connection: "Connection", channel: str, skus: Sequence[str] | None = None, *, rules: StockRules | None = None
) -> Iterator[Sellable]:
    """Yield what a channel can sell of each of its articles, by SKU; read in batches, so memory stays flat.

    Args:
        connection: Within a transaction, unless ``skus`` are given.
        channel: Whose articles.
        skus: Only these; None for all. An article the channel does not have is left out.
        rules: The stock rules; None for those in force.
    """
    houses = warehouses(connection) if skus is None else ()
    query = sellable_query(channel, rules or stock_rules.in_force(connection), skus=skus, houses=houses)
    ordered = SQL("{} ORDER BY 1").format(query.text)
    if skus is not None:
        for row in connection.execute(ordered, query.parameters):
            yield Sellable(**row)
        return
    with connection.cursor(name="sellable") as cursor:
        cursor.itersize = BATCH
        for row in cursor.execute(ordered, query.parameters):
            yield Sellable(**row)


def sellable_query(
    channel: str, rules: StockRules, *, skus: Sequence[str] | None = None, houses: Sequence[str] = ()
) -> Query:
    """Return the SELECT of ``sku, quantity, visible, why`` for a channel's articles, each once.

    The names of its parameters begin with ``position_``.

    Args:
        channel: Whose articles.
        rules: The stock rules.
        skus: Only these; None for all.
        houses: All warehouses that have stock (``warehouses``), where the caller knows them: many articles are counted
            twice as fast when the few warehouses are joined instead of grouped.
    """
    of = rules.channel(channel)
    parameters: dict[str, Any] = {
        "position_channel": channel,
        "position_serving": list(of.warehouses),
        "position_at_zero": str(of.at_zero),
        "position_hide": of.hide,
        "position_packs": list(rules.packs),
        "position_of": [pack.of for pack in rules.packs.values()],
        "position_each": [pack.pieces for pack in rules.packs.values()],
    }
    pieces, joins = _safety(rules, parameters)
    shelf = {"row": _ROW.format(pieces=pieces), "joins": joins}
    grouped = {**shelf, "serving": _SERVING if of.warehouses else SQL("")}
    scope, own = SQL(""), _grouped(grouped, SQL(""))
    if skus is not None:
        parameters["position_skus"] = sorted(set(skus))
        scope, own = SQL(" AND a.sku = ANY(%(position_skus)s)"), _grouped(grouped, _SCOPE)
    elif 0 < len(houses) <= MOST_JOINED:
        parameters |= {f"position_house_{number}": house for number, house in enumerate(houses)}
        own = _joined(shelf, [not of.warehouses or house in of.warehouses for house in houses])
    parts = _GROUPED.format(**grouped, where=SQL(" WHERE s.sku IN (SELECT part FROM made)"))
    text = _SELLABLE.format(scope=scope, parts=parts, shelves=own.shelves, counted=own.counted, pieces=own.pieces)
    return Query(text, parameters)


def warehouses(connection: "Connection") -> list[str]:
    """Return the codes of all warehouses that have stock, by name; each found by one step in the index."""
    rows = connection.execute(
        "WITH RECURSIVE house AS (SELECT min(warehouse) AS code FROM stock UNION ALL"
        " SELECT (SELECT min(warehouse) FROM stock WHERE warehouse > house.code) FROM house WHERE code IS NOT NULL)"
        " SELECT code FROM house WHERE code IS NOT NULL"
    )
    return [row["code"] for row in rows]


@dataclass(frozen=True, slots=True)
class _Shelves:
    """How the articles' own stock is joined, how one sees that it was ever counted, and what can be sold of it."""

    shelves: Composable
    counted: Composable
    pieces: Composable


def _grouped(shelf: Mapping[str, Composable], where: SQL) -> _Shelves:
    joined = SQL(" LEFT JOIN ({}) AS f ON f.sku = a.sku").format(_GROUPED.format(**shelf, where=where))
    return _Shelves(joined, SQL("f.sku IS NOT NULL"), SQL("coalesce(f.pieces, 0)"))


def _joined(shelf: Mapping[str, Composable], serving: Sequence[bool]) -> _Shelves:
    """Return the same for few warehouses, each joined by itself: an article has one row of stock in each."""
    names = [Identifier(f"shelf_{number}") for number in range(len(serving))]
    joins: list[Composable] = [
        _ONE_HOUSE.format(**shelf, name=name, house=Placeholder(f"position_house_{number}"))
        for number, name in enumerate(names)
    ]
    counted = SQL(" OR ").join(SQL("{}.sku IS NOT NULL").format(name) for name in names)
    sold: list[Composable] = [
        SQL("coalesce({}.pieces, 0)").format(name) for name, serves in zip(names, serving, strict=True) if serves
    ]
    return _Shelves(Composed(joins), SQL("({})").format(counted), SQL(" + ").join(sold or [SQL("0")]))


def positions(
    connection: "Connection", skus: Sequence[str] | None = None, *, rules: StockRules | None = None
) -> Iterator[Position]:
    """Yield the position of each article in each warehouse, by warehouse and SKU; also where it is only on its way.

    Args:
        connection: Within a transaction, unless ``skus`` are given.
        skus: Only these; None for all.
        rules: The stock rules; None for those in force.
    """
    query = positions_query(rules or stock_rules.in_force(connection), skus=skus)
    ordered = SQL("{} ORDER BY 1, 2").format(query.text)
    if skus is not None:
        for row in connection.execute(ordered, query.parameters):
            yield Position(**row)
        return
    with connection.cursor(name="positions") as cursor:
        cursor.itersize = BATCH
        for row in cursor.execute(ordered, query.parameters):
            yield Position(**row)


def locations(connection: "Connection", skus: Sequence[str]) -> Iterator[Place]:
    """Yield where in the warehouses these articles lie, as the ERP's last whole picture says, by SKU and place."""
    rows = connection.execute(
        "SELECT warehouse, location, sku, on_hand, forecast FROM stock_location WHERE sku = ANY(%s) ORDER BY 3, 1, 2",
        (sorted(set(skus)),),
    )
    for row in rows:
        yield Place(**row)


def positions_query(rules: StockRules, *, skus: Sequence[str] | None = None) -> Query:
    """Return the SELECT of the columns of ``Position``; the names of its parameters begin with ``position_``."""
    parameters: dict[str, Any] = {} if skus is None else {"position_skus": sorted(set(skus))}
    pieces, joins = _safety(rules, parameters)
    scope = SQL("") if skus is None else SQL(" AND sku = ANY(%(position_skus)s)")
    return Query(_POSITIONS.format(scope=scope, pieces=pieces, joins=joins), parameters)


def _safety(rules: StockRules, parameters: dict[str, Any]) -> tuple[Composed, Composed]:
    """Return how safety stock is told for a stock row ``s``, and a join for each sort of entry that the rules have."""
    pieces: list[SQL] = []
    joins: list[SQL] = []
    for name, (figure, join) in _SAFETY.items():
        entries = [e for e in rules.safety if (e.sku is not None, e.warehouse is not None) == _FITS[name]]
        if entries:
            parameters[f"position_{name}_skus"] = [entry.sku for entry in entries]
            parameters[f"position_{name}_houses"] = [entry.warehouse for entry in entries]
            parameters[f"position_{name}_pieces"] = [entry.pieces for entry in entries]
            pieces.append(figure)
            joins.append(join)
    rest = (entry.pieces for entry in rules.safety if entry.sku is None and entry.warehouse is None)
    parameters["position_rest"] = next(rest, Decimal(0))
    everything = SQL(", ").join([*pieces, SQL("%(position_rest)s")])
    return SQL("coalesce({})").format(everything), Composed(joins)


_FITS = {"particular": (True, True), "article": (True, False), "house": (False, True)}
_SAFETY = {
    "particular": (
        SQL("particular.pieces"),
        SQL(
            " LEFT JOIN unnest(%(position_particular_skus)s::text[], %(position_particular_houses)s::text[],"
            " %(position_particular_pieces)s::numeric[]) AS particular(sku, warehouse, pieces)"
            " ON particular.sku = s.sku AND particular.warehouse = s.warehouse"
        ),
    ),
    "article": (
        SQL("kept.pieces"),
        SQL(
            " LEFT JOIN unnest(%(position_article_skus)s::text[], %(position_article_pieces)s::numeric[])"
            " AS kept(sku, pieces) ON kept.sku = s.sku"
        ),
    ),
    "house": (
        SQL("house.pieces"),
        SQL(
            " LEFT JOIN unnest(%(position_house_houses)s::text[], %(position_house_pieces)s::numeric[])"
            " AS house(warehouse, pieces) ON house.warehouse = s.warehouse"
        ),
    ),
}
"""How safety stock is found, the most particular entries first."""

_ROW = SQL("greatest(s.on_hand - s.reserved - coalesce(owed.pieces, 0) - {pieces}, 0)")
_SERVING = SQL(" FILTER (WHERE s.warehouse = ANY(%(position_serving)s))")
_SCOPE = SQL(" WHERE s.sku = ANY(%(position_skus)s)")
_GROUPED = SQL(
    "SELECT s.sku, sum({row}){serving} AS pieces FROM stock s"
    " LEFT JOIN owed ON owed.warehouse = s.warehouse AND owed.sku = s.sku{joins}{where} GROUP BY 1"
)
_ONE_HOUSE = SQL(
    " LEFT JOIN (SELECT s.sku, {row} AS pieces FROM stock s"
    " LEFT JOIN owed ON owed.warehouse = s.warehouse AND owed.sku = s.sku{joins}"
    " WHERE s.warehouse = {house}) AS {name} ON {name}.sku = a.sku"
)

_SELLABLE = SQL("""
WITH packs (sku, part, per) AS (
  SELECT * FROM unnest(%(position_packs)s::text[], %(position_of)s::text[], %(position_each)s::numeric[])
), made AS (
  SELECT sku, part, sum(per) AS per FROM (
    SELECT a.sku, coalesce(p.part, c.part ->> 0) AS part, (c.part ->> 1)::numeric * coalesce(p.per, 1) AS per
    FROM article a CROSS JOIN LATERAL jsonb_array_elements(a.components::jsonb) AS c(part)
    LEFT JOIN packs p ON p.sku = c.part ->> 0
    WHERE a.channel = %(position_channel)s AND a.components <> '[]'
      AND NOT EXISTS (SELECT FROM packs WHERE packs.sku = a.sku){scope}
    UNION ALL
    SELECT a.sku, p.part, p.per FROM article a JOIN packs p ON p.sku = a.sku
    WHERE a.channel = %(position_channel)s{scope}
  ) AS pieces GROUP BY 1, 2
), owed AS (
  SELECT warehouse, sku, sum(quantity) AS pieces FROM backorder WHERE served_at IS NULL GROUP BY 1, 2
), kits AS (
  SELECT m.sku, bool_or(needed) AS managed, bool_or(needed AND f.sku IS NULL) AS uncounted,
    min(floor(coalesce(f.pieces, 0) / m.per)) FILTER (WHERE needed) AS pieces,
    bool_and(NOT needed OR coalesce(f.pieces, 0) >= m.per OR coalesce(p.backorder OR p.preorder, false)) AS flagged
  FROM made m LEFT JOIN article p ON p.channel = %(position_channel)s AND p.sku = m.part
    AND (NOT p.stock_managed OR p.backorder OR p.preorder)
  LEFT JOIN ({parts}) f ON f.sku = m.part
  CROSS JOIN LATERAL (SELECT coalesce(p.stock_managed, true) AS needed) AS n
  GROUP BY 1
), judged AS (
  SELECT a.sku,
    CASE WHEN k.sku IS NULL THEN a.stock_managed ELSE k.managed END AS managed,
    CASE WHEN k.sku IS NULL THEN NOT {counted} ELSE k.uncounted END AS uncounted,
    CASE WHEN k.sku IS NULL THEN floor({pieces}) ELSE k.pieces END AS pieces,
    CASE %(position_at_zero)s WHEN 'all' THEN true WHEN 'never' THEN false
      ELSE a.backorder OR coalesce(a.preorder, false) OR coalesce(k.flagged, false) END AS at_zero
  FROM article a LEFT JOIN kits k ON k.sku = a.sku{shelves}
  WHERE a.channel = %(position_channel)s{scope}
)
SELECT sku, CASE WHEN managed AND NOT uncounted THEN pieces END AS quantity,
  CASE WHEN %(position_hide)s AND NOT (managed AND uncounted) THEN NOT managed OR pieces > 0 OR at_zero END AS visible,
  CASE WHEN NOT managed THEN 'not managed' WHEN uncounted THEN 'never counted' WHEN pieces > 0 THEN 'in stock'
    WHEN at_zero THEN 'beyond stock' ELSE 'sold out' END AS why
FROM judged""")

_POSITIONS = SQL("""
WITH owed AS (
  SELECT warehouse, sku, sum(quantity) AS pieces FROM backorder WHERE served_at IS NULL{scope} GROUP BY 1, 2
), coming AS (
  SELECT warehouse, sku, sum(quantity) AS pieces, min(due_on) AS next_on FROM incoming_goods WHERE true{scope}
  GROUP BY 1, 2
), shelf AS (
  SELECT warehouse, sku, on_hand, reserved, 0 AS incoming, NULL::date AS next_on FROM stock WHERE true{scope}
  UNION ALL SELECT warehouse, sku, 0, 0, pieces, next_on FROM coming
), s AS (
  SELECT warehouse, sku, sum(on_hand) AS on_hand, sum(reserved) AS reserved, sum(incoming) AS incoming,
    min(next_on) AS next_on
  FROM shelf GROUP BY 1, 2
)
SELECT s.warehouse, s.sku, s.on_hand, s.reserved, coalesce(owed.pieces, 0) AS owed, {pieces} AS safety, s.incoming,
  s.next_on
FROM s LEFT JOIN owed ON owed.warehouse = s.warehouse AND owed.sku = s.sku{joins}""")
