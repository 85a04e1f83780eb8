"""Postgres is gone, or hangs, in the middle of a run: order intake ends as if nothing had happened."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.stack import embedded_postgres
from tests import stack
from tests.faults.world import Case, World, eventually

OUTAGE = 30.0
"""Seconds that Postgres is gone: a restart of the server's host."""
HANG = 12.0
"""Seconds that it does not answer: longer than SOMS waits for a new connection."""


@pytest.fixture
def apart(world: World, undisturbed: dict[str, Any]) -> Iterator[World]:
    """Return the world with its databases in a Postgres of their own: the shared one has Prefect's in it as well."""
    assert undisturbed
    shared = world.cluster, world.template
    with stack.open_folder(in_memory=True) as folder, stack.cluster(folder) as own:
        world.cluster, world.template = own, stack.migrated_template(own)
        try:
            yield world
        finally:
            world.cluster, world.template = shared


def lives(run: int, case: Case) -> None:
    """Insist that a run has not ended."""
    try:
        os.kill(run, 0)
    except ProcessLookupError:
        pytest.fail(f"The run has ended: {case.log()}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("system", "moment"),
    [("shop", {"path": "Orders"}), ("proxy", {"body": "model.sale.sale.create"})],
    ids=["while orders are fetched", "while a sale is made"],
)
def test_gone_for_half_a_minute_in_the_middle_of_a_run_it_ends_as_undisturbed(
    apart: World, undisturbed: dict[str, Any], system: str, moment: dict[str, Any]
) -> None:
    with apart.case(good=1, bad=1) as case:
        outside = getattr(apart, system)
        outside.faults({"kind": "kill_before", "pid": apart.cluster.pid, "nth": 1, **moment})
        run = case.start()
        eventually(lambda: embedded_postgres.running(apart.cluster.home) is None)
        time.sleep(OUTAGE)  # the outage itself
        os.kill(run, 0)  # the run lives: it waits for Postgres, and had not ended before it went
        embedded_postgres.start(apart.cluster.home, fast=True)
        assert apart.zygote.wait() == 0, case.log()
        assert case.told() == undisturbed


@pytest.mark.timeout(600)
def test_hanging_for_a_while_in_the_middle_of_a_run_it_ends_as_undisturbed(
    apart: World, undisturbed: dict[str, Any]
) -> None:
    with apart.case(good=1, bad=1) as case:
        run = case.start()
        eventually(case.shop.requests)
        first = apart.cluster.pid
        others = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="utf-8").split()
        for pid in (first, *map(int, others)):
            os.kill(pid, signal.SIGSTOP)
        time.sleep(HANG)  # the outage itself
        lives(run, case)  # it was struck in its middle
        for pid in (first, *map(int, others)):
            os.kill(pid, signal.SIGCONT)
        assert apart.zygote.wait() == 0, case.log()
        assert case.told() == undisturbed
