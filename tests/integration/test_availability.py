"""A cart is told what it can have now, by the rules by which orders are served, and asking reserves nothing."""

import json
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest
from typer.testing import CliRunner

from blocks.database import rulebooks
from blocks.database.engine import Database
from blocks.errors import WrongUse
from deployments import cli_stock
from flows.stock_availability import AvailabilityRequest, CartItem, stock_availability
from tasks.order_intake import carts
from tasks.order_intake.availability import CartLine, cart_availability
from tests import desk, stack
from tests.orders import a_line

RECEIPT = date(2027, 1, 15)
TODAY = date(2027, 1, 10)


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK", "KIT")
    desk.count(database, 1, "LAMP")
    desk.count(database, 2, "BOOK")
    with database.audited(desk.ACTOR) as (connection, trail):
        connection.execute(
            "UPDATE article SET components = %s WHERE sku = 'KIT'", (json.dumps([["LAMP", "1"], ["BOOK", "2"]]),)
        )
        connection.execute("UPDATE article SET available_on = %s, preorder = true WHERE sku = 'LAMP'", (RECEIPT,))
        trail.add("article.changed", "source/berlin", [("article", "berlin:KIT"), ("article", "berlin:LAMP")])
    return database


def day(number: int) -> date:
    return TODAY.replace(day=number)


def free(database: Database, *cart: tuple[str, int]) -> list[int]:
    """Return the pieces each line can have."""
    with database.connect() as connection:
        lines = [CartLine(sku, Decimal(pieces)) for sku, pieces in cart]
        return [int(answer.free) for answer in cart_availability(connection, "berlin", lines)]


def test_t_ord_11_two_are_asked_for_one_is_free_and_no_reservation_is_left(database: Database) -> None:
    with database.connect() as connection:
        (answer,) = cart_availability(connection, "berlin", [CartLine("LAMP", Decimal(2))])
    assert (answer.free, answer.more_on) == (1, RECEIPT)
    assert desk.ask(database, "SELECT count(*) AS kept FROM reservation") == [{"kept": 0}]
    assert desk.ask(database, "SELECT sum(reserved) AS taken FROM stock") == [{"taken": Decimal(0)}]


def test_what_others_have_ordered_is_not_free(database: Database) -> None:
    desk.take_in(database, desk.an_order_of((a_line("LAMP", 1, "47.55"),)))
    assert free(database, ("LAMP", 2)) == [0]


def test_parts_that_lines_share_are_counted_together(database: Database) -> None:
    assert free(database, ("KIT", 1), ("BOOK", 1)) == [1, 0]
    assert free(database, ("BOOK", 1), ("KIT", 1)) == [1, 0]
    assert free(database, ("BOOK", 2), ("LAMP", 1)) == [2, 1]


def test_pieces_in_two_warehouses_count_only_where_orders_may_be_split(database: Database) -> None:
    desk.count(database, 1, "LAMP", warehouse="WEST")
    assert free(database, ("LAMP", 2)) == [1]
    with database.audited(desk.ACTOR) as (connection, trail):
        rules = "allocation: {split: allow, preorder: flagged}"
        rulebooks.activate(connection, trail, kind="order_rules", name="orders", content=rules, by="a", reason="b")
    assert free(database, ("LAMP", 3)) == [2]
    with database.connect() as connection:
        (answer,) = cart_availability(connection, "berlin", [CartLine("LAMP", Decimal(3))])
    assert (answer.more, answer.more_on) == ("preorder", RECEIPT)


def coming(database: Database, *receipts: tuple[str, str, int, date | None]) -> None:
    """Write what is on its way: warehouse, SKU, pieces, day."""
    with database.connect() as connection:
        connection.cursor().executemany(
            "INSERT INTO incoming_goods (source, document, warehouse, sku, quantity, due_on) VALUES ('erp', %s,"
            " %s, %s, %s, %s)",
            [(f"P{number}", *receipt) for number, receipt in enumerate(receipts)],
        )


def settings(database: Database, content: str, kind: str = "stock_rules", name: str = "default") -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        rulebooks.activate(connection, trail, kind=kind, name=name, content=content, by="anna", reason="agreed")


def told(database: Database, *cart: tuple[str, int]) -> list[tuple[int, date | None, date | None]]:
    """Return for each line the free pieces, the day of the next receipt and the day of the whole rest."""
    with database.connect() as connection:
        lines = [CartLine(sku, Decimal(pieces)) for sku, pieces in cart]
        found = cart_availability(connection, "berlin", lines, today=TODAY)
    return [(int(answer.free), answer.next_on, answer.more_on) for answer in found]


def test_t_ord_11_the_rest_is_told_with_the_day_of_the_next_receipt_and_the_day_all_of_it_is_there(
    database: Database,
) -> None:
    coming(database, ("EAST", "BOOK", 1, day(12)), ("EAST", "BOOK", 3, day(20)), ("EAST", "BOOK", 99, None))
    assert told(database, ("BOOK", 3)) == [(2, day(12), day(12))]
    assert told(database, ("BOOK", 5)) == [(2, day(12), day(20))]
    assert told(database, ("BOOK", 50)) == [(2, day(12), None)], "what has no day promises nothing"
    assert told(database, ("BOOK", 2)) == [(2, None, None)], "all is there"


