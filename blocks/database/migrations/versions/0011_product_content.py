"""What the shop shows of each article, and what was written there, so that it can be taken back."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables, their guards and rights."""


def downgrade() -> None:
    """Drop the tables."""
