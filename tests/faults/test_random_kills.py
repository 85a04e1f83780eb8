"""T-ORD-6: killed at any moment and run again, order intake ends as if nothing had happened."""

from random import Random

import pytest

from tests.faults.world import Undisturbed, World

KILLS = 50


@pytest.mark.timeout(1200)
def test_killed_at_fifty_random_moments_and_run_again_ends_as_undisturbed(
    world: World, undisturbed: Undisturbed
) -> None:
    random, killed = Random(20261122), 0
    for _ in range(KILLS):
        with world.case(good=1, bad=1) as case:
            timer = world.kill_after(case.start(), random.uniform(0.0, 2.0))
            killed += world.zygote.wait() == -9
            timer.cancel()
            case.run()
            assert case.told() == undisturbed.state
    assert killed >= KILLS // 2, "Most runs were over before they were to be killed: choose earlier moments."
