"""Reminds people of invoices that nobody has decided, once before each of the law's limits.

Whom the limits in force name is written to: a mail is due in the transaction that notes the reminder, under a key of
its own for each limit and person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from blocks.database import invoice_decisions, invoice_limits, invoice_reports, received_invoices
from blocks.database.invoice_decisions import Decision
from tasks.invoice_validation import onward
from tasks.invoice_validation.ageing import Reminder, reminders

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database


@dataclass(frozen=True, slots=True)
class Aged:
    """Undecided invoices with their ages, and those of them that must be decided now."""

    rows: Sequence[Mapping[str, Any]]
    reminders: Sequence[Reminder]


def remind(database: "Database", actor: "Actor", now: datetime) -> tuple[int, Aged]:
    """Keep each reminder once; returns how many are new, and all that stand."""
    with database.audited(actor) as (connection, trail):
        received_invoices.hold_booking(connection)
        limits = invoice_limits.in_force(connection)
        rows = invoice_reports.ages(connection, zone=limits.time_zone, now=now)
        due = reminders(rows, limits)
        known: set[tuple[int, str]] = set()
        for say in {one.say for one in due}:
            of_this = [one.invoice for one in due if one.say == say]
            known |= {(number, say) for number in invoice_decisions.noted(connection, of_this, "remind", say)}
        new = [one for one in due if (one.invoice, one.say) not in known]
        decisions = [
            Decision(one.invoice, "remind", "soms", one.say, 0, "", limits.edition, final=False) for one in new
        ]
        invoice_decisions.write(connection, trail, decisions)
        reminders_of = limits.reminders
        people = [one.person for one in reminders_of.people]
        for one in new:
            onward.remind(connection, trail, one.invoice, limit=one.limit, people=people, mailbox=reminders_of.mailbox)
    return len(new), Aged(rows, due)
