"""T-ORD-6: killed before and after every outside call and run again, order intake ends as if nothing had happened."""

import pytest

from tests.faults.world import Undisturbed, World


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
@pytest.mark.parametrize("system", ["shop", "erp"])
def test_killed_at_every_outside_call_and_run_again_ends_as_undisturbed(
    world: World, undisturbed: Undisturbed, system: str, kind: str
) -> None:
    calls = undisturbed.shop_calls if system == "shop" else undisturbed.erp_calls
    assert calls >= 5
    for nth in range(1, calls + 1):
        with world.case(good=1, bad=1, lease=1.0) as case:  # a struck call is over when the process dies
            target = case.shop if system == "shop" else world.proxy
            pid = case.start()
            target.faults({"kind": kind, "nth": nth, "pid": pid})
            assert world.zygote.wait() == -9, f"{kind} at call {nth} of {calls} to the {system} killed nothing"
            target.no_faults()
            case.run()
            assert case.told() == undisturbed.state, f"{kind} at call {nth} of {calls} to the {system}"
