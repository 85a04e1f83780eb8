"""The audit trail: one append-only, hash-chained table that every change of an audited row is told to.

An event carries a digest of every row it touched, as the row stands after the change. A digest is the sha256 over
the canonical text of *all* columns of the rows with that key (see ``audited_tables``), and rows with personal data hold
a random ``salt`` among their columns: the digest is a keyed commitment, so blanking the row erases the person while
the chain still verifies. Each event's hash covers all its columns and the hash before it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql
from psycopg.rows import tuple_row

from blocks.database.audit_chain import COLUMNS, Chained, Told, told
from blocks.database.audited_tables import AUDITED, digest_query, row_texts

if TYPE_CHECKING:
    from blocks.database.engine import Connection

GONE = ""
"""The digest an event carries for a key that has no rows any more, or has none yet."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a process in a flow run, or a person at a desk."""

    process: str
    run_id: str = ""
    name: str = "soms"


class Event(NamedTuple):
    """One event before it is numbered: ``rows`` are (table, key) of every row the event changed."""

    kind: str
    subject: str
    rows: Sequence[tuple[str, str]]
    facts: Mapping[str, Any]


class Trail:
    """Collects a transaction's events and writes them in one go, so that the chain's head is locked but briefly."""

    def __init__(self, actor: Actor) -> None:
        """Start empty."""
        self.actor = actor
        self.events: list[Event] = []

    def add(
        self, kind: str, subject: str, rows: Iterable[tuple[str, object]] = (), facts: Mapping[str, Any] | None = None
    ) -> None:
        """Tell one event: ``kind`` like 'order.accepted', ``subject`` like 'sales_order/17'."""
        touched = [(table, str(key)) for table, key in rows] if rows else ()
        self.events.append(Event(kind, subject, touched, facts or {}))

    def write(self, connection: "Connection") -> None:
        """Number, chain and COPY all events; moves the head. Nothing happens when there are none."""
        if not self.events:
            return
        events = _with_digests(connection, self.events)
        head = connection.execute("SELECT seq, hash FROM audit_head FOR UPDATE").fetchone()
        if head is None:  # pragma: no cover - the first migration writes it
            raise RuntimeError("The audit chain has no head: run the migrations with `soms up`.")
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        common = (moment, self.actor.name, self.actor.process, self.actor.run_id)
        chain = Chained(head["hash"], head["seq"], common, events)
        with connection.cursor().copy(f"COPY audit_event ({COLUMNS}) FROM STDIN") as copy:
            for block in chain:
                copy.write(block)
        connection.execute("UPDATE audit_head SET seq = %s, hash = %s", (chain.seq, chain.head))
        self.events.clear()


def _with_digests(connection: "Connection", events: Sequence[Event]) -> Iterator[Told]:
    """Read the digests of every row the events name; put the events into words only as Postgres takes them in."""
    wanted: dict[str, set[str]] = {}
    for event in events:
        for table, key in event.rows:
            wanted.setdefault(table, set()).add(key)
    texts = row_texts(connection, wanted) if wanted else {}
    found = {table: _digests_of(connection, table, texts[table], keys) for table, keys in wanted.items()}
    return (
        told(kind, subject, {f"{table}/{key}": found[table].get(key, GONE) for table, key in rows}, facts)
        if rows
        else told(kind, subject, {}, facts)
        for kind, subject, rows, facts in events
    )


def _digests_of(connection: "Connection", table: str, text: sql.Composable, keys: Iterable[str]) -> dict[str, str]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return dict(cursor.execute(digest_query(table, text, AUDITED[table].lookup), (sorted(keys),)).fetchall())
