"""What the effects desk reads in Postgres: what lies ahead, and why a call was left as it is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from blocks.database.order_lookup import find

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def ahead(connection: "Connection", *, order: str | None = None, limit: int = 200) -> list[dict[str, Any]]:
    """Return the calls that are still to be made, oldest first, with the order behind each; no payloads.

    Args:
        connection: Where to ask.
        order: Only calls for this order, by number, id or name.
        limit: At most so many.

    Raises:
        WrongUse: No order, or more than one, is called so.
    """
    subjects = _subjects(connection, order) if order else []
    return connection.execute(
        "SELECT e.id, e.business_key, e.process, e.system, e.kind, e.subject, e.state, e.due_at, e.attempts,"
        " e.last_error, e.created_at, l.until IS NOT NULL AS held,"
        " coalesce(o.channel, split_part(q.source, '/', 2)) AS channel, coalesce(o.number, q.external_id) AS number"
        " FROM effect e LEFT JOIN lease l ON l.token = e.token AND l.until > clock_timestamp()"
        " LEFT JOIN sales_order o ON e.subject LIKE 'sales_order/%%' AND o.id::text = split_part(e.subject, '/', 2)"
        " LEFT JOIN quarantine q ON e.subject LIKE 'quarantine/%%' AND q.id::text = split_part(e.subject, '/', 2)"
        " WHERE e.state IN ('due', 'claimed') AND (%(all)s OR e.subject = ANY(%(subjects)s))"
        " ORDER BY e.id LIMIT %(limit)s",
        {"all": not order, "subjects": subjects, "limit": limit},
    ).fetchall()


def _subjects(connection: "Connection", order: str) -> list[str]:
    named = find(connection, order)
    rows = connection.execute("SELECT id FROM quarantine WHERE inbox_id = ANY(%s)", (list(named.inbox_ids),))
    return [f"sales_order/{named.order_id}", *(f"quarantine/{row['id']}" for row in rows)]


def why_not(connection: "Connection", ids: Sequence[int], *, wanted: str) -> dict[int, str]:
    """Return in a sentence why each of these calls was not retried or abandoned."""
    rows = connection.execute("SELECT id, state FROM effect WHERE id = ANY(%s)", (list(ids),))
    states = {row["id"]: row["state"] for row in rows}
    return {number: _sentence(number, states.get(number), wanted) for number in ids}


def _sentence(number: int, state: str | None, wanted: str) -> str:
    if state is None:
        return f"There is no call {number}: `soms effects list` shows them."
    if state == "claimed":
        return f"Call {number} was not {wanted}: a worker has it in hand; look again when it has answered."
    return f"Call {number} was not {wanted}: it is {state}."
