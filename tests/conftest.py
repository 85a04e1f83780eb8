"""What tests share: a Postgres, a migrated database for each test, a Prefect server; all real, all our own."""

import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

for _name in [name for name in os.environ if name.startswith(("SOMS_", "PREFECT_")) and name != "SOMS_PG_BINDIR"]:
    del os.environ[_name]  # no test may touch the stack of whoever runs it
_PREFECT_HOME = tempfile.TemporaryDirectory(prefix="soms-test-prefect-")
_CERTIFICATE = Path(_PREFECT_HOME.name) / "one-certificate.pem"
_CERTIFICATE.write_text(Path(certifi.where()).read_text(encoding="utf-8").partition(ssl.PEM_FOOTER)[0] + ssl.PEM_FOOTER)
os.environ |= {
    "PREFECT_HOME": _PREFECT_HOME.name,  # before anything imports prefect
    "PREFECT_API_SSL_CERT_FILE": str(_CERTIFICATE),  # each of its clients loads them all, for http:// as well
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "SOMS_HOME": str(Path(_PREFECT_HOME.name) / "no-stack"),
}

examples.register_profile("soms", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("soms")  # no test fails because the machine is busy

from blocks.settings import settings  # noqa: E402 - the environment must be clean first
from deployments.stack.embedded_postgres import Cluster  # noqa: E402
from deployments.stack.stack_file import Stack  # noqa: E402
from tests import stack  # noqa: E402

LONGEST_FIRST = (
    "test_random_kills.py", "test_dead_runs.py", "test_local_stack.py", "test_kill_matrix.py", "test_own_systems.py",
    "test_postgres_gone.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that no worker is left with one at the end.

    Only the first of them needs the ERP, which one worker prepares on a new machine while the others would wait.
    """
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """Return a running Postgres with the roles `soms_owner`, `soms_app` and `soms_audit`."""
    with stack.open_folder(in_memory=True) as folder, stack.cluster(folder) as running:
        yield running


@pytest.fixture(scope="session")
def database_template(postgres_cluster: Cluster) -> str:
    """Return the name of a database with all migrations; it is copied, never used."""
    return stack.migrated_template(postgres_cluster)


@pytest.fixture
def database_url(postgres_cluster: Cluster, database_template: str) -> Iterator[stack.DatabaseUrls]:
    """Return the addresses (`owner`, `app`, `audit`) of a fresh database with all migrations."""
    with stack.copy_of(postgres_cluster, database_template) as urls:
        yield urls


@pytest.fixture
def configured(database_url: stack.DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point `settings()` at the fresh database and at an empty home; return the home."""
    Stack(home=tmp_path, database_urls=database_url.by_role()).save()
    monkeypatch.setenv("SOMS_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture(scope="session")
def prefect_server(postgres_cluster: Cluster) -> Iterator[str]:
    """Return the API address of a running Prefect server that this process is connected to, heartbeats off."""
    from prefect.settings import (  # noqa: PLC0415 - tests without a server do without these seconds
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        temporary_settings,
    )

    with stack.prefect_server(postgres_cluster, postgres_cluster.home) as url:
        # The heartbeat thread costs every flow run a second of sleep.
        settings_of_tests = {PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
        with temporary_settings(settings_of_tests):
            yield url
