"""The same order from another source of its channel, e.g. from the shop and in a file. Pure.

Sources say more or less of an order, and name methods, customers and lines in their own ways. So only what every
source has to say is compared, and of the rest what both of them say: what one leaves out is no difference.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from blocks.documents.money import to_cents
from blocks.documents.orders import Order, OrderStatus
from blocks.documents.parties import Address
from blocks.documents.verdicts import Fault

CENT = Decimal("0.01")


def disagreements(booked: Order, other: Order) -> tuple[str, ...]:
    """Return the places at which two sources contradict each other about one order; empty when it is the same order."""
    return tuple(_disagreements(booked, other))


def _disagreements(booked: Order, other: Order) -> Iterator[str]:
    for name in ("currency", "price_display"):
        if getattr(booked, name) != getattr(other, name):
            yield name
    if _goods(booked) != _goods(other):
        yield "lines"
    if abs(booked.totals.total - other.totals.total) > CENT:
        yield "totals.total"
    for name in ("billing_address", "shipping_address"):
        yield from _contradictions(name, getattr(booked, name), getattr(other, name))
    if other.status is OrderStatus.CANCELLED and booked.status is not OrderStatus.CANCELLED:
        yield "status"


def _goods(order: Order) -> Counter[tuple[str, Decimal, Decimal]]:
    """Return pieces and amounts by article and rate: lines may be cut differently."""
    goods: Counter[tuple[str, Decimal, Decimal]] = Counter()
    sums: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for line in order.lines:
        key = line.sku.casefold(), line.tax_rate
        pieces, gross = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = pieces + line.quantity, gross + line.gross
    for (sku, rate), (pieces, gross) in sums.items():
        goods[f"{sku} at {rate.normalize()}", pieces.normalize(), to_cents(gross)] += 1
    return goods


def _contradictions(place: str, booked: Address | None, other: Address | None) -> Iterator[str]:
    if booked is None or other is None:
        return
    for name in ("last_name", "company", "street", "postal_code", "city", "country"):
        first, second = getattr(booked, name) or "", getattr(other, name) or ""
        if first and second and " ".join(first.casefold().split()) != " ".join(second.casefold().split()):
            yield f"{place}.{name}"


def contradiction(places: tuple[str, ...], source: str) -> Fault:
    """Return the reason to put a record aside that contradicts what another source said of the order."""
    return Fault(
        rule="ORD-SOURCES",
        place=", ".join(places),
        text=f"The order was booked from {source} already, which says otherwise at {', '.join(places)}.",
        remedy="Find out which is right: reject this record, or release it so that it counts as the newer version.",
    )
