"""Invoices as they stand: what was read of a file, as the approved corrections leave it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from blocks.database import conversion_corrections as corrections
from blocks.database import conversions
from blocks.documents.invoice_corrections import corrected_invoice
from blocks.documents.invoice_text import invoice_of
from blocks.documents.invoices import Invoice

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def in_force(connection: "Connection", numbers: Sequence[int]) -> dict[int, tuple[dict[str, Any], Invoice]]:
    """Return conversions by number, each with the invoice as its approved corrections leave it."""
    rows = conversions.several(connection, numbers)
    approved = corrections.approved(connection, numbers)
    found = {}
    for number, row in rows.items():
        now = invoice_of(row["invoice"]) if row["invoice"] else Invoice()
        for changes in approved.get(number, ()):
            now, _ = corrected_invoice(now, changes)
        found[number] = (row, now)
    return found
