"""Which warehouse an order ships from. Pure: demands and availability in, a warehouse per order out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from blocks.documents.base import plain_decimal
from blocks.documents.orders import Order
from tasks.order_intake.rules import KnownMaster


@dataclass(frozen=True, slots=True)
class Demand:
    """What one order needs from stock: pieces per article, bundles broken up into their parts."""

    order: str
    pieces: Mapping[str, Decimal]


def demand(order: Order, known: KnownMaster) -> Demand:
    """Return what the order needs; articles without managed stock (services, downloads) need nothing.

    What master data does not know (any more) is needed too: it cannot be had, and the order is held short.
    """
    pieces: dict[str, Decimal] = {}
    for line in order.lines:
        article = known.articles.get(line.sku)
        parts = line.components or (article.components if article else ())
        needs = [(part.sku, part.quantity * line.quantity) for part in parts] or [(line.sku, line.quantity)]
        for sku, quantity in needs:
            if sku not in known.articles or known.articles[sku].stock_managed:
                pieces[sku] = pieces.get(sku, Decimal(0)) + quantity
    return Demand(order.external_id, pieces)


def allocate(
    demands: Sequence[Demand], available: Mapping[tuple[str, str], Decimal], warehouses: Sequence[str]
) -> dict[str, str | None]:
    """Give each order, first come first served, the first warehouse that has all of it; None when none has.

    Args:
        demands: In the order in which the orders are served.
        available: Pieces that can be promised, by (warehouse, SKU).
        warehouses: Warehouse codes in the merchant's order of preference.

    Returns:
        Warehouse by order. An order without demand gets the first warehouse.
    """
    left = dict(available)
    chosen: dict[str, str | None] = {}
    for wanted in demands:
        chosen[wanted.order] = next((house for house in warehouses if _has_all(left, house, wanted)), None)
        house = chosen[wanted.order]
        if house is not None:
            for sku, quantity in wanted.pieces.items():
                left[house, sku] -= quantity
    return chosen


def _has_all(left: Mapping[tuple[str, str], Decimal], warehouse: str, wanted: Demand) -> bool:
    return all(left.get((warehouse, sku), Decimal(0)) >= quantity for sku, quantity in wanted.pieces.items())


def shortage(wanted: Demand, available: Mapping[tuple[str, str], Decimal], warehouses: Sequence[str]) -> str:
    """Return in one sentence why no warehouse could serve the order alone."""
    best = {
        sku: max((available.get((house, sku), Decimal(0)) for house in warehouses), default=Decimal(0))
        for sku in wanted.pieces
    }
    short = [
        f"{sku}: {plain_decimal(quantity)} wanted, {plain_decimal(max(best[sku], Decimal(0)))} there"
        for sku, quantity in wanted.pieces.items()
        if best[sku] < quantity
    ]
    if short:
        return "Not enough stock in any one warehouse (" + "; ".join(sorted(short)) + ")."
    return "No single warehouse has every article of this order."
