"""The sums of an order, worked out as the shop does: nets at four decimals, tax per rate at two.

Rounding is half away from zero. Every amount is computed from the amounts as they are stored, so that whoever
recomputes an order from what the API shows comes to the same cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from deployments.sandbox.catalogue import Item

CENT, FOUR = Decimal("0.01"), Decimal("0.0001")
NOTHING = Decimal("0.0000")


def to(amount: Decimal, step: Decimal) -> Decimal:
    """Round to a step, half away from zero."""
    return amount.quantize(step, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Pair:
    """An amount without and with tax."""

    net: Decimal = NOTHING
    gross: Decimal = NOTHING

    @property
    def tax(self) -> Decimal:
        """Return the tax in it."""
        return self.gross - self.net


@dataclass(frozen=True, slots=True)
class Line:
    """One priced order line."""

    item: Item
    quantity: int
    rate: Decimal
    unit: Pair
    total: Pair
    discount: Pair


@dataclass(frozen=True, slots=True)
class Terms:
    """How an order is priced.

    Attributes:
        net_display: Prices are agreed net and tax comes on top (B2B).
        untaxed: The goods leave the tax area.
    """

    net_display: bool = False
    untaxed: bool = False

    def rate(self, home: Decimal) -> Decimal:
        """Return the rate that applies to goods of a home rate."""
        return Decimal(0) if self.untaxed else home

    def pair(self, gross: Decimal, home: Decimal, share: Decimal = Decimal(1)) -> Pair:
        """Return the agreed price for a catalogue price; the displayed one of the two is in whole cents."""
        factor = 1 + self.rate(home) / 100
        if self.untaxed or self.net_display:
            net = to(gross / (1 + home / 100) * share, CENT)
            return Pair(to(net, FOUR), to(net * factor, FOUR))
        agreed = to(gross * share, CENT)
        return Pair(to(agreed / factor, FOUR), to(agreed, FOUR))

    def times(self, unit: Pair, quantity: int, rate: Decimal) -> Pair:
        """Return the price of several pieces, reckoned from the displayed unit price."""
        factor = 1 + rate / 100
        if self.net_display:
            return Pair(unit.net * quantity, to(unit.net * quantity * factor, FOUR))
        return Pair(to(unit.gross * quantity / factor, FOUR), unit.gross * quantity)


def price_line(item: Item, quantity: int, terms: Terms, discount: Decimal) -> Line:
    """Price one line; ``discount`` is the line's own rebate in per cent."""
    rate = terms.rate(item.tax_rate)
    full, unit = terms.pair(item.price, item.tax_rate), terms.pair(item.price, item.tax_rate, 1 - discount / 100)
    total = terms.times(unit, quantity, rate)
    saved = Pair((full.net - unit.net) * quantity, (full.gross - unit.gross) * quantity)
    return Line(item, quantity, rate, unit, total, saved)


@dataclass(frozen=True, slots=True)
class Sums:
    """What an order comes to; all amounts in the shop's primary currency."""

    goods: Pair
    discount: Pair
    taxes: tuple[tuple[Decimal, Decimal], ...]
    tax: Decimal
    rounding: Decimal
    total: Decimal

    @property
    def tax_rates(self) -> str:
        """Return the taxes in the shop's notation, such as ``19:15.97;   7:0.65;   ``."""
        return "".join(f"{rate.normalize():f}:{amount:f};   " for rate, amount in self.taxes)


def add_up(
    lines: Sequence[Line],
    charges: Sequence[tuple[Pair, Decimal]],
    terms: Terms,
    *,
    discount_net: Decimal = NOTHING,
    deducted: Decimal = NOTHING,
    swiss_rate: Decimal | None = None,
) -> Sums:
    """Add an order up.

    Args:
        lines: The priced lines.
        charges: Shipping and fees, each with its tax rate.
        terms: How the order is priced.
        discount_net: Discount on the subtotal without tax; it takes each rate's tax along in proportion.
        deducted: What is taken off after tax: order discount and credits.
        swiss_rate: Exchange rate when the customer pays CHF, whose total is rounded to 0.05.
    """
    goods = Pair(sum((line.total.net for line in lines), NOTHING), sum((line.total.gross for line in lines), NOTHING))
    share = discount_net / goods.net if goods.net else Decimal(0)
    exact: dict[Decimal, Decimal] = {}
    for line in lines:
        exact[line.rate] = exact.get(line.rate, NOTHING) + line.total.tax
    discount = Pair(discount_net, to(discount_net + sum(tax * share for tax in exact.values()), FOUR))
    exact = {rate: tax - tax * share for rate, tax in exact.items()}
    for amount, rate in charges:
        if amount.net:
            exact[rate] = exact.get(rate, NOTHING) + amount.tax
    taxes = tuple((rate, to(tax, CENT)) for rate, tax in sorted(exact.items(), reverse=True))
    tax = sum((amount for _, amount in taxes), Decimal("0.00"))
    side = "net" if terms.net_display else "gross"
    total = getattr(goods, side) - getattr(discount, side) + sum(getattr(amount, side) for amount, _ in charges)
    total = to(total + (tax if terms.net_display else 0) - deducted, CENT)
    rounding = Decimal("0.00")
    if swiss_rate is not None:
        shown = to(total * swiss_rate / 5, CENT) * 5
        rounding = to(shown / swiss_rate, CENT) - total
    return Sums(goods, discount, taxes, tax, rounding, total + rounding)
