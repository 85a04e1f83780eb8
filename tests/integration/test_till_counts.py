"""Counts at the till: part of a store or all of it, by places, while the store sells; the guard before a whole one."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blocks.database import stock_imports
from blocks.database.audit_rows import broken_rows
from blocks.database.engine import Database
from tests import desk, stack
from tests.stores import SOURCE, Store


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    return Store(tmp_path, database).stock()


def test_a_count_that_arrives_during_sales_keeps_what_was_sold_after_it(store: Store) -> None:
    store.till.sell(LAMP=2)
    store.till.count(LAMP=7)
    store.till.sell(LAMP=1)
    body = store.till.content().decode().splitlines(keepends=True)
    head, before, count, after = body
    for name, row in (("1.csv", after), ("2.csv", count), ("3.csv", before)):
        store.put(name, (head + row).encode())
        store.take_in()
    assert store.on_hand()["LAMP"] == 6
    assert store.law_holds()
    assert [row["fate"] for row in store.answers_of("3.csv")] == ["too late"]


def test_places_of_one_count_are_added_up_also_from_several_files(store: Store) -> None:
    head = "Art;Kasse;Bon;Datum;Uhrzeit;Filiale;Artikelnummer;Menge;Regal\r\n"
    day = f"{store.clock():%d.%m.%Y}"
    rows = [f"INV;1;9;{day};{time};Köln;LAMP;{pieces};{place}\r\n" for time, pieces, place in (
        ("08:00:00", 3, "A"), ("08:05:00", 4, "B"), ("08:02:00", 1, "C"), ("08:03:00", 2, "A"),
    )]  # fmt: skip
    store.put("1.csv", (head + "".join(rows[:2])).encode())
    assert store.take_in().booked == 2
    assert store.on_hand()["LAMP"] == 7
    store.put("2.csv", (head + "".join(rows[2:3])).encode())
    store.take_in()
    assert store.on_hand()["LAMP"] == 8
    assert store.law_holds()
    store.put("3.csv", (head + "".join(rows)).encode())
    store.take_in()
    again = [(row["fate"], row["rules"]) for row in store.answers_of("3.csv")]
    assert again == [("duplicate", "")] * 3 + [("put aside", "POS-COUNTED-TWICE")]
    assert store.on_hand()["LAMP"] == 8


@pytest.fixture
def counted(database: Database, tmp_path: Path) -> Store:
    """Return a store of thirty articles, ten of each, that is counted as a whole."""
    store = Store(tmp_path, database, dialect="count")
    return store.stock(10, *(f"A{number}" for number in range(30)))


def test_a_whole_count_sets_what_it_names_and_what_it_leaves_out_is_at_zero(counted: Store) -> None:
    levels = {f"A{number}": 10 for number in range(29)} | {"A3": 7}
    counted.till.export_whole_count(levels)
    assert counted.take_in().booked == 29
    assert counted.on_hand() == {**levels, "A29": 0}
    assert counted.law_holds()
    counted.till.export_whole_count({**levels, "A3": 8}, "corrected.csv")  # within the same minute
    counted.take_in()
    assert counted.on_hand() == {**levels, "A3": 8, "A29": 0}


def test_a_wrong_whole_count_is_stopped_and_its_sender_told_and_nothing_of_it_is_booked(counted: Store) -> None:
    before = counted.on_hand()
    counted.till.export_whole_count({f"A{number}": 0 for number in range(30)}, "wrong.csv")
    judged = counted.take_in()
    assert (judged.stopped, judged.booked, counted.on_hand()) == (30, 0, before)
    assert {(row["fate"], row["rules"]) for row in counted.answers_of("wrong.csv")} == {("waiting", "POS-GUARD")}
    imports = desk.ask(counted.database, "SELECT source, name, state, rows FROM stock_import")
    assert imports == [{"source": SOURCE, "name": "KOELN", "state": "stopped", "rows": 30}]
    assert counted.take_in().rows == 0


def test_of_a_whole_count_with_a_row_nobody_can_place_nothing_is_taken_for_gone(counted: Store) -> None:
    levels = {f"A{number}": 9 if number < 5 else 10 for number in range(28)}
    counted.till.export_whole_count({**levels, "A28Q": 9, "A29": 10}, "a.csv")
    assert counted.take_in().put_aside == 1
    assert counted.on_hand() == {**levels, "A28": 10, "A29": 10}


def test_of_a_whole_count_that_is_cut_off_nothing_is_taken_for_gone(counted: Store) -> None:
    counted.till.export_whole_count({f"A{number}": 9 if number < 5 else 10 for number in range(30)}, "a.csv")
    place = counted.root / "incoming" / "a.csv"
    place.write_bytes(place.read_bytes()[:-20] + b'"')
    assert counted.take_in().put_aside == 1
    assert counted.on_hand() == {f"A{number}": 9 if number < 5 else 10 for number in range(30)}


def test_a_count_dated_by_its_day_alone_is_of_the_evening(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path, database)
    store.clock.at -= timedelta(days=2)
    store.stock()
    day = datetime.now(ZoneInfo("Europe/Berlin")) - timedelta(hours=20)  # the latest day whose evening is over
    counting = store.connection(profile="stock-count")
    store.put("a.csv", f"Filiale;Datum;Artikelnummer;Bestand\r\nKöln;{day:%d.%m.%Y};LAMP;4\r\n".encode())
    store.take_in(counting)
    (count,) = desk.ask(
        store.database, "SELECT happened_at FROM stock_event WHERE source = %s AND sku = 'LAMP'", (SOURCE,)
    )
    assert count["happened_at"].hour in {18, 19}


@pytest.mark.parametrize("decided", ["released", "declined", "replaced"])
def test_what_is_decided_on_a_stopped_count_is_told_in_a_second_result_file(counted: Store, decided: str) -> None:
    counted.till.export_whole_count({f"A{number}": 0 for number in range(30)}, "wild.csv")
    counted.take_in()
    assert counted.take_in().rows == 0
    assert len(counted.names("results")) == 1, "Nothing is told again as long as nobody decides."
    if decided == "replaced":
        counted.clock.at += timedelta(minutes=1)
        counted.till.export_whole_count(counted.on_hand(), "right.csv")
    else:
        decide = {"released": stock_imports.release, "declined": stock_imports.decline}[decided]
        with counted.database.audited(desk.ACTOR) as (connection, trail):
            decide(connection, trail, 1, by="anna", reason="We closed the store.")
    counted.take_in()
    again = [name for name in counted.names("results") if name.endswith(".result-2.csv")]
    assert len(again) == 1
    (answer,) = (rows for name, rows in zip(counted.names("results"), counted.answers(), strict=True) if name in again)
    fates = {(row["file"], row["fate"], row["rules"]) for row in answer}
    assert fates == {("wild.csv", *TOLD_THEN[decided])}
    assert all(("We closed the store." in row["reason"]) is (decided != "replaced") for row in answer)
    assert len(answer) == 30
    assert set(counted.on_hand().values()) == ({0} if decided == "released" else {10})
    counted.take_in()
    assert len([name for name in counted.names("results") if "wild" in name]) == 2, "It is told once."
    with counted.database.connect() as connection:
        assert broken_rows(connection)[0] == []


TOLD_THEN = {
    "released": ("booked", ""), "declined": ("not booked", "POS-GUARD"), "replaced": ("not booked", "POS-GUARD")
}  # fmt: skip
