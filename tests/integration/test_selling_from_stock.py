"""Orders take from stock what the stock rules let their channel sell: packs, bundles, warehouses, parts."""

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.database import rulebooks
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock_position import sellable
from blocks.documents.orders import Component, Order
from blocks.documents.sales import SaleLineKind
from tasks.order_intake import delivery, selling
from tasks.order_intake.availability import CartLine, cart_availability
from tasks.order_intake.judging import Route
from tests import desk, stack
from tests.orders import a_line
from tests.outside import Erp, deliver, ledger, reserved


@pytest.fixture
def database(database_url: stack.DatabaseUrls, tmp_path: Path) -> Iterator[Database]:
    """Return a merchant with a kit of 1 LAMP and 2 BOOK; at the end the trail and the ledger must prove all of it."""
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK", "KIT", "SIX")
    with database.audited(desk.ACTOR) as (connection, trail):
        parts = json.dumps([["LAMP", "1"], ["BOOK", "2"]])
        connection.execute("UPDATE article SET components = %s WHERE sku = 'KIT'", (parts,))
        trail.add("article.changed", "source/berlin", [("article", "berlin:KIT")])
    yield database
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
    assert all(row["reserved"] == row["ledger"] for row in ledger(database))


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> Erp:
    found = Erp()
    for calls in (delivery, selling):
        monkeypatch.setattr(calls, "load_system", lambda _name: found)
    return found


def goods(erp: Erp) -> list[tuple[str, int]]:
    """Return the goods of the sale that was asked for."""
    return [(line.sku, int(line.quantity)) for line in erp.asked[0].lines if line.kind is SaleLineKind.GOODS]


def settings(database: Database, content: str, kind: str = "stock_rules", name: str = "default") -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        rulebooks.activate(connection, trail, kind=kind, name=name, content=content, by="anna", reason="agreed")


def pieces(database: Database, *skus: str) -> dict[str, int]:
    with database.connect() as connection:
        return {each.sku: int(each.quantity or 0) for each in sellable(connection, "berlin", skus)}


def books(count: int) -> Order:
    return desk.an_order_of([a_line("BOOK", count, "12.80", 7)])


def kits(count: int) -> Order:
    return desk.an_order_of([a_line("KIT", count, "60.00")])


def test_t_rte_2_one_piece_here_and_one_there_serve_an_order_of_two_and_nothing_is_back_ordered(
    database: Database,
) -> None:
    settings(database, "allocation: {split: allow, backorder: all}", "order_rules", "orders")
    desk.count(database, 1, "BOOK", warehouse="EAST")
    desk.count(database, 1, "BOOK", warehouse="WEST")
    assert desk.take_in(database, books(2)).accepted == 1
    assert reserved(database) == {("EAST", "BOOK"): 1, ("WEST", "BOOK"): 1}
    assert desk.ask(database, "SELECT * FROM backorder") == []
    assert pieces(database, "BOOK") == {"BOOK": 0}


def test_t_inv_2_in_one_cart_a_kit_and_its_part_are_never_both_promised(database: Database) -> None:
    desk.count(database, 9, "LAMP")
    desk.count(database, 2, "BOOK")
    with database.connect() as connection:
        cart = [CartLine("KIT", Decimal(1)), CartLine("BOOK", Decimal(1))]
        assert [answer.free for answer in cart_availability(connection, "berlin", cart)] == [1, 0]
    both = desk.an_order_of([a_line("KIT", 1, "60.00"), a_line("BOOK", 1, "12.80", 7)])
    assert desk.take_in(database, both).short == 1
    assert reserved(database) == {}


def test_t_inv_2_where_it_may_be_the_piece_that_is_missing_is_back_ordered(database: Database) -> None:
    settings(database, "allocation: {backorder: all}", "order_rules", "orders")
    desk.count(database, 9, "LAMP")
    desk.count(database, 2, "BOOK")
    both = desk.an_order_of([a_line("KIT", 1, "60.00"), a_line("BOOK", 1, "12.80", 7)])
    assert desk.take_in(database, both).accepted == 1
    assert reserved(database) == {("EAST", "LAMP"): 1, ("EAST", "BOOK"): 2}
    assert [
        (row["sku"], int(row["quantity"])) for row in desk.ask(database, "SELECT sku, quantity FROM backorder")
    ] == [("BOOK", 1)]


