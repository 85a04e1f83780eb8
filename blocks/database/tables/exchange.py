"""What passes the borders: inbox, effects, quarantine, quality results, cursors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import identity, moment, optional_words, reference, salt, words


class InboxRecord(SQLModel, table=True):
    """Bytes as they came. ``state``: received → accepted | put_aside | rejected | superseded | ignored."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source", "kind", "external_id", "content_hash", name="inbox_delivery"),
        Index("inbox_received", "received_at", postgresql_using="brin"),
        Index("inbox_open", "source", "kind", "id", postgresql_where=text("state = 'received'")),
        CheckConstraint(
            "state IN ('received', 'accepted', 'put_aside', 'rejected', 'superseded', 'ignored')", name="inbox_state"
        ),
    )

    id: int = Field(sa_column=identity())
    source: str = Field(sa_column=words())
    kind: str = Field(sa_column=words())
    external_id: str = Field(sa_column=words())
    content_hash: str = Field(sa_column=words())
    content_type: str = Field(sa_column=words())
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    received_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words())
    state: str = Field(sa_column=words(default="received"))
    deliveries: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    last_delivered_at: datetime = Field(sa_column=moment(default_now=True))
    salt: UUID = Field(sa_column=salt())


class SourceCursor(SQLModel, table=True):
    """Up to when a source has been read, by the source's own clock."""

    __tablename__ = "source_cursor"

    source: str = Field(sa_column=words(primary_key=True))
    kind: str = Field(sa_column=words(primary_key=True))
    position: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment(default_now=True))


class Effect(SQLModel, table=True):
    """One call that changes an outside system. ``state``: due → claimed → done | failed | abandoned.

    ``maybe_done_at`` says since when it is unknown whether the target has done it without answering.
    ``handed_over_at`` is set just before a step that cannot be looked up afterwards, such as handing over a mail.
    """

    __tablename__ = "effect"
    __table_args__ = (
        Index("effect_open", "process", "kind", "due_at", postgresql_where=text("state IN ('due', 'claimed')")),
        Index("effect_subject", "subject"),
        CheckConstraint("state IN ('due', 'claimed', 'done', 'failed', 'abandoned')", name="effect_state"),
    )

    id: int = Field(sa_column=identity())
    business_key: str = Field(sa_column=words(unique=True))
    process: str = Field(sa_column=words())
    system: str = Field(sa_column=words())
    kind: str = Field(sa_column=words())
    subject: str = Field(sa_column=words())
    payload: str = Field(sa_column=words())
    state: str = Field(sa_column=words(default="due"))
    due_at: datetime = Field(sa_column=moment(default_now=True))
    token: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    attempts: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    maybe_done_at: datetime | None = Field(sa_column=moment(nullable=True))
    handed_over_at: datetime | None = Field(sa_column=moment(nullable=True))
    answer: str | None = Field(sa_column=optional_words())
    last_error: str | None = Field(sa_column=optional_words())
    created_at: datetime = Field(sa_column=moment(default_now=True))
    settled_at: datetime | None = Field(sa_column=moment(nullable=True))
    salt: UUID = Field(sa_column=salt())


class Lease(SQLModel, table=True):
    """Who holds claimed effects: kept alive while the worker lives, so a dead worker's claims fall free."""

    __tablename__ = "lease"

    token: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    holder: str = Field(sa_column=words())
    until: datetime = Field(sa_column=moment())
    system: str = Field(sa_column=words(default=""))


class SystemTurn(SQLModel, table=True):
    """When the next call may begin at a system that allows only so many per second."""

    __tablename__ = "system_turn"

    system: str = Field(sa_column=words(primary_key=True))
    next_at: datetime = Field(sa_column=moment())


class QuarantineRecord(SQLModel, table=True):
    """A record that was put aside with its reasons. ``state``: open → released | rejected | superseded."""

    __tablename__ = "quarantine"
    __table_args__ = (
        Index("quarantine_record", "inbox_id"),
        Index("quarantine_open", "source", "kind", postgresql_where=text("state = 'open'")),
        Index("quarantine_inbox", "inbox_id", unique=True, postgresql_where=text("state = 'open'")),
        CheckConstraint("state IN ('open', 'released', 'rejected', 'superseded')", name="quarantine_state"),
    )

    id: int = Field(sa_column=identity())
    inbox_id: int = Field(sa_column=reference())
    source: str = Field(sa_column=words())
    kind: str = Field(sa_column=words())
    external_id: str = Field(sa_column=words())
    faults: str = Field(sa_column=words())
    state: str = Field(sa_column=words(default="open"))
    opened_at: datetime = Field(sa_column=moment(default_now=True))
    closed_at: datetime | None = Field(sa_column=moment(nullable=True))
    closed_by: str | None = Field(sa_column=optional_words())
    closing_reason: str | None = Field(sa_column=optional_words())
    salt: UUID = Field(sa_column=salt())


class Correction(SQLModel, table=True):
    """A signed patch to a record that was put aside. ``state``: proposed → approved | declined.

    ``raw`` patches the bytes as they came (JSON), otherwise the order read from them; ``money`` needs a second person.
    """

    __tablename__ = "correction"
    __table_args__ = (
        Index("correction_inbox", "inbox_id"),
        CheckConstraint("state IN ('proposed', 'approved', 'declined')", name="correction_state"),
        CheckConstraint("NOT money OR approved_by IS NULL OR approved_by <> by", name="correction_four_eyes"),
    )

    id: int = Field(sa_column=identity())
    quarantine_id: int = Field(sa_column=reference(index=True))
    inbox_id: int = Field(sa_column=reference())
    patch: str = Field(sa_column=words())
    raw: bool = Field(sa_column=Column(Boolean, nullable=False))
    money: bool = Field(sa_column=Column(Boolean, nullable=False))
    reason: str = Field(sa_column=words())
    by: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment(default_now=True))
    state: str = Field(sa_column=words(default="proposed"))
    approved_by: str | None = Field(sa_column=optional_words())
    approved_at: datetime | None = Field(sa_column=moment(nullable=True))
    salt: UUID = Field(sa_column=salt())


class QualityResult(SQLModel, table=True):
    """What one expectation found in one batch."""

    __tablename__ = "quality_result"
    __table_args__ = (Index("quality_result_batch", "batch"),)

    id: int = Field(sa_column=identity())
    batch: str = Field(sa_column=words())
    suite: str = Field(sa_column=words())
    expectation: str = Field(sa_column=words())
    description: str = Field(sa_column=words())
    severity: str = Field(sa_column=words())
    owner: str = Field(sa_column=words())
    passed: bool = Field(sa_column=Column(Boolean, nullable=False))
    checked: int = Field(sa_column=Column(Integer, nullable=False))
    unexpected: int = Field(sa_column=Column(Integer, nullable=False))
    examples: str = Field(sa_column=words(default="[]"))
    judged_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
