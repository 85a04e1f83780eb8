"""What is kept of files that were taken in: each file, which rows became which record, whether it was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import inbox
from blocks.errors import TryAgainLater
from blocks.systems.answers import Done

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.effects import Settled
    from blocks.database.engine import Connection
    from blocks.systems.folders.contract import FileRecord

FILE_RESULT = "file.result"
"""Kind of the effects that answer files."""
BLOCK = 1000
"""Records whose rows share a digest in the audit trail; see ``AUDITED``."""
_COLUMNS = "id, name, archived_as, sha256, size, profile, profile_version, records, state"


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """One file as far as it has been taken in: ``records`` of it are kept."""

    id: int
    name: str
    archived_as: str
    sha256: str
    size: int
    profile: str
    profile_version: int
    records: int
    state: str


def hold_folder(connection: "Connection", *, source: str) -> bool:
    """Take the folder for as long as the connection lives; False when another run has it."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended(%s, 2)) AS held", (f"folder {source}",)
    ).fetchone()
    return bool(row and row["held"])


def unfinished(connection: "Connection", *, source: str) -> list[ReceivedFile]:
    """Return the files that were begun and not read to their end, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM received_file WHERE source = %s AND state = 'claimed' ORDER BY id",  # noqa: S608
        (source,),
    )
    return [ReceivedFile(**row) for row in rows]


def begin(
    connection: "Connection",
    trail: "Trail",
    *,
    source: str,
    name: str,
    claim: str,
    profile: tuple[str, int],
) -> ReceivedFile:
    """Write down that a file is to be claimed; ``claim`` is its name in the work folder and in the archive."""
    row = connection.execute(
        "INSERT INTO received_file (source, name, archived_as, sha256, size, profile, profile_version, run_id)"  # noqa: S608
        f" VALUES (%s, %s, %s, '', 0, %s, %s, %s) RETURNING {_COLUMNS}",
        (source, name, claim, *profile, trail.actor.run_id),
    ).fetchone()
    found = ReceivedFile(**(row or {}))
    facts = {"source": source, "profile": "@".join(map(str, profile))}
    trail.add("file.claimed", f"received_file/{found.id}", [("received_file", found.id)], facts)
    return found


def note_content(connection: "Connection", trail: "Trail", file: ReceivedFile, *, sha256: str, size: int) -> None:
    """Write down the bytes that were read."""
    connection.execute("UPDATE received_file SET sha256 = %s, size = %s WHERE id = %s", (sha256, size, file.id))
    facts = {"sha256": sha256, "size": size}
    trail.add("file.read", f"received_file/{file.id}", [("received_file", file.id)], facts)


def keep_records(
    connection: "Connection",
    trail: "Trail",
    file: ReceivedFile,
    *,
    source: str,
    kind: str,
    begun: int,
    chunk: Sequence["FileRecord"],
) -> inbox.Stored:
    """Keep the records after the first ``begun`` in the inbox, with the rows they come from.

    Raises:
        TryAgainLater: Another run has gone on with this file.
    """
    _insist_on_place(connection, file, begun)
    kept = inbox.keep(connection, trail, source=source, kind=kind, deliveries=chunk)
    with connection.cursor().copy(
        "COPY file_record (file_id, position, first_row, last_row, external_id, inbox_id, fresh) FROM STDIN"
    ) as copy:
        for position, (record, each) in enumerate(zip(chunk, kept, strict=True), begun):
            copy.write_row((
                file.id, position, record.first_row, record.last_row, each.external_id, each.inbox_id, each.fresh,
            ))  # fmt: skip
    done = begun + len(chunk)
    connection.execute("UPDATE received_file SET records = %s WHERE id = %s", (done, file.id))
    fresh = sum(each.fresh for each in kept)
    blocks = [("file_record", f"{file.id}:{block}") for block in range(begun // BLOCK, (done - 1) // BLOCK + 1)]
    facts = {"records": len(chunk), "new": fresh, "rows": f"{chunk[0].first_row}-{chunk[-1].last_row}"}
    trail.add("file.records_kept", f"received_file/{file.id}", [("received_file", file.id), *blocks], facts)
    return inbox.Stored(fresh, len(chunk) - fresh)


def _insist_on_place(connection: "Connection", file: ReceivedFile, begun: int) -> None:
    row = connection.execute("SELECT records, state FROM received_file WHERE id = %s FOR UPDATE", (file.id,)).fetchone()
    if row is None or (row["records"], row["state"]) != (begun, "claimed"):
        raise TryAgainLater(f"Another run has gone on with file {file.id}; this one leaves it to that.")


def finish(connection: "Connection", trail: "Trail", file: ReceivedFile, *, refusal: str | None = None) -> None:
    """Write down that a file was read to its end, or as far as it could be: ``refusal`` says why not, or what is odd.

    A file of which nothing could be read is refused.
    """
    row = connection.execute(
        "UPDATE received_file SET state = CASE WHEN records = 0 AND %(why)s::text IS NOT NULL THEN 'refused'"
        " ELSE 'read' END, refusal = %(why)s WHERE id = %(id)s AND state = 'claimed' RETURNING state, records",
        {"why": refusal, "id": file.id},
    ).fetchone()
    if row is None:
        raise TryAgainLater(f"Another run has gone on with file {file.id}; this one leaves it to that.")
    kind = "file.refused" if row["state"] == "refused" else "file.finished"
    facts = {"records": row["records"], "whole": refusal is None}
    trail.add(kind, f"received_file/{file.id}", [("received_file", file.id)], facts)


def note_stopped(connection: "Connection", trail: "Trail", file_id: int, *, import_id: int) -> None:
    """Write down that a file is a picture of stock that the guard stopped: what is decided on that is told for it."""
    connection.execute("UPDATE received_file SET stock_import_id = %s WHERE id = %s", (import_id, file_id))
    trail.add("file.stopped", f"received_file/{file_id}", [("received_file", file_id)], {"import": import_id})


def drop(connection: "Connection", trail: "Trail", file: ReceivedFile, *, why: str) -> None:
    """Write down that a file was gone before it could be claimed; nobody is answered."""
    connection.execute(
        "UPDATE received_file SET state = 'refused', refusal = %s, settled_at = now() WHERE id = %s", (why, file.id)
    )
    trail.add("file.gone", f"received_file/{file.id}", [("received_file", file.id)])


@dataclass(frozen=True, slots=True)
class Answerable:
    """A file whose records have been judged: ``answers`` were due before, ``closed`` of its reasons are decided."""

    id: int
    answers: int
    closed: int


_ANSWERABLE = """
WITH waiting AS (
  SELECT f.id, f.state, f.settled_at FROM received_file f
  WHERE f.source = %(source)s AND (f.state = 'read' OR (f.state = 'refused' AND f.settled_at IS NULL))
  UNION ALL
  SELECT DISTINCT f.id, f.state, f.settled_at FROM quarantine q
  JOIN file_record r ON r.inbox_id = q.inbox_id AND r.fresh JOIN received_file f ON f.id = r.file_id
  WHERE q.source = %(source)s AND f.source = %(source)s AND f.state = 'answered'
    AND q.closed_at > f.settled_at - interval '1 hour'
  UNION
  SELECT f.id, f.state, f.settled_at FROM received_file f JOIN stock_import p ON p.id = f.stock_import_id
  WHERE f.source = %(source)s AND f.state = 'answered' AND p.decided_at > f.settled_at - interval '1 hour'
)
SELECT w.id, a.answers, a.told, (
    SELECT count(*) FROM file_record r JOIN quarantine q ON q.inbox_id = r.inbox_id
    WHERE r.file_id = w.id AND r.fresh AND q.state <> 'open'
  ) + (
    SELECT count(*) FROM received_file f JOIN stock_import p ON p.id = f.stock_import_id
    WHERE f.id = w.id AND p.state <> 'stopped'
  ) AS closed
