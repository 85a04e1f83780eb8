"""What invoice validation calls outside: approved invoices booked in the ERP, answers sent; and what is heard back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blocks.database import effect_withdrawal, erp_bills, invoice_matches, received_invoices
from blocks.database.effect_delivery import Delivery
from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import load_system
from tasks.invoice_validation import answering, onward
from tasks.invoice_validation.bill_requests import Booked, bill_request, reversal_of

if TYPE_CHECKING:
    from blocks.database import effects
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database
    from blocks.documents.bills import BillRequest
    from blocks.systems.erps.contract import Erp


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


def _take_back_bills(database: "Database", claimed: "Sequence[effects.Claimed]") -> list[Answer]:
    """Have bills of corrected invoices taken back by others over the same, negative amounts."""
    erp = load_system(claimed[0].system)
    answers: dict[int, Answer] = {}
    asked: dict[int, BillRequest] = {}
    for effect in claimed:
        try:
            request = _reversal(database, erp, effect)
        except SomsError as error:
            answers[effect.id] = error if isinstance(error, Answer) else Refused(str(error))
            continue
        if request is None:
            answers[effect.id] = Done(effect.business_key, {"nothing": True})
        else:
            asked[effect.id] = request
    if asked:
        given: list[Answer] = erp.book_bills(list(asked.values()))
        answers |= zip(asked, given, strict=True)
    return [answers[effect.id] for effect in claimed]


def _reversal(database: "Database", erp: "Erp", effect: "effects.Claimed") -> "BillRequest | None":
    """Return what the ERP is asked to take back; None where it holds nothing of the invoice.

    Raises:
        TryAgainLater: The bill itself is being booked at this moment.
        Refused: The ERP holds a bill of a call that failed: a person must look.
    """
    number, corrected_by = effect.payload["invoice"], effect.payload["corrected_by"]
    with database.connect() as connection:
        bill = erp_bills.of(connection, number)
        invoices = received_invoices.in_force(connection, [number, corrected_by])
        owed = erp_bills.owed(connection, [number])[number]
        matches = invoice_matches.current(connection, [number])
        calls = effect_withdrawal.calls_of(connection, process=onward.PROCESS, subject=effect.subject, kind=onward.BILL)
    if bill is None:
        if any(one["state"] in {"due", "claimed"} for one in calls):
            raise TryAgainLater(f"Invoice {number} is being booked at this moment; it is taken back afterwards.")
        seen = erp.bill_states([owed.reference]).get(owed.reference)
        if seen is None or seen.state == "cancelled":
            return None
        raise Refused(
            f"The ERP holds invoice {seen.number or owed.reference} ({seen.state}) of a call that failed, and it was"
            " corrected since: cancel it there, then abandon this call."
        )
    to = Booked(owed.reference, owed.supplier, effect.system)
    booked = bill_request(invoices[number], to, matches[number][2] if number in matches else ())
    return reversal_of(booked, invoices[corrected_by].issue_date)


def _book(connection: "Connection", trail: "Trail", settled: "Sequence[effects.Settled]") -> None:
    if settled[0].effect.kind == onward.BILL:
        erp_bills.book(connection, trail, settled)
    elif settled[0].effect.kind == onward.REVERSAL:
        erp_bills.book_reversals(connection, trail, settled)


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
    calls={
        onward.BILL: _book_bills,
        onward.REVERSAL: _take_back_bills,
        onward.ANSWER: answering.send,
        onward.REMINDER: answering.send,
    },
    names={
        onward.BILL: "Invoices booked in the ERP",
        onward.REVERSAL: "Corrected invoices taken back in the ERP",
        onward.ANSWER: "Answers to suppliers sent",
        onward.REMINDER: "Reminders sent",
    },
    per_call={onward.BILL: 10, onward.REVERSAL: 10, onward.ANSWER: 10, onward.REMINDER: 10},
    book=_book,
    hold_back=answering.maybe_sent,
    limits=_limits,
)
