"""Purchase proposals as people decide on them, and what the ERP made of those that were approved."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from blocks.database import effects, stock_alerts
from blocks.database.effects import Due, Settled
from blocks.documents.purchases import PurchaseRequest
from blocks.errors import WrongUse
from blocks.systems.answers import Done
from tasks.replenishment.records import ALERT, tell

if TYPE_CHECKING:
    from decimal import Decimal

    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

PROCESS = "replenishment"
CALL = "erp.purchase_request"
STATES = ("proposed", "approved", "declined", "ordered", "outdated")
ABANDONED = "Its call to the ERP was abandoned."


def listing(
    connection: "Connection", *, states: Sequence[str], limit: int, numbers: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return proposals in these states, or of these numbers, newest first, each with the state of its call."""
    return connection.execute(
        "SELECT p.id, p.warehouse, p.sku, p.supplier, p.quantity, p.needed_on, p.why, p.state, p.proposed_at,"
        " p.decided_by, p.decided_at, p.reason, p.erp_number, e.id AS call, e.state AS call_state,"
        " e.last_error AS call_error"
        " FROM purchase_proposal p LEFT JOIN effect e ON e.business_key = %(call)s || p.id"
        " WHERE p.state = ANY(%(states)s) AND (%(all)s OR p.id = ANY(%(numbers)s)) ORDER BY p.id DESC LIMIT %(limit)s",
        {
            "call": f"{CALL}:",
            "states": list(states),
            "all": numbers is None,
            "numbers": list(numbers or ()),
            "limit": limit,
        },
    ).fetchall()


def approve(
    connection: "Connection",
    trail: "Trail",
    numbers: Sequence[int],
    *,
    system: str,
    by: str,
    reason: str,
    quantity: "Decimal | None" = None,
) -> list[int]:
    """Approve proposals that still stand, and make the ERP's purchase requests due; returns which were.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        numbers: The proposals.
        system: The ERP that buys.
        by: Who decides.
        reason: Why.
        quantity: Other pieces than proposed; of one proposal only.

    Raises:
        WrongUse: No reason is given, or one quantity for several proposals.
    """
    if quantity is not None and len(numbers) != 1:
        raise WrongUse("Another quantity can be given for one proposal at a time.")
    rows = _decide(connection, numbers, state="approved", by=by, reason=reason, quantity=quantity)
    for row in rows:
        facts = {"by": by, "reason": reason, "quantity": row["quantity"]}
        tell(trail, "purchase.approved", row, facts)
    effects.put(connection, trail, [_call(row["id"], system) for row in rows])
    subjects = [f"{row['warehouse']}:{row['sku']}" for row in rows]
    stock_alerts.close_alerts(connection, trail, ALERT, subjects)
    return [row["id"] for row in rows]


def decline(connection: "Connection", trail: "Trail", numbers: Sequence[int], *, by: str, reason: str) -> list[int]:
    """Decline proposals that still stand; returns which were.

    Raises:
        WrongUse: No reason is given.
    """
    rows = _decide(connection, numbers, state="declined", by=by, reason=reason)
    for row in rows:
        tell(trail, "purchase.declined", row, {"by": by, "reason": reason})
    return [row["id"] for row in rows]


def _decide(
    connection: "Connection",
    numbers: Sequence[int],
    *,
    state: str,
    by: str,
    reason: str,
    quantity: "Decimal | None" = None,
) -> list[dict[str, Any]]:
    if not reason.strip():
        raise WrongUse("Say why: the reason goes into the audit trail.")
    connection.execute("SELECT FROM purchase_proposal WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(numbers),))
    return connection.execute(
        "UPDATE purchase_proposal SET state = %s, decided_by = %s, decided_at = clock_timestamp(), reason = %s,"
        " quantity = coalesce(%s, quantity) WHERE id = ANY(%s) AND state = 'proposed'"
        " RETURNING id, warehouse, sku, quantity",
        (state, by, reason, quantity, list(numbers)),
    ).fetchall()


def why_not(connection: "Connection", numbers: Sequence[int], *, wanted: str) -> dict[int, str]:
    """Return in a sentence why each of these proposals was not decided on."""
    rows = connection.execute("SELECT id, state FROM purchase_proposal WHERE id = ANY(%s)", (list(numbers),))
    states = {row["id"]: row["state"] for row in rows}
    return {
        number: f"Proposal {number} was not {wanted}: it is {states[number]}."
        if number in states
        else f"There is no proposal {number}: `soms purchases list` shows them."
        for number in numbers
    }


def _call(number: int, system: str) -> Due:
    return Due(f"{CALL}:{number}", PROCESS, system, CALL, f"purchase_proposal/{number}", {"proposal": number})


def requests(connection: "Connection", numbers: Sequence[int]) -> dict[int, PurchaseRequest]:
    """Return what is asked of the ERP for each of these proposals."""
    rows = connection.execute(
        "SELECT id, warehouse, sku, supplier, quantity, needed_on, proposed_at, why FROM purchase_proposal"
        " WHERE id = ANY(%s)",
        (list(numbers),),
    )
    return {
        row["id"]: PurchaseRequest(
            reference=reference(row["id"], row["proposed_at"]),
            sku=row["sku"],
            warehouse=row["warehouse"],
            quantity=row["quantity"],
            supplier=row["supplier"],
            needed_on=row["needed_on"],
            comment=_comment(row["id"], json.loads(row["why"])),
        )
        for row in rows
    }


def reference(number: int, proposed_at: datetime) -> str:
    """Return our reference of a proposal, by which the ERP's purchase request is looked up.

    The moment is part of it: a SOMS that was set up anew counts from 1 again, and must not find the old one's requests.
    """
    return f"SOMS-purchase-{proposed_at.astimezone(UTC):%Y%m%d%H%M%S}-{number}"


def _comment(number: int, why: Mapping[str, Any]) -> str:
    figures = f"; {why['position']} there and on the way, reorder point {why['point']}" if "point" in why else ""
    return f"Purchase proposal {number} of SOMS{figures}."


def book_answers(connection: "Connection", trail: "Trail", settled: Sequence[Settled]) -> None:
    """Write down which proposals the ERP has now, and by what number."""
    done = {
        entry.effect.payload["proposal"]: str(entry.answer.facts.get("number") or entry.answer.reference)
        for entry in settled
        if isinstance(entry.answer, Done)
    }
    rows = connection.execute(
        "UPDATE purchase_proposal p SET state = 'ordered', erp_number = new.number"
        " FROM unnest(%s::bigint[], %s::text[]) AS new(id, number)"
        " WHERE p.id = new.id AND p.state = 'approved' RETURNING p.id, p.warehouse, p.sku, p.erp_number",
        (list(done), list(done.values())),
    ).fetchall()
    for row in rows:
        tell(trail, "purchase.ordered", row, {"number": row["erp_number"]})


def give_up_abandoned(connection: "Connection", trail: "Trail") -> int:
    """Decline the approved proposals whose call a person abandoned; returns how many."""
    rows = connection.execute(
        "UPDATE purchase_proposal SET state = 'declined', decided_at = clock_timestamp(),"
        " reason = %s WHERE state = 'approved' AND EXISTS (SELECT FROM effect e"
        " WHERE e.business_key = %s || purchase_proposal.id AND e.state = 'abandoned') RETURNING id, warehouse, sku",
        (ABANDONED, f"{CALL}:"),
    ).fetchall()
    for row in rows:
        tell(trail, "purchase.declined", row, {"reason": ABANDONED})
    return len(rows)
