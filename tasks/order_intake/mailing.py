"""Mails to customers as effects: due with the facts that cause them, written when they are sent, sent at most once.

A mail cannot be looked up where it went. So the last step before it is out is noted and committed first; whoever finds
such a note without an answer leaves the mail to a person, who finds it in the mail log by its Message-ID or not.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prefect.runtime import flow_run

from blocks.database import corrections, effects, quarantine
from blocks.database.audit import Actor
from blocks.documents.mails import Mail, mail_address, mail_id
from blocks.documents.orders import Order
from blocks.documents.patches import patched_bytes, patched_order
from blocks.errors import Refused, SomsError, Unreadable, WrongUse
from blocks.systems.answers import Answer
from blocks.systems.registry import load_system
from blocks.systems.shops.contract import Received
from tasks.order_intake import records
from tasks.order_intake.confirmation import Terms, confirmation
from tasks.order_intake.delivery_dates import delivery_date
from tasks.order_intake.letters import Envelope, Merchant, confirmation_mail, rejection_mail
from tasks.order_intake.mail_records import Accepted, accepted_orders
from tasks.order_intake.wording import language_of, wording

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database
    from blocks.systems.mailboxes.contract import Mailbox
    from blocks.systems.sources import OrderSource
    from tasks.order_intake.rulebook import OrderRules

CONFIRMATION, REJECTION = "mail.confirmation", "mail.rejection"
KINDS = frozenset({CONFIRMATION, REJECTION})
MAYBE_SENT = (
    "This mail may have been sent already: a worker ended just when it was handed over. Look in the mail log for a"
    " Message-ID that begins with {id}; then abandon this call if it is there, or retry it if it is not."
)
Write = Callable[[effects.Claimed], Mail]


def address_of(order: Order) -> str | None:
    """Return where the customer of an order can be written to; None when they gave no address that can be."""
    addresses = [each.email for each in (order.billing_address, order.shipping_address) if each is not None]
    return next(filter(None, map(mail_address, (order.customer.email, *addresses))), None)


def mailbox_of(source: "OrderSource", rules: "OrderRules") -> str:
    """Return the mailbox that confirms orders of this source; empty when the source does, or when there is none."""
    if source.sends_confirmation_mail or not rules.mailbox:
        return ""
    try:
        load_system(rules.mailbox)
    except WrongUse:
        return ""
    return rules.mailbox


def without_mails(connection: "Connection", source: "OrderSource") -> str:
    """Return in a sentence why nobody confirms a source's orders by mail; empty when somebody does."""
    rules = records.rules_in_force(connection)
    if source.sends_confirmation_mail or mailbox_of(source, rules):
        return ""
    if not rules.mailbox:
        return "No confirmation mails are sent: the merchant's rules name no mailbox."
    slug, _, name = rules.mailbox.partition("/")
    return (
        f"No confirmation mails are sent: the source sends none, and no mailbox '{rules.mailbox}' is connected. Create"
        f" a block of type '{slug}' named '{name}' in the UI to send them for orders accepted from then on."
    )


def confirmations_due(
    connection: "Connection", source: "OrderSource", *, name: str, channel: str, orders: Mapping[str, int]
) -> list[effects.Due]:
    """Return the confirmations of newly accepted orders: those that can be written to, where the source does not.

    The caller writes them in the transaction in which the orders are accepted.

    Args:
        connection: That transaction's connection.
        source: Where the orders came from.
        name: The name of its block.
        channel: The channel the orders belong to.
        orders: Row ids by external id.
    """
    mailbox = mailbox_of(source, records.rules_in_force(connection)) if orders else ""
    if not mailbox:
        return []
    accepted_at = datetime.now(UTC).isoformat()
    accepted = accepted_orders(connection, list(orders.values()))
    return [
        effects.Due(
            business_key=f"{CONFIRMATION}:{channel}:{external_id}",
            process="order_intake",
            system=mailbox,
            kind=CONFIRMATION,
            subject=f"sales_order/{order_id}",
            payload={"order_id": order_id, "source": name, "accepted_at": accepted_at},
        )
        for external_id, order_id in orders.items()
        if address_of(accepted[order_id].order)
    ]


def maybe_sent(connection: "Connection", claimed: Sequence[effects.Claimed]) -> dict[int, Answer]:
    """Return the claimed mails that nobody may send without having looked: they had been handed over before."""
    known = effects.handed_over(connection, claimed)
    return {effect.id: Refused(_maybe_sent(effect)) for effect in claimed if effect.id in known}


