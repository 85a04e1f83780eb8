"""Answers to orders of EDI partners: which orders have been decided, and which of these are answered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

MOST = 100
LATEST = "3 days"
"""What was decided longer ago is not answered: whoever switches answers on does not want those of last year sent."""


def unanswered(connection: "Connection", *, source: str) -> list[dict[str, Any]]:
    """Return orders of a source that were booked, cancelled or rejected and not answered yet, oldest first.

    Each row: ``inbox_id, body, state, document, status, reason, missing``; ``document`` and ``status`` are null where
    no order was booked; ``missing`` maps article → pieces that are sold but not there yet.
    """
    return connection.execute(
        "SELECT i.id AS inbox_id, i.body, i.state, o.document, o.status, q.closing_reason AS reason, b.missing"
        " FROM inbox i LEFT JOIN sales_order o ON o.inbox_id = i.id"
        " LEFT JOIN LATERAL (SELECT r.closing_reason, r.closed_at FROM quarantine r WHERE r.inbox_id = i.id"
        " AND r.state = 'rejected' ORDER BY r.id DESC LIMIT 1) q ON true"
        " LEFT JOIN LATERAL (SELECT json_object_agg(sku, pieces) AS missing FROM (SELECT sku, sum(quantity)::text AS"
        " pieces FROM backorder WHERE order_id = o.id AND served_at IS NULL GROUP BY sku) each) b ON true"
        " WHERE i.source = %s AND i.kind = 'order' AND (i.state = 'accepted' AND o.status IN ('accepted', 'cancelled')"
        " OR i.state = 'rejected' AND q.closed_at IS NOT NULL)"
        " AND coalesce(q.closed_at, o.booked_at) > now() - %s::interval"
        " AND NOT EXISTS (SELECT FROM edi_order_answer a WHERE a.inbox_id = i.id) ORDER BY i.id LIMIT %s",
        (source, LATEST, MOST),
    ).fetchall()


def book(connection: "Connection", trail: "Trail", *, interchange: int, fates: Sequence[tuple[int, str]]) -> None:
    """Write which orders (by their inbox record) an interchange answers, and how."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO edi_order_answer (inbox_id, interchange_id, fate, run_id) VALUES (%s, %s, %s, %s)",
            [(inbox_id, interchange, fate, trail.actor.run_id) for inbox_id, fate in fates],
        )
    for inbox_id, fate in fates:
        touched = [("edi_order_answer", inbox_id)]
        trail.add("edi.order_answered", f"inbox/{inbox_id}", touched, {"interchange": interchange, "fate": fate})
