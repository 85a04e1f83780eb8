"""A rehearsal: everything is done in one transaction that is rolled back, so that nothing of it is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database.audit import Actor, Trail

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Stands in for a database: each of its transactions is a part of the one that is rolled back."""

    connection: "Connection"

    @contextmanager
    def audited(self, actor: Actor) -> "Iterator[tuple[Connection, Trail]]":
        """Lend the connection; what the trail is told is forgotten."""
        yield self.connection, Trail(actor)

    @contextmanager
    def connect(self) -> "Iterator[Connection]":
        """Lend the connection."""
        yield self.connection


@contextmanager
def rehearsal(database: "Database") -> Iterator[Rehearsal]:
    """Open a rehearsal; whatever is written in it is gone at its end."""
    with database.connect() as connection, connection.transaction(force_rollback=True):
        yield Rehearsal(connection)
