"""Order files: the same order in every dialect, bad rows named and put by, good rows not blocked."""

import codecs
import io
import json
from decimal import Decimal

import pytest

from blocks.documents.orders import Order
from blocks.errors import Unreadable
from blocks.standards.order_files.formulas import neutral
from blocks.standards.order_files.orders import read_order
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.splitting import split
from tasks.order_intake.rules import KnownMaster, faults
from tests.order_files import (
    HEADER,
    a_csv,
    a_profile,
    an_xlsx,
    an_xml,
    json_lines,
    orders_of,
    records_of,
    rows_of,
)
from tests.orders import an_article

ROWS = [*rows_of("4711"), *rows_of("4712", Menge="3", Gesamtbetrag="1.678,60")]
BOM = codecs.BOM_UTF8
DIALECTS = {
    "semicolon": ("csv", a_csv(ROWS)),
    "comma": ("csv", a_csv(ROWS, delimiter=",")),
    "tab": ("csv", a_csv(ROWS, delimiter="\t", newline="\n")),
    "pipe": ("csv", a_csv(ROWS, delimiter="|", newline="\n")),
    "bom": ("csv", BOM + a_csv(ROWS)),
    "windows-1252": ("csv", a_csv(ROWS, encoding="cp1252")),
    "utf-16": ("csv", a_csv(ROWS, encoding="utf-16")),
    "utf-16-be without mark": ("csv", a_csv(ROWS, encoding="utf-16-be")),
    "empty rows at the end": ("csv", a_csv(ROWS) + b";;;;;;;;;;;;;;;;;\r\n\r\n;;\r\n"),
    "xlsx": ("xlsx", an_xlsx(ROWS)),
    "xml": ("xml", an_xml(ROWS)),
    "xml in windows-1252": ("xml", an_xml(ROWS, "windows-1252")),
    "xml in utf-16": ("xml", an_xml(ROWS, "utf-16")),
    "json lines": ("json", json_lines(ROWS)),
    "json list": ("json", b"[" + b",\n".join(json_lines(ROWS).splitlines()) + b"]"),
    "json lines in utf-16": ("json", json_lines(ROWS).decode().encode("utf-16")),
}


def told(content: bytes, profile: Profile) -> dict[str, Order | list[str]]:
    """Return what became of each record: the order, or the places of its defects."""
    outcome: dict[str, Order | list[str]] = {}
    for record in records_of(content, profile):
        try:
            outcome[record.external_id] = read_order(record.body, profile, "folder")
        except Unreadable as error:
            outcome[record.external_id] = [defect.place for defect in error.reasons]
            whole = [defect.text.endswith(".") and bool(defect.remedy) for defect in error.reasons]
            outcome.update({"no sentence": ["?"]} if False in whole else {})
    return outcome


@pytest.mark.parametrize("dialect", DIALECTS)
def test_t_ord_4_the_same_order_in_any_dialect_is_the_same_canonical_order(dialect: str) -> None:
    form, content = DIALECTS[dialect]
    orders = orders_of(content, a_profile(form))
    reference = orders_of(a_csv(ROWS), a_profile())
    assert [order.external_id for order in orders] == ["4711", "4712"]
    assert [order.content_hash() for order in orders] == [order.content_hash() for order in reference]


def test_an_order_read_from_a_file_says_what_the_file_says() -> None:
    (order,) = orders_of(a_csv(rows_of()), a_profile())
    address = order.billing_address
    assert address is not None
    assert (address.first_name, address.last_name, address.postal_code, address.country) == (
        "Jörg", "Weiß", "01067", "DE",
    )  # fmt: skip
    assert address.street == 'Domstraße "1"; Hof, links'
    assert order.shipping_address == address
    assert order.comment == "Bitte klingeln\nbei Weiß"
    assert order.placed_at.isoformat() == "2026-08-21T10:11:12+00:00"
    assert [(line.sku, line.quantity, line.unit_gross, line.net) for line in order.lines] == [
        ("0815", 2, Decimal("545.10"), Decimal("916.1345")),
        ("BOOK", 1, Decimal("12.80"), Decimal("11.9626")),
    ]
    assert order.customer.guest
    assert order.totals.total == Decimal("1107.90")


def test_an_order_filled_without_validation_is_one_that_validates() -> None:
    for order in orders_of(a_csv(ROWS), a_profile()):
        assert Order.model_validate(order.model_dump()) == order


def test_an_order_whose_sums_were_computed_passes_the_rules_of_intake() -> None:
    (order,) = orders_of(a_csv(rows_of()), a_profile())
    known = KnownMaster(
        {sku: an_article(sku) for sku in ("0815", "BOOK")}, {"Vorkasse": "prepayment"}, {"Paket": "parcel"}
    )
    assert faults(order, known) == ()


