"""Answers to partners whose invoices came by EDI: an APERAK each, booked with the decision that it tells."""

from typing import TYPE_CHECKING

from blocks.database import interchanges, invoice_decisions, invoice_verdicts, received_invoices
from tasks.invoice_validation.answer_letters import language_of, reasons

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def by_interchange(connection: "Connection", trail: "Trail", invoice: int, *, decision: int, what: str) -> bool:
    """Answer an invoice that came by EDI with an APERAK to its partner; False where it did not come so.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        invoice: The invoice.
        decision: The decision that is told.
        what: 'rejected' or 'asked'; both say that the message was not taken as it is.
    """
    from blocks.standards.edifact.messages.aperak import aperak  # noqa: PLC0415 - only for partners

    came = interchanges.came_by(connection, received_invoices.show(connection, invoice)["inbox_id"])
    if came is None:
        return False
    partner = interchanges.partners_in_force(connection).partners.get(came["partner"])
    if partner is None:
        return False
    told = invoice_decisions.one(connection, decision)
    document = received_invoices.in_force(connection, [invoice])[invoice]
    verdict = invoice_verdicts.newest(connection, [invoice]).get(invoice)
    said = reasons(what, told["reason"], verdict.verdict.findings if verdict else (), language_of(document))
    message = aperak(f"I{invoice}D{decision}", told["at"], document.number or came["reference"], said, accepted=False)
    interchanges.send(connection, trail, came["partner"], partner, [message], answers=came["id"])
    return True
