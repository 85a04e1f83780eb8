"""What becomes of an invoice once its correction is approved: withdrawn while it waits, taken back where it is booked.

Nothing that was booked is changed: the ERP gets a bill that takes the first one back, the books get the same postings
on the other side, each exactly once. All of it is due in the transaction that approves the correction.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from blocks.database import conversions, invoice_corrections, invoice_decisions, invoice_verdicts, received_invoices
from blocks.database.invoice_decisions import Decision
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse
from tasks.invoice_validation import onward

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

WITHDRAW = "withdraw"


def insist_on_place(connection: "Connection", row: Mapping[str, Any]) -> None:
    """Insist that no correction of an invoice waits, and that what it corrects itself still stands.

    Raises:
        WrongUse: A correction waits, or that one was corrected by another meanwhile; names it.
    """
    number, corrected = row["id"], row["corrects_id"]
    if corrected is not None and invoice_corrections.standing(connection, [corrected])[corrected] != corrected:
        raise WrongUse(f"Invoice {corrected} was corrected by another invoice meanwhile: look at this one again.")
    waiting = invoice_corrections.waiting_on(connection, [number]).get(number)
    if waiting is not None:
        raise WrongUse(
            f"Invoice {waiting['id']} ({waiting['number']}) corrects invoice {number} and waits: decide that one first."
            " Who approves it withdraws this one; who rejects it leaves this one to be decided."
        )


def make_room_for(connection: "Connection", trail: "Trail", row: Mapping[str, Any], *, by: str, limits: str) -> str:
    """Withdraw or take back what an invoice replaces, before it is approved itself; returns in a sentence what came."""
    number = row["corrects_id"]
    if number is None:
        return ""
    first = received_invoices.show(connection, number, lock=True)
    why = f"Replaced by invoice {row['id']} ({row['number']})."
    if first["state"] in received_invoices.OPEN:
        _withdraw(connection, trail, first, by=by, why=why, limits=limits)
        return f" Invoice {number}, which it replaces, is withdrawn."
    if first["state"] == "rejected":
        return ""
    booked = onward.take_back(connection, trail, first, corrected_by=row["id"], reason=why)
    touched = [("received_invoice", number)]
    facts = {"by": by, "corrected by": row["id"], "booked": booked}
    trail.add("invoice.superseded", f"received_invoice/{number}", touched, facts)
    return f" What was booked of invoice {number}, which it replaces, is taken back."


def _withdraw(
    connection: "Connection", trail: "Trail", first: Mapping[str, Any], *, by: str, why: str, limits: str
) -> None:
    number, reason = first["id"], kept_reason(why)
    known = invoice_verdicts.newest(connection, [number]).get(number)
    version, view = (known.version, known.view_hash) if known else (0, "")
    decision = Decision(number, WITHDRAW, by, reason, version, view, limits)
    invoice_decisions.write(connection, trail, [decision])
    received_invoices.settle(connection, trail, {number: "rejected"}, by=by, reason=reason, facts={"view": view})
    close_conversion(connection, trail, first, "rejected", by=by, reason=reason)


def close_conversion(
    connection: "Connection", trail: "Trail", row: Mapping[str, Any], outcome: str, *, by: str, reason: str
) -> None:
    """Settle the conversion with its invoice, where it waits: nobody is to be asked twice."""
    if row["outcome"] in conversions.WAITING:
        found = conversions.show(connection, row["conversion_id"], lock=True)
        figures = {name: found[name] for name in ("supplier", "number", "issued_on", "gross", "currency")}
        conversions.settle(connection, trail, row["conversion_id"], outcome=outcome, by=by, reason=reason, now=figures)


def link(connection: "Connection", trail: "Trail", row: Mapping[str, Any], *, replaced: int, by: str) -> str:
    """Note what an invoice replaces, or (0) that it replaces none; returns in a sentence what came of it.

    Raises:
        WrongUse: There is no such invoice, it is another supplier's, or it cannot be replaced; says why.
    """
    number = row["id"]
    if replaced:
        other = received_invoices.show(connection, replaced, lock=True)
        if refusal := _refusal(connection, row, other):
            raise WrongUse(refusal)
    invoice_corrections.link(connection, trail, {number: replaced or None}, by=by)
    what = f"replaces invoice {replaced}" if replaced else "replaces no other invoice"
    return f"Invoice {number} {what}; it is judged anew, and waits for its approval."


def _refusal(connection: "Connection", row: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    number, replaced = row["id"], other["id"]
    if number == replaced:
        return f"Invoice {number} cannot replace itself."
    if row["supplier_id"] is None or row["supplier_id"] != other["supplier_id"]:
        return f"Invoice {replaced} is of another supplier than invoice {number}: one cannot replace the other."
    if other["state"] == "rejected":
        return f"Invoice {replaced} is rejected: there is nothing to be replaced."
    standing = invoice_corrections.standing(connection, [replaced])[replaced]
    if standing != replaced:
        return f"Invoice {replaced} was replaced already: invoice {standing} stands in its place."
    if other["corrects_id"] == number:
        return f"Invoice {replaced} is said to replace invoice {number}: say first that it does not."
    return ""
