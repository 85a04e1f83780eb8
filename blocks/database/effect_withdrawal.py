"""Calls that are no longer wanted before anybody made them, and that are wanted again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

WITHDRAWN = '{"withdrawn":true}'
"""The answer of a call that SOMS itself abandoned; one that a person abandoned has none, and may be done by hand."""


def withdraw(
    connection: "Connection",
    trail: "Trail",
    *,
    process: str,
    subjects: Sequence[str],
    reason: str,
    kind: str | None = None,
    beyond_part: int = 0,
) -> list[str]:
    """Abandon a process's due and refused calls for these subjects; returns their business keys.

    Args:
        connection: An audited transaction's connection; the caller has locked the effects.
        trail: The same transaction's trail.
        process: Whose calls.
        subjects: What they are for, e.g. 'sales_order/17'.
        reason: Why, in one sentence.
        kind: Only calls of this kind.
        beyond_part: Only calls for parts with higher numbers than this.
    """
    if not subjects:
        return []
    rows = connection.execute(
        "UPDATE effect SET state = 'abandoned', settled_at = clock_timestamp(), last_error = %(reason)s,"
        " answer = %(withdrawn)s"
        " WHERE subject = ANY(%(subjects)s) AND process = %(process)s AND state IN ('due', 'failed')"
        " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
        " AND coalesce((payload::jsonb ->> 'part')::int, 1) > %(part)s RETURNING id, business_key, subject",
        {
            "reason": reason,
            "withdrawn": WITHDRAWN,
            "subjects": list(subjects),
            "process": process,
            "kind": kind,
            "part": beyond_part,
        },
    ).fetchall()
    for row in rows:
        facts = {"effect": row["business_key"], "reason": reason}
        trail.add("effect.abandoned", row["subject"], [("effect", row["id"])], facts)
    return [row["business_key"] for row in rows]


def calls_of(connection: "Connection", *, process: str, subject: str, kind: str) -> list[dict[str, Any]]:
    """Return a process's calls of a kind for a subject, locked: ``id, state``, and whether each may have been made."""
    return connection.execute(
        "SELECT id, state, maybe_done_at IS NOT NULL AS maybe_done FROM effect"
        " WHERE process = %s AND subject = %s AND kind = %s ORDER BY id FOR UPDATE",
        (process, subject, kind),
    ).fetchall()


def want_again(connection: "Connection", trail: "Trail", keys: Sequence[str]) -> None:
    """Make calls due that were withdrawn before anybody made them; others stay as they are."""
    if not keys:
        return
    rows = connection.execute(
        "UPDATE effect SET state = 'due', due_at = clock_timestamp(), settled_at = NULL, attempts = 0,"
        " last_error = NULL, answer = NULL WHERE business_key = ANY(%s) AND state = 'abandoned' AND answer = %s"
        " AND maybe_done_at IS NULL RETURNING id, business_key, subject",
        (list(keys), WITHDRAWN),
    ).fetchall()
    for row in rows:
        trail.add("effect.due", row["subject"], [("effect", row["id"])], {"effect": row["business_key"]})
