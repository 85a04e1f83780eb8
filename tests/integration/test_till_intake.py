"""Files of tills: every row's fate is told, good rows go on, nothing is booked twice, on a real Postgres."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blocks.database import corrections, quarantine
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock_position import sellable
from tests import desk, stack
from tests.stores import ACTOR, SOURCE, Store


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    return Store(tmp_path, database).stock()


@pytest.mark.parametrize("dialect", ["semicolon", "signed", "xml"])
def test_a_day_at_the_till_in_each_dialect_leaves_the_same_stock(
    database: Database, database_url: stack.DatabaseUrls, tmp_path: Path, dialect: str
) -> None:
    store = Store(tmp_path, database, dialect=dialect).stock()
    till = store.till
    first = till.sell(LAMP=3, BOOK=1)
    till.sell(LAMP=1)
    till.take_back(LAMP=1)
    till.deliver(BOOK=5)
    till.void(first)
    till.export()
    assert store.take_in().booked == 6
    assert store.on_hand() == {"BOOK": 15, "DESK": 10, "LAMP": 10}
    assert store.law_holds()
    (answer,) = store.answers()
    assert [row["fate"] for row in answer] == ["booked"] * 6
    assert (store.names("incoming"), store.names("work"), len(store.names("archive"))) == ([], [], 1)
    assert verify(Database(database_url.audit), tmp_path / "anchors").findings == ()


def shown(store: Store) -> tuple[int, bool]:
    """Return what the shop shall show of the lamp."""
    with store.database.connect() as connection:
        (lamp,) = sellable(connection, "berlin", ["LAMP"])
    assert lamp.quantity is not None
    assert lamp.visible is not None
    return int(lamp.quantity), lamp.visible


def test_t_inv_6_a_voided_slip_puts_its_articles_back(store: Store) -> None:
    """T-INV-6, the part of the till: what was sold out is there again, and the shop shall show it."""
    slip = store.till.sell(LAMP=10)
    store.till.export()
    store.take_in()
    assert (store.on_hand()["LAMP"], shown(store)) == (0, (0, False))
    store.till.void(slip)
    store.till.export()
    assert store.take_in().booked == 1
    assert (store.on_hand()["LAMP"], shown(store)) == (10, (10, True))
    kinds = desk.ask(
        store.database, "SELECT kind, delta::int FROM stock_event WHERE source = %s ORDER BY id", (SOURCE,)
    )
    assert [tuple(row.values()) for row in kinds] == [("sale", -10), ("void", 10)]


def test_a_slip_is_taken_back_once_and_never_more_of_it_than_was_sold(store: Store) -> None:
    slip = store.till.sell(LAMP=4, BOOK=2)
    store.till.void(slip, LAMP=3)
    store.till.void(slip, LAMP=2)
    store.till.void(slip)
    store.till.void(slip)
    store.till.export("a.csv")
    judged = store.take_in()
    assert (judged.booked, judged.put_aside) == (4, 2)
    fates = [(row["fate"], row["rules"]) for row in store.answers_of("a.csv")]
    assert fates[3] == fates[5] == ("put aside", "POS-VOID-AGAIN")
    assert store.on_hand() == {"BOOK": 10, "DESK": 10, "LAMP": 10}


def test_rows_sent_again_in_another_file_change_nothing(store: Store) -> None:
    store.till.sell(LAMP=2)
    store.till.take_back(BOOK=1)
    body = store.till.content()
    store.till.export("a.csv")
    store.take_in()
    before = store.on_hand()
    store.till.journal.clear()
    store.put("b.csv", body)
    stored = store.collect()
    store.judge()
    store.answer()
    assert (stored.new, stored.duplicates, store.on_hand()) == (0, 2, before)
    assert [row["fate"] for row in store.answers_of("b.csv")] == ["duplicate", "duplicate"]


HEAD = "Art;Kasse;Bon;Pos;Datum;Uhrzeit;Filiale;Artikelnummer;EAN;Menge;Einheit;Storno zu\r\n"


def a_file(store: Store, *rows: str) -> bytes:
    day = f"{store.clock().astimezone(UTC):%d.%m.%Y;%H:%M:%S}"
    return (HEAD + "".join(f"{row.replace('NOW', day)}\r\n" for row in rows)).encode()


def test_bad_rows_are_put_aside_with_place_and_remedy_and_the_others_are_booked(store: Store) -> None:
    later = f"{datetime.now(UTC) + timedelta(days=400):%d.%m.%Y;%H:%M:%S}"
    store.put("a.csv", a_file(
        store, "VK;1;1;1;NOW;Köln;LAMP;;1;;", "VK;1;1;2;NOW;Köln;LAMQ;;1;;", "VK;1;2;1;NOW;Bonn;LAMP;;1;;",
        "VK;1;3;1;NOW;Köln;LAMP;;1,5;;", "XX;1;4;1;NOW;Köln;LAMP;;1;;", f"VK;1;5;1;{later};Köln;LAMP;;1;;",
        "VK;1;;1;NOW;Köln;LAMP;;1;;", "VK;1;6;1;NOW;Köln;LAMP;;1;Palette;", "VK;1;7;1;NOW;Köln;BOOK;;1;Karton;",
        "ST;1;8;1;NOW;Köln;LAMP;;1;;1-99", "VK;1;9;1;NOW;Köln;LAMP;;0;;", 'VK;1;10;1;NOW;Köln;"LAMP;;1;;',
    ))  # fmt: skip
    judged = store.take_in()
    answer = store.answers_of("a.csv")
    assert [(row["rows"], row["fate"], row["rules"]) for row in answer] == [
        ("row 2", "booked", ""), ("row 3", "put aside", "POS-ARTICLE"), ("row 4", "put aside", "POS-WAREHOUSE"),
        ("row 5", "put aside", "POS-UNREADABLE"), ("row 6", "put aside", "POS-UNREADABLE"),
        ("row 7", "put aside", "POS-CLOCK"), ("row 8", "put aside", "POS-UNREADABLE"),
        ("row 9", "put aside", "POS-UNREADABLE"), ("row 10", "booked", ""), ("row 11", "put aside", "POS-VOID"),
        ("row 12", "put aside", "POS-UNREADABLE"), ("row 13", "put aside", "POS-UNREADABLE"),
    ]  # fmt: skip
    assert all(row["reason"] and row["remedy"] for row in answer if row["fate"] == "put aside")
    assert "Menge" in answer[3]["reason"]
    assert "Bon" in answer[6]["reason"]
    assert (judged.booked, judged.put_aside) == (2, 10)
    assert store.on_hand() == {"BOOK": -2, "DESK": 10, "LAMP": 9}


def test_an_article_is_found_by_its_gtin_and_one_scanned_thrice_is_three_pieces(store: Store) -> None:
    with store.database.audited(ACTOR) as (connection, trail):
        connection.execute("UPDATE article SET gtin = '4006381333931' WHERE sku = 'LAMP'")
        trail.add("article.changed", "source/berlin", [("article", "berlin:LAMP")])
    row = "VK;1;1;;NOW;Köln;;4006381333931;1;;"
    body = a_file(store, row, row, row)
    store.put("a.csv", body)
    assert store.take_in().booked == 3
    assert store.on_hand()["LAMP"] == 7
    store.put("b.csv", body)
    store.take_in()
    assert store.on_hand()["LAMP"] == 7


def test_a_void_that_comes_before_its_slip_waits_for_it_and_goes_on_by_itself(store: Store) -> None:
    slip = store.till.sell(LAMP=2, BOOK=1)
    sale = store.till.content()
    store.till.journal.clear()
    store.till.void(slip)
    store.till.export("void.csv")
    assert store.take_in().put_aside == 1
    store.put("sale.csv", sale)
    judged = store.take_in()
    assert (judged.booked, judged.freed, judged.put_aside) == (3, 1, 0)
    assert store.on_hand() == {"BOOK": 10, "DESK": 10, "LAMP": 10}


def test_a_row_that_is_released_after_its_slip_was_taken_back_is_not_sold(store: Store) -> None:
    slip = store.till.sell(LAMP=2, NEW=1)
    store.till.export("a.csv")
    assert store.take_in().put_aside == 1
    store.till.void(slip)
    store.till.export("b.csv")
    store.take_in()
    desk.know(store.database, "NEW")
    with store.database.audited(ACTOR) as (connection, trail):
        (aside,) = quarantine.waiting(connection, source=SOURCE)
        quarantine.release(connection, trail, [aside["id"]], by="ada", reason="Known now.")
    judged = store.judge()
    assert (judged.ignored, judged.booked) == (1, 0)
    assert store.on_hand() == {"BOOK": 10, "DESK": 10, "LAMP": 10}


def test_a_row_that_says_something_else_than_before_is_put_aside_and_the_first_word_stands(store: Store) -> None:
    first = a_file(store, "VK;1;1;1;NOW;Köln;LAMP;;2;;")
    store.put("a.csv", first)
    store.take_in()
    store.put("b.csv", first.replace(b";2;;", b";3;;"))
    assert store.take_in().put_aside == 1
    assert [row["rules"] for row in store.answers_of("b.csv")] == ["POS-CHANGED"]
    assert store.on_hand()["LAMP"] == 8


def test_a_corrected_row_takes_the_place_of_the_one_that_waits(store: Store) -> None:
    store.put("a.csv", a_file(store, "VK;1;1;1;NOW;Köln;LAMQ;;2;;"))
    store.take_in()
    store.put("b.csv", a_file(store, "VK;1;1;1;NOW;Köln;LAMP;;2;;"))
    assert store.take_in().booked == 1
    with store.database.connect() as connection:
        assert quarantine.waiting(connection, source=SOURCE) == []
    assert store.on_hand()["LAMP"] == 8


def test_a_row_that_cannot_be_read_is_corrected_in_its_bytes_by_two_people_and_booked(store: Store) -> None:
    from tasks.quarantine_desk import desk as quarantine_desk  # noqa: PLC0415 - the desk of another process

    store.put("a.csv", a_file(store, "VK;1;1;1;NOW;Köln;LAMP;;zwei;;"))
    store.take_in()
    with store.database.audited(ACTOR) as (connection, trail):
        (aside,) = quarantine.waiting(connection, source=SOURCE)
        made = quarantine_desk.correct(
            connection, trail, lambda _: store.folder, record_id=aside["id"], lines=["/line/Menge=2"], raw=True,
            by="ada", reason="A typing error.",
        )  # fmt: skip
        assert (made.waits, made.still_unreadable) == (True, "")
        corrections.decide(
            connection, trail, correction=made.correction, approve=True, by="bob", reason="Asked the store."
        )
        assert quarantine.release(connection, trail, [aside["id"]], by="bob", reason="Corrected.") == [aside["id"]]
    assert store.judge().booked == 1
    assert store.on_hand()["LAMP"] == 8


def test_a_record_at_the_desk_says_what_the_row_says(store: Store) -> None:
    from tasks.quarantine_desk import desk as quarantine_desk  # noqa: PLC0415 - the desk of another process

    store.put("a.csv", a_file(store, "VK;1;1;1;NOW;Köln;LAMQ;;1;;"))
    store.take_in()
    with store.database.connect() as connection:
        (aside,) = quarantine.waiting(connection, source=SOURCE)
        seen = quarantine_desk.look(connection, lambda _: store.folder, aside["id"])
    assert "sale of -1 'LAMQ' in 'Köln', slip 1-1" in seen.reading.problem
    assert [(row["file"], row["first_row"]) for row in seen.file_rows] == [("a.csv", 2)]
