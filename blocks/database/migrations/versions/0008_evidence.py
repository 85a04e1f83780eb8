"""Postings and exports of approved invoices, the evidence that ties them to the supply, retention and holds."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("accounting_export", "invoice_evidence", "retention")
SET_ONCE = {"accounting_posting": "export_id", "legal_hold": "lifted_by, lifted_at, lifted_reason"}
"""Tables to which the application adds rows, and the columns that are filled in once and never changed again."""


def upgrade() -> None:
    """Build the tables, their guards and rights."""
    create_accounting()
    create_archive()
    op.execute(
        "CREATE FUNCTION refuse_second_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF to_jsonb(OLD) ->> TG_ARGV[0] IS NOT NULL OR TG_OP <> 'UPDATE' THEN "
        "RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP; END IF; RETURN NEW; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO soms_app")
    for table, columns in SET_ONCE.items():
        op.execute(
            f"CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_second_change('{columns.partition(',')[0]}')"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO soms_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (number, state, paid_on, heard_at) ON erp_bill TO soms_app")
    op.execute("GRANT SELECT ON erp_bill TO soms_audit")
    for table in (*APPEND_ONLY, *SET_ONCE):
        op.execute(
            f"CREATE TRIGGER guard_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")


def create_accounting() -> None:
    """Create the tables of the ERP's invoices, of postings and of what was exported."""
    op.create_table(
        "erp_bill",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("erp_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("rounding", sa.Numeric(precision=18, scale=8), server_default=sa.text("0"), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invoice_id", name="erp_bill_once"),
    )
    op.create_index("erp_bill_unpaid", "erp_bill", ["system", "id"], postgresql_where=sa.text("paid_on IS NULL"))
    op.create_table(
        "accounting_posting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("contra_account", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("tax_key", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("vat_category", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("supplier_vat_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("supplied_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("said", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("export_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("side IN ('S', 'H')", name="accounting_posting_side"),
        sa.CheckConstraint("amount >= 0", name="accounting_posting_positive"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invoice_id", "entry", name="accounting_posting_once"),
    )
    op.create_index(
        "accounting_posting_open",
        "accounting_posting",
        ["posted_on", "id"],
        postgresql_where=sa.text("export_id IS NULL"),
    )
    op.create_index("accounting_posting_export", "accounting_posting", ["export_id"])
    op.create_table(
        "accounting_export",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("postings", sa.Integer(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("datev", sa.LargeBinary(), nullable=False),
        sa.Column("listed", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def create_archive() -> None:
    """Create the tables of evidence, retention and holds."""
    op.create_table(
        "invoice_evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invoice_id", "kind", "source", "target", name="invoice_evidence_once"),
    )
    op.create_index("invoice_evidence_target", "invoice_evidence", ["target"])
    op.create_index("invoice_evidence_source", "invoice_evidence", ["source"])
    op.create_table(
        "retention",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("kept_as", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("kept_as IN ('voucher', 'book', 'letter')", name="retention_class"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("record", "kept_as", "ends_on", name="retention_once"),
    )
    op.create_index("retention_end", "retention", ["ends_on"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_reason", sa.Text(), nullable=True),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("scope IN ('everything', 'year', 'supplier', 'record')", name="legal_hold_scope"),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="legal_hold_lifted_by_somebody"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "legal_hold_standing", "legal_hold", ["scope", "value"], unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "legal_hold",
        "retention",
        "invoice_evidence",
        "accounting_export",
        "accounting_posting",
        "erp_bill",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_second_change()")
