"""T-DOC-1, 2, 4: lines of printed invoices of many shapes come back exactly, or a sentence says what is doubtful."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.invoices import InvoiceLine, Price
from blocks.standards.pdf.layout import Page, TextLayer
from blocks.standards.printed_invoices.lines import find_lines
from blocks.standards.printed_invoices.lines_found import LineTable
from blocks.standards.printed_invoices.lines_rounding import rounded_figure
from blocks.standards.printed_invoices.units import unit_code
from tests.printed_tables import Sheet, invoice

LEFT, RIGHT = "left", "right"


def table(*rows: list[tuple[float, str, str]], size: float = 9.0) -> TextLayer:
    """Return a page with rows of (place, text, alignment), 14 points apart; an empty row leaves a gap."""
    sheet = Sheet(size=size)
    for number, row in enumerate(rows):
        for x, text, align in row:
            sheet.write(x, 700 - 14 * number, text, align)
    return sheet.layer()


def cells(*texts: str) -> list[tuple[float, str, str]]:
    """Return a row of name, quantity, price and amount; the figures end at the same places."""
    places = ((40.0, LEFT), (300.0, RIGHT), (400.0, RIGHT), (520.0, RIGHT))
    return [(x, text, align) for (x, align), text in zip(places, texts, strict=False) if text]


GERMAN = cells("Bezeichnung", "Menge", "Einzelpreis", "Gesamtpreis")


def best(layer: TextLayer) -> LineTable:
    found = find_lines(layer)
    assert found
    return found[0]


def figures(read: LineTable) -> list[tuple[str, str, str]]:
    return [(f"{line.line.quantity}", f"{line.line.price.net}", f"{line.line.net}") for line in read.lines]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_t_doc_4_lines_of_a_random_layout_come_back_or_are_doubtful(seed: int) -> None:
    made = invoice(seed)
    found = find_lines(made.layer)
    if found and found[0].sure and found[0].summed:
        read = [(line.line.quantity, line.line.price.net, line.line.net) for line in found[0].lines]
        assert read == [(sold.quantity, sold.price, sold.net) for sold in made.sold]


def test_t_doc_4_nearly_all_random_layouts_are_read_right() -> None:
    right = 0
    for seed in range(80):
        made = invoice(seed)
        found = find_lines(made.layer)
        read = [(each.line.quantity, each.line.price.net, each.line.net) for each in found[0].lines] if found else []
        right += read == [(sold.quantity, sold.price, sold.net) for sold in made.sold]
    assert right >= 0.97 * 80


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "expected"),
    [
        ("2", "1.234,50", "2.469,00", ("2", "1234.50", "2469.00")),
        ("2", "1,234.50", "2,469.00", ("2", "1234.50", "2469.00")),
        ("2", "1'234.50", "2'469.00", ("2", "1234.50", "2469.00")),
        ("2", "1 234,50", "2 469,00", ("2", "1234.50", "2469.00")),
        ("1.500", "2,00", "3.000,00", ("1500", "2.00", "3000.00")),
        ("1,500", "2,00", "3,00", ("1.500", "2.00", "3.00")),
        ("1.500", "2.00", "3.00", ("1.500", "2.00", "3.00")),
        ("1,500", "2.00", "3,000.00", ("1500", "2.00", "3000.00")),
    ],
)
def test_t_doc_2_the_same_figures_in_every_style(
    quantity: str, price: str, amount: str, expected: tuple[str, str, str]
) -> None:
    read = best(table(GERMAN, cells("Kabel", quantity, price, amount), [], cells("", "", "Summe", amount)))
    assert figures(read) == [expected]
    assert read.sure


def test_t_doc_2_a_style_that_changes_within_the_document_is_decided_by_multiplying() -> None:
    read = best(
        table(
            GERMAN,
            cells("Kabel", "2", "10,50", "21,00"),
            cells("Rohr", "1.500", "2,00", "3,00"),
            cells("", "", "Summe", "24,00"),
        )
    )
    assert figures(read) == [("2", "10.50", "21.00"), ("1.500", "2.00", "3.00")]


def test_t_doc_1_every_value_has_its_page_and_box() -> None:
    read = best(table(GERMAN, cells("Kabel grau", "2 Stk", "10,50", "21,00"), [], cells("", "", "Summe", "21,00")))
    line = read.lines[0]
    assert line.line.item.name == "Kabel grau"
    assert line.line.unit == "H87"
    assert {name: line.places[name].text for name in ("name", "quantity", "unit_price", "net")} == {
        "name": "Kabel grau",
        "quantity": "2",
        "unit_price": "10,50",
        "net": "21,00",
    }
    assert line.places["net"].page == 1
    assert line.places["net"].box[2] == pytest.approx(520)


def test_a_line_that_does_not_multiply_out_says_so() -> None:
    read = best(
        table(
            GERMAN,
            cells("Kabel", "2", "10,50", "21,00"),
            cells("Rohr", "3", "10,00", "31,00"),
            cells("", "", "Summe", "52,00"),
        )
    )
    assert not read.sure
    assert "31,00" in read.lines[1].doubts[0]
    assert read.lines[0].doubts == ()


def test_a_price_per_hundred_is_understood_printed_or_not() -> None:
    printed = best(table(GERMAN, cells("Dübel", "500", "9,16 / 100", "45,80"), [], cells("", "", "Summe", "45,80")))
    silent = best(table(GERMAN, cells("Dübel", "500", "9,16", "45,80"), [], cells("", "", "Summe", "45,80")))
    for read in (printed, silent):
        assert figures(read) == [("500", "9.16", "45.80")]
        assert read.lines[0].line.price.base_quantity == 100


def test_discounts_in_a_column_become_allowances_of_the_line() -> None:
    head = [*cells("Bezeichnung", "Menge", "Einzelpreis"), (450.0, "Rabatt %", RIGHT), (540.0, "Betrag", RIGHT)]
    row = [*cells("Kabel", "4", "25,00"), (450.0, "10", RIGHT), (540.0, "90,00", RIGHT)]
    total = [(450.0, "Summe", RIGHT), (540.0, "90,00", RIGHT)]
    line = best(table(head, row, [], total)).lines[0].line
    assert line.net == Decimal("90.00")
    assert line.price.net == Decimal("25.00")
    assert [(each.is_charge, each.amount, each.percentage) for each in line.allowances_charges] == [
        (False, Decimal("10.00"), Decimal(10))
    ]


def test_amounts_carried_over_and_repeated_headings_are_no_lines() -> None:
    sheet = Sheet()
    for row, y in (
        (GERMAN, 700),
        (cells("Kabel", "2", "10,50", "21,00"), 680),
        (cells("Rohr", "3", "10,00", "30,00"), 660),
        (cells("", "", "Übertrag", "51,00"), 640),
    ):
        for x, text, align in row:
            sheet.write(x, y, text, align)
    sheet.pages.append({})
    for row, y in (
        (GERMAN, 780),
        (cells("", "", "Übertrag", "51,00"), 760),
        (cells("Schelle", "10", "1,90", "19,00"), 740),
        (cells("", "", "Nettosumme", "70,00"), 700),
    ):
        for x, text, align in row:
            sheet.write(x, y, text, align)
    read = best(sheet.layer())
    assert [line.line.item.name for line in read.lines] == ["Kabel", "Rohr", "Schelle"]
    assert read.net == Decimal("70.00")
    assert read.summed
    assert [line.places["net"].page for line in read.lines] == [1, 1, 2]


def test_freight_and_discounts_in_rows_of_their_own_are_charges_of_the_document() -> None:
    read = best(
        table(
            GERMAN,
            cells("Kabel", "2", "50,00", "100,00"),
            cells("Rabatt 10 %", "", "", "-10,00"),
            cells("Versandkosten", "", "", "6,90"),
            cells("", "", "Gesamt netto", "96,90"),
        )
    )
    assert figures(read) == [("2", "50.00", "100.00")]
    assert [(each.charge.is_charge, each.charge.amount) for each in read.charges] == [
        (False, Decimal("10.00")),
        (True, Decimal("6.90")),
    ]


def test_a_discount_below_a_line_without_words_is_the_lines() -> None:
    read = best(
        table(
            GERMAN,
            cells("Kabel", "1", "10,0000", "10,00"),
            cells("", "", "1,00 %", "- 0,10"),
            cells("", "", "Summe", "9,90"),
        )
    )
    line = read.lines[0].line
    assert (line.price.net, line.net) == (Decimal("10.0000"), Decimal("9.90"))
    assert line.allowances_charges[0].amount == Decimal("0.10")


def test_credited_lines_keep_a_price_that_is_not_negative() -> None:
    read = best(
        table(
            GERMAN,
            cells("Kabel", "-2", "10,50", "-21,00"),
            cells("Rohr", "1", "-5,00", "-5,00"),
            cells("", "", "Summe", "-26,00"),
        )
    )
    assert figures(read) == [("-2", "10.50", "-21.00"), ("-1", "5.00", "-5.00")]


def test_a_service_without_a_quantity_counts_as_one() -> None:
    read = best(
        table(
            [(40.0, "Leistung", LEFT), (520.0, "Betrag", RIGHT)],
            [(40.0, "Beratung im März, pauschal", LEFT), (520.0, "1.500,00 €", RIGHT)],
            [],
            [(40.0, "Nettobetrag", LEFT), (520.0, "1.500,00 €", RIGHT)],
        )
    )
    assert figures(read) == [("1", "1500.00", "1500.00")]
    assert read.lines[0].line.item.name == "Beratung im März, pauschal"


def test_a_list_of_goods_on_a_second_page_adds_no_lines() -> None:
    sheet = Sheet()
    for row, y in ((GERMAN, 700), (cells("Kabel", "2", "10,50", "21,00"), 680), (cells("", "", "Summe", "21,00"), 640)):
        for x, text, align in row:
            sheet.write(x, y, text, align)
    sheet.pages.append({})
    for row, y in (
        ([(40.0, "Lieferschein 4711", LEFT)], 780),
        ([(40.0, "Artikel", LEFT), (200.0, "Bezeichnung", LEFT), (400.0, "Menge", RIGHT)], 760),
        ([(40.0, "A-100", LEFT), (200.0, "Kabel", LEFT), (400.0, "2", RIGHT)], 740),
    ):
        for x, text, align in row:
            sheet.write(x, y, text, align)
    assert figures(best(sheet.layer())) == [("2", "10.50", "21.00")]


def test_group_totals_that_look_like_lines_are_left_out() -> None:
    read = best(
        table(
            GERMAN,
            cells("Drucker", "2", "300,00", "600,00"),
            cells("Papier", "10", "9,00", "90,00"),
            cells("Hardware zusammen", "1", "690,00", "690,00"),
            cells("Montage", "3", "50,00", "150,00"),
            cells("Fahrt", "1", "40,00", "40,00"),
            cells("Leistung zusammen", "1", "190,00", "190,00"),
            cells("", "", "Nettosumme", "880,00"),
        )
    )
    assert read.net == Decimal("880.00")
    assert [line.line.item.name for line in read.lines] == ["Drucker", "Papier", "Montage", "Fahrt"]


def test_amounts_with_vat_are_marked_as_such() -> None:
    head = cells("Artikel", "Menge", "Preis", "Gesamt inkl. MwSt.")
    read = best(table(head, cells("Lampe", "2", "11,90", "23,80"), [], cells("", "", "Endbetrag", "23,80")))
    assert read.gross_amounts
    assert figures(read) == [("2", "11.90", "23.80")]


def test_the_amount_on_the_last_of_the_wrapped_rows_belongs_to_its_name() -> None:
    read = best(
        table(
            GERMAN,
            [],
            cells("Schaltschrank mit Montageplatte"),
            cells("und Sockel, grau", "2", "100,00", "200,00"),
            [],
            [],
            cells("Kabelkanal mit Deckel"),
            cells("60 x 40, zwei Meter", "5", "8,00", "40,00"),
            [],
            [],
            cells("", "", "Summe", "240,00"),
        )
    )
    assert figures(read) == [("2", "100.00", "200.00"), ("5", "8.00", "40.00")]
    assert read.lines[1].line.item.name.startswith("Kabelkanal mit Deckel")


def test_article_numbers_and_a_checked_gtin_are_told_from_the_name() -> None:
    head = [(40.0, "Pos.", LEFT), (70.0, "Art.-Nr.", LEFT), (150.0, "Bezeichnung", LEFT), *GERMAN[1:]]
    row = [(40.0, "10", LEFT), (70.0, "SK-4711", LEFT), (150.0, "Kabel", LEFT), *cells("", "2", "10,50", "21,00")]
    gtin = [(150.0, "GTIN: 4006381333931", LEFT)]
    line = best(table(head, row, gtin, [], [], cells("", "", "Summe", "21,00"))).lines[0].line
    assert (line.id, line.item.seller_id, line.item.name) == ("10", "SK-4711", "Kabel")
    assert line.item.standard_id is not None
    assert line.item.standard_id.value == "4006381333931"


def test_parts_of_a_set_with_prices_in_brackets_are_no_lines() -> None:
    read = best(
        table(
            GERMAN,
            cells("Werkzeugset", "2", "50,00", "100,00"),
            cells("darin: Hammer", "2", "(20,00)", "(40,00)"),
            cells("darin: Zange", "2", "(30,00)", "(60,00)"),
            cells("Lampe", "1", "15,00", "15,00"),
            cells("", "", "Summe", "115,00"),
        )
    )
    assert figures(read) == [("2", "50.00", "100.00"), ("1", "15.00", "15.00")]


def test_amounts_without_any_heading_that_make_the_total_are_lines() -> None:
    read = best(
        table(
            [(40.0, "Wir berechnen Ihnen:", LEFT)],
            [],
            [(40.0, "Beratung im März", LEFT), (520.0, "1.500,00 €", RIGHT)],
            [(40.0, "Fahrt nach Kassel", LEFT), (520.0, "80,00 €", RIGHT)],
            [],
            [(40.0, "Nettobetrag", LEFT), (520.0, "1.580,00 €", RIGHT)],
            [(40.0, "zzgl. 19 % MwSt.", LEFT), (520.0, "300,20 €", RIGHT)],
        )
    )
    assert read.kind == "list"
    assert [(line.line.item.name, line.line.net) for line in read.lines] == [
        ("Beratung im März", Decimal("1500.00")),
        ("Fahrt nach Kassel", Decimal("80.00")),
    ]


def test_a_time_sheet_multiplies_hours_by_their_rate() -> None:
    head = [(40.0, "Datum", LEFT), (110.0, "Tätigkeit", LEFT), *cells("", "Std.", "Satz", "Betrag")]
    rows = [
        [(40.0, "04.03.2024", LEFT), (110.0, "Programmierung", LEFT), *cells("", "7,50", "95,00", "712,50")],
        [(40.0, "05.03.2024", LEFT), (110.0, "Abnahme", LEFT), *cells("", "01:30", "95,00", "142,50")],
    ]
    read = best(table(head, *rows, [], cells("", "", "Summe", "855,00")))
    assert [(line.line.quantity, line.line.net) for line in read.lines] == [
        (Decimal("7.50"), Decimal("712.50")),
        (Decimal("1.5000"), Decimal("142.50")),
    ]
    assert read.sure


def test_two_tables_that_only_together_give_the_total_are_read_as_one() -> None:
    read = best(
        table(
            cells("Material", "Menge", "Einzelpreis", "Gesamtpreis"),
            cells("Kabel", "2", "10,50", "21,00"),
            cells("Rohr", "3", "10,00", "30,00"),
            [],
            [(40.0, "Tätigkeit", LEFT), (350.0, "Stunden", RIGHT), (520.0, "Betrag", RIGHT)],
            [(40.0, "Montage", LEFT), (350.0, "2,00", RIGHT), (520.0, "90,00", RIGHT)],
            [],
            cells("", "", "Nettosumme", "141,00"),
        )
    )
    assert [(line.line.id, line.line.net) for line in read.lines] == [
        ("1", Decimal("21.00")),
        ("2", Decimal("30.00")),
        ("3", Decimal("90.00")),
    ]
    assert read.summed


def test_figures_that_stand_nearer_to_the_next_heading_keep_to_their_own() -> None:
    head = [(40.0, "Bezeichnung", LEFT), (300.0, "Menge", LEFT), (380.0, "Preis", LEFT), (460.0, "Betrag", LEFT)]
    rows = [
        [(40.0, "Kabel", LEFT), (375.0, "2", RIGHT), (456.0, "10,50", RIGHT), (540.0, "21,00", RIGHT)],
        [(40.0, "Rohr", LEFT), (375.0, "3", RIGHT), (456.0, "10,00", RIGHT), (540.0, "30,00", RIGHT)],
    ]
    read = best(table(head, *rows, [], [(440.0, "Summe", RIGHT), (540.0, "51,00", RIGHT)]))
    assert figures(read) == [("2", "10.50", "21.00"), ("3", "10.00", "30.00")]
    assert read.kind == "table"


def test_no_table_means_no_lines_and_rubbish_raises_nothing() -> None:
    assert find_lines(TextLayer((Page(1, 595, 842, ()),))) == ()
    assert find_lines(table([(40.0, "Sehr geehrte Damen und Herren,", LEFT)], [(40.0, "vielen Dank.", LEFT)])) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.floats(0, 590),
                st.one_of(
                    st.sampled_from(
                        ["Menge", "Preis", "Betrag", "Summe", "1.234", "-", "€", "12,50", "%", "1:59", ":", "(", "0"]
                    ),
                    st.text(st.characters(codec="utf-8", exclude_characters=" "), min_size=1, max_size=9),
                ),
                st.sampled_from([LEFT, RIGHT]),
            ),
            max_size=9,
        ),
        max_size=9,
    )
)
def test_whatever_stands_on_the_page_nothing_is_raised(rows: list[list[tuple[float, str, str]]]) -> None:
    for read in find_lines(table(*rows)):
        assert read.lines


@pytest.mark.parametrize(
    ("word", "code"),
    [("Stück", "H87"), ("Stk.", "H87"), ("pcs", "H87"), ("St", "H87"), ("h", "HUR"), ("Std.", "HUR"), ("heures", "HUR"),
     ("ore", "HUR"), ("uur", "HUR"), ("kg", "KGM"), ("m²", "MTK"), ("lfm", "MTR"), ("pz", "H87"), ("ud.", "H87"),
     ("jour", "DAY"), ("stuks", "H87"), ("Karton", "XCT"), ("pauschal", "LS"), ("Schraube", "")],
)  # fmt: skip
def test_words_for_units_of_six_languages(word: str, code: str) -> None:
    assert unit_code(word) == code


@pytest.mark.parametrize(
    ("unit", "rest", "settled"),
    [
        ("km", "", True),  # 6.5 km at 2.00, printed as 6 km
        ("Stk", "", False),  # pieces are counted: half a piece is no rounding
        ("km", "Nachlass 5 %", False),  # something else is said that may be what is off
    ],
)
def test_a_measured_quantity_that_is_printed_rounded_explains_its_line_where_the_sum_is_printed(
    unit: str, rest: str, *, settled: bool
) -> None:
    rows = [GERMAN, cells("Anfahrt", "1", "3,90", "3,90"), cells("Stadtfahrt", f"6 {unit}", "2,00", "13,00")]
    rows += [cells(rest, "", "", "")] if rest else []
    read = best(table(*rows, cells("", "", "Summe", "16,90")))
    assert (read.open_doubts == ()) is settled
    assert read.lines[1].doubts
    assert best(table(*rows)).open_doubts


def test_rounding_explains_no_more_than_half_a_unit_of_the_last_place() -> None:
    def line(quantity: str, unit: str, price: str, net: str) -> InvoiceLine:
        return InvoiceLine(
            id="1", quantity=Decimal(quantity), unit=unit, price=Price(net=Decimal(price)), net=Decimal(net)
        )

    assert rounded_figure(line("28", "HUR", "10.50", "288.75")) == "quantity"
    assert rounded_figure(line("100", "H87", "1.25", "124.60")) == "price"
    assert not rounded_figure(line("28", "HUR", "10.50", "300.00"))  # more than half an hour
    assert not rounded_figure(line("1", "HUR", "100.00", "60.00"))  # half of one hour would explain any discount
    assert not rounded_figure(line("10000", "KWH", "0.05", "52.00"))  # ... and half a cent of five cents
    assert not rounded_figure(line("100", "H87", "1.25", "124.40"))
