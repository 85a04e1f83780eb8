"""Packs: stock is kept of the single article, so orders need and reserve its pieces. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from blocks.documents.orders import Component, Order
from blocks.documents.stock_rules import Pack

PLACES = Decimal("0.0001")


def in_singles(parts: tuple[Component, ...], packs: Mapping[str, Pack]) -> tuple[Component, ...]:
    """Return the parts with pieces of the single article where a part is a pack; the very same when none is."""
    if not any(part.sku in packs for part in parts):
        return parts
    return tuple(_single(part, packs[part.sku]) if part.sku in packs else part for part in parts)


def _single(part: Component, pack: Pack) -> Component:
    return Component(sku=pack.of, quantity=(part.quantity * pack.pieces).quantize(PLACES))


def order_in_singles(order: Order, packs: Mapping[str, Pack]) -> Order:
    """Return the order with the packs among the parts that it names itself as pieces of their single articles."""
    if not any(part.sku in packs for line in order.lines for part in line.components):
        return order
    lines = (line.model_copy(update={"components": in_singles(line.components, packs)}) for line in order.lines)
    return order.model_copy(update={"lines": tuple(lines)})
