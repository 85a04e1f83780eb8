"""How Alembic reaches the database: one connection, one lock, one transaction per upgrade."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

import blocks.database.tables  # noqa: F401 - fills the metadata
from blocks.database.migrate import sqlalchemy_url

MIGRATION_LOCK = 7_205_759_403


def run() -> None:
    """Upgrade under an advisory lock, so that two starters do not collide."""
    engine = create_engine(sqlalchemy_url(context.config.attributes["url"]), hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
        context.run_migrations()
    engine.dispose()


run()
