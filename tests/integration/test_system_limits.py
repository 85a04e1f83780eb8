"""However many workers carry out effects, a system is asked no more at once and per second than it allows."""

from pathlib import Path

import pytest

from blocks.database import effects
from blocks.database.audit_verification import verify
from blocks.database.effects import Claimed, Due
from blocks.database.engine import Database
from blocks.database.system_limits import seconds_until_turn
from blocks.errors import WrongUse
from blocks.systems.limits import UNLIMITED, Limits, limits_of
from tests import desk, stack
from tests.effect_worker import QuickErp, deliver, quick_erp, seen, together
from tests.orders import an_order

ORDERS = 24
SALE = {"process": "order_intake", "kind": "erp.sale"}


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 1000, "LAMP", "BOOK")
    return database


def sell(database: Database, orders: int = ORDERS) -> None:
    desk.take_in(database, *(desk.numbered(an_order()) for _ in range(orders)))


def test_three_worker_processes_keep_a_systems_limit_and_double_no_call(
    database: Database, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    sell(database)
    with quick_erp(0.05) as url:
        done, _ = together(database, QuickErp(url, max_in_flight=2), workers=3)
        found = seen(url)
    assert done == 2 * ORDERS  # sales and marks
    assert found["most_in_flight"] <= 2
    assert sorted(found["calls"].values()) == [1] * ORDERS
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_calls_begin_no_faster_than_a_system_allows(database: Database) -> None:
    sell(database, 8)
    with quick_erp(0) as url:
        done, _ = together(database, QuickErp(url, max_in_flight=3, calls_per_second=20), workers=2)
        begun, calls = seen(url)["begun"], seen(url)["calls"]
    assert (done, sorted(calls.values())) == (16, [1] * 8)
    assert begun[-1] - begun[0] > 6 / 20  # seven turns, the first and last of which may be shifted on their way


def test_one_run_uses_as_many_workers_as_a_system_allows_calls(database: Database) -> None:
    sell(database, 60)
    with quick_erp(0.05) as url:
        assert deliver(database, QuickErp(url, max_in_flight=3)).done == 120
        assert seen(url)["most_in_flight"] == 3


def claim(database: Database, limits: dict[str, Limits] | None, limit: int = 1) -> list[Claimed]:
    return effects.claim(database, desk.ACTOR, **SALE, limit=limit, lease=60, limits=limits)


def put(database: Database, *systems: str) -> None:
    dues = [
        Due(f"erp.sale:{number}", SALE["process"], system, SALE["kind"], f"sales_order/{number}")
        for number, system in enumerate(systems)
    ]
    with database.audited(desk.ACTOR) as (connection, trail):
        effects.put(connection, trail, dues)


def test_a_system_that_has_its_calls_leaves_the_next_claim_to_others(database: Database) -> None:
    put(database, "a/1", "a/1", "b/1")
    limits = {"a/1": Limits(max_in_flight=1), "b/1": UNLIMITED}
    assert [[effect.system for effect in claim(database, limits)] for _ in range(3)] == [["a/1"], ["b/1"], []]


def test_a_dead_workers_call_counts_until_its_lease_has_ended(database: Database) -> None:
    put(database, "a/1", "a/1")
    limits = {"a/1": Limits(max_in_flight=1)}
    first = claim(database, limits)
    assert claim(database, limits) == []
    desk.change(database.url, "UPDATE lease SET until = clock_timestamp() - interval '1 second'")
    assert [effect.id for effect in claim(database, limits)] == [effect.id for effect in first]


def test_only_systems_whose_limits_are_known_are_claimed_for(database: Database) -> None:
    put(database, "a/1", "b/1")
    assert [effect.system for effect in claim(database, {"b/1": UNLIMITED}, limit=9)] == ["b/1"]
    with database.connect() as connection:
        assert effects.waiting_systems(connection, **SALE) == ["a/1"]


def test_turns_are_evenly_apart_and_each_system_has_its_own(database: Database) -> None:
    waits = [seconds_until_turn(database, "a/1", 0.01) for _ in range(3)]
    assert waits[0] == 0
    assert 90 < waits[1] <= 100
    assert 190 < waits[2] <= 200
    assert seconds_until_turn(database, "b/1", 0.01) == 0


def test_a_system_that_cannot_be_loaded_or_has_no_limits_is_unlimited() -> None:
    def fail(name: str) -> None:
        raise WrongUse(name)

    assert limits_of(fail, "a/1") == UNLIMITED
    assert limits_of(lambda _name: desk.PlainShop(), "a/1") == UNLIMITED
    assert limits_of(lambda _name: QuickErp("", 3, 2.5), "a/1") == Limits(3, 2.5)
