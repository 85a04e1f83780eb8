"""A run whose process is gone does not stay 'Running' for ever."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    FlowRun,
    State,
    StateType,
)
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
from prefect.flows import flow
from prefect.states import Pending, Running

from deployments.automations import ensure_automations, wanted_automations
from deployments.stack import parts, processes
from deployments.stack.embedded_postgres import Cluster
from deployments.stack.left_runs import end_left_runs
from deployments.stack.registration import ensure_pool
from deployments.stack.starting import Starter

ROOT = Path(__file__).parent.parent.parent


def _until(happens: Callable[[], bool], patience: float, what: str) -> None:
    deadline = time.monotonic() + patience
    while not happens():
        assert time.monotonic() < deadline, f"{what} did not happen within {patience:.0f} s"
        time.sleep(0.5)


async def _register() -> None:
    async with get_client() as client:
        await ensure_pool(client)
        await ensure_automations(client)


@pytest.mark.usefixtures("prefect_server")
def test_automations_are_made_once_and_switched_on_again():
    async def story() -> tuple[list[str], list[str], set[bool]]:
        async with get_client() as client:
            await ensure_automations(client)
            unchanged = await ensure_automations(client)
            for found in await client.read_automations():
                await client.pause_automation(found.id)
            changed = await ensure_automations(client)
            return unchanged, changed, {found.enabled for found in await client.read_automations()}

    unchanged, changed, enabled = asyncio.run(story())
    assert unchanged == []
    assert changed == [automation.name for automation in wanted_automations()]
    assert enabled == {True}


@pytest.mark.stack
def test_a_run_whose_worker_was_killed_is_marked_crashed(
    prefect_server: str, postgres_cluster: Cluster, tmp_path: Path, record_property: Callable[[str, object], None]
):
    """T-OPS-1: worker and flow process die together, and the run is marked crashed within the set time."""
    asyncio.run(_register())
    source = flow.from_source(str(ROOT), "tests/integration/endless_flow.py:endless")
    deployment = source.deploy(
        "killed", work_pool_name=parts.POOL, build=False, print_next_steps=False, ignore_warnings=True
    )
    environment = parts.work_environment("postgresql://nowhere", prefect_server)
    home = postgres_cluster.home
    sign = tmp_path / "running"
    try:
        Starter(home, foreign_prefect=False).bring_up(parts.worker(home, environment))
        run_id = _create_run(deployment, sign)
        _until(sign.exists, 60, "the flow's start")
        _until(lambda: _run(run_id).state_type is StateType.RUNNING, 30, "the state 'Running'")
        _until(lambda: _heartbeats(run_id) > 0, 60, "the first heartbeat")
        for process in processes.marked(home):
            if process.part == parts.WORKER:
                os.kill(process.pid, signal.SIGKILL)
        killed = time.monotonic()
        _until(lambda: _run(run_id).state_type is StateType.CRASHED, 150, "the mark 'Crashed'")
        record_property("seconds until marked", round(time.monotonic() - killed))
        assert "has not been heard of" in (_run(run_id).state.message or "")
    finally:
        processes.stop(home, {parts.WORKER})


def test_runs_that_an_earlier_stack_left_give_their_places_free_again(prefect_server: str, tmp_path: Path):
    """T-OPS-1: nobody was there to hear that the process fell silent; what still has a process goes on."""
    asyncio.run(_register())
    limit = ConcurrencyLimitConfig(limit=2, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    source = flow.from_source(str(ROOT), "tests/integration/endless_flow.py:endless")
    deployment = source.deploy(
        "left",
        work_pool_name=parts.POOL,
        concurrency_limit=limit,
        build=False,
        print_next_steps=False,
        ignore_warnings=True,
    )
    gone, alive, refused = (_create_run(deployment, tmp_path / "never") for _ in range(3))
    for run in (gone, alive):
        _set(run, Pending())
    _set(alive, Running())
    assert _set(refused, Pending()) is StateType.CANCELLED
    program = processes.Program("a-run", ("sleep", "120"), {processes.RUN_MARK: str(alive)})
    processes.launch(tmp_path, program, dict(os.environ))
    try:
        assert end_left_runs(tmp_path, prefect_server) >= 1
        assert end_left_runs(tmp_path, prefect_server) == 0
    finally:
        processes.stop(tmp_path, {"a-run"})
    assert _run(gone).state_type is StateType.CRASHED
    assert _run(alive).state_type is StateType.RUNNING
    assert _set(_create_run(deployment, tmp_path / "never"), Pending()) is StateType.PENDING
    assert end_left_runs(tmp_path, prefect_server) == 2  # the process of 'alive' is gone by now, too


def _set(run: object, state: State) -> StateType:
    async def propose() -> StateType:
        async with get_client() as client:
            await client.set_flow_run_state(run, state)
            return (await client.read_flow_run(run)).state_type

    return asyncio.run(propose())


def _create_run(deployment: object, sign: Path) -> object:
    async def create() -> object:
        async with get_client() as client:
            run = await client.create_flow_run_from_deployment(deployment, parameters={"sign": str(sign)})
            return run.id

    return asyncio.run(create())


def _heartbeats(run_id: object) -> int:
    """Return how often the server has heard of the run: what it never heard of cannot fall silent."""
    wanted = EventFilter(
        event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run_id}"]),
    )

    async def read() -> int:
        async with get_client() as client:
            return (await client.read_events(wanted, limit=1)).total

    return asyncio.run(read())


def _run(run_id: object) -> FlowRun:
    async def read() -> FlowRun:
        async with get_client() as client:
            return await client.read_flow_run(run_id)

    return asyncio.run(read())
