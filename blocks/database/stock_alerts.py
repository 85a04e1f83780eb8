"""Stock alerts: opened once when something begins, closed once when it is over, however often it is looked at."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def open_alerts(connection: "Connection", trail: "Trail", kind: str, texts: Mapping[str, str]) -> list[str]:
    """Open an alert for each subject that has none open; returns the subjects of the new ones.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        kind: reorder | feed_missed | import_stopped.
        texts: What a person reads, by subject, e.g. 'EAST:LAMP'; an alert that is open already keeps its own.
    """
    if not texts:
        return []
    rows = connection.execute(
        "INSERT INTO stock_alert (kind, subject, text)"
        " SELECT %s, new.subject, new.text FROM unnest(%s::text[], %s::text[]) AS new(subject, text) ORDER BY subject"
        " ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING RETURNING id, subject",
        (kind, list(texts), list(texts.values())),
    ).fetchall()
    for row in rows:
        trail.add("alert.opened", f"stock_alert/{row['id']}", [("stock_alert", row["id"])], _facts(kind, row))
    return [row["subject"] for row in rows]


def close_alerts(connection: "Connection", trail: "Trail", kind: str, subjects: Sequence[str]) -> list[str]:
    """Close the open alerts of these subjects; returns the subjects of those that were open."""
    if not subjects:
        return []
    rows = connection.execute(
        "UPDATE stock_alert SET closed_at = clock_timestamp() WHERE closed_at IS NULL AND id IN"
        " (SELECT id FROM stock_alert WHERE kind = %s AND subject = ANY(%s) AND closed_at IS NULL"
        " ORDER BY id FOR UPDATE) RETURNING id, subject",
        (kind, list(subjects)),
    ).fetchall()
    for row in rows:
        trail.add("alert.closed", f"stock_alert/{row['id']}", [("stock_alert", row["id"])], _facts(kind, row))
    return [row["subject"] for row in rows]


def open_now(connection: "Connection", *, kind: str | None = None, limit: int = 200) -> list[dict[str, Any]]:
    """Return the open alerts, newest first."""
    return connection.execute(
        "SELECT id, kind, subject, text, opened_at FROM stock_alert"
        " WHERE closed_at IS NULL AND (%s::text IS NULL OR kind = %s) ORDER BY id DESC LIMIT %s",
        (kind, kind, limit),
    ).fetchall()


def _facts(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "subject": row["subject"]}
