"""Telling a shop of its stock under faults: killed at every call, limited, cut, two at once; the last value wins."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.stock import MovementKind
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from tasks.shop_listing import telling
from tests import desk, stack
from tests.listings import Shelf, open_shelf
from tests.sandbox import HOUSE, RunningShop, running_shop

VARIANTS = ("WEAR-01-RED-S", "WEAR-01-RED-M", "WEAR-01-RED-L", "WEAR-01-BLU-S", "WEAR-01-BLU-M", "WEAR-01-BLU-L")
SKUS = ("HOME-001", "HOME-003", "HOME-005", *VARIANTS)
"""Products with and without a rule of the shop, and all variants of one product."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        changes = {"WEAR-01-BLU-L": {"AllowOutOfStockOrders": False}}
        running.admin.patch("/admin/products", json=changes).raise_for_status()
        yield running


@pytest.fixture
def shelf(shop: RunningShop, database_url: stack.DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    shelf = open_shelf(shop, Database(database_url.app), lambda load: monkeypatch.setattr(telling, "load_system", load))
    shelf.look()
    yield shelf
    shop.no_faults()
    shop.admin.patch("/admin/settings", json={"batch_stops_after": None}).raise_for_status()
    assert verify(Database(database_url.audit), Path("none")).findings == ()


_GATE = os.pipe()


def killed(shelf: Shelf, fault: dict[str, Any]) -> bool:
    """Tell in a process of its own that the shop kills; returns False when it came to its end first."""
    child = os.fork()
    if child == 0:
        os.read(_GATE[0], 1)
        try:
            shelf.tell(patience=0, lease=0.6)
        finally:
            os._exit(0)
    shelf.shop.faults({**fault, "pid": child})
    os.write(_GATE[1], b"!")
    _, status = os.waitpid(child, 0)
    shelf.shop.no_faults()
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def end_state(shelf: Shelf) -> dict[str, Any]:
    """Return what the shop shows and what is booked of it."""
    with shelf.shop.client() as client:
        (parent,) = client.get("Products", params={"$filter": "Sku eq 'WEAR-01'"}).json()["value"]
    rows = desk.ask(
        shelf.database,
        "SELECT sku, told_quantity::int, told_visible, hidden_by FROM listing WHERE sku = ANY(%s) ORDER BY sku",
        [list(SKUS)],
    )
    return {
        "shown": {sku: (int(each.quantity), each.visible) for sku, each in shelf.shown(*SKUS).items()},
        "parent": parent["Published"],
        "booked": [tuple(row.values()) for row in rows],
        "open": desk.ask(shelf.database, "SELECT state FROM effect WHERE state <> 'done'"),
    }


@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
def test_killed_at_every_call_and_run_again_the_shop_shows_what_it_would_have_shown(shelf: Shelf, kind: str) -> None:
    expected, calls = {}, {}
    for pieces in (0, 4):
        shelf.stock(pieces, *SKUS)
        shelf.refresh(*SKUS)
        shelf.shop.forget_requests()
        shelf.tell()
        calls[pieces], expected[pieces] = len(shelf.shop.requests()), end_state(shelf)
        assert set(expected[pieces]["shown"].values()) == {(pieces, pieces > 0)}
        assert expected[pieces]["parent"] is (pieces > 0)
    for nth in range(1, max(calls.values()) + 1):
        for pieces in (0, 4):
            shelf.stock(pieces, *SKUS)
            shelf.refresh(*SKUS)
            if nth <= calls[pieces]:
                died = killed(shelf, {"kind": kind, "nth": nth})
                assert died, f"{kind} at call {nth} of {calls[pieces]} killed nothing"
            shelf.tell()
            assert end_state(shelf) == expected[pieces], f"{kind} at call {nth} of {calls[pieces]}, {pieces} pieces"


def test_a_shop_that_breaks_down_within_a_batch_shows_the_same_in_the_end(shelf: Shelf) -> None:
    for stops_after in (1, 4, 9):
        for pieces in (0, 6):
            shelf.stock(pieces, *SKUS)
            shelf.refresh(*SKUS)
            shelf.shop.admin.patch("/admin/settings", json={"batch_stops_after": stops_after}).raise_for_status()
            assert shelf.tell(patience=0).done == 0
            shelf.shop.admin.patch("/admin/settings", json={"batch_stops_after": None}).raise_for_status()
            shelf.tell()
            assert set(end_state(shelf)["shown"].values()) == {(pieces, pieces > 0)}
            assert end_state(shelf)["parent"] is (pieces > 0)
            assert end_state(shelf)["open"] == []


@pytest.mark.parametrize("fault", ["cut_after", "cut_before", "malformed_json", "drop_field"])
def test_lost_and_garbled_answers_are_looked_up_and_lose_nothing(shelf: Shelf, fault: str) -> None:
    for nth in (1, 2, 3):
        shelf.stock(nth, *SKUS)
        shelf.refresh(*SKUS)
        shelf.shop.faults({"kind": fault, "nth": nth, **({"name": "responses"} if fault == "drop_field" else {})})
        shelf.tell()
        shelf.shop.no_faults()
        assert set(end_state(shelf)["shown"].values()) == {(nth, True)}
        assert end_state(shelf)["open"] == []


def test_two_workers_at_once_leave_no_product_that_does_not_fit_its_variants(shelf: Shelf) -> None:
    for pieces in (0, 3, 0, 5):
        for sku in VARIANTS:  # a call of its own for each, so that they meet at their product
            shelf.stock(pieces, sku)
            shelf.refresh(sku)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: shelf.tell(), range(2)))
        state = end_state(shelf)
        assert {state["shown"][sku] for sku in VARIANTS} == {(pieces, pieces > 0)}
        assert state["parent"] is (pieces > 0)


