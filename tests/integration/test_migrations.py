"""Migrations and models say the same, run twice without harm, and give each role just the rights it needs."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import blocks.database.tables  # noqa: F401 - fills the metadata
from blocks.database.engine import Database
from blocks.database.migrate import sqlalchemy_url, upgrade
from deployments.stack import embedded_postgres, roles
from deployments.stack.embedded_postgres import Cluster
from tests import desk, stack


def test_the_models_and_the_migrated_database_agree(database_url: stack.DatabaseUrls) -> None:
    engine = create_engine(sqlalchemy_url(database_url.owner))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_a_second_upgrade_changes_nothing(database_url: stack.DatabaseUrls) -> None:
    before = desk.ask(Database(database_url.owner), "SELECT * FROM audit_head")
    upgrade(database_url.owner)
    assert desk.ask(Database(database_url.owner), "SELECT * FROM audit_head") == before


def test_two_that_upgrade_a_new_database_at_once_build_it_once(postgres_cluster: Cluster) -> None:
    embedded_postgres.create_database(postgres_cluster.url(), "upgraded_by_two", roles.OWNER)
    owner = stack.urls(postgres_cluster, "upgraded_by_two").owner
    code = f"from blocks.database.migrate import upgrade; upgrade({owner!r})"
    both = [subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2]) for _ in range(2)]
    assert [starter.wait() for starter in both] == [0, 0]
    assert len(desk.ask(Database(owner), "SELECT * FROM alembic_version")) == 1


ALLOWED = {
    "alembic_version": "",
    "article": "INSERT UPDATE",
    "audit_event": "INSERT",
    "audit_head": "UPDATE",
    "backorder": "DELETE INSERT",
    "completeness_certificate": "INSERT",
    "correction": "INSERT",
    "customer": "INSERT UPDATE",
    "effect": "INSERT UPDATE",
    "file_record": "INSERT",
    "inbox": "INSERT",
    "lease": "DELETE INSERT UPDATE",
    "order_line": "DELETE INSERT UPDATE",
    "order_part": "DELETE INSERT",
    "order_status_entry": "INSERT",
    "order_version": "INSERT",
    "quality_result": "INSERT",
    "quarantine": "INSERT",
    "received_file": "INSERT",
    "reservation": "INSERT",
    "rulebook": "INSERT",
    "sales_order": "INSERT UPDATE",
    "source_cursor": "INSERT UPDATE",
    "stock": "INSERT UPDATE",
    "stock_location": "INSERT UPDATE",
    "system_turn": "INSERT UPDATE",
}
RIGHTS = """
SELECT tablename AS name, coalesce((SELECT string_agg(r, ' ' ORDER BY r)
  FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS r
  WHERE has_table_privilege(%(role)s, tablename::regclass, r)), '') AS rights,
  has_table_privilege(%(role)s, tablename::regclass, 'SELECT') AS reads
FROM pg_tables WHERE schemaname = 'public'
"""


@pytest.mark.parametrize("role", ["soms_app", "soms_audit"])
def test_each_role_has_just_the_rights_it_needs(database_url: stack.DatabaseUrls, role: str) -> None:
    rows = desk.ask(Database(database_url.owner), RIGHTS, {"role": role})
    allowed = ALLOWED if role == "soms_app" else dict.fromkeys(ALLOWED, "")
    assert {row["name"]: row["rights"] for row in rows} == allowed
    assert {row["reads"] for row in rows} == {True}


@pytest.mark.parametrize("role", ["app", "audit"])
def test_neither_application_nor_auditor_can_change_the_schema(database_url: stack.DatabaseUrls, role: str) -> None:
    url = getattr(database_url, role)
    for statement in (
        "CREATE TABLE mine (id int)",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TRIGGER guard_rows ON audit_event",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION row_text(jsonb) RETURNS text LANGUAGE sql AS $$ SELECT '' $$",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            desk.change(url, statement)


def test_what_came_in_cannot_be_changed_by_the_application(database_url: stack.DatabaseUrls) -> None:
    rows = desk.ask(
        Database(database_url.owner),
        "SELECT table_name || '.' || column_name AS name FROM information_schema.column_privileges"
        " WHERE grantee = 'soms_app' AND privilege_type = 'UPDATE' AND table_name IN ('inbox', 'quarantine')",
    )
    assert {row["name"] for row in rows} == {
        *(f"inbox.{name}" for name in ("state", "deliveries", "last_delivered_at")),
        *(f"quarantine.{name}" for name in ("state", "closed_at", "closed_by", "closing_reason")),
    }
