"""The stock ledger on a real Postgres: each event once, in whatever order, and the two laws hold after each."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from psycopg.sql import SQL

from blocks.database import rulebooks, stock_booking
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock_ledger import Booked, book_levels, book_movements
from blocks.documents.stock import MovementKind, StockMovement
from tests import desk
from tests.orders import a_line
from tests.stack import DatabaseUrls

ERP = "tryton-erp/main"
NOON = datetime.now(UTC) + timedelta(hours=1)
"""After everything that is counted by ``desk.count``."""


@pytest.fixture
def database(database_url: DatabaseUrls) -> Database:
    return Database(database_url.app)


def moved(event: str, kind: str, quantity: int | str, *, minutes: float = 0, **fields: Any) -> StockMovement:
    """Return a movement of LAMP in EAST, so many minutes after noon."""
    usual = {"sku": "LAMP", "warehouse": "EAST", "happened_at": NOON + timedelta(minutes=minutes)}
    return StockMovement(event_id=event, kind=MovementKind(kind), quantity=Decimal(quantity), **{**usual, **fields})


def book(database: Database, *movements: StockMovement, source: str = ERP, closed: tuple[str, ...] = ()) -> Booked:
    with database.audited(desk.ACTOR) as (connection, trail):
        return book_movements(connection, trail, source=source, movements=movements, closed_sales=closed)


def on_hand(database: Database, sku: str = "LAMP", warehouse: str = "EAST") -> int:
    (row,) = desk.ask(database, "SELECT on_hand FROM stock WHERE (warehouse, sku) = (%s, %s)", (warehouse, sku))
    return int(row["on_hand"])


def history(database: Database) -> list[tuple[str, int, int, str | None]]:
    rows = desk.ask(database, "SELECT kind, quantity, delta, ignored FROM stock_event ORDER BY id")
    return [(row["kind"], int(row["quantity"]), int(row["delta"]), row["ignored"]) for row in rows]


def test_the_first_event_of_an_article_with_stock_opens_its_ledger(database: Database) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):  # as it was before there was a ledger
        connection.execute("INSERT INTO stock (warehouse, sku, on_hand) VALUES ('EAST', 'LAMP', 5)")
        trail.add("stock.counted", "stock", [("stock", "EAST:LAMP")])
    booked = book(database, moved("1", "receipt", 3), moved("2", "sale", -1, minutes=1))
    assert (booked.events, booked.late, booked.skus) == (2, 0, frozenset({"LAMP"}))
    assert history(database) == [("opening", 5, 5, None), ("receipt", 3, 3, None), ("sale", -1, -1, None)]
    assert on_hand(database) == 7


def test_an_event_heard_twice_is_booked_once_and_one_that_says_something_else_is_named(database: Database) -> None:
    first = moved("1", "receipt", 3)
    assert book(database, first, first).repeated == 1
    again = book(database, first, moved("1", "receipt", 4), moved("2", "receipt", 1))
    assert (again.events, again.repeated, again.contradicting) == (1, 2, ("1",))
    assert on_hand(database) == 4


def test_t_inv_9_a_movement_from_before_the_newest_count_is_ignored_and_told_why(database: Database) -> None:
    """T-INV-9: an older stock event that arrives after a newer one changes nothing, and is on record."""
    book(database, moved("count", "count", 10, minutes=10))
    at_once = moved("at once", "sale", -1, minutes=10)
    booked = book(database, moved("sale", "sale", -2, minutes=5), moved("old", "count", 99, minutes=1), at_once)
    assert (booked.events, booked.late, booked.skus) == (3, 3, frozenset())
    assert on_hand(database) == 10
    (_, older, sale, _) = history(database)
    stands = f"the count of {NOON + timedelta(minutes=10):%Y-%m-%d %H:%M:%S} UTC"
    assert older[2:] == (0, f"It is older than {stands}, which stands.")
    assert sale[2:] == (0, f"It happened before {stands}, which holds it already.")


def test_a_count_that_arrives_during_a_sale_keeps_what_was_sold_since_it_was_taken(database: Database) -> None:
    desk.count(database, 5, "LAMP")
    book(database, moved("before", "sale", -1, minutes=1), moved("after", "sale", -2, minutes=9))
    book(database, moved("count", "count", 10, minutes=5))
    assert on_hand(database) == 8
    assert history(database)[-1] == ("count", 10, 6, None)


def test_the_ledger_comes_to_the_same_in_whatever_order_events_are_heard(database: Database) -> None:
    told = [
        moved("a", "receipt", 7, minutes=1), moved("b", "count", 4, minutes=2), moved("c", "sale", -1, minutes=3),
        moved("d", "count", 9, minutes=4), moved("e", "return", 2, minutes=5), moved("f", "sale", -1, minutes=2),
    ]  # fmt: skip
    for start in range(6):
        sku = f"LAMP-{start}"
        rotated = [each.model_copy(update={"sku": sku, "event_id": f"{each.event_id}{start}"}) for each in told]
        rotated = rotated[start:] + rotated[:start]
        for chunk in (rotated[:start], rotated[start:4], rotated[max(start, 4) :]):
            book(database, *chunk)
        assert on_hand(database, sku) == 11, start


def test_the_trail_verifies_over_the_ledger(database: Database, database_url: DatabaseUrls, tmp_path: Path) -> None:
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 6, "LAMP", "BOOK")
    order = desk.an_order_of([a_line("LAMP", 6, "10.00")])
    desk.take_in(database, order)
    sale = f"SOMS-berlin-{order.external_id}"
    book(database, moved("1", "shipment", -2, sale=sale), moved("2", "receipt", 1, sku="NEW"), closed=(sale,))
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_the_trail_of_a_large_picture_is_told_in_parts_and_verifies(
    database: Database, database_url: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_booking, "MOST_AT_ONCE", 3)
    levels = SQL("SELECT 'EAST' AS warehouse, 'LAMP-' || n AS sku, n::numeric AS on_hand FROM generate_series(0, 4) n")
    for at in (NOON, NOON + timedelta(minutes=1)):
        with database.audited(desk.ACTOR) as (connection, trail):
            booked = book_levels(connection, trail, source=ERP, levels=levels, as_of=at, document="import 7")
            trail.add("import.released", "stock_import/7", [("stock", "EAST:LAMP-1")])
        assert booked.events == (5 if at == NOON else 0)
    told = desk.ask(database, "SELECT kind FROM audit_event ORDER BY seq")
    assert [row["kind"] for row in told] == ["stock.counted"] * 4 + ["import.released"] * 2
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_counts_of_one_moment_in_several_locations_and_of_packs_are_one_count(database: Database) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        packs = "packs: {SIX: {of: LAMP, pieces: 6}}"
        rulebooks.activate(
            connection, trail, kind="stock_rules", name="default", content=packs, by="ada", reason="Packs."
        )
    parts = [
        moved("a", "count", 3, location="A"), moved("b", "count", 4, location="B"),
        moved("c", "count", 2, sku="SIX", location="B"),
    ]  # fmt: skip
    assert book(database, *parts).events == 1
    assert on_hand(database) == 19
    assert book(database, *parts, moved("d", "sale", -1, sku="SIX", minutes=1)).events == 1
    assert on_hand(database) == 13


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "NaN"}, {"quantity": "1e12"}, {"sku": "LA\x00MP"}, {"warehouse": "EA\ud800ST"}, {"sku": " "},
        {"event_id": "x" * 301}, {"happened_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - it is wrong
    ],
)  # fmt: skip
def test_a_movement_that_the_ledger_cannot_hold_is_no_movement(wrong: dict[str, Any]) -> None:
    right = moved("1", "sale", -1).model_dump()
    with pytest.raises(ValueError, match="1 validation error"):
        StockMovement.model_validate(right | wrong)


def test_odd_letters_and_thirds_do_not_keep_a_movement_out(database: Database) -> None:
    odd = moved(
        "1", "receipt", "0.3333333333", sku="LA\N{NO-BREAK SPACE}MP", document="a\x00b" + "c" * 400, sale="\x00"
    )
    assert book(database, odd).events == 1
    (row,) = desk.ask(database, "SELECT sku, quantity, document FROM stock_event")
    assert (row["sku"], row["quantity"]) == ("LA\N{NO-BREAK SPACE}MP", Decimal("0.33333333"))
    assert (row["document"][:4], len(row["document"])) == ("a bc", 300)
