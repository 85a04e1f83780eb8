"""Parts of orders in Postgres: from where each ships, what it waits for, and its sale in the ERP."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.documents.base import canonical_json
from tasks.order_intake.allocation import Part, Promise

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Shipping:
    """One part of a booked order: its warehouse, and pieces by line position (empty: the whole order)."""

    warehouse: str
    lines: Mapping[int, Decimal]


def write_parts(
    connection: "Connection", parts_of: Mapping[int, tuple[Part, ...]], promises: Mapping[int, Mapping[str, Promise]]
) -> None:
    """Write from where orders ship, and what they wait for, by order row id."""
    with connection.cursor().copy("COPY order_part (order_id, part, warehouse, lines) FROM STDIN") as copy:
        for order_id, parts in parts_of.items():
            for number, part in enumerate(parts, 1):
                lines = canonical_json(sorted(part.lines.items())) if part.lines else "[]"
                copy.write_row((order_id, number, part.warehouse, lines))
    missing = [(order_id, part) for order_id, parts in parts_of.items() for part in parts if part.missing]
    if not missing:
        return
    with connection.cursor().copy(
        "COPY backorder (order_id, sku, warehouse, quantity, kind, promised_on) FROM STDIN"
    ) as copy:
        for order_id, part in missing:
            for sku, count in part.missing.items():
                promise = promises[order_id][sku]
                copy.write_row((order_id, sku, part.warehouse, count, promise.kind, promise.on))


def shippings(connection: "Connection", orders: Mapping[int, Mapping[str, Any]]) -> dict[int, list[Shipping]]:
    """Return the parts of orders in their order; an order booked before there were parts is one part."""
    found: dict[int, list[Shipping]] = {}
    for row in connection.execute(
        "SELECT order_id, warehouse, lines FROM order_part WHERE order_id = ANY(%s) ORDER BY order_id, part",
        (list(orders),),
    ):
        lines = {int(position): Decimal(str(count)) for position, count in json.loads(row["lines"])}
        found.setdefault(row["order_id"], []).append(Shipping(row["warehouse"], lines))
    return {key: found.get(key) or [Shipping(str(order["warehouse"]), {})] for key, order in orders.items()}


def book_erp_numbers(
    connection: "Connection", numbers: Sequence[tuple[int, int, str]]
) -> tuple[list[int], list[tuple[str, object]]]:
    """Write the ERP's sale numbers at the parts of orders; an order is in the ERP when all its parts are.

    The orders are locked first: of two that book the last two parts at once, one sees that both are in.

    Args:
        connection: An audited transaction's connection.
        numbers: Order row id, part and sale number.

    Returns:
        The row ids of the orders that are in the ERP now, and the audited rows that changed.
    """
    ids = sorted({order_id for order_id, _, _ in numbers})
    connection.execute("SELECT id FROM sales_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (ids,))
    written = connection.execute(
        "UPDATE order_part SET erp_number = new.number FROM unnest(%s::bigint[], %s::int[], %s::text[])"
        " AS new(order_id, part, number) WHERE order_part.order_id = new.order_id AND order_part.part = new.part"
        " RETURNING order_part.order_id",
        tuple(list(column) for column in zip(*numbers, strict=True)),
    ).fetchall()
    alone = {order_id: number for order_id, part, number in numbers if part == 1}
    complete = connection.execute(
        "UPDATE sales_order o SET erp_number = coalesce((SELECT string_agg(p.erp_number, ', ' ORDER BY p.part)"
        " FROM order_part p WHERE p.order_id = o.id), new.number)"
        " FROM unnest(%s::bigint[], %s::text[]) AS new(id, number) WHERE o.id = new.id AND NOT EXISTS"
        " (SELECT FROM order_part p WHERE p.order_id = o.id AND p.erp_number IS NULL) RETURNING o.id",
        (ids, [alone.get(order_id) for order_id in ids]),
    ).fetchall()
    done = [row["id"] for row in complete]
    rows = [("order_part", row["order_id"]) for row in written]
    return done, [*rows, *(("sales_order", order_id) for order_id in done)]
