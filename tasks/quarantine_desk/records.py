"""What the quarantine desk reads in Postgres beside the records themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def file_rows(connection: "Connection", inbox_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return where in which files these records stand: ``inbox_id, file, archived_as, first_row, last_row``."""
    return connection.execute(
        "SELECT r.inbox_id, f.name AS file, f.archived_as, r.first_row, r.last_row FROM file_record r"
        " JOIN received_file f ON f.id = r.file_id WHERE r.inbox_id = ANY(%s) ORDER BY r.file_id, r.position",
        (list(inbox_ids),),
    ).fetchall()
