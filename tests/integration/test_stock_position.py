"""What can be sold is computed in one statement, and it says what a person would say with paper and pencil."""

import json
import random
from collections.abc import Mapping
from decimal import Decimal
from math import floor

import pytest

from blocks.database.engine import Database
from blocks.database.stock_position import Position, Sellable, positions, sellable, sellable_query, warehouses
from blocks.documents.stock_rules import DEFAULTS, StockRules, load
from tests import desk, stack
from tests.orders import a_line

NOTHING = Decimal(0)


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK", "KIT", "SIX", "GHOST")
    desk.count(database, 3, "LAMP")
    desk.count(database, 20, "BOOK")
    describe(database, "KIT", components=json.dumps([["LAMP", "1"], ["BOOK", "2"]]))
    return database


def describe(database: Database, sku: str, **fields: object) -> None:
    """Change what master data says of an article."""
    with database.audited(desk.ACTOR) as (connection, trail):
        for name, value in fields.items():
            connection.execute(f"UPDATE article SET {name} = %s WHERE sku = %s", (value, sku))  # noqa: S608 - a column
        trail.add("article.changed", "source/berlin", [("article", f"berlin:{sku}")])


def sold(database: Database, rules: StockRules = DEFAULTS, channel: str = "berlin") -> dict[str, Sellable]:
    with database.connect() as connection:
        found = list(sellable(connection, channel, rules=rules))
    assert [each.sku for each in found] == sorted(each.sku for each in found), "by SKU, each once"
    return {each.sku: each for each in found}


def pieces(database: Database, rules: str = "") -> dict[str, int | None]:
    found = sold(database, load(rules)).values()
    return {each.sku: None if each.quantity is None else int(each.quantity) for each in found}


def test_of_a_bundle_as_many_can_be_sold_as_its_scarcest_part_allows(database: Database) -> None:
    assert pieces(database) == {"LAMP": 3, "BOOK": 20, "KIT": 3, "SIX": None, "GHOST": None}
    desk.count(database, 5, "BOOK")
    assert pieces(database)["KIT"] == 2
    desk.count(database, 0, "LAMP")
    assert sold(database)["KIT"] == Sellable("KIT", NOTHING, visible=False, why="sold out")


def test_what_nobody_ever_counted_is_left_as_it_is_and_not_taken_for_sold_out(database: Database) -> None:
    assert sold(database)["GHOST"] == Sellable("GHOST", None, visible=None, why="never counted")
    describe(database, "KIT", components=json.dumps([["LAMP", "1"], ["GHOST", "1"]]))
    assert sold(database)["KIT"].why == "never counted"


def test_a_pack_is_sold_from_the_pieces_of_its_single_article(database: Database) -> None:
    rules = "packs: {SIX: {of: BOOK, pieces: 6}}"
    assert pieces(database, rules)["SIX"] == 3
    describe(database, "KIT", components=json.dumps([["LAMP", "1"], ["SIX", "1"], ["BOOK", "1"]]))
    assert pieces(database, rules)["KIT"] == 2, "a lamp, six books and one more: seven of twenty"


def test_a_channel_sells_from_its_own_warehouses_only(database: Database) -> None:
    desk.count(database, 4, "LAMP", warehouse="WEST")
    assert pieces(database)["LAMP"] == 7
    assert pieces(database, "channels: {berlin: {warehouses: [WEST]}}")["LAMP"] == 4
    served = sold(database, load("channels: {berlin: {warehouses: [NORTH]}}"))
    assert served["LAMP"] == Sellable("LAMP", NOTHING, visible=False, why="sold out")


def test_of_safety_stock_the_most_particular_entry_counts_and_no_warehouse_makes_up_for_another(
    database: Database,
) -> None:
    desk.count(database, 4, "LAMP", warehouse="WEST")
    assert pieces(database, "safety: [{pieces: 2}]")["LAMP"] == 1 + 2
    assert pieces(database, "safety: [{pieces: 2}, {warehouse: WEST, pieces: 1}]")["LAMP"] == 1 + 3
    assert pieces(database, "safety: [{sku: LAMP, pieces: 0}, {warehouse: WEST, pieces: 9}]")["LAMP"] == 3 + 4
    assert pieces(database, "safety: [{sku: LAMP, warehouse: EAST, pieces: 9}, {sku: LAMP, pieces: 1}]")["LAMP"] == 3


def test_what_is_promised_or_owed_to_orders_cannot_be_sold_again(database: Database) -> None:
    desk.take_in(database, desk.an_order_of([a_line("LAMP", 1, "10.00")]))
    assert pieces(database)["LAMP"] == 2
    with database.audited(desk.ACTOR) as (connection, trail):
        order = connection.execute(
            "INSERT INTO backorder (order_id, sku, warehouse, quantity, kind)"
            " SELECT id, 'BOOK', 'EAST', 15, 'backorder' FROM sales_order RETURNING order_id"
        ).fetchone()
        trail.add("order.accepted", "sales_order/1", [("backorder", order["order_id"] if order else 0)])
    assert pieces(database) == {"LAMP": 2, "BOOK": 5, "KIT": 2, "SIX": None, "GHOST": None}


