"""Brings a database to the current schema."""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run all migrations that are missing, as the owner of the schema. Safe to run again and by two at once.

    Args:
        owner_url: ``postgresql://`` URL of the role ``soms_owner``; ``soms_app`` and ``soms_audit`` must exist.
        revision: Where to stop; the newest when not said.
    """
    from alembic import command  # noqa: PLC0415 - seconds of import that only migrations need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = owner_url
    command.upgrade(config, revision)


def sqlalchemy_url(url: str) -> str:
    """Return the URL as SQLAlchemy wants it, with psycopg 3 as its driver."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
