"""Answers to suppliers and reminders to people by mail, as effects: written when they are sent, sent at most once.

A mail cannot be looked up where it went. So the last step before it is out is noted and committed first; whoever finds
such a note without an answer leaves the mail to a person.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from blocks.database import (
    effects,
    invoice_decisions,
    invoice_limits,
    invoice_verdicts,
    received_invoices,
    supplier_accounts,
    suppliers,
)
from blocks.database.audit import Actor
from blocks.documents.mails import Mail, mail_address, mail_id
from blocks.errors import Refused, SomsError
from blocks.systems.answers import Answer, Done
from blocks.systems.registry import load_system
from tasks.invoice_validation.answer_letters import (
    Envelope,
    Sender,
    Subject,
    answer_mail,
    language_of,
    reasons,
)
from tasks.invoice_validation.onward import REMINDER

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database
    from blocks.documents.invoices import Invoice
    from blocks.systems.mailboxes.contract import Mailbox

MAYBE_SENT = (
    "This mail may have been sent already: a worker ended just when it was handed over. Look in the mail log for a"
    " Message-ID that begins with {id}; then abandon this call if it is there, or retry it if it is not."
)


def maybe_sent(connection: "Connection", claimed: Sequence[effects.Claimed]) -> Mapping[int, Answer]:
    """Return the claimed mails that nobody may send without having looked: they had been handed over before."""
    known = effects.handed_over(connection, claimed)
    return {effect.id: Refused(_maybe_sent(effect)) for effect in claimed if effect.id in known}


def _maybe_sent(effect: effects.Claimed) -> str:
    return MAYBE_SENT.format(id=mail_id(effect.business_key))


def send(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Write and send mails; one that cannot be written is refused alone, a reminder of what is decided is not sent."""
    mailbox: Mailbox = load_system(claimed[0].system)
    answers: dict[int, Answer] = {}
    mails: dict[int, Mail] = {}
    for effect in claimed:
        try:
            written = (_reminder if effect.kind == REMINDER else _written)(database, effect, mailbox)
            if written is None:
                answers[effect.id] = Done(effect.business_key, {"sent": False})
            else:
                mails[effect.id] = written
        except SomsError as error:
            answers[effect.id] = error if isinstance(error, Answer) else Refused(str(error))
    by_key = {effect.business_key: effect for effect in claimed}

    def hand_over(mail: Mail) -> None:
        from prefect.runtime import flow_run  # noqa: PLC0415 - seconds, only where mails are sent

        effect = by_key[mail.key]
        actor = Actor("invoice_validation", run_id=str(flow_run.id or ""))
        effects.hand_over(database, actor, effect, maybe_made=_maybe_sent(effect))

    if mails:
        answers |= zip(mails, mailbox.send(list(mails.values()), hand_over), strict=True)
    return [answers[effect.id] for effect in claimed]


def _written(database: "Database", effect: effects.Claimed, mailbox: "Mailbox") -> Mail:
    number, what = effect.payload["invoice"], effect.payload["what"]
    with database.connect() as connection:
        row = received_invoices.show(connection, number)
        invoice = received_invoices.in_force(connection, [number])[number]
        told = invoice_decisions.one(connection, effect.payload["decision"])
        verdict = invoice_verdicts.newest(connection, [number]).get(number)
        address = _address(connection, row, invoice)
    language = language_of(invoice)
    findings = verdict.verdict.findings if verdict else ()
    envelope = Envelope(effect.business_key, address, row["supplier"], language, told["at"].astimezone(UTC))
    subject = Subject(
        invoice.number, invoice.issue_date, invoice.totals.gross, invoice.currency, invoice.purchase_order_reference
    )
    said = reasons(what, told["reason"], findings, language)
    return answer_mail(what, subject, said, envelope, Sender(mailbox.merchant, mailbox.imprint))


def _reminder(database: "Database", effect: effects.Claimed, mailbox: "Mailbox") -> Mail | None:
    """Return the mail that reminds a person of an invoice; None where it is decided by now.

    Raises:
        Refused: The limits in force say nobody of this name.
    """
    number, limit, person = (effect.payload[name] for name in ("invoice", "limit", "person"))
    with database.connect() as connection:
        row = received_invoices.show(connection, number)
        limits = invoice_limits.in_force(connection)
        verdict = invoice_verdicts.newest(connection, [number]).get(number)
    if row["state"] not in received_invoices.OPEN:
        return None
    to = next((one for one in limits.reminders.people if one.person == person), None)
    if to is None:
        raise Refused(f"The limits in force name nobody '{person}' to be reminded: abandon this call, or name them.")
    envelope = Envelope(effect.business_key, to.mail, person, to.language, datetime.now(UTC))
    subject = Subject(row["number"], row["issued_on"], row["gross"], row["currency"], "")
    came_on = row["received_at"].astimezone(limits.zone).date()
    said = {"id": number, "supplier": row["supplier"] or "?", "limit": limit}
    until = came_on + timedelta(days=limit)
    findings = verdict.verdict.findings if verdict else ()
    why = reasons("reminded", "", findings, to.language)
    return answer_mail(
        "reminded", subject, why, envelope, Sender(mailbox.merchant, mailbox.imprint), more=said, until=until
    )


def _address(connection: "Connection", row: Mapping[str, Any], invoice: "Invoice") -> str:
    """Return where the supplier is answered: as noted, else as the invoice itself says, unless it looks forged.

    Raises:
        Refused: Nobody knows an address.
    """
    if found := mail_address(suppliers.answer_to(connection, row["supplier_id"])):
        return found
    changed = supplier_accounts.is_unconfirmed(connection, row["supplier_id"], row["iban"])
    contact, electronic = invoice.seller.contact, invoice.seller.electronic_address
    named = [contact.email if contact else "", electronic.value if electronic and electronic.scheme == "EM" else ""]
    address = next(filter(None, map(mail_address, named)), None)
    if address is None or changed:
        why = "its account is not confirmed, so the address it names is not used" if address else "it names none either"
        raise Refused(f"Nobody knows an address to answer invoice {row['id']}: {why}. Note one with its supplier.")
    return address
