"""A wrong picture of stock is stopped, shown, and empties no shop; a person lets it in with a reason."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.database import stock_gate
from blocks.database.audit import Actor
from blocks.database.audit_verification import broken_rows
from blocks.database.engine import Database
from blocks.database.stock_gate import Picture, Verdict
from blocks.documents.stock_rules import StockRules
from tests import desk, stack

ARTICLES = [f"S{number}" for number in range(100)]
Row = tuple[str, str, str, int]


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    """Return a database in which 100 articles with 5 pieces each are known."""
    database = Database(database_url.app)
    desk.know(database, *ARTICLES)
    desk.count(database, 5, *ARTICLES)
    return database


def levels(pieces: int = 5, skus: Iterable[str] = ARTICLES) -> list[Row]:
    return [("EAST", "STO", sku, pieces) for sku in skus]


def arrive(database: Database, rows: Iterable[Row], *, age: timedelta = timedelta()) -> Verdict:
    """Let a picture arrive at the gate."""
    with database.audited(Actor("test")) as (connection, trail):
        connection.execute(f"CREATE TEMP TABLE arriving_stock {stock_gate.SHAPE} ON COMMIT DROP")
        with connection.cursor().copy("COPY arriving_stock FROM STDIN") as copy:
            for warehouse, location, sku, pieces in rows:
                copy.write_row((warehouse, location, sku, Decimal(pieces), Decimal(pieces)))
        picture = Picture("tryton-erp/main", datetime.now(UTC) - age)
        return stock_gate.let_in(connection, trail, picture)


def failed(verdict: Verdict) -> list[str]:
    return [finding.expectation for finding in verdict.findings if not finding.passed]


def test_a_picture_like_the_one_before_is_let_in(database: Database) -> None:
    verdict = arrive(database, [*levels(5, ARTICLES[:90]), *levels(7, ARTICLES[90:])])
    assert (verdict.stopped, failed(verdict), len(verdict.findings)) == (False, [], 8)
    assert desk.ask(database, "SELECT * FROM stock_import") == []


@pytest.mark.parametrize(
    ("rows", "age", "reasons"),
    [
        ([], timedelta(), ["INV-DQ-03", "INV-DQ-04"]),
        (levels(5, ARTICLES[:60]), timedelta(), ["INV-DQ-03", "INV-DQ-04"]),
        (levels(0), timedelta(), ["INV-DQ-04", "INV-DQ-06", "INV-DQ-05"]),
        (levels(0, ARTICLES[:30]) + levels(5, ARTICLES[30:]), timedelta(), ["INV-DQ-04"]),
        (levels(), timedelta(hours=27), ["INV-DQ-02"]),
        (levels(), timedelta(hours=-2), ["INV-DQ-02"]),
        (levels(9), timedelta(), ["INV-DQ-06"]),
        (levels(-1, ARTICLES[:5]) + levels(5, ARTICLES[5:]), timedelta(), ["INV-DQ-07"]),
        ([*levels(), *levels(5, ["S3"])], timedelta(), ["INV-DQ-01"]),
        (levels() + levels(5, [f"X{number}" for number in range(10)]), timedelta(), ["INV-DQ-08"]),
    ],
    ids=["empty", "cut off", "all zero", "many zero", "old", "future", "wild", "negative", "twice", "unknown"],
)
def test_a_wrong_picture_is_stopped_and_shown_once(
    database: Database, rows: list[Row], age: timedelta, reasons: list[str]
) -> None:
    verdict = arrive(database, rows, age=age)
    assert (verdict.stopped, failed(verdict)) == (True, reasons)
    assert arrive(database, rows, age=age).import_id == verdict.import_id, "the same again is the same import"
    (kept,) = desk.ask(database, "SELECT id, state, rows FROM stock_import")
    assert kept == {"id": verdict.import_id, "state": "stopped", "rows": len(rows)}
    (alert,) = desk.ask(database, "SELECT kind, subject, text FROM stock_alert WHERE closed_at IS NULL")
    assert (alert["kind"], alert["subject"]) == ("import_stopped", "tryton-erp/main")
    assert f"release {verdict.import_id} --reason" in alert["text"]
    assert {row["on_hand"] for row in desk.ask(database, "SELECT on_hand FROM stock")} == {Decimal(5)}
    with database.connect() as connection:
        assert broken_rows(connection)[0] == []


def test_a_later_good_picture_takes_the_place_of_a_stopped_one(database: Database) -> None:
    stopped = arrive(database, levels(0))
    assert not arrive(database, levels()).stopped
    (kept,) = desk.ask(database, "SELECT id, state, decided_by FROM stock_import")
    assert kept == {"id": stopped.import_id, "state": "declined", "decided_by": "soms"}
    assert desk.ask(database, "SELECT * FROM stock_import_row") == []
    assert desk.ask(database, "SELECT * FROM stock_alert WHERE closed_at IS NULL") == []


def test_the_first_picture_of_all_is_believed_and_small_ones_are_judged_by_defects_only(
    database_url: stack.DatabaseUrls,
) -> None:
    database = Database(database_url.app)
    assert not arrive(database, levels(0)).stopped
    desk.count(database, 5, "A", "B")
    assert not arrive(database, [("EAST", "STO", "A", 0)]).stopped
    assert failed(arrive(database, [("EAST", "STO", "A", 1), ("EAST", "STO", "A", 1)])) == ["INV-DQ-01"]


def counted_by_hand(known: dict[tuple[str, str], int], rows: list[Row], packs: dict[str, int]) -> dict[str, int]:
    """Return the figures of a picture, counted article by article."""
    came: Counter[tuple[str, str]] = Counter()
    for warehouse, _, sku, pieces in rows:
        came[warehouse, sku.removeprefix("BOX-")] += pieces * packs.get(sku, 1)
    both = came.keys() & known.keys()
    return {
        "rows": len(rows), "articles": len(came), "known": len(known), "both": len(both),
        "duplicates": len(rows) - len({row[:3] for row in rows}) if len(rows) > len(came) else 0,
        "negative": sum(pieces < 0 for pieces in came.values()), "zeroes": sum(not each for each in came.values()),
        "known_zeroes": sum(not pieces for pieces in known.values()),
        "stocked": sum(pieces > 0 for pieces in known.values()),
        "turned_zero": sum(pieces > 0 and not came.get(place, 0) for place, pieces in known.items()),
        "changed": sum(came[place] != known[place] for place in both),
        "unknown": sum(sku.startswith("X") for _, sku in came),
    }  # fmt: skip


@pytest.mark.parametrize("sort", ["one row each", "several places", "twice", "packs"])
def test_a_picture_is_measured_right_however_many_rows_an_article_has(
    database_url: stack.DatabaseUrls, sort: str
) -> None:
    database, dice = Database(database_url.app), random.Random(sort)
    known = {(house, f"S{number}"): dice.randrange(-1, 3) for house in ("EAST", "WEST") for number in range(30)}
    desk.know(database, *(f"S{number}" for number in range(30)))
    for (house, sku), pieces in known.items():
        desk.count(database, pieces, sku, warehouse=house)
    packs = {"BOX-S1": 6, "BOX-S2": 2} if sort == "packs" else {}
    rules = StockRules.model_validate({
        "packs": {box: {"of": box.removeprefix("BOX-"), "pieces": pieces} for box, pieces in packs.items()}
    })  # fmt: skip
    for _ in range(6):
        places = [*known, ("EAST", "X1"), ("NEW", "S3")]
        rows = [(house, "A", sku, dice.randrange(-1, 3)) for house, sku in places if dice.random() < 0.8]
        if sort != "one row each":
            more = {"several places": "B", "twice": "A", "packs": "A"}[sort]
            rows += [(house, more, sku, 1) for house, sku in places if dice.random() < 0.2]
        rows += [("EAST", "A", box, dice.randrange(3)) for box in packs]
        with database.connect() as connection, connection.transaction(force_rollback=True):
            connection.execute(f"CREATE TEMP TABLE arriving_stock {stock_gate.SHAPE}")
            with connection.cursor().copy("COPY arriving_stock FROM STDIN") as copy:
                for house, place, sku, pieces in rows:
                    copy.write_row((house, place, sku, pieces, pieces))
            figures = stock_gate.measure(connection, Picture("tryton-erp/main", datetime.now(UTC)), rules)
        wanted = counted_by_hand(known, rows, packs)
        assert {name: getattr(figures, name) for name in wanted} == wanted
