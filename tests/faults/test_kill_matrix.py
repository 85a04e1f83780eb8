"""T-ORD-6: killed before and after every outside call and run again, order intake ends as if nothing had happened.

It is the watcher's looks that are killed: the same steps as a regular run's, without the engine's seconds around them.
"""

from typing import Any

import pytest

from tests.faults.world import World


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
@pytest.mark.parametrize("system", ["shop", "erp"])
def test_killed_at_every_outside_call_and_run_again_ends_as_undisturbed(
    world: World, undisturbed: dict[str, Any], system: str, kind: str
) -> None:
    with world.case(good=1, bad=1) as case:
        case.watch()
        case.end()
        calls = len((case.shop if system == "shop" else world.proxy).requests())
        assert case.told() == undisturbed
    assert calls >= 5
    for nth in range(1, calls + 1):
        with world.case(good=1, bad=1, lease=1.0) as case:  # a struck call is over when the process dies
            target = case.shop if system == "shop" else world.proxy
            pid = case.watch()
            target.faults({"kind": kind, "nth": nth, "pid": pid})
            assert world.zygote.wait() == -9, f"{kind} at call {nth} of {calls} to the {system} killed nothing"
            target.no_faults()
            case.watch()
            case.end()
            assert case.told() == undisturbed, f"{kind} at call {nth} of {calls} to the {system}"
