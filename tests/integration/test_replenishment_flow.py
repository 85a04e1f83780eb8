"""Replenishment and the purchase desk through Prefect: pages that people decide by, and what they leave behind."""

import re
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
from prefect.artifacts import Artifact

from blocks.database.engine import Database
from blocks.documents.stock import MovementKind
from blocks.errors import TryAgainLater, WrongUse
from flows.purchase_desk import purchase_desk
from flows.replenishment import ReplenishmentRequest, replenishment
from tasks.replenishment import ordering, steps
from tasks.replenishment.form import Action, PurchaseDeskRequest
from tests import desk, purchases
from tests.purchases import Buyer

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def database(configured: Path) -> Database:
    assert configured.is_dir()
    found = Database.current()
    purchases.rule(found)
    purchases.sold_daily(found, [2] * 130, left=10)
    purchases.sold_daily(found, [0, 0, 0, 9] * 30, sku="BOOK", left=500)
    return found


@pytest.fixture
def buyer(monkeypatch: pytest.MonkeyPatch) -> Buyer:
    found = Buyer()
    for module in (ordering, steps):
        monkeypatch.setattr(module, "load_system", lambda _name: found)
    return found


def page(key: str) -> str:
    return str(getattr(Artifact.get(key), "data", ""))  # Prefect types it for sync and async at once


@pytest.mark.usefixtures("database")
def test_from_what_was_sold_to_what_is_ordered(buyer: Buyer) -> None:
    summary = replenishment(ReplenishmentRequest())
    assert summary.sentence() == (
        "Replenishment: 2 articles looked at, 1 will not last, 1 newly proposed, 1 alert opened."
    )
    told = page("replenishment")
    assert "| LAMP | EAST | 10 | 0 | 14 (14 to 14) | 2.00, smooth | 24 |" in told
    assert "Looked back" in told
    assert [unquote(each)[:4] for each in re.findall(r"svg\+xml,([^)]*)", told)] == ["<svg", "<svg"]
    shown = purchase_desk(PurchaseDeskRequest(person="Ada"))
    assert (shown, buyer.calls) == ("Open proposals are listed; nothing was changed.", 0)
    with pytest.raises(WrongUse, match="Say why"):
        purchase_desk(PurchaseDeskRequest(person="Ada", action=Action.APPROVE, proposals=[1]))
    done = purchase_desk(
        PurchaseDeskRequest(person="Ada", action=Action.APPROVE, proposals=[1, 99], reason="Fair.", quantity=None)
    )
    assert done.startswith("1 approved. There is no proposal 99")
    assert done.endswith("Ordered in the ERP: 1, refused: 0, put off: 0.")
    assert [request.quantity for request in buyer.asked.values()] == [Decimal(24)]
    assert "| LAMP | EAST | ordered | R1 | ada | Fair. |" in page("purchase-desk")
    assert replenishment(ReplenishmentRequest()).proposed == 0
    assert buyer.calls == 1


def test_an_erp_that_is_away_fails_the_run_at_its_end_and_proposals_are_made_all_the_same(
    database: Database, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise TryAgainLater("Tryton does not answer.")

    monkeypatch.setattr(buyer, "goods_due", away)
    monkeypatch.setattr(steps.hear_goods_due, "retries", 0)
    with pytest.raises(TryAgainLater):
        replenishment(ReplenishmentRequest(patience=0))
    assert [row["state"] for row in purchases.proposals(database)] == ["proposed"]


def test_an_erp_that_does_not_say_what_is_on_its_way_leaves_what_is_known(database: Database, buyer: Buyer) -> None:
    purchases.coming(database, 50, due_on=None)
    buyer.due = None
    assert replenishment(ReplenishmentRequest(dry_run=True)).short == 0
    assert desk.ask(database, "SELECT count(*) AS n FROM incoming_goods") == [{"n": 1}]
    buyer.due = ()
    purchases.move(database, MovementKind.COUNT, 3)
    found = replenishment(ReplenishmentRequest(dry_run=True))
    assert (found.short, found.proposed) == (1, 0)
    assert "nothing was booked" in found.sentence()
    assert "What will not last" in page("replenishment")