FROM waiting w CROSS JOIN LATERAL (
  SELECT count(*) AS answers, coalesce(max((e.payload::jsonb ->> 'closed')::int), 0) AS told,
    bool_or(e.state IN ('due', 'claimed')) AS open
  FROM effect e WHERE e.subject = 'received_file/' || w.id AND e.kind = %(kind)s
) a
WHERE NOT coalesce(a.open, false) AND NOT EXISTS (
  SELECT FROM file_record r JOIN inbox i ON i.id = r.inbox_id WHERE r.file_id = w.id AND i.state = 'received'
)
ORDER BY w.id
"""


def answerable(connection: "Connection", *, source: str, kind: str) -> list[Answerable]:
    """Return the files to be answered now: never answered and wholly judged, or decided on by a person since."""
    rows = connection.execute(_ANSWERABLE, {"source": source, "kind": kind}).fetchall()
    return [
        Answerable(row["id"], row["answers"], row["closed"])
        for row in rows
        if not row["answers"] or row["closed"] > row["told"]
    ]


def received_file(connection: "Connection", file_id: int) -> dict[str, Any]:
    """Return what a result file says of its file: ``name, archived_as, state, refusal, records``."""
    row = connection.execute(
        "SELECT id, source, name, archived_as, state, refusal, records FROM received_file WHERE id = %s", (file_id,)
    ).fetchone()
    return row or {}


def book_settled(connection: "Connection", trail: "Trail", settled: "Sequence[Settled]") -> None:
    """Write down which files were answered."""
    done = [entry.effect.payload["file_id"] for entry in settled if isinstance(entry.answer, Done)]
    connection.execute(
        "UPDATE received_file SET state = CASE WHEN state = 'read' THEN 'answered' ELSE state END, settled_at = now()"
        " WHERE id = ANY(%s)",
        (done,),
    )
    for file_id in done:
        trail.add("file.answered", f"received_file/{file_id}", [("received_file", file_id)])
