"""Where SOMS finds its database: what is given wins, the running stack fills in, and nothing is a clear sentence."""

from pathlib import Path

import psycopg
import pytest
from prefect import flow

from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.settings import Settings, settings
from deployments.stack.stack_file import Stack
from tests.stack import DatabaseUrls

pytestmark = pytest.mark.usefixtures("configured")


def test_each_role_opens_the_stacks_database_as_itself():
    for role in ("soms_app", "soms_audit", "soms_owner"):
        with psycopg.connect(settings().require_database_url(role)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)


def test_a_worker_that_was_given_the_apps_address_still_finds_the_auditors(
    database_url: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SOMS_DATABASE_URL", database_url.app)
    assert Settings().require_database_url("soms_audit") == database_url.audit


def test_a_database_of_your_own_is_used_for_every_role(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOMS_DATABASE_URL", "postgresql://me@db.example.com/orders")
    assert Settings().require_database_url("soms_audit") == "postgresql://me@db.example.com/orders"


def test_without_a_database_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SOMS_HOME", str(tmp_path / "empty"))
    with pytest.raises(WrongUse, match="start the local stack with `soms up` or set SOMS_DATABASE_URL"):
        Settings().require_database_url()


def test_a_variable_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOMS_EFFECT_LEASE", "soon")
    settings.cache_clear()
    with pytest.raises(WrongUse, match="SOMS_EFFECT_LEASE"):
        settings()


def test_an_address_that_is_none_of_postgres_is_wrong_use():
    with pytest.raises(WrongUse, match="SOMS_DATABASE_URL must be written as"), Database("nonsense").connect():
        pass


def test_the_stack_file_is_for_its_owner_alone(configured: Path):
    Stack(home=configured, database_urls={"soms_app": "postgresql://x:secret@h/d"}).save()
    assert (configured / "stack.json").stat().st_mode & 0o777 == 0o600


def test_a_flow_runs_on_the_prefect_server_of_the_tests(prefect_server: str):
    @flow
    def adds(left: int, right: int) -> int:
        return left + right

    assert adds(2, 3) == 5
    assert prefect_server.endswith("/api")
