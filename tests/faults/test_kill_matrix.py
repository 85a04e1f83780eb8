"""T-ORD-6, T-ORD-7, T-ORD-9: killed wherever, run again, order intake ends as if nothing had happened."""

from random import Random
from typing import Any

import pytest

from tests.faults.world import Case, World

KILLS = 50


def told(case: Case) -> dict[str, Any]:
    """Return the end state with the trail's proof, which must find nothing."""
    assert case.findings() == []
    return case.end_state()


@pytest.fixture(scope="module")
def undisturbed(world: World) -> tuple[dict[str, Any], int, int]:
    """Return the end state of a run without faults, and how many calls it made to shop and ERP."""
    with world.case(good=1, bad=1) as case:
        case.run()
        calls = len(case.shop.requests()), len(world.proxy.requests())
        state = told(case)
        assert [row[1] for row in state["orders"]] == ["accepted"]
        assert len(state["sales"]) == len(state["marks"]) == len(state["notes"]) == 1
        assert len(state["aside"]) == 1
        assert all(row[2] == "done" for row in state["effects"])
        return comparable(case, state), *calls


def comparable(case: Case, state: dict[str, Any]) -> Any:
    """Return the state with each order called by its place: ids and channels differ from case to case."""
    places = {str(order): f"order {place}" for place, order in enumerate(case.orders)}
    return renamed(
        {**state, "marks": [order for order, _ in state["marks"]], "customers": len(state["customers"])}, places
    )


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Return the value with every order id in it replaced."""
    if isinstance(value, dict):
        return {key: renamed(each, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(each, names) for each in value]
    return names.get(str(value), value)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
@pytest.mark.parametrize("system", ["shop", "erp"])
def test_killed_at_every_outside_call_and_run_again_ends_as_undisturbed(
    world: World, undisturbed: tuple[dict[str, Any], int, int], system: str, kind: str
) -> None:
    expected, shop_calls, erp_calls = undisturbed
    calls = shop_calls if system == "shop" else erp_calls
    assert calls >= 5
    for nth in range(1, calls + 1):
        with world.case(good=1, bad=1) as case:
            target = case.shop if system == "shop" else world.proxy
            pid = case.start()
            target.faults({"kind": kind, "nth": nth, "pid": pid})
            assert world.zygote.wait() == -9, f"{kind} at call {nth} of {calls} to the {system} killed nothing"
            target.no_faults()
            case.run()
            assert comparable(case, told(case)) == expected, f"{kind} at call {nth} of {calls} to the {system}"


@pytest.mark.timeout(1200)
def test_killed_at_fifty_random_moments_and_run_again_ends_as_undisturbed(
    world: World, undisturbed: tuple[dict[str, Any], int, int]
) -> None:
    expected, random, killed = undisturbed[0], Random(20261122), 0
    for _ in range(KILLS):
        with world.case(good=1, bad=1) as case:
            timer = world.kill_after(case.start(), random.uniform(0.0, 2.0))
            killed += world.zygote.wait() == -9
            timer.cancel()
            case.run()
            assert comparable(case, told(case)) == expected
    assert killed >= KILLS // 2, "Most runs were over before they were to be killed: choose earlier moments."
