"""What becomes due once an invoice is decided: a bill in the ERP, an answer to who sent it; each exactly once."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.database import effects
from tasks.invoice_validation import edi_answers

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

PROCESS = "invoice_validation"
BILL, ANSWER = "erp.bill", "invoice.answer"


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
