"""How the trail is proved: digests of any version agree, keys without rows are told, parts of the chain overlap."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from blocks.database import audit_verification
from blocks.database.audit_verification import verify, verify_on
from blocks.database.audited_tables import AUDITED, row_texts
from blocks.database.engine import Database
from deployments.stack.embedded_postgres import Cluster
from tests import audited_rows, desk, stack
from tests.orders import a_line, an_order


def test_a_rows_text_is_the_same_column_by_column_as_from_its_json(database_url: stack.DatabaseUrls) -> None:
    """Or no digest of an earlier version would agree any more."""
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK", 'Tab\t"quoted" \\ ä')
    desk.count(database, 30, "LAMP", "BOOK")
    unknown = desk.numbered(an_order(lines=(a_line("GHOST", 1, "5.00"),)))
    desk.take_in(database, an_order(), unknown)
    audited_rows.fill(database)
    with database.connect() as connection:
        for table, text in row_texts(connection, AUDITED).items():
            query = sql.SQL("SELECT {} AS ours, row_text(to_jsonb(t)) AS whole FROM {} t")
            rows = connection.execute(query.format(text, sql.Identifier(table))).fetchall()
            assert rows, table
            assert [row["ours"] for row in rows] == [row["whole"] for row in rows]


def test_what_is_told_of_a_key_without_rows_is_that_it_has_none(
    database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    """An order's lines may be taken away by right; slipped in again past the trail, they are found."""
    database, auditor = Database(database_url.app), Database(database_url.audit)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 30, "LAMP", "BOOK")
    desk.take_in(database, an_order())
    with database.audited(desk.ACTOR) as (connection, trail):
        gone = connection.execute("DELETE FROM order_line RETURNING *").fetchall()
        trail.add("order.emptied", "sales_order/1", [("order_line", gone[0]["order_id"])])
    assert verify(auditor, tmp_path / "none").findings == ()
    columns, values = ", ".join(gone[0]), ", ".join(["%s"] * len(gone[0]))
    insert = f"INSERT INTO order_line ({columns}) VALUES ({values})"  # noqa: S608 - our own columns
    desk.change(database.url, insert, [*gone[0].values()])
    (found,) = verify(auditor, tmp_path / "none").findings
    assert found.place == f"order_line {gone[0]['order_id']}"


@pytest.mark.parametrize("text", ["plain", "\x1d\x1e\x1f"], ids=["plain", "separators"])
def test_links_proved_over_several_connections_are_those_proved_over_one(
    database_url: stack.DatabaseUrls, postgres_cluster: Cluster, tmp_path: Path, monkeypatch: Any, text: str
) -> None:
    """Parts overlap by one link: a break at a cut is found like any other."""
    database, auditor, none = Database(database_url.app), Database(database_url.audit), tmp_path / "none"
    for number in range(4):
        with database.audited(desk.ACTOR) as (_, trail):
            for each in range(5):
                trail.add("said", f"{text}/{number}/{each}", (), {"text": text})
    monkeypatch.setattr(audit_verification, "LONG", 1)
    monkeypatch.setattr(audit_verification, "PARTS", 2)
    assert verify(auditor, none).findings == ()
    superuser = postgres_cluster.url(database=database_url.app.rpartition("/")[2])
    with psycopg.connect(superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE audit_event SET previous = repeat('1', 64) WHERE seq IN (11, 12)")
        connection.execute("DELETE FROM audit_event WHERE seq = 3")
    places = [found.place for found in verify(auditor, none).findings]
    with auditor.connect() as connection:
        assert [found.place for found in verify_on(connection, none).findings] == places
    assert places == ["audit_event 4", "audit_event 11", "audit_event 12"]
