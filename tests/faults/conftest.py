"""The world that all fault tests share."""

from collections.abc import Iterator
from typing import Any

import pytest

from deployments.stack.embedded_postgres import Cluster
from tests import stack
from tests.faults.world import World, open_world


@pytest.fixture(scope="session")
def world(postgres_cluster: Cluster, database_template: str, prefect_server: str) -> Iterator[World]:
    """Return a running outside world."""
    with (
        stack.open_folder(in_memory=True) as folder,
        open_world(postgres_cluster, database_template, prefect_server, folder) as found,
    ):
        yield found


@pytest.fixture(scope="session")
def undisturbed(world: World) -> dict[str, Any]:
    """Return the end state of a run without any fault, for one good and one bad order."""
    with world.case(good=1, bad=1) as case:
        case.run()
        state = case.told()
    assert [row[1] for row in state["orders"]] == ["accepted"]
    assert len(state["sales"]) == len(state["marks"]) == len(state["notes"]) == len(state["aside"]) == 1
    assert all(row[2] == "done" for row in state["effects"])
    return state
