"""Proof of the audit trail: every link, the head, the anchors outside the database, and every audited row."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from blocks.database.audit import AUDITED, FIRST_HASH, digest_query

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database

MOST_FINDINGS = 100
"""Findings listed per check; the first break matters, a thousand more say nothing new."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where the trail and the tables disagree."""

    check: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found; ``findings`` empty means the trail proves itself."""

    events: int
    subjects: int
    anchors: int
    head: str
    findings: tuple[Broken, ...]


def anchor(database: "Database", path: Path) -> bool:
    """Write the chain's head to a file outside the database, if it moved since; returns whether it did.

    Whoever rewrites or cuts the chain cannot rewrite this file as well; keep it where the database's owner has no
    rights (``SOMS_AUDIT_ANCHOR``).
    """
    with database.connect() as connection:
        head = connection.execute("SELECT chain::text AS chain, seq, hash FROM audit_head").fetchone()
    if head is None or head["seq"] == 0:
        return False
    last = [entry for entry in _anchors(path) if entry["chain"] == head["chain"]][-1:]
    if last and last[0]["seq"] >= head["seq"]:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({**head, "at": datetime.now(UTC).isoformat()}) + "\n"
    cut_off = path.exists() and path.read_bytes()[-1:] not in {b"", b"\n"}
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if cut_off else "") + line)
        file.flush()
        os.fsync(file.fileno())
    return True


def _anchors(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:  # a line cut off by a crash; the one after it is whole again
            continue
        if isinstance(entry, dict) and entry.keys() >= {"chain", "seq", "hash"}:
            found.append(entry)
    return found


def verify(database: "Database", anchors: Path) -> Verification:
    """Check the whole trail against itself, its anchors and the tables, on one consistent picture of the database."""
    with database.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return verify_on(connection, anchors)


def verify_on(connection: "Connection", anchors: Path) -> Verification:
    """Check the whole trail as the connection's transaction sees it."""
    heads = connection.execute("SELECT id, chain::text AS chain, seq, hash FROM audit_head ORDER BY id").fetchall()
    if len(heads) != 1:
        text = "The chain's head is gone." if not heads else "The chain has more than one head."
        return Verification(0, 0, 0, FIRST_HASH, (Broken("head", "audit_head", text),))
    head, anchored = heads[0], _anchors(anchors)
    known = [entry for entry in anchored if entry["chain"] == head["chain"]]
    rows, subjects = _against_tables(connection)
    findings = (
        *_broken_links(connection), *_broken_head(connection, head), *_foreign_anchors(anchored, head, anchors),
        *_broken_anchors(connection, known), *rows,
    )  # fmt: skip
    counted = connection.execute("SELECT count(*) AS events FROM audit_event").fetchone()
    return Verification(counted["events"] if counted else 0, subjects, len(known), str(head["hash"]), findings)


_CHAINED = (
    "seq::text", """to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""", "actor", "process", "run_id", "kind", "subject",
    "digests", "facts",
)  # fmt: skip
_TEXT = " || ".join(f"length({column})::text || ':' || {column}" for column in _CHAINED)
_LINKS = f"""
SELECT seq, previous_seq, hash IS DISTINCT FROM expected AS changed
FROM (
  SELECT seq, previous, hash, lag(seq, 1, 0::bigint) OVER chain AS previous_seq, lag(hash) OVER chain AS previous_hash,
    encode(sha256(convert_to(previous || {_TEXT}, 'UTF8')), 'hex') AS expected
  FROM audit_event WINDOW chain AS (ORDER BY seq)
) links
WHERE hash IS DISTINCT FROM expected OR previous IS DISTINCT FROM coalesce(previous_hash, %(first)s)
  OR seq <> previous_seq + 1
ORDER BY seq LIMIT %(most)s
"""  # noqa: S608 - made of constants


def _broken_links(connection: "Connection") -> Iterator[Broken]:
    for row in connection.execute(_LINKS, {"first": FIRST_HASH, "most": MOST_FINDINGS}):
        place = f"audit_event {row['seq']}"
        if row["seq"] != row["previous_seq"] + 1:
            first, last = row["previous_seq"] + 1, row["seq"] - 1
            yield Broken("chain", place, f"Events {first} to {last} are missing before event {row['seq']}.")
        elif row["changed"]:
            yield Broken("chain", place, f"Event {row['seq']} was changed after it was written.")
        else:
            yield Broken("chain", place, f"Event {row['seq']} does not follow from the one before it.")


