"""Migrations and models say the same, run twice without harm, and give each role just the rights it needs."""

import json
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
from blocks.database.audit_chain import FIRST_HASH, event_hash
from blocks.database.audit_verification import verify
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


LIVED_IN = """
INSERT INTO article (channel, sku, product_id, variant_id, kind, name, variant, gtin, tax_category, content_hash)
  VALUES ('berlin', 'LAMP', '1', '', 'simple', 'Lamp "A"', '', '', '', 'x');
INSERT INTO stock (warehouse, sku, on_hand, reserved) VALUES ('EAST', 'LAMP', 10, 2);
INSERT INTO customer (channel, external_id, name, company, email, vat_id, guest)
  VALUES ('berlin', '1', 'Jörg', '', 'j@example.com', '', false);
INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id)
  SELECT 'smartstore-shop/berlin', 'order', n::text, 'x', 'application/json', '\\x00ff', 'run'
  FROM generate_series(1, 3) n;
INSERT INTO sales_order (channel, external_id, number, status, channel_status, payment_status, currency, total,
  placed_at, customer_id, inbox_id, document, content_hash)
  SELECT 'berlin', '1', '1', 'accepted', 'new', 'paid', 'EUR', 19.5, now(), c.id, 1, '{}', 'x' FROM customer c;
INSERT INTO order_line (order_id, position, sku, name, quantity, unit_net, net, gross, tax_rate)
  SELECT id, n, 'LAMP', 'Lamp', 1, 1, 1, 1.19, 19 FROM sales_order, generate_series(1, 2) n;
INSERT INTO reservation (order_id, sku, warehouse, quantity, reason)
  SELECT id, 'LAMP', 'EAST', 2, 'order accepted' FROM sales_order;
INSERT INTO effect (business_key, process, system, kind, subject, payload)
  SELECT 'erp.sale:berlin:1', 'order_intake', 'tryton-erp/main', 'erp.sale', 'sales_order/1', '{}';
INSERT INTO quarantine (inbox_id, source, kind, external_id, faults)
  VALUES (2, 'smartstore-shop/berlin', 'order', '2', '[]');
INSERT INTO quality_result (batch, suite, expectation, description, severity, owner, passed, checked, unexpected)
  SELECT 'b1', 's', 'e' || n, '', 'warning', 'ada', true, 1, 0 FROM generate_series(1, 2) n;
"""
TOLD_OLD = """
SELECT '{table}/' || {key} AS subject,
  encode(sha256(convert_to(string_agg(row_text(to_jsonb(t)), E'\\n' ORDER BY {order}), 'UTF8')), 'hex') AS digest
FROM {table} t GROUP BY 1
"""
SUBJECTS = {
    "article": ("channel || ':' || sku", "sku"),
    "customer": ("id", "id"),
    "effect": ("id", "id"),
    "inbox": ("id", "id"),
    "order_line": ("order_id", "position"),
    "quality_result": ("batch", "id"),
    "quarantine": ("id", "id"),
    "reservation": ("order_id", "id"),
    "sales_order": ("id", "id"),
    "stock": ("warehouse || ':' || sku", "sku"),
}


def write_as_the_first_version_did(owner: str) -> None:
    """Put rows into a database of the first migration, and one event of each, digested and chained as it was then."""
    desk.change(owner, LIVED_IN)
    link, seq = FIRST_HASH, 0
    for table, (key, order) in SUBJECTS.items():
        for row in desk.ask(Database(owner), TOLD_OLD.format(table=table, key=key, order=order)):
            seq += 1
            at, facts = f"2026-01-01T00:00:0{seq % 10}.000000Z", json.dumps({"n": seq})
            digests = json.dumps({row["subject"]: row["digest"]}, separators=(",", ":"))
            told = (str(seq), at, "soms", "old", "", "row.made", row["subject"], digests, facts)
            following = event_hash(link, told)
            desk.change(owner, "INSERT INTO audit_event VALUES (" + "%s, " * 10 + "%s)", (*told, link, following))
            link = following
    desk.change(owner, "UPDATE audit_head SET seq = %s, hash = %s", (seq, link))


