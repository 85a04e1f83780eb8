"""Killed at every call that changes something in the ERP, what a person approved is asked for exactly once."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blocks.database import incoming_goods
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.erps.tryton_purchases import MODEL
from blocks.systems.erps.tryton_rpc import TrytonRpc
from tasks.replenishment import deciding, ordering
from tests import desk, purchases, stack
from tests.erp import RunningErp, running_erp
from tests.sandbox import Controlled, running_proxy

LEASE = 2.0
ARTICLES = ("HOME-001", "HOME-002", "HOME-003", "HOME-004", "HOME-005")


@dataclass
class Outside:
    """A Tryton behind a proxy, and somebody who looks into it."""

    erp: RunningErp
    proxy: Controlled
    tryton: TrytonRpc

    def asked(self, reference: str) -> list[tuple[str, float]]:
        """Return article and pieces of each purchase request that came of a reference of ours."""
        lines = self.tryton.search_read(f"{MODEL}.line", [["requisition.description", "=", reference]], ["id"])
        origins = [f"{MODEL}.line,{row['id']}" for row in lines]
        found = self.tryton.search_read("purchase.request", [["origin", "in", origins]], ["product.code", "quantity"])
        return [(row["product."]["code"], float(row["quantity"])) for row in found]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with ExitStack() as open_now:
        erp = open_now.enter_context(running_erp(tmp_path_factory.mktemp("erp")))
        proxy = open_now.enter_context(running_proxy(f"http://127.0.0.1:{erp.port}"))
        yield Outside(erp, proxy, open_now.enter_context(erp.connector()._conversation()))


@pytest.fixture
def database(database_url: stack.DatabaseUrls, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Database:
    connector = outside.erp.connector(port=int(outside.proxy.url.rpartition(":")[2]))
    monkeypatch.setattr(ordering, "load_system", lambda _name: connector)
    return Database(database_url.app)


def approved(database: Database, sku: str) -> str:
    """Propose to buy an article and approve it; returns our reference."""
    with database.audited(desk.ACTOR) as (connection, trail):
        row = connection.execute(
            "INSERT INTO purchase_proposal (warehouse, sku, quantity) VALUES ('HAM', %s, 12) RETURNING id", (sku,)
        ).fetchone()
        assert row
        trail.add("purchase.proposed", f"purchase_proposal/{row['id']}", [("purchase_proposal", row["id"])])
    assert purchases.approve(database, row["id"]) == [row["id"]]
    with database.connect() as connection:
        return deciding.requests(connection, [row["id"]])[row["id"]].reference


_GATE = os.pipe()


def killed(database: Database, outside: Outside, fault: dict[str, Any]) -> bool:
    """Order in a process of its own that the proxy kills; returns False when it came to its end first."""
    child = os.fork()
    if child == 0:
        os.read(_GATE[0], 1)
        try:
            purchases.deliver(database, lease=LEASE)
        finally:
            os._exit(0)
    outside.proxy.faults({**fault, "pid": child})
    os.write(_GATE[1], b"!")
    _, status = os.waitpid(child, 0)
    outside.proxy.no_faults()
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


STRUCK = (("kill_before", "create"), ("kill_after", "create"), ("kill_after", "wait"), ("kill_after", "approve"))
"""Every call that changes something in Tryton; being killed before one is being killed after the one before it."""


def test_killed_at_every_call_and_run_again_a_purchase_is_asked_for_once(
    database: Database, outside: Outside, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    for place, (kind, call) in enumerate(STRUCK):
        sku = ARTICLES[place]
        reference = approved(database, sku)
        assert killed(database, outside, {"kind": kind, "body": f"model.{MODEL}.{call}"}), f"{kind} {call}"
        purchases.deliver(database, lease=LEASE, patience=10.0)
        assert outside.asked(reference) == [(sku, 12.0)], f"{kind} {call}"
    assert {row["state"] for row in purchases.proposals(database)} == {"ordered"}
    assert all(row["erp_number"] for row in purchases.proposals(database))
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def hear(database: Database, outside: Outside) -> None:
    with database.connect() as connection:
        incoming_goods.replace(connection, purchases.ERP, outside.erp.connector().goods_due())


def test_t_inv_10_what_tryton_was_asked_to_buy_is_on_its_way_by_its_own_word_and_not_bought_again(
    database: Database, outside: Outside
) -> None:
    """Reorder point 14 (two a day for seven days), bought up to 34 in packs of 6; 10 are there."""
    purchases.rule(database, "replenishment: {general: {lead_days: 6, cover_days: 10, pack: 6, supplier: HANSE}}")
    purchases.sold_daily(database, [2] * 120, sku="BOOK-03", warehouse="BER", left=10)
    hear(database, outside)
    assert purchases.run(database).booked.proposed == 1
    (proposal,) = purchases.proposals(database)
    purchases.approve(database, proposal["id"])
    purchases.deliver(database, lease=LEASE)
    (ordered,) = purchases.proposals(database)
    assert (ordered["state"], ordered["quantity"]) == ("ordered", 24)
    hear(database, outside)
    (due,) = desk.ask(database, "SELECT sku, quantity, due_on FROM incoming_goods WHERE warehouse = 'BER'")
    assert due == {"sku": "BOOK-03", "quantity": 24, "due_on": None}
    found = purchases.run(database)
    assert (found.short, len(purchases.proposals(database))) == (0, 1)
    assert purchases.alerts(database) == [("BER:BOOK-03", False)]
