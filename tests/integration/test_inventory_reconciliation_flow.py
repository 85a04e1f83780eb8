"""Inventory reconciliation through Prefect: one run compares ERP, books and shop, repairs, and leaves its page."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
from prefect.artifacts import Artifact
from typer.testing import CliRunner

from blocks.database import rulebooks
from blocks.database.engine import Database
from blocks.documents.stock import StockLevel
from blocks.errors import Refused, TryAgainLater, Unsupported
from deployments.cli import app
from deployments.schedules import DEPLOYMENTS
from flows.inventory_reconciliation import ReconciliationRequest, inventory_reconciliation
from tasks.inventory_reconciliation import steps
from tasks.shop_listing import steps as listing_steps
from tasks.shop_listing import telling
from tests import desk, shelf
from tests.shelf import ShelfShop

pytestmark = pytest.mark.usefixtures("configured", "prefect_server")


class Levels:
    """An ERP that tells levels and no movements; it may be away."""

    def __init__(self, levels: Mapping[str, int]) -> None:
        """Have so many pieces."""
        self.levels, self.away = dict(levels), False

    def stock(self) -> Iterator[tuple[StockLevel, ...]]:
        """Yield all levels."""
        if self.away:
            raise TryAgainLater("The ERP does not answer.")
        yield tuple(
            StockLevel(warehouse="EAST", location="STO", sku=sku, on_hand=Decimal(pieces), forecast=Decimal(pieces))
            for sku, pieces in self.levels.items()
        )

    def movements(self, position: str) -> Iterator[object]:
        """Say that movements are not told."""
        raise Unsupported(f"No movements after {position!r}.")


@pytest.fixture
def world(configured: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Database, Levels, ShelfShop]:  # noqa: ARG001
    """Return 30 articles with 5 pieces each, an ERP that has 3 of one, and a shop that hides another."""
    database = Database.current()
    histories = {f"A{number}": [("opening", 2), ("sale", -2), ("receipt", 5)] for number in range(30)}
    shelf.know(database, histories)
    erp = Levels({**dict.fromkeys(histories, 5), "A1": 3})
    shop = ShelfShop({**dict.fromkeys(histories, (5, True)), "A2": (0, False)})
    for module in (steps, listing_steps, telling):
        monkeypatch.setattr(module, "load_system", lambda name: erp if name.startswith("tryton") else shop)
    return database, erp, shop


def page() -> str:
    found = Artifact.get("inventory-reconciliation-berlin")
    assert found is not None
    return str(found.data)


def test_one_run_repairs_books_and_shop_and_its_page_tells_each_cause(
    world: tuple[Database, Levels, ShelfShop],
) -> None:
    database, erp, shop = world
    summary = inventory_reconciliation()
    assert summary.sentence() == (
        "tryton-erp/main: 30 compared, 1 differ, 1 repaired. berlin: 30 compared, 2 differ, 2 repaired."
        " 2 told to the shop."
    )
    assert {sku: (int(shop.articles[sku].quantity), shop.articles[sku].visible) for sku in ("A1", "A2")} == {
        "A1": (3, True),
        "A2": (5, True),
    }
    text = page()
    assert "| A2 |  | visibility | visible | hidden | lost event | The receipt of 5 on" in text
    assert "<svg" in unquote(text)
    told = CliRunner().invoke(app, ["stock", "differences", "A2", "--json"])
    assert told.exit_code == 0
    assert [(row["field"], row["cause"], row["proved"]) for row in json.loads(told.output)] == [
        ("visibility", "lost event", True),
        ("quantity", "lost event", True),
    ]
    assert inventory_reconciliation().sentence() == (
        "tryton-erp/main: 30 compared, 0 differ. berlin: 30 compared, 0 differ."
    )
    assert "Articles that differed, over time" in page()
    erp.levels = dict.fromkeys(erp.levels, 0)
    with pytest.raises(Refused, match="picture of stock was stopped"):
        inventory_reconciliation()
    assert shop.articles["A3"].visible
    number = desk.ask(database, "SELECT id FROM stock_import")[0]["id"]
    listed = CliRunner().invoke(app, ["stock", "imports", "list"])
    assert "tryton-erp/main" in listed.output
    assert "STOP INV-DQ-04" in CliRunner().invoke(app, ["stock", "imports", "show", str(number)]).output
    nothing = CliRunner().invoke(app, ["stock", "imports", "release", str(number), "--reason", " "])
    assert nothing.exit_code != 0
    said = CliRunner().invoke(app, ["stock", "imports", "decline", str(number), "--reason", "export broken"])
    assert "nothing of it was booked" in said.output


def test_an_erp_that_is_away_fails_the_run_at_its_end_and_the_shop_is_repaired_all_the_same(
    world: tuple[Database, Levels, ShelfShop], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, erp, shop = world
    erp.away = True
    monkeypatch.setattr(steps.reconcile_levels, "retries", 0)
    with pytest.raises(TryAgainLater):
        inventory_reconciliation()
    assert shop.articles["A2"].visible
    assert "berlin" in page()


def test_a_person_names_articles_a_supplier_a_category_or_a_warehouse(
    world: tuple[Database, Levels, ShelfShop],
) -> None:
    database, _, _ = world
    with database.audited(shelf.ACTOR) as (connection, trail):
        connection.execute("UPDATE article SET category = 'Rings > Gold' WHERE sku IN ('A2', 'A3')")
        trail.add("article.changed", "test", [("article", "berlin:A2"), ("article", "berlin:A3")])
        content = "replenishment: {articles: {A1: {supplier: GOLDEN}}}"
        rulebooks.activate(connection, trail, kind="stock_rules", name="default", content=content, by="b", reason="r")
    asked = {"articles": ["A9", " "]}, {"supplier": "GOLDEN"}, {"category": "Rings"}, {"warehouse": "EAST"}
    found = [inventory_reconciliation(ReconciliationRequest(**each, rehearsal=True)) for each in asked]
    counts = [
        (each.levels.compared.articles, each.listings.compared.articles)
        for each in found
        if each.levels and each.listings
    ]
    assert counts == [(1, 1), (1, 1), (2, 2), (30, 30)]
    assert found[2].scope == "category Rings"
    with pytest.raises(ValueError, match="say who releases"):
        ReconciliationRequest(release=3)


def test_it_is_deployed_every_night() -> None:
    (deployed,) = [each for each in DEPLOYMENTS if "inventory_reconciliation" in each.entrypoint]
    assert deployed.cron == "30 2 * * *"
    ReconciliationRequest.model_validate(deployed.parameters["request"])
