"""Hybrid invoices: found however they are tied in, written so that they read back, held against their page."""

import json
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from blocks.documents.invoices import (
    CreditTransfer,
    Invoice,
    InvoiceLine,
    Item,
    Note,
    Party,
    Payment,
    Price,
    Totals,
    VatBreakdown,
)
from blocks.errors import Unreadable
from blocks.standards.en16931 import hybrid, pdf_attachments
from blocks.standards.en16931.cii_writing import write
from blocks.standards.en16931.hybrid_writing import archive_gaps, embed
from blocks.standards.en16931.invoice_page import page_of
from blocks.standards.en16931.page_check import page_disagreements
from blocks.standards.en16931.page_values import amounts_of, days_of
from blocks.standards.en16931.reading import read_einvoice
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.pdf.reading import read_text_layer
from tests.invoices import invoices
from tests.pdfs import PaperPage, pdf

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"

INVOICE = Invoice(
    number="RE-2026/17",
    issue_date=date(2026, 11, 21),
    type_code="380",
    currency="EUR",
    specification="urn:cen.eu:en16931:2017",
    seller=Party(name="Müller & Söhne GmbH", vat_id="DE123456788"),
    buyer=Party(name="Łódź Handel"),
    payment=Payment(means_code="58", transfers=(CreditTransfer(account="DE02120300000000202051"),)),
    lines=(
        InvoiceLine(
            id="1",
            quantity=Decimal(2),
            unit="C62",
            net=Decimal("100.00"),
            price=Price(net=Decimal("50.00")),
            vat_category="S",
            vat_rate=Decimal(19),
            item=Item(name="Ein Gegenstand mit einem recht langen Namen (rund), der in keine Zeile der Tabelle passt"),
        ),
    ),
    totals=Totals(
        line_net=Decimal("100.00"),
        net=Decimal("100.00"),
        vat=Decimal("19.00"),
        gross=Decimal("119.00"),
        prepaid=Decimal("20.00"),
        payable=Decimal("99.00"),
    ),
    vat_breakdown=(VatBreakdown(category="S", rate=Decimal(19), basis=Decimal("100.00"), amount=Decimal("19.00")),),
    notes=(Note(text="Danke \\ (sehr)"),),
)


def test_t_doc_1_a_hybrid_pdf_written_for_an_invoice_without_a_page_reads_back_equal_and_agrees_with_its_page():
    page = page_of(INVOICE)
    written = embed(page, INVOICE)
    found = hybrid.find(written)
    assert found is not None
    assert read_einvoice(found.xml)[1:] == (INVOICE, ())
    assert (found.name, found.profile, found.findings, found.remarks) == ("factur-x.xml", "EN 16931", (), ())
    layer = read_text_layer(written)
    assert not layer.doubts
    assert page_disagreements(INVOICE, layer) == ()
    assert any("stand as '?'" in row.text for row in layer.rows)
    assert archive_gaps(page) == ()
    assert (embed(page, INVOICE), page_of(INVOICE)) == (written, page)
    assert f"{datetime.now(UTC):%Y%m%d%H}".encode() not in written
    assert written.startswith(b"%PDF-1.6")
    assert (written.count(b"%PDF-"), written.count(b"%%EOF")) == (1, 1)


@given(invoice=invoices())
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_t_doc_1_any_invoice_survives_in_a_hybrid_pdf(invoice: Invoice):
    found = hybrid.find(embed(page_of(invoice), invoice))
    assert found is not None
    assert found.xml == write(invoice)[0]


def test_an_invoice_of_many_lines_fills_several_pages():
    long = INVOICE.model_copy(update={"lines": INVOICE.lines * 100})
    layer = read_text_layer(page_of(long))
    assert len(layer.pages) > 2
    assert sum("50.00" in row.text for row in layer.rows) == 100