def test_t_ord_3_seven_bad_rows_in_a_thousand_are_named_and_the_others_are_orders() -> None:
    rows = [dict(rows_of(f"B{number:04d}")[0], Gesamtbetrag="") for number in range(1, 1001)]
    for number in (10, 20, 30):
        rows[number - 1]["PLZ"] = ""
    for number in (40, 50):
        rows[number - 1]["Artikelnummer"] = "UNKNOWN"
    rows[59]["Ort"] = "BROKEN"
    rows[69]["Menge"] = "1,5"
    content = a_csv(rows).replace(b"BROKEN", b"K\xf6ln")
    profile = a_profile(rows="one")
    outcome, read = told(content, profile), records_of(content, profile)
    bad = {name: places for name, places in outcome.items() if isinstance(places, list)}
    assert bad == {
        **{f"B{number:04d}": ["rows[1].PLZ"] for number in (10, 20, 30)},
        "B0060": ["rows[1].Ort"],
        "B0070": ["rows[1].Menge"],
    }
    master = KnownMaster({"0815": an_article("0815")}, {"Vorkasse": "prepayment"}, {"Paket": "parcel"})
    refused = {
        order.external_id: {fault.rule for fault in faults(order, master)}
        for order in outcome.values()
        if isinstance(order, Order) and faults(order, master)
    }
    assert refused == {"B0040": {"ORD-ARTICLE"}, "B0050": {"ORD-ARTICLE"}}
    assert len(outcome) == 1000
    assert [(record.first_row, record.last_row) for record in read if record.external_id in bad] == [
        (11, 11), (21, 21), (31, 31), (61, 61), (71, 71),
    ]  # fmt: skip


def test_bytes_that_do_not_fit_are_kept_beside_the_text() -> None:
    content = a_csv(rows_of(Ort="BROKEN")).replace(b"BROKEN", b"K\xf6ln")
    (record,) = records_of(content, a_profile())
    cell = json.loads(record.body)["rows"][0]["Ort"]
    assert bytes.fromhex(cell["$bytes"]) == b"K\xf6ln"
    assert cell["$text"] == "K\N{REPLACEMENT CHARACTER}ln"


def test_the_same_order_in_another_file_is_the_same_bytes() -> None:
    alone = records_of(a_csv(rows_of("4712")), a_profile())
    among = records_of(a_csv([*rows_of("4711"), *rows_of("4712")], delimiter=",", encoding="utf-16"), a_profile())
    assert alone[0].body == among[1].body
    assert (alone[0].first_row, among[1].first_row) == (2, 4)


def test_an_order_number_that_comes_again_later_is_another_record_and_never_added_up() -> None:
    records = records_of(a_csv([*rows_of("4711"), *rows_of("4712"), *rows_of("4711", Menge="9")]), a_profile())
    assert [record.external_id for record in records] == ["4711", "4712", "4711"]


def test_totals_and_empty_rows_are_counted_and_a_row_without_order_number_is_kept() -> None:
    rows = [*rows_of(), dict.fromkeys(HEADER, "") | {"Bestellnummer": "Summe", "Gesamtbetrag": "1.107,90"}]
    stray = dict.fromkeys(HEADER, "") | {"Ort": "Bonn"}
    records = split(
        io.BytesIO(a_csv([*rows, dict.fromkeys(HEADER, ""), stray])),
        a_profile(skip='[{column: Bestellnummer, like: "summe*"}]'),
    )
    found = list(records)
    assert [record.external_id[:4] for record in found] == ["4711", "row-"]
    assert (records.tally.records, records.tally.ungrouped, records.tally.skipped, records.tally.empty) == (1, 1, 1, 1)
    assert records.tally.skipped_rows == [4]
    assert b"Bonn" in found[1].body
    assert "(row 4)" in records.tally.sentence()


def test_a_quote_that_is_never_closed_costs_its_own_row_only() -> None:
    plain = [dict(rows_of(f"B{number}", Straße="Weg 1", Bemerkung="")[0], Gesamtbetrag="") for number in range(5)]
    content = a_csv(plain).replace(b"Weg 1", b'"Weg 1', 1)
    profile = a_profile(rows="one")
    outcome = told(content, profile)
    assert [name for name, order in outcome.items() if isinstance(order, Order)] == ["B1", "B2", "B3", "B4"]
    assert [name[:4] for name, places in outcome.items() if places == ["row"]] == ["row-"]


def test_an_order_is_not_booked_without_a_row_of_its_own_that_broke() -> None:
    rows = [dict(row, Straße="Weg 1", Bemerkung="") for row in (*rows_of("4711"), *rows_of("4712"))]
    content = a_csv(rows).replace(b"BOOK;Buch", b'BOOK;"Buch', 1)
    outcome = told(content, a_profile())
    assert outcome["4711"] == ["rows"]
    assert isinstance(outcome["4712"], Order)


def test_rows_with_more_cells_than_the_header_are_not_guessed_at() -> None:
    rows = [dict(row, Straße="Weg 1", Bemerkung="") for row in rows_of()]
    content = a_csv(rows).replace(b"Weg 1;", b"Weg 1; Hof;", 1)
    assert "rows[1]" in told(content, a_profile())["4711"]  # type: ignore[operator]