LIMITS: dict[str, Any] = {"calls_per_second": 2, "max_in_flight": 2}
WORKER = """
import sys
from blocks.database.engine import Database
from blocks.systems.shops.smartstore import SmartstoreShop
from tasks.shop_listing import telling
from tests.listings import ACTOR
from blocks.database.effect_delivery import deliver_all
url, shop = sys.argv[1:]
shop = SmartstoreShop.model_validate_json(shop)
telling.load_system = lambda _name: shop
print("ready", flush=True)
sys.stdin.readline()
print(deliver_all(telling.DELIVERY, Database(url), ACTOR, lease=5, patience=60, log=lambda _line: None).done)
"""


@pytest.fixture
def other_worker(shelf: Shelf) -> Iterator["subprocess.Popen[str]"]:
    """Return a process that begins to tell when it hears a line, and says then how much it told."""
    settings = json.dumps({"url": shelf.shop.url, "public_key": PUBLIC_KEY, "secret_key": SECRET_KEY, **LIMITS})
    command = [sys.executable, "-c", WORKER, shelf.database.url, settings]
    with subprocess.Popen(command, cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "ready\n"
        yield other


def test_t_inv_8_within_two_requests_a_second_5000_changes_end_at_their_last_values(
    shelf: Shelf, other_worker: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = shelf.connector(**LIMITS)
    monkeypatch.setattr(telling, "load_system", lambda _name: limited)
    skus = [f"HOME-{number:03d}" for number in range(2, 41)] + [f"BOOK-{number:02d}" for number in range(1, 6)]
    busy = "HOME-001"
    shelf.moves(MovementKind.COUNT, 9, busy, *skus)
    shelf.shop.faults(
        {"kind": "rate_limit", "per_second": 2}, {"kind": "status", "status": 429, "nth": 3, "retry_after": 1}
    )
    changes = 0
    with ThreadPoolExecutor(1) as pool:
        for wave in range(25):
            moves = [(sku, 1 if (wave + part) % 2 else -1) for part in range(4) for sku in skus]
            moves += [(busy, -1 if wave < 8 else 1)] * 24
            shelf.move_each(moves)
            changes += len(moves)
            shelf.refresh(busy, *skus)
            if wave == 4:
                told = pool.submit(lambda: shelf.tell(patience=60, lease=5))
                print("go", file=other_worker.stdin, flush=True)
        told.result()
    other_worker.communicate()
    shelf.tell(patience=60, lease=5)
    fired = {fault["kind"]: fault["fired"] for fault in shelf.shop.no_faults()}
    stock = {
        row["sku"]: max(int(row["on_hand"]), 0) for row in desk.ask(shelf.database, "SELECT sku, on_hand FROM stock")
    }
    shown = shelf.shown(busy, *skus)
    assert (changes, stock[busy]) == (5000, 9 + 24 * (17 - 8))
    assert {sku: int(each.quantity) for sku, each in shown.items()} == stock
    assert all(each.visible for each in shown.values())
    assert fired["status"] == 1, "A 429 was answered, and nothing was lost by it."
    assert fired["rate_limit"] <= 3, "Both workers together keep to the limit, but for a request delayed on its way."
    (made,) = desk.ask(
        shelf.database,
        "SELECT count(*) AS calls, count(*) FILTER (WHERE state <> 'done') AS open,"
        " count(*) FILTER (WHERE subject = 'listing/berlin:HOME-001') AS busy FROM effect",
    )
    assert made["open"] == 0
    assert made["busy"] < 25, "What was outdated before its turn was never told."
