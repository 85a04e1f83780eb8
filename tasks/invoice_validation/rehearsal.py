"""Rehearses a run: everything is done as in earnest, in one transaction that is taken back at its end."""

import time
from typing import TYPE_CHECKING

from blocks.database import invoice_limits, received_invoices
from blocks.database.audit import Trail
from tasks.invoice_validation.booking import Hold, JudgedNow, Tally, book
from tasks.invoice_validation.judging import Judge, prepared, with_bytes
from tasks.invoice_validation.judging_files import judge_each

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database
    from blocks.database.received_invoices import Destination

MOST = 500
"""Invoices that are rehearsed at most: while it lasts, no other run books any."""


def rehearse(
    database: "Database",
    actor: "Actor",
    source: str,
    destination: "Destination",
    *,
    hold: Hold,
    jobs: int = 0,
    judge_files: Judge | None = None,
) -> tuple[Tally, float]:
    """Return what would become of the invoices that wait, and the seconds that judging took; nothing is kept."""
    trail = Trail(actor)
    with database.connect() as connection:
        try:
            limits = invoice_limits.in_force(connection)
            waiting = received_invoices.untaken(connection, source=source, limit=MOST)[:1]
            taken = [
                number
                for portion in waiting
                for number in received_invoices.take(connection, trail, portion, limits=limits, destination=destination)
            ]
            ids = [
                number for portion in received_invoices.undecided(connection, source=source)[:1] for number in portion
            ]
            begun = time.monotonic()
            rows, items, inbox = prepared(connection, ids, limits)
            contents = with_bytes(database, items, inbox)
            verdicts = judge_files(contents) if judge_files else judge_each(contents, jobs=jobs)
            judged = {number: JudgedNow(verdict, rows[number]["facts"]) for number, verdict in verdicts}
            seconds = time.monotonic() - begun
            tally = book(connection, trail, ids, judged, limits=limits, hold=hold)
        finally:
            connection.rollback()
    return tally + Tally(taken=len(taken)), seconds
