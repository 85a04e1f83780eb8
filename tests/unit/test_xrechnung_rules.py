"""XRechnung's own rules: what German authorities ask beyond EN 16931."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.invoices import (
    AllowanceCharge,
    Contact,
    CreditTransfer,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    InvoiceLine,
    Party,
    Payment,
    Period,
    PostalAddress,
    Price,
    SupportingDocument,
    ThirdPartyPayment,
)
from blocks.standards.en16931.rules.checking import check_document, check_xrechnung
from blocks.standards.en16931.rules.xrechnung import SPECIFICATION, skonto_faults
from blocks.standards.en16931.rules.xrechnung_extension import SPECIFICATION as EXTENSION
from blocks.standards.en16931.ubl_writing import write
from tests.unit.test_en16931_rules import SELLER, a_right_invoice

COLOGNE = PostalAddress(city="Köln", postcode="50668", country="DE")
CONTACT = Contact(name="Anna Muster", phone="+49 221 1234", email="anna@example.com")
MAILBOX = Identifier(value="anna@example.com", scheme="EM")
TRANSFER = (CreditTransfer(account="DE02120300000000202051"),)


def a_right_xrechnung(**changes: Any) -> Invoice:
    return a_right_invoice(
        **{
            "specification": f"urn:cen.eu:en16931:2017#compliant#{SPECIFICATION}",
            "process": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
            "buyer_reference": "04011000-12345-03",
            "seller": Party(**{**SELLER, "address": COLOGNE, "contact": CONTACT, "electronic_address": MAILBOX}),
            "buyer": Party(name="Käufer AG", address=COLOGNE, electronic_address=MAILBOX),
            "payment": Payment(means_code="58", transfers=TRANSFER),
            "delivery": Delivery(delivered_on=date(2026, 11, 20)),
            **changes,
        }
    )


def broken(invoice: Invoice) -> set[str]:
    return {finding.rule for finding in check_xrechnung(invoice)}


def with_line(**changes: Any) -> Invoice:
    return a_right_xrechnung(line=changes, period=Period(start=date(2026, 11, 1), end=date(2026, 11, 30)))


def test_a_right_xrechnung_breaks_no_rule_of_either_set():
    assert check_document(write(a_right_xrechnung())[0])[3] == ()


@pytest.mark.parametrize(
    ("invoice", "expected"),
    [
        (a_right_xrechnung(payment=None), {"BR-DE-1"}),
        (a_right_xrechnung(buyer_reference=""), {"BR-DE-15"}),
        (a_right_xrechnung(process=""), {"PEPPOL-EN16931-R001"}),
        (a_right_xrechnung(buyer=Party(name="x", address=COLOGNE)), {"PEPPOL-EN16931-R010"}),
        (a_right_xrechnung(type_code="384"), {"BR-DE-26"}),
        (a_right_xrechnung(type_code="383"), {"BR-DE-17"}),
        (a_right_xrechnung(accounting_currency="EUR"), {"PEPPOL-EN16931-R005"}),
        (a_right_xrechnung(payment=Payment(means_code="58")), {"BR-DE-23-a"}),
        (
            a_right_xrechnung(payment=Payment(means_code="59", transfers=TRANSFER)),
            {"BR-DE-20", "BR-DE-25-a", "BR-DE-25-b", "PEPPOL-EN16931-R061"},
        ),
        (
            a_right_xrechnung(payment=Payment(means_code="59", debit=DirectDebit(mandate="M"))),
            {"BR-DE-20", "BR-DE-30", "BR-DE-31"},
        ),
        (
            a_right_xrechnung(
                supporting_documents=tuple(
                    SupportingDocument(reference=name, content=b"x", mime_type="text/csv", file_name=name)
                    for name in ("a.csv", "A.CSV")
                )
            ),
            {"BR-DE-22"},
        ),
        (with_line(net=Decimal("100.03")), {"PEPPOL-EN16931-R120"}),
        (with_line(net=Decimal("100.02")), set()),
        (with_line(price=Price(net=Decimal(100), gross=Decimal(120), discount=Decimal(10))), {"PEPPOL-EN16931-R046"}),
        (with_line(period=Period(start=date(2026, 10, 31))), {"PEPPOL-EN16931-R110"}),
        (with_line(period=Period(end=date(2026, 12, 1))), {"PEPPOL-EN16931-R111"}),
        (
            a_right_xrechnung(
                allowances_charges=(
                    AllowanceCharge(is_charge=True, amount=Decimal(5), basis=Decimal(50), percentage=Decimal(11)),
                    AllowanceCharge(is_charge=True, amount=Decimal(5), basis=Decimal(50)),
                    AllowanceCharge(is_charge=True, amount=Decimal(5), percentage=Decimal(11)),
                )
            ),
            {"PEPPOL-EN16931-R040", "PEPPOL-EN16931-R041", "PEPPOL-EN16931-R042"},
        ),
    ],
)
def test_one_thing_wrong_breaks_the_rule_of_xrechnung_that_says_so(invoice: Invoice, expected: set[str]):
    assert broken(invoice) == expected


def test_forints_have_no_cents_so_their_products_may_be_off_by_half_a_unit():
    assert broken(with_line(net=Decimal("100.40")).model_copy(update={"currency": "HUF"})) == set()


@pytest.mark.parametrize(
    ("terms", "faults"),
    [
        ("30 Tage netto", 0),
        ("#SKONTO#TAGE=14#PROZENT=2.00#\n", 0),
        ("#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=100.00#\nsonst netto", 0),
        ("#SKONTO#TAGE=14#PROZENT=2.00#", 1),
        ("#SKONTO#TAGE=14#PROZENT=2#\n", 1),
        ("#Skonto#TAGE=14#PROZENT=2.00#\n", 1),
        ("#SKONTO#TAGE=1.5#PROZENT=2.00#\n", 1),
    ],
)
def test_skonto_is_read_to_the_letter(terms: str, faults: int):
    assert len(list(skonto_faults(terms))) == faults


def test_an_empty_element_and_unended_skonto_are_found_in_the_document():
    data = write(a_right_xrechnung(payment_terms="#SKONTO#TAGE=14#PROZENT=2.00#"))[0]
    assert check_document(data)[3] == ()
    spoilt = data.replace(b"2.00#\n<", b"2.00#<").replace(b"<cac:TaxTotal>", b"<cac:PaymentTerms/><cac:TaxTotal>")
    assert {one.rule for one in check_document(spoilt)[3]} == {"BR-DE-18", "PEPPOL-EN16931-R008"}


def test_the_extension_has_its_rules_only_where_it_is_named():
    wrong = a_right_xrechnung(
        third_party_payments=(ThirdPartyPayment(amount=Decimal("1.005")),),
        line={"sub_lines": (InvoiceLine(id="1.1"),)},
    )
    assert broken(wrong) == set()
    named = wrong.model_copy(update={"specification": f"{wrong.specification}#conformant#{EXTENSION}"})
    assert broken(named) == {f"BR-DEX-{number:02}" for number in (2, 3, 9, 10, 12, 13)}
