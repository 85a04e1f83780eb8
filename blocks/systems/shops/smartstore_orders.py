"""Smartstore orders: from the bytes of one order to an Order or to every reason why it is none. Pure."""

import html
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

from pydantic import ValidationError

from blocks.documents.card_numbers import mask_card_numbers
from blocks.documents.orders import (
    Charge,
    ChargeKind,
    Component,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    PriceDisplay,
    TaxAmount,
    Totals,
)
from blocks.documents.parties import Address, Customer
from blocks.errors import Defect, Unreadable
from blocks.systems.shops.smartstore_fields import Fields, decode, encode_text

ORDER_STATUS = {
    10: OrderStatus.NEW,
    20: OrderStatus.PROCESSING,
    30: OrderStatus.COMPLETE,
    40: OrderStatus.CANCELLED,
}
PAYMENT_STATUS = {
    10: PaymentStatus.PENDING,
    20: PaymentStatus.AUTHORISED,
    30: PaymentStatus.PAID,
    35: PaymentStatus.PARTLY_REFUNDED,
    40: PaymentStatus.REFUNDED,
    50: PaymentStatus.VOIDED,
}
PRICE_DISPLAY = {0: PriceDisplay.GROSS, 10: PriceDisplay.NET}
SOMETHING_TO_SHIP = {10: False, 20: True, 25: True, 30: True, 40: True}

# Customer is selected narrowly: its last activity moves with every visit, and each poll would look like a change.
EXPAND = (
    "OrderItems,"
    "BillingAddress($expand=Country($select=TwoLetterIsoCode)),"
    "ShippingAddress($expand=Country($select=TwoLetterIsoCode)),"
    "Customer($select=Id,CustomerNumber,Email,FullName,Company),"
    "GiftCardUsageHistory($select=UsedValue)"
)
"""What an order must be asked for with; without it, reading fails on purpose.

Reward points spent cannot be seen: an order paid with them does not add up and waits for a person.
"""

