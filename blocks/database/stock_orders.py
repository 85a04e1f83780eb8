"""What movements do to our orders: a shipment takes up what was reserved, a closed sale gives back the rest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database.stock import Taking, take
from blocks.database.stock_kept import GOING_OUT, NONE, SHIPPED, UNDONE, OrderOf, net_out, read_kept
from blocks.documents.sales import named_by

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

CLOSED = "sale closed"
_PEEK = """
SELECT r.order_id FROM reservation r WHERE r.order_id = ANY(%(ids)s) GROUP BY r.order_id, r.warehouse, r.sku
HAVING sum(r.quantity) <> 0
UNION SELECT order_id FROM backorder WHERE order_id = ANY(%(ids)s) AND served_at IS NULL
"""
_SERVE = """
UPDATE backorder SET served_at = CASE WHEN backorder.quantity = new.count THEN now() END,
  quantity = CASE WHEN backorder.quantity = new.count THEN new.count ELSE backorder.quantity - new.count END
FROM unnest(%s::bigint[], %s::numeric[]) AS new(id, count) WHERE backorder.id = new.id
"""
_SHIPPED = """
SELECT order_id, sku, -sum(quantity) AS pieces FROM stock_event WHERE order_id = ANY(%s) AND kind = ANY(%s)
GROUP BY 1, 2 HAVING sum(quantity) < 0
"""


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders that sale references name; references of sales that are not ours are missing."""

    by_reference: Mapping[str, OrderOf] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touched:
    """Orders that are locked because movements concern them.

    Attributes:
        ids: Their row ids.
        closing: Sales of which nothing is left to ship, by reference.
        keys: (warehouse, SKU) of everything that is reserved for them.
    """

    ids: tuple[int, ...] = ()
    closing: Mapping[str, OrderOf] = field(default_factory=dict)
    keys: tuple[tuple[str, str], ...] = ()


def find_orders(connection: "Connection", references: Iterable[str]) -> Orders:
    """Return the booked orders that these references name; one that could be two orders' names neither."""
    meant = {reference: list(named_by(reference)) for reference in set(references)}
    names = sorted({(channel, external_id) for found in meant.values() for channel, external_id, _ in found})
    if not names:
        return Orders()
    rows = connection.execute(
        "SELECT o.id, o.channel, o.external_id FROM sales_order o JOIN unnest(%s::text[], %s::text[])"
        " AS named(channel, external_id) USING (channel, external_id)",
        ([channel for channel, _ in names], [external_id for _, external_id in names]),
    )
    known = {(row["channel"], row["external_id"]): row["id"] for row in rows}
    found = {
        reference: [
            OrderOf(known[channel, name], part) for channel, name, part in candidates if (channel, name) in known
        ]
        for reference, candidates in meant.items()
    }
    return Orders({reference: orders[0] for reference, orders in found.items() if len(orders) == 1})


def lock_orders(connection: "Connection", orders: Orders, closed: Sequence[str]) -> Touched:
    """Lock the orders that arriving movements concern, and those of closed sales for which something is still kept.

    What is reserved for an order changes only while the order is locked, so the keys stand until the end.
    """
    moved = connection.execute("SELECT DISTINCT order_id FROM moved WHERE order_id IS NOT NULL").fetchall()
    ids = {row["order_id"] for row in moved}
    closing = {reference: orders.by_reference[reference] for reference in closed}
    asked = {order.id for order in closing.values()} - ids
    if asked:
        ids |= {row["order_id"] for row in connection.execute(_PEEK, {"ids": sorted(asked)})}
    if not ids:
        return Touched()
    locked = sorted(ids)
    connection.execute("SELECT id FROM sales_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (locked,))
    keys = {key for held in read_kept(connection, locked).held.values() for key, count in held.items() if count}
    still = {reference: order for reference, order in closing.items() if order.id in ids}
    return Touched(tuple(locked), still, tuple(sorted(keys)))


def shipped_pieces(connection: "Connection", order_ids: Iterable[int]) -> dict[int, dict[str, Decimal]]:
    """Return what has been shipped of each of these orders, by SKU; what came back later counts as shipped."""
    found: dict[int, dict[str, Decimal]] = {}
    for row in connection.execute(_SHIPPED, (sorted(order_ids), list(GOING_OUT))):
        found.setdefault(row["order_id"], {})[row["sku"]] = row["pieces"]
    return found


def consume(
    connection: "Connection", trail: "Trail", touched: Touched, events: Sequence[Mapping[str, Any]]
) -> frozenset[str]:
    """Take up or give back what is reserved for the touched orders; returns the articles of which that changed.

    Args:
        connection: The transaction's connection; orders and stock are locked.
        trail: The same transaction's trail.
        touched: The locked orders.
        events: New events of these orders: ``id, order_id, kind, warehouse, sku, quantity``.
    """
    if not touched.ids:
        return frozenset()
    kept = read_kept(connection, touched.ids)
    shipped = kept.ship(connection, net_out(events))
    closed = {reference: kept.close(order) for reference, order in touched.closing.items()}
    for reason, takings in ((SHIPPED, shipped.taken), (UNDONE, shipped.undone), (CLOSED, _all(closed.values()))):
        take(connection, trail, takings, reason=reason)
    served = dict(shipped.served)
    if served:
        connection.execute(_SERVE, (list(served), list(served.values())))
    dropped = {reference: kept.waiting_for(order) for reference, order in touched.closing.items()}
    connection.execute(
        "DELETE FROM backorder WHERE id = ANY(%s) AND served_at IS NULL",
        (sorted({number for numbers in dropped.values() for number in numbers}),),
    )
    _tell_moved(trail, events)
    for reference, order in touched.closing.items():
        if closed[reference] or dropped[reference]:
            given = {taking.sku: -taking.quantity for taking in closed[reference]}
            rows = [("reservation", order.id), ("backorder", order.id)]
            trail.add("order.sale_closed", f"sales_order/{order.id}", rows, {"sale": reference, "given_back": given})
    return frozenset(taking.sku for taking in [*shipped.taken, *shipped.undone, *_all(closed.values())])


def _all(parts: Iterable[Sequence[Taking]]) -> list[Taking]:
    return [taking for part in parts for taking in part]


def _tell_moved(trail: "Trail", events: Sequence[Mapping[str, Any]]) -> None:
    by_order: dict[int, list[Mapping[str, Any]]] = {}
    for event in events:
        by_order.setdefault(event["order_id"], []).append(event)
    for order_id, own in by_order.items():
        rows = [("stock_event", event["id"]) for event in own]
        pieces: dict[str, dict[str, Decimal]] = {}
        for event in own:
            of_kind = pieces.setdefault(event["kind"], {})
            of_kind[event["sku"]] = of_kind.get(event["sku"], NONE) + event["quantity"]
        rows += [("reservation", order_id), ("backorder", order_id)]
        trail.add("order.goods_moved", f"sales_order/{order_id}", rows, pieces)
