"""What a confirmation says: every line, sum, tax, address and date of an order, as the customer saw it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from blocks.documents.base import plain_decimal
from blocks.documents.orders import Charge, Order, OrderLine, PriceDisplay
from blocks.documents.parties import Address
from tasks.order_intake.wording import Wording

PICKUP = "pickup"
"""The merchant's own name of the shipping method by which customers fetch their goods."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the order, ready to be read."""

    name: str
    details: str
    sku: str
    quantity: str
    unit_price: str
    amount: str
    discount: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One line below the goods; ``weight`` is 'plain', 'total' or 'note'."""

    label: str
    amount: str
    weight: str = "plain"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """All that the templates show; nothing in it needs to be computed or put into words any more."""

    number: str
    own_number: str
    placed_on: str
    name: str
    items: tuple[Item, ...]
    sums: tuple[Sum, ...]
    exchange: str
    billing: tuple[str, ...]
    shipping: tuple[str, ...]
    payment: str
    shipping_method: str
    delivery_label: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a confirmation needs beside the order: the merchant's names of methods, the zone, the date."""

    payment_methods: Mapping[str, str]
    shipping_methods: Mapping[str, str]
    zone: str
    delivery: date | None


def confirmation(order: Order, terms: Terms, wording: Wording) -> Confirmation:
    """Put an order into words."""
    words = wording.words["confirmation"]
    method = terms.shipping_methods.get(order.shipping_method, order.shipping_method)
    paid_by = terms.payment_methods.get(order.payment_method, order.payment_method)
    shown = _Shown(order, wording)
    delivered = order.shipping_address is not None
    return Confirmation(
        number=order.number,
        own_number=order.purchase_order_number,
        placed_on=wording.date(order.placed_at.astimezone(ZoneInfo(terms.zone)).date()),
        name=_person(order),
        items=tuple(shown.item(line) for line in order.lines),
        sums=tuple(shown.sums()),
        exchange=shown.exchange(),
        billing=_lines(order.billing_address, wording),
        shipping=_lines(order.shipping_address, wording),
        payment=wording.named("payment_methods", paid_by),
        shipping_method=wording.named("shipping_methods", method) if delivered else "",
        delivery_label=words["collection" if method == PICKUP else "delivery"] if delivered else "",
        delivery=wording.date(terms.delivery) if delivered and terms.delivery else "",
    )


def _person(order: Order) -> str:
    address = order.billing_address or Address()
    return f"{address.first_name} {address.last_name}".strip() or order.customer.name


def _lines(address: Address | None, wording: Wording) -> tuple[str, ...]:
    if address is None:
        return ()
    lines = (
        address.company,
        f"{address.first_name} {address.last_name}".strip(),
        address.street,
        address.street_extra,
        f"{address.postal_code} {address.city}".strip(),
        address.state,
        wording.named("countries", address.country or ""),
    )
    return tuple(line for line in lines if line)


class _Shown:
    """The amounts of one order as its customer saw them: gross or net, in the currency they were shown."""

    def __init__(self, order: Order, wording: Wording) -> None:
        self._order, self._wording, self._words = order, wording, wording.words["confirmation"]
        self._gross = order.price_display is PriceDisplay.GROSS

    def money(self, amount: Decimal) -> str:
        shown = amount * self._order.exchange_rate
        return self._wording.amount(shown, self._order.display_currency)

    def item(self, line: OrderLine) -> Item:
        discount = line.discount_gross if self._gross else line.discount_net
        return Item(
            name=line.name or line.sku,
            details=line.variant,
            sku=line.sku,
            quantity=self._wording.number(line.quantity),
            unit_price=self.money(line.unit_gross if self._gross else line.unit_net),
            amount=self.money(line.gross if self._gross else line.net),
            discount=self._words["line_discount"].format(amount=self.money(discount)) if discount else "",
        )

    def sums(self) -> Iterator[Sum]:
        totals, gross = self._order.totals, self._gross
        goods = totals.goods_gross if gross else totals.goods_net
        discount = totals.discount_gross if gross else totals.discount_net
        beside = [(self._words["discount"], -discount), *self._charges()]
        after = [
            (self._words["order_discount"], -totals.order_discount),
            (self._words["credits"], -totals.credits),
            (self._words["rounding"], totals.rounding),
        ]
        yield Sum(self._words["goods"], self.money(goods))
        yield from (Sum(label, self.money(amount)) for label, amount in beside if amount)
        if not gross:
            yield Sum(self._words["net"], self.money(goods + sum(amount for _, amount in beside)))
            yield from self._taxes("tax", "plain")
        yield from (Sum(label, self.money(amount)) for label, amount in after if amount)
        yield Sum(self._words["total"], self.money(totals.total), "total")
        if gross:
            yield from self._taxes("tax_within", "note")
        if not totals.tax:
            yield Sum(self._words["no_tax"], "", "note")

    def _charges(self) -> Iterator[tuple[str, Decimal]]:
        for charge in self._order.charges:
            yield self._wording.named("charges", charge.kind), self._of(charge)

    def _of(self, charge: Charge) -> Decimal:
        return charge.gross if self._gross else charge.net

    def _taxes(self, word: str, weight: str) -> Iterator[Sum]:
        for tax in self._order.totals.taxes:
            if tax.amount:
                label = self._words[word].format(rate=self._wording.per_cent(tax.rate))
                yield Sum(label, self.money(tax.amount), weight)

    def exchange(self) -> str:
        """Return how amounts were converted, with what will be charged; empty when nothing was converted."""
        order = self._order
        if order.display_currency == order.currency:
            return ""
        charged = self._wording.amount(order.totals.total, order.currency)
        rate = plain_decimal(order.exchange_rate).replace(".", self._wording.words["formats"]["decimal"])
        return str(
            self._words["exchange_rate"].format(
                base=order.currency, rate=rate, shown=order.display_currency, total=charged
            )
        )
