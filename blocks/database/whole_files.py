"""Files that are one record each, kept in the inbox many at a time: which file, which record, new or known."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from blocks.database import inbox
from blocks.database.received_files import ReceivedFile
from blocks.errors import TryAgainLater

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def keep_whole(
    connection: "Connection",
    trail: "Trail",
    *,
    source: str,
    kind: str,
    files: "Sequence[tuple[ReceivedFile, inbox.Delivery]]",
) -> inbox.Stored:
    """Keep claimed files as one record each, and write down which record each file is.

    Raises:
        TryAgainLater: Another run has gone on with one of these files.
    """
    if not files:
        return inbox.Stored()
    _note_content(connection, files)
    kept = inbox.keep(connection, trail, source=source, kind=kind, deliveries=[record for _, record in files])
    with connection.cursor().copy(
        "COPY file_record (file_id, position, first_row, last_row, external_id, inbox_id, fresh) FROM STDIN"
    ) as copy:
        for (file, _), each in zip(files, kept, strict=True):
            copy.write_row((file.id, 0, 1, 1, each.external_id, each.inbox_id, each.fresh))
    for (file, _), each in zip(files, kept, strict=True):
        touched = [("received_file", file.id), ("file_record", f"{file.id}:0")]
        trail.add("file.records_kept", f"received_file/{file.id}", touched, {"records": 1, "new": int(each.fresh)})
    fresh = sum(each.fresh for each in kept)
    return inbox.Stored(fresh, len(kept) - fresh)


def _note_content(connection: "Connection", files: "Sequence[tuple[ReceivedFile, inbox.Delivery]]") -> None:
    """Write down size and digest of each file, and that its one record is kept."""
    noted = connection.execute(
        "UPDATE received_file f SET sha256 = new.sha256, size = new.size, records = 1"
        " FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS new(id, sha256, size)"
        " WHERE f.id = new.id AND f.state = 'claimed' AND f.records = 0 RETURNING f.id",
        (
            [file.id for file, _ in files],
            [hashlib.sha256(record.body).hexdigest() for _, record in files],
            [len(record.body) for _, record in files],
        ),
    ).fetchall()
    if len(noted) < len(files):
        raise TryAgainLater("Another run has gone on with these files; this one leaves them to that.")


def known_files(connection: "Connection", *, source: str, archived_as: Sequence[str]) -> set[str]:
    """Return which of these claims of a source have been written down before."""
    rows = connection.execute(
        "SELECT archived_as FROM received_file WHERE source = %s AND archived_as = ANY(%s)",
        (source, list(archived_as)),
    )
    return {row["archived_as"] for row in rows}
