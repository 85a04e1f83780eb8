"""The stock ledger, what shops are to show, comparisons and imports, alerts, proposals to buy, feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("feed_delivery", "stock_difference", "stock_event")
KEPT_UP_TO_DATE = {
    "listing": "wanted_quantity, wanted_visible, wanted_at, told_quantity, told_visible, told_at,"
    " hidden_by, hidden_why, hidden_at",
    "purchase_proposal": "quantity, needed_on, why, state, decided_by, decided_at, reason, erp_number",
    "reconciliation": "repaired, waiting, state, decided_by, reason",
    "stock_alert": "text, closed_at",
    "stock_import": "state, decided_by, decided_at, reason",
}
"""Tables to which the application adds rows, and the columns it may change afterwards."""
READ_ANEW = ("incoming_goods", "seen_listing", "stock_import_row")
"""Tables that repeat what an outside system says."""


def upgrade() -> None:
    """Build the tables, their guards and rights; rows that are there already keep their digests."""
    create_tables()
    op.add_column("article", sa.Column("category", sa.Text(), nullable=True))  # null: digests leave nulls out
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
    op.execute("GRANT SELECT, INSERT, UPDATE ON movement_cursor TO soms_app")
    for table in READ_ANEW:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO soms_app")
    for table in (*APPEND_ONLY, *KEPT_UP_TO_DATE, *READ_ANEW, "movement_cursor"):
        op.execute(f"GRANT SELECT ON {table} TO soms_audit")


def create_tables() -> None:
    """Create every new table and index."""
    op.create_table(
        "feed_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("feed", "due_at", name="feed_delivery_once"),
    )
    op.create_table(
        "incoming_goods",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "document", "warehouse", "sku"),
    )
    op.create_table(
        "listing",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("wanted_quantity", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("wanted_visible", sa.Boolean(), nullable=True),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_quantity", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("told_visible", sa.Boolean(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hidden_why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("hidden_by IN ('', 'soms', 'person')", name="listing_hidden_by"),
        sa.PrimaryKeyConstraint("channel", "sku"),
    )
    op.create_index("listing_subject", "listing", [sa.literal_column("((channel || ':'::text) || sku)")], unique=False)
    op.create_table(
        "purchase_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("erp_number", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'declined', 'ordered', 'outdated')", name="purchase_proposal_state"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "purchase_proposal_open",
        "purchase_proposal",
        ["warehouse", "sku"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'approved')"),
    )
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state IN ('done', 'stopped', 'released')", name="reconciliation_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "seen_listing",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("own_rule", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "sku"),
    )
    op.create_table(
        "stock_alert",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "stock_alert_open",
        "stock_alert",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "stock_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state IN ('applied', 'stopped', 'released', 'declined')", name="stock_import_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stock_import_source", "stock_import", ["source", "as_of"], unique=False)
    op.create_table(
        "stock_difference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("field IN ('quantity', 'visibility')", name="stock_difference_field"),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_stock_difference_reconciliation_id"), "stock_difference", ["reconciliation_id"], unique=False
    )
    op.create_index("stock_difference_article", "stock_difference", ["sku", "id"], unique=False)
    op.create_table(
        "stock_import_row",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("forecast", sa.Numeric(precision=18, scale=8), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["stock_import.id"],
        ),
        sa.PrimaryKeyConstraint("import_id", "warehouse", "location", "sku"),
    )
    op.create_table(
        "movement_cursor",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "stock_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("delta", sa.Numeric(precision=18, scale=8), nullable=False),
        sa.Column("ignored", sa.Text(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opening', 'count', 'receipt', 'shipment', 'sale', 'return', 'void', 'transfer', 'adjustment')",
            name="stock_event_kind",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "event_id", name="stock_event_once"),
    )
    op.create_index(op.f("ix_stock_event_order_id"), "stock_event", ["order_id"], unique=False)
    op.create_index(
        "stock_event_counts",
        "stock_event",
        ["sku", "warehouse", "happened_at"],
        unique=False,
        postgresql_where=sa.text("kind IN ('opening', 'count') AND ignored IS NULL"),
    )
    op.create_index("stock_event_heard", "stock_event", ["heard_at"], unique=False)
    op.create_index(
        "stock_event_slip",
        "stock_event",
        ["source", "document"],
        unique=False,
        postgresql_where=sa.text("kind IN ('sale', 'return', 'void', 'count')"),
    )
    op.create_index("stock_event_history", "stock_event", ["sku", "warehouse", "happened_at"], unique=False)
