"""A Smartstore order becomes an Order, or an Unreadable that names every defect; nothing else."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.orders import ChargeKind, Component, Order, OrderStatus, PaymentStatus, PriceDisplay, TaxAmount
from blocks.errors import Unreadable
from blocks.systems.shops.smartstore_fields import split_page
from blocks.systems.shops.smartstore_orders import mask_free_text, plain_text, to_order

PAYLOAD: dict[str, Any] = json.loads("""
{ "Id": 4711, "OrderNumber": null, "OrderGuid": "0f6a3c52-7a6d-4f4e-9b57-2f3a0f7f1c11", "StoreId": 1, "CustomerId": 88,
  "BillingAddressId": 9001, "ShippingAddressId": 9002, "PaymentMethodSystemName": "Payments.Prepayment",
  "CustomerCurrencyCode": "EUR", "CurrencyRate": 1, "VatNumber": "", "OrderSubtotalInclTax": 95.1,
  "OrderSubtotalExclTax": 79.916, "OrderSubTotalDiscountInclTax": 0, "OrderSubTotalDiscountExclTax": 0,
  "OrderShippingInclTax": 4.9, "OrderShippingExclTax": 4.1176, "OrderShippingTaxRate": 19,
  "PaymentMethodAdditionalFeeInclTax": 0, "PaymentMethodAdditionalFeeExclTax": 0,
  "PaymentMethodAdditionalFeeTaxRate": 0,
  "TaxRates": "19:15.97;   7:0.65;   ", "OrderTax": 15.97, "OrderDiscount": 0, "CreditBalance": 0,
  "OrderTotalRounding": 0, "OrderTotal": 100, "ShippingMethod": "Parcel", "OrderStatusId": 10, "PaymentStatusId": 30,
  "ShippingStatusId": 20, "CustomerTaxDisplayTypeId": 0, "Deleted": false,
  "CustomerOrderComment": "Ring twice",
  "PurchaseOrderNumber": null,
  "CreatedOnUtc": "2026-08-21T10:11:12.34Z", "UpdatedOnUtc": "2026-08-21T10:11:13.1234567Z",
  "Customer": {"Id": 88, "Email": null, "FullName": null, "Company": null}, "GiftCardUsageHistory": [],
  "BillingAddress": {"FirstName": "Jörg", "LastName": "Weiß", "Email": "joerg@example.com", "Company": null,
    "CountryId": 1, "City": "Köln", "Address1": "Domstraße 1", "Address2": "", "ZipPostalCode": "50668",
    "PhoneNumber": null, "Country": {"TwoLetterIsoCode": "DE"}},
  "ShippingAddress": {"FirstName": "Eva", "LastName": "Weiß", "CountryId": 2, "City": "Wien", "Address1": "Ring 2",
    "ZipPostalCode": "1010", "Country": {"TwoLetterIsoCode": "at"}},
  "OrderItems": [ { "Id": 5001, "OrderId": 4711, "ProductId": 12, "Sku": "CAP-RED-M", "Quantity": 2,
    "UnitPriceInclTax": 47.55, "UnitPriceExclTax": 39.958, "PriceInclTax": 95.1, "PriceExclTax": 79.916, "TaxRate": 19,
    "DiscountAmountInclTax": 0, "DiscountAmountExclTax": 0, "BundleData": null,
    "AttributeDescription": "Colour: red<br />Size: M" } ] }
