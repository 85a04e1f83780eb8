"""A Postgres and a Prefect server of your own take the place of the stack's."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from prefect.client.orchestration import get_client

from blocks.database.migrate import upgrade
from blocks.errors import SomsError, WrongUse
from deployments import local_stack
from deployments.narration import PlainNarrator
from deployments.stack import databases, embedded_postgres, parts, processes, roles
from deployments.stack.embedded_postgres import Cluster
from deployments.stack.registration import ensure_pool
from tests import stack


@pytest.fixture
def server() -> Iterator[Cluster]:
    """Return a server of somebody's own that has never heard of SOMS."""
    with stack.open_folder() as folder:
        yield embedded_postgres.start(folder, fast=True)
        embedded_postgres.stop(folder)


def _database(server: Cluster, owner: str = embedded_postgres.SUPERUSER) -> str:
    name = f"orders_{secrets.token_hex(4)}"
    embedded_postgres.create_database(server.url(), name, owner)
    return name


def _whoami(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


def test_an_administrators_address_gets_the_three_roles_and_the_schema(server: Cluster, tmp_path: Path):
    urls, prefect = databases.prepare(tmp_path, server.url(database=_database(server)), with_prefect=False)
    upgrade(urls[roles.OWNER])
    assert {role: _whoami(url) for role, url in urls.items()} == {role: role for role in roles.ROLES}
    assert prefect is None
    again, _ = databases.prepare(tmp_path, server.url(database=_database(server)), with_prefect=False)
    assert _whoami(again[roles.APP]) == roles.APP
    assert _whoami(urls[roles.APP]) == roles.APP, "the passwords of the first time still hold"


def test_a_user_without_rights_is_told_which_roles_are_missing(server: Cluster, tmp_path: Path):
    roles.create_roles(server.url(), {"somebody": "s3cret"})
    url = server.url(user="somebody", password="s3cret", database=_database(server, "somebody"))
    with pytest.raises(WrongUse, match="lacks the roles soms_app, soms_audit"):
        databases.prepare(tmp_path, url, with_prefect=False)
    roles.create_roles(server.url(), {roles.APP: "a", roles.AUDIT: "b"})
    urls, _ = databases.prepare(tmp_path, url, with_prefect=False)
    assert set(urls.values()) == {url}


def test_a_server_that_does_not_answer_is_an_error_in_one_sentence(tmp_path: Path):
    with pytest.raises(SomsError, match="The database of SOMS_DATABASE_URL does not answer"):
        databases.prepare(tmp_path, "postgresql://me@127.0.0.1:1/none", with_prefect=False)


async def _make_pool() -> None:
    async with get_client() as client:
        await ensure_pool(client)


@pytest.mark.stack
def test_with_both_of_your_own_only_the_worker_is_started(
    server: Cluster, prefect_server: str, monkeypatch: pytest.MonkeyPatch
):
    with stack.open_folder() as home:
        monkeypatch.setenv("SOMS_HOME", str(home))
        monkeypatch.setenv("SOMS_DATABASE_URL", server.url(database=_database(server)))
        monkeypatch.setenv("PREFECT_API_URL", prefect_server)
        local_stack.settings.cache_clear()
        asyncio.run(_make_pool())
        stack.pause_work(prefect_server)
        try:
            started = local_stack.up(PlainNarrator(), sandbox=False)
            assert {process.part for process in processes.marked(home)} == {parts.WORKER}
            assert embedded_postgres.running(home) is None
            assert started.prefect_api_url == prefect_server
            assert _whoami(started.database_urls[roles.APP]) == roles.APP
            assert [part["name"] for part in json.loads((home / "stack.json").read_text())["parts"]] == [parts.WORKER]
        finally:
            local_stack.down(PlainNarrator())
            stack.pause_work(prefect_server, paused=False)
            local_stack.settings.cache_clear()
        assert not processes.marked(home)
