"""Proof of the chain's links: each event's hash is recomputed here, outside the database, a few thousand at a time.

Postgres hands the events over as one text per few thousand, so that next to nothing is spent per event but its hash.
``python -m blocks.database.audit_links`` proves one part of a long chain: several such processes share the work, on one
picture of the database.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import tuple_row

from blocks.database.audit_chain import FIRST_HASH

if TYPE_CHECKING:
    from blocks.database.engine import Connection

MOST_FINDINGS = 100
"""Findings listed per check; the first break matters, a thousand more say nothing new."""

_EVENTS, _BYTES = 5000, 8_000_000
"""An event can be as long as the thousands of rows it tells of, so a portion is bounded in both."""
_RECORD, _FIELD, _PART = "\x1e", "\x1f", "\x1d"
_FIELDS, _PARTS = 8, 4
_COMMON = ("""to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""", "actor", "process", "run_id")
_OWN = ("kind", "subject", "digests", "facts", "previous", "hash")

Bounds = tuple[int, int]
"""First and last number of a part of the chain."""
WHOLE: Bounds = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where the trail and the tables disagree."""

    check: str
    place: str
    text: str


def broken_links(connection: "Connection", part: Bounds) -> list[Broken]:
    """Return where the events of a part do not follow from each other, or from the event before the part."""
    findings: list[Broken] = []
    number, link = _before(connection, part[0])
    for portion in portions(connection, part):
        found, number, link = _check(portion, number, link)
        findings += found
        if len(findings) >= MOST_FINDINGS:
            break
    return findings[:MOST_FINDINGS]


def _check(events: Sequence[Sequence[Any]], number: int, link: str) -> tuple[list[Broken], int, str]:
    """Check events that should follow an event with this number and hash; returns findings, last number and hash."""
    findings = []
    shared: Any = None
    common, sha256 = "", hashlib.sha256
    for seq, context, kind, subject, digests, facts, previous, claimed in events:
        if context != shared:
            shared, common = context, "".join(f"{len(column)}:{column}" for column in context_columns(context))
        covered = (
            f"{previous}{len(seq)}:{seq}{common}{len(kind)}:{kind}{len(subject)}:{subject}"
            f"{len(digests)}:{digests}{len(facts)}:{facts}"
        )
        genuine = sha256(covered.encode()).hexdigest() == claimed
        if not genuine or previous != link or seq != str(number + 1):
            findings.append(_finding(int(seq), number, changed=not genuine))
        number, link = int(seq), claimed
    return findings, number, link


def context_columns(context: Any) -> Sequence[str]:
    """Return at, actor, process and run_id of an event, which events of one transaction share."""
    return context.split(_PART) if isinstance(context, str) else context


def _finding(seq: int, before: int, *, changed: bool) -> Broken:
    place = f"audit_event {seq}"
    if seq != before + 1:
        return Broken("chain", place, f"Events {before + 1} to {seq - 1} are missing before event {seq}.")
    if changed:
        return Broken("chain", place, f"Event {seq} was changed after it was written.")
    return Broken("chain", place, f"Event {seq} does not follow from the one before it.")


def _before(connection: "Connection", seq: int) -> tuple[int, str]:
    row = connection.execute(
        "SELECT seq, hash FROM audit_event WHERE seq < %s ORDER BY seq DESC LIMIT 1", (seq,)
    ).fetchone()
    return (int(row["seq"]), str(row["hash"])) if row else (0, FIRST_HASH)


_CONTEXT = sql.SQL(f" || '{_PART}' || ").join(map(sql.SQL, _COMMON))
_LINE = sql.SQL(f" || '{_FIELD}' || ").join([sql.SQL("seq::text"), _CONTEXT, *map(sql.SQL, _OWN)])
_PORTION = sql.SQL(
    "SELECT string_agg(line, {record}), max(seq), count(*) FROM (SELECT seq, {line} AS line FROM ("
    "SELECT *, sum(octet_length(digests) + octet_length(facts)) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING)"
    " - octet_length(digests) - octet_length(facts) AS size FROM audit_event WHERE seq >= %s AND seq <= %s"
    " ORDER BY seq LIMIT {events}) bounded WHERE size < {bytes} OR size IS NULL) lines"
).format(record=sql.Literal(_RECORD), line=_LINE, events=sql.Literal(_EVENTS), bytes=sql.Literal(_BYTES))
_PLAIN = sql.SQL(
    "SELECT seq::text, {common}, {own} FROM audit_event WHERE seq >= %s AND seq <= %s ORDER BY audit_event.seq"
).format(common=sql.SQL(", ").join(map(sql.SQL, _COMMON)), own=sql.SQL(", ").join(map(sql.SQL, _OWN)))


def portions(connection: "Connection", part: Bounds) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the events of a part, a few thousand at a time, as lists of text.

    The fields: seq, context, kind, subject, digests, facts, previous, hash; ``context_columns`` takes a context apart.
    """
    first, last = part
    with connection.cursor(row_factory=tuple_row) as cursor:
        while row := cursor.execute(_PORTION, (first, last)).fetchone():
            text, reached, events = row
            if reached is None:
                return
            yield _split(text or "", events) or _plain(connection, (first, reached))
            first = reached + 1


def _split(text: str, events: int) -> list[list[str]]:
    """Return the fields of each event; nothing when a column is null or holds one of the separators itself."""
    found = text.count(_RECORD) + 1, text.count(_FIELD), text.count(_PART)
    if found != (events, events * (_FIELDS - 1), events * (_PARTS - 1)):
        return []
    return [line.split(_FIELD) for line in text.split(_RECORD)]


def _plain(connection: "Connection", part: Bounds) -> list[list[Any]]:
    """Return the fields of each event, column by column; a null becomes what Postgres can keep in no text."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_PLAIN, part).fetchall()
    told = [["\x00" if column is None else column for column in row] for row in rows]
    return [[row[0], row[1 : 1 + _PARTS], *row[1 + _PARTS :]] for row in told]


class Prover:
    """A process of its own that proves one part of the chain."""

    def __init__(self, url: str, snapshot: str, part: Bounds) -> None:
        """Start it on the picture of the database that another connection has exported."""
        self.part = part
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        if self._process.stdin:
            with self._process.stdin as order:
                json.dump({"url": url, "snapshot": snapshot, "part": part}, order)
            self._process.stdin = None

    def findings(self, connection: "Connection") -> list[Broken]:
        """Wait for its end and return what it found; what it could not prove is proved here instead."""
        said, _ = self._process.communicate()
        if self._process.returncode != 0:
            return broken_links(connection, self.part)
        return [Broken(**found) for found in json.loads(said)]


def prove_part() -> None:
    """Read one order from standard input, prove that part, and write the findings to standard output."""
    from blocks.database.engine import Database  # noqa: PLC0415 - the engine imports the trail

    order = json.load(sys.stdin)
    with Database(order["url"]).connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(order["snapshot"])))
        found = broken_links(connection, tuple(order["part"]))
    json.dump([asdict(each) for each in found], sys.stdout)


if __name__ == "__main__":
    prove_part()
