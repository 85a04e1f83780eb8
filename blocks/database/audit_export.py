"""The audit trail as files that anybody can prove offline: chain, head, anchors and what each audited row says.

Personal data stays inside: without ``with_rows`` an export holds the rows' digests alone, which are commitments keyed
by each row's salt.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from psycopg import sql
from psycopg.rows import tuple_row

from blocks.database import offline_verifier
from blocks.database.audit_links import WHOLE, context_columns, portions
from blocks.database.audit_verification import anchored_heads
from blocks.database.audited_tables import AUDITED, row_texts, rows_query
from blocks.errors import Refused, WrongUse

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database

_NAMES = ("kind", "subject", "digests", "facts", "previous", "hash")
_FETCHED = 2000

Progress = Callable[[int], None]

_README = """\
An audit trail, exported {at} UTC: {events} events, {subjects} subjects, head {head}

Prove it offline with Python 3.9 or later, which needs nothing else:

    python verify.py

It tells every changed, missing, inserted or swapped event and every row that is not as its last event says. That the
end was not cut off, and the chain not rewritten as a whole, is proved by heads that were kept elsewhere; if you keep
some yourself: python verify.py --anchors FILE. Trust no verify.py but one that you had before, or have read.

  events.jsonl    one event per line; every column as the text its hash covers
  head.json       name of the chain, number and hash of its last event
  anchors.jsonl   heads that were written outside the database as time went by
  subjects.jsonl  the digest of every audited subject's rows{rows}
  manifest.json   sha256 of each of these files; note that of manifest.json itself to know this export again

An event's hash is the sha256 over the hash before it (64 zeros before the first) and, in this order, seq, at, actor,
process, run_id, kind, subject, digests and facts, each as its length in characters, a colon and the text. "digests"
says for each subject the event touched, as table/key, the sha256 over its rows afterwards; an empty one means that it
has no rows. The last digest of each subject must be that of subjects.jsonl. A row's text is a JSON object of all its
columns without nulls, in the order of the length of their names and then of their bytes; rows are parted by a line
feed. Rows with personal data hold a random salt among their columns, so that a digest gives nothing away.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds; the sha256 of its manifest tells it from any other."""

    events: int
    subjects: int
    anchors: int
    head: str
    manifest: str


def export(
    database: "Database", anchors: Path, folder: Path, *, with_rows: bool = False, progress: Progress = lambda _: None
) -> Exported:
    """Write the whole trail into a new or empty folder, from one consistent picture of the database.

    Args:
        database: Opened by any role that can read.
        anchors: The file of heads outside the database.
        folder: Where to; only its owner may enter it.
        with_rows: Also write the rows themselves, personal data included.
        progress: Told the number of events as they are written.

    Raises:
        WrongUse: The folder has something in it.
        Refused: The folder cannot be written.
    """
    try:
        _make(folder)
        with database.connect() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return _write(connection, anchors, folder, with_rows=with_rows, progress=progress)
    except OSError as error:
        raise Refused(
            f"The export cannot be written to {folder} ({error.strerror}): choose a place with enough room that you may"
            " write to, empty the folder and export again."
        ) from error


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise WrongUse(f"{folder} is not empty: export into a new folder, so that nothing in it is mistaken for proof.")


def _write(connection: "Connection", anchors: Path, folder: Path, *, with_rows: bool, progress: Progress) -> Exported:
    head = connection.execute("SELECT chain::text AS chain, seq, hash FROM audit_head").fetchone() or {}
    files = Files(folder)
    known = anchored_heads(anchors)
    events = files.write("events.jsonl", _events(connection, progress))
    subjects = files.write("subjects.jsonl", _subjects(connection, with_rows=with_rows))
    files.write("anchors.jsonl", map(orjson.dumps, known))
    files.write("head.json", [orjson.dumps(head)])
    files.write("verify.py", [Path(offline_verifier.__file__).read_bytes().rstrip()])
    said = {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}", "events": events, "subjects": subjects}
    rows = ", and the rows' text: PERSONAL DATA" if with_rows else ""
    readme = _README.format(**said, head=head.get("hash", ""), rows=rows)
    files.write("README.txt", [readme.rstrip().encode()])
    manifest = json.dumps({**said, "files": files.digests}, indent=1)
    files.write("manifest.json", [manifest.encode()])  # the last: an export without it is not a complete one
    return Exported(events, subjects, len(known), str(head.get("hash", "")), files.digests["manifest.json"])


class Files:
    """The files of one export and their digests."""

    def __init__(self, folder: Path) -> None:
        """Say where."""
        self._folder = folder
        self.digests: dict[str, str] = {}

    def write(self, name: str, lines: "Iterator[bytes] | list[bytes]") -> int:
        """Write a file line by line; returns the number of lines."""
        digest, written = hashlib.sha256(), 0
        with (self._folder / name).open("xb") as file:
            for line in lines:
                whole = line + b"\n"
                file.write(whole)
                digest.update(whole)
                written += 1
        self.digests[name] = digest.hexdigest()
        return written


def _events(connection: "Connection", progress: Progress) -> Iterator[bytes]:
    for portion in portions(connection, WHOLE):
        for seq, context, *own in portion:
            at, actor, process, run_id = context_columns(context)
            shared = {"seq": seq, "at": at, "actor": actor, "process": process, "run_id": run_id}
            yield orjson.dumps({**shared, **dict(zip(_NAMES, own, strict=True))})
        progress(len(portion))


def _subjects(connection: "Connection", *, with_rows: bool) -> Iterator[bytes]:
    texts = row_texts(connection, AUDITED)
    for table in sorted(AUDITED):
        with connection.cursor(f"export_{table}", row_factory=tuple_row) as cursor:
            cursor.itersize = _FETCHED
            for key, rows in cursor.execute(sql.SQL("{}").format(rows_query(table, texts[table]))):
                entry: dict[str, Any] = {
                    "subject": f"{table}/{key}",
                    "digest": hashlib.sha256(rows.encode()).hexdigest(),
                }
                yield orjson.dumps({**entry, "rows": rows} if with_rows else entry)