_BREAK = re.compile(r"<\s*br\s*/?\s*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_TAX = re.compile(r"\s*(\d{1,2}(?:\.\d{1,4})?)\s*:\s*(-?\d{1,10}(?:\.\d{1,8})?)\s*", re.ASCII)
_XML_LIMIT = 256 * 1024
_Meaning = TypeVar("_Meaning")
_FREE_TEXT = re.compile(
    r'("(?:CustomerOrderComment|CheckoutAttributeDescription|RawCheckoutAttributes|PurchaseOrderNumber|Note|Company'
    r"|FirstName|LastName|FullName|Title|Salutation|City|Address1|Address2|Email|VatNumber|AttributeDescription"
    r'|RawAttributes|ShippingMethod|PaymentMethodSystemName)"\s*:\s*)("(?:[^"\\]|\\.)*")'
)


def mask_free_text(order: str) -> str:
    """Mask card numbers in the free-text fields of an order's JSON; all else stays byte for byte as it came."""
    return _FREE_TEXT.sub(_masked, order)


def _masked(match: re.Match[str]) -> str:
    value = decode(match[2])
    masked = mask_card_numbers(value)
    return match[0] if masked == value else match[1] + encode_text(masked)


def to_order(body: bytes, *, channel: str, currency: str) -> Order:
    """Translate one order.

    Args:
        body: JSON of one order, asked for with :data:`EXPAND`.
        channel: Name of the connected shop.
        currency: ISO 4217 code of the shop's primary currency; all its amounts are in it.

    Raises:
        Unreadable: With every defect found.
    """
    fields = Fields(_object(body))
    try:
        order = _order(fields, channel, currency)
    except ValidationError as error:  # a limit of the document that no field check covers
        for found in error.errors(include_url=False, include_input=False):
            fields.object_to(".".join(str(part) for part in found["loc"]), f"is not usable: {found['msg']}")
        raise _unreadable(fields.defects) from None
    if fields.defects:
        raise _unreadable(fields.defects)
    return order


def _unreadable(defects: list[Defect]) -> Unreadable:
    places = ", ".join(list(dict.fromkeys(defect.place for defect in defects))[:5])
    return Unreadable(f"The order cannot be read: {len(defects)} defect(s), at {places}.", reasons=tuple(defects))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = decode(body.decode())
    except ValueError:  # includes bytes that are not UTF-8
        value = None
    if isinstance(value, dict):
        return value
    raise _unreadable([Defect("order", "The record is not a JSON object.", "Fetch the order again by its number.")])


def _order(fields: Fields, channel: str, currency: str) -> Order:
    billing = fields.inner("BillingAddress", required=False)
    billing_address = _address(billing) if billing else None
    number = str(_identity(fields))
    shipped = _meaning(fields, "ShippingStatusId", SOMETHING_TO_SHIP, default=True)
    return Order(
        channel=channel,
        external_id=number,
        number=fields.text("OrderNumber") or number,
        placed_at=fields.moment("CreatedOnUtc"),
        changed_at=fields.moment("UpdatedOnUtc"),
        status=_meaning(fields, "OrderStatusId", ORDER_STATUS, default=OrderStatus.NEW),
        payment_status=_meaning(fields, "PaymentStatusId", PAYMENT_STATUS, default=PaymentStatus.PENDING),
        currency=currency,
        display_currency=_currency(fields, currency),
        exchange_rate=fields.amount("CurrencyRate"),
        price_display=_meaning(fields, "CustomerTaxDisplayTypeId", PRICE_DISPLAY, default=PriceDisplay.GROSS),
        customer=_customer(fields, billing_address),
        billing_address=billing_address,
        shipping_address=_shipping_address(fields) if shipped else None,
        payment_method=fields.text("PaymentMethodSystemName"),
        shipping_method=fields.text("ShippingMethod") if shipped else "",
        lines=_lines(fields),
        charges=_charges(fields),
        totals=_totals(fields),
        purchase_order_number=fields.text("PurchaseOrderNumber"),
        comment=fields.text("CustomerOrderComment"),
    )


def _identity(fields: Fields) -> int:
    number = fields.integer("Id")
    if number <= 0 and fields.values.get("Id") is not None:
        fields.object_to("Id", "is not a positive number")
    return number


def _meaning(fields: Fields, name: str, meanings: Mapping[int, _Meaning], *, default: _Meaning) -> _Meaning:
    known = len(fields.defects)
    number = fields.integer(name)
    if number in meanings:
        return meanings[number]
    if len(fields.defects) == known:
        fields.object_to(name, f"is {number}, which is none of {', '.join(map(str, meanings))}")
    return default


def _currency(fields: Fields, default: str) -> str:
    code = fields.text("CustomerCurrencyCode")
    if re.fullmatch(r"[A-Z]{3}", code):
        return code
    fields.object_to("CustomerCurrencyCode", "is not a currency code of three capital letters (ISO 4217)")
    return default


def _customer(fields: Fields, billing: Address | None) -> Customer:
    known = fields.inner("Customer", required=True) or Fields({}, "Customer", fields.defects)
    email = known.text("Email")  # guests are customers without an e-mail of their own
    name = known.text("FullName") or (f"{billing.first_name} {billing.last_name}".strip() if billing else "")
    return Customer(
        external_id=str(fields.integer("CustomerId")),
        name=name,
        company=known.text("Company") or (billing.company if billing else ""),
        email=email or (billing.email if billing else ""),
        vat_id=fields.text("VatNumber"),
        guest=not email,
    )


def _shipping_address(fields: Fields) -> Address:
    """Return the address; an empty one when the shop has none although something ships, for the rules to object to."""
    found = fields.inner("ShippingAddress", required=fields.values.get("ShippingAddressId") is not None)
    return _address(found) if found else Address()


def _address(fields: Fields) -> Address:
    country = fields.inner("Country", required=fields.values.get("CountryId") is not None)
    state = fields.inner("StateProvince", required=False)
    code = country.text("TwoLetterIsoCode").upper() if country else ""
    if country and not re.fullmatch(r"[A-Z]{2}", code):
        country.object_to("TwoLetterIsoCode", "is not a country code of two letters (ISO 3166-1)")
        code = ""
    return Address(
        first_name=fields.text("FirstName"),
        last_name=fields.text("LastName"),
        company=fields.text("Company"),
        street=fields.text("Address1"),
        street_extra=fields.text("Address2"),
        postal_code=fields.text("ZipPostalCode"),
        city=fields.text("City"),
        state=state.text("Abbreviation") if state else "",
        country=code or None,
        email=fields.text("Email"),
        phone=fields.text("PhoneNumber"),
    )


def _lines(fields: Fields) -> tuple[OrderLine, ...]:
    items = fields.each("OrderItems")
    if not items and fields.values.get("OrderItems") == []:
        fields.object_to("OrderItems", "is empty: the order has no lines")
    seen: set[str] = set()
    for item in items:
        number = str(item.values.get("Id"))
        if number in seen:
            item.object_to("Id", "occurs more than once in this order")
        seen.add(number)
    return tuple(_line(item) for item in items)


def _line(item: Fields) -> OrderLine:
    return OrderLine(
        external_id=str(_identity(item)),
        sku=item.text("Sku"),
        variant=plain_text(item.text("AttributeDescription")),
        quantity=_quantity(item),
        unit_net=item.amount("UnitPriceExclTax"),
        unit_gross=item.amount("UnitPriceInclTax"),
        net=item.amount("PriceExclTax"),
        gross=item.amount("PriceInclTax"),
        discount_net=item.amount("DiscountAmountExclTax"),
        discount_gross=item.amount("DiscountAmountInclTax"),
        tax_rate=item.rate("TaxRate"),
        components=_components(item),
    )


def _quantity(fields: Fields) -> Decimal:
    known = len(fields.defects)
    quantity = fields.integer("Quantity")
    if quantity > 0:
        return Decimal(quantity)
    if len(fields.defects) == known:
        fields.object_to("Quantity", f"is {quantity}; only positive quantities can be ordered")
    return Decimal(1)


def plain_text(markup: str) -> str:
    """Return the shop's small HTML as text: line breaks become ``; ``, tags go, entities become characters."""
    lines = (html.unescape(_TAG.sub("", line)).strip() for line in _BREAK.split(markup))
    return "; ".join(line for line in lines if line)


def _components(item: Fields) -> tuple[Component, ...]:
    """Read the parts of a bundle from BundleData (XML); without DTD and entities, and up to a size limit."""
    text = item.text("BundleData")
    if not text:
        return ()
    if len(text) > _XML_LIMIT or "<!" in text.replace("<![CDATA[", ""):
        item.object_to("BundleData", "is too long or has a document type, which bundle data never has")
        return ()
    try:
        root = ET.fromstring(text)  # noqa: S314 - no DTD can be in it (checked above), hence no entities
    except (ET.ParseError, ValueError, LookupError, RecursionError):
        item.object_to("BundleData", "is not XML")
        return ()
    parts = [_part(part, item, number) for number, part in enumerate(root)]
    if not parts:
        item.object_to("BundleData", "names no parts")
    return tuple(part for part in parts if part)


def _part(part: ET.Element, item: Fields, number: int) -> Component | None:
    values = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in part}
    quantity = values.get("Quantity", "")
    if values.get("Sku") and re.fullmatch(r"0*[1-9]\d{0,8}", quantity, re.ASCII):
        return Component(sku=values["Sku"], quantity=Decimal(quantity))
    item.object_to(f"BundleData[{number}]", "has no SKU or no positive quantity")
    return None


