"""Orders that are right to the cent, to be spoilt one field at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from blocks.documents.money import to_cents
from blocks.documents.orders import (
    Charge,
    ChargeKind,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    PriceDisplay,
    TaxAmount,
    Totals,
)
from blocks.documents.parties import Address, Customer
from tasks.order_intake.rules import KnownArticle, KnownMaster, expected_taxes, expected_total

STORED = Decimal("0.0001")
PLACED = datetime(2026, 8, 21, 10, 11, 12, tzinfo=UTC)
ADDRESS = Address(
    first_name="Jörg", last_name="Weiß", street="Domstraße 1", postal_code="50668", city="Köln", country="DE"
)


def a_line(
    sku: str, quantity: int | Decimal, price: str | Decimal, rate: int | Decimal = 19, **changes: Any
) -> OrderLine:
    """Return a line at a gross price per piece; net amounts are kept to 4 places, as shops store them."""
    gross, pieces, share = Decimal(price), Decimal(quantity), 1 + Decimal(rate) / 100
    fields = {
        "external_id": f"line-{sku}",
        "sku": sku,
        "name": f"Article {sku}",
        "quantity": pieces,
        "unit_gross": gross,
        "unit_net": (gross / share).quantize(STORED),
        "gross": gross * pieces,
        "net": (gross * pieces / share).quantize(STORED),
        "tax_rate": Decimal(rate),
    }
    return OrderLine.model_validate({**fields, **changes})


def a_net_line(sku: str, quantity: int, price: str | Decimal, rate: int = 19) -> OrderLine:
    """Return a line at a net price per piece; gross amounts are kept to 4 places."""
    net, share = Decimal(price), 1 + Decimal(rate) / 100
    gross = {"unit_gross": (net * share).quantize(STORED), "gross": (net * quantity * share).quantize(STORED)}
    return a_line(sku, quantity, Decimal(1), rate, unit_net=net, net=net * quantity, **gross)


def shipping(gross: str | Decimal = "4.90", rate: int = 19) -> Charge:
    """Return a shipping charge at a gross price."""
    net = (Decimal(gross) / (1 + Decimal(rate) / 100)).quantize(STORED)
    return Charge(kind=ChargeKind.SHIPPING, net=net, gross=Decimal(gross), tax_rate=Decimal(rate))


LINES = (a_line("LAMP", 2, "47.55"), a_line("BOOK", 1, "12.80", 7))


def an_order(
    *, lines: Sequence[OrderLine] = LINES, charges: Sequence[Charge] = (shipping(),), amounts: Any = (), **changes: Any
) -> Order:
    """Return an order whose sums follow from its lines and charges; ``amounts`` are discounts, credits and rounding."""
    goods = {
        "goods_net": sum((line.net for line in lines), Decimal(0)),
        "goods_gross": sum((line.gross for line in lines), Decimal(0)),
    }
    fields: dict[str, Any] = {
        "channel": "berlin",
        "external_id": "4711",
        "number": "4711",
        "placed_at": PLACED,
        "changed_at": PLACED,
        "status": OrderStatus.NEW,
        "payment_status": PaymentStatus.PAID,
        "currency": "EUR",
        "display_currency": "EUR",
        "price_display": PriceDisplay.GROSS,
        "customer": Customer(external_id="88", name="Jörg Weiß", email="joerg@example.com"),
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "payment_method": "Payments.Prepayment",
        "shipping_method": "Parcel",
        "lines": tuple(lines),
        "charges": tuple(charges),
        "totals": Totals(**goods, **dict(amounts), tax=Decimal(0), total=Decimal(0)),
    }
    order = Order.model_validate({**fields, **changes})
    return order if "totals" in changes else summed(order)


def summed(order: Order) -> Order:
    """Return the order with the taxes and the total a shop would have stated, rounded once each."""
    taxes = tuple(TaxAmount(rate=rate, amount=to_cents(tax)) for rate, tax in sorted(expected_taxes(order).items()))
    order = with_totals(order, taxes=taxes, tax=sum((tax.amount for tax in taxes), Decimal(0)))
    return with_totals(order, total=to_cents(expected_total(order)))


def with_totals(order: Order, **changes: Any) -> Order:
    """Return the order with other stated sums."""
    return order.model_copy(update={"totals": order.totals.model_copy(update=changes)})


def a_business_order() -> Order:
    """Return a B2B order at net prices."""
    lines = (a_net_line("LAMP", 3, "39.90"), a_net_line("BOOK", 10, "11.15", 7))
    return an_order(lines=lines, price_display=PriceDisplay.NET)


def a_discounted_order() -> Order:
    """Return an order with 10 % off its goods and 5.00 off the whole."""
    goods = sum((line.net for line in LINES), Decimal(0)), sum((line.gross for line in LINES), Decimal(0))
    off = {"discount_net": (goods[0] / 10).quantize(STORED), "discount_gross": (goods[1] / 10).quantize(STORED)}
    return an_order(amounts={**off, "order_discount": Decimal("5.00")})


def an_order_paid_by_gift_card() -> Order:
    """Return an order of which 20.00 were paid with a gift card."""
    return an_order(amounts={"credits": Decimal("20.00")})


def a_swiss_order() -> Order:
    """Return an order whose total is rounded to 0.05 CHF."""
    lines = (a_line("LAMP", 1, "47.53", 8), a_line("BOOK", 2, "12.80", 3))
    swiss = ADDRESS.model_copy(update={"postal_code": "3011", "city": "Bern", "country": "CH"})
    return an_order(
        lines=lines,
        charges=(),
        amounts={"rounding": Decimal("0.02")},
        currency="CHF",
        billing_address=swiss,
        shipping_address=swiss,
    )


def an_article(sku: str, **changes: Any) -> KnownArticle:
    """Return an article that may be sold."""
    return KnownArticle(**{"sku": sku, "in_erp": True, "stock_managed": True, **changes})


def known(*articles: KnownArticle) -> KnownMaster:
    """Return master data with LAMP and BOOK and these articles."""
    found = {article.sku: article for article in (an_article("LAMP"), an_article("BOOK"), *articles)}
    return KnownMaster(found, {"Payments.Prepayment": "prepayment"}, {"Parcel": "parcel"})