def test_an_older_invoice_inside_is_replaced_and_other_attached_files_stay():
    first = embed(page_of(INVOICE), INVOICE)
    writer = PdfWriter(clone_from=BytesIO(first))
    writer.add_attachment("Stundenzettel.csv", b"1;2")
    packed = BytesIO()
    writer.write(packed)
    newer = INVOICE.model_copy(update={"number": "RE-18"})
    written = embed(packed.getvalue(), newer)
    found = hybrid.find(written)
    assert found is not None
    assert read_einvoice(found.xml)[1] == newer
    inside = pdf_attachments.look_inside(written)
    assert inside is not None
    assert {file.name: file.content for file in inside.files} == {
        "factur-x.xml": found.xml,
        "Stundenzettel.csv": b"1;2",
    }


def test_what_keeps_a_pdf_from_being_an_archive_is_said():
    plain = pdf([PaperPage().text(50, 700, "Rechnung RE-2026/17")])
    gaps = archive_gaps(plain)
    assert "no output intent" in gaps[0]
    assert "fonts are not embedded: Courier, Helvetica" in gaps[1]
    found = hybrid.find(embed(plain, INVOICE))
    assert found is not None
    assert any("declares PDF/A-3B, but fonts are not embedded" in remark for remark in found.remarks)


def test_nothing_is_put_inside_a_file_that_is_no_pdf():
    with pytest.raises(Unreadable, match="damaged or encrypted"):
        embed(b"%PDF-1.4 and then nothing", INVOICE)


XML = write(INVOICE)[0]
Tie = Callable[[PdfWriter, list[DictionaryObject]], None]


def _names(writer: PdfWriter, files: list[DictionaryObject]) -> None:
    pairs = ArrayObject(each for file in files for each in (TextStringObject(file["/UF"]), file))
    writer.root_object[NameObject("/Names")] = DictionaryObject(
        {NameObject("/EmbeddedFiles"): DictionaryObject({NameObject("/Names"): pairs})}
    )


def _associated(writer: PdfWriter, files: list[DictionaryObject]) -> None:
    writer.root_object[NameObject("/AF")] = ArrayObject(files)


def _names_without_names(writer: PdfWriter, files: list[DictionaryObject]) -> None:
    tree = DictionaryObject({NameObject("/Names"): ArrayObject(files)})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): tree})


def _tree_that_bites_its_tail(writer: PdfWriter, files: list[DictionaryObject]) -> None:
    leaf = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), files[0]])})
    root = writer._add_object(DictionaryObject())
    root.get_object()[NameObject("/Kids")] = ArrayObject([root, leaf, root])
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): root})


def _on_the_page(writer: PdfWriter, files: list[DictionaryObject]) -> None:
    note = DictionaryObject({NameObject("/Subtype"): NameObject("/FileAttachment"), NameObject("/FS"): files[0]})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([note])


def _with(*files: tuple[str, bytes | StreamObject], tie: Tie = _names) -> bytes:
    """Return a PDF of one page with files tied in that way."""
    writer = PdfWriter(clone_from=BytesIO(pdf([PaperPage().text(50, 700, "Rechnung RE-2026/17 119,00 99,00")])))
    specifications = []
    for name, content in files:
        stream = content
        if isinstance(stream, bytes):
            stream = DecodedStreamObject()
            stream.set_data(content)
        reference = writer._add_object(stream)
        specifications.append(
            DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/Filespec"),
                    NameObject("/UF"): TextStringObject(name),
                    NameObject("/EF"): DictionaryObject({NameObject("/F"): reference}),
                }
            )
        )
    tie(writer, specifications)
    packed = BytesIO()
    writer.write(packed)
    return packed.getvalue()


@pytest.mark.parametrize("tie", [_names, _associated, _names_without_names, _tree_that_bites_its_tail, _on_the_page])
@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "FACTUR-X.XML", "rechnung.bin"])
def test_the_xml_is_found_however_it_is_tied_in_and_named(tie: Tie, name: str):
    found = hybrid.find(_with((name, XML), tie=tie))
    assert found is not None
    assert (found.xml, found.name, found.findings) == (XML, name, ())
    assert any("AFRelationship" in remark for remark in found.remarks)
    assert any("prescribe factur-x.xml" in remark for remark in found.remarks) == (name not in hybrid.NAMES)