def _charges(fields: Fields) -> tuple[Charge, ...]:
    charges = (
        _charge(fields, ChargeKind.SHIPPING, "OrderShipping"),
        _charge(fields, ChargeKind.PAYMENT_FEE, "PaymentMethodAdditionalFee"),
    )
    return tuple(charge for charge in charges if charge.net or charge.gross)


def _charge(fields: Fields, kind: ChargeKind, stem: str) -> Charge:
    net, gross = fields.amount(f"{stem}ExclTax"), fields.amount(f"{stem}InclTax")
    return Charge(kind=kind, net=net, gross=gross, tax_rate=fields.rate(f"{stem}TaxRate"))


def _totals(fields: Fields) -> Totals:
    return Totals(
        goods_net=fields.amount("OrderSubtotalExclTax"),
        goods_gross=fields.amount("OrderSubtotalInclTax"),
        discount_net=fields.amount("OrderSubTotalDiscountExclTax"),
        discount_gross=fields.amount("OrderSubTotalDiscountInclTax"),
        order_discount=fields.amount("OrderDiscount"),
        credits=fields.amount("CreditBalance") + _gift_cards(fields),
        rounding=fields.amount("OrderTotalRounding"),
        tax=fields.amount("OrderTax"),
        taxes=tax_rates(fields),
        total=fields.amount("OrderTotal"),
    )


def _gift_cards(fields: Fields) -> Decimal:
    used = fields.each("GiftCardUsageHistory") if "GiftCardUsageHistory" in fields.values else []
    return sum((entry.amount("UsedValue") for entry in used), Decimal(0))


def tax_rates(fields: Fields) -> tuple[TaxAmount, ...]:
    """Read ``TaxRates``, e.g. ``"19:15.97;   7:0.65;   "``; amounts of a rate named twice are added."""
    sums: dict[Decimal, Decimal] = {}
    for part in fields.text("TaxRates").split(";"):
        match = _TAX.fullmatch(part)
        if match:
            rate = Decimal(match[1])
            sums[rate] = sums.get(rate, Decimal(0)) + Decimal(match[2])
        elif part.strip():
            fields.object_to("TaxRates", "is not a list of 'rate:amount;'")
            return ()
    return tuple(TaxAmount(rate=rate, amount=amount) for rate, amount in sums.items())
