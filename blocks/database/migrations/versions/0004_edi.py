"""EDI: interchanges sent and received, and the control numbers of each partner."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHANGEABLE = "partner, verdict, findings, partners_version, acknowledged, acknowledged_at"
"""Columns of an interchange that the application may change: what became of it, never what it was."""


def upgrade() -> None:
    """Build the tables, their guards and rights."""
    create_tables()
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({CHANGEABLE}) ON edi_interchange TO soms_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON edi_counter TO soms_app")
    for table in ("edi_interchange", "edi_counter"):
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")


def create_tables() -> None:
    """Create both tables and their indexes."""
    op.create_table(
        "edi_interchange",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=True),
        sa.Column("answers", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("exchanged_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("partners_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("acknowledged", sa.Text(), server_default=sa.text("'not_wanted'"), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name="edi_interchange_direction"),
        sa.CheckConstraint(
            "verdict IN ('accepted', 'rejected', 'unknown_partner', 'conflict', 'sent')", name="edi_interchange_verdict"
        ),
        sa.CheckConstraint(
            "acknowledged IN ('not_wanted', 'waiting', 'accepted', 'rejected')", name="edi_interchange_acknowledged"
        ),
        sa.CheckConstraint("(direction = 'in') = (body IS NULL)", name="edi_interchange_bytes"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("direction", "partner", "sender", "reference", "content_hash", name="edi_interchange_once"),
    )
    op.create_index("edi_interchange_number", "edi_interchange", ["partner", "direction", "number"])
    op.create_index("edi_interchange_inbox", "edi_interchange", ["inbox_id"])
    op.create_index(
        "edi_interchange_waiting",
        "edi_interchange",
        ["partner"],
        postgresql_where=sa.text("acknowledged = 'waiting'"),
    )
    op.create_table(
        "edi_counter",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("edi_counter")
    op.drop_table("edi_interchange")
