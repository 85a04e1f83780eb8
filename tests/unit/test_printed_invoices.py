"""Printed invoices of suppliers never seen: read right and proven, or put before a person; never silently wrong."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.conversions import Outcome
from blocks.standards.pdf.layout import Page, Row, TextLayer, Word
from blocks.standards.printed_invoices.identifiers import valid_iban, valid_leitweg_id
from blocks.standards.printed_invoices.learning import learn
from blocks.standards.printed_invoices.memory import LayoutMemory
from blocks.standards.printed_invoices.numbers import figures, readings, style_of
from blocks.standards.printed_invoices.proof import objections, supplier_key
from blocks.standards.printed_invoices.reader import Printed, read_printed
from tests.paper import IBANS, STYLES, VAT_IDS, WORDS, Article, Case, Sheet, corrupted, german_letter, printed

LAYOUTS = ("letter", "heads", "labels")


def differences(found: Printed, case: Case) -> list[str]:
    """Return the fields in which what was read is not what was printed."""
    invoice = found.invoice
    assert invoice is not None
    accounts = invoice.payment.transfers if invoice.payment else ()
    pairs = {
        "number": (invoice.number, case.number),
        "issue_date": (invoice.issue_date, case.issued),
        "due_date": (invoice.due_date, case.due),
        "order": (invoice.purchase_order_reference, case.order),
        "seller": (invoice.seller.name, case.seller),
        "buyer": (invoice.buyer.name, case.buyer),
        "vat_id": (invoice.seller.vat_id, VAT_IDS[case.language]),
        "iban": (tuple(one.account for one in accounts), (IBANS,)),
        "currency": (invoice.currency, "EUR"),
        "totals": (
            (invoice.totals.net, invoice.totals.vat, invoice.totals.gross, invoice.totals.payable),
            (case.net, case.vat, case.gross, case.gross),
        ),
        "breakdown": (
            {(group.rate, group.basis, group.amount) for group in invoice.vat_breakdown},
            {(rate, basis, tax) for rate, (basis, tax) in case.groups.items()},
        ),
        "lines": (
            [(line.quantity, line.price.net, line.net) for line in invoice.lines],
            [(article.quantity, article.price, article.net) for article in case.articles],
        ),
    }
    return [name for name, (one, other) in pairs.items() if one != other]


@pytest.mark.parametrize("language", WORDS)
def test_t_doc_4_invoices_in_six_languages_and_many_layouts_are_read_right_and_proven(language: str) -> None:
    for index, (layout, style) in enumerate(product(LAYOUTS, STYLES)):
        discount = Decimal(20) * (index % 2)
        case = Case(language=language, layout=layout, style=style, discount=discount)
        found = read_printed(printed(case))
        assert (differences(found, case), found.reasons) == ([], ()), (layout, style)


@pytest.mark.parametrize(("language", "layout", "style"), [("de", "letter", "1.234,50"), ("en", "heads", "1,234.50")])
def test_t_doc_4_a_single_wrong_digit_in_any_amount_is_never_proven(language: str, layout: str, style: str) -> None:
    layer = printed(Case(language=language, layout=layout, style=style, discount=Decimal("20.00")))
    tried = 0
    for number, row in enumerate(layer.pages[0].rows):
        for index, word in enumerate(row.words):
            identifier = row.top > 575 or row.top < 110 or (word.left < 90 and word.text.isdigit())
            for place, letter in enumerate(word.text):
                if identifier or not letter.isdigit():
                    continue
                text = f"{word.text[:place]}{(int(letter) + 3) % 10}{word.text[place + 1 :]}"
                found = read_printed(corrupted(layer, 0, number, index, text))
                assert found.outcome is not Outcome.PROVEN, (row.text, text)
                tried += 1
    assert tried > 60


def place_of(layer: TextLayer, text: str) -> tuple[int, int]:
    """Return row and word at which a text stands."""
    return next(
        (number, index)
        for number, row in enumerate(layer.pages[0].rows)
        for index, word in enumerate(row.words)
        if word.text == text
    )


money = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999.99"), places=2)
articles = st.builds(
    Article,
    name=st.sampled_from(["Hammer", "Bohrmaschine", "Kabel 3x1,5", "Service"]),
    quantity=st.integers(1, 400).map(Decimal),
    price=money,
    rate=st.sampled_from([Decimal(19), Decimal(7), Decimal(21)]),
)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(articles, min_size=1, max_size=6),
    language=st.sampled_from(sorted(WORDS)),
    layout=st.sampled_from(LAYOUTS),
    style=st.sampled_from(sorted(STYLES)),
    issued=st.dates(date(2015, 1, 1), date(2030, 12, 31)),
)
def test_t_doc_4_whatever_is_proven_is_right(
    lines: list[Article], language: str, layout: str, style: str, issued: date
) -> None:
    case = Case(language=language, layout=layout, style=style, articles=tuple(lines), issued=issued, due=issued)
    found = read_printed(printed(case))
    assert found.outcome is not Outcome.PROVEN or differences(found, case) == []


def test_t_doc_2_a_supplier_that_switches_its_number_style_is_read_by_arithmetic() -> None:
    for style in ("1.234,50", "1,234.50"):
        case = Case(style=style)
        found = read_printed(printed(case))
        assert found.outcome is Outcome.PROVEN
        assert differences(found, case) == []


def test_t_doc_2_figures_in_both_styles_in_one_document_are_decided_by_arithmetic_or_go_to_review() -> None:
    layer = printed(Case())
    place = place_of(layer, "1.798,80")
    one = read_printed(corrupted(layer, 0, *place, "1,798.80"))
    assert one.invoice is not None
    assert one.invoice.lines[1].net == Decimal("1798.80")
    assert read_printed(corrupted(layer, 0, *place, "1.799")).outcome is Outcome.REVIEW
    half = layer
    for text, other in (("12,50", "12.50"), ("37,50", "37.50"), ("149,90", "149.90"), ("1.798,80", "1,798.80")):
        half = corrupted(half, 0, *place_of(half, text), other)
    assert read_printed(half).outcome is Outcome.REVIEW


def test_t_doc_2_a_thousand_is_never_read_as_one() -> None:
    assert readings("1.234") == {",": Decimal(1234), ".": Decimal("1.234")}
    assert style_of(["1.234", "12,50"]).read("1.234") == Decimal(1234)
    assert style_of(["1,234", "12.50"]).read("1,234") == Decimal(1234)
    assert readings("1.234,50") == {",": Decimal("1234.50")}
    assert readings("01.02.2024") == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,50-", "-1234.50"),
        ("(12,00)", "-12.00"),
        ("- 14,00 €", "-14.00"),
        ("€9,99", "9.99"),
        ("EUR 1 234,50", "1234.50"),
        ("1'234,50", "1234.50"),
    ],
)
def test_signs_currencies_and_thousands_belong_to_their_figure(text: str, value: str) -> None:
    sheet = Sheet()
    sheet.text(10, 10, text)
    (figure,) = figures(sheet.page().rows[0])
    assert style_of(["1,50"]).read(figure) == Decimal(value)


def test_t_doc_8_leitweg_ids_pass_or_fail_by_their_check_digits() -> None:
    assert valid_leitweg_id("04011000-12345-03")
    assert valid_leitweg_id("991-33333TEST-33")
    assert not valid_leitweg_id("04011000-12345-35")
    assert not valid_leitweg_id("991-12345-67")


def test_an_account_number_with_wrong_check_digits_is_remarked_and_its_reading_never_guessed() -> None:
    assert valid_iban(IBANS)
    layer = printed(Case())
    place = place_of(layer, IBANS)
    whole = read_printed(corrupted(layer, 0, *place, IBANS.replace("0202051", "0202052")))
    assert whole.outcome is Outcome.PROVEN
    assert any("check digits" in remark for remark in whole.remarks)
    sheet = Sheet()
    sheet.text(420, 60, "20 51", 7)
    rows = (*corrupted(layer, 0, *place, IBANS[:-4]).pages[0].rows, sheet.page().rows[0])
    wrapped = TextLayer((replace(layer.pages[0], rows=tuple(sorted(rows, key=lambda row: -row.top))),))
    assert any("check digits" in reason for reason in read_printed(wrapped).reasons)


def test_several_accounts_go_to_review() -> None:
    sheet = Sheet()
    sheet.text(400, 60, "IBAN DE91100000000123456789", 7)
    layer = printed(Case())
    rows = tuple(sorted((*layer.pages[0].rows, *sheet.page().rows), key=lambda row: -row.top))
    found = read_printed(TextLayer((replace(layer.pages[0], rows=rows),)))
    assert any("Several account numbers" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    "title", ["Lieferschein", "Angebot", "Mahnung", "Kontoauszug", "Bestellung", "Proforma Invoice"]
)
def test_what_is_no_invoice_says_so(title: str) -> None:
    sheet = Sheet()
    sheet.text(60, 780, title, 18)
    sheet.text(60, 740, "Nordlicht Werkzeuge GmbH")
    sheet.text(60, 700, "Summe")
    sheet.right(540, 700, "119,00")
    found = read_printed(TextLayer((sheet.page(),)))
    assert found.outcome is Outcome.UNREADABLE
    assert "not an invoice" in found.reasons[0]


def test_t_doc_3_a_document_without_text_is_refused_not_guessed() -> None:
    found = read_printed(TextLayer((Page(1, 595.0, 842.0, ()),)))
    assert found.outcome is Outcome.UNREADABLE
    assert found.invoice is None
    assert "no text layer" in found.reasons[0]


def test_nothing_is_proven_where_the_text_layer_has_doubts() -> None:
    layer = replace(printed(Case()), doubts=("Text on page 1 cannot be seen.",))
    assert read_printed(layer).outcome is Outcome.REVIEW


def test_every_value_names_its_page_and_box() -> None:
    found = read_printed(printed(Case()))
    for path, text in (("number", "RE-2024-00817"), ("totals.gross", "2.212,89 €"), ("lines[1].net", "1.798,80")):
        place = found.provenance[path]
        assert place.page == 1
        assert place.box[0] < place.box[2]
        assert path == "totals.gross" or place.text == text


def test_a_second_number_that_is_as_good_goes_to_review() -> None:
    layer = printed(Case(layout="labels"))
    sheet = Sheet()
    sheet.text(320, 588, "Rechnungsnummer: RE-2024-99999")
    extra = sheet.page().rows[0]
    rows = tuple(sorted((*layer.pages[0].rows, extra), key=lambda row: -row.top))
    found = read_printed(TextLayer((replace(layer.pages[0], rows=rows),)))
    assert any("RE-2024-99999" in reason for reason in found.reasons)


def test_what_was_confirmed_once_is_known_the_next_time_and_never_overrides_arithmetic() -> None:
    case = Case(layout="letter", seller="Nordlicht")
    first = read_printed(printed(case))
    assert first.invoice is not None
    confirmed = first.invoice.model_copy(
        update={"seller": first.invoice.seller.model_copy(update={"name": "Nordlicht"})}
    )
    lesson = learn(printed(case), confirmed, first.provenance)
    memory = LayoutMemory.of([(lesson.supplier, lesson.layout, lesson.model_dump(mode="json"))])
    following = replace(
        case, number="RE-2024-00818", articles=(*case.articles, Article("Säge", Decimal(1), Decimal(40), Decimal(19)))
    )
    found = read_printed(printed(following), memory)
    assert found.outcome is Outcome.PROVEN
    assert differences(found, following) == []
    assert found.supplier == supplier_key(confirmed)
    layer = printed(following)
    place = place_of(layer, "1.798,80")
    assert read_printed(corrupted(layer, 0, *place, "1.898,80"), memory).outcome is Outcome.REVIEW


def test_an_account_number_that_changed_since_it_was_confirmed_is_told_and_read_as_printed() -> None:
    layer = printed(Case())
    first = read_printed(layer)
    assert first.invoice is not None
    lesson = learn(layer, first.invoice, first.provenance)
    memory = LayoutMemory.of([(lesson.supplier, lesson.layout, lesson.model_dump(mode="json"))])
    place = place_of(layer, IBANS)
    found = read_printed(corrupted(layer, 0, *place, "DE91100000000123456789"), memory)
    assert found.invoice is not None
    assert found.invoice.payment is not None
    assert [to.account for to in found.invoice.payment.transfers] == ["DE91100000000123456789"]
    assert any("not the one confirmed before" in remark for remark in found.remarks)


@pytest.mark.parametrize(("price", "outcome"), [("100,00", Outcome.PROVEN), ("100,01", Outcome.REVIEW)])
def test_the_price_of_one_piece_is_its_amount_to_the_cent(price: str, outcome: Outcome) -> None:
    assert read_printed(german_letter(FACTS, ("1", "Hammer", "1", price, "19 %", "100,00"), TOTALS)).outcome is outcome


def test_objections_name_what_does_not_close() -> None:
    found = read_printed(printed(Case()))
    assert found.invoice is not None
    assert objections(found.invoice) == ()
    totals = found.invoice.totals.model_copy(update={"gross": Decimal("1.00")})
    said = objections(found.invoice.model_copy(update={"totals": totals}))
    assert any("is not the total 1.00" in sentence for sentence in said)


FACTS = [("Rechnungsnummer", "4711"), ("Datum", "15.03.2024")]
LINE = ("1", "Hammer", "2", "50,00", "19 %", "100,00")
TOTALS = [("Nettobetrag", "100,00 €"), ("zzgl. 19 % MwSt.", "19,00 €"), ("Rechnungsbetrag", "119,00 €")]


def test_a_credit_note_says_so_in_its_type_code() -> None:
    found = read_printed(german_letter([("Gutschrift Nr.", "G-12"), FACTS[1]], LINE, TOTALS, title="Gutschrift"))
    assert found.invoice is not None
    assert (found.outcome, found.invoice.type_code, found.invoice.number) == (Outcome.PROVEN, "381", "G-12")


def test_a_cash_discount_is_no_allowance_and_its_day_is_not_the_due_date() -> None:
    sentence = "Zahlbar bis 14.04.2024 ohne Abzug, bei Zahlung bis 25.03.2024 2 % Skonto = 116,62 €"
    found = read_printed(german_letter(FACTS, LINE, TOTALS, sentence=sentence))
    assert found.invoice is not None
    assert found.outcome is Outcome.PROVEN
    assert (found.invoice.due_date, found.invoice.allowances_charges) == (date(2024, 4, 14), ())


def test_number_and_day_are_found_in_the_title() -> None:
    found = read_printed(german_letter([], LINE, TOTALS, title="Rechnung Nr. 2024-117 vom 15.03.2024"))
    assert found.invoice is not None
    assert (found.outcome, found.invoice.number) == (Outcome.PROVEN, "2024-117")
    assert found.invoice.issue_date == date(2024, 3, 15)


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        (
            [("Gesamtsumme", "119,00 €"), ("abzgl. Anzahlung", "-50,00 €"), ("Zahlbetrag", "69,00 €")],
            ("50.00", "69.00"),
        ),
        ([("Gesamtsumme", "119,00 €")], (None, "119.00")),
    ],
)
def test_what_was_paid_before_is_taken_off(totals: list[tuple[str, str]], expected: tuple[str | None, str]) -> None:
    found = read_printed(german_letter(FACTS, LINE, [*TOTALS[:2], *totals]))
    assert found.invoice is not None
    prepaid, payable = found.invoice.totals.prepaid, found.invoice.totals.payable
    assert found.outcome is Outcome.PROVEN
    assert (None if prepaid is None else str(prepaid), str(payable)) == expected


def test_charges_and_allowances_stand_between_lines_and_net_total() -> None:
    totals = [
        ("Zwischensumme", "100,00 €"),
        ("Versandkosten", "5,90 €"),
        ("Summe netto", "105,90 €"),
        ("MwSt 19%", "20,12 €"),
    ]
    found = read_printed(german_letter(FACTS, LINE, [*totals, ("Gesamtsumme", "126,02 €")]))
    assert found.invoice is not None
    assert (found.outcome, found.invoice.totals.charges) == (Outcome.PROVEN, Decimal("5.90"))


def test_a_row_of_totals_side_by_side_says_what_leads_from_the_lines_to_the_net_total() -> None:
    """Each change with its sign stands between the sum of the lines and the net total; only what closes counts."""
    totals = [("Netto", "93,45"), ("MwSt 19%", "17,76"), ("Gesamtsumme", "111,21 €")]
    for freight, expected in (("15,00", Outcome.PROVEN), ("14,00", Outcome.REVIEW)):
        sheet = Sheet()
        for x, head, value in zip(
            (150, 250, 350, 450),
            ("Warenwert", "Fracht-Verp-Vers", "Sonderrabatt", "Nettobetrag"),
            ("100,00", freight, "-21,55", "93,45"),
            strict=True,
        ):
            sheet.right(x, 420, head)
            sheet.right(x, 408, value)
        letter = german_letter(FACTS, LINE, totals).pages[0]
        rows = sorted((*letter.rows, *sheet.page().rows), key=lambda row: -row.bottom)
        found = read_printed(TextLayer((Page(1, letter.width, letter.height, tuple(rows)),)))
        assert found.invoice is not None
        assert found.outcome is expected, found.reasons
        if expected is Outcome.PROVEN:
            totals_read = found.invoice.totals
            assert (totals_read.charges, totals_read.allowances) == (Decimal("15.00"), Decimal("21.55"))


def test_a_negative_total_that_does_not_say_what_is_paid_out_goes_to_review() -> None:
    line = ("1", "Beratung", "-2", "50,00", "19", "-100,00")
    totals = [("Summe netto", "-100,00 €"), ("MwSt 19%", "-19,00 €"), ("Gesamtsumme", "-119,00 €")]
    found = read_printed(german_letter(FACTS, line, totals, title="Rechnungskorrektur"))
    assert found.outcome is Outcome.REVIEW
    assert any("negative" in reason for reason in found.reasons)


def test_untaxed_totals_need_a_sentence_that_says_why() -> None:
    line = ("1", "Beratung", "2", "50,00", "", "100,00")
    total = [("Gesamtbetrag", "100,00 €")]
    small = "Gemäß § 19 UStG wird keine Umsatzsteuer berechnet."
    told = read_printed(german_letter(FACTS, line, total, foot="Steuernummer 201/113/40209", sentence=small))
    assert told.invoice is not None
    assert (told.outcome, told.invoice.vat_breakdown[0].category) == (Outcome.PROVEN, "E")
    assert read_printed(german_letter(FACTS, line, total)).outcome is Outcome.REVIEW


def test_prices_with_vat_are_understood_but_left_to_a_person() -> None:
    totals = [("Gesamtbetrag", "119,00 €"), ("enthaltene MwSt. 19 %", "19,00 €")]
    found = read_printed(german_letter(FACTS, ("1", "Hammer", "2", "59,50", "19 %", "119,00"), totals))
    assert found.invoice is not None
    assert (found.invoice.totals.net, found.invoice.totals.vat) == (Decimal("100.00"), Decimal("19.00"))
    assert any("include VAT" in reason for reason in found.reasons)


def test_a_day_that_can_be_read_two_ways_goes_to_review() -> None:
    sheet = Sheet()
    sheet.text(60, 780, "INVOICE", 16)
    for index, text in enumerate(("Invoice No: 77", "Invoice date: 03/04/2024", "Due date: 05/04/2024")):
        sheet.text(60, 700 - 14 * index, text)
    reasons = read_printed(TextLayer((sheet.page(),))).reasons
    assert any("day or the month first" in reason for reason in reasons)


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Zs", "Cc"]), min_size=1, max_size=12)
values = st.sampled_from(
    ["Rechnung", "Summe", "MwSt.", "19%", "1.234,50", "IBAN", "DE02", "Nr.", ":", "-", "#", "(", "%", "€"]
)
fuzzed = st.lists(st.tuples(st.integers(0, 590), st.integers(0, 840), texts | values, st.integers(1, 40)), max_size=40)


@settings(max_examples=60, deadline=None)
@given(fuzzed)
def test_any_text_layer_gives_a_verdict_and_no_traceback(words: list[tuple[int, int, str, int]]) -> None:
    rows = tuple(
        Row(1, (Word(text, float(x), float(y), float(x + 5 * len(text)), float(y + size), float(size)),))
        for x, y, text, size in words
    )
    assert read_printed(TextLayer((Page(1, 595.0, 842.0, rows),))).outcome in {Outcome.REVIEW, Outcome.UNREADABLE}


def test_a_document_made_to_take_long_gets_its_verdict_all_the_same() -> None:
    texts = ("Käufer:", "Rechnungsnummer", "4711", "Datum", "01.02.2024", "Muster", "GmbH", "80331", "München", "1,23")
    rows = tuple(
        Row(1, tuple(Word(text, 10.0 + 50 * x, y, 50.0 + 50 * x, y + 8, 8.0) for x, text in enumerate(texts)))
        for y in (20000.0 - 10 * number for number in range(1200))
    )
    assert read_printed(TextLayer((Page(1, 595.0, 842.0, rows),))).outcome is Outcome.REVIEW
