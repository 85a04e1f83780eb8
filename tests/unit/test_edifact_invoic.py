"""INVOIC: an invoice written and read again is the same invoice, and what INVOIC cannot hold is said."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from blocks.documents.invoices import (
    AllowanceCharge,
    Classification,
    Contact,
    CreditTransfer,
    Delivery,
    Identifier,
    Invoice,
    InvoiceLine,
    Item,
    Note,
    Party,
    Payment,
    Period,
    PostalAddress,
    PrecedingInvoice,
    Price,
    Totals,
    VatBreakdown,
)
from blocks.standards.edifact.envelope import read_interchanges
from blocks.standards.edifact.messages.invoic import envelope_of, read_invoic, write_invoic
from blocks.standards.edifact.messages.releases import ReleaseName
from tests.invoices import invoices

_RELEASES: tuple[ReleaseName, ...] = ("96A", "01B")

_HAS_NO_PLACE = re.compile(
    r"""(lines\[\d+\]\.(sub_lines\[\d+\]\.)*)?supporting_documents.*|third_party_payments.*|payment\.card\.(number|holder)
    |.*\.price\.(discount|base_quantity)|.*order_line|.*scheme_version|.*\.(postcode|region)
    |vat_breakdown\[\d+\]\.exemption_(reason|code)|payment\.transfers\[\d+\]\.bank""",
    re.VERBOSE,
)
"""Terms that INVOIC has no place for, or too short a one, or (discount, exemption) only where they make sense."""

FULL = Invoice(
    number="RE-2025/4711",
    issue_date=date(2025, 11, 21),
    type_code="380",
    currency="EUR",
    due_date=date(2025, 12, 21),
    buyer_reference="04011000-12345-03",
    contract_reference="V-77",
    purchase_order_reference="PO4711",
    sales_order_reference="A-12",
    despatch_advice_reference="LS 99",
    payment_terms="#SKONTO#TAGE=14#PROZENT=2.00#\n30 Tage netto",
    notes=(
        Note(text="Es gilt ? unsere 'AGB' + mehr:\nzweite Zeile", subject_code="REG"),
        Note(text="x " * 200 + "end"),
    ),
    specification="urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
    process="urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    preceding_invoices=(PrecedingInvoice(number="RE-1", issued_on=date(2025, 10, 1)),),
    seller=Party(
        name="Lieferant für allerlei Eisenwaren, Schrauben und Muttern GmbH & Co. KG",
        trading_name="Eisen-Karl",
        identifiers=(Identifier(value="4012345000009", scheme="0088"), Identifier(value="K-70001")),
        vat_id="DE123456789",
        tax_number="201/123/12340",
        electronic_address=Identifier(value="4012345000009", scheme="0088"),
        address=PostalAddress(line_1="Am Weg 1", city="Köln", postcode="50667", country="DE"),
        contact=Contact(name="Erika Muster", phone="+49 221 1", email="rechnung@example.com"),
    ),
    buyer=Party(
        name="Käufer AG", identifiers=(Identifier(value="4098765000003", scheme="0088"),), vat_id="DE987654321"
    ),
    delivery=Delivery(
        name="Lager", location=Identifier(value="4098765000010", scheme="0088"), delivered_on=date(2025, 11, 20)
    ),
    period=Period(start=date(2025, 11, 1), end=date(2025, 11, 30)),
    payment=Payment(
        means_code="58",
        remittance="RE4711",
        transfers=(CreditTransfer(account="DE89370400440532013000", name="Lieferant", bank="COBADEFFXXX"),),
    ),
    allowances_charges=(
        AllowanceCharge(
            is_charge=False,
            amount=Decimal("5.00"),
            basis=Decimal("100.00"),
            percentage=Decimal(5),
            vat_category="S",
            vat_rate=Decimal(19),
            reason="Treuerabatt",
            reason_code="95",
        ),
        AllowanceCharge(
            is_charge=True,
            amount=Decimal("4.90"),
            vat_category="S",
            vat_rate=Decimal(19),
            reason="Fracht",
            reason_code="FC",
        ),
    ),
    totals=Totals(
        line_net=Decimal("100.00"),
        allowances=Decimal("5.00"),
        charges=Decimal("4.90"),
        net=Decimal("99.90"),
        vat=Decimal("18.98"),
        gross=Decimal("118.88"),
        prepaid=Decimal("18.88"),
        payable=Decimal("100.00"),
    ),
    vat_breakdown=(VatBreakdown(category="S", rate=Decimal(19), basis=Decimal("99.90"), amount=Decimal("18.98")),),
    lines=(
        InvoiceLine(
            id="1",
            note="Sonderpreis",
            quantity=Decimal(10),
            unit="C62",
            net=Decimal("100.00"),
            order_line="10",
            allowances_charges=(AllowanceCharge(is_charge=False, amount=Decimal("2.00"), reason="Mengenrabatt"),),
            price=Price(
                net=Decimal("10.2000"),
                gross=Decimal("12.00"),
                discount=Decimal("1.80"),
                base_quantity=Decimal(1),
                base_unit="C62",
            ),
            vat_category="S",
            vat_rate=Decimal(19),
            item=Item(
                name="Schraube 4x40: verzinkt",
                description="im Karton",
                seller_id="S-1",
                buyer_id="B-1",
                standard_id=Identifier(value="4012345000016", scheme="0160"),
                classifications=(Classification(code="23171500", scheme="STI"),),
                country_of_origin="DE",
            ),
        ),
    ),
)


def _back(octets: bytes) -> Invoice:
    ((message,),) = [interchange.messages for interchange in read_interchanges(octets)]
    invoice, defects = read_invoic(message)
    assert defects == ()
    return invoice


@pytest.mark.parametrize("release", _RELEASES)
def test_t_doc_1_an_invoice_comes_back_from_invoic_equal_field_by_field(release: ReleaseName) -> None:
    octets, not_held = write_invoic(FULL, release)
    assert not_held == ()
    assert _back(octets) == FULL
    (interchange,) = read_interchanges(octets)
    assert list(interchange.findings) == []
    assert (interchange.sender, interchange.receiver) == ("4012345000009", "4098765000003")


@pytest.mark.parametrize("release", _RELEASES)
@settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
@given(invoice=invoices())
def test_t_doc_1_whatever_an_invoice_holds_comes_back_or_is_named(release: ReleaseName, invoice: Invoice) -> None:
    _, not_held = write_invoic(invoice, release)
    for sentence in not_held:
        named = re.search(r"does not hold (?:the absence of )?([\w.\[\]]+)", sentence)
        assert named
        assert _HAS_NO_PLACE.fullmatch(named[1]), sentence
    if any(document.content for document in invoice.supporting_documents):
        assert any("supporting_documents" in sentence for sentence in not_held)


def test_a_credit_note_stays_one() -> None:
    octets, not_held = write_invoic(FULL.model_copy(update={"type_code": "381"}))
    assert not_held == ()
    assert _back(octets).type_code == "381"
    assert b"BGM+381+RE-2025/4711+9'" in octets


def test_skonto_is_written_as_terms_a_partner_understands_and_read_from_them() -> None:
    octets, _ = write_invoic(FULL)
    assert b"PAT+22++5:3:D:14'PCD+12:2.00'" in octets
    without_text = octets.replace(b"FTX+AAB+++#SKONTO#TAGE=14#PROZENT=2.00#:30 Tage netto'", b"")
    assert without_text != octets
    assert _back(without_text).payment_terms == "#SKONTO#TAGE=14#PROZENT=2.00#"


def test_text_beyond_latin_1_is_written_in_unicode_unless_the_partner_takes_nothing_else() -> None:
    invoice = FULL.model_copy(update={"payment_terms": "100 € sofort"})
    octets, not_held = write_invoic(invoice)
    assert octets.startswith(b"UNA:+.? 'UNB+UNOY:4+")
    assert not_held == ()
    with pytest.raises(ValueError, match="cannot express"):
        write_invoic(invoice, envelope=replace(envelope_of(invoice), exact=True))


def test_what_an_invoic_says_beyond_an_invoice_is_named_with_its_segment() -> None:
    octets, _ = write_invoic(FULL)
    octets = octets.replace(b"CUX+2:EUR:4'", b"NAD+IV+4098765000010::9++Konzernkasse'CUX+2:EUR:4'")
    more = octets.replace(b"UNS+S'", b"MOA+203:abc'TDT+20++30+31'UNS+S'")
    ((message,),) = [interchange.messages for interchange in read_interchanges(more)]
    _, defects = read_invoic(message)
    assert any("TDT+20" in defect.text and defect.place.startswith("segment ") for defect in defects)
    assert any("NAD+IV" in defect.text for defect in defects)
    assert any('"abc" is no number.' in defect.text for defect in defects)