""")


def read(payload: Any) -> Order:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return to_order(body, channel="berlin", currency="EUR")


def changed(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(PAYLOAD), **fields}


def with_line(**fields: Any) -> dict[str, Any]:
    return changed(OrderItems=[{**PAYLOAD["OrderItems"][0], **fields}])


def places(payload: Any) -> set[str]:
    with pytest.raises(Unreadable) as caught:
        read(payload)
    return {reason.place for reason in caught.value.reasons}


def test_an_order_is_read_in_full() -> None:
    order = read(PAYLOAD)
    assert (order.external_id, order.number, order.channel) == ("4711", "4711", "berlin")
    assert order.placed_at == datetime(2026, 8, 21, 10, 11, 12, 340000, tzinfo=UTC)
    assert order.changed_at == datetime(2026, 8, 21, 10, 11, 13, 123456, tzinfo=UTC)
    assert (order.status, order.payment_status) == (OrderStatus.NEW, PaymentStatus.PAID)
    assert (order.price_display, order.comment) == (PriceDisplay.GROSS, "Ring twice")
    assert order.lines[0].variant == "Colour: red; Size: M"
    assert [(each.kind, each.net) for each in order.charges] == [(ChargeKind.SHIPPING, Decimal("4.1176"))]
    assert order.totals.taxes == (
        TaxAmount(rate=Decimal(19), amount=Decimal("15.97")),
        TaxAmount(rate=Decimal(7), amount=Decimal("0.65")),
    )
    assert order.shipping_address is not None
    assert (order.shipping_address.country, order.shipping_address.city) == ("AT", "Wien")


def test_a_guest_is_known_by_the_billing_address() -> None:
    customer = read(PAYLOAD).customer
    assert (customer.guest, customer.email, customer.name) == (True, "joerg@example.com", "Jörg Weiß")


def test_a_registered_customer_keeps_their_own_email() -> None:
    customer = read(changed(Customer={"Email": "own@example.com", "FullName": "J. Weiß"})).customer
    assert (customer.guest, customer.email, customer.name) == (False, "own@example.com", "J. Weiß")


def test_amounts_keep_every_digit() -> None:
    body = json.dumps(PAYLOAD).replace('"OrderTotal": 100', '"OrderTotal": 1234567890.12345678').encode()
    assert read(body).totals.total == Decimal("1234567890.12345678")


def test_noise_of_a_double_behind_the_eighth_place_is_rounded_away() -> None:
    body = json.dumps(PAYLOAD).replace('"OrderTotal": 100', '"OrderTotal": 43.078000000000003').encode()
    assert read(body).totals.total == Decimal("43.078")


def test_an_order_with_nothing_to_ship_has_no_shipping_address() -> None:
    order = read(changed(ShippingStatusId=10, ShippingAddress=None, ShippingAddressId=None, ShippingMethod=None))
    assert (order.shipping_address, order.shipping_method) == (None, "")


def test_a_shipped_order_without_address_is_left_to_the_rules_and_not_taken_for_a_download() -> None:
    address = read(changed(ShippingAddress=None, ShippingAddressId=None)).shipping_address
    assert address is not None
    assert address.country is None


def test_gift_cards_and_credit_are_credits() -> None:
    order = read(changed(CreditBalance=5, GiftCardUsageHistory=[{"UsedValue": 10.5}, {"UsedValue": 1}]))
    assert order.totals.credits == Decimal("16.5")


BUNDLE = (
    '<?xml version="1.0" encoding="utf-16"?><ArrayOfPart xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<Part><Sku>A-1</Sku><Quantity>1</Quantity></Part><Part><Sku>B&amp;2</Sku><Quantity>2</Quantity></Part></ArrayOfPart>"
)


def test_bundle_parts_become_components() -> None:
    assert read(with_line(BundleData=BUNDLE)).lines[0].components == (
        Component(sku="A-1", quantity=Decimal(1)),
        Component(sku="B&2", quantity=Decimal(2)),
    )


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b><Sku>&x;</Sku><Quantity>1</Quantity></b></a>',
        "<a><b><Sku>A</Sku><Quantity>0</Quantity></b></a>",
        "<a><b><Quantity>1</Quantity></b></a>",
        "<a/>",
        "not xml",
        "<a>" * 100_000,
    ],
)
def test_bundle_data_that_is_unsafe_or_incomplete_is_a_defect(data: str) -> None:
    assert any("BundleData" in place for place in places(with_line(BundleData=data)))


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (changed(OrderStatusId=25), "OrderStatusId"),
        (changed(PaymentStatusId=None), "PaymentStatusId"),
        (changed(CustomerCurrencyCode="€U?"), "CustomerCurrencyCode"),
        (changed(OrderTotal="100"), "OrderTotal"),
        (changed(OrderTotal=True), "OrderTotal"),
        (changed(OrderTotal=float("nan")), "OrderTotal"),
        (changed(OrderTotal=0.123456789), "OrderTotal"),
        (changed(TaxRates="19=15.97"), "TaxRates"),
        (changed(OrderItems=[]), "OrderItems"),
        (changed(OrderItems=None), "OrderItems"),
        (changed(OrderItems=[5]), "OrderItems[0]"),
        (changed(UpdatedOnUtc="2026-08-21 10:11"), "UpdatedOnUtc"),
        (changed(CreatedOnUtc="0001-01-01T00:00:00Z"), "CreatedOnUtc"),
        (changed(CreatedOnUtc="9999-12-31T23:59:59.9999999Z"), "CreatedOnUtc"),
        (changed(Id=None), "Id"),
        (changed(Id=-1), "Id"),
        (changed(Customer=None), "Customer"),
        (changed(CustomerOrderComment="\ud83d"), "CustomerOrderComment"),
        (with_line(Quantity=0), "OrderItems[0].Quantity"),
        (with_line(Quantity=-2), "OrderItems[0].Quantity"),
        (with_line(Quantity=1.5), "OrderItems[0].Quantity"),
        (with_line(TaxRate=-19), "OrderItems[0].TaxRate"),
        (changed(OrderItems=PAYLOAD["OrderItems"] * 2), "OrderItems[1].Id"),
        (changed(BillingAddress={"CountryId": 1}), "BillingAddress.Country"),
        (changed(ShippingAddress=None), "ShippingAddress"),
        (b"[]", "order"),
        (b"\xff\xfe", "order"),
        (b"[" * 100_000, "order"),
        (json.dumps(PAYLOAD)[:-20].encode(), "order"),
    ],
)
def test_a_broken_field_is_named(payload: Any, place: str) -> None:
    assert places(payload) == {place}


@pytest.mark.parametrize("name", [name for name in PAYLOAD if name.startswith("Order") and name != "OrderNumber"])
def test_a_missing_amount_is_never_taken_for_zero(name: str) -> None:
    payload = changed()
    del payload[name]
    if name == "OrderGuid":
        read(payload)
    else:
        assert places(payload) == {name}


def test_all_defects_are_named_at_once() -> None:
    assert places(changed(OrderTotal=None, OrderTax=None, OrderStatusId=99)) == {
        "OrderTotal",
        "OrderTax",
        "OrderStatusId",
    }


def test_unknown_fields_are_tolerated() -> None:
    assert read(changed(PaymentReferenceHashCode=17, Extra={"a": [1]})) == read(PAYLOAD)


def test_null_and_empty_text_are_the_same() -> None:
    assert read(changed(PurchaseOrderNumber="", VatNumber=None)) == read(PAYLOAD)


def test_control_characters_do_not_reach_the_database() -> None:
    assert read(changed(CustomerOrderComment="a\x00b\x1b\nc")).comment == "ab\nc"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["1e999999", "0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    *((name,) for name in PAYLOAD),
    *(("OrderItems", 0, name) for name in PAYLOAD["OrderItems"][0]),
    *(("BillingAddress", name) for name in PAYLOAD["BillingAddress"]),
    ("BillingAddress", "Country", "TwoLetterIsoCode"),
    ("Customer", "Email"),
]


def _inside(spot: Any, step: Any) -> Any:
    try:
        return spot[step]
    except (LookupError, TypeError):
        return {}


def judged(body: bytes) -> Order | Unreadable:
    try:
        return read(body)
    except Unreadable as error:
        return error


@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON_VALUES), min_size=1, max_size=3))
def test_any_value_in_any_field_gives_an_order_or_its_defects(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    payload = changed()
    for path, value in changes:
        spot: Any = payload
        for step in path[:-1]:
            spot = _inside(spot, step)
        if isinstance(spot, dict):
            spot[path[-1]] = value
    verdict = judged(json.dumps(payload).encode())
    if isinstance(verdict, Order):
        assert verdict.canonical_text().encode()
    else:
        assert verdict.reasons
        assert all(reason.place and reason.text and reason.remedy for reason in verdict.reasons)


@pytest.mark.parametrize(
    "number", ["1e99999999999999999999", "1E+400", "9" * 5000, "-0.0", "1e-400", "NaN", "-Infinity"]
)
def test_numbers_beyond_reason_are_defects_or_zero(number: str) -> None:
    body = json.dumps(PAYLOAD).replace('"OrderTotal": 100', f'"OrderTotal": {number}').encode()
    verdict = judged(body)
    if isinstance(verdict, Order):
        assert verdict.totals.total == 0
    else:
        assert [reason.place for reason in verdict.reasons] == ["OrderTotal"]


def test_small_markup_becomes_text() -> None:
    assert plain_text("Colour: <b>red</b><BR>Size: M &amp; L<br/>") == "Colour: red; Size: M & L"


def test_rows_are_cut_out_of_a_page_exactly_as_they_came() -> None:
    first, second = '{"Id" : 1, "Total": 43.07800000 }', '{"Id":2,"value":[{"Id":3}],"Text":"],}"}'
    text = f'{{ "@odata.context":"x", "value": [ {first} ,\n{second}], "@odata.nextLink": "y" }}\n'
    rows, envelope = split_page(text)
    assert [row.text for row in rows] == [first, second]
    assert [row.value["Id"] for row in rows] == [1, 2]
    assert envelope == {"@odata.context": "x", "@odata.nextLink": "y"}


@given(st.integers(min_value=0, max_value=200))
def test_a_page_cut_off_anywhere_is_no_page(length: int) -> None:
    text = '{"@odata.context":"x","value":[{"Id":1,"A":"b"},{"Id":2}],"@odata.nextLink":"y"}'
    if length < len(text):
        with pytest.raises(ValueError):  # noqa: PT011 - json's own sentences vary
            split_page(text[:length])


def test_card_numbers_are_masked_in_free_text_and_nowhere_else() -> None:
    order = (
        '{{"Id":4111111111111111,"Gtin":"4111111111111111", "CustomerOrderComment" : "{} \\"ok\\"",'
        '"BillingAddress":{{"Address1":"{}"}},"Total":1.50}}'
    )
    masked = mask_free_text(order.format("pay with 4111 1111 1111 1111", "4111111111111111"))
    assert masked == order.format("pay with **** **** **** 1111", "************1111")


def test_a_card_number_written_in_escapes_is_masked() -> None:
    assert mask_free_text('{"Note":"\\u0034111111111111111"}') == '{"Note":"************1111"}'