def test_t_inv_2_kits_and_their_parts_that_are_ordered_at_once_never_take_more_than_is_there(
    database: Database,
) -> None:
    """Ten sources at once, each with a kit or a single part; five books serve at most two kits and one book."""
    desk.count(database, 9, "LAMP")
    desk.count(database, 5, "BOOK")
    routes = [Route(f"smartstore-shop/shop-{number}", "tryton-erp/main") for number in range(10)]
    for number, route in enumerate(routes):
        desk.know(database, "LAMP", "BOOK", "KIT", channel=route.channel)
        desk.deliver(database, [desk.received(kits(1) if number % 2 else books(1))], source=route.source)
    with database.audited(desk.ACTOR) as (connection, trail):
        parts = json.dumps([["LAMP", "1"], ["BOOK", "2"]])
        connection.execute("UPDATE article SET components = %s WHERE sku = 'KIT'", (parts,))
        trail.add("article.changed", "source", [("article", f"{route.channel}:KIT") for route in routes])
    ready = threading.Barrier(5)

    def book(mine: list[Route]) -> None:
        ready.wait()
        for route in mine:
            desk.judge(database, route=route)

    threads = [threading.Thread(target=book, args=(routes[start::5],)) for start in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sold = desk.ask(database, "SELECT status, count(*) AS orders FROM sales_order GROUP BY 1 ORDER BY 1")
    assert {row["status"] for row in sold} == {"accepted", "short"}
    assert reserved(database)["EAST", "BOOK"] == 5, "the last one goes to an order of a single book"


def test_a_pack_is_ordered_as_pieces_and_sold_to_the_erp_like_a_bundle(database: Database, erp: Erp) -> None:
    settings(database, "packs: {SIX: {of: BOOK, pieces: 6}}")
    desk.count(database, 13, "BOOK")
    assert pieces(database, "SIX") == {"SIX": 2}
    assert desk.take_in(database, desk.an_order_of([a_line("SIX", 2, "60.00", 7)])).accepted == 1
    assert reserved(database) == {("EAST", "BOOK"): 12}
    assert pieces(database, "SIX", "BOOK") == {"SIX": 0, "BOOK": 1}
    deliver(database)
    assert goods(erp) == [("SIX", 2), ("BOOK", 12)]
    assert desk.take_in(database, desk.an_order_of([a_line("SIX", 1, "60.00", 7)])).short == 1


def test_a_pack_within_a_bundle_that_the_shop_itself_takes_apart_is_counted_in_pieces(
    database: Database, erp: Erp
) -> None:
    settings(database, "packs: {SIX: {of: BOOK, pieces: 6}}")
    desk.count(database, 13, "BOOK")
    parts = (Component(sku="SIX", quantity=Decimal(2)),)
    assert desk.take_in(database, desk.an_order_of([a_line("KIT", 1, "60.00", components=parts)])).accepted == 1
    assert reserved(database) == {("EAST", "BOOK"): 12}
    deliver(database)
    assert goods(erp) == [("KIT", 1), ("BOOK", 12)]


def test_the_single_article_of_a_pack_need_not_be_sold_by_the_channel(database: Database) -> None:
    settings(database, "packs: {SIX: {of: PENCIL, pieces: 6}}")
    desk.count(database, 6, "PENCIL")
    assert pieces(database, "SIX") == {"SIX": 1}
    assert desk.take_in(database, desk.an_order_of([a_line("SIX", 1, "60.00", 7)])).accepted == 1
    assert reserved(database) == {("EAST", "PENCIL"): 6}


def test_an_order_ships_only_from_warehouses_that_serve_its_channel(database: Database) -> None:
    settings(database, "channels: {berlin: {warehouses: [WEST]}}")
    desk.count(database, 5, "BOOK", warehouse="EAST")
    desk.count(database, 1, "BOOK", warehouse="WEST")
    assert desk.take_in(database, books(2)).short == 1
    assert desk.take_in(database, books(1)).accepted == 1
    assert reserved(database) == {("WEST", "BOOK"): 1}
