"""One connection for many short transactions, one after the other.

A worker that claims and settles calls opens two transactions for every few calls. To log in, and to let Postgres read
its catalogue anew each time, takes several times as long as such a transaction itself.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

import psycopg

from blocks.database.audit import Actor, Trail
from blocks.database.engine import breaking_off_told

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database


class KeptConnection:
    """A connection that is opened when it is first needed, and anew when it broke since; for one thread."""

    def __init__(self, database: "Database") -> None:
        """Open nothing yet."""
        self._database, self._opened = database, ExitStack()
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        """Open nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._let_go()

    @contextmanager
    def connect(self) -> Iterator["Connection"]:
        """Open a transaction, committed at the end.

        Raises:
            TryAgainLater: Postgres cannot be reached, or broke off.
        """
        connection = self._alive()
        with breaking_off_told(), connection.transaction():
            yield connection

    @contextmanager
    def audited(self, actor: Actor) -> Iterator[tuple["Connection", Trail]]:
        """Open one transaction whose audit events are written just before it commits: facts and trail, or neither."""
        with self.connect() as connection:
            trail = Trail(actor)
            yield connection, trail
            trail.write(connection)

    def _alive(self) -> "Connection":
        """Return the connection if it still answers: it may have rested for minutes while calls were made."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT")
            except psycopg.Error:
                self._let_go()
        if self._connection is None:
            self._connection = self._opened.enter_context(self._database.connect(autocommit=True))
        return self._connection

    def _let_go(self) -> None:
        self._connection = None
        self._opened.close()
