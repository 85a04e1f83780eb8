"""Data sheets of made-up makers in many layouts: every value with unit and page, and no row that is no value."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.product_data import ProductAttribute, Readability
from blocks.errors import Unreadable
from blocks.standards.product_data.datasheets.quantities import quantity_of
from blocks.standards.product_data.datasheets.reading import sheet
from blocks.standards.product_data.datasheets.statements import statements_in
from blocks.standards.product_data.findings import Findings
from tests import sheets
from tests.pdfs import PaperPage, pdf


def printed(attribute: ProductAttribute) -> str:
    return attribute.value or f"{attribute.minimum}/{attribute.typical}/{attribute.maximum}"


def plain(text: str) -> str:
    return re.sub(r"\s", "", text).casefold()


@pytest.mark.parametrize("make", sheets.MADE, ids=[make.__name__ for make in sheets.MADE])
def test_a_sheet_gives_every_value_with_unit_and_page_and_no_trap(make: Callable[[], sheets.Sheet]) -> None:
    made, findings = make(), Findings()
    product = sheet(made.data(), findings)
    given_ = {
        (plain(printed(each)), plain(each.unit), each.spot.page if each.spot else 0): each
        for each in product.attributes
    }
    for name, value, unit, page in made.states:
        found = [
            each
            for each in product.attributes
            if plain(name) in plain(each.name) and (plain(value), plain(unit), page) == _key(each)
        ]
        assert found, (name, value, unit, page, sorted(given_))
    taken = {plain(part) for each in product.attributes for part in printed(each).split("/") if not _stated(each, made)}
    assert not taken & {plain(trap) for trap in made.traps}
    assert (product.name, product.mpn or "", product.brand or "") == (
        made.name,
        made.mpn,
        made.brand or product.brand or "",
    )
    assert findings.verdict is Readability.READ


def _key(attribute: ProductAttribute) -> tuple[str, str, int]:
    return plain(printed(attribute)), plain(attribute.unit), (attribute.spot.page if attribute.spot else 0) or 0


def _stated(attribute: ProductAttribute, made: sheets.Sheet) -> bool:
    return any(
        plain(name) in plain(attribute.name) and plain(value) == plain(printed(attribute))
        for name, value, *_ in made.states
    )


def test_values_stand_with_their_box() -> None:
    page = PaperPage().text(50, 700, "Parameter").text(200, 700, "Value").text(50, 680, "Mass").text(200, 680, "4 kg")
    (mass,) = sheet(pdf([page]), Findings()).attributes
    assert mass.spot is not None
    assert mass.spot.box is not None
    assert mass.spot.box == pytest.approx((50, 678, 218, 688), abs=4)


def test_a_gtin_is_taken_only_where_it_is_announced_and_its_check_digit_holds() -> None:
    for line, gtin in (
        ("EAN 4006381333931", "4006381333931"),
        ("EAN 4006381333932", None),
        ("No. 4006381333931", None),
    ):
        page = PaperPage().text(50, 780, "Switch SW-8", size=18).text(50, 760, f"Data sheet  {line}")
        assert sheet(pdf([page.text(50, 700, "Ports: 8")]), Findings()).gtin == gtin


def test_two_values_that_contradict_each_other_are_both_left_out_and_said() -> None:
    page = PaperPage().text(50, 700, "Memory")
    for at, line in enumerate(("256KB Flash", "32KB Flash", "8KB RAM")):
        page.text(60, 685 - 14 * at, line)
    findings = Findings()
    assert [(each.name, each.value) for each in sheet(pdf([page]), findings).attributes] == [("RAM", "8")]
    assert "several values of 'Flash'" in findings.all()[0]


def test_an_invoice_is_no_data_sheet() -> None:
    page = (
        PaperPage()
        .text(50, 780, "Rechnung", size=18)
        .text(50, 750, "Rechnungsnummer: 4711")
        .text(50, 735, "IBAN DE02120300000000202051")
    )
    page.text(50, 700, "Gewicht: 5 kg").text(50, 600, "Gesamtbetrag 119,00 EUR inkl. MwSt.")
    findings = Findings()
    assert sheet(pdf([page]), findings).attributes == ()
    assert findings.verdict is Readability.PARTLY
    assert "reads like an invoice" in findings.all()[0]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "damaged"),
        (b"%PDF-1.7 nothing more", "damaged"),
        (pdf([PaperPage().draw("1 0 0 rg 50 50 400 400 re f")]), "no text layer"),
        (pdf([PaperPage().text(50, 700, "x")] * 500), "pages"),
    ],
)
def test_files_that_cannot_be_read_are_refused_in_a_sentence(data: bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        sheet(data, Findings())


def test_a_page_full_of_tricks_ends_in_time_with_bounded_output() -> None:
    page = PaperPage()
    for at in range(400):
        page.text(20 + at % 7 * 80, 800 - at, f"Min. {at}: {at} V {at} x {at} - {at} {'(' * 50}", size=4)
    findings = Findings()
    product = sheet(pdf([page]), findings)
    assert len(product.attributes) < 3000


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        ("VCC: 3.3V @ 800mA", [("VCC", "3.3", "V"), ("VCC current", "800", "mA")]),
        ("AVR CPU at up to 16 MHz", [("AVR CPU (max)", "16", "MHz")]),
        ("Six PWM channels", [("PWM channels", "6", "")]),
        ("3x 12-bit ADC, 2x UART", [("ADC", "3", ""), ("ADC", "12", "bit"), ("UART", "2", "")]),
        ("Clock: 200MHz M33; 20MHz M23", [("Clock M33", "200", "MHz"), ("Clock M23", "20", "MHz")]),
        ("Size (L x W in mm): 3.5 x 2", [("Size", "3.5 x 2", "mm"), ("Length", "3.5", "mm"), ("Width", "2", "mm")]),
        ("Digital I/O pins: 14 (of which 6 provide PWM)", [("Digital I/O pins", "14", "")]),
        ("4MB Flash / 520KB SRAM", [("Flash", "4", "MB"), ("SRAM", "520", "KB")]),
        ("RAW: 6V-20V", [("RAW", "6-20", "V")]),
        ("EN 62311:2008", []),
        ("1: 3.3V", []),
        ("Do not apply more than 5 V to VPU", []),
        ("Up to 40 % faster than comparable boards", []),
        ("Note: keep below 35 °C", []),
        ("Response time: TBD", []),
        ("GS-108A is delivered with a 1.5 m cable", []),
    ],
)  # fmt: skip
def test_a_line_states_what_a_reader_takes_from_it(line: str, stated: list[tuple[str, str, str]]) -> None:
    assert [tuple(each) for each in statements_in(line, listed=True)] == stated


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    for each in statements_in(text, under="Heading", listed=True):
        assert each.name
        assert each.value


@settings(max_examples=100, deadline=None)
@given(
    st.decimals(min_value=-1000, max_value=1000, places=2),
    st.sampled_from(["V", "mA", "°C", "mm", "kΩ", "MHz", "%", "dBm", "l/h", "kg", "µA", "V AC"]),
    st.sampled_from(["", " "]),
)
def test_a_quantity_that_is_printed_is_read_back(value: object, unit: str, between: str) -> None:
    found = quantity_of(f"{value}{between}{unit}")
    assert found is not None
    assert (found.value, found.unit) == (str(value), unit)


CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "products" / "datasheets"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of product data is not beside the repository")
def test_sheets_of_the_corpus_are_read() -> None:
    for path in sorted(CORPUS.glob("*.pdf"))[::3]:
        findings = Findings()
        product = sheet(path.read_bytes(), findings)
        assert product.mpn
        assert len(product.attributes) > 12
        assert findings.verdict is Readability.READ
