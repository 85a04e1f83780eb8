"""Rules, mappings and statuses as data: each version is kept, and every verdict names the one it was judged by."""

from datetime import datetime

from sqlalchemy import Column, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import identity, moment, words


class Rulebook(SQLModel, table=True):
    """One version of one rulebook, append-only; the highest version is the one in force. ``content`` is YAML text.

    ``kind``: order_rules | mapping_profile | order_statuses.
    """

    __tablename__ = "rulebook"
    __table_args__ = (UniqueConstraint("kind", "name", "version", name="rulebook_version"),)

    id: int = Field(sa_column=identity())
    kind: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    version: int = Field(sa_column=Column(Integer, nullable=False))
    content: str = Field(sa_column=words())
    content_hash: str = Field(sa_column=words())
    reason: str = Field(sa_column=words())
    by: str = Field(sa_column=words())
    activated_at: datetime = Field(sa_column=moment(default_now=True))
