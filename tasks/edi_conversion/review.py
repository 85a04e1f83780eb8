"""What a person does with a conversion that waits: look, correct, approve, release, reject; each in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import conversion_corrections as corrections
from blocks.database import conversion_remarks, conversions
from blocks.database.conversions import Goal
from blocks.documents.invoice_corrections import corrected_invoice, touches_money
from blocks.documents.invoice_text import invoice_of
from blocks.documents.invoices import Invoice
from blocks.documents.patch_lines import Change, changes_of
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse
from tasks.edi_conversion.booking import put_due
from tasks.edi_conversion.writing import unfit

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Look:
    """A conversion as it stands: what was read, how corrections leave it, and what speaks against it now."""

    row: dict[str, Any]
    read: Invoice
    now: Invoice
    corrections: list[dict[str, Any]]
    objections: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def undecided(self) -> list[int]:
        """Return the corrections that wait for a second person."""
        return [each["id"] for each in self.corrections if each["state"] == "proposed"]


def look(connection: "Connection", number: int, *, lock: bool = False, with_proposed: bool = True) -> Look:
    """Return all about one conversion, read with its corrections; those not approved yet only to see what would be.

    Raises:
        WrongUse: There is no such conversion.
    """
    row = conversions.show(connection, number, lock=lock)
    read = invoice_of(row["invoice"]) if row["invoice"] else Invoice()
    made = corrections.of_conversion(connection, number)
    states = {"approved", "proposed"} if with_proposed else {"approved"}
    now = read
    for each in made:
        if each["state"] in states:
            now, _ = corrected_invoice(now, each["changes"])
    return Look(row, read, now, made, objections(now), tuple(conversion_remarks.of_conversion(connection, number)))


def objections(invoice: Invoice, *, confirmed: bool = False, lines: bool = True) -> tuple[str, ...]:
    """Return in whole sentences what speaks against an invoice; empty when its arithmetic closes.

    ``confirmed`` says that a person has compared identifiers with the page: check digits that fail are printed so;
    ``lines`` is False where the page prints none, as a person has seen.
    """
    from blocks.standards.printed_invoices import proof  # noqa: PLC0415 - only where judged
    from blocks.standards.printed_invoices.labels import fold  # noqa: PLC0415 - as above

    transfers = invoice.payment.transfers if invoice.payment else ()
    printed = (
        invoice.seller.vat_id,
        invoice.buyer.vat_id,
        invoice.seller.tax_number,
        *(to.account for to in transfers),
    )
    return proof.objections(
        invoice, confirmed=frozenset(fold(each) for each in printed if each and confirmed), lines=lines
    )


def supplier_of(invoice: Invoice) -> str:
    """Return the key an invoice's supplier is known by; empty where nobody can tell."""
    from blocks.standards.printed_invoices.proof import supplier_key  # noqa: PLC0415 - as above

    return supplier_key(invoice)


@dataclass(frozen=True, slots=True)
class Made:
    """A correction that was kept; it waits where a second person must approve it."""

    correction: int
    waits: bool
    changes: tuple[Change, ...]
    objections: tuple[str, ...]


def correct(
    connection: "Connection", trail: "Trail", *, number: int, lines: Sequence[str], by: str, reason: str
) -> Made:
    """Keep a correction of one conversion that waits; what touches money is proposed to a second person.

    Raises:
        WrongUse: It does not wait, a line is wrong, or nothing would change.
    """
    reason, changes = kept_reason(reason), changes_of(lines, raw=False)
    known = _waiting(look(connection, number, lock=True))
    after, changes = corrected_invoice(known.now, changes)
    if after == known.now:
        raise WrongUse("That is how it reads already: nothing would be corrected.")
    row = corrections.write_down(
        connection, trail, conversion=number, changes=changes, by=by, reason=reason,
        money=touches_money(known.now, after, changes),
    )  # fmt: skip
    return Made(row["id"], row["state"] == "proposed", changes, objections(after))


