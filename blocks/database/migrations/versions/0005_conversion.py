"""Invoices read from files, what people made of them, and what is known of suppliers' layouts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("supplier_layout",)
KEPT_UP_TO_DATE = {
    "conversion": "outcome, supplier, number, issued_on, gross, currency, settled_at, settled_by, settled_reason",
    "conversion_correction": "state, approved_by, approved_at",
}
"""Tables to which the application adds rows, and the columns it may change afterwards."""


def upgrade() -> None:
    """Build the tables, their guards and rights."""
    create_tables()
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


def create_tables() -> None:
    """Create every new table and index."""
    op.create_table(
        "conversion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("read_as", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=True),
        sa.Column("provenance", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("not_held", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("supplier", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("gross", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("currency", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("target", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("target_format", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("recipient", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("converted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_reason", sa.Text(), nullable=True),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('proven', 'review', 'unreadable', 'released', 'rejected')", name="conversion_outcome"
        ),
        sa.CheckConstraint("read_as IN ('proven', 'review', 'unreadable')", name="conversion_read_as"),
        sa.CheckConstraint("read_as <> 'proven' OR invoice IS NOT NULL", name="conversion_proven_of_something"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("inbox_id", "part", name="conversion_once"),
    )
    op.create_index("conversion_number", "conversion", ["supplier", "number"], postgresql_where=sa.text("number <> ''"))
    op.create_index("conversion_run", "conversion", ["run_id"])
    op.create_index(
        "conversion_waiting",
        "conversion",
        ["source", "id"],
        postgresql_where=sa.text("outcome IN ('review', 'unreadable')"),
    )
    op.create_table(
        "conversion_correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversion_id", sa.BigInteger(), nullable=False),
        sa.Column("patch", sa.Text(), nullable=False),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'declined')", name="conversion_correction_state"),
        sa.CheckConstraint(
            "NOT money OR approved_by IS NULL OR approved_by <> by", name="conversion_correction_four_eyes"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("conversion_correction_of", "conversion_correction", ["conversion_id"])
    op.create_table(
        "supplier_layout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hints", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("conversion_id", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("supplier", "layout", "version", name="supplier_layout_version"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("supplier_layout", "conversion_correction", "conversion"):
        op.drop_table(table)
