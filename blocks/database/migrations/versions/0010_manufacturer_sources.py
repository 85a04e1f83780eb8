"""What was fetched from manufacturers, and how it may be asked for again."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables, their guards and rights."""


def downgrade() -> None:
    """Drop the tables."""
