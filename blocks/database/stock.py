"""Stock: locked in one order, tested and taken in one statement; reservations are an append-only ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Taking:
    """Pieces of one article that one order takes from one warehouse; negative pieces are given back."""

    order_id: int
    sku: str
    warehouse: str
    quantity: Decimal


def lock_available(connection: "Connection", skus: Iterable[str]) -> dict[tuple[str, str], Decimal]:
    """Lock the articles' stock rows until the transaction ends and return what can be promised.

    Every process locks in the order (warehouse, sku), so two can wait for each other but never deadlock.

    Returns:
        Pieces by (warehouse, sku): on hand less reserved; negative when the ERP counted less than is promised.
    """
    rows = connection.execute(
        "SELECT warehouse, sku, on_hand - reserved AS available FROM stock WHERE sku = ANY(%s)"
        " ORDER BY warehouse, sku FOR UPDATE",
        (sorted(set(skus)),),
    )
    return {(row["warehouse"], row["sku"]): row["available"] for row in rows}


def take(connection: "Connection", trail: "Trail", takings: Sequence[Taking], *, reason: str) -> None:
    """Reserve stock, or give it back where the quantity is negative: test and take in one statement.

    One ledger row per taking. The caller has locked the stock rows (``lock_available``) in their one order.

    Raises:
        RuntimeError: Something was no longer available; the whole transaction must be rolled back.
    """
    if not takings:
        return
    wanted: dict[tuple[str, str], Decimal] = {}
    for taking in takings:
        key = (taking.warehouse, taking.sku)
        wanted[key] = wanted.get(key, Decimal(0)) + taking.quantity
    taken = connection.execute(
        "UPDATE stock SET reserved = stock.reserved + wanted.quantity"
        " FROM unnest(%s::text[], %s::text[], %s::numeric[]) AS wanted(warehouse, sku, quantity)"
        " WHERE stock.warehouse = wanted.warehouse AND stock.sku = wanted.sku"
        " AND (wanted.quantity <= 0 OR stock.on_hand - stock.reserved >= wanted.quantity)"
        " RETURNING stock.warehouse, stock.sku",
        ([key[0] for key in wanted], [key[1] for key in wanted], list(wanted.values())),
    ).fetchall()
    if len(taken) != len(wanted):
        raise RuntimeError("Stock that was locked as available could not be taken: the allocation is wrong.")
    with connection.cursor().copy("COPY reservation (order_id, sku, warehouse, quantity, reason) FROM STDIN") as copy:
        for taking in takings:
            copy.write_row((taking.order_id, taking.sku, taking.warehouse, taking.quantity, reason))
    rows = [("stock", f"{row['warehouse']}:{row['sku']}") for row in taken]
    trail.add("stock.reserved", "stock", rows, {"articles": len(taken), "reservations": len(takings)})
