"""The audit trail: one append-only, hash-chained table that every change of an audited row is told to.

An event carries a digest of every row it touched, as the row stands after the change. A digest is the sha256 over
the canonical text of *all* columns of the rows with that key (see ``row_digests``), and rows with personal data hold
a random ``salt`` among their columns: the digest is a keyed commitment, so blanking the row erases the person while
the chain still verifies. Each event's hash covers all its columns and the hash before it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from psycopg import sql

from blocks.documents.base import canonical_json

if TYPE_CHECKING:
    from blocks.database.engine import Connection

FIRST_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a process in a flow run, or a person at a desk."""

    process: str
    run_id: str = ""
    name: str = "soms"


@dataclass(frozen=True, slots=True)
class Event:
    """One event before it is numbered: ``rows`` are (table, key) of every row the event changed."""

    kind: str
    subject: str
    rows: tuple[tuple[str, str], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


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
        touched = tuple((table, str(key)) for table, key in rows)
        self.events.append(Event(kind, subject, touched, facts or {}))

    def write(self, connection: "Connection") -> None:
        """Number, chain and COPY all events; moves the head. Nothing happens when there are none."""
        if not self.events:
            return
        digests = _digests_of(connection, self.events)
        head = connection.execute("SELECT seq, hash FROM audit_head FOR UPDATE").fetchone()
        if head is None:  # pragma: no cover - the first migration writes it
            raise RuntimeError("The audit chain has no head: run the migrations with `soms up`.")
        seq, previous = int(head["seq"]), str(head["hash"])
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        with connection.cursor().copy(
            "COPY audit_event (seq, at, actor, process, run_id, kind, subject, digests, facts, previous, hash)"
            " FROM STDIN"
        ) as copy:
            for event in self.events:
                seq += 1
                own = {f"{table}/{key}": digests[table, key] for table, key in event.rows if (table, key) in digests}
                columns = (
                    str(seq), moment, self.actor.name, self.actor.process, self.actor.run_id, event.kind, event.subject,
                    canonical_json(own), canonical_json(event.facts),
                )  # fmt: skip
                following = event_hash(previous, columns)
                copy.write_row((*columns, previous, following))
                previous = following
        connection.execute("UPDATE audit_head SET seq = %s, hash = %s", (seq, previous))
        self.events.clear()


def event_hash(previous: str, columns: Iterable[str]) -> str:
    """Return the hash of an event: sha256 over the hash before it and each column as ``length:text``."""
    text = previous + "".join(f"{len(column)}:{column}" for column in columns)
    return hashlib.sha256(text.encode()).hexdigest()


def _digests_of(connection: "Connection", events: Iterable[Event]) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = {}
    for event in events:
        for table, key in event.rows:
            wanted.setdefault(table, set()).add(key)
    found: dict[tuple[str, str], str] = {}
    for table, keys in wanted.items():
        query = digest_query(table) + sql.SQL(f" WHERE {AUDITED[table].lookup} GROUP BY 1")
        for row in connection.execute(query, (sorted(keys),)):
            found[table, row["key"]] = row["digest"]
    return found


def digest_query(table: str) -> sql.Composed:
    """Return ``SELECT key, digest FROM table``, to be completed by a WHERE and ``GROUP BY 1``."""
    return sql.SQL(
        "SELECT {key} AS key, encode(sha256(convert_to("
        "string_agg(row_text(to_jsonb(t)), E'\\n' ORDER BY {order}), 'UTF8')), 'hex') AS digest FROM {table} t"
    ).format(key=_key(table), order=sql.SQL(AUDITED[table].order), table=sql.Identifier(table))


def _key(table: str) -> sql.SQL:
    return sql.SQL(AUDITED[table].key)
