"""Mapping profiles: checked when loaded, proposed from samples, explained before they are activated."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.documents.orders import OrderStatus, PaymentStatus, PriceDisplay
from blocks.errors import Unreadable, WrongUse
from blocks.standards.order_files.explanation import explain
from blocks.standards.order_files.profile import load_profile
from blocks.standards.order_files.proposal import propose
from blocks.standards.order_files.shipped import shipped_profile, shipped_profiles
from tasks.explain_profile.profiles import profile_named, sample_in
from tasks.explain_profile.reporting import Told, page
from tests.order_files import PROFILE, a_csv, a_profile, an_xlsx, an_xml, json_lines, orders_of, records_of, rows_of

CSV = PROFILE.replace("FORMAT", "csv")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("format: csv", "format: pdf"), "format: input should be 'csv', 'xlsx', 'xml' or 'json'"),
        (("format: csv", "format: csv\nfromat: csv"), "fromat: there is no such key, perhaps 'format'"),
        (("  comment:", "  coment:"), "order.coment: there is no target 'coment', perhaps 'comment'"),
        (("  sku:", "  skuu:"), "lines.skuu: there is no target 'skuu', perhaps 'sku'"),
        (("{constant: EUR}", "{constnat: EUR}"), "order.currency.constnat: there is no such key, perhaps 'constant'"),
        (("  placed_at: Bestelldatum\n", ""), "as a whole: order.placed_at is not mapped"),
        (("  unit_gross: Einzelpreis\n", ""), "as a whole: lines has no price; map one of unit_gross"),
        (("Europe/Berlin", "Europe/Berlim"), "dates.zone: 'Europe/Berlim' is no time zone"),
        (('decimal: ",", thousands: "."', 'decimal: ",", thousands: ","'), "numbers: decimal and thousands cannot be"),
        (('  charges.shipping.tax_rate: {constant: "19"}\n', ""), "order.charges.shipping.tax_rate is not mapped"),
        (("external_id: Bestellnummer", "external_id: {constant: A}"), "order.external_id must come from a column"),
        (("  comment: Bemerkung", "  comment: Bemerkung\n  comment: Text"), "the key 'comment' stands twice"),
        (("prices: gross", "prices: gross\nline_path: Items"), "record and line_path are for xml and json"),
        (("format: csv", "format: xml"), "record is not set; XML needs the path of an order"),
        (("prices: gross", "prices: gross\nversion: 3"), "without 'version'"),
        (("prices: gross", "prices: &p gross\nabout: *p"), "references"),
    ],
)
def test_a_profile_that_cannot_work_is_refused_with_the_path_of_the_key(change: tuple[str, str], said: str) -> None:
    with pytest.raises(WrongUse, match=re.escape(said)):
        load_profile(CSV.replace(*change))


def test_words_of_a_profile_are_texts_and_never_flags_or_numbers() -> None:
    profile = load_profile(CSV + "\nextra: {Norge: {column: Land, values: {Norge: NO, Ja: yes, Nr: 007}}}")
    assert profile.extra["Norge"].values == {"Norge": "NO", "Ja": "yes", "Nr": "007"}


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_loads_under_its_name(name: str) -> None:
    assert shipped_profile(name).name == name
    assert shipped_profile(name).about


def test_the_german_profile_reads_the_dialects_it_names() -> None:
    rows = [dict(row, PLZ="50667") for row in rows_of()]
    for content in (a_csv(rows), a_csv(rows, delimiter="\t", encoding="cp1252")):
        (order,) = orders_of(content, shipped_profile("german-semicolon"))
        assert (order.totals.total, order.currency, len(order.lines)) == (Decimal("1107.90"), "EUR", 2)


ENGLISH = b"""Order Number,Order Date,Currency,First Name,Last Name,Address 1,Address 2,Zip,City,State,Country,\
Payment Method,Shipping Method,Shipping,Total,Cost Centre,Item 1 SKU,Item 1 Quantity,Item 1 Price,Item 2 SKU,\
Item 2 Quantity,Item 2 Price
PO-1,2026-08-21T10:11:12,GBP,Ann,Lee,1 High St,Flat 2,SW1A 1AA,London,,United Kingdom,Invoice,Courier,5.00,\
"1,206.00",4711,LAMP,2,"500.00",,,
PO-2,2026-08-21T10:11:12,GBP,Ann,Lee,1 High St,,SW1A 1AA,London,,United Kingdom,Invoice,Courier,,12.00,,\
LAMP,1,4.00,BOOK,2,3.00
Total,,,,,,,,,,,,,,,"1,218.00",,,,,,
"""


def test_the_english_profile_reads_one_row_per_order_with_numbered_items_at_net_prices() -> None:
    first, second = orders_of(ENGLISH, shipped_profile("english-comma"))
    assert first.price_display is PriceDisplay.NET
    assert [(line.sku, line.net, line.gross) for line in second.lines] == [
        ("LAMP", 4, Decimal("4.8")),
        ("BOOK", 6, Decimal("7.2")),
    ]
    assert (first.totals.tax, first.totals.total, second.totals.tax) == (201, 1206, 2)
    assert first.comment == "Cost centre: 4711"
    address = first.shipping_address
    assert address is not None
    assert (address.street, address.street_extra, address.country) == ("1 High St", "Flat 2", "GB")
    assert first.placed_at.isoformat() == "2026-08-21T09:11:12+00:00"


XML = """<?xml version="1.0"?><o:Orders xmlns:o="urn:o"><o:Order number="4711"><PlacedAt>2026-08-21T10:11:12Z</PlacedAt>
<Currency>EUR</Currency><BillTo><LastName>Weiß &amp; Söhne</LastName><Zip>50667</Zip><Country>DE</Country></BillTo>
<Total currency="EUR">23.80</Total><Lines><Line position="10"><Sku>LAMP</Sku><Quantity>2</Quantity>
<UnitPrice>11.90</UnitPrice><TaxRate>19</TaxRate></Line></Lines></o:Order></o:Orders>"""


def test_the_xml_profile_reads_attributes_namespaces_and_a_single_line() -> None:
    (order,) = orders_of(XML.encode(), shipped_profile("orders-xml"))
    assert (order.external_id, order.lines[0].external_id, order.totals.total) == ("4711", "10", Decimal("23.80"))
    assert order.customer.name == "Weiß & Söhne"


TILL = """Bonnummer;Datum;Uhrzeit;Filiale;Artikelnummer;Menge;Preis;MwSt;Zahlart;Bonsumme
1;21.08.2026;12:11;Köln;LAMP;1;11,90;A;Karte;14,04
1;21.08.2026;12:11;Köln;BOOK;1;2,14;B;Karte;14,04
Tagesumsatz;;;;;;;;;14,04
""".encode("cp1252")


def test_the_till_profile_reads_sales_that_are_paid_and_handed_over() -> None:
    (order,) = orders_of(TILL, shipped_profile("pos-till"))
    assert (order.status, order.payment_status) == (OrderStatus.COMPLETE, PaymentStatus.PAID)
    assert (order.shipping_address, order.shipping_method) == (None, "")
    assert [line.tax_rate for line in order.lines] == [19, 7]
    assert (order.customer.external_id, order.comment) == ("walk-in", "Filiale: Köln")
    assert order.placed_at.isoformat() == "2026-08-21T10:11:00+00:00"


def test_unit_prices_before_a_discount_are_lowered_by_it() -> None:
    text = CSV.replace("  tax_rate: MwSt", "  tax_rate: MwSt\n  discount_gross: {constant: 10}")
    profile = load_profile(text + "\nunit_prices: before_discount")
    (order,) = orders_of(a_csv([dict(rows_of()[0], Gesamtbetrag="")]), profile)
    line = order.lines[0]
    assert (line.unit_gross, line.gross, line.discount_gross) == (Decimal("540.10"), Decimal("1080.20"), 10)


SAMPLES = {
    "csv": a_csv(rows_of(), encoding="cp1252"),
    "xlsx": an_xlsx(rows_of(PLZ="50667")),  # a spreadsheet keeps no leading zeros; `pad` brings them back
    "xml": an_xml([*rows_of(), *rows_of("4712")]),
    "json": json_lines(rows_of()),
}


@pytest.mark.parametrize("form", SAMPLES)
def test_a_proposal_from_a_sample_reads_the_sample_as_a_profile_made_by_hand_does(form: str) -> None:
    proposal = propose(SAMPLES[form], "Müllers Export (neu).csv")
    profile = load_profile(proposal.text)
    assert profile.name.startswith("muellers-export")
    assert (proposal.missing, proposal.unmatched) == ((), ())
    mine, theirs = orders_of(SAMPLES[form], profile), orders_of(SAMPLES[form], a_profile(form))
    assert [order.content_hash() for order in mine] == [order.content_hash() for order in theirs]


def test_a_proposal_finds_header_delimiter_numbers_dates_names_and_totals_by_evidence() -> None:
    sample = (
        "Export vom 21.08.2026\n\nOrder ID|Date|Customer Name|Ship Zip|Item SKU|Qty|Unit Price|VAT|Foo\n"
        "A1|08/21/2026 10:11|Ann van Lee|50667|LAMP|1|$1,011.90|19|x\n"
        "A2|08/22/2026 10:11|Bob Ray|50667|LAMP|1|$11.90|19|\nTotal|||||||\n"
    )
    proposal = propose(sample.encode(), "x")
    profile = load_profile(proposal.text)
    assert (profile.delimiter, profile.header, profile.dates.formats) == ("|", 3, ("%m/%d/%Y %H:%M",))
    assert (profile.numbers.decimal, profile.numbers.thousands, profile.numbers.signs) == (".", ",", ("$",))
    assert proposal.unmatched == ("Foo",)
    first, second = orders_of(sample.encode(), profile)
    assert first.billing_address is not None
    assert (first.billing_address.first_name, first.billing_address.last_name) == ("Ann van", "Lee")
    assert (first.currency, first.lines[0].unit_gross, second.external_id) == ("USD", Decimal("1011.90"), "A2")


def test_a_proposal_says_what_no_column_was_found_for_and_can_still_be_loaded() -> None:
    proposal = propose(b"Bestellnummer;Artikelnummer\n1;LAMP\n", "x")
    assert set(proposal.missing) == {"placed_at", "quantity", "tax_rate", "unit_gross"}
    with pytest.raises(Unreadable, match=r"'\?\?\? quantity'"):
        records_of(b"Bestellnummer;Artikelnummer\n1;LAMP\n", load_profile(proposal.text))


def test_an_explanation_shows_what_lands_where_what_is_lost_and_what_is_missing() -> None:
    rows = [*rows_of(), *rows_of("4712", Menge="1,5")]
    profile = load_profile(CSV.replace("  comment: Bemerkung\n", "").replace("  totals.total: Gesamtbetrag\n", ""))
    told = explain(a_csv(rows), profile)
    by_target = {use.name: use for use in told.targets}
    assert by_target["lines.quantity"].examples == ["2", "1"]
    assert by_target["order.placed_at"].examples == ["2026-08-21T10:11:12Z"]
    assert by_target["order.placed_at"].other == ("Bestelldatum",)
    assert {use.name for use in told.lost} == {"Bemerkung", "Gesamtbetrag"}
    assert [bool(verdict.reasons) for verdict in told.verdicts] == [False, True]
    assert any("total to pay is computed" in note for note in told.computed)
    empty = explain(a_csv([dict(row, MwSt="") for row in rows_of()]), profile)
    assert empty.empty_required == ("lines.tax_rate",)


def test_a_page_shows_no_personal_data_and_a_terminal_does() -> None:
    told = Told(explain(a_csv(rows_of(Nachname="<b>Weiß</b>")), a_profile()))
    assert "Jörg" in told.sentence()
    for personal in ("Jörg", "Weiß", "Domstraße", "klingeln", "01067"):
        assert personal not in page(told)
    assert "0815" in page(told)
    assert "\x1b" not in Told(explain(a_csv(rows_of(Ort="K\x1b[31mln")), a_profile())).sentence()


def test_a_profile_is_found_by_its_path_and_a_sample_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(CSV, encoding="utf-8")
    assert profile_named(str(path)).name == "any-dialect"
    with pytest.raises(WrongUse, match=r"cannot be read"):
        profile_named(str(tmp_path / "none.yaml"))
    with pytest.raises(WrongUse, match=r"cannot be read"):
        sample_in(tmp_path / "none.csv")