def test_an_article_shows_at_zero_where_it_may_be_sold_beyond_stock(database: Database) -> None:
    desk.count(database, 0, "LAMP")
    describe(database, "LAMP", backorder=True)
    assert sold(database)["LAMP"] == Sellable("LAMP", NOTHING, visible=True, why="beyond stock")
    assert sold(database)["KIT"].visible, "the only part that is missing may be sold beyond stock"
    assert not sold(database, load("channels: {berlin: {at_zero: never}}"))["LAMP"].visible
    desk.count(database, 0, "BOOK")
    assert not sold(database)["KIT"].visible
    assert sold(database, load("channels: {berlin: {at_zero: all}}"))["KIT"].visible
    assert sold(database, load("channels: {berlin: {hide: false}}"))["BOOK"].visible is None


def test_stock_that_is_not_managed_is_never_short(database: Database) -> None:
    describe(database, "BOOK", stock_managed=False)
    found = sold(database)
    assert found["BOOK"] == Sellable("BOOK", None, visible=True, why="not managed")
    assert found["KIT"].quantity == 3


def test_only_some_articles_can_be_asked_for_and_answer_as_they_do_among_all(database: Database) -> None:
    rules = load("packs: {SIX: {of: BOOK, pieces: 6}}\nsafety: [{sku: LAMP, pieces: 1}]")
    everything = sold(database, rules)
    with database.connect() as connection:
        some = list(sellable(connection, "berlin", ["SIX", "KIT", "NONE", "KIT"], rules=rules))
    assert some == [everything["KIT"], everything["SIX"]]


def test_the_position_names_all_its_parts_and_what_is_only_on_its_way(database: Database) -> None:
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO incoming_goods (source, document, warehouse, sku, quantity, due_on) VALUES"
            " ('erp', 'P1', 'EAST', 'LAMP', 5, '2027-01-20'), ('erp', 'P2', 'EAST', 'LAMP', 2, '2027-01-15'),"
            " ('erp', 'P3', 'WEST', 'LAMP', 9, NULL)"
        )
        found = list(positions(connection, ["LAMP"], rules=load("safety: [{pieces: 1}]")))
    east, west = found
    assert [east.on_hand, east.reserved, east.safety, east.incoming, east.available] == [3, 0, 1, 7, 2]
    assert str(east.next_on) == "2027-01-15"
    assert west == Position("WEST", "LAMP", NOTHING, NOTHING, NOTHING, Decimal(1), Decimal(9), None)


def test_a_thousand_random_articles_are_counted_as_by_hand(database_url: stack.DatabaseUrls) -> None:
    database, dice = Database(database_url.app), random.Random(4)
    skus = [f"A{number:03}" for number in range(1000)]
    houses = ["EAST", "NORTH", "WEST"]
    desk.know(database, *skus)
    kits = {sku: {part: Decimal(dice.randint(1, 3)) for part in dice.sample(skus[300:], 3)} for sku in skus[:200]}
    kept = [(house, sku) for sku in skus[200:] for house in houses if dice.random() < 0.8]
    stock = {place: Decimal(dice.randint(-2, 9)) for place in kept}
    with database.audited(desk.ACTOR) as (connection, trail):
        with connection.cursor().copy("COPY stock (warehouse, sku, on_hand) FROM STDIN") as copy:
            for (house, sku), there in stock.items():
                copy.write_row((house, sku, there))
        connection.cursor().executemany(
            "UPDATE article SET components = %s WHERE sku = %s",
            [(json.dumps([[part, str(each)] for part, each in parts.items()]), sku) for sku, parts in kits.items()],
        )
        trail.add("stock.counted", "stock", [("stock", f"{house}:{sku}") for house, sku in stock])
    rules = load("channels: {berlin: {warehouses: [EAST, WEST]}}\nsafety: [{warehouse: WEST, pieces: 2}]")
    free = {sku: _free(stock, sku, {"EAST": 0, "WEST": 2}) for sku in skus[200:]}
    found = sold(database, rules)
    for each in found.values():
        parts = kits.get(each.sku, {each.sku: Decimal(1)})
        known = all(any((house, part) in stock for house in houses) for part in parts)
        by_hand = Decimal(min(floor(free[part] / count) for part, count in parts.items())) if known else None
        assert each.quantity == by_hand, each.sku
    grouped = sellable_query("berlin", rules)
    with database.connect() as connection:
        rows = connection.execute(grouped.text, grouped.parameters).fetchall()
        assert warehouses(connection) == houses
    assert {row["sku"]: Sellable(**row) for row in rows} == found, "whether warehouses are joined or grouped"


def _free(stock: Mapping[tuple[str, str], Decimal], sku: str, safety: Mapping[str, int]) -> Decimal:
    return sum((max(stock.get((house, sku), NOTHING) - kept, NOTHING) for house, kept in safety.items()), NOTHING)
