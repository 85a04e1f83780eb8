"""When a shop was last read to show an article, and which stopped picture of stock a file was."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; digests of rows that are there stay valid, for nulls are left out of them."""
    op.add_column("article", sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("received_file", sa.Column("stock_import_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("received_file_stock_import", "received_file", "stock_import", ["stock_import_id"], ["id"])
    op.create_index(
        "received_file_stock_import",
        "received_file",
        ["stock_import_id"],
        postgresql_where=sa.text("stock_import_id IS NOT NULL"),
    )
    op.execute("GRANT UPDATE (stock_import_id) ON received_file TO soms_app")


def downgrade() -> None:
    """Drop both columns."""
    op.drop_index("received_file_stock_import", "received_file")
    op.drop_constraint("received_file_stock_import", "received_file", type_="foreignkey")
    op.drop_column("received_file", "stock_import_id")
    op.drop_column("article", "shown_at")
