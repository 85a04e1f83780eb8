"""What becomes due for an invoice: a bill in the ERP, an answer to who sent it, a reminder; each exactly once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.database import effect_withdrawal, effects
from tasks.invoice_validation import edi_answers

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

PROCESS = "invoice_validation"
BILL, REVERSAL, ANSWER, REMINDER = "erp.bill", "erp.bill_reversal", "invoice.answer", "invoice.reminder"


def bill(connection: "Connection", trail: "Trail", invoices: Sequence[Mapping[str, Any]]) -> None:
    """Write the bills of approved invoices (``id, erp``) as due; nothing where no ERP was named for them."""
    effects.put(
        connection,
        trail,
        [
            effects.Due(
                business_key=f"{BILL}:{each['id']}", process=PROCESS, system=each["erp"], kind=BILL,
                subject=f"received_invoice/{each['id']}", payload={"invoice": each["id"]},
            )
            for each in invoices
            if each["erp"]
        ],
    )  # fmt: skip


def take_back(
    connection: "Connection", trail: "Trail", invoice: Mapping[str, Any], *, corrected_by: int, reason: str
) -> bool:
    """Write as due that an ERP takes back what it has booked of an invoice (``id, erp``), or is about to.

    A bill that nobody has asked for yet is not asked for any more. Returns whether anything is to be taken back.
    """
    subject = f"received_invoice/{invoice['id']}"
    calls = effect_withdrawal.calls_of(connection, process=PROCESS, subject=subject, kind=BILL)
    going = [one for one in calls if one["state"] != "abandoned"]
    never_made = all(one["state"] == "due" and not one["maybe_done"] for one in going)
    if never_made or any(one["state"] == "failed" for one in going):
        effect_withdrawal.withdraw(connection, trail, process=PROCESS, subjects=[subject], reason=reason, kind=BILL)
    if never_made:
        return False
    due = effects.Due(
        business_key=f"{REVERSAL}:{invoice['id']}", process=PROCESS, system=invoice["erp"], kind=REVERSAL,
        subject=subject, payload={"invoice": invoice["id"], "corrected_by": corrected_by},
    )  # fmt: skip
    effects.put(connection, trail, [due])
    return True


def answer(connection: "Connection", trail: "Trail", invoice: Mapping[str, Any], *, decision: int, what: str) -> bool:
    """Write an answer to who sent an invoice (``id, answers``) as due; returns whether it will go out.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        invoice: The invoice.
        decision: The decision that is told.
        what: 'rejected' or 'asked'.
    """
    if edi_answers.by_interchange(connection, trail, invoice["id"], decision=decision, what=what):
        return True
    if not invoice["answers"]:
        return False
    due = effects.Due(
        business_key=f"{ANSWER}:{invoice['id']}:{decision}", process=PROCESS, system=invoice["answers"], kind=ANSWER,
        subject=f"received_invoice/{invoice['id']}",
        payload={"invoice": invoice["id"], "decision": decision, "what": what},
    )  # fmt: skip
    effects.put(connection, trail, [due])
    return True


def remind(
    connection: "Connection", trail: "Trail", invoice: int, *, limit: int, people: Iterable[str], mailbox: str
) -> None:
    """Write reminders of an invoice as due, one for each person and limit of the law (in days); names, no addresses."""
    due = [
        effects.Due(
            business_key=f"{REMINDER}:{invoice}:{limit}:{person}", process=PROCESS, system=mailbox, kind=REMINDER,
            subject=f"received_invoice/{invoice}", payload={"invoice": invoice, "limit": limit, "person": person},
        )
        for person in people
    ]  # fmt: skip
    effects.put(connection, trail, due)
