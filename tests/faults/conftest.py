"""The world that all fault tests share."""

from collections.abc import Iterator

import pytest

from deployments.embedded_postgres import Cluster
from tests import stack
from tests.faults.world import World, open_world


@pytest.fixture(scope="session")
def world(postgres_cluster: Cluster, database_template: str, prefect_server: str) -> Iterator[World]:
    """Return a running outside world."""
    with (
        stack.open_folder() as folder,
        open_world(postgres_cluster, database_template, prefect_server, folder) as found,
    ):
        yield found
