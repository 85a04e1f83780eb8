"""Stock files: profiles checked when loaded, every dialect the same rows, nothing lost, nothing taken back twice."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.stock import MovementKind, StockMovement
from blocks.documents.stock_rules import StockRules
from blocks.documents.till_rows import RowKind, TillRow
from blocks.errors import Defect, Unreadable, WrongUse
from blocks.standards.mapping_profiles import load_any_profile, shipped_stock_profiles
from blocks.standards.stock_files.explanation import explain_rows
from blocks.standards.stock_files.profile import StockProfile, load_stock_profile
from blocks.standards.stock_files.reading import read_row, record_of
from blocks.standards.stock_files.splitting import split
from deployments.sandbox.till import Till
from tasks.stock_movements.pos_rules import Known, Named, decide

PROFILE = """
name: mine
reads: stock
format: csv
slip:
  number: Bon
  kind: {column: Art, values: {VK: sale}}
  happened_at: Zeit
  warehouse: Filiale
lines:
  sku: Artikel
  quantity: Menge
"""
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("reads: stock", "reads: orders"), "reads: input should be 'stock'"),
        (("  number: Bon\n", ""), "slip.number is not mapped"),
        (("VK: sale", "VK: sail"), "'sail' is no kind of row"),
        (("  happened_at: Zeit\n", ""), "slip.happened_at is not mapped"),
        (("  kind: {column: Art, values: {VK: sale}}\n", ""), "slip.kind is not mapped"),
        (("  sku: Artikel\n", ""), "lines.sku is not mapped"),
        (("  quantity: Menge\n", ""), "lines.quantity is not mapped"),
        (("  sku: Artikel", "  skuu: Artikel"), "lines.skuu: there is no target 'skuu', perhaps 'sku'"),
        (("reads: stock", "reads: stock\npicture: whole"), "a whole picture holds nothing but counts"),
        (("reads: stock", "reads: stock\nunits: {carton: 0}"), "'0' is no number of pieces above 0"),
        (("reads: stock", "reads: stock\nwithout_time: 25:00"), "'25:00' is no time of day"),
        (("format: csv", "format: xml"), "record is not set; XML needs the path of a slip"),
        (("reads: stock", "reads: stock\nline_path: Lines"), "record and line_path are for xml and json"),
        (("reads: stock", "reads: stock\npictures: whole"), "pictures: there is no such key, perhaps 'picture'"),
    ],
)
def test_a_stock_profile_that_cannot_work_is_refused_with_the_path_of_the_key(
    change: tuple[str, str], said: str
) -> None:
    with pytest.raises(WrongUse, match=re.escape(said)):
        load_stock_profile(PROFILE.replace(*change))


@pytest.mark.parametrize("name", shipped_stock_profiles())
def test_every_shipped_stock_profile_loads_under_its_name_and_is_told_from_those_of_orders(name: str) -> None:
    profile = load_any_profile(shipped_stock_profiles()[name])
    assert isinstance(profile, StockProfile)
    assert (profile.name, bool(profile.about)) == (name, True)


def rows_of(content: bytes, profile: StockProfile) -> list[TillRow]:
    return [read_row(record_of(record.body), profile) for record in split(io.BytesIO(content), profile)]


def a_day(dialect: str) -> bytes:
    clock = iter(NOW + timedelta(minutes=minute) for minute in range(100))
    till = Till(Path(), dialect=dialect, now=clock.__next__)
    slip = till.sell(LAMP=2, BOOK=1)
    till.take_back(LAMP=1)
    till.deliver(BOOK=12)
    till.void(slip, LAMP=1)
    till.void(slip)
    return till.content()


def test_three_dialects_of_one_day_say_the_same() -> None:
    said = []
    for dialect in ("semicolon", "signed", "xml"):
        rows = rows_of(a_day(dialect), load_stock_profile(shipped_stock_profiles()[f"till-{dialect}"]))
        said.append([(row.kind, row.sku, row.quantity, row.happened_at, row.takes_back_all) for row in rows])
    assert all(one == other for one, other in pairwise(said))
    assert [(kind.value, quantity) for kind, _, quantity, _, _ in said[0]] == [
        ("sale", -2), ("sale", -1), ("return", 1), ("delivery", 12), ("void", 1), ("void", None),
    ]  # fmt: skip


def test_a_row_names_its_slip_and_keeps_nothing_the_profile_does_not_read() -> None:
    content = (
        b"Bon;Art;Zeit;Filiale;Artikel;Menge;Karte\r\n" + b"7;VK;2026-11-02T10:00:00;K;LAMP;1;4111111111111111\r\n" * 2
    )
    records = list(split(io.BytesIO(content), load_stock_profile(PROFILE)))
    assert [record.external_id for record in records] == ["sale:K:7/LAMP", "sale:K:7/LAMP~2"]
    assert all(b"4111" not in record.body for record in records)


def test_a_slip_number_of_which_a_part_is_missing_is_no_other_slips_number() -> None:
    profile = load_stock_profile(PROFILE.replace("number: Bon", "number: {join: [Kasse, Bon]}"))
    content = b"Kasse;Bon;Art;Zeit;Filiale;Artikel;Menge\r\n1;;VK;2026-11-02;K;LAMP;1\r\n"
    with pytest.raises(Unreadable) as refused:
        rows_of(content, profile)
    assert [defect.place for defect in refused.value.reasons] == ["Bon"]


def test_units_become_pieces_and_an_unknown_unit_is_never_guessed() -> None:
    profile = load_stock_profile(
        PROFILE.replace("reads: stock", "reads: stock\nunits: {carton: 12}") + "  unit: Einheit\n"
    )
    row = "7;VK;2026-11-02;K;LAMP;2;{}\r\n"
    head = "Bon;Art;Zeit;Filiale;Artikel;Menge;Einheit\r\n"
    assert [each.quantity for each in rows_of((head + row.format("Carton") + row.format("")).encode(), profile)] == [
        -24,
        -2,
    ]
    told = explain_rows((head + row.format("pallet")).encode(), profile, rows=5)
    assert told.headline() == "0 of 1 rows can be read by the profile mine@0."
    assert "no unit" in told.rows[0].reasons[0]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(sorted(shipped_stock_profiles())), st.booleans())
def test_whatever_comes_is_read_or_named(noise: bytes, name: str, behind: bool) -> None:
    profile = load_stock_profile(shipped_stock_profiles()[name])
    content = (
        a_day(name.removeprefix("till-")) if name.startswith("till-") else b"Filiale;Datum;Artikelnummer;Bestand\n"
    )
    body = content + noise if behind else noise
    try:
        records = list(split(io.BytesIO(body), profile))
    except Unreadable:
        return
    told = [reasons for record in records if (reasons := why_not(record.body, profile)) is not None]
    assert all(reasons for reasons in told)
    assert all(defect.place and defect.remedy for reasons in told for defect in reasons)


def why_not(body: bytes, profile: StockProfile) -> tuple[Defect, ...] | None:
    try:
        read_row(record_of(body), profile)
    except Unreadable as error:
        return error.reasons
    return None


def test_a_file_that_begins_with_the_void_of_a_whole_slip_is_read() -> None:
    content = b"Art;Kasse;Bon;Datum;Uhrzeit;Filiale;Artikelnummer;Menge;Storno zu\nST;1;2;02.11.2026;10:00:00;K;;;1-1\n"
    (row,) = rows_of(content, load_stock_profile(shipped_stock_profiles()["till-semicolon"]))
    assert (row.takes_back_all, row.voids) == (True, "1-1")


SLIPS = st.sampled_from(["1", "2", "3"])
SKUS = st.sampled_from(["LAMP", "BOOK"])
ROWS = st.lists(
    st.one_of(
        st.tuples(st.just(RowKind.SALE), SLIPS, SKUS, st.integers(-3, -1)),
        st.tuples(st.just(RowKind.RETURN), SLIPS, SKUS, st.integers(1, 3)),
        st.tuples(st.just(RowKind.VOID), SLIPS, SKUS, st.integers(1, 3)),
        st.tuples(st.just(RowKind.VOID), SLIPS, st.just(""), st.just(0)),
    ),
    max_size=12,
)


def named(rows: Sequence[tuple[RowKind, str, str, int]]) -> list[Named]:
    return [
        Named(number, f"row-{number}", TillRow(
            kind=kind, slip=f"v{number}" if kind is RowKind.VOID else slip, sku=sku,
            voids=slip if kind is RowKind.VOID else "", quantity=Decimal(pieces) if sku else None,
            warehouse="K", happened_at=NOW,
        ))
        for number, (kind, slip, sku, pieces) in enumerate(rows)
    ]  # fmt: skip


@given(ROWS)
def test_a_slip_is_never_taken_back_beyond_what_it_did(rows: list[tuple[RowKind, str, str, int]]) -> None:
    known = Known(now=NOW, warehouses={"k": "KOELN"}, articles=frozenset({"LAMP", "BOOK"}))
    decided = decide(named(rows), known)
    assert len({number for number, _ in decided.movements} | decided.aside.keys()) == len(rows)

    def net(movements: Sequence[StockMovement], slip: str, sku: str) -> Decimal:
        return sum((each.quantity for each in movements if (each.document, each.sku) == (slip, sku)), Decimal(0))

    booked = [movement for _, movement in decided.movements]
    rung_up = [each for each in booked if each.kind is not MovementKind.VOID]
    for slip in ("1", "2", "3"):
        for sku in ("LAMP", "BOOK"):
            sold, left = net(rung_up, slip, sku), net(booked, slip, sku)
            assert abs(left) <= abs(sold)
            assert left * sold >= 0
            if any((kind, number, article) == (RowKind.VOID, slip, "") for kind, number, article, _ in rows):
                assert left == 0


@pytest.mark.parametrize(
    ("sku", "quantity"),
    [("LAMP", "3827315905"), ("LAMP", "1E+18"), ("BOX", "500000000")],
    ids=["ISBN", "huge", "packs"],
)
@pytest.mark.parametrize("kind", [RowKind.SALE, RowKind.RETURN, RowKind.COUNT, RowKind.DELIVERY, RowKind.VOID])
def test_a_number_scanned_into_the_quantity_is_put_aside_and_blocks_no_other_row(
    kind: RowKind, sku: str, quantity: str
) -> None:
    rules = StockRules.model_validate({"packs": {"BOX": {"of": "LAMP", "pieces": 6}}})
    known = Known(now=NOW, warehouses={"K": "KOELN"}, articles=frozenset({"LAMP", "BOX"}), rules=rules)
    about = {"warehouse": "K", "happened_at": NOW, "voids": "1"}
    rows = [
        TillRow(kind=RowKind.SALE, slip="1", sku="LAMP", quantity=Decimal(-2), **about),
        TillRow(kind=kind, slip="2", sku=sku, quantity=Decimal(quantity), **about),
    ]
    decided = decide([Named(number, f"row:{number}", row) for number, row in enumerate(rows)], known)
    assert [number for number, _ in decided.movements] == [0]
    ((fault,),) = decided.aside.values()
    assert (fault.rule, fault.place) == ("POS-QUANTITY", "quantity")
