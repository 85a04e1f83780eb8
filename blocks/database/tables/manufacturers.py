"""What was asked of manufacturers: each address, what it answered last, and when it may be asked again."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import moment, reference, words


class FetchedThing(SQLModel, table=True):
    """One address of a manufacturer's source; read anew from the outside, so it is not audited: the inbox is.

    ``key`` is the address as an index can hold it; ``role`` says what it is: robots, index, sitemap, list, item, page
    or sheet. Indexes have ``step`` 0, what they list 1, what that links to 2. ``listed`` is whether its ``parent``
    still names it. ``status`` is the last HTTP status, 0 before the first and -1 where no answer came or none was
    allowed.
    ``fetched_at`` is when it was last delivered or confirmed (304), ``changed_at`` when its content last was another.
    """

    __tablename__ = "fetched"
    __table_args__ = (
        Index("fetched_step", "source", "step", "key", postgresql_where=text("listed")),
        Index("fetched_parent", "source", "parent"),
        Index("fetched_inbox", "inbox_id"),
    )

    source: str = Field(sa_column=words(primary_key=True))
    key: str = Field(sa_column=words(primary_key=True))
    url: str = Field(sa_column=words())
    role: str = Field(sa_column=words())
    step: int = Field(sa_column=Column(Integer, nullable=False))
    parent: str = Field(sa_column=words(default=""))
    about: str = Field(sa_column=words(default=""))
    listed: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("true")))
    status: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    failures: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    etag: str = Field(sa_column=words(default=""))
    last_modified: str = Field(sa_column=words(default=""))
    sha256: str = Field(sa_column=words(default=""))
    inbox_id: int | None = Field(sa_column=reference(nullable=True))
    size: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    asked_at: datetime | None = Field(sa_column=moment(nullable=True))
    fetched_at: datetime | None = Field(sa_column=moment(nullable=True))
    changed_at: datetime | None = Field(sa_column=moment(nullable=True))
    next_due_at: datetime = Field(sa_column=moment(default_now=True))