def test_rows_of_one_order_that_contradict_each_other_are_a_defect() -> None:
    first, second = rows_of()
    assert told(a_csv([first, dict(second, Ort="Bonn")]), a_profile()) == {"4711": ["rows[2].Ort"]}


def test_cells_of_the_order_may_stand_in_one_of_its_rows_only() -> None:
    first, second = rows_of()
    bare = {name: text if name in HEADER[13:] else "" for name, text in second.items()}
    (order,) = orders_of(a_csv([first, dict(bare, Bestellnummer="4711")]), a_profile())
    (continued,) = orders_of(a_csv([first, bare]), a_profile(continued="true"))
    assert (
        order.content_hash() == continued.content_hash() == orders_of(a_csv(rows_of()), a_profile())[0].content_hash()
    )


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Menge", "1,5"),
        ("Menge", "0"),
        ("Menge", "-1"),
        ("Menge", "zwei"),
        ("Einzelpreis", "12.80"),
        ("Einzelpreis", "1,2,3"),
        ("Einzelpreis", "99.999.999.999,00"),
        ("MwSt", "190"),
        ("Bestelldatum", "31.02.2026 10:00:00"),
        ("Bestelldatum", "29.03.2026 02:30:00"),
        ("Bestelldatum", "21.08.1026 10:00:00"),
        ("Land", "Atlantis"),
    ],
)
def test_a_cell_that_does_not_fit_is_named_with_its_row_and_column(column: str, text: str) -> None:
    first, second = rows_of()
    change = {column: text} if column in HEADER[13:] else {}
    everywhere = {} if change else {column: text}
    content = a_csv([dict(first, **everywhere), dict(second, **everywhere, **change)])
    assert told(content, a_profile()) == {"4711": [f"rows[{2 if change else 1}].{column}"]}


def test_quantities_in_fractions_are_read_where_the_profile_allows_them() -> None:
    (order,) = orders_of(a_csv([dict(rows_of()[0], Menge="1,5", Gesamtbetrag="")]), a_profile(whole_pieces="false"))
    assert order.lines[0].quantity == Decimal("1.5")


def test_of_a_time_that_was_twice_the_earlier_is_meant() -> None:
    (order,) = orders_of(a_csv(rows_of(Bestelldatum="25.10.2026 02:30:00")), a_profile())
    assert order.placed_at.isoformat() == "2026-10-25T00:30:00+00:00"


def test_a_header_without_a_column_that_orders_need_refuses_the_file() -> None:
    content = a_csv(rows_of()).replace(b"Einzelpreis", b"Irgendwas").replace(b"Menge", b"Anzahl")
    with pytest.raises(Unreadable, match=r"'Menge' \(quantity\).*'Einzelpreis'"):
        records_of(content, a_profile())


@pytest.mark.parametrize("form", ["csv", "xlsx", "xml", "json"])
@pytest.mark.parametrize(
    "content", [b"", b"\0\0\0", b"\xd0\xcf\x11\xe0 encrypted", b"%PDF-1.7", b"PK\x03\x04 broken", b"no such thing"]
)
def test_a_file_of_another_form_is_refused_in_a_sentence(form: str, content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        records_of(content, a_profile(form))
    assert str(refused.value).endswith(".")


def test_card_numbers_are_masked_before_anything_is_kept() -> None:
    content = a_csv(rows_of(Bemerkung="Karte 4111 1111 1111 1111", Bestellnummer="4111111111111111"))
    (record,) = records_of(content, a_profile())
    assert b"4111 1111 1111 1111" not in record.body
    assert record.external_id == "4111111111111111"


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@cmd", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_no_text_of_a_result_file_is_taken_for_a_formula(text: str) -> None:
    assert neutral(text) == f"'{text}"


def test_a_harmless_text_stays_as_it_is() -> None:
    assert [neutral(text) for text in ("4711", "Köln", "", "a=b")] == ["4711", "Köln", "", "a=b"]


def test_of_several_names_of_a_column_the_first_that_is_filled_counts_whatever_came_before() -> None:
    profile = a_profile()
    aliased = profile.model_copy(
        update={
            "lines": {
                **profile.lines,
                "sku": profile.lines["sku"].model_copy(update={"column": ("SKU", "Artikelnummer", "EAN")}),
            }
        }
    )
    one = a_csv(rows_of())
    both = one.replace(b"MwSt", b"MwSt;EAN;sku").replace(b";19\r", b";19;777;ABC\r").replace(b";7\r", b";7;888; \r")
    renamed = one.replace(b"Artikelnummer", b"  ean ")
    for content, skus in ((one, ["0815", "BOOK"]), (both, ["ABC", "BOOK"]), (renamed, ["0815", "BOOK"])) * 2:
        (order,) = orders_of(content, aliased)
        assert [line.sku for line in order.lines] == skus
