"""Stock that has come in goes to those who wait: to back-orders, then to orders that were held short."""

from typing import TYPE_CHECKING

from blocks.database import inbox
from blocks.documents.orders import Order
from tasks.order_intake import records
from tasks.order_intake.allocation import Shelf, demand
from tasks.order_intake.judging import KIND, known_for, put_sales_due
from tasks.order_intake.waiting import available, lock_short_orders, serve, serve_backorders

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database
    from blocks.systems.sources import OrderSource
    from tasks.order_intake.judging import Route

MOST_BACKORDERS = 1000
"""Orders whose back-orders are served in one transaction."""


def serve_waiting(database: "Database", actor: "Actor", shop: "OrderSource", route: "Route", *, batch: int) -> int:
    """Give what has come in to those who wait, oldest first; returns how many short orders were served.

    Back-orders of all channels are served in a transaction of their own: orders are locked before stock, so whoever
    holds stock must not go on to lock the short ones.
    """
    with database.audited(actor) as (connection, trail):
        serve_backorders(connection, trail, limit=MOST_BACKORDERS)
    served = after = 0
    while True:
        with database.audited(actor) as (connection, trail):
            count, after = serve_short(connection, trail, shop, route, limit=batch, after=after)
        served += count
        if not after:
            return served


def serve_short(
    connection: "Connection", trail: "Trail", shop: "OrderSource", route: "Route", *, limit: int, after: int = 0
) -> tuple[int, int]:
    """Serve up to ``limit`` of a channel's short orders, oldest first, with what is there.

    Returns:
        How many were served, and the row id after which to go on; 0 when none is left.
    """
    inbox.hold_source(connection, source=f"channel/{route.channel}", kind=KIND)
    short = lock_short_orders(connection, channel=route.channel, source=route.source, limit=limit, after=after)
    if not short:
        return 0, 0
    orders = {row["id"]: Order.model_validate_json(row["document"]) for row in short}
    known = known_for(connection, shop, route, orders.values())
    wanted = {order_id: demand(order, known) for order_id, order in orders.items()}
    there = available(connection, {sku for needs in wanted.values() for sku in needs.pieces})
    policy = known.rules.allocation
    shelf = Shelf(there, policy.preferred(records.warehouses(connection, route.channel)), policy)
    served = {order_id: parts for order_id, needs in wanted.items() if (parts := shelf.serve(needs))}
    if served:
        serve(connection, trail, served, {order_id: wanted[order_id].beyond for order_id in served})
        accepted = {orders[order_id].external_id: (order_id, len(parts)) for order_id, parts in served.items()}
        put_sales_due(connection, trail, shop, route, accepted, again=True)
    return len(served), short[-1]["id"] if len(short) == limit else 0
