"""What was fetched from manufacturers, and how it may be asked for again."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables, their guards and rights."""
    op.create_table(
        "fetched",
        words("source", default=None),
        words("key", default=None),
        words("url", default=None),
        words("role", default=None),
        sa.Column("step", sa.Integer(), nullable=False),
        words("parent"),
        words("about"),
        sa.Column("listed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("status", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        words("etag"),
        words("last_modified"),
        words("sha256"),
        sa.Column("inbox_id", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        moment("asked_at"),
        moment("fetched_at"),
        moment("changed_at"),
        sa.Column("next_due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "key"),
    )
    op.create_index("fetched_step", "fetched", ["source", "step", "key"], postgresql_where=sa.text("listed"))
    op.create_index("fetched_parent", "fetched", ["source", "parent"])
    op.create_index("fetched_inbox", "fetched", ["inbox_id"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON fetched TO soms_app")
    op.execute("GRANT SELECT ON fetched TO soms_audit")


def words(name: str, *, default: str | None = "") -> sa.Column[str]:
    """Return a column of text that is never null."""
    said = None if default is None else sa.text(f"'{default}'")
    return sa.Column(name, sa.Text(), server_default=said, nullable=False)


def moment(name: str) -> sa.Column[datetime]:
    """Return a column of a moment that is null until something happens."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("fetched")