def decide(
    connection: "Connection", trail: "Trail", *, correction: int, approve: bool, by: str, reason: str
) -> dict[str, Any]:
    """Approve or decline a correction of a conversion that waits.

    Raises:
        WrongUse: There is none, it is decided, its conversion is settled, who made it wants to approve it, or later
            corrections would not fit without it.
    """
    number = corrections.conversion_of(connection, correction)
    _waiting(look(connection, number, lock=True))
    decided = corrections.decide(connection, trail, correction=correction, approve=approve, by=by, reason=reason)
    look(connection, number)  # raises where a later correction stands on this one
    return decided


def release(
    connection: "Connection", trail: "Trail", *, number: int, by: str, reason: str, goal: Goal | None = None
) -> Look:
    """Let a conversion go on as its approved corrections leave it; its delivery is due at once.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        number: The conversion.
        by: Who confirms it.
        reason: Why.
        goal: Where it goes to; None: where the run that read it meant it to go.

    Raises:
        WrongUse: It does not wait, a correction is undecided, its arithmetic does not close, or the invoice has gone
            on already.
    """
    reason = kept_reason(reason)
    conversions.hold_booking(connection)
    known = _waiting(look(connection, number, lock=True, with_proposed=False))
    if known.undecided:
        waits = ", ".join(map(str, known.undecided))
        raise WrongUse(f"Conversion {number} waits for a second person: correction {waits} is undecided.")
    if against := objections(known.now, confirmed=True, lines=bool(known.read.lines)):
        raise WrongUse(f"Conversion {number} does not close: {' '.join(against)} Correct it, or reject it.")
    row = known.row
    goal = goal or Goal(row["target"], row["target_format"], row["recipient"])
    if goal.target and (against := unfit(known.now, goal.form)):
        raise WrongUse(f"Conversion {number} cannot go out: {' '.join(against)} Correct it, or reject it.")
    figures = _figures(known.now)
    _insist_on_first(connection, number, figures)
    conversions.settle(connection, trail, number, outcome="released", by=by, reason=reason, now=figures)
    put_due(connection, trail, [number], goal)
    return known


def reject(connection: "Connection", trail: "Trail", *, number: int, by: str, reason: str) -> None:
    """Close a conversion for good: it is delivered nowhere.

    Raises:
        WrongUse: It does not wait, or no reason is given.
    """
    reason = kept_reason(reason)
    row = _waiting(look(connection, number, lock=True)).row
    figures = {name: row[name] for name in ("supplier", "number", "issued_on", "gross", "currency")}
    conversions.settle(connection, trail, number, outcome="rejected", by=by, reason=reason, now=figures)


def _waiting(found: Look) -> Look:
    row = found.row
    if row["outcome"] not in conversions.WAITING:
        by = f" by {row['settled_by']}" if row["settled_by"] else ""
        raise WrongUse(f"Conversion {row['id']} is {row['outcome']}{by}: it does not wait.")
    return found


def _figures(invoice: Invoice) -> dict[str, Any]:
    gross = invoice.totals.gross
    return {
        "supplier": conversions.key(supplier_of(invoice)),
        "number": conversions.key(invoice.number),
        "issued_on": invoice.issue_date,
        "gross": gross if gross is not None and abs(gross) < conversions.LARGEST_AMOUNT else None,
        "currency": conversions.kept(invoice.currency),
    }


def _insist_on_first(connection: "Connection", number: int, figures: dict[str, Any]) -> None:
    """Refuse an invoice that has gone on already; the same number on another day is a person's to judge."""
    key = (figures["supplier"], figures["number"])
    known = conversions.known_numbers(connection, [key], but=number).get(key)
    if known and conversions.show(connection, known)["issued_on"] == figures["issued_on"]:
        raise WrongUse(
            f"Invoice {figures['number']} of this supplier has gone on already as conversion {known}: reject this one."
        )
