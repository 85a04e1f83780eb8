"""What was ordered of suppliers and what came, and what invoices were held against."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = ("invoice_match",)
MIRRORED = ("purchase_line", "receipt_line")
"""Read anew from the ERP whenever it has changed there: no record of ours, so not audited."""


def upgrade() -> None:
    """Build the tables, their guards and rights."""
    create_mirror()
    create_matches()
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER guard_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO soms_app")
    for table in MIRRORED:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO soms_app")
    for table in (*APPEND_ONLY, *MIRRORED):
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")


def words(name: str, *, default: str | None = "") -> sa.Column[str]:
    """Return a column of text that is never null."""
    return sa.Column(
        name, sa.Text(), server_default=None if default is None else sa.text(f"'{default}'"), nullable=False
    )


def figure(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """Return a column for a quantity or a price."""
    return sa.Column(name, sa.Numeric(precision=24, scale=8), nullable=nullable)


def now(name: str) -> sa.Column[Any]:
    """Return a column of the moment a row was written."""
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def create_mirror() -> None:
    """Create the mirror of orders and receipts in the ERP."""
    op.create_table(
        "purchase_line",
        words("system", default=None),
        words("line", default=None),
        words("purchase", default=None),
        words("purchase_key", default=None),
        words("position"),
        words("supplier", default=None),
        words("supplier_reference"),
        words("reference_key"),
        words("sku"),
        words("sku_key"),
        words("supplier_sku"),
        words("supplier_sku_key"),
        words("gtin"),
        words("gtin_key"),
        words("description"),
        words("kind", default="goods"),
        figure("quantity"),
        words("unit", default="C62"),
        figure("unit_price"),
        words("currency", default="EUR"),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        now("read_at"),
        sa.CheckConstraint("kind IN ('goods', 'service', 'charge')", name="purchase_line_kind"),
        sa.PrimaryKeyConstraint("system", "line"),
    )
    op.create_index("purchase_line_of", "purchase_line", ["purchase_key"])
    op.create_index(
        "purchase_line_reference", "purchase_line", ["reference_key"], postgresql_where=sa.text("reference_key <> ''")
    )
    for key in ("sku_key", "supplier_sku_key", "gtin_key"):
        op.create_index(
            f"purchase_line_{key}", "purchase_line", ["supplier", key], postgresql_where=sa.text(f"{key} <> ''")
        )
    op.create_index("purchase_line_supplier", "purchase_line", ["supplier", "ordered_on"])
    op.create_table(
        "receipt_line",
        words("system", default=None),
        words("line", default=None),
        words("receipt", default=None),
        words("receipt_key", default=None),
        words("delivery_note"),
        words("note_key"),
        words("order_line"),
        words("sku"),
        figure("quantity"),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        now("read_at"),
        sa.PrimaryKeyConstraint("system", "line"),
    )
    op.create_index("receipt_line_of", "receipt_line", ["system", "order_line"])
    op.create_index("receipt_line_receipt", "receipt_line", ["receipt_key"])
    op.create_index("receipt_line_note", "receipt_line", ["note_key"], postgresql_where=sa.text("note_key <> ''"))


def create_matches() -> None:
    """Create what each invoice line was held against."""
    op.create_table(
        "invoice_match",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        words("line", default=None),
        words("system"),
        words("order_line"),
        words("purchase"),
        words("receipt_line"),
        words("receipt"),
        figure("quantity", nullable=True),
        words("unit"),
        figure("unit_price", nullable=True),
        figure("order_price", nullable=True),
        figure("deviation", nullable=True),
        words("tolerance"),
        words("how"),
        sa.Column("tolerances_version", sa.Integer(), nullable=False),
        now("matched_at"),
        words("run_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("invoice_match_of", "invoice_match", ["invoice_id", "version"])
    op.create_index(
        "invoice_match_order", "invoice_match", ["system", "order_line"], postgresql_where=sa.text("order_line <> ''")
    )
    op.create_index(
        "invoice_match_prepayment",
        "invoice_match",
        ["system", "purchase"],
        postgresql_where=sa.text("how = 'prepayment'"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in (*APPEND_ONLY, *MIRRORED):
        op.drop_table(table)