def _maybe_sent(effect: effects.Claimed) -> str:
    return MAYBE_SENT.format(id=mail_id(effect.business_key))


def send_confirmations(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Write and send the confirmations of accepted orders."""
    mailbox = load_system(claimed[0].system)
    with database.connect() as connection:
        rules = records.rules_in_force(connection)
        accepted = accepted_orders(connection, [effect.payload["order_id"] for effect in claimed])
    sources = {name: load_system(name) for name in {effect.payload["source"] for effect in claimed}}

    def write(effect: effects.Claimed) -> Mail:
        source = sources[effect.payload["source"]]
        return _confirmation(effect, accepted[effect.payload["order_id"]], source, rules, mailbox)

    return _send(database, claimed, mailbox, write)


def _confirmation(
    effect: effects.Claimed, accepted: Accepted, source: "OrderSource", rules: "OrderRules", mailbox: "Mailbox"
) -> Mail:
    if accepted.status == "cancelled":
        raise Refused("The order was cancelled before its confirmation went out: abandon this call.")
    order, accepted_at = accepted.order, datetime.fromisoformat(effect.payload["accepted_at"])
    own, speaks = rules.mapping(order.channel), wording(language_of(order))
    shipping_methods = source.shipping_methods | own.shipping_methods
    address = order.shipping_address
    day = delivery_date(
        rules.delivery,
        accepted_at,
        zone=source.time_zone,
        warehouses=accepted.warehouses,
        country=(address.country if address else None) or rules.delivery.calendar,
        method=shipping_methods.get(order.shipping_method, ""),
        promised=accepted.missing,
    )
    terms = Terms(source.payment_methods | own.payment_methods, shipping_methods, source.time_zone, day)
    said = confirmation(order, terms, speaks)
    envelope = Envelope(effect.business_key, _recipient(order), said.name, accepted_at)
    return confirmation_mail(said, envelope, _merchant(mailbox, speaks.language), speaks)


def send_rejections(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Write and send what tells customers that their order was not accepted, in their language and without our rules.

    The payload names the quarantine record.
    """
    mailbox = load_system(claimed[0].system)

    def write(effect: effects.Claimed) -> Mail:
        with database.connect() as connection:
            record = quarantine.show(connection, effect.payload["quarantine_id"])
            patches = corrections.in_force(connection, [record["inbox_id"]]).get(record["inbox_id"], ())
        source = load_system(record["source"])
        channel = source.channel or record["source"].partition("/")[2]
        try:
            body = patched_bytes(bytes(record["body"]), patches)
            received = Received(record["external_id"], body, record["content_type"])
            order, _ = patched_order(source.read_order(received, channel), patches)
        except Unreadable as error:
            raise Refused("The record cannot be read, so nobody can be written to: abandon this call.") from error
        speaks = wording(language_of(order))
        rules = tuple(fault["rule"] for fault in record["faults"])
        name = order.billing_address.recipient() if order.billing_address else order.customer.name
        written_at = record["closed_at"] or record["opened_at"]
        envelope = Envelope(effect.business_key, _recipient(order), name, written_at)
        return rejection_mail(order.number, rules, envelope, _merchant(mailbox, speaks.language), speaks)

    return _send(database, claimed, mailbox, write)


def _recipient(order: Order) -> str:
    address = address_of(order)
    if address is None:
        raise Refused("The order names no address that can be written to: abandon this call.")
    return address


def _merchant(mailbox: "Mailbox", language: str) -> Merchant:
    return Merchant(mailbox.merchant, mailbox.imprint, mailbox.website, mailbox.terms.get(language, ""))


def _send(database: "Database", claimed: Sequence[effects.Claimed], mailbox: "Mailbox", write: Write) -> list[Answer]:
    """Write all mails before the first is sent, then send them; an effect whose mail cannot be written is refused."""
    answers: dict[int, Answer] = {}
    mails: dict[int, Mail] = {}
    for effect in claimed:
        try:
            mails[effect.id] = write(effect)
        except SomsError as error:
            answers[effect.id] = error if isinstance(error, Answer) else Refused(str(error))
    by_key = {effect.business_key: effect for effect in claimed}

    def hand_over(mail: Mail) -> None:
        effect = by_key[mail.key]
        effects.hand_over(database, _actor(), effect, maybe_made=_maybe_sent(effect))

    answers |= zip(mails, mailbox.send(list(mails.values()), hand_over), strict=True)
    return [answers[effect.id] for effect in claimed]


def _actor() -> Actor:
    return Actor("order_intake", run_id=str(flow_run.id or ""))
