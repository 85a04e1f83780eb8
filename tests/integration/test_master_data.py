"""Master data on a real Postgres: only what differs is written, and nothing vanishes silently."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database import rulebooks
from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock_ledger import book_movements
from blocks.documents.orders import Component
from blocks.documents.products import Article, ArticleKind
from blocks.documents.stock import MovementKind, StockLevel, StockMovement
from blocks.errors import Defect, Refused, TryAgainLater, Unreadable
from tasks.master_data import records
from tasks.master_data.documents import ArticleIntake, MasterDataSummary, StockCount
from tasks.master_data.steps import report, update_articles
from tests.stack import DatabaseUrls

Pages = list[tuple[Article, ...]]


@pytest.fixture
def database(database_url: DatabaseUrls) -> Database:
    return Database(database_url.app)


def article(sku: str, **fields: Any) -> Article:
    known = {
        "channel": "berlin",
        "product_id": "1",
        "kind": ArticleKind.SIMPLE,
        "name": "Lantern",
        "price": Decimal(10),
    }
    return Article(sku=sku, **{**known, **fields})


def take(database: Database, pages: Any, in_erp: frozenset[str] = frozenset({"A", "B", "C"})) -> ArticleIntake:
    return update_articles(database, pages, channel="berlin", in_erp=in_erp)


def stock(database: Database, *levels: tuple[str, str, str, int]) -> StockCount:
    page = tuple(
        StockLevel(warehouse=warehouse, location=location, sku=sku, on_hand=Decimal(pieces), forecast=Decimal(pieces))
        for warehouse, location, sku, pieces in levels
    )
    with database.audited(Actor("master_data")) as (connection, trail):
        return save(connection, trail, [page[:1], page[1:]])


def save(connection: Any, trail: Any, pages: Any, **changes: Any) -> StockCount:
    usual = {"source": "tryton-erp/main", "as_of": datetime.now(UTC)}
    return records.save_stock(connection, trail, pages, **{**usual, **changes})


def rows(database: Database, query: str) -> list[dict[str, Any]]:
    with database.connect() as connection:
        return connection.execute(query).fetchall()


def events(database: Database) -> list[str]:
    return [row["kind"] for row in rows(database, "SELECT kind FROM audit_event ORDER BY seq")]


def test_articles_are_taken_in_with_what_the_erp_knows_of_them(database: Database) -> None:
    parts = (Component(sku="A", quantity=Decimal(2)),)
    bundle = article("SET", kind=ArticleKind.BUNDLE, components=parts)
    intake = take(database, [(article("A"), article("X")), (bundle,)])
    assert (intake.read, intake.new, intake.changed, intake.not_in_erp) == (3, 3, 0, ("X", "SET"))
    found = {row["sku"]: row for row in rows(database, "SELECT * FROM article")}
    assert {sku: row["in_erp"] for sku, row in found.items()} == {"A": True, "X": False, "SET": False}
    assert found["SET"]["components"] == '[["A", "2"]]'
    assert events(database) == ["article.changed", "article.changed"]


def test_a_second_run_over_the_same_writes_nothing_and_tells_nothing(database: Database) -> None:
    pages: Pages = [(article("A"), article("B"))]
    take(database, pages)
    before = rows(database, "SELECT xmin::text, * FROM article ORDER BY sku")
    intake = take(database, pages)
    assert (intake.new, intake.changed, intake.unchanged) == (0, 0, 2)
    assert rows(database, "SELECT xmin::text, * FROM article ORDER BY sku") == before
    assert events(database) == ["article.changed"]


def test_only_the_article_that_changed_is_written(database: Database) -> None:
    take(database, [(article("A"), article("B"))])
    intake = take(database, [(article("A"), article("B", price=Decimal("9.50")))])
    assert (intake.changed, intake.unchanged) == (1, 1)
    assert rows(database, "SELECT price FROM article WHERE sku = 'B'") == [{"price": Decimal("9.50000000")}]


def test_an_article_that_the_erp_learns_is_known_there_from_then_on(database: Database) -> None:
    take(database, [(article("X"),)])
    assert take(database, [(article("X"),)], frozenset({"X"})).changed == 1


def test_of_two_articles_with_one_sku_the_first_wins_and_the_other_is_named(database: Database) -> None:
    intake = take(database, [(article("A", name="first"),), (article("A", name="second"), article(""))])
    assert (intake.duplicates, intake.without_sku) == (("A",), ("product 1",))
    assert rows(database, "SELECT name FROM article") == [{"name": "first"}]


def test_an_article_gone_from_the_shop_is_unpublished_and_comes_back(database: Database) -> None:
    take(database, [(article("A"), article("B"))])
    assert take(database, [(article("A"),)]).withdrawn == ("B",)
    assert rows(database, "SELECT sku FROM article WHERE published") == [{"sku": "A"}]
    assert take(database, [(article("A"), article("B"))]).changed == 1
    assert len(rows(database, "SELECT sku FROM article WHERE published")) == 2


def test_another_shops_articles_are_left_alone(database: Database) -> None:
    update_articles(database, [(article("B", channel="wien"),)], channel="wien", in_erp=frozenset())
    take(database, [(article("A"),)])
    assert len(rows(database, "SELECT sku FROM article WHERE published")) == 2


def test_a_read_that_breaks_off_withdraws_nothing(database: Database) -> None:
    def broken() -> Iterator[tuple[Article, ...]]:
        yield (article("A"),)
        raise TryAgainLater("The shop does not answer.")

    take(database, [(article("A"), article("B"))])
    with pytest.raises(TryAgainLater):
        take(database, broken())
    assert len(rows(database, "SELECT sku FROM article WHERE published")) == 2


def test_unreadable_products_are_named_and_nothing_is_withdrawn(database: Database) -> None:
    def partly() -> Iterator[tuple[Article, ...]]:
        yield (article("A"),)
        raise Unreadable("1 defect", reasons=(Defect("Products(7).Price", "Products(7).Price is missing.", "Look."),))

    take(database, [(article("A"), article("B"))])
    intake = take(database, partly())
    assert (intake.withdrawn, intake.unreadable) == ((), ("Products(7).Price is missing.",))
    assert len(rows(database, "SELECT sku FROM article WHERE published")) == 2


def test_an_empty_shop_is_not_believed_once_many_articles_are_known(database: Database) -> None:
    take(database, [tuple(article(f"A{number}") for number in range(21))])
    with pytest.raises(Refused):
        take(database, [()])
    assert len(rows(database, "SELECT sku FROM article WHERE published")) == 21


def test_stock_is_the_sum_of_a_warehouses_locations(database: Database) -> None:
    count = stock(database, ("BER", "BER-A", "A", 5), ("BER", "BER-B", "A", 2), ("HAM", "HAM-A", "A", 1))
    assert (count.levels, count.articles, count.warehouses, count.changed) == (3, 1, 2, 2)
    found = rows(database, "SELECT warehouse, on_hand::int AS pieces FROM stock ORDER BY 1")
    assert found == [{"warehouse": "BER", "pieces": 7}, {"warehouse": "HAM", "pieces": 1}]
    assert events(database) == ["stock.counted"]


def test_counting_the_same_stock_again_writes_nothing(database: Database) -> None:
    stock(database, ("BER", "BER-A", "A", 5))
    both = "SELECT s.xmin::text AS a, l.xmin::text AS b, s.*, l.forecast FROM stock s, stock_location l"
    before = rows(database, both)
    assert stock(database, ("BER", "BER-A", "A", 5)).changed == 0
    assert rows(database, both) == before
    assert events(database) == ["stock.counted"]


def test_counting_never_touches_reservations(database: Database) -> None:
    stock(database, ("BER", "BER-A", "A", 5))
    with database.connect() as connection:
        connection.execute("UPDATE stock SET reserved = 3")
    stock(database, ("BER", "BER-A", "A", 1))
    assert rows(database, "SELECT on_hand::int, reserved::int FROM stock") == [{"on_hand": 1, "reserved": 3}]


def test_a_location_the_erp_no_longer_names_is_empty(database: Database) -> None:
    stock(database, ("BER", "BER-A", "A", 5), ("BER", "BER-B", "A", 2), ("HAM", "HAM-A", "B", 4))
    assert stock(database, ("BER", "BER-A", "A", 5)).changed == 2
    found = rows(database, "SELECT sku, on_hand::int AS pieces FROM stock ORDER BY sku")
    assert found == [{"sku": "A", "pieces": 5}, {"sku": "B", "pieces": 0}]


def test_an_empty_stock_list_is_not_believed_once_much_is_known(database: Database) -> None:
    stock(database, *(("BER", "BER-A", f"A{number}", 1) for number in range(21)))
    assert "release" in stock(database).stopped
    assert rows(database, "SELECT sum(on_hand)::int AS pieces FROM stock") == [{"pieces": 21}]
    assert rows(database, "SELECT sum(on_hand)::int AS pieces FROM stock_location") == [{"pieces": 21}]


def test_a_count_that_breaks_off_changes_nothing(database: Database) -> None:
    def broken() -> Iterator[tuple[StockLevel, ...]]:
        yield (StockLevel(warehouse="BER", location="BER-A", sku="A", on_hand=Decimal(9), forecast=Decimal(9)),)
        raise TryAgainLater("Tryton does not answer.")

    stock(database, ("BER", "BER-A", "A", 5))
    with pytest.raises(TryAgainLater), database.audited(Actor("master_data")) as (connection, trail):
        save(connection, trail, broken())
    assert rows(database, "SELECT on_hand::int AS pieces FROM stock") == [{"pieces": 5}]


LEDGER = "SELECT kind, quantity::int, delta::int FROM stock_event ORDER BY id"


def test_the_erps_picture_stands_in_the_ledger_as_counts_of_what_differs(database: Database) -> None:
    stock(database, ("BER", "BER-A", "A", 5), ("BER", "BER-B", "A", 2), ("BER", "BER-A", "B", 0))
    assert stock(database, ("BER", "BER-A", "A", 4), ("BER", "BER-A", "B", 0)).changed == 1
    found = [tuple(row.values()) for row in rows(database, LEDGER)]
    assert found == [("count", 7, 7), ("count", 0, 0), ("count", 4, -3)]


@pytest.mark.parametrize("seen", [5, 6, 9])
def test_what_moves_while_the_erp_is_read_counts_once_whether_or_not_the_picture_holds_it(
    database: Database, seen: int
) -> None:
    """Two receipts come while the pages are read; the page was read before, between or after them."""
    stock(database, ("BER", "BER-A", "A", 5))
    begun = datetime.now(UTC)

    def catch_up() -> None:
        came = [
            StockMovement(event_id=str(pieces), kind=MovementKind.RECEIPT, sku="A", warehouse="BER",
                          quantity=Decimal(pieces), happened_at=begun + timedelta(seconds=pieces))
            for pieces in (1, 3)
        ]  # fmt: skip
        with database.audited(Actor("stock_movements")) as (connection, trail):
            book_movements(connection, trail, source="tryton-erp/main", movements=came)

    level = StockLevel(warehouse="BER", location="X", sku="A", on_hand=Decimal(seen), forecast=Decimal(seen))
    with database.audited(Actor("master_data")) as (connection, trail):
        assert save(connection, trail, [(level,)], as_of=begun, catch_up=catch_up).changed == 0
    assert rows(database, "SELECT on_hand::int AS pieces FROM stock") == [{"pieces": 9}]


def test_the_erp_leaves_a_warehouse_alone_that_a_till_counts(database: Database) -> None:
    with database.audited(Actor("test")) as (connection, trail):
        rules = "counted_by: {BRANCH: pos-folder/branch}"
        rulebooks.activate(
            connection, trail, kind="stock_rules", name="default", content=rules, by="ada", reason="The till counts."
        )
    assert stock(database, ("BER", "BER-A", "A", 5), ("BRANCH", "SHOP", "A", 2)).changed == 1
    assert rows(database, "SELECT warehouse FROM stock") == [{"warehouse": "BER"}]


def test_packs_in_the_erps_picture_are_counted_as_their_pieces(database: Database) -> None:
    with database.audited(Actor("test")) as (connection, trail):
        rules = "packs: {SIX: {of: A, pieces: 6}}"
        rulebooks.activate(
            connection, trail, kind="stock_rules", name="default", content=rules, by="ada", reason="Packs."
        )
    stock(database, ("BER", "BER-A", "A", 5), ("BER", "BER-A", "SIX", 2))
    assert rows(database, "SELECT sku, on_hand::int AS pieces FROM stock") == [{"sku": "A", "pieces": 17}]


def test_the_trail_verifies_over_articles_and_stock(
    database: Database, database_url: DatabaseUrls, tmp_path: Path
) -> None:
    take(database, [(article("A"), article("B"))])
    take(database, [(article("A", name="Lamp"),)])
    stock(database, ("BER", "BER-A", "A", 5))
    assert verify(Database(database_url.audit), tmp_path / "anchors").findings == ()


def test_the_report_names_what_needs_a_person() -> None:
    articles = ArticleIntake(read=2, new=2, not_in_erp=("X",), duplicates=tuple(f"D{number}" for number in range(60)))
    text = report(MasterDataSummary(articles=articles, stock=StockCount(levels=3)), "berlin")
    assert "| Articles read | 2 |" in text
    assert "- `X`" in text
    assert "… and 10 more" in text
