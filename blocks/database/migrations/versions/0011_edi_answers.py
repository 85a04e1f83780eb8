"""Which orders of EDI partners have been answered by ORDRSP."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the table, its guards and rights."""
    op.create_table(
        "edi_order_answer",
        sa.Column("inbox_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("interchange_id", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("fate IN ('accepted', 'changed', 'rejected')", name="edi_order_answer_fate"),
        sa.PrimaryKeyConstraint("inbox_id"),
    )
    op.execute(
        "CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON edi_order_answer "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER guard_table BEFORE TRUNCATE ON edi_order_answer "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("GRANT SELECT, INSERT ON edi_order_answer TO soms_app")
    op.execute("GRANT SELECT ON edi_order_answer TO soms_audit")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("edi_order_answer")
