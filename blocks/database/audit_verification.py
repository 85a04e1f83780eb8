"""Proof of the audit trail: every link, the head, the anchors outside the database, and every audited row."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

from blocks.database.audit_chain import FIRST_HASH
from blocks.database.audit_links import MOST_FINDINGS, WHOLE, Bounds, Broken, broken_links
from blocks.database.audit_rows import broken_rows

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database

PARTS = max(2, min(os.cpu_count() or 2, 8))
"""Connections that share the links of a long chain."""
LONG = 50_000
"""Events from which on it pays to open them."""
_READ_IN_ORDER = (
    b"SET LOCAL max_parallel_workers_per_gather = 0",
    b"SET LOCAL jit = off",
    b"SET LOCAL enable_sort = off",
)
"""The parts share the processors already, and events lie in their order: none is worth compiling or sorting for."""


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
    last = [entry for entry in anchored_heads(path) if entry["chain"] == head["chain"]][-1:]
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


def anchored_heads(path: Path) -> list[dict[str, Any]]:
    """Return the heads in a file of anchors: chain, seq and hash of each."""
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
    """Check the whole trail against itself, its anchors and the tables, on one consistent picture of the database.

    The links of a long chain are proved over several connections at once.
    """
    with database.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        parts = _parts(connection)
        if len(parts) == 1:
            return verify_on(connection, anchors)
        snapshot = connection.execute("SELECT pg_export_snapshot() AS name").fetchone()
        name = snapshot["name"] if snapshot else ""
        with ThreadPoolExecutor(len(parts)) as provers:
            found = provers.map(lambda part: _prove(database, name, part), parts)
            return _verified(connection, anchors, lambda: [each for some in found for each in some])


def _prove(database: "Database", snapshot: str, part: Bounds) -> list[Broken]:
    """Prove the links of a part over a connection of its own, on the picture that another one has exported."""
    with database.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
        for setting in _READ_IN_ORDER:
            connection.execute(setting)
        return broken_links(connection, part)


def verify_on(connection: "Connection", anchors: Path) -> Verification:
    """Check the whole trail as the connection's transaction sees it."""
    return _verified(connection, anchors, lambda: broken_links(connection, WHOLE))


def _parts(connection: "Connection") -> list[Bounds]:
    """Cut the chain into parts of about the same length; a short one stays whole."""
    row = connection.execute("SELECT min(seq) AS first, max(seq) AS last FROM audit_event").fetchone()
    first, last = (row["first"], row["last"]) if row and row["first"] is not None else (1, 0)
    if last - first + 1 < LONG:
        return [WHOLE]
    cuts = [WHOLE[0] - 1, *(first - 1 + (last - first + 1) * number // PARTS for number in range(1, PARTS))]
    return [(before + 1, last) for before, last in pairwise([*cuts, WHOLE[1]])]


def _count(connection: "Connection") -> int:
    row = connection.execute("SELECT count(*) AS events FROM audit_event").fetchone()
    return int(row["events"]) if row else 0


def _verified(connection: "Connection", anchors: Path, links: Callable[[], list[Broken]]) -> Verification:
    heads = connection.execute("SELECT id, chain::text AS chain, seq, hash FROM audit_head ORDER BY id").fetchall()
    anchored = anchored_heads(anchors)
    events = _count(connection)
    rows, subjects = broken_rows(connection)
    findings = links()[:MOST_FINDINGS]
    if len(heads) != 1:
        text = "The chain's head is gone." if not heads else "The chain has more than one head."
        return Verification(0, 0, 0, FIRST_HASH, (Broken("head", "audit_head", text),))
    head = heads[0]
    known = [entry for entry in anchored if entry["chain"] == head["chain"]]
    findings += [*_broken_head(connection, head), *_foreign_anchors(anchored, head, anchors)]
    findings += [*_broken_anchors(connection, known), *rows]
    return Verification(events, subjects, len(known), str(head["hash"]), tuple(findings))


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
