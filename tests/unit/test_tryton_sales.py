"""Sales in Tryton's words: pure translation, checked by example and by round trip."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.parties import Address
from blocks.documents.sales import SaleLine, SaleLineKind, SaleRequest, SalesParty
from blocks.errors import Refused, TryAgainLater
from blocks.systems.erps.tryton_places import zone_of
from blocks.systems.erps.tryton_rpc import RefusedByTryton, decode, encode, error_from
from blocks.systems.erps.tryton_sales import (
    MasterData,
    Product,
    Services,
    address_values,
    line_values,
    party_values,
    rounding_values,
    sale_values,
    same_address,
    taxes_by_rate,
    to_product,
    to_sale,
    tolerance,
    without_personal_data,
)

SERVICES = Services("SHIPPING", "PAYMENT-FEE", "DISCOUNT", "ROUNDING")
MASTER = MasterData(
    services=SERVICES,
    products={
        "HOME-001": Product(1, 7, salable=True, taxes=(21,)),
        "OLD": Product(2, 7, salable=False, taxes=(21,)),
        "SHIPPING": Product(3, 7, salable=True, taxes=(21,)),
        "ROUNDING": Product(4, 7, salable=True, taxes=()),
    },
    taxes={Decimal(19): (20, 21), Decimal(7): (22,), Decimal(16): (23, 24)},
    warehouses={"BER": 5},
    currencies={"EUR": 6},
    countries={"DE": 8},
)
ADDRESS = Address(first_name="Anna", last_name="Roth", street="Weg 1", postal_code="10115", city="Ulm", country="DE")


def line(**changes: object) -> SaleLine:
    values = {"kind": "goods", "sku": "HOME-001", "quantity": 2, "unit_net": Decimal("1.5"), "tax_rate": Decimal(19)}
    return SaleLine(**{**values, **changes})


def request(**changes: object) -> SaleRequest:
    values = {
        "reference": "SOMS-1",
        "party": SalesParty(code="C-1", name="Anna Roth", email="anna@example.org", vat_id="DE999"),
        "invoice_address": ADDRESS,
        "shipment_address": ADDRESS,
        "sale_date": date(2026, 11, 20),
        "currency": "EUR",
        "warehouse": "BER",
        "lines": (line(),),
        "total": Decimal("3.57"),
    }
    return SaleRequest(**{**values, **changes})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda name: name != "__class__"), inner),
)


@given(VALUES)
def test_a_value_sent_and_read_back_is_the_same(value: object) -> None:
    assert json.loads(json.dumps(encode(value)), object_hook=decode) == value


def test_a_user_error_is_a_refusal_in_trytons_own_words() -> None:
    error = error_from(["UserError", ["The code on party must be unique.", "", None]], "model.party.party.create")
    assert isinstance(error, RefusedByTryton)
    assert str(error) == "The code on party must be unique."


@pytest.mark.parametrize("said", [["database is locked", ""], ["ConcurrencyException", ["Record was modified"]]])
def test_a_busy_database_is_tried_again_later(said: list[object]) -> None:
    assert isinstance(error_from(said, "model.sale.sale.confirm"), TryAgainLater)


def test_an_exception_inside_tryton_is_refused_without_quoting_its_text() -> None:
    error = error_from(["KeyError: Anna Roth", "Traceback ..."], "model.sale.sale.read")
    assert isinstance(error, Refused)
    assert "Anna" not in str(error)


def test_a_sale_is_written_with_everything_tryton_does_not_fill_in_by_itself() -> None:
    assert sale_values(request(comment="Ring twice"), MASTER, 11, 12, 13) == {
        "party": 11,
        "invoice_address": 12,
        "shipment_address": 13,
        "currency": 6,
        "warehouse": 5,
        "reference": "SOMS-1",
        "sale_date": date(2026, 11, 20),
        "comment": "Ring twice",
        "invoice_method": "manual",
        "shipment_method": "order",
        "lines": [
            [
                "create",
                [
                    {
                        "type": "line",
                        "product": 1,
                        "unit": 7,
                        "quantity": 2.0,
                        "unit_price": Decimal("1.5000"),
                        "description": None,
                        "taxes": [["add", [21]]],
                    }
                ],
            ]
        ],
    }


def test_charges_are_booked_on_their_service_articles() -> None:
    shipping = line(kind=SaleLineKind.SHIPPING, sku="")
    assert line_values(shipping, MASTER)["product"] == 3


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(Decimal("19.00"), [["add", [21]]]), (Decimal(7), [["add", [22]]]), (None, [["add", []]])],
    ids=["the article's own of several", "the only one", "outside tax"],
)
def test_the_tax_is_chosen_by_rate(rate: Decimal | None, expected: list[object]) -> None:
    assert line_values(line(tax_rate=rate), MASTER)["taxes"] == expected


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tax_rate": Decimal(16)}, "2 sales taxes of 16 %"),
        ({"tax_rate": Decimal(5)}, "no sales tax of 5 %"),
        ({"sku": "NIX"}, "article NIX"),
        ({"sku": "OLD"}, "not for sale"),
    ],
)
def test_what_cannot_be_chosen_for_sure_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(Refused, match=why):
        line_values(line(**changes), MASTER)


def test_an_address_keeps_the_name_on_it_and_both_street_lines() -> None:
    firm = ADDRESS.model_copy(update={"company": "Roth KG", "street_extra": "2. Stock"})
    assert address_values(firm, MASTER.countries) == {
        "party_name": "Roth KG",
        "attn": "Anna Roth",
        "street": "Weg 1\n2. Stock",
        "postal_code": "10115",
        "city": "Ulm",
        "country": 8,
    }


def test_addresses_differ_by_any_part_and_empty_is_nothing() -> None:
    values = address_values(ADDRESS, MASTER.countries)
    record = {"id": 1, **values, "attn": ""}
    assert same_address(record, values)
    assert not any(same_address({**record, name: "other"}, values) for name in values)


def test_a_new_party_carries_code_addresses_and_ways_to_reach_it() -> None:
    values = party_values(request(), [{"city": "Ulm"}])
    assert (values["code"], values["name"]) == ("C-1", "Anna Roth")
    assert values["addresses"] == [["create", [{"city": "Ulm"}]]]
    assert values["contact_mechanisms"] == [["create", [{"type": "email", "value": "anna@example.org"}]]]
    assert values["identifiers"] == [["create", [{"code": "DE999"}]]]


def test_a_rounding_line_stands_outside_tax() -> None:
    values = rounding_values(99, Decimal("-0.02"), MASTER)
    assert (values["sale"], values["product"], values["unit_price"], values["taxes"]) == (99, 4, Decimal("-0.02"), [])


def test_a_cent_per_line_and_two_may_be_rounding() -> None:
    assert tolerance(request(lines=(line(),) * 3)) == Decimal("0.05")


def test_records_are_read_as_tryton_sends_them() -> None:
    product = {"id": 1, "salable": True, "sale_uom": 7, "code": "A"}
    category = {"template.": {"id": 1, "account_category.": {"id": 2, "customer_taxes_used": [21]}}}
    assert to_product({**product, **category}) == Product(1, 7, salable=True, taxes=(21,))
    assert to_product({**product, "template.": {"account_category.": None}}).taxes == ()
    sale = to_sale(
        {"id": 9, "reference": "R", "number": None, "state": "draft", "total_amount": Decimal(1)}, Decimal(0)
    )
    assert (sale.external_id, sale.number, sale.state) == ("9", "", "draft")
    assert taxes_by_rate([{"id": 1, "rate": Decimal("0.19")}, {"id": 2, "rate": Decimal("0.190")}]) == {
        Decimal(19): (1, 2)
    }


def test_a_location_belongs_to_the_storage_zone_above_it() -> None:
    assert zone_of(3, {1: 100, 2: 1, 3: 2}, {1: "BER"}) == 1


def test_everything_personal_is_blotted_out_of_trytons_words() -> None:
    said = 'The value "0.5" in "Roth, Anna Roth, Weg 1, 10115 Ulm <anna@example.org>" (DE999) is too long'
    text = without_personal_data(said, request())
    assert [word for word in ("Anna", "Roth", "Weg 1", "10115", "Ulm", "example.org", "DE999") if word in text] == []
    assert "is too long" in text


def test_a_party_tryton_names_by_itself_is_blotted_out_and_an_article_is_not() -> None:
    said = 'The value in record "Old, Hof 3\nUlm" of "Party Address" and in record "[A-1] Mug" of "Sale Line" is bad'
    text = without_personal_data(said, request())
    assert text == 'The value in record "***" of "Party Address" and in record "[A-1] Mug" of "Sale Line" is bad'
