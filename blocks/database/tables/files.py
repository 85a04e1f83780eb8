"""Files that came in, and which record came from which rows; the certificate that nothing was lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import identity, moment, optional_words, reference, salt, words


class ReceivedFile(SQLModel, table=True):
    """One file that was claimed from a folder. ``state``: claimed → read → answered | refused.

    ``archived_as`` is the path of its unchanged bytes in the archive; ``refusal`` says why none of it was read;
    ``stock_import_id`` names the picture of stock that the guard stopped, where the file was one.
    """

    __tablename__ = "received_file"
    __table_args__ = (
        UniqueConstraint("source", "archived_as", name="received_file_archived"),
        Index("received_file_content", "source", "sha256"),
        Index("received_file_stock_import", "stock_import_id", postgresql_where=text("stock_import_id IS NOT NULL")),
        CheckConstraint("state IN ('claimed', 'read', 'answered', 'refused')", name="received_file_state"),
    )

    id: int = Field(sa_column=identity())
    source: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    archived_as: str = Field(sa_column=words())
    sha256: str = Field(sa_column=words())
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    profile: str = Field(sa_column=words(default=""))
    profile_version: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    records: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    state: str = Field(sa_column=words(default="claimed"))
    refusal: str | None = Field(sa_column=optional_words())
    received_at: datetime = Field(sa_column=moment(default_now=True))
    settled_at: datetime | None = Field(sa_column=moment(nullable=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())
    stock_import_id: int | None = Field(
        sa_column=Column(BigInteger, ForeignKey("stock_import.id", name="received_file_stock_import"), nullable=True)
    )


class FileRecord(SQLModel, table=True):
    """Which rows of a file became which inbox record; rows count from 1 as people see them in the file."""

    __tablename__ = "file_record"
    __table_args__ = (Index("file_record_block", "file_id", text("(position / 1000)")),)

    file_id: int = Field(sa_column=Column(BigInteger, ForeignKey("received_file.id"), primary_key=True))
    position: int = Field(sa_column=Column(Integer, primary_key=True))
    first_row: int = Field(sa_column=Column(Integer, nullable=False))
    last_row: int = Field(sa_column=Column(Integer, nullable=False))
    external_id: str = Field(sa_column=words())
    inbox_id: int = Field(sa_column=reference(index=True))
    fresh: bool = Field(sa_column=Column(Boolean, nullable=False))
    """False when the same bytes had come before."""


class CompletenessCertificate(SQLModel, table=True):
    """What one source delivered in one window, against the source's own count; append-only.

    ``missing`` is a JSON list of the ids the source knows and SOMS did not; ``fetched`` of them were brought in.
    """

    __tablename__ = "completeness_certificate"
    __table_args__ = (Index("completeness_certificate_source", "source", "window_from"),)

    id: int = Field(sa_column=identity())
    source: str = Field(sa_column=words())
    window_from: datetime = Field(sa_column=moment())
    window_to: datetime = Field(sa_column=moment())
    source_count: int | None = Field(sa_column=Column(Integer, nullable=True))
    received: int = Field(sa_column=Column(Integer, nullable=False))
    accepted: int = Field(sa_column=Column(Integer, nullable=False))
    put_aside: int = Field(sa_column=Column(Integer, nullable=False))
    rejected: int = Field(sa_column=Column(Integer, nullable=False))
    duplicates: int = Field(sa_column=Column(Integer, nullable=False))
    superseded: int = Field(sa_column=Column(Integer, nullable=False))
    ignored: int = Field(sa_column=Column(Integer, nullable=False))
    unjudged: int = Field(sa_column=Column(Integer, nullable=False))
    missing: str = Field(sa_column=words(default="[]"))
    fetched: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    closes: bool = Field(sa_column=Column(Boolean, nullable=False))
    issued_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
