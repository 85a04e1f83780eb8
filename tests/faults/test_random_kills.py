"""T-ORD-6: killed at any moment and run again, order intake ends as if nothing had happened."""

from random import Random
from typing import Any

import pytest

from tests.faults.world import World

KILLS_EACH = 3


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("runs", "cases", "longest"), [("flow runs", 5, 2.0), ("watchers", 12, 1.2)])
def test_killed_at_fifty_random_moments_and_run_again_ends_as_undisturbed(
    world: World, undisturbed: dict[str, Any], runs: str, cases: int, longest: float
) -> None:
    """A run that takes up what a killed one left is killed as well, and so is the one after it."""
    random, killed = Random(20261122), 0
    for _ in range(cases):
        with world.case(good=1, bad=1) as case:
            start = case.start if runs == "flow runs" else case.watch
            for _ in range(KILLS_EACH):
                timer = world.kill_after(start(), random.uniform(0.0, longest))
                killed += world.zygote.wait() == -9
                timer.cancel()
            start()
            case.end()
            assert case.told() == undisturbed
    assert killed >= 2 * cases, "Too many runs were over before they were to be killed: choose earlier moments."
