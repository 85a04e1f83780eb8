"""The order desk: settings of a phone or store desk, and the pure translation of what was entered there."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import Field

from blocks.documents import pricing
from blocks.documents.money import Amount, Rate
from blocks.documents.orders import Charge, ChargeKind, Order, OrderLine, OrderStatus, PaymentStatus, PriceDisplay
from blocks.documents.parties import CountryCode
from blocks.documents.pricing import ListPrice, Pair
from blocks.errors import Defect, Unreadable
from blocks.systems.desks.contract import Desk
from blocks.systems.desks.entries import EnteredLine, Entry, Listed, read_entry

if TYPE_CHECKING:
    from blocks.database.inbox import Delivery

EXEMPT = "exempt"
"""The tax category of articles that bear no tax anywhere."""


class OrderDesk(Desk):
    """A desk at which people enter orders that come by phone, by letter or over the counter.

    Prices are those of a channel's articles, taxes follow from their tax categories and the country the goods go to.

    Example:
        >>> desk = OrderDesk.load("phone")
    """

    _block_type_name = "Order Desk"
    _block_type_slug = "order-desk"
    _description = "A desk where orders are entered by a form: by phone, by letter, in a store."

    assortment: str = Field(
        min_length=1, description="The channel whose articles and prices are sold here, e.g. berlin; master data knows."
    )
    channel: str = Field(default="", description="The channel its orders belong to; empty: named as the desk is.")
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$", description="Currency of the price list (ISO 4217).")
    prices_include_tax: bool = Field(default=True, description="Whether the price list's prices include tax.")
    country: CountryCode = Field(default="DE", description="Where the desk is: taxes of goods that are not shipped.")
    tax_rates: dict[CountryCode, dict[str, Rate]] = Field(
        description="Per cent by country and tax category as the articles name it, e.g. "
        '{"DE": {"Standard": 19, "Reduced": 7}}. Orders to a country that is missing here are put aside.',
    )
    shipping_charges: dict[str, Amount] = Field(
        default_factory=dict,
        description="Charge of each shipping method, with or without tax as the price list's; missing ones are free.",
    )
    shipping_tax_category: str = Field(default="Standard", description="The tax category of the shipping charge.")
    payment_methods: dict[str, str] = Field(
        default_factory=dict,
        description='What people enter for each payment method and what SOMS calls it, e.g. {"invoice": "invoice"}. '
        "An order with a method missing here is put aside, never guessed.",
    )
    shipping_methods: dict[str, str] = Field(
        default_factory=dict,
        description='What people enter for each shipping method and what SOMS calls it, e.g. {"parcel": "parcel"}.',
    )
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's zone: an order's day is a day there.")
    sends_confirmation_mail: bool = Field(
        default=False, description="Switch on where customers get a confirmation on paper: SOMS then writes no mail."
    )

    def read_order(self, received: "Delivery", channel: str) -> Order:
        """Translate one entry. Raises Unreadable with every defect found. Touches no network."""
        entry = read_entry(received.body)
        defects = tuple(self._defects(entry))
        if defects:
            raise Unreadable(f"The entry makes no order: {len(defects)} defect(s).", reasons=defects)
        display = PriceDisplay.NET if entry.business else PriceDisplay.GROSS
        lines = tuple(self._line(number, line, entry, display) for number, line in enumerate(entry.lines, 1))
        charges = tuple(self._charges(entry, display))
        return Order(
            channel=channel,
            external_id=entry.id,
            number=entry.id,
            placed_at=entry.entered_at,
            changed_at=entry.entered_at,
            status=OrderStatus.NEW,
            payment_status=PaymentStatus.PAID if entry.paid else PaymentStatus.PENDING,
            currency=self.currency,
            display_currency=self.currency,
            price_display=display,
            customer=entry.customer,
            billing_address=entry.billing_address,
            shipping_address=None if entry.handed_over else entry.shipping_address,
            payment_method=entry.payment_method,
            shipping_method="" if entry.handed_over else entry.shipping_method,
            lines=lines,
            charges=charges,
            totals=pricing.totals(lines, charges, display),
            purchase_order_number=entry.purchase_order_number,
            comment=entry.comment,
        )

    def _defects(self, entry: Entry) -> Iterator[Defect]:
        country, again = self._taxed_in(entry), "Then enter the order again under the same number."
        if not entry.lines:
            yield Defect("lines", "The order has no lines.", f"Ask what was ordered. {again}")
        for number, sku in entry.unpriced():
            text = f"Article {sku} has no price in the list of channel '{self.assortment}'."
            remedy = f"Correct the article's number, or run master_data if it is new. {again}"
            yield Defect(f"lines[{number}].sku", text, remedy)
        if country not in self.tax_rates:
            text = f"No tax rates are set up for goods that go to {country}."
            yield Defect("shipping_address.country", text, f"Add the country to the desk's block. {again}")
            return
        categories = {listed.tax_category for listed in entry.prices.values() if listed.price is not None}
        categories |= {self.shipping_tax_category} if self._charged(entry) else set()
        for category in sorted(categories - self.tax_rates[country].keys() - {EXEMPT}):
            text = f"No rate of tax category '{category}' is set up for {country}."
            yield Defect("lines", text, f"Add the category to the desk's block. {again}")

    def _taxed_in(self, entry: Entry) -> str:
        address = None if entry.handed_over else entry.shipping_address
        return (address.country if address else None) or self.country

    def _rate(self, category: str, entry: Entry) -> Decimal:
        return Decimal(0) if category == EXEMPT else self.tax_rates[self._taxed_in(entry)][category]

    def _line(self, number: int, line: EnteredLine, entry: Entry, display: PriceDisplay) -> OrderLine:
        listed = entry.prices[line.sku]
        rate = self._rate(listed.tax_category, entry)
        full = pricing.seen(self._list_price(listed, rate), display)
        gross = display is PriceDisplay.GROSS
        agreed = line.price is not None and line.price != (full.gross if gross else full.net)
        unit = full if line.price is None else pricing.seen(ListPrice(line.price, gross, rate), display)
        total = pricing.times(unit, line.quantity, rate, display)
        saved = _saved(full, unit, line.quantity)
        return OrderLine(
            external_id=str(number),
            sku=line.sku,
            name=listed.name,
            variant=listed.variant,
            quantity=line.quantity,
            unit_net=unit.net,
            unit_gross=unit.gross,
            net=total.net,
            gross=total.gross,
            discount_net=saved.net,
            discount_gross=saved.gross,
            tax_rate=rate,
            agreed_price=agreed,
        )

    def _list_price(self, listed: Listed, rate: Decimal) -> ListPrice:
        return ListPrice(listed.price or Decimal(0), self.prices_include_tax, rate)

    def _charged(self, entry: Entry) -> Decimal:
        return Decimal(0) if entry.handed_over else self.shipping_charges.get(entry.shipping_method, Decimal(0))

    def _charges(self, entry: Entry, display: PriceDisplay) -> Iterator[Charge]:
        amount = self._charged(entry)
        if amount:
            price = ListPrice(amount, self.prices_include_tax, self._rate(self.shipping_tax_category, entry))
            yield pricing.charge(ChargeKind.SHIPPING, price, display)


def _saved(full: Pair, unit: Pair, quantity: Decimal) -> Pair:
    """Return by how much a line is cheaper than at list prices; nothing when it is dearer."""
    nothing = Decimal(0)
    return Pair(max((full.net - unit.net) * quantity, nothing), max((full.gross - unit.gross) * quantity, nothing))
