"""What invoice validation calls outside: approved invoices booked in the ERP, answers sent; and what is heard back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blocks.database import erp_bills, invoice_matches, received_invoices
from blocks.database.effect_delivery import Delivery
from blocks.errors import Refused, SomsError
from blocks.systems.answers import Answer
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import load_system
from tasks.invoice_validation import answering, onward
from tasks.invoice_validation.bill_requests import Booked, bill_request

if TYPE_CHECKING:
    from blocks.database import effects
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database
    from blocks.documents.bills import BillRequest


def _book_bills(database: "Database", claimed: "Sequence[effects.Claimed]") -> list[Answer]:
    """Have approved invoices booked; one that cannot be put into words is refused alone."""
    system = claimed[0].system
    numbers = [effect.payload["invoice"] for effect in claimed]
    with database.connect() as connection:
        invoices = received_invoices.in_force(connection, numbers)
        owed = erp_bills.owed(connection, numbers)
        matches = invoice_matches.current(connection, numbers)
    answers: dict[int, Answer] = {}
    asked: dict[int, BillRequest] = {}
    for effect, number in zip(claimed, numbers, strict=True):
        to = Booked(owed[number].reference, owed[number].supplier, system)
        try:
            asked[effect.id] = bill_request(invoices[number], to, matches[number][2] if number in matches else ())
        except SomsError as error:
            answers[effect.id] = error if isinstance(error, Refused) else Refused(str(error))
    if asked:
        given: list[Answer] = load_system(system).book_bills(list(asked.values()))
        answers |= zip(asked, given, strict=True)
    return [answers[effect.id] for effect in claimed]


def _book(connection: "Connection", trail: "Trail", settled: "Sequence[effects.Settled]") -> None:
    if settled[0].effect.kind == onward.BILL:
        erp_bills.book(connection, trail, settled)


def hear_payments(database: "Database", actor: "Actor") -> int:
    """Ask the ERPs which bills are paid, and note it; returns how many are paid now.

    Raises:
        TryAgainLater: An ERP can't answer now.
        Refused: Credentials or rights are missing.
        Unreadable: An ERP's answer is none.
    """
    paid = 0
    with database.connect() as connection:
        waiting = {system: erp_bills.unpaid(connection, system) for system in erp_bills.unpaid_systems(connection)}
    for system, references in waiting.items():
        erp = load_system(system)
        if not erp.capabilities.bills:
            continue
        seen = erp.bill_states(list(references))
        with database.audited(actor) as (connection, trail):
            paid += len(erp_bills.hear(connection, trail, system, seen))
    return paid


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERY = Delivery(
    process=onward.PROCESS,
    calls={onward.BILL: _book_bills, onward.ANSWER: answering.send},
    names={onward.BILL: "Invoices booked in the ERP", onward.ANSWER: "Answers to suppliers sent"},
    per_call={onward.BILL: 10, onward.ANSWER: 10},
    book=_book,
    hold_back=answering.maybe_sent,
    limits=_limits,
)
