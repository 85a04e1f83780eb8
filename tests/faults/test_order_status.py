"""Killed before and after every call to the shop, telling a status ends as if nothing had happened."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import deliver_all
from blocks.database.engine import Database
from blocks.documents.statuses import standard_text
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from tasks.order_status import deciding, rules, telling
from tasks.order_status.ruling import PROCESS, SHOP, Route, Ruling, judge_of
from tests import desk, stack
from tests.orders import an_order
from tests.sandbox import RunningShop, running_shop

ROUTE = Route("smartstore-shop/berlin", "tryton-erp/main")
ACTOR = Actor(process=PROCESS, run_id="run-7")
LEASE = 0.6
TOLD_PROCESSING = "      new: not told\n      processing: "
BY_NOTE = standard_text().replace(f"{TOLD_PROCESSING}processing", f"{TOLD_PROCESSING}label")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture
def database(database_url: stack.DatabaseUrls, shop: RunningShop, monkeypatch: pytest.MonkeyPatch) -> Database:
    connector = SmartstoreShop(url=shop.url, public_key=PUBLIC_KEY, secret_key=SECRET_KEY)
    monkeypatch.setattr(telling, "load_system", lambda _name: connector)
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 10_000, "LAMP", "BOOK")
    return database


def put_due(database: Database, shop: RunningShop, word: str) -> str:
    """Sell an order in the shop, and let the ERP say something that the shop is to be told."""
    (number,) = shop.orders(1)["ids"]
    with shop.client() as client:
        body = {"OrderStatusId": 10, "PaymentStatusId": 10, "ShippingStatusId": 20}
        client.patch(f"Orders({number})", json=body).raise_for_status()
    desk.take_in(database, desk.numbered(an_order(), number))
    (row,) = desk.ask(database, "SELECT id, placed_at FROM sales_order WHERE external_id = %s", (str(number),))
    ruling = Ruling(judge_of(BY_NOTE), 1, ((ROUTE.source, SHOP),))
    with database.audited(ACTOR) as (connection, trail):
        seen = rules.Seen(row["id"], ROUTE.erp, word, row["placed_at"])
        assert deciding.take(connection, trail, ruling, [seen]).moved == 1
    return str(number)


def tell(database: Database, *, patience: float = 0.0) -> None:
    deliver_all(telling.DELIVERY, database, ACTOR, lease=LEASE, patience=patience, log=lambda _line: None)


def killed(database: Database, shop: RunningShop, fault: dict[str, Any]) -> bool:
    """Tell in a process of its own that the shop kills; returns False when it came to its end first."""
    child = os.fork()
    if child == 0:
        os.read(_GATE[0], 1)
        try:
            tell(database)
        finally:
            os._exit(0)
    shop.faults({**fault, "pid": child})
    os.write(_GATE[1], b"!")
    _, status = os.waitpid(child, 0)
    shop.no_faults()
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


_GATE = os.pipe()


def end_state(shop: RunningShop, number: str) -> tuple[Any, ...]:
    with shop.client() as client:

        def rows(entity_set: str, condition: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = client.get(entity_set, params={"$filter": condition}).json()["value"]
            return found

        (order,) = rows("Orders", f"Id eq {number}")
        notes = rows("OrderNotes", f"OrderId eq {number} and DisplayToCustomer eq true")
        return (
            order["OrderStatusId"], order["PaymentStatusId"], order["ShippingStatusId"],
            len(rows("Shipments", f"OrderId eq {number}")), [note["Note"] for note in notes],
            [row["Value"] for row in rows("GenericAttributes", f"EntityId eq {number}")],
        )  # fmt: skip


@pytest.mark.parametrize("struck", [("kill_after", "shipped"), ("kill_before", "processing")])
def test_killed_at_every_call_and_run_again_a_status_is_told_as_if_undisturbed(
    database: Database, shop: RunningShop, database_url: stack.DatabaseUrls, tmp_path: Path, struck: tuple[str, str]
) -> None:
    kind, word = struck
    undisturbed = put_due(database, shop, word)
    shop.forget_requests()
    tell(database)
    calls, expected = len(shop.requests()), end_state(shop, undisturbed)
    assert calls >= 4
    for nth in range(1, calls + 1):
        number = put_due(database, shop, word)
        assert killed(database, shop, {"kind": kind, "nth": nth}), f"{kind} at call {nth} of {calls} killed nothing"
        tell(database, patience=5.0)
        assert end_state(shop, number) == expected, f"{kind} at call {nth} of {calls}"
    states = desk.ask(database, "SELECT DISTINCT state FROM effect WHERE process = %s", (PROCESS,))
    assert states == [{"state": "done"}]
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
