"""What people, or rules, decided on incoming invoices: who, why, on which view of the facts, under which limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; not ``final`` where a second person must decide as well, whose then names ``first_by``."""

    invoice: int
    action: str
    by: str
    reason: str
    version: int
    view: str
    limits: str
    final: bool = True
    first_by: str | None = None


def write(connection: "Connection", trail: "Trail", decisions: Sequence[Decision]) -> dict[int, int]:
    """Keep decisions, at most one for each invoice; returns their ids by invoice."""
    if not decisions:
        return {}
    rows = connection.execute(
        "INSERT INTO invoice_decision (invoice_id, action, by, reason, verdict_version, view_hash, final, first_by,"
        " limits, run_id) SELECT n.*, %s FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[],"
        " %s::text[], %s::boolean[], %s::text[], %s::text[]) AS n RETURNING id, invoice_id",
        (
            trail.actor.run_id, [one.invoice for one in decisions], [one.action for one in decisions],
            [one.by for one in decisions], [one.reason for one in decisions], [one.version for one in decisions],
            [one.view for one in decisions], [one.final for one in decisions], [one.first_by for one in decisions],
            [one.limits for one in decisions],
        ),
    ).fetchall()  # fmt: skip
    ids = {row["invoice_id"]: row["id"] for row in rows}
    for one in decisions:
        facts = {
            "action": one.action, "by": one.by, "reason": one.reason, "final": one.final, "view": one.view,
            "verdict": one.version, "limits": one.limits,
        }  # fmt: skip
        touched = [("invoice_decision", ids[one.invoice])]
        trail.add("invoice.decided", f"received_invoice/{one.invoice}", touched, facts)
    return ids


def first_approval(connection: "Connection", invoice: int, *, view: str) -> dict[str, Any] | None:
    """Return the approval that a second one may follow: of the same view of the facts, and not refused since."""
    return connection.execute(
        "SELECT id, by, at FROM invoice_decision WHERE invoice_id = %s AND action = 'approve' AND NOT final"
        " AND view_hash = %s ORDER BY id LIMIT 1",
        (invoice, view),
    ).fetchone()


def of(connection: "Connection", invoice: int) -> list[dict[str, Any]]:
    """Return the decisions on an invoice, oldest first."""
    return connection.execute(
        "SELECT id, action, by, reason, at, verdict_version, view_hash, final, first_by, limits FROM invoice_decision"
        " WHERE invoice_id = %s ORDER BY id",
        (invoice,),
    ).fetchall()


def noted(connection: "Connection", ids: Sequence[int], action: str, reason: str | None = None) -> set[int]:
    """Return those of the invoices that have a decision of this kind, for this reason where one is given."""
    rows = connection.execute(
        "SELECT DISTINCT invoice_id FROM invoice_decision WHERE invoice_id = ANY(%(ids)s) AND action = %(action)s"
        " AND (%(reason)s::text IS NULL OR reason = %(reason)s)",
        {"ids": list(ids), "action": action, "reason": reason},
    )
    return {row["invoice_id"] for row in rows}


def one(connection: "Connection", decision: int) -> dict[str, Any]:
    """Return one decision.

    Raises:
        LookupError: There is none with this number.
    """
    row = connection.execute("SELECT * FROM invoice_decision WHERE id = %s", (decision,)).fetchone()
    if row is None:
        raise LookupError(decision)
    return row