def test_of_several_files_the_invoice_is_taken_and_a_second_one_that_differs_is_a_finding():
    other = XML.replace(b"119.00", b"191.00")
    found = hybrid.find(_with(("anhang.xml", b"<a/>"), ("alt.xml", other), ("factur-x.xml", XML)))
    assert found is not None
    assert found.xml == XML
    assert "several different invoices" in found.findings[0]
    same = hybrid.find(_with(("zugferd-invoice.xml", XML), ("factur-x.xml", XML)))
    assert same is not None
    assert not same.findings


def test_a_pdf_without_an_invoice_inside_has_none_and_an_order_is_refused():
    assert hybrid.find(_with(("anhang.xml", b"<a/>"), ("bild.png", b"\x89PNG"))) is None
    assert hybrid.find(pdf([PaperPage().text(50, 700, "Rechnung")])) is None
    order = b'<SCRDMCCBDACIOMessageStructure xmlns="urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"/>'
    with pytest.raises(Unreadable, match="is an order"):
        hybrid.find(_with(("order-x.xml", order)))


def test_broken_xml_under_a_prescribed_name_is_found_and_said():
    found = hybrid.find(_with(("factur-x.xml", XML[:-40])))
    assert found is not None
    assert "is broken" in found.findings[0]


def test_an_attachment_that_inflates_beyond_measure_is_left_alone():
    bomb = StreamObject()
    bomb[NameObject("/Filter")] = NameObject("/FlateDecode")
    bomb._data = zlib.compress(bytes(150_000_000), 1)
    packed = _with(("factur-x.xml", XML), ("bomb.xml", bomb))
    del bomb
    tracemalloc.start()
    found = hybrid.find(packed)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 72_000_000
    assert found is not None
    assert found.xml == XML
    assert "'bomb.xml' is damaged or larger than 32 MB" in found.findings[0]


def test_nothing_of_a_damaged_pdf_gets_into_the_log(caplog: pytest.LogCaptureFixture):
    hybrid.find(_HYBRID.replace(b"/Type /Page\n", b"/Type M\xfcller\n"))
    assert not caplog.records


def test_metadata_that_declares_another_profile_than_the_xml_is_a_finding():
    written = embed(page_of(INVOICE), INVOICE)
    assert written.count(b">EN 16931<") == 1
    found = hybrid.find(written.replace(b">EN 16931<", b">EXTENDED<"))
    assert found is not None
    assert "declares the profile EXTENDED, but the XML inside it is EN 16931" in found.findings[0]


@given(at=st.integers(0, 10**6), put=st.binary(min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_whatever_is_done_to_a_hybrid_pdf_the_search_ends_without_an_error_of_another_kind(at: int, put: bytes):
    damaged = bytearray(_HYBRID)
    place = at % len(damaged)
    damaged[place : place + len(put)] = put
    with suppress(Unreadable):
        hybrid.find(bytes(damaged))


_HYBRID = _with(("factur-x.xml", XML), tie=_associated)


def _altered(**update: Any) -> Invoice:
    totals = INVOICE.totals.model_copy(update=update.pop("totals", {}))
    return INVOICE.model_copy(update={"totals": totals, **update})


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        (
            _altered(totals={"gross": Decimal("191.00")}),
            "gross total 191.00 does not stand on the page, which prints 119",
        ),
        (_altered(totals={"gross": Decimal("19.00")}), "gross total is 19.00, but the page prints 119.00 beside its"),
        (
            _altered(totals={"payable": Decimal("9.90")}),
            "amount due 9.90 does not stand on the page, which prints 99.00",
        ),
        (_altered(totals={"net": Decimal("100.01")}), "net total 100.01 does not stand on the page."),
        (_altered(totals={"vat": Decimal("9.19")}), "VAT total 9.19 does not stand on the page."),
        (_altered(number="RE-2026/1"), "invoice number RE-2026/1 does not stand on the page"),
        (_altered(issue_date=date(2026, 12, 11)), "date of issue 2026-12-11 does not stand on the page, which shows"),
        (_altered(currency="USD"), "currency is USD, but the page shows amounts in EUR"),
        (
            _altered(payment=Payment(transfers=(CreditTransfer(account="DE89370400440532013000"),))),
            "account DE89370400440532013000 does not stand on the page, which shows DE02120300000000202051",
        ),
    ],
)
def test_t_doc_9_xml_that_differs_from_the_page_is_flagged_and_both_values_are_said(altered: Invoice, said: str):
    written = embed(page_of(INVOICE), altered)
    found = hybrid.find(written)
    assert found is not None
    [sentence] = page_disagreements(read_einvoice(found.xml)[1], read_text_layer(written))
    assert said in sentence
    assert sentence.endswith(".")


