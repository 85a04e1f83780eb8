"""Who waits for stock, in Postgres: pieces sold beyond stock, and orders that are held short."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import stock
from tasks.order_intake.allocation import Part, Promise
from tasks.order_intake.parts import write_parts

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def available(
    connection: "Connection", skus: Iterable[str], *, but: Sequence[int] = ()
) -> dict[tuple[str, str], Decimal]:
    """Lock the articles' stock and return what can be promised to whoever comes now, by (warehouse, SKU).

    Pieces that are owed to earlier orders, sold beyond stock, are theirs as soon as they come in; ``but`` names orders
    whose own claims do not count.
    """
    asked = sorted(set(skus))
    there = stock.lock_available(connection, asked)
    for row in connection.execute(
        "SELECT warehouse, sku, sum(quantity) AS owed FROM backorder WHERE served_at IS NULL AND sku = ANY(%s)"
        " AND NOT order_id = ANY(%s) GROUP BY 1, 2",
        (asked, list(but)),
    ):
        key = (row["warehouse"], row["sku"])
        there[key] = there.get(key, Decimal(0)) - row["owed"]
    return there


def serve_backorders(connection: "Connection", trail: "Trail", *, limit: int) -> int:
    """Reserve what has come in for pieces sold beyond stock, oldest first; returns how many orders got something.

    Orders are locked before stock, and both before the back-orders, as when orders are judged.
    """
    orders = connection.execute(
        "SELECT DISTINCT b.order_id AS id FROM backorder b JOIN stock s USING (warehouse, sku)"
        " WHERE b.served_at IS NULL AND s.on_hand > s.reserved ORDER BY 1 LIMIT %s",
        (limit,),
    ).fetchall()
    if not orders:
        return 0
    ids = [row["id"] for row in orders]
    connection.execute("SELECT id FROM sales_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (ids,))
    skus = connection.execute(
        "SELECT DISTINCT sku FROM backorder WHERE order_id = ANY(%s) AND served_at IS NULL", (ids,)
    ).fetchall()
    left = stock.lock_available(connection, [row["sku"] for row in skus])
    waiting = connection.execute(
        "SELECT id, order_id, sku, warehouse, quantity FROM backorder WHERE order_id = ANY(%s) AND served_at IS NULL"
        " ORDER BY id FOR UPDATE",
        (ids,),
    ).fetchall()
    given = _give(waiting, left)
    takings = [stock.Taking(row["order_id"], row["sku"], row["warehouse"], given[row["id"]])
               for row in waiting if row["id"] in given]  # fmt: skip
    stock.take(connection, trail, takings, reason="back-order served")
    connection.execute(
        "UPDATE backorder SET served_at = CASE WHEN backorder.quantity = new.count THEN now() END,"
        " quantity = CASE WHEN backorder.quantity = new.count THEN new.count ELSE backorder.quantity - new.count END"
        " FROM unnest(%s::bigint[], %s::numeric[]) AS new(id, count) WHERE backorder.id = new.id",
        (list(given), list(given.values())),
    )
    served = {taking.order_id: 0 for taking in takings}
    for order_id in served:
        rows = [("backorder", order_id), ("reservation", order_id)]
        pieces = {taking.sku: taking.quantity for taking in takings if taking.order_id == order_id}
        trail.add("order.backorder_served", f"sales_order/{order_id}", rows, {"pieces": pieces})
    return len(served)


def _give(waiting: Sequence[Mapping[str, Any]], left: dict[tuple[str, str], Decimal]) -> dict[int, Decimal]:
    given = {}
    for row in waiting:
        key = (row["warehouse"], row["sku"])
        count = min(row["quantity"], left.get(key, Decimal(0)))
        if count > 0:
            given[row["id"]] = count
            left[key] -= count
    return given


def lock_short_orders(
    connection: "Connection", *, channel: str, source: str, limit: int, after: int
) -> list[dict[str, Any]]:
    """Lock and return the channel's short orders, oldest first: ``id, document``.

    Left out are orders of which a version waits to be judged or was put aside: a person, or the next judgement, says
    first whether they are still wanted.
    """
    return connection.execute(
        "SELECT id, document FROM sales_order o WHERE channel = %s AND status = 'short' AND id > %s AND NOT EXISTS ("
        " SELECT FROM inbox i WHERE i.source = %s AND i.kind = 'order' AND i.external_id = o.external_id"
        " AND i.state IN ('received', 'put_aside')) ORDER BY id LIMIT %s FOR UPDATE OF o",
        (channel, after, source, limit),
    ).fetchall()


def serve(
    connection: "Connection",
    trail: "Trail",
    served: Mapping[int, tuple[Part, ...]],
    promises: Mapping[int, Mapping[str, Promise]],
) -> None:
    """Accept orders that were short and can be served now: their parts, and what is promised, by order row id."""
    takings = [
        stock.Taking(order_id, sku, part.warehouse, quantity)
        for order_id, parts in served.items()
        for part in parts
        for sku, quantity in part.pieces.items()
    ]
    stock.take(connection, trail, takings, reason="stock came in")
    connection.execute(
        "UPDATE sales_order SET status = 'accepted', hold_reason = NULL, warehouse = new.warehouse"
        " FROM unnest(%s::bigint[], %s::text[]) AS new(id, warehouse) WHERE sales_order.id = new.id",
        (list(served), [parts[0].warehouse for parts in served.values()]),
    )
    write_parts(connection, served, promises)
    for order_id, parts in served.items():
        rows = [(table, order_id) for table in ("sales_order", "reservation", "order_part")]
        if any(part.missing for part in parts):
            rows.append(("backorder", order_id))
        facts = {"warehouse": parts[0].warehouse, "was": "short"}
        trail.add("order.accepted", f"sales_order/{order_id}", rows, facts)