def test_an_overdue_receipt_and_one_in_a_warehouse_that_does_not_serve_the_channel_promise_nothing(
    database: Database,
) -> None:
    coming(database, ("EAST", "BOOK", 5, TODAY - timedelta(days=1)), ("WEST", "BOOK", 5, day(12)))
    assert told(database, ("BOOK", 3)) == [(2, None, None)]


def test_the_day_of_a_bundle_is_that_of_its_last_part_and_lines_before_it_take_theirs_first(database: Database) -> None:
    coming(database, ("EAST", "BOOK", 2, day(12)), ("EAST", "LAMP", 1, day(15)), ("EAST", "BOOK", 1, day(20)))
    assert told(database, ("KIT", 2)) == [(1, day(12), day(15))]
    assert told(database, ("BOOK", 1), ("KIT", 2)) == [(1, None, None), (0, day(12), day(20))]


def test_owed_pieces_come_off_what_is_due_before_anybody_else_is_promised_it(database: Database) -> None:
    settings(database, "allocation: {backorder: all}", "order_rules", "orders")
    desk.take_in(database, desk.an_order_of((a_line("BOOK", 4, "12.80", 7),)))
    coming(database, ("EAST", "BOOK", 2, day(12)), ("EAST", "BOOK", 1, day(20)))
    assert told(database, ("BOOK", 1)) == [(0, day(12), day(20))], "two of the three that come are owed"


def test_safety_stock_is_not_promised_and_a_pack_takes_its_pieces(database: Database) -> None:
    desk.know(database, "TWO")
    settings(database, "safety: [{sku: BOOK, pieces: 1}]\npacks: {TWO: {of: BOOK, pieces: 2}}")
    assert told(database, ("BOOK", 2), ("TWO", 1)) == [(1, None, None), (0, None, None)]
    desk.count(database, 6, "BOOK")
    assert [line[0] for line in told(database, ("TWO", 9), ("BOOK", 9))] == [2, 1], "five of six, two packs and one"


@pytest.mark.parametrize(
    ("sku", "pieces"), [("LAMP", "0"), ("LAMP", "1.5"), ("LAMP", "NaN"), ("LAMP", "1e500"), ("GHOST", "1")]
)
def test_a_cart_that_cannot_be_is_answered_with_a_sentence(database: Database, sku: str, pieces: str) -> None:
    with database.connect() as connection, pytest.raises(WrongUse, match=sku):
        cart_availability(connection, "berlin", [CartLine(sku, Decimal(pieces))])


def test_the_command_answers_in_words_and_by_its_exit_code(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "current", classmethod(lambda _cls: database))
    answered = CliRunner().invoke(cli_stock.app, ["stock", "available", "LAMP=2", "BOOK"], standalone_mode=False)
    assert answered.output.splitlines() == [
        "LAMP: 1 of 2; no more now, the rest is expected 2027-01-15",
        "BOOK: 1 of 1; all there",
    ]
    assert answered.return_value == 1


def test_the_command_shows_the_position_in_each_warehouse_and_the_places_within(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "current", classmethod(lambda _cls: database))
    settings(database, "safety: [{warehouse: EAST, pieces: 1}]")
    desk.count(database, 7, "BOOK", warehouse="WEST")
    coming(database, ("EAST", "BOOK", 4, day(12)), ("WEST", "BOOK", 1, None))
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO stock_location (warehouse, location, sku, on_hand, forecast)"
            " VALUES ('EAST', 'A-1', 'BOOK', 2, 2)"
        )
    shown = CliRunner().invoke(cli_stock.app, ["stock", "position", "BOOK", "NIL"], standalone_mode=False)
    assert shown.output.splitlines() == [
        "NIL: nobody has ever counted it, and none is on its way.",
        "BOOK in EAST: 2 on hand, 1 kept back, 1 to promise; 4 on the way from 2027-01-12",
        "  A-1: 2 by the ERP's last picture",
        "BOOK in WEST: 7 on hand, 7 to promise; 1 on the way, no day known",
    ]


@pytest.mark.usefixtures("configured")
def test_t_ord_11_the_flow_answers_a_cart_and_shows_where_its_parts_stand(
    database: Database, prefect_server: str
) -> None:
    coming(database, ("EAST", "BOOK", 4, date.max))
    request = AvailabilityRequest(cart=(CartItem(sku="KIT", quantity=2),))
    (told,) = stock_availability(request)
    assert (told["sku"], told["free"], told["next_on"]) == ("KIT", "1", "9999-12-31")
    query = {"artifacts": {"key": {"any_": [carts.KEY]}}, "sort": "CREATED_DESC", "limit": 1}
    (artifact,) = httpx.post(f"{prefect_server}/artifacts/filter", json=query, trust_env=False).json()
    assert "| BOOK | EAST | 2 | 0 | 0 | 0 | **2** | 4 | 9999-12-31 |" in artifact["data"]
    assert desk.ask(database, "SELECT count(*) AS kept FROM reservation") == [{"kept": 0}]
