"""Column types that several tables share; each call makes a column of its own."""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Numeric, Text, text
from sqlalchemy.dialects.postgresql import UUID


def identity() -> Any:
    """Return a bigint identity primary key."""
    return Column(BigInteger, Identity(always=False), primary_key=True)


def words(*, default: str | None = None, unique: bool = False, primary_key: bool = False) -> Any:
    """Return a text column that is never null."""
    server_default = None if default is None else text(f"'{default}'")
    return Column(Text, nullable=False, server_default=server_default, unique=unique, primary_key=primary_key)


def optional_words() -> Any:
    """Return a text column that may be null."""
    return Column(Text, nullable=True)


def moment(*, nullable: bool = False, default_now: bool = False) -> Any:
    """Return a timestamptz column."""
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text("now()") if default_now else None)


def amount(*, nullable: bool = False, default: str | None = None) -> Any:
    """Return a numeric(18,8) column for money or quantities."""
    return Column(Numeric(18, 8), nullable=nullable, server_default=None if default is None else text(default))


def salt() -> Any:
    """Return the random column that turns a row's digest into a keyed commitment."""
    return Column(UUID(as_uuid=True), nullable=False, server_default=text("gen_random_uuid()"))


def reference(*, nullable: bool = False, index: bool = False) -> Any:
    """Return a bigint that points at another row."""
    return Column(BigInteger, nullable=nullable, index=index)
