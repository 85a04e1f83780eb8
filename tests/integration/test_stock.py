"""T-INV-1: stock is promised once, whoever asks, however many at once."""

import threading
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock import Taking, lock_available, take
from blocks.documents.orders import OrderStatus
from tasks.order_intake import serving
from tasks.order_intake.judging import Judged, Route
from tests import desk, stack
from tests.orders import a_line

ORDERS = 50
LEDGER = """
SELECT s.on_hand, s.reserved, coalesce((SELECT sum(quantity) FROM reservation r
  WHERE (r.warehouse, r.sku) = (s.warehouse, s.sku)), 0) AS ledger FROM stock s
"""


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    return database


def lamps(pieces: int) -> desk.Order:
    return desk.an_order_of([a_line("LAMP", pieces, "10.00")])


def serve(database: Database, *, limit: int = 10, after: int = 0) -> tuple[int, int]:
    with database.audited(desk.ACTOR) as (connection, trail):
        return serving.serve_short(connection, trail, desk.PlainShop(), desk.BERLIN, limit=limit, after=after)


def test_t_inv_1_fifty_orders_at_once_for_one_unit_are_one_accepted_and_the_rest_held_short(
    database: Database, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    """T-INV-1: each order from its own source, so that nothing but the stock itself makes them wait."""
    desk.count(database, 1, "LAMP", "BOOK")
    sources = [Route(f"smartstore-shop/shop-{number}", "tryton-erp/main") for number in range(ORDERS)]
    for route in sources:
        desk.know(database, "LAMP", channel=route.channel)
        desk.deliver(database, [desk.received(lamps(1))], source=route.source)
    judged: list[Judged] = []
    negative: list[dict[str, Decimal]] = []
    over, all_set = threading.Event(), threading.Barrier(10)

    def book(mine: list[Route]) -> None:
        all_set.wait()
        judged.extend(desk.judge(database, route=route) for route in mine)

    def watch() -> None:
        with database.connect(autocommit=True) as connection:
            while not over.is_set():
                negative.extend(connection.execute("SELECT * FROM stock WHERE reserved > on_hand OR reserved < 0"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    stack.together(*(threading.Thread(target=book, args=(sources[turn::10],)) for turn in range(10)))
    over.set()
    watcher.join()

    assert (sum(each.accepted for each in judged), sum(each.short for each in judged)) == (1, ORDERS - 1)
    assert negative == []
    lamp = desk.ask(database, LEDGER + "WHERE s.sku = 'LAMP'")[0]
    assert (lamp["on_hand"], lamp["reserved"], lamp["ledger"]) == (1, 1, 1)
    assert desk.ask(database, "SELECT count(*) AS sales FROM effect WHERE kind = 'erp.sale'")[0]["sales"] == 1
    assert desk.ask(database, "SELECT count(*) AS held FROM sales_order WHERE hold_reason IS NOT NULL")[0]["held"] == 49
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_orders_over_the_same_articles_in_other_orders_wait_for_each_other_and_never_lock_up(
    database: Database,
) -> None:
    desk.count(database, 100, "LAMP", "BOOK")
    failed: list[BaseException] = []

    def book(turn: int) -> None:
        route = Route(f"smartstore-shop/shop-{turn}", "tryton-erp/main")
        skus = ["LAMP", "BOOK"] if turn % 2 else ["BOOK", "LAMP"]
        try:
            desk.know(database, *skus, channel=route.channel)
            for _ in range(5):
                order = desk.an_order_of([a_line(sku, 1, "10.00") for sku in skus])
                desk.deliver(database, [desk.received(order)], source=route.source)
                desk.judge(database, route=route)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    stack.together(*(threading.Thread(target=book, args=(turn,)) for turn in range(6)))
    assert failed == []
    assert [row["reserved"] for row in desk.ask(database, LEDGER)] == [30, 30]
    assert [row["ledger"] for row in desk.ask(database, LEDGER)] == [30, 30]


def test_running_twice_books_once_and_reserves_once(database: Database) -> None:
    desk.count(database, 5, "LAMP")
    order = lamps(2)
    assert desk.take_in(database, order).accepted == 1
    assert desk.take_in(database, order).total == 0
    assert desk.ask(database, LEDGER)[0]["reserved"] == 2


def test_a_batch_serves_who_came_first_and_tells_the_others_what_is_left(database: Database) -> None:
    desk.count(database, 5, "LAMP")
    judged = desk.take_in(database, lamps(4), lamps(2), lamps(1))
    assert (judged.accepted, judged.short) == (2, 1)
    held = desk.ask(database, "SELECT hold_reason FROM sales_order WHERE status = 'short'")[0]["hold_reason"]
    assert held == "Not enough stock in any one warehouse (LAMP: 2 wanted, 0 there)."


def test_who_waited_for_stock_is_served_in_the_order_of_waiting_when_it_comes_in(database: Database) -> None:
    desk.count(database, 1, "LAMP")
    first, second = lamps(3), lamps(1)
    assert desk.take_in(database, first).short == 1
    desk.count(database, 3, "LAMP")
    assert serve(database) == (1, 0)
    assert desk.take_in(database, second).short == 1
    served = desk.ask(database, "SELECT status, warehouse, hold_reason FROM sales_order ORDER BY id")[0]
    assert tuple(served.values()) == ("accepted", "EAST", None)
    due = desk.ask(database, "SELECT business_key FROM effect")
    assert [row["business_key"] for row in due] == [f"erp.sale:berlin:{first.external_id}"]


def test_short_orders_that_cannot_be_served_do_not_stand_before_those_that_can(database: Database) -> None:
    desk.count(database, 0, "LAMP", "BOOK")
    desk.take_in(database, lamps(1), desk.an_order_of([a_line("BOOK", 1, "10.00")]))
    desk.count(database, 1, "BOOK")
    served, after = serve(database, limit=1)
    assert served == 0
    assert serve(database, limit=2, after=after) == (1, 0)


def test_a_short_order_that_was_cancelled_in_the_shop_gets_no_stock(database: Database) -> None:
    desk.count(database, 0, "LAMP")
    order = lamps(1)
    desk.take_in(database, order)
    desk.count(database, 5, "LAMP")
    cancelled = order.model_copy(update={"status": OrderStatus.CANCELLED})
    desk.deliver(database, [desk.received(cancelled)])
    assert serve(database) == (0, 0)
    assert desk.judge(database).cancelled == 1
    assert serve(database) == (0, 0)


def test_when_the_erp_counts_less_than_was_promised_nothing_more_is(database: Database) -> None:
    desk.count(database, 5, "LAMP")
    desk.take_in(database, lamps(4))
    desk.count(database, 2, "LAMP")
    assert desk.take_in(database, lamps(1)).short == 1
    held = desk.ask(database, "SELECT hold_reason FROM sales_order WHERE status = 'short'")[0]["hold_reason"]
    assert held.endswith("(LAMP: 1 wanted, 0 there).")


def test_taking_what_is_not_there_undoes_the_whole_transaction(database: Database) -> None:
    desk.count(database, 5, "LAMP")
    desk.take_in(database, lamps(1))
    order_id = desk.ask(database, "SELECT id FROM sales_order")[0]["id"]

    def take_too_much() -> None:
        with database.audited(desk.ACTOR) as (connection, trail):
            take(connection, trail, [Taking(order_id, "LAMP", "EAST", Decimal(3))] * 2, reason="test")

    with pytest.raises(RuntimeError):
        take_too_much()
    with database.connect() as connection:
        assert lock_available(connection, ["LAMP"]) == {("EAST", "LAMP"): Decimal(4)}
    assert desk.ask(database, LEDGER)[0]["reserved"] == 1
