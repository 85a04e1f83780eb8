"""Links corrections to the invoices they replace, some hundred at once, and reads what credit notes give back of which.

What a supplier names is taken for what it replaces, unless a person has said otherwise. Where that one was itself
replaced by now, the one that stands in its place is meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import invoice_corrections, invoice_decisions, received_invoices
from blocks.documents.invoice_verdicts import InvoiceFinding
from blocks.documents.supply import number_key
from tasks.invoice_validation import correcting
from tasks.invoice_validation.billing import CREDITS, Billed
from tasks.invoice_validation.correcting import Correction

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

MOST_CREDITS = 500
"""Credit notes of a chunk's suppliers that are read to add up what was given back of one invoice."""


@dataclass(frozen=True, slots=True)
class Named:
    """An invoice as far as links need it: its row (``id, supplier_id, gross, corrects_id``) and what it bills."""

    row: Mapping[str, Any]
    billed: Billed

    @property
    def gives_back(self) -> bool:
        """Tell whether it gives money back, by its type or by its sign."""
        return self.billed.is_credit or self.billed.net < 0


def corrections(connection: "Connection", trail: "Trail", several: Sequence[Named]) -> dict[int, Correction]:
    """Link what is new, and return what each invoice is as a correction, and as what others correct."""
    ids = [one.row["id"] for one in several]
    said = invoice_decisions.noted(connection, ids, invoice_corrections.SAID)
    links = {one.row["id"]: one.row["corrects_id"] for one in several}
    sought = [one for one in several if one.row["id"] not in said and correcting.bills_anew(one.billed)]
    found = _named(connection, sought)
    fresh = {number: rows[0]["id"] for number, rows in found.items()}
    stand = invoice_corrections.standing(connection, list(fresh.values()))
    fresh = {number: one for number, each in fresh.items() if (one := stand.get(each, each)) != number}
    fresh = {number: one for number, one in fresh.items() if links[number] != one}
    invoice_corrections.link(connection, trail, fresh, by="soms")
    links |= fresh
    known = invoice_corrections.figures(connection, [one for one in links.values() if one is not None])
    waiting = invoice_corrections.waiting_on(connection, ids)
    return {number: Correction(known.get(links[number] or 0), number in said, waiting.get(number)) for number in ids}


def credit_findings(connection: "Connection", several: Sequence[Named]) -> dict[int, tuple[InvoiceFinding, ...]]:
    """Return by credit note that more is given back of the invoice it names than that came to."""
    asking = [one for one in several if one.gives_back and one.billed.preceding]
    if not asking:
        return {}
    found = _named(connection, asking)
    suppliers = sorted({one.row["supplier_id"] for one in asking if one.row["supplier_id"] is not None})
    others = invoice_corrections.credit_notes(connection, suppliers, CREDITS, MOST_CREDITS)
    given: dict[str, dict[int, Decimal]] = {}
    for number, invoice in received_invoices.in_force(connection, others).items():
        for each in invoice.preceding_invoices:
            given.setdefault(number_key(each.number), {})[number] = invoice.totals.gross or Decimal(0)
    told = {}
    for one in asking:
        number = one.row["id"]
        if len(one.billed.preceding) == 1 and (rows := found.get(number)):
            before = [gross for other, gross in given.get(one.billed.preceding[0], {}).items() if other < number]
            told[number] = tuple(correcting.judge_credit(one.billed, one.row["gross"], rows[0], before))
    return told


def _named(connection: "Connection", several: Sequence[Named]) -> dict[int, list[dict[str, Any]]]:
    """Return the invoices of their own suppliers that invoices name, those in force first."""
    asked = [
        (one.row["id"], one.row["supplier_id"], key)
        for one in several
        if one.row["supplier_id"] is not None
        for key in dict.fromkeys(one.billed.preceding)
        if key
    ]
    return invoice_corrections.named(connection, asked)
