"""T-ORD-6: killed at any moment and run again, order intake ends as if nothing had happened."""

from random import Random

import pytest

from tests.faults.world import Undisturbed, World

CASES, KILLS_EACH = 17, 3


@pytest.mark.timeout(1200)
def test_killed_at_fifty_random_moments_and_run_again_ends_as_undisturbed(
    world: World, undisturbed: Undisturbed
) -> None:
    """A run that takes up what a killed one left is killed as well, and so is the one after it."""
    random, killed = Random(20261122), 0
    for _ in range(CASES):
        with world.case(good=1, bad=1) as case:
            for _ in range(KILLS_EACH):
                timer = world.kill_after(case.start(), random.uniform(0.0, 2.0))
                killed += world.zygote.wait() == -9
                timer.cancel()
            case.run()
            assert case.told() == undisturbed.state
    assert killed >= CASES, "Most runs were over before they were to be killed: choose earlier moments."
