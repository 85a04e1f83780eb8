"""Orders entered at a desk: prices and taxes that our own rules find right, and forms that take no card number."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from blocks.documents.card_numbers import mask_card_numbers
from blocks.documents.orders import Order
from blocks.errors import Unreadable
from blocks.systems.desks.entries import Entry, Listed, read_entry
from blocks.systems.desks.order_desk import OrderDesk
from tasks.order_entry.entering import Known, entry, entry_id, masked
from tasks.order_entry.form import NO_CARD, PERSONAL, OrderForm, blanked, holds_something_personal
from tasks.order_entry.records import Typed
from tasks.order_intake.rules import KnownMaster, faults
from tests.counter import ADDRESS, an_order_desk
from tests.orders import an_article

SENT = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
METHODS = {"prepayment": "prepayment"}, {"parcel": "parcel"}


def a_form(**changes: Any) -> OrderForm:
    fields: dict[str, Any] = {
        "lines": [{"sku": "LAMP"}], "billing": ADDRESS, "payment_method": "prepayment", "shipping_method": "parcel",
    }  # fmt: skip
    return OrderForm.model_validate({**fields, **changes})


def an_entry(form: OrderForm, prices: dict[str, tuple[str | None, str]]) -> Entry:
    listed = {sku: Listed(name=sku, price=price, tax_category=category) for sku, (price, category) in prices.items()}
    return entry(form, Known(None, listed), name="P-1", sent_at=SENT)


def read(found: Entry, desk: OrderDesk | None = None) -> Order:
    return (desk or an_order_desk()).read_order(Typed(found.id, found.canonical_text().encode()), "phone")


@settings(max_examples=60)
@given(
    prices=st.lists(st.decimals("0.01", "99999.99", places=2), min_size=1, max_size=12),
    quantities=st.lists(st.decimals("0.001", "999", places=3), min_size=12, max_size=12),
    agreed=st.lists(st.none() | st.decimals("0", "9999.99", places=2), min_size=12, max_size=12),
    business=st.booleans(),
    with_tax=st.booleans(),
    charge=st.decimals("0", "99.99", places=2),
)
def test_whatever_is_entered_comes_to_sums_that_our_rules_find_right(
    prices: list[Decimal], quantities: list[Decimal], agreed: list[Decimal | None], *, business: bool, with_tax: bool,
    charge: Decimal,
) -> None:  # fmt: skip
    lines = [
        {"sku": f"A{number}", "quantity": f"{quantities[number]:f}", "agreed_price": str(agreed[number] or "")}
        for number in range(len(prices))
    ]
    listed: dict[str, tuple[str | None, str]] = {
        f"A{number}": (str(price), "Standard" if number % 2 else "Reduced") for number, price in enumerate(prices)
    }
    desk = an_order_desk(prices_include_tax=with_tax, shipping_charges={"parcel": charge})
    order = read(an_entry(a_form(lines=lines, kind="business" if business else "private"), listed), desk)
    known = KnownMaster({sku: an_article(sku) for sku in listed}, *METHODS)
    assert faults(order, known, released=True) == ()


def test_every_defect_of_an_entry_is_named_with_what_to_do() -> None:
    found = an_entry(a_form(lines=[{"sku": "LAMP"}, {"sku": "VASE"}]), {"LAMP": ("5", "Luxury"), "VASE": (None, "")})
    with pytest.raises(Unreadable) as caught:
        read(found)
    assert [defect.place for defect in caught.value.reasons] == ["lines[2].sku", "lines"]
    assert all(defect.remedy for defect in caught.value.reasons)
    abroad = an_entry(a_form(billing={**ADDRESS, "country": "FR"}), {"LAMP": ("5", "Standard")})
    with pytest.raises(Unreadable, match="1 defect"):
        read(abroad)


@given(st.binary(max_size=300))
def test_no_bytes_are_an_entry_by_accident_or_bring_anything_but_reasons(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_entry(body)
    assert caught.value.reasons


def test_exempt_articles_bear_no_tax_and_an_equal_agreed_price_is_none() -> None:
    order = read(an_entry(a_form(lines=[{"sku": "LAMP", "agreed_price": "5,00"}]), {"LAMP": ("5", "exempt")}))
    assert (order.lines[0].tax_rate, order.lines[0].agreed_price) == (0, False)


def test_the_same_form_is_the_same_order_for_a_day_by_the_merchants_clock() -> None:
    name = entry_id(a_form(), SENT, "Europe/Berlin")
    assert name == entry_id(a_form(), SENT - timedelta(hours=20), "Europe/Berlin")
    assert name != entry_id(a_form(), SENT + timedelta(minutes=2), "Europe/Berlin")
    assert name != entry_id(a_form(comment="Two of them"), SENT, "Europe/Berlin")
    assert entry_id(a_form(slip="S-1"), SENT, "Europe/Berlin") == "S-1"


@given(st.text(st.sampled_from("0123456789 .-\u00a0ax"), max_size=40))
def test_the_form_refuses_every_text_that_would_have_to_be_masked(text: str) -> None:
    if mask_card_numbers(text) != text:
        assert re.search(NO_CARD, text) is None


@pytest.mark.parametrize(
    "text", ["Ring twice: 0221 5550100", "PO 2026-11-20/4711", "a" * 199, "zwölf\nZeilen 123456789012"]
)
def test_ordinary_texts_are_taken(text: str) -> None:
    assert a_form(comment=text).comment == text


@pytest.mark.parametrize("quantity", ["0", "-1", "1e5", "1,23456", "99999999", "", "1.000,5", "٣"])
def test_quantities_that_are_none_are_refused(quantity: str) -> None:
    with pytest.raises(ValidationError):
        a_form(lines=[{"sku": "LAMP", "quantity": quantity}])


def test_a_gtin_is_an_article_number_and_stays_as_it_is() -> None:
    form = a_form(lines=[{"sku": "4000000000006"}, {"sku": "00012345600012"}])
    assert [line.sku for line in masked(form).lines] == ["4000000000006", "00012345600012"]


def test_blanking_keeps_what_was_asked_for_and_nothing_of_who_asked() -> None:
    form = a_form(customer_number="K-88", vat_id="DE123456789", comment="Klingel Weiß", purchase_order_number="PO 7")
    parameters = {"request": form.model_dump(mode="json")}
    assert holds_something_personal(parameters)
    blank = blanked(parameters, "P-1")
    assert not holds_something_personal(blank)
    assert not set(PERSONAL) & blank["request"].keys()
    again = OrderForm.model_validate(blank["request"])
    assert (again.lines, again.customer_number, again.kept_as) == (form.lines, "K-88", "P-1")
    assert "Weiß" not in str(blank)
    for odd in ({}, {"request": None}, {"request": {"unknown": "Weiß"}}):
        assert "Weiß" not in str(blanked(odd, "x"))
