"""Received invoices, verdicts on them, what people decided, and suppliers' accounts."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("invoice_verdict", "invoice_decision")
KEPT_UP_TO_DATE = {
    "supplier": "name, erp_code, small_business, turnover_above_limit, domestic, answer_to, state, noted_by, noted_at",
    "supplier_account": "state, by, at, decided_by, decided_at, reason",
    "received_invoice": "supplier_id, number, type_code, issued_on, due_on, currency, net, vat, gross, payable, iban,"
    " content_hash, facts_hash, state, verdict_version, asked_at, settled_at, settled_by, settled_reason",
}
"""Tables to which the application adds rows, and the columns it may change afterwards."""


def upgrade() -> None:
    """Build the tables, their guards and rights."""
    create_suppliers()
    create_invoices()
    create_judgements()
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER guard_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO soms_app")
    for table, columns in KEPT_UP_TO_DATE.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO soms_app")
    for table in (*APPEND_ONLY, *KEPT_UP_TO_DATE):
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")


def identity() -> sa.Column[int]:
    """Return the column that counts rows."""
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def salt() -> sa.Column[UUID]:
    """Return the column that keeps digests of rows from being guessed."""
    return sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def words(name: str, *, default: str | None = "") -> sa.Column[str]:
    """Return a column of text that is never null."""
    return sa.Column(
        name, sa.Text(), server_default=None if default is None else sa.text(f"'{default}'"), nullable=False
    )


def moment(name: str, *, now: bool = False) -> sa.Column[datetime]:
    """Return a column of a moment: set at once, or null until something happens."""
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()") if now else None, nullable=not now
    )


def create_suppliers() -> None:
    """Create what is known of suppliers and of the accounts they want to be paid to."""
    op.create_table(
        "supplier",
        identity(),
        words("key", default=None),
        words("name"),
        words("erp_code"),
        sa.Column("small_business", sa.Boolean(), nullable=True),
        sa.Column("turnover_above_limit", sa.Boolean(), nullable=True),
        sa.Column("domestic", sa.Boolean(), nullable=True),
        words("answer_to"),
        words("state", default="new"),
        moment("first_seen_at", now=True),
        sa.Column("noted_by", sa.Text(), nullable=True),
        moment("noted_at"),
        words("run_id"),
        salt(),
        sa.CheckConstraint("state IN ('new', 'known', 'blocked')", name="supplier_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name="supplier_once"),
    )
    op.create_index("supplier_erp_code", "supplier", ["erp_code"], postgresql_where=sa.text("erp_code <> ''"))
    op.create_table(
        "supplier_account",
        identity(),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        words("iban", default=None),
        words("state", default="proposed"),
        words("by", default=None),
        moment("at", now=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        moment("decided_at"),
        words("reason"),
        words("run_id"),
        salt(),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'declined')", name="supplier_account_state"),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (decided_by IS NOT NULL AND decided_by <> by)", name="supplier_account_four_eyes"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("supplier_id", "iban", name="supplier_account_once"),
    )


def create_invoices() -> None:
    """Create the invoices that came, one for each conversion."""
    op.create_table(
        "received_invoice",
        identity(),
        sa.Column("conversion_id", sa.BigInteger(), nullable=False),
        words("source", default=None),
        sa.Column("supplier_id", sa.BigInteger(), nullable=True),
        words("number"),
        words("type_code"),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        words("currency"),
        sa.Column("net", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("vat", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("gross", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("payable", sa.Numeric(precision=18, scale=8), nullable=True),
        words("iban"),
        words("content_hash"),
        words("facts_hash"),
        words("erp"),
        words("answers"),
        words("state", default="received"),
        sa.Column("verdict_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        moment("asked_at"),
        moment("settled_at"),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_reason", sa.Text(), nullable=True),
        words("run_id"),
        salt(),
        sa.CheckConstraint(
            "state IN ('received', 'waiting', 'approved', 'rejected', 'posted', 'paid')", name="received_invoice_state"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversion_id", name="received_invoice_once"),
    )
    op.create_index("received_invoice_number", "received_invoice", ["supplier_id", "number"])
    op.create_index(
        "received_invoice_content",
        "received_invoice",
        ["content_hash"],
        postgresql_where=sa.text("content_hash <> ''"),
    )
    op.create_index(
        "received_invoice_open",
        "received_invoice",
        ["decide_by", "id"],
        postgresql_where=sa.text("state IN ('received', 'waiting')"),
    )
    op.create_index("received_invoice_run", "received_invoice", ["run_id"])


def create_judgements() -> None:
    """Create what rules found of invoices and what people, or rules, decided."""
    op.create_table(
        "invoice_verdict",
        identity(),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        words("verdict", default=None),
        words("format", default=None),
        words("business_rules", default=None),
        words("content", default=None),
        words("supply", default=None),
        words("input_tax", default=None),
        sa.Column("is_e_invoice", sa.Boolean(), nullable=True),
        sa.Column("fatal", sa.Integer(), nullable=False),
        words("facts_hash", default=None),
        words("view_hash", default=None),
        moment("judged_at", now=True),
        words("run_id"),
        salt(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invoice_id", "version", name="invoice_verdict_version"),
    )
    op.create_index("invoice_verdict_run", "invoice_verdict", ["run_id"])
    op.create_table(
        "invoice_decision",
        identity(),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        words("action", default=None),
        words("by", default=None),
        words("reason"),
        moment("at", now=True),
        sa.Column("verdict_version", sa.Integer(), nullable=False),
        words("view_hash", default=None),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("first_by", sa.Text(), nullable=True),
        words("limits"),
        words("run_id"),
        salt(),
        sa.CheckConstraint("first_by IS NULL OR first_by <> by", name="invoice_decision_four_eyes"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("invoice_decision_of", "invoice_decision", ["invoice_id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("invoice_decision", "invoice_verdict", "received_invoice", "supplier_account", "supplier"):
        op.drop_table(table)
