"""Invoices that were read from files, what people made of them, and what is known of suppliers' layouts."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import amount, identity, moment, optional_words, reference, salt, words


class ConversionRow(SQLModel, table=True):
    """One invoice that was read from a file. ``outcome``: proven | review | unreadable → released | rejected.

    ``part`` tells the invoices of one file apart (an interchange can hold several). ``invoice``, ``provenance``,
    ``reasons`` and ``not_held`` are JSON and say what was read, for good; corrections stand beside them. ``read_as``
    is the outcome of reading.
    """

    __tablename__ = "conversion"
    __table_args__ = (
        UniqueConstraint("inbox_id", "part", name="conversion_once"),
        Index("conversion_waiting", "source", "id", postgresql_where=text("outcome IN ('review', 'unreadable')")),
        Index("conversion_number", "supplier", "number", postgresql_where=text("number <> ''")),
        Index("conversion_run", "run_id"),
        CheckConstraint(
            "outcome IN ('proven', 'review', 'unreadable', 'released', 'rejected')", name="conversion_outcome"
        ),
        CheckConstraint("read_as IN ('proven', 'review', 'unreadable')", name="conversion_read_as"),
        CheckConstraint("read_as <> 'proven' OR invoice IS NOT NULL", name="conversion_proven_of_something"),
    )

    id: int = Field(sa_column=identity())
    inbox_id: int = Field(sa_column=reference())
    part: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    source: str = Field(sa_column=words())
    file_name: str = Field(sa_column=words())
    sha256: str = Field(sa_column=words())
    size: int = Field(sa_column=Column(Integer, nullable=False))
    outcome: str = Field(sa_column=words())
    read_as: str = Field(sa_column=words())
    reasons: str = Field(sa_column=words(default="[]"))
    invoice: str | None = Field(sa_column=optional_words())
    provenance: str = Field(sa_column=words(default="{}"))
    not_held: str = Field(sa_column=words(default="[]"))
    supplier: str = Field(sa_column=words(default=""))
    number: str = Field(sa_column=words(default=""))
    issued_on: date | None = Field(sa_column=Column(Date, nullable=True))
    gross: Decimal | None = Field(sa_column=amount(nullable=True))
    currency: str = Field(sa_column=words(default=""))
    target: str = Field(sa_column=words(default=""))
    target_format: str = Field(sa_column=words(default=""))
    recipient: str = Field(sa_column=words(default=""))
    converted_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    settled_at: datetime | None = Field(sa_column=moment(nullable=True))
    settled_by: str | None = Field(sa_column=optional_words())
    settled_reason: str | None = Field(sa_column=optional_words())
    salt: UUID = Field(sa_column=salt())


class ConversionCorrection(SQLModel, table=True):
    """A signed patch to what was read. ``state``: proposed → approved | declined; ``money`` needs a second person."""

    __tablename__ = "conversion_correction"
    __table_args__ = (
        Index("conversion_correction_of", "conversion_id"),
        CheckConstraint("state IN ('proposed', 'approved', 'declined')", name="conversion_correction_state"),
        CheckConstraint(
            "NOT money OR approved_by IS NULL OR approved_by <> by", name="conversion_correction_four_eyes"
        ),
    )

    id: int = Field(sa_column=identity())
    conversion_id: int = Field(sa_column=reference())
    patch: str = Field(sa_column=words())
    money: bool = Field(sa_column=Column(Boolean, nullable=False))
    reason: str = Field(sa_column=words())
    by: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment(default_now=True))
    state: str = Field(sa_column=words())
    approved_by: str | None = Field(sa_column=optional_words())
    approved_at: datetime | None = Field(sa_column=moment(nullable=True))
    salt: UUID = Field(sa_column=salt())


class SupplierLayout(SQLModel, table=True):
    """What a confirmed invoice taught of one layout of one supplier; append-only, the newest version counts.

    A version with ``withdrawn`` says that nothing is known any more.
    """

    __tablename__ = "supplier_layout"
    __table_args__ = (UniqueConstraint("supplier", "layout", "version", name="supplier_layout_version"),)

    id: int = Field(sa_column=identity())
    supplier: str = Field(sa_column=words())
    layout: str = Field(sa_column=words())
    version: int = Field(sa_column=Column(Integer, nullable=False))
    hints: str = Field(sa_column=words(default="{}"))
    withdrawn: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    conversion_id: int | None = Field(sa_column=reference(nullable=True))
    by: str = Field(sa_column=words())
    reason: str = Field(sa_column=words(default=""))
    at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())
