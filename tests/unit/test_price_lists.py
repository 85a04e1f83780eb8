"""Price lists: dialects, heads wherever they stand, figures spreadsheets maimed, and rows that are no articles."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.product_data import ProductData, Readability
from blocks.errors import Unreadable
from blocks.standards.order_files import xlsx_rows
from blocks.standards.product_data import price_lists
from blocks.standards.product_data.findings import Findings

GTINS = ("4006381333931", "4006381333948", "4006381333955", "4006381333962")


def read(data: bytes) -> tuple[list[ProductData], Findings]:
    findings = Findings()
    return list(price_lists.articles(io.BytesIO(data), findings, name="list")), findings


def workbook(*sheets: Any, merged: str = "", formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
        for area in merged.split():
            sheet.merge_cells(area)
        for cell, form in (formats or {}).items():
            sheet[cell].number_format = form
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def facts(product: ProductData) -> tuple[Any, ...]:
    return product.supplier_article_id, product.gtin, product.name, product.price, product.currency


DIALECTS = {
    "german": (
        "Preisliste 2025;;;;\nalle Preise in EUR netto;;;;\n\nArt.-Nr.;EAN;Bezeichnung;Listenpreis;Gewicht (kg)\n",
        ";",
        ",",
        "cp1252",
    ),
    "english": ("Item No.,Barcode,Product name,List price EUR,Weight (kg)\n", ",", ".", "utf-8"),
    "french": (
        "R\u00e9f\u00e9rence\tCode EAN\tD\u00e9signation\tPrix public (\u20ac)\tGewicht (kg)\n",
        "\t",
        ",",
        "utf-16",
    ),
    "italian": (
        "Codice articolo|Codice a barre|Descrizione|Prezzo di listino EUR|Gewicht (kg)\n",
        "|",
        ",",
        "utf-8-sig",
    ),
    "dutch": ("sep=;\nArtikelnummer;Streepjescode;Omschrijving;Brutoprijs EUR;Gewicht (kg)\n", ";", ",", "cp1252"),
}


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_columns_are_found_in_every_language_and_dialect(dialect: str) -> None:
    head, mark, decimal, encoding = DIALECTS[dialect]
    rows = [
        (f"A-{at}", gtin, f"Stück {at}", f"{12 + at}{decimal}50", f"1{decimal}{at}") for at, gtin in enumerate(GTINS)
    ]
    data = (head + "".join(mark.join(row) + "\r\n" for row in rows)).encode(encoding)
    assert price_lists.looks_like_a_table(data[:4096])
    products, findings = read(data)
    assert [facts(each) for each in products] == [
        (number, gtin, name, Decimal(price.replace(",", ".")), "EUR") for number, gtin, name, price, _ in rows
    ]
    weight = "Weight" if dialect == "english" else "Gewicht"
    assert [(one.name, one.value, one.unit) for one in products[2].attributes] == [(weight, f"1{decimal}2", "kg")]
    assert findings.verdict is Readability.READ


def test_a_head_in_prose_no_table_and_an_empty_file_are_told_apart() -> None:
    assert not price_lists.looks_like_a_table(b"Dear customer,\nplease find our news attached.\n")
    assert not price_lists.looks_like_a_table(b"\x00\x01\x02\x03" * 100)
    for data, word in (
        (b"", "empty"),
        (b"just a letter\nof two lines\n", "No list of articles"),
        (b"\xd0\xcf\x11\xe0abc", "XLS"),
    ):
        with pytest.raises(Unreadable, match=word):
            read(data)


def test_without_a_head_columns_are_told_by_their_content() -> None:
    text = "".join(f"{gtin};R{at}-77;Schraubendreher Größe {at};1{at},99\n" for at, gtin in enumerate(GTINS))
    products, _ = read(text.encode())
    assert [facts(each)[:4] for each in products][1] == ("R1-77", GTINS[1], "Schraubendreher Größe 1", Decimal("11.99"))


def test_rows_that_are_no_articles_are_passed_over() -> None:
    text = (
        "Artikelnummer;Bezeichnung;Preis EUR\nSchrauben;;\n1;M4;1,20\n2;M5;auf Anfrage\n;;\nMuttern;;\n"
        "Artikelnummer;Bezeichnung;Preis EUR\n3;M6;0,99\n;nur ein Text;\nSumme;;2,19\n"
    )
    products, findings = read(text.encode())
    assert [(each.supplier_article_id, each.category) for each in products] == [
        ("1", "Schrauben"),
        ("2", "Schrauben"),
        ("3", "Muttern"),
    ]
    assert products[1].price is None
    assert any("auf Anfrage" in said for said in findings.all())


def test_what_spreadsheets_do_to_gtins_is_undone_where_the_check_digit_proves_it() -> None:
    text = (
        "Artikelnummer;EAN;Bezeichnung;Preis\n1;4,006381333931E+12;a;1,00\n2;4,00638E+12;b;1,00\n"
        '3;="0012345678905";c;1,00\n4;12345678905;d;1,00\n5;12345678901234;e;1,00\n'
    )
    products, findings = read(text.encode())
    assert [each.gtin for each in products] == [
        "4006381333931",
        None,
        "0012345678905",
        "0012345678905",
        "12345678901234",
    ]
    assert any("rounded" in said and "row 3" in said for said in findings.all())


def test_numbers_dates_formats_and_merged_heads_of_a_workbook_stand_as_shown() -> None:
    rows = [
        ["Sortiment", None, None, None, "Maße", None],
        ["Artikelnummer", "EAN", "Bezeichnung", "Preis", "Länge (mm)", "Breite (mm)"],
        [471, 12345678905, "Winkel", 12.5, 30, 20.25],
        [472, 4006381333931, "Leiste", 1.1, 31, 21],
    ]
    data = workbook(rows, merged="E1:F1", formats={"B3": "0000000000000", "D3": '#,##0.00 "€"', "D4": '#,##0.00 "€"'})
    products, _ = read(data)
    assert [facts(each) for each in products] == [
        ("471", "0012345678905", "Winkel", Decimal("12.5"), "EUR"),
        ("472", "4006381333931", "Leiste", Decimal("1.1"), "EUR"),
    ]
    assert [(one.name, one.value, one.unit) for one in products[0].attributes] == [
        ("Maße Länge", "30", "mm"),
        ("Maße Breite", "20.25", "mm"),
    ]


def test_merged_cells_below_the_head_hold_for_every_row_they_cover() -> None:
    rows = [
        ["Art.-Nr.", "Name", "Preis", "Hersteller"],
        ["1", "a", 1, "Nord"],
        ["2", "b", 2, None],
        ["3", "c", 3, None],
    ]
    products, _ = read(workbook(rows, merged="D2:D4"))
    assert [each.brand for each in products] == ["Nord"] * 3


def test_formulas_never_calculated_are_said_and_cost_only_their_cells() -> None:
    rows = [["Art.-Nr.", "Bezeichnung", "Preis"], ["1", "a", "=2*3"], ["2", "b", 4.2]]
    products, findings = read(workbook(rows))
    assert [each.price for each in products] == [None, Decimal("4.2")]
    assert findings.verdict is Readability.PARTLY
    assert "never calculated" in findings.all()[0]


def test_sheets_are_read_in_order_and_those_without_articles_are_named() -> None:
    first = [["Art.-Nr.", "Bezeichnung", "Preis EUR"], ["1", "a", 1.5]]
    words = [["Art.-Nr.", "Suchbegriffe"], ["1", "x"]]
    second = [["Hinweise"], [], ["SKU", "Name", "Price CHF"], ["2", "b", 2.5]]
    products, findings = read(workbook(first, words, second))
    assert [facts(each)[::4] for each in products] == [("1", "EUR"), ("2", "CHF")]
    assert any("S2" in said for said in findings.all())


def test_steps_of_quantity_in_rows_are_one_article() -> None:
    text = "Artikelnummer;Bezeichnung;Staffel ab;Preis\n1;a;1;5,00\n1;a;10;4,50\n1;a;100;4,00\n2;b;1;9,00\n"
    products, _ = read(text.encode())
    assert [(each.supplier_article_id, each.price) for each in products] == [
        ("1", Decimal("5.00")),
        ("2", Decimal("9.00")),
    ]


def test_the_list_price_is_preferred_to_what_one_customer_pays() -> None:
    text = "SKU;Name;EK netto;UVP;Listenpreis\n1;a;5,00;9,99;8,00\n2;b;5,00;9,99;\n"
    products, _ = read(text.encode())
    assert [each.price for each in products] == [Decimal("8.00"), Decimal("9.99")]


@pytest.mark.parametrize("mark", [".", ","])
def test_a_lone_mark_before_three_digits_is_read_as_the_rest_of_the_list_writes_it(mark: str) -> None:
    other = "," if mark == "." else "."
    text = f"SKU;Name;Preis\n1;a;1{other}250{mark}50\n2;b;2{other}500\n3;c;0{mark}95\n"
    products, _ = read(text.encode())
    assert [each.price for each in products] == [Decimal("1250.50"), Decimal(2500), Decimal("0.95")]


def test_broken_rows_and_ten_thousand_columns_cost_no_other_row() -> None:
    wide = ";".join(["9", "breit", "1,00", *["x"] * 10_000])
    text = f'SKU;Name;Preis\n1;a;1,00\n2;"b;2,00\n3;c;3,00\n{wide}\n4;d;4,00\n'
    products, findings = read(text.encode())
    assert [each.supplier_article_id for each in products] == ["1", "3", "9", "4"]
    assert findings.verdict is Readability.PARTLY
    assert any("columns" in said for said in findings.all())


def test_bombs_and_damaged_workbooks_are_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_rows, "MOST_OF_A_SHEET", 1024 * 1024)
    good = workbook([["SKU", "Name", "Preis"], ["1", "a", 1]])
    for part, content, word in (
        ("xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * (2 * 1024 * 1024), "unpacks to"),
        ("xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><workbook/>', "document type"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><broken", "No list of articles|damaged"),
    ):
        kept = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(good)) as old,
            zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
        ):
            for name in old.namelist():
                new.writestr(name, content if name == part else old.read(name))
        with pytest.raises(Unreadable, match=word):
            read(kept.getvalue())
    with pytest.raises(Unreadable, match=r"damaged|no XLSX"):
        read(good[: len(good) // 2])


TEXTS = st.text("abcdefgäöüß XYZ-/&", min_size=3, max_size=12).map(lambda text: f"n{text.strip()}")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(TEXTS, st.integers(1, 10**7), TEXTS), min_size=1, max_size=8),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "cp1252", "utf-16"]),
)
def test_a_price_list_that_is_written_is_read_back_equal(
    rows: list[tuple[str, int, str]], mark: str, encoding: str
) -> None:
    lines = [mark.join(("Artikelnummer", "Bezeichnung", "Preis EUR", "Farbe"))]
    lines += [
        mark.join((f"N{at}", name, f'"{cents // 100},{cents % 100:02}"', colour))
        for at, (name, cents, colour) in enumerate(rows)
    ]
    products, _ = read("\n".join(lines).encode(encoding))
    assert [(each.supplier_article_id, each.name, each.price, each.attributes[0].value) for each in products] == [
        (f"N{at}", name, Decimal(cents) / 100, colour) for at, (name, cents, colour) in enumerate(rows)
    ]


CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "products" / "bmecat"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of product data is not beside the repository")
def test_the_price_lists_of_the_corpus_are_read_whole() -> None:
    for path in CORPUS.glob("*.xlsx"):
        products, findings = read(path.read_bytes())
        assert all(len(each.attributes) == 4 and each.price for each in products)
        assert findings.verdict is Readability.READ