def _broken_head(connection: "Connection", head: dict[str, Any]) -> Iterator[Broken]:
    last = connection.execute("SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1").fetchone()
    seq, link = (last["seq"], last["hash"]) if last else (0, FIRST_HASH)
    if head["id"] != 1:
        yield Broken("head", "audit_head", "The head is not the one that was set up with the database.")
    if seq != head["seq"]:
        yield Broken("head", "audit_head", f"The head says {head['seq']} events, the chain ends at {seq}.")
    elif link != head["hash"]:
        yield Broken("head", "audit_head", f"The head's hash is not that of event {seq}.")


def _foreign_anchors(anchored: list[dict[str, Any]], head: dict[str, Any], path: Path) -> Iterator[Broken]:
    """A chain under a new name, as if no head of it had ever been anchored, is the whole chain rewritten."""
    for chain in dict.fromkeys(entry["chain"] for entry in anchored if entry["chain"] != head["chain"]):
        text = f"Heads of another chain, {chain}, are anchored: the database was replaced or its chain rewritten."
        yield Broken("anchor", path.name, f"{text} If you replaced it, move that file away.")


def _broken_anchors(connection: "Connection", known: list[dict[str, Any]]) -> Iterator[Broken]:
    rows = connection.execute(
        "SELECT a.seq, a.hash, e.hash AS found FROM unnest(%s::bigint[], %s::text[]) AS a(seq, hash)"
        " LEFT JOIN audit_event e USING (seq) WHERE e.hash IS DISTINCT FROM a.hash ORDER BY a.seq LIMIT %s",
        ([entry["seq"] for entry in known], [entry["hash"] for entry in known], MOST_FINDINGS),
    )
    for row in rows:
        text = "is missing" if row["found"] is None else "is not the one that was anchored"
        yield Broken(
            "anchor", f"audit_event {row['seq']}", f"Event {row['seq']} {text}: the chain was cut or rewritten."
        )


def _against_tables(connection: "Connection") -> tuple[list[Broken], int]:
    """Compare every audited table with what the events say of it; returns findings and the number of subjects."""
    held = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {prefix} || coalesce(key, '?') AS key, digest FROM ({rows} GROUP BY 1) AS {alias}").format(
            prefix=sql.Literal(f"{table}/"), rows=digest_query(table), alias=sql.Identifier(f"held_{table}")
        )
        for table in AUDITED
    )
    query = sql.SQL(_COMPARISON).format(held=held, tables=sql.Literal(list(AUDITED)), most=sql.Literal(MOST_FINDINGS))
    try:
        with connection.transaction():
            row = connection.execute(query).fetchone()
    except psycopg.DataError:
        text = "An event's digests are no longer JSON: no row can be compared before that event is put right."
        return [Broken("rows", "audit_event", text)], 0
    return ([_broken_row(**found) for found in row["broken"] or ()], row["subjects"]) if row else ([], 0)


_COMPARISON = """
WITH told AS MATERIALIZED (
  SELECT DISTINCT ON (d.key) d.key, d.value AS digest FROM audit_event e, jsonb_each_text(e.digests::jsonb) AS d
  WHERE split_part(d.key, '/', 1) = ANY({tables}) ORDER BY d.key, e.seq DESC
), held AS ({held}), broken AS (
  SELECT key, told.digest IS NULL AS untold, held.digest IS NULL AS gone FROM held FULL JOIN told USING (key)
  WHERE told.digest IS DISTINCT FROM held.digest ORDER BY key LIMIT {most}
)
SELECT (SELECT count(*) FROM told) AS subjects, (SELECT json_agg(broken) FROM broken) AS broken
"""


def _broken_row(*, key: str, untold: bool, gone: bool) -> Broken:
    subject = key.replace("/", " ", 1)
    if untold:
        return Broken("rows", subject, f"A row of {subject} was inserted past the audit trail.")
    if gone:
        return Broken("rows", subject, f"Every row of {subject} was deleted past the audit trail.")
    return Broken("rows", subject, f"{subject} is not as the audit trail last saw it: a row was changed or removed.")
