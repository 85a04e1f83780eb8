"""What a shop shows is compared with what it shall show: each difference has a cause, one run repairs it, once."""

import json
from collections import Counter

import pytest

from blocks.database.audit_verification import broken_rows
from blocks.database.engine import Database
from tasks.inventory_reconciliation.replaying import replay
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
