"""What a shop shows is compared with what it shall show: each difference has a cause, one run repairs it, once."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.database.audit_verification import broken_rows
from blocks.database.engine import Database
from blocks.documents.stock import ShownArticle
from blocks.errors import WrongUse
from tasks.inventory_reconciliation import chunks, records
from tasks.inventory_reconciliation.replaying import replay
from tasks.inventory_reconciliation.scope import Scope
from tasks.inventory_reconciliation.shelves import Release
from tasks.shop_listing import refreshing
from tests import desk, shelf, stack
from tests.shelf import ShelfShop


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


def proofs_hold(database: Database) -> bool:
    """Replay every difference that has a cause."""
    rows = desk.ask(database, "SELECT * FROM stock_difference")
    return all(
        replay(json.loads(row["proof"]), expected=row["expected"], found=row["found"]) is (row["cause"] != "unknown")
        for row in rows
    )


def test_t_inv_7_of_10_000_articles_1_000_wrongly_hidden_and_30_wrongly_visible_one_run_repairs_1_030(
    database: Database,
) -> None:
    hidden = {f"H{number}": [("opening", 2), ("sale", -2), ("receipt", 5)] for number in range(1_000)}
    visible = {f"V{number}": [("opening", 3), ("sale", -3)] for number in range(30)}
    right = {f"R{number}": [("opening", number % 5)] for number in range(8_970)}
    shelf.know(database, {**hidden, **visible, **right})
    shop = ShelfShop(
        dict.fromkeys(hidden, (5, False))
        | dict.fromkeys(visible, (0, True))
        | {sku: (history[0][1], history[0][1] > 0) for sku, history in right.items()}
    )
    first = shelf.reconcile(database, shop)
    assert (first.compared.articles, first.compared.differing, first.repaired) == (10_000, 1_030, 1_030)
    assert dict(first.causes) == {("lost event", "repaired"): 1_030}
    listed = desk.ask(database, "SELECT sku, cause, proof FROM stock_difference")
    assert {row["sku"] for row in listed} == {*hidden, *visible}
    assert proofs_hold(database)
    assert shelf.tell(database, shop).done == shop.writes == 1_030
    assert Counter(article.visible for article in shop.articles.values()) == {
        True: 1_000 + sum(history[0][1] > 0 for history in right.values()),
        False: 30 + sum(history[0][1] == 0 for history in right.values()),
    }
    second = shelf.reconcile(database, shop)
    assert (second.compared.differing, second.repaired, shelf.tell(database, shop).done) == (0, 0, 0)
    with database.connect() as connection:
        assert broken_rows(connection)[0] == []


def a_shop(database: Database, count: int = 40) -> ShelfShop:
    """Know articles with 5 pieces each, and return a shop that shows them rightly."""
    histories = {f"A{number}": [("opening", 2), ("receipt", 3)] for number in range(count)}
    shelf.know(database, histories)
    return ShelfShop(dict.fromkeys(histories, (5, True)))


def differences(database: Database) -> list[tuple[str, ...]]:
    rows = desk.ask(database, "SELECT sku, field, expected, found, cause, outcome FROM stock_difference ORDER BY id")
    return [tuple(row.values()) for row in rows]


def test_what_a_person_hid_in_stock_stays_hidden_and_is_noted_once(database: Database) -> None:
    shop = a_shop(database)
    shelf.reconcile(database, shop)
    shop.by_hand("A1", visible=False)
    found = shelf.reconcile(database, shop)
    assert differences(database) == [("A1", "visibility", "visible", "hidden", "manual change", "none")]
    assert (found.repaired, shelf.tell(database, shop).done, shop.articles["A1"].visible) == (0, 0, False)
    assert desk.ask(database, "SELECT sku, hidden_by FROM listing WHERE hidden_by <> ''") == [
        {"sku": "A1", "hidden_by": "person"}
    ]
    again = shelf.reconcile(database, shop)
    assert (again.compared.differing, again.compared.kept_hidden) == (0, 1)
    assert proofs_hold(database)


def test_at_the_first_look_old_mistakes_are_repaired_though_nothing_explains_them(database: Database) -> None:
    shop = a_shop(database)
    shop.by_hand("A1", visible=False, quantity=Decimal(77))
    shelf.reconcile(database, shop)
    assert [row[-2:] for row in differences(database)] == [("unknown", "repaired")] * 2
    shelf.tell(database, shop)
    assert (shop.articles["A1"].visible, shop.articles["A1"].quantity) == (True, 5)


@pytest.mark.parametrize("told_before", [False, True], ids=["looked at first", "told of stock first"])
def test_what_a_person_hid_before_the_first_look_is_a_manual_change_for_it_had_been_read_to_show(
    database: Database, *, told_before: bool
) -> None:
    """A new merchant: articles are taken in, somebody spoils some in the shop, then it is looked at for the first time.

    Of those that the shop never showed rightly nobody can say when they went wrong.
    """
    shop = ShelfShop({f"A{number}": (5, number != 9) for number in range(40)})
    shelf.take_in(database, shop)
    for sku in ("A1", "A2", "A3"):
        shop.by_hand(sku, quantity=Decimal(0), visible=False)
    if told_before:
        shelf.look(database, shop)
        refreshing.refresh_all(database, shelf.ACTOR, channel=shelf.CHANNEL, system=shelf.SYSTEM)
        assert shelf.tell(database, shop).done == 3
        assert shop.articles["A1"].model_copy(update={"changed_at": None}) == ShownArticle(
            sku="A1", product_id="1", quantity=Decimal(5), visible=False
        )
    found = shelf.reconcile(database, shop)
    manual = 3 if told_before else 6
    assert dict(found.causes) == {("manual change", "repaired"): manual, ("unknown", "repaired"): 1}
    assert proofs_hold(database)
    shelf.tell(database, shop)
    assert {(each.quantity, each.visible) for each in shop.articles.values()} == {(5, True)}


def test_what_moved_since_the_shop_was_read_explains_before_a_person_does(database: Database) -> None:
    shop = ShelfShop(dict.fromkeys(("A1", "A2"), (5, True)))
    shelf.take_in(database, shop)
    desk.count(database, 9, "A1")
    desk.count(database, 0, "A2")
    shelf.reconcile(database, shop)
    found = sorted(row[:2] + row[-2:-1] for row in differences(database))
    assert found == [(*what, "lost event") for what in (("A1", "quantity"), ("A2", "quantity"), ("A2", "visibility"))]
    assert proofs_hold(database)


def test_a_quantity_changed_by_hand_is_named_so_and_put_right(database: Database) -> None:
    shop = a_shop(database)
    shelf.reconcile(database, shop)
    shop.by_hand("A1", quantity=Decimal(9))
    shelf.reconcile(database, shop)
    assert differences(database) == [("A1", "quantity", "5", "9", "manual change", "repaired")]
    shelf.tell(database, shop)
    assert shop.articles["A1"].quantity == 5
    assert proofs_hold(database)


def test_a_difference_whose_correction_is_on_its_way_is_not_corrected_twice(database: Database) -> None:
    shop = a_shop(database)
    shop.by_hand("A1", quantity=Decimal(2))
    shelf.reconcile(database, shop)
    again = shelf.reconcile(database, shop)
    assert (again.repaired, again.waiting) == (0, 1)
    assert [row[-2:] for row in differences(database)] == [("lost event", "repaired"), ("late event", "waiting")]
    assert shelf.tell(database, shop).done == 1
    assert proofs_hold(database)


def test_two_reconciliations_at_once_correct_each_article_once(database: Database) -> None:
    shop = a_shop(database)
    for sku in ("A1", "A2", "A3"):
        shop.by_hand(sku, quantity=Decimal(2))
    shelf.look(database, shop)
    options = {"channel": shelf.CHANNEL, "system": shelf.SYSTEM}
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(shelf.compare_listings, database, shelf.ACTOR, Scope(), **options) for _ in range(2)]
    assert sorted((run.result().repaired, run.result().waiting) for run in runs) == [(0, 3), (3, 0)]
    assert shelf.tell(database, shop).done == shop.writes == 3


def test_a_run_killed_between_two_chunks_has_done_what_it_says_and_the_next_does_the_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = a_shop(database)
    for sku in shop.articles:
        shop.by_hand(sku, quantity=Decimal(2))
    keep, calls = records.keep_differences, []

    def killed(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return keep(*arguments)  # type: ignore[arg-type]  # handed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(chunks, "CHUNK", 15)
        patch.setattr(records, "keep_differences", killed)
        with pytest.raises(KeyboardInterrupt):
            shelf.reconcile(database, shop)
    counts = "SELECT (SELECT count(*) FROM effect) AS due, (SELECT sum(repaired) FROM reconciliation) AS repaired"
    assert desk.ask(database, counts) == [{"due": 15, "repaired": 15}]
    rest = shelf.reconcile(database, shop)
    assert (rest.repaired, rest.waiting) == (25, 15)
    assert shelf.tell(database, shop).done == shop.writes == 40
    assert shelf.reconcile(database, shop).compared.differing == 0
    with database.connect() as connection:
        assert broken_rows(connection)[0] == []


def sold_out(database: Database, count: int) -> None:
    with database.audited(shelf.ACTOR) as (connection, trail):
        rows = connection.execute(
            "UPDATE stock SET on_hand = 0 WHERE sku = ANY(%s) RETURNING sku", ([f"A{n}" for n in range(count)],)
        ).fetchall()
        trail.add("stock.counted", "stock", [("stock", f"EAST:{row['sku']}") for row in rows])


def test_a_run_that_would_hide_too_much_is_stopped_until_a_person_releases_it(database: Database) -> None:
    shop = a_shop(database)
    sold_out(database, 20)
    stopped = shelf.reconcile(database, shop)
    assert "At most 20% of the 40 articles shown are hidden by one run; 20 would be." in stopped.stopped
    assert f"release {stopped.number}" in stopped.stopped
    assert {row[-1] for row in differences(database)} == {"stopped"}
    assert shelf.tell(database, shop).done == 0
    with pytest.raises(WrongUse, match="does not wait"):
        shelf.reconcile(database, shop, release=Release(999, "anna", "sale"))
    sold_out(database, 30)
    more = shelf.reconcile(database, shop, release=Release(stopped.number or 0, "anna", "clearance sale"))
    assert more.stopped, "a release covers what was shown, not half as much again"
    done = shelf.reconcile(database, shop, release=Release(more.number or 0, "anna", "clearance sale"))
    assert (done.stopped, done.repaired) == ("", 30)
    assert shelf.tell(database, shop).done == 30
    rows = desk.ask(database, "SELECT state, decided_by, reason FROM reconciliation ORDER BY id")
    assert [row["state"] for row in rows] == ["released", "released", "done"]
    assert rows[1]["decided_by"] == "anna"


def test_a_rehearsal_finds_the_same_and_keeps_nothing(database: Database) -> None:
    shop = a_shop(database)
    shop.by_hand("A1", visible=False)
    shop.by_hand("A2", quantity=Decimal(2))
    found = shelf.reconcile(database, shop, rehearsal=True)
    assert (found.compared.differing, found.repaired, found.number) == (2, 2, None)
    kept = "SELECT (SELECT count(*) FROM reconciliation) + (SELECT count(*) FROM stock_difference) AS told"
    assert desk.ask(database, kept) == [{"told": 0}]
    assert desk.ask(database, "SELECT sku FROM listing UNION SELECT subject FROM effect") == []


def test_only_the_articles_that_are_meant_are_compared(database: Database) -> None:
    shop = a_shop(database)
    for sku in shop.articles:
        shop.by_hand(sku, quantity=Decimal(2))
    found = shelf.reconcile(database, shop, Scope(frozenset({"A1", "A2"}), named=(("articles", "A1, A2"),)))
    assert (found.compared.articles, found.repaired) == (2, 2)
    assert shelf.tell(database, shop).done == 2
    assert shelf.reconcile(database, shop).repaired == 38


def test_articles_that_only_one_side_knows_are_counted_not_repaired(database: Database) -> None:
    shop = a_shop(database)
    del shop.articles["A1"]
    shop.articles["NEW"] = shop.articles["A2"].model_copy(update={"sku": "NEW"})
    found = shelf.reconcile(database, shop).compared
    assert (found.missing, found.strange, found.differing) == (1, 1, 0)


def test_a_shop_told_before_and_emptied_by_a_wrong_import_is_put_right_with_causes(database: Database) -> None:
    shop = a_shop(database)
    for sku in shop.articles:
        shop.by_hand(sku, quantity=Decimal(4))
    shelf.reconcile(database, shop)
    assert shelf.tell(database, shop).done == 40
    for sku in ("A1", "A2", "A3"):
        shop.by_hand(sku, quantity=Decimal(0), visible=False)
        changed = {"changed_at": datetime.now(UTC) + timedelta(seconds=1)}
        shop.articles[sku] = shop.articles[sku].model_copy(update=changed)
    found = shelf.reconcile(database, shop)
    assert (found.compared.differing, found.repaired) == (3, 3)
    assert dict(found.causes) == {("manual change", "repaired"): 6}
    assert shelf.tell(database, shop).done == 3
    assert {(each.quantity, each.visible) for each in shop.articles.values()} == {(5, True)}
    assert shelf.reconcile(database, shop).compared.differing == 0
    assert proofs_hold(database)