def test_a_database_of_the_first_version_with_data_in_it_upgrades_and_its_trail_still_agrees(
    postgres_cluster: Cluster, tmp_path: Path
) -> None:
    embedded_postgres.create_database(postgres_cluster.url(), "lived_in_since_0001", roles.OWNER)
    roles.open_to_roles(postgres_cluster.url(), "lived_in_since_0001")
    urls = stack.urls(postgres_cluster, "lived_in_since_0001")
    upgrade(urls.owner, "0001")
    write_as_the_first_version_did(urls.owner)
    upgrade(urls.owner)
    before = verify(Database(urls.audit), tmp_path / "none")
    assert (before.findings, before.events, before.subjects) == ((), 12, 12)
    desk.know(Database(urls.app), "BOOK")  # and it goes on being told
    assert verify(Database(urls.audit), tmp_path / "none").findings == ()
    desk.change(urls.owner, "UPDATE sales_order SET total = 1")
    assert [found.place for found in verify(Database(urls.audit), tmp_path / "none").findings] == ["sales_order 1"]


ALLOWED = {
    "accounting_export": "INSERT",
    "accounting_posting": "INSERT",
    "alembic_version": "",
    "article": "INSERT UPDATE",
    "audit_event": "INSERT",
    "audit_head": "UPDATE",
    "backorder": "DELETE INSERT",
    "completeness_certificate": "INSERT",
    "conversion": "INSERT",
    "conversion_correction": "INSERT",
    "correction": "INSERT",
    "customer": "INSERT UPDATE",
    "edi_counter": "INSERT UPDATE",
    "edi_interchange": "INSERT",
    "effect": "INSERT UPDATE",
    "erp_bill": "INSERT",
    "feed_delivery": "INSERT",
    "fetched": "INSERT UPDATE",
    "file_record": "INSERT",
    "inbox": "INSERT",
    "incoming_goods": "DELETE INSERT UPDATE",
    "invoice_decision": "INSERT",
    "invoice_evidence": "INSERT",
    "invoice_match": "INSERT",
    "invoice_verdict": "INSERT",
    "lease": "DELETE INSERT UPDATE",
    "legal_hold": "INSERT",
    "listing": "INSERT",
    "movement_cursor": "INSERT UPDATE",
    "order_line": "DELETE INSERT UPDATE",
    "order_part": "DELETE INSERT",
    "order_status_entry": "INSERT",
    "order_version": "INSERT",
    "product_change": "INSERT",
    "product_claim": "INSERT",
    "product_delivery": "INSERT",
    "product_due": "DELETE INSERT",
    "product_value": "INSERT",
    "purchase_line": "DELETE INSERT UPDATE",
    "purchase_proposal": "INSERT",
    "quality_result": "INSERT",
    "quarantine": "INSERT",
    "receipt_line": "DELETE INSERT UPDATE",
    "received_file": "INSERT",
    "received_invoice": "INSERT",
    "reconciliation": "INSERT",
    "reservation": "INSERT",
    "retention": "INSERT",
    "rulebook": "INSERT",
    "sales_order": "INSERT UPDATE",
    "seen_listing": "DELETE INSERT UPDATE",
    "source_cursor": "INSERT UPDATE",
    "source_product": "INSERT",
    "stock": "INSERT UPDATE",
    "stock_alert": "INSERT",
    "stock_difference": "INSERT",
    "stock_event": "INSERT",
    "stock_import": "INSERT",
    "stock_import_row": "DELETE INSERT UPDATE",
    "stock_location": "INSERT UPDATE",
    "supplier": "INSERT",
    "supplier_account": "INSERT",
    "supplier_layout": "INSERT",
    "edi_order_answer": "INSERT",
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
