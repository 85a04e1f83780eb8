"""A connection kept over many transactions: opened anew when it broke, and what breaks off is told."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from blocks.database.audit_verification import verify
from blocks.database.engine import Connection, Database
from blocks.database.kept_connection import KeptConnection
from blocks.errors import TryAgainLater
from deployments.stack.embedded_postgres import Cluster
from tests import desk, stack


def process(connection: Connection) -> int:
    return connection.info.backend_pid


def end(cluster: Cluster, pid: int) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def say(kept: KeptConnection, subject: str, then: Callable[[], object]) -> None:
    with kept.audited(desk.ACTOR) as (connection, trail):
        trail.add("said", subject)
        then()
        connection.execute("SELECT")


def test_one_connection_serves_until_it_breaks_and_what_it_had_not_committed_is_gone(
    database_url: stack.DatabaseUrls, postgres_cluster: Cluster, tmp_path: Path
) -> None:
    with KeptConnection(Database(database_url.app)) as kept:
        with kept.audited(desk.ACTOR) as (connection, trail):
            first = process(connection)
            trail.add("said", "first")
        with kept.connect() as connection:
            assert process(connection) == first
        end(postgres_cluster, first)  # while nobody uses it
        with kept.connect() as connection:
            second = process(connection)
        assert second != first
        with pytest.raises(TryAgainLater):
            say(kept, "lost", lambda: end(postgres_cluster, second))
        say(kept, "last", lambda: None)
        with pytest.raises(ZeroDivisionError):
            say(kept, "rolled back", lambda: 1 / 0)
    told = [row["subject"] for row in desk.ask(Database(database_url.audit), "SELECT subject FROM audit_event")]
    assert told == ["first", "last"]
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
