"""EDI: every interchange received and sent, and each partner's last control number."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from blocks.database.tables import columns
from blocks.database.tables.columns import identity, moment, salt, words


class EdiInterchange(SQLModel, table=True):
    """One interchange. ``direction``: in | out. ``verdict``: accepted | rejected | unknown_partner | conflict | sent.

    The bytes of one received are those of its inbox record; ``body`` holds those of one sent, so that it can be sent
    again. ``findings`` is a JSON list. ``acknowledged``: not_wanted | waiting | accepted | rejected.
    """

    __tablename__ = "edi_interchange"
    __table_args__ = (
        UniqueConstraint("direction", "partner", "sender", "reference", "content_hash", name="edi_interchange_once"),
        Index("edi_interchange_number", "partner", "direction", "number"),
        Index("edi_interchange_inbox", "inbox_id"),
        Index("edi_interchange_waiting", "partner", postgresql_where=text("acknowledged = 'waiting'")),
        CheckConstraint("direction IN ('in', 'out')", name="edi_interchange_direction"),
        CheckConstraint(
            "verdict IN ('accepted', 'rejected', 'unknown_partner', 'conflict', 'sent')", name="edi_interchange_verdict"
        ),
        CheckConstraint(
            "acknowledged IN ('not_wanted', 'waiting', 'accepted', 'rejected')", name="edi_interchange_acknowledged"
        ),
        CheckConstraint("(direction = 'in') = (body IS NULL)", name="edi_interchange_bytes"),
    )

    id: int = Field(sa_column=identity())
    direction: str = Field(sa_column=words())
    partner: str = Field(sa_column=words())
    source: str = Field(sa_column=words())
    sender: str = Field(sa_column=words())
    receiver: str = Field(sa_column=words())
    reference: str = Field(sa_column=words())
    number: int | None = Field(sa_column=columns.reference(nullable=True))
    test: bool = Field(sa_column=Column(Boolean, nullable=False))
    messages: str = Field(sa_column=words(default=""))
    content_hash: str = Field(sa_column=words())
    inbox_id: int | None = Field(sa_column=columns.reference(nullable=True))
    answers: int | None = Field(sa_column=columns.reference(nullable=True))
    body: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    exchanged_at: datetime = Field(sa_column=moment(default_now=True))
    verdict: str = Field(sa_column=words())
    findings: str = Field(sa_column=words(default="[]"))
    partners_version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    acknowledged: str = Field(sa_column=words(default="not_wanted"))
    acknowledged_at: datetime | None = Field(sa_column=moment(nullable=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class EdiCounter(SQLModel, table=True):
    """The last control number sent to a partner; moved in the transaction that books the interchange: no gaps."""

    __tablename__ = "edi_counter"

    partner: str = Field(sa_column=words(primary_key=True))
    last: int = Field(sa_column=Column(BigInteger, nullable=False))


class EdiOrderAnswer(SQLModel, table=True):
    """An order of a partner (its inbox record) that an interchange of ours answered. Append-only.

    ``fate``: accepted | changed | rejected.
    """

    __tablename__ = "edi_order_answer"
    __table_args__ = (CheckConstraint("fate IN ('accepted', 'changed', 'rejected')", name="edi_order_answer_fate"),)

    inbox_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    interchange_id: int = Field(sa_column=columns.reference())
    fate: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())
