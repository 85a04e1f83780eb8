"""Versions, parts, back-orders, statuses, corrections, files, certificates and rulebooks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("completeness_certificate", "file_record", "order_status_entry", "order_version", "rulebook")
KEPT_UP_TO_DATE = {
    "backorder": "served_at, quantity",
    "correction": "state, approved_by, approved_at",
    "order_part": "warehouse, erp_number",
    "received_file": "sha256, size, profile, profile_version, records, state, refusal, settled_at",
}
"""Tables to which the application adds rows, and the columns it may change afterwards."""


def upgrade() -> None:
    """Build the tables, their guards and rights; rows that are there already keep their digests."""
    create_tables()
    widen_states()
    # By these the audit trail finds the rows it digests.
    op.create_index("article_subject", "article", [sa.text("(channel || ':' || sku)")], unique=False)
    op.create_index("stock_subject", "stock", [sa.text("(warehouse || ':' || sku)")], unique=False)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER guard_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO soms_app")
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")
    for table, columns in KEPT_UP_TO_DATE.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO soms_app")
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")
    op.execute("GRANT UPDATE, DELETE ON order_line TO soms_app")  # a changed order has other lines
    op.execute("GRANT DELETE ON order_part, backorder TO soms_app")  # and other parts


def widen_states() -> None:
    """Let records be rejected, and orders be held or cancelled."""
    states = "'received', 'accepted', 'put_aside', 'rejected', 'superseded', 'ignored'"
    op.drop_constraint("inbox_state", "inbox")
    op.create_check_constraint("inbox_state", "inbox", f"state IN ({states})")
    op.drop_constraint("sales_order_status_known", "sales_order")
    known = "'accepted', 'short', 'held', 'cancelled'"
    op.create_check_constraint("sales_order_status_known", "sales_order", f"status IN ({known})")


def create_tables() -> None:
    """Create every new table, column and index."""
    op.create_table(
        "completeness_certificate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_count", sa.Integer(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("put_aside", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("superseded", sa.Integer(), nullable=False),
        sa.Column("ignored", sa.Integer(), nullable=False),
        sa.Column("unjudged", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("fetched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "completeness_certificate_source", "completeness_certificate", ["source", "window_from"], unique=False
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("quarantine_id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("patch", sa.Text(), nullable=False),
        sa.Column("raw", sa.Boolean(), nullable=False),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'declined')", name="correction_state"),
        sa.CheckConstraint("NOT money OR approved_by IS NULL OR approved_by <> by", name="correction_four_eyes"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("correction_inbox", "correction", ["inbox_id"], unique=False)
    op.create_index(op.f("ix_correction_quarantine_id"), "correction", ["quarantine_id"], unique=False)
    op.create_table(
        "received_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("archived_as", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("profile_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("records", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'claimed'"), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("state IN ('claimed', 'read', 'answered', 'refused')", name="received_file_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "archived_as", name="received_file_archived"),
    )
    op.create_index("received_file_content", "received_file", ["source", "sha256"], unique=False)
    op.create_table(
        "rulebook",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "name", "version", name="rulebook_version"),
    )
    op.create_table(
        "file_record",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("last_row", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["received_file.id"],
        ),
        sa.PrimaryKeyConstraint("file_id", "position"),
    )
    op.create_index(op.f("ix_file_record_inbox_id"), "file_record", ["inbox_id"], unique=False)
    op.create_index("file_record_block", "file_record", ["file_id", sa.text("(position / 1000)")], unique=False)
    op.create_table(
        "backorder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('backorder', 'preorder')", name="backorder_kind"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("backorder_open", "backorder", ["sku"], unique=False, postgresql_where=sa.text("served_at IS NULL"))
    op.create_index(op.f("ix_backorder_order_id"), "backorder", ["order_id"], unique=False)
    op.create_table(
        "order_part",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("erp_number", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "part"),
    )
    op.create_table(
        "order_status_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("system_status", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("outcome IN ('applied', 'overruled', 'unmapped')", name="order_status_entry_outcome"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_order_status_entry_order_id"), "order_status_entry", ["order_id"], unique=False)
    unmapped = sa.text("outcome = 'unmapped'")
    op.create_index(
        "order_status_entry_unmapped", "order_status_entry", ["id"], unique=False, postgresql_where=unmapped
    )
    numbered = sa.text("erp_number IS NOT NULL")
    for table in ("sales_order", "order_part"):
        op.create_index(f"{table}_erp_number", table, ["erp_number"], unique=False, postgresql_where=numbered)
    op.create_index("inbox_received", "inbox", ["received_at"], unique=False, postgresql_using="brin")
    op.create_index("sales_order_booked", "sales_order", ["booked_at"], unique=False, postgresql_using="brin")
    op.create_table(
        "order_version",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("delta", sa.Numeric(precision=18, scale=8), server_default=sa.text("0"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "version"),
    )
    op.create_index("quarantine_record", "quarantine", ["inbox_id"], unique=False)
    op.add_column("article", sa.Column("preorder", sa.Boolean(), nullable=True))
    op.add_column("article", sa.Column("available_on", sa.Date(), nullable=True))
    op.add_column("effect", sa.Column("maybe_done_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("effect", sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lease", sa.Column("system", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "system_turn",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON system_turn TO soms_app")
    op.execute("GRANT SELECT ON system_turn TO soms_audit")
    op.add_column("sales_order", sa.Column("lifecycle", sa.Text(), nullable=True))
