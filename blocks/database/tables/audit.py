"""The audit chain and its head."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, SmallInteger
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import moment, salt, words


class AuditEvent(SQLModel, table=True):
    """One link of the chain. ``digests``: subject → digest; ``facts``: ids, rule ids, amounts; never personal data."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("audit_event_subject", "subject"),)

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=moment())
    actor: str = Field(sa_column=words())
    process: str = Field(sa_column=words())
    run_id: str = Field(sa_column=words())
    kind: str = Field(sa_column=words())
    subject: str = Field(sa_column=words())
    digests: str = Field(sa_column=words())
    facts: str = Field(sa_column=words())
    previous: str = Field(sa_column=words())
    hash: str = Field(sa_column=words())


class AuditHead(SQLModel, table=True):
    """The chain's last link; ``chain`` tells this database's chain from any other's."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="audit_head_single"),)

    id: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    chain: UUID = Field(sa_column=salt())
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str = Field(sa_column=words())
