"""What an order comes to at list prices, reckoned the way shops do. Pure.

Method: the price the customer sees is in whole cents, its other side (net or gross) is kept to four places; a line is
its seen unit price times its quantity; tax is summed per rate and rounded once, the total is rounded once, half away
from zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from blocks.documents.money import to_cents
from blocks.documents.orders import Charge, ChargeKind, OrderLine, PriceDisplay, TaxAmount, Totals

FOUR_PLACES = Decimal("0.0001")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A price as a price list states it."""

    amount: Decimal
    includes_tax: bool
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Pair:
    """An amount without and with tax."""

    net: Decimal
    gross: Decimal


def seen(price: ListPrice, display: PriceDisplay) -> Pair:
    """Return a list price as a customer sees it: the seen side in whole cents, the other to four places."""
    factor = 1 + price.rate / 100
    if display is PriceDisplay.GROSS:
        gross = to_cents(price.amount if price.includes_tax else price.amount * factor)
        return Pair(_stored(gross / factor), gross)
    net = to_cents(price.amount / factor if price.includes_tax else price.amount)
    return Pair(net, _stored(net * factor))


def times(unit: Pair, quantity: Decimal, rate: Decimal, display: PriceDisplay) -> Pair:
    """Return the price of several pieces, from the unit price the customer sees."""
    factor = 1 + rate / 100
    if display is PriceDisplay.GROSS:
        return Pair(_stored(unit.gross * quantity / factor), _stored(unit.gross * quantity))
    return Pair(_stored(unit.net * quantity), _stored(unit.net * quantity * factor))


def charge(kind: ChargeKind, price: ListPrice, display: PriceDisplay) -> Charge:
    """Return a charge at a list price."""
    pair = seen(price, display)
    return Charge(kind=kind, net=pair.net, gross=pair.gross, tax_rate=price.rate)


def totals(lines: Sequence[OrderLine], charges: Sequence[Charge], display: PriceDisplay) -> Totals:
    """Add an order up that has no discounts but those in its lines."""
    exact: dict[Decimal, Decimal] = {}
    for rate, net, gross in [
        *((line.tax_rate, line.net, line.gross) for line in lines),
        *((each.tax_rate, each.net, each.gross) for each in charges),
    ]:
        exact[rate] = exact.get(rate, NOTHING) + gross - net
    taxes = tuple(TaxAmount(rate=rate, amount=to_cents(tax)) for rate, tax in sorted(exact.items(), reverse=True))
    goods = Pair(sum((line.net for line in lines), NOTHING), sum((line.gross for line in lines), NOTHING))
    tax = sum((each.amount for each in taxes), NOTHING)
    if display is PriceDisplay.GROSS:
        total = goods.gross + sum((each.gross for each in charges), NOTHING)
    else:
        total = goods.net + sum((each.net for each in charges), NOTHING) + tax
    return Totals(goods_net=goods.net, goods_gross=goods.gross, tax=tax, taxes=taxes, total=to_cents(total))


def _stored(amount: Decimal) -> Decimal:
    return amount.quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)
