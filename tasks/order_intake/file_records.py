"""What became of the orders of a file."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def fates(connection: "Connection", file_id: int, *, channel: str, begin: int, limit: int) -> list[dict[str, Any]]:
    """Return what became of a file's records from position ``begin`` on, by position.

    Returns:
        Rows with ``position, first_row, last_row, external_id, fresh, state, booked, own, hold_reason, faults,
        closing_reason, versioned``; ``own`` when the order stands as this very record says, ``versioned`` when the
        record made a version of it.
    """
    return connection.execute(
        "SELECT r.position, r.first_row, r.last_row, r.external_id, r.fresh, i.state, o.id IS NOT NULL AS booked,"
        " coalesce(o.inbox_id = i.id, false) AS own, o.hold_reason, q.faults, q.closing_reason,"
        " EXISTS (SELECT FROM order_version v WHERE v.order_id = o.id AND v.inbox_id = i.id) AS versioned"
        " FROM file_record r JOIN inbox i ON i.id = r.inbox_id"
        " LEFT JOIN sales_order o ON o.channel = %(channel)s AND o.external_id = r.external_id"
        " LEFT JOIN LATERAL (SELECT faults, closing_reason FROM quarantine q WHERE q.inbox_id = i.id"
        " ORDER BY q.opened_at DESC, q.id DESC LIMIT 1) q ON true"
        " WHERE r.file_id = %(file)s AND r.position >= %(begin)s AND r.position < %(begin)s + %(limit)s"
        " ORDER BY r.position",
        {"file": file_id, "channel": channel, "begin": begin, "limit": limit},
    ).fetchall()
