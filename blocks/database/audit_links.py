"""Proof of the chain's links, and the chain's events as text for whoever proves it without the database.

Postgres recomputes every hash over the columns as they stand, so that no event has to be carried out of it; an export
is proved again by a program that shares nothing with Postgres (``offline_verifier``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import tuple_row

from blocks.database.audit_chain import FIRST_HASH

if TYPE_CHECKING:
    from blocks.database.engine import Connection

MOST_FINDINGS = 100
"""Findings listed per check; the first break matters, a thousand more say nothing new."""

_AT_ONCE = 100_000
"""Events proved by one statement, which has to end within the time that statements are given, and whose hashes are laid
side by side: 64 bytes of memory an event, twice."""
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


def _said(*columns: str) -> sql.Composable:
    said = (sql.SQL("length({column}) || ':' || {column}").format(column=sql.SQL(column)) for column in columns)
    return sql.SQL(" || ").join(said)


_EVENTS_HASHED = sql.SQL("""
FROM audit_event e CROSS JOIN LATERAL (SELECT '27:' || {at} || {alike} AS said OFFSET 0) alike
  CROSS JOIN LATERAL (SELECT
    e.at < timestamptz '0001-01-01 00:00:00+00' OR encode(sha256(convert_to(
      e.previous || length(e.seq::text) || ':' || e.seq || alike.said || {own}, 'UTF8')), 'hex')
      IS DISTINCT FROM e.hash AS changed) judged
WHERE e.seq >= %(first)s AND e.seq <= %(last)s
""").format(
    at=sql.SQL(_COMMON[0].replace("at,", "e.at,")),
    alike=_said("e.actor", "e.process", "e.run_id", "e.kind"),
    own=_said("e.subject", "e.digests", "e.facts"),
)
"""Events and whether each is other than its hash says (``audit_chain.event_hash``); not known is changed, too.

``OFFSET 0`` keeps what the events of a transaction have alike in one place, where Postgres remembers it from one to the
next. A moment is spelt in 27 characters, or SOMS has not written it; years before Christ would be spelt like those
after.
"""
_PROOF = sql.SQL("""
SELECT count(*) FILTER (WHERE changed IS NOT FALSE) AS changed,
  bool_and(coalesce(octet_length(e.previous) = 64 AND octet_length(e.hash) = 64, false))
  AND count(*) = max(e.seq) - min(e.seq) + 1
  AND starts_with(
    CASE WHEN min(e.seq) = 1 THEN {first_hash} ELSE (SELECT hash FROM audit_event WHERE seq = %(first)s - 1) END
    || string_agg(e.hash, '' ORDER BY e.seq), string_agg(e.previous, '' ORDER BY e.seq)
  ) AS linked
{events}
""").format(events=_EVENTS_HASHED, first_hash=sql.Literal(FIRST_HASH))
"""Events follow from each other when all their hashes in a row, after the one before them, are all they say of it."""
_CHANGED = sql.SQL("SELECT e.seq {events} AND changed IS NOT FALSE ORDER BY e.seq LIMIT {most}").format(
    most=sql.Literal(MOST_FINDINGS), events=_EVENTS_HASHED
)
_LOOSE = sql.SQL("""
SELECT e.seq, before.seq IS NULL AND e.seq <> 1 AS gap,
  coalesce((SELECT max(seq) FROM audit_event WHERE seq < e.seq), 0) AS place
FROM audit_event e LEFT JOIN (
  SELECT seq, hash FROM audit_event WHERE seq >= %(first)s - 1 AND seq < %(last)s
) before ON before.seq = e.seq - 1
WHERE e.seq >= %(first)s AND e.seq <= %(last)s
  AND e.previous IS DISTINCT FROM CASE WHEN e.seq = 1 THEN {first_hash} ELSE before.hash END
ORDER BY e.seq LIMIT {most}
""").format(most=sql.Literal(MOST_FINDINGS), first_hash=sql.Literal(FIRST_HASH))
_MISNUMBERED = sql.SQL("SELECT seq FROM audit_event WHERE seq >= %s AND seq < 1 ORDER BY seq LIMIT {most}").format(
    most=sql.Literal(MOST_FINDINGS)
)


def broken_links(connection: "Connection", part: Bounds) -> list[Broken]:
    """Return where the events of a part do not follow from each other, or from the event before the part."""
    first, last = part
    findings = [
        Broken("chain", f"audit_event {row['seq']}", f"Event {row['seq']} stands before the first event.")
        for row in connection.execute(_MISNUMBERED, (first,))
    ]
    first = max(first, 1)
    while len(findings) < MOST_FINDINGS:
        row = connection.execute(
            "SELECT min(seq) AS seq FROM audit_event WHERE seq >= %s AND seq <= %s", (first, last)
        ).fetchone()
        if row is None or row["seq"] is None:
            break
        until = min(row["seq"] + _AT_ONCE - 1, last)
        findings += _broken_within(connection, row["seq"], until)
        if until >= last:
            break
        first = until + 1
    return findings[:MOST_FINDINGS]


def _broken_within(connection: "Connection", first: int, last: int) -> list[Broken]:
    """Prove the events from the first, which is there, to the last; only where they fail it is asked which ones do."""
    given = {"first": first, "last": last}
    proof = connection.execute(_PROOF, given).fetchone() or {"changed": 1, "linked": False}
    found: dict[int, str] = {}
    if proof["changed"]:
        for row in connection.execute(_CHANGED, given):
            found[row["seq"]] = f"Event {row['seq']} was changed after it was written."
    for row in () if proof["linked"] else connection.execute(_LOOSE, given):
        if row["gap"]:
            found[row["seq"]] = f"Events {row['place'] + 1} to {row['seq'] - 1} are missing before event {row['seq']}."
        else:
            found.setdefault(row["seq"], f"Event {row['seq']} does not follow from the one before it.")
    return [Broken("chain", f"audit_event {seq}", text) for seq, text in sorted(found.items())]


def context_columns(context: Any) -> Sequence[str]:
    """Return at, actor, process and run_id of an event, which events of one transaction share."""
    return context.split(_PART) if isinstance(context, str) else context


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
