"""The ERP's levels against our books: each difference has a cause, is put right once, and nothing stale is believed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.database import rulebooks, stock_imports
from blocks.database.audit import Actor
from blocks.database.audit_verification import broken_rows
from blocks.database.engine import Database
from blocks.database.stock_laws import prove_stock
from blocks.database.stock_ledger import book_movements
from blocks.documents.stock import MovementKind, StockLevel, StockMovement
from tasks.inventory_reconciliation.levels import compare_levels
from tasks.inventory_reconciliation.outcome import Outcome
from tasks.inventory_reconciliation.replaying import replay
from tasks.inventory_reconciliation.scope import Scope
from tests import desk, shelf, stack

ERP = "tryton-erp/main"
TILL = "pos-folder/store"


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    """Return a database with 30 articles: 4 pieces from the opening, 6 from a receipt."""
    database = Database(database_url.app)
    shelf.know(database, {f"A{number}": [("opening", 4), ("receipt", 6)] for number in range(30)})
    return database


def pages(levels: Mapping[str, int]) -> Iterator[tuple[StockLevel, ...]]:
    every = {f"A{number}": 10 for number in range(30)} | dict(levels)
    for sku, pieces in every.items():
        half = Decimal(pieces // 2)
        yield (
            StockLevel(warehouse="EAST", location="STO-1", sku=sku, on_hand=half, forecast=half),
            StockLevel(warehouse="EAST", location="STO-2", sku=sku, on_hand=pieces - half, forecast=half),
        )


def compare(
    database: Database, levels: Mapping[str, int], scope: Scope | None = None, *, rehearsal: bool = False
) -> Outcome:
    actor = Actor("inventory_reconciliation")
    return compare_levels(database, actor, pages(levels), scope or Scope(), system=ERP, rehearsal=rehearsal)


def move(database: Database, sku: str, pieces: int, *, source: str = TILL, hours: float = 30, **fields: str) -> None:
    """Let something happen to an article, so many hours ago, and hear of it now."""
    kind = MovementKind.SALE if pieces < 0 else MovementKind.RECEIPT
    number = fields.pop("event_id", f"{kind}-{sku}-{pieces}-{hours}")
    movement = StockMovement(
        event_id=number, kind=kind, sku=sku, warehouse="EAST", quantity=Decimal(pieces),
        happened_at=datetime.now(UTC) - timedelta(hours=hours), **fields,
    )  # fmt: skip
    with database.audited(Actor("test")) as (connection, trail):
        book_movements(connection, trail, source=source, movements=[movement])


def on_hand(database: Database, sku: str) -> int:
    (row,) = desk.ask(database, "SELECT on_hand FROM stock WHERE sku = %s", [sku])
    return int(row["on_hand"])


def causes(database: Database) -> dict[str, tuple[str, str]]:
    """Return cause and outcome by article; every proof must replay, and laws and audit must hold."""
    rows = desk.ask(database, "SELECT * FROM stock_difference ORDER BY id")
    for row in rows:
        holds = replay(json.loads(row["proof"]), expected=row["expected"], found=row["found"])
        assert holds is (row["cause"] != "unknown"), row
    with database.connect() as connection:
        assert prove_stock(connection).findings == ()
        assert broken_rows(connection)[0] == []
    return {row["sku"]: (row["cause"], row["outcome"]) for row in rows}


def test_each_difference_has_its_cause_and_the_books_take_what_the_erp_has(database: Database) -> None:
    move(database, "A1", -3)
    move(database, "A2", -1, document="B-7", event_id="one")
    move(database, "A2", -1, document="B-7", event_id="two")
    move(database, "A3", -2)
    with database.audited(Actor("test")) as (connection, trail):
        content = "replenishment: {articles: {A4: {pack: 5}}}"
        rulebooks.activate(connection, trail, kind="stock_rules", name="default", content=content, by="b", reason="r")
    found = compare(database, {"A1": 10, "A2": 9, "A3": 6, "A4": 2, "A5": 77})
    assert causes(database) == {
        "A1": ("lost event", "repaired"),
        "A2": ("booked twice", "repaired"),
        "A3": ("booked twice", "repaired"),
        "A4": ("unit or mapping error", "repaired"),
        "A5": ("unknown", "repaired"),
    }
    assert (found.compared.articles, found.compared.differing, found.repaired) == (30, 5, 5)
    assert [on_hand(database, f"A{number}") for number in range(1, 6)] == [10, 9, 6, 2, 77]
    again = compare(database, {"A1": 10, "A2": 9, "A3": 6, "A4": 2, "A5": 77})
    assert (again.compared.differing, len(causes(database))) == (0, 5)


def test_an_erp_answering_stale_data_does_not_undo_what_it_told_itself(database: Database) -> None:
    move(database, "A1", 20, source=ERP, hours=0.2)
    found = compare(database, {})
    assert causes(database) == {"A1": ("late event", "waiting")}
    assert (found.repaired, found.waiting, on_hand(database, "A1")) == (0, 1, 30)
    assert compare(database, {"A1": 30}).compared.differing == 0


def test_what_a_count_put_right_meanwhile_is_explained_too(database: Database) -> None:
    compare(database, {})
    move(database, "A1", -3, hours=0.5)
    compare(database, {"A1": 10}, rehearsal=True)
    with database.audited(Actor("master_data")) as (connection, trail):
        count = StockMovement(
            event_id="c", kind=MovementKind.COUNT, sku="A1", warehouse="EAST", quantity=Decimal(10),
            happened_at=datetime.now(UTC),
        )  # fmt: skip
        book_movements(connection, trail, source=ERP, movements=[count])
    found = compare(database, {})
    assert causes(database) == {"A1": ("lost event", "repaired")}
    assert found.examples[0]["expected"] == "7"
    assert compare(database, {}).compared.differing == 0, "told once"


def test_two_comparisons_at_once_book_each_difference_once(database: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(compare, database, {"A1": 3, "A2": 4}) for _ in range(2)]
    assert sorted(run.result().repaired for run in runs) in ([0, 2], [2, 2])
    assert desk.ask(database, "SELECT sku FROM stock_event WHERE kind = 'count' ORDER BY 1") == [
        {"sku": "A1"}, {"sku": "A2"},
    ]  # fmt: skip
    assert (on_hand(database, "A1"), on_hand(database, "A2")) == (3, 4)
    causes(database)


def test_a_wrong_picture_changes_nothing_until_a_person_releases_it_with_a_reason(database: Database) -> None:
    gone = {f"A{number}": 0 for number in range(30)}
    stopped = compare(database, gone)
    assert "The picture of stock was stopped" in stopped.stopped
    assert (on_hand(database, "A1"), causes(database)) == (10, {})
    (waiting,) = desk.ask(database, "SELECT id FROM stock_import WHERE state = 'stopped'")
    move(database, "A2", 5, source=ERP, hours=-0.1)
    with database.audited(Actor("desk", name="anna")) as (connection, trail):
        booked = stock_imports.release(connection, trail, waiting["id"], by="anna", reason="clearance")
    assert (booked.events, on_hand(database, "A1"), on_hand(database, "A2")) == (30, 0, 5), "what came later stands"
    assert desk.ask(database, "SELECT state, decided_by, reason FROM stock_import") == [
        {"state": "released", "decided_by": "anna", "reason": "clearance"}
    ]
    assert desk.ask(database, "SELECT * FROM stock_alert WHERE closed_at IS NULL") == []
    assert causes(database) == {}


def test_a_declined_picture_is_never_booked(database: Database) -> None:
    compare(database, {f"A{number}": 0 for number in range(30)})
    (waiting,) = desk.ask(database, "SELECT id FROM stock_import")
    with database.audited(Actor("desk", name="anna")) as (connection, trail):
        stock_imports.decline(connection, trail, waiting["id"], by="anna", reason="cut off")
    assert on_hand(database, "A1") == 10
    assert desk.ask(database, "SELECT count(*) AS rows FROM stock_import_row") == [{"rows": 0}]


@pytest.mark.parametrize(
    ("scope", "differing"),
    [
        (Scope(frozenset({"A1"}), None, (("articles", "A1"),)), ["A1"]),
        (Scope(None, "WEST", (("warehouse", "WEST"),)), []),
        (Scope(None, "EAST", (("warehouse", "EAST"),)), ["A1", "A2"]),
    ],
)
def test_only_what_is_meant_is_compared(database: Database, scope: Scope, differing: Sequence[str]) -> None:
    compare(database, {"A1": 3, "A2": 4}, scope)
    assert sorted(causes(database)) == differing