def test_t_doc_9_a_page_without_text_cannot_be_compared_and_says_so():
    assert "no text" in page_disagreements(INVOICE, TextLayer(pages=()))[0]


@pytest.mark.parametrize(
    "row",
    ["Summe 1.234,50 EUR", "Total 1,234.50", "1 234,50 €", "CHF 1'234.50", "Total: 1234,50", "3 x 1.234,50"],
)
def test_an_amount_is_recognised_in_every_way_of_writing_it(row: str):
    assert Decimal("1234.50") in amounts_of(row)
    assert Decimal("1.23") not in amounts_of(row)


@pytest.mark.parametrize(
    "row",
    [
        "Datum 5.3.2026",
        "05.03.26",
        "2026-03-05",
        "05/03/2026",
        "3/5/2026",
        "5. März 2026",
        "March 5th, 2026",
        "le 5 mars 2026",
        "5 de marzo de 2026",
        "5 maart 2026",
        "05-MAR-2026",
    ],
)
def test_a_day_is_recognised_in_every_way_of_writing_it(row: str):
    assert date(2026, 3, 5) in days_of(row)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="The corpora are not beside the project.")
def test_the_hybrid_invoices_of_the_corpus_are_found_with_the_defects_of_their_hulls():
    expected = {
        "prf-002": "names the unknown profile",
        "xml-004": "names no profile",
        "rbt-002": "is broken",
        "pdf-003": "AFRelationship",
        "pdf-007": "no output intent",
        "prf-001": "which has no lines, but gives lines",
    }
    for path in sorted((CORPORA / "en16931" / "hybrid").glob("*.pdf")):
        content = path.read_bytes()
        found = hybrid.find(content)
        assert found is not None
        said = [*found.findings, *found.remarks]
        assert [expected[path.stem] in each for each in said] == [True] if path.stem in expected else said == []
        if path.stem != "rbt-002":
            assert page_disagreements(read_einvoice(found.xml)[1], read_text_layer(content)) == ()


@pytest.mark.skipif(not CORPORA.is_dir(), reason="The corpora are not beside the project.")
def test_t_doc_9_no_sound_invoice_of_the_corpus_is_flagged_and_every_altered_total_is():
    folder = CORPORA / "invoices-pdf"
    items = [each for each in json.loads((folder / "manifest.json").read_text())["items"] if each.get("truth_xml")]
    seen: set[str] = set()
    for item in items:
        if item["renderer"] in seen or item["truth"]["syntax"] == "order-x":
            continue  # one of each layout, so that the test stays short
        seen.add(item["renderer"])
        invoice = read_einvoice((folder / item["truth_xml"]).read_bytes())[1]
        layer = read_text_layer((folder / item["file"]).read_bytes())
        assert page_disagreements(invoice, layer) == (), item["file"]
        assert invoice.totals.gross is not None
        for gross in (invoice.totals.gross + Decimal("0.01"), invoice.totals.gross * 10):
            totals = invoice.totals.model_copy(update={"gross": gross})
            assert page_disagreements(invoice.model_copy(update={"totals": totals}), layer), item["file"]
    assert len(seen) > 5


def test_the_pages_stay_as_they_were():
    original = pdf([PaperPage().text(50, 700, "Rechnung RE-2026/17"), PaperPage().text(50, 700, "Seite 2")])
    rows = [row.text for row in read_text_layer(embed(original, INVOICE)).rows]
    assert rows == [row.text for row in read_text_layer(original).rows]
    assert len(PdfReader(BytesIO(embed(original, INVOICE))).pages) == 2
