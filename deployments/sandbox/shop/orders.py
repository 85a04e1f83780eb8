"""Orders from a seed: order ``index`` of ``seed`` is the same whenever and wherever it is drafted. Pure."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from random import Random
from uuid import UUID
from xml.sax.saxutils import escape

from deployments.sandbox.catalogue import STANDARD
from deployments.sandbox.shop import pricing
from deployments.sandbox.shop.assortment import COUNTRY_IDS, Sellable, raw_attributes, sellables
from deployments.sandbox.shop.model import Row
from deployments.sandbox.shop.people import Buyer, buyer, delivery_place, happens
from deployments.sandbox.shop.pricing import NOTHING, Line, Pair, Sums, Terms, add_up, price_line

CHF_RATE = Decimal("0.94250000")
BUYERS = 400
"""So many registered customers; with more orders than that, some come back."""
_MOST_LINES = 6
_FREE_SHIPPING_FROM, _VOUCHERS_FROM = 100, 30
_COMMENTS = (
    "Bitte beim Nachbarn abgeben, danke! 🙏", "Geschenk: bitte OHNE Rechnung im Paket", 'Klingel: "Jäger/Weiß"',
    "It's a surprise: don't call", "Lieferung bitte erst ab 8 Uhr;\nHoftor offen", "<b>schnell</b> & sicher, 100 %",
)  # fmt: skip
PENDING, AUTHORISED, PAID = 10, 20, 30


@dataclass
class Draft:
    """One order as it will be placed, without ids and times.

    Attributes:
        registered: Whether the customer has an account.
        kind: ``good``, ``short`` (asks for more than there is) or ``bad``.
        defect: Name of the defect of a bad order.
        withheld: Name of a property that the API will leave out of this order.
    """

    buyer: Buyer
    registered: bool
    order: Row
    items: list[Row]
    billing: Row
    shipping: Row
    kind: str = "good"
    defect: str = ""
    withheld: str = ""
    payment_status: int = PENDING
    sold: list[tuple[Sellable, int]] = field(default_factory=list)


def falls_on(seed: int, index: int, share: float) -> int | None:
    """Return the how-manieth pick an index is when ``share`` of all are picked evenly; None when it is not picked."""
    if share <= 0:
        return None
    start = seed % 97 / 97
    before, after = int(index * share + start), int((index + 1) * share + start)
    return before if after > before else None


@cache
def _shelves() -> tuple[tuple[Sellable, ...], tuple[Sellable, ...], tuple[Sellable, ...]]:
    """Return plentiful articles, scarce ones and services."""
    every = tuple(sellables().values())
    services = tuple(each for each in every if not each.item.managed and not each.item.components)
    scarce = tuple(each for each in every if each.scarce)
    return tuple(each for each in every if each not in services and each not in scarce), scarce, services


def _basket(random: Random, *, short: bool) -> list[tuple[Sellable, int]]:
    plenty, scarce, services = _shelves()
    number = random.choices((1, 2, 3, 4, 5, 6), (34, 28, 16, 11, 7, 4))[0]
    basket = [(each, random.choices((1, 2, 3, 4, 5), (60, 20, 10, 6, 4))[0]) for each in random.sample(plenty, number)]
    if number < _MOST_LINES and happens(random, 0.08):
        basket.append((random.choice(services), 1))
    if short:
        wanted = random.choice(scarce)
        basket[0] = (wanted, wanted.item.on_hand + random.choice((1, 2)))
    return basket


def _payment(random: Random, who: Buyer) -> tuple[str, int]:
    choices: tuple[tuple[str, int], ...]
    if who.business:
        choices = (("Payments.Invoice", PENDING), ("Payments.Prepayment", PENDING), ("Payments.DirectDebit", PAID))
    elif who.country == "DE":
        choices = (
            ("Payments.PayPalStandard", PAID),
            ("Payments.PayPalStandard", AUTHORISED),
            ("Payments.Prepayment", PENDING),
            ("Payments.Prepayment", PAID),
            ("Payments.CashOnDelivery", PENDING),
            ("Payments.DirectDebit", PAID),
            ("Payments.Invoice", PENDING),
        )
    else:
        choices = (("Payments.PayPalStandard", PAID), ("Payments.Prepayment", PENDING), ("Payments.Prepayment", PAID))
    return random.choice(choices)


def _shipping(random: Random, who: Buyer, goods: Decimal, terms: Terms, rate: Decimal) -> tuple[str, Pair]:
    method = random.choices(("Parcel", "Express", "Store pickup"), (80, 14, 6) if who.country == "DE" else (100, 0, 0))[
        0
    ]
    if method == "Store pickup" or (method == "Parcel" and goods >= _FREE_SHIPPING_FROM):
        return method, Pair()
    gross = {"DE": Decimal("4.90"), "AT": Decimal("8.90"), "CH": Decimal("14.90")}[who.country]
    return method, terms.pair(Decimal("12.90") if method == "Express" else gross, rate)


def _address(who: Buyer, place: tuple[str, str, str] | None = None) -> Row:
    street, postal_code, city = place or (who.street, who.postal_code, who.city)
    return {
        "FirstName": who.first_name,
        "LastName": who.last_name,
        "Email": who.email,
        "Company": who.company or None,
        "CountryId": COUNTRY_IDS[who.country],
        "City": city,
        "Address1": street,
        "Address2": who.street_extra or None,
        "ZipPostalCode": postal_code,
        "PhoneNumber": who.phone or None,
    }


def _item(random: Random, line: Line, sold: Sellable) -> Row:
    item = line.item
    chosen = "<br />".join(f"{name}: {value}" for name, value in item.options)
    return {
        "OrderItemGuid": str(UUID(int=random.getrandbits(128), version=4)),
        "ProductId": sold.product_id,
        "Sku": item.sku,
        "Quantity": line.quantity,
        "UnitPriceInclTax": line.unit.gross,
        "UnitPriceExclTax": line.unit.net,
        "PriceInclTax": line.total.gross,
        "PriceExclTax": line.total.net,
        "TaxRate": line.rate.quantize(NOTHING),
        "DiscountAmountInclTax": line.discount.gross,
        "DiscountAmountExclTax": line.discount.net,
        "AttributeDescription": chosen or None,
        "RawAttributes": raw_attributes(sold),
        "ItemWeight": item.weight.quantize(NOTHING),
        "BundleData": bundle_data(sold),
    }


def bundle_data(sold: Sellable) -> str | None:
    """Return the parts of a bundle as the shop keeps them with an order line; quantities are per one bundle."""
    if not sold.parts:
        return None
    parts = "".join(
        f"<ProductBundleItemOrderData><BundleItemId>{number}</BundleItemId><ProductId>{part.product_id}</ProductId>"
        f"<Sku>{escape(part.item.sku)}</Sku><ProductName>{escape(part.item.name)}</ProductName>"
        f"<VisibleIndividually>true</VisibleIndividually><Quantity>{quantity}</Quantity>"
        f"<PriceWithDiscount>0</PriceWithDiscount><DisplayOrder>{place}</DisplayOrder>"
        "<PerItemShoppingCart>true</PerItemShoppingCart></ProductBundleItemOrderData>"
        for place, (number, part, quantity) in enumerate(sold.parts)
    )
    return (
        '<?xml version="1.0" encoding="utf-16"?>\r\n<ArrayOfProductBundleItemOrderData '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"{parts}</ArrayOfProductBundleItemOrderData>"
    )


def draft(seed: int, index: int, *, short: bool = False) -> Draft:
    """Draft one sound order.

    Args:
        seed: Which world.
        index: Which order of it, from 0.
        short: Ask for more of a scarce article than the merchant has.
    """
    random = Random(f"{seed}:{index}")
    guest = happens(random, 0.3)
    who = buyer(100_000 + random.randrange(1_000_000) if guest else random.randrange(BUYERS))
    terms = Terms(net_display=who.business, untaxed=who.country == "CH")
    basket = _basket(random, short=short)
    lines = [price_line(each.item, many, terms, _line_discount(random)) for each, many in basket]
    goods_net = sum((line.total.net for line in lines), NOTHING)
    goods_gross = sum((line.total.gross for line in lines), NOTHING)
    home = max((each.item.tax_rate for each, _ in basket), default=STANDARD)
    payment, payment_status = _payment(random, who)
    method, shipping = _shipping(random, who, goods_gross, terms, home)
    fee = terms.pair(Decimal("5.00"), home) if payment == "Payments.CashOnDelivery" else Pair()
    rate = terms.rate(home)
    off, credit = _deductions(random, goods_net)
    discount = _subtotal_discount(random, goods_net)
    swiss = CHF_RATE if who.country == "CH" else None
    sums = add_up(
        lines, [(shipping, rate), (fee, rate)], terms, discount_net=discount, deducted=off + credit, swiss_rate=swiss
    )
    order = {
        "OrderGuid": str(UUID(int=random.getrandbits(128), version=4)),
        "PaymentMethodSystemName": payment,
        "ShippingMethod": method,
        "OrderShippingTaxRate": rate.quantize(NOTHING) if shipping.net else NOTHING,
        "PaymentMethodAdditionalFeeTaxRate": rate.quantize(NOTHING) if fee.net else NOTHING,
        "OrderDiscount": off,
        "CreditBalance": credit,
        **_facts(random, who),
        **_amounts(sums, shipping, fee),
        **_payment_facts(random, payment, payment_status),
    }
    elsewhere = delivery_place(random, who.country) if happens(random, 0.15) else None
    return Draft(
        buyer=who,
        registered=not guest,
        order=order,
        items=[_item(random, line, sold) for line, (sold, _) in zip(lines, basket, strict=True)],
        billing=_address(who),
        shipping=_address(who, elsewhere),
        kind="short" if short else "good",
        payment_status=payment_status,
        sold=basket,
    )


def _line_discount(random: Random) -> Decimal:
    return Decimal(random.choice((5, 10, 20))) if happens(random, 0.12) else Decimal(0)


def _subtotal_discount(random: Random, goods_net: Decimal) -> Decimal:
    if happens(random, 0.06):
        return pricing.to(goods_net * Decimal("0.10"), pricing.FOUR)
    return Decimal("5.0000") if happens(random, 0.06) and goods_net > _VOUCHERS_FROM else NOTHING


def _deductions(random: Random, goods_net: Decimal) -> tuple[Decimal, Decimal]:
    off = Decimal("3.0000") if happens(random, 0.08) and goods_net > _VOUCHERS_FROM else NOTHING
    credit = Decimal("10.0000") if happens(random, 0.06) and goods_net > _VOUCHERS_FROM else NOTHING
    return off, credit


def _facts(random: Random, who: Buyer) -> Row:
    swiss = who.country == "CH"
    return {
        "StoreId": 1,
        "CustomerLanguageId": 1,
        "CustomerIp": f"192.0.2.{random.randrange(1, 255)}",
        "CustomerCurrencyCode": "CHF" if swiss else "EUR",
        "CurrencyRate": CHF_RATE if swiss else Decimal("1.00000000"),
        "VatNumber": who.vat_number or None,
        "CustomerTaxDisplayTypeId": 10 if who.business else 0,
        "PurchaseOrderNumber": f"PO-{random.randrange(10_000, 99_999)}/26"
        if who.business and happens(random, 0.7)
        else None,
        "CustomerOrderComment": random.choice(_COMMENTS) if happens(random, 0.15) else None,
        "ShippingRateComputationMethodSystemName": "Shipping.FixedRate",
        "ShippingStatusId": 20,
    }


def _amounts(sums: Sums, shipping: Pair, fee: Pair) -> Row:
    return {
        "OrderSubtotalInclTax": sums.goods.gross,
        "OrderSubtotalExclTax": sums.goods.net,
        "OrderSubTotalDiscountInclTax": sums.discount.gross,
        "OrderSubTotalDiscountExclTax": sums.discount.net,
        "OrderShippingInclTax": shipping.gross,
        "OrderShippingExclTax": shipping.net,
        "PaymentMethodAdditionalFeeInclTax": fee.gross,
        "PaymentMethodAdditionalFeeExclTax": fee.net,
        "TaxRates": sums.tax_rates,
        "OrderTax": sums.tax.quantize(NOTHING),
        "OrderTotalRounding": sums.rounding.quantize(NOTHING),
        "OrderTotal": sums.total.quantize(NOTHING),
    }


def _payment_facts(random: Random, payment: str, status: int) -> Row:
    facts: Row = {"PaymentStatusId": status, "OrderStatusId": 10 if status == PENDING else 20}
    if payment == "Payments.PayPalStandard":
        number = f"{random.getrandbits(68):017X}"
        facts |= {"AuthorizationTransactionId": number, "AuthorizationTransactionResult": "Success"}
        if status == PAID:
            facts |= {"CaptureTransactionId": number, "CaptureTransactionResult": "Success"}
    return facts
