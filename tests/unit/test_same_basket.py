"""The same basket is the same order whether it comes from the shop, from a file or over the phone."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from blocks.documents.baskets import basket
from blocks.documents.orders import Component, Order
from blocks.standards.order_files.orders import read_order
from blocks.standards.order_files.profile import load_profile
from blocks.standards.order_files.splitting import split
from blocks.systems.desks.entries import Listed
from blocks.systems.desks.order_desk import OrderDesk
from blocks.systems.shops.smartstore_orders import to_order
from tasks.order_entry.entering import Known, entry
from tasks.order_entry.form import OrderForm
from tasks.order_entry.records import Typed

PAYLOAD = Path(__file__).parents[1] / "payloads" / "smartstore" / "order.json"
SHOP = {"payment_methods": {"Payments.Prepayment": "prepayment"}, "shipping_methods": {"Parcel": "parcel"}}
FILE = {"payment_methods": {"Vorkasse": "prepayment"}, "shipping_methods": {"Paket": "parcel"}}
PHONE = {"payment_methods": {"prepayment": "prepayment"}, "shipping_methods": {"parcel": "parcel"}}
PROFILE = """
name: branch
format: csv
prices: gross
numbers: {decimal: ","}
dates: {formats: ["%d.%m.%Y %H:%M"], zone: Europe/Berlin}
order:
  external_id: Nr
  placed_at: Datum
  currency: {constant: EUR}
  payment_status: {constant: paid}
  customer.name: Kunde
  customer.email: Mail
  billing_address.first_name: Vorname
  billing_address.last_name: Nachname
  billing_address.street: Straße
  billing_address.street_extra: Zusatz
  billing_address.postal_code: PLZ
  billing_address.city: Ort
  billing_address.country: Land
  billing_address.email: Mail
  billing_address.phone: Telefon
  payment_method: Zahlart
  shipping_method: Versandart
  charges.shipping.gross: Versandkosten
  charges.shipping.tax_rate: {constant: "19"}
  comment: Bemerkung
lines:
  sku: Artikel
  quantity: Menge
  unit_gross: Preis
  tax_rate: MwSt
"""
TEXT = (
    "Nr;Datum;Kunde;Mail;Vorname;Nachname;Straße;Zusatz;PLZ;Ort;Land;Telefon;Zahlart;Versandart;Versandkosten;Bemerkung"
    ";Artikel;Menge;Preis;MwSt\r\n"
    + "".join(
        "F-1;21.08.2026 12:11;François Zürcher;buyer1085911@example.org;François;Zürcher;Lindenallee 173a;3. OG links;"
        f"90402;Nürnberg;DE;+49 30 23125 365;Vorkasse;Paket;4,90;Bitte beim Nachbarn abgeben, danke! 🙏;{line}\r\n"
        for line in ("WEAR-05-RED-M;1;88,40;19", "BOOK-05;2;47,20;7")
    )
)


def by_shop() -> Order:
    """Return the basket as Smartstore sends it: two lines of a recorded order and the sums that follow, by hand."""
    found = json.loads(PAYLOAD.read_text())
    found["OrderItems"] = found["OrderItems"][2:]
    found |= {
        "OrderSubtotalInclTax": 182.80, "OrderSubtotalExclTax": 162.51, "OrderSubTotalDiscountInclTax": 0,
        "OrderSubTotalDiscountExclTax": 0, "OrderShippingInclTax": 4.90, "OrderShippingExclTax": 4.1176,
        "OrderShippingTaxRate": 19, "OrderTax": 21.08, "TaxRates": "19:14.90;   7:6.18;   ", "OrderTotal": 187.70,
    }  # fmt: skip
    return to_order(json.dumps(found).encode(), channel="berlin", currency="EUR")


def by_file() -> Order:
    profile = load_profile(PROFILE)
    (record,) = split(io.BytesIO(TEXT.encode()), profile)
    return read_order(record.body, profile, channel="branch")


def form(**changes: Any) -> OrderForm:
    """Return the form as a person types it."""
    address = {
        "first_name": "François", "last_name": "Zürcher", "street": "Lindenallee 173a", "street_extra": "3. OG links",
        "postal_code": "90402", "city": "Nürnberg", "email": "buyer1085911@example.org", "phone": "+49 30 23125 365",
    }  # fmt: skip
    fields = {
        "slip": "P-1", "lines": [{"sku": "BOOK-05", "quantity": "2"}, {"sku": "WEAR-05-RED-M"}], "billing": address,
        "payment_method": "prepayment", "shipping_method": "parcel", "paid": True,
        "comment": "Bitte beim Nachbarn abgeben, danke! 🙏",
    }  # fmt: skip
    return OrderForm.model_validate({**fields, **changes})


def by_phone(**changes: Any) -> Order:
    prices = {
        "BOOK-05": Listed(name="Birds of the Elbe", price="47.20", tax_category="Reduced"),
        "WEAR-05-RED-M": Listed(name="Trousers", variant="Red, M", price="88.40", tax_category="Standard"),
    }
    desk = OrderDesk(
        assortment="berlin", tax_rates={"DE": {"Standard": 19, "Reduced": 7}}, shipping_charges={"parcel": "4.90"}
    )
    typed = entry(form(**changes), Known(None, prices), name="P-1", sent_at=datetime(2026, 8, 22, tzinfo=UTC))
    return desk.read_order(Typed("P-1", typed.canonical_text().encode()), "phone")


def test_t_ord_13_the_same_basket_by_shop_file_and_phone_is_the_same_order_but_for_channel_data() -> None:
    baskets = [basket(by_shop(), **SHOP), basket(by_file(), **FILE), basket(by_phone(), **PHONE)]
    told = [json.loads(each) for each in baskets]
    assert told[0] == told[1]
    assert told[0] == told[2]
    assert len({order.canonical_text() for order in (by_shop(), by_file(), by_phone())}) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [{"sku": "BOOK-05", "quantity": "3"}, {"sku": "WEAR-05-RED-M"}]},
        {"lines": [{"sku": "BOOK-05", "quantity": "2", "agreed_price": "47,10"}, {"sku": "WEAR-05-RED-M"}]},
        {"comment": "Bitte klingeln"},
        {"kind": "business"},
        {"paid": False},
        {"payment_method": "invoice"},
        {"shipping_method": ""},
    ],
)
def test_another_basket_is_another_order(changes: dict[str, Any]) -> None:
    assert basket(by_phone(**changes), **PHONE) != basket(by_shop(), **SHOP)


def test_parts_of_a_bundle_count_whoever_names_them() -> None:
    plain = by_phone()
    part = Component(sku="HOME-001", quantity=1)
    named = plain.model_copy(
        update={"lines": tuple(line.model_copy(update={"components": (part,)}) for line in plain.lines)}
    )
    assert basket(named, **PHONE) != basket(plain, **PHONE)
    parts: dict[str, tuple[Component, ...]] = {line.sku: (part,) for line in plain.lines}
    assert basket(named, **PHONE, parts=parts) == basket(plain, **PHONE, parts=parts)
