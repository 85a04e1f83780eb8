"""What sources say of articles, which of it is believed, and what people decided."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEPT_UP_TO_DATE = {
    "product_delivery": "state, decided_by, decided_at, reason",
    "source_product": "state, sku, how, candidates, identity, sha256, read_by, seen_at, run_id, decided_by, decided_at,"
    " reason",
    "product_claim": "sha256, fetched_at, seen_at, gone_at, place, licence",
    "product_value": "value, unit, claim_id, losers, conflict, why, rules_version, pinned_by, shop_value, shop_by,"
    " shop_seen_at, changed_at, run_id",
    "product_change": "state, decided_by, decided_at, reason, settled_at",
}
"""Tables to which the application adds rows, and the columns it may change afterwards."""


def upgrade() -> None:
    """Build the tables, their guards and rights."""
    create_tables()
    for table, columns in KEPT_UP_TO_DATE.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO soms_app")
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")
    op.execute("GRANT SELECT, INSERT, DELETE ON product_due TO soms_app")
    op.execute("GRANT SELECT ON product_due TO soms_audit")


def create_tables() -> None:
    """Create every new table and index."""
    op.create_table(
        "product_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("state IN ('let_in', 'stopped', 'released', 'discarded')", name="product_delivery_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("product_delivery_source", "product_delivery", ["channel", "source", "id"])
    op.create_table(
        "source_product",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("how", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("candidates", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("identity", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sha256", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("read_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("state NOT IN ('matched', 'duplicate') OR sku <> ''", name="source_product_of_something"),
        sa.CheckConstraint(
            "state IN ('matched', 'ambiguous', 'unknown', 'duplicate', 'declined')", name="source_product_state"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "source", "key", name="source_product_once"),
    )
    op.create_index(
        "source_product_article",
        "source_product",
        ["channel", "sku", "source"],
        unique=True,
        postgresql_where=sa.text("state = 'matched'"),
    )
    op.create_index("source_product_bytes", "source_product", ["source", "sha256"])
    op.create_index(
        "source_product_waiting", "source_product", ["channel", "id"], postgresql_where=sa.text("state = 'ambiguous'")
    )
    op.create_table(
        "product_claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("claim_hash", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("unit", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("source_kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("place", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("doubt", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("licence", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("confidence", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.Column("sha256", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name="product_claim_confidence"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "channel", "sku", "source", "attribute", "language", "claim_hash", name="product_claim_once"
        ),
    )
    op.create_index("product_claim_subject", "product_claim", [sa.text("((channel || ':'::text) || sku)")])
    op.create_index(
        "product_claim_unmapped",
        "product_claim",
        ["channel", "attribute"],
        postgresql_where=sa.text("attribute LIKE '?%'"),
    )
    op.create_table(
        "product_value",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("unit", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=True),
        sa.Column("losers", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("conflict", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("rules_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pinned_by", sa.Text(), nullable=True),
        sa.Column("shop_value", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("shop_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("shop_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("shop_by IN ('person', 'soms', '')", name="product_value_shop_by"),
        sa.PrimaryKeyConstraint("channel", "sku", "attribute", "language"),
    )
    op.create_index("product_value_subject", "product_value", [sa.text("((channel || ':'::text) || sku)")])
    op.create_table(
        "product_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("old", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("new", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("unit", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("rules_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("salt", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'held', 'approved', 'applied', 'kept', 'failed', 'declined', 'superseded')",
            name="product_change_state",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "product_change_open",
        "product_change",
        ["channel", "sku", "attribute", "language"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'held', 'approved')"),
    )
    op.create_index("product_change_run", "product_change", ["run_id"])
    op.create_index("product_change_value", "product_change", ["channel", "sku", "attribute", "language", "id"])
    op.create_table(
        "product_due",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "sku"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("product_due")
    for table in reversed(KEPT_UP_TO_DATE):
        op.drop_table(table)
