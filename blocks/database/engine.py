"""The way to Postgres: one connection helper, one transaction that carries its audit events."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg.rows import dict_row

from blocks.database.arrays import TextsDumper
from blocks.database.audit import Actor, Trail
from blocks.errors import TryAgainLater, WrongUse
from blocks.settings import settings

_OPTIONS = (
    "-c TimeZone=UTC -c bytea_output=hex"  # the digests of the audit trail are taken from text
    " -c statement_timeout=300000 -c idle_in_transaction_session_timeout=600000"
)

Connection = psycopg.Connection[dict[str, Any]]


def is_passing(error: psycopg.Error) -> bool:
    """Return whether the same work may succeed later: Postgres is away, busy or chose us to end a deadlock.

    What exceeds a limit of Postgres (class 54, e.g. an index entry that is too long) will do so again.
    """
    gone = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return gone and not (error.sqlstate or "").startswith("54")


@contextmanager
def breaking_off_told() -> Iterator[None]:
    """Say of a block in which Postgres breaks off that the same work may succeed later.

    Raises:
        TryAgainLater: It broke off; whether the transaction was committed is not known.
    """
    try:
        yield
    except psycopg.OperationalError as error:
        if not is_passing(error):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
        raise TryAgainLater(f"Postgres broke off the work: {reason}", maybe_done=True) from error


class Auditing(Protocol):
    """What opens audited transactions: a database, or one connection to it that is kept."""

    def audited(self, actor: Actor) -> AbstractContextManager[tuple[Connection, Trail]]:
        """Open one transaction whose audit events are written just before it commits."""


@dataclass(frozen=True, slots=True)
class Database:
    """A SOMS database by its URL (``postgresql://user:password@host:port/name``)."""

    url: str = field(repr=False)

    @classmethod
    def current(cls) -> "Database":
        """Return the configured database, as the application's role.

        Raises:
            WrongUse: None is configured and no local stack runs.
        """
        return cls(settings().require_database_url())

    @contextmanager
    def connect(self, *, autocommit: bool = False) -> Iterator[Connection]:
        """Open a connection with dict rows in UTC, closed at the end.

        Raises:
            TryAgainLater: Postgres cannot be reached.
            WrongUse: The URL is none of Postgres.
        """
        try:
            connection = psycopg.connect(
                self.url,
                autocommit=autocommit,
                row_factory=dict_row,
                connect_timeout=10,
                options=_OPTIONS,
            )
        except psycopg.ProgrammingError as error:  # nothing was sent: the address cannot be understood
            raise WrongUse("SOMS_DATABASE_URL must be written as postgresql://user:password@host:port/name.") from error
        except psycopg.OperationalError as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
            raise TryAgainLater(f"Postgres cannot be reached: {lines[-1] if lines else 'no answer'}") from error
        connection.adapters.register_dumper(list, TextsDumper)
        try:
            with breaking_off_told(), connection:
                yield connection
        finally:
            connection.close()

    @contextmanager
    def audited(self, actor: Actor) -> Iterator[tuple[Connection, Trail]]:
        """Open one transaction whose audit events are written just before it commits: facts and trail, or neither."""
        with self.connect() as connection, connection.transaction():
            trail = Trail(actor)
            yield connection, trail
            trail.write(connection)
