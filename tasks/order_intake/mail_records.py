"""What a mail about an order needs from Postgres: the order as it stands, and what was promised of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from blocks.documents.orders import Order

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Accepted:
    """One order as it stands now.

    Attributes:
        order: The order.
        status: Its row's status, e.g. 'accepted'.
        warehouses: Where it ships from.
        missing: For each article sold beyond stock, when it comes in; None when nobody knows.
    """

    order: Order
    status: str
    warehouses: tuple[str, ...]
    missing: tuple[date | None, ...]


def accepted_orders(connection: "Connection", order_ids: Sequence[int]) -> dict[int, Accepted]:
    """Return orders by their row ids."""
    rows = connection.execute(
        "SELECT o.id, o.document, o.status, coalesce((SELECT array_agg(p.warehouse ORDER BY p.part) FROM order_part p"
        " WHERE p.order_id = o.id), array_remove(ARRAY[o.warehouse], NULL)) AS warehouses,"
        " coalesce((SELECT array_agg(b.promised_on) FROM backorder b WHERE b.order_id = o.id"
        " AND b.served_at IS NULL), '{}') AS missing FROM sales_order o WHERE o.id = ANY(%s)",
        (list(order_ids),),
    )
    return {
        row["id"]: Accepted(
            Order.model_validate_json(row["document"]), row["status"], tuple(row["warehouses"]), tuple(row["missing"])
        )
        for row in rows
    }
