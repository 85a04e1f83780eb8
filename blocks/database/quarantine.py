"""Quarantine: what was put aside, why, and how it comes back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import corrections
from blocks.documents.base import canonical_json
from blocks.documents.reasons import kept_reason
from blocks.documents.verdicts import Fault
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class PutAside:
    """One inbox record that may not go on, with every reason."""

    inbox_id: int
    source: str
    kind: str
    external_id: str
    faults: tuple[Fault, ...]


def put_aside(connection: "Connection", trail: "Trail", records: Sequence[PutAside]) -> None:
    """Keep the records with their reasons; the raw bytes stay in the inbox unchanged."""
    if not records:
        return
    rows = connection.execute(
        "INSERT INTO quarantine (inbox_id, source, kind, external_id, faults)"
        " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])"
        " ON CONFLICT (inbox_id) WHERE state = 'open' DO NOTHING RETURNING id, inbox_id",
        (
            [record.inbox_id for record in records],
            [record.source for record in records],
            [record.kind for record in records],
            [record.external_id for record in records],
            [_text(record.faults) for record in records],
        ),
    ).fetchall()
    by_inbox = {record.inbox_id: record for record in records}
    for row in rows:
        record = by_inbox[row["inbox_id"]]
        trail.add(
            "record.put_aside",
            f"quarantine/{row['id']}",
            [("quarantine", row["id"]), ("inbox", record.inbox_id)],
            {"external_id": record.external_id, "rules": [f"{fault.rule}@{fault.version}" for fault in record.faults]},
        )


def _text(faults: Iterable[Fault]) -> str:
    return canonical_json([fault.model_dump() for fault in faults])


def waiting(connection: "Connection", *, source: str | None = None, limit: int = 200) -> list[dict[str, Any]]:
    """Return the open records, newest first: ``id, source, kind, external_id, faults (list), opened_at``."""
    rows = connection.execute(
        "SELECT id, source, kind, external_id, faults, opened_at FROM quarantine"
        " WHERE state = 'open' AND (%(source)s::text IS NULL OR source = %(source)s) ORDER BY id DESC LIMIT %(limit)s",
        {"source": source, "limit": limit},
    ).fetchall()
    return [{**row, "faults": json.loads(row["faults"])} for row in rows]


def open_with(connection: "Connection", rule: str) -> list[int]:
    """Return the ids of the open records that have a fault of this rule."""
    rows = connection.execute(
        "SELECT id FROM quarantine WHERE state = 'open' AND faults::jsonb @> %s::jsonb ORDER BY id",
        (canonical_json([{"rule": rule}]),),
    )
    return [row["id"] for row in rows]


def show(connection: "Connection", record_id: int) -> dict[str, Any]:
    """Return one record with its raw bytes.

    Raises:
        WrongUse: There is no such record.
    """
    row = connection.execute(
        "SELECT q.*, i.body, i.content_type, i.content_hash, i.received_at FROM quarantine q"
        " JOIN inbox i ON i.id = q.inbox_id WHERE q.id = %s",
        (record_id,),
    ).fetchone()
    if row is None:
        raise WrongUse(f"There is no quarantine record {record_id}: `soms quarantine list` shows what waits.")
    return {**row, "faults": json.loads(row["faults"])}


def lock_open(connection: "Connection", record_id: int) -> dict[str, Any]:
    """Lock one open record and return it with its raw bytes; whoever else decides on it waits until this is done.

    Raises:
        WrongUse: There is no such record, or it is decided already; says by whom.
    """
    connection.execute("SELECT FROM quarantine WHERE id = %s FOR UPDATE", (record_id,))
    found = show(connection, record_id)
    if found["state"] != "open":
        raise WrongUse(closed_sentence(found))
    return found


def closed_sentence(record: Mapping[str, Any]) -> str:
    """Return in a sentence that a record does not wait any more, and why."""
    if record["state"] == "superseded":
        return (
            f"Record {record['id']} does not wait any more: a newer version of {record['kind']}"
            f" {record['external_id']} came in. `soms quarantine list` shows whether that one waits."
        )
    return f"Record {record['id']} was {record['state']} by {record['closed_by']} already."


def release(connection: "Connection", trail: "Trail", record_ids: Sequence[int], *, by: str, reason: str) -> list[int]:
    """Let open records be judged again by the next run of their process; returns the ids that were released.

    Records of which a correction waits for a second person stay where they are.

    Raises:
        WrongUse: No reason is given.
    """
    reason = kept_reason(reason)
    locked = connection.execute(
        "SELECT id FROM quarantine WHERE id = ANY(%s) AND state = 'open' ORDER BY id FOR UPDATE", (list(record_ids),)
    ).fetchall()
    ids = [row["id"] for row in locked]
    waiting = corrections.undecided(connection, ids)
    rows = _close(connection, [i for i in ids if i not in waiting], state="released", by=by, reason=reason)
    inbox_ids = [row["inbox_id"] for row in rows]
    connection.execute("UPDATE inbox SET state = 'received' WHERE id = ANY(%s) AND state = 'put_aside'", (inbox_ids,))
    for row in rows:
        touched = [("quarantine", row["id"]), ("inbox", row["inbox_id"])]
        trail.add("record.released", f"quarantine/{row['id']}", touched, {"reason": reason})
    return [row["id"] for row in rows]


def reject(
    connection: "Connection", trail: "Trail", record_ids: Sequence[int], *, by: str, reason: str
) -> list[dict[str, Any]]:
    """Close open records for good; returns ``id, inbox_id, source, kind, external_id`` of those that were open.

    Raises:
        WrongUse: No reason is given.
    """
    reason = kept_reason(reason)
    rows = _close(connection, record_ids, state="rejected", by=by, reason=reason)
    inbox_ids = [row["inbox_id"] for row in rows]
    connection.execute("UPDATE inbox SET state = 'rejected' WHERE id = ANY(%s)", (inbox_ids,))
    for row in rows:
        touched = [("quarantine", row["id"]), ("inbox", row["inbox_id"])]
        trail.add("record.rejected", f"quarantine/{row['id']}", touched, {"reason": reason})
    return rows


def supersede(connection: "Connection", trail: "Trail", *, source: str, kind: str, external_ids: Sequence[str]) -> None:
    """Close open records whose source has sent a newer version of the same id."""
    if not external_ids:
        return
    ids = connection.execute(
        "SELECT id FROM quarantine WHERE state = 'open' AND source = %s AND kind = %s AND external_id = ANY(%s)",
        (source, kind, list(external_ids)),
    ).fetchall()
    if not ids:
        return
    rows = _close(
        connection, [row["id"] for row in ids], state="superseded", by="soms", reason="A newer version came in."
    )
    connection.execute("UPDATE inbox SET state = 'superseded' WHERE id = ANY(%s)", ([r["inbox_id"] for r in rows],))
    for row in rows:
        touched = [("quarantine", row["id"]), ("inbox", row["inbox_id"])]
        trail.add("record.superseded", f"quarantine/{row['id']}", touched)


def _close(
    connection: "Connection", record_ids: Sequence[int], *, state: str, by: str, reason: str
) -> list[dict[str, Any]]:
    return connection.execute(
        "UPDATE quarantine SET state = %s, closed_at = now(), closed_by = %s, closing_reason = %s"
        " WHERE id = ANY(%s) AND state = 'open' RETURNING id, inbox_id, source, kind, external_id",
        (state, by, reason, list(record_ids)),
    ).fetchall()
