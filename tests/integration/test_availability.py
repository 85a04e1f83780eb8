"""A cart is told what it can have now, by the rules by which orders are served, and asking reserves nothing."""

import json
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from blocks.database import rulebooks
from blocks.database.engine import Database
from blocks.errors import WrongUse
from deployments import cli_stock
from tasks.order_intake.availability import CartLine, cart_availability
from tests import desk, stack
from tests.orders import a_line

RECEIPT = date(2027, 1, 15)


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


@pytest.mark.parametrize(("sku", "pieces"), [("LAMP", "0"), ("LAMP", "1.5"), ("LAMP", "NaN"), ("GHOST", "1")])
def test_a_cart_that_cannot_be_is_answered_with_a_sentence(database: Database, sku: str, pieces: str) -> None:
    with database.connect() as connection, pytest.raises(WrongUse, match=sku):
        cart_availability(connection, "berlin", [CartLine(sku, Decimal(pieces))])


def test_the_command_answers_in_words_and_by_its_exit_code(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "current", classmethod(lambda _cls: database))
    answered = CliRunner().invoke(cli_stock.app, ["stock", "available", "LAMP=2", "BOOK"], standalone_mode=False)
    assert answered.output.splitlines() == ["LAMP: 1 of 2; no more, expected 2027-01-15", "BOOK: 1 of 1; all there"]
    assert answered.return_value == 1
