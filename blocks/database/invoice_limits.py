"""The limits for incoming invoices in force, read from the rulebook."""

from typing import TYPE_CHECKING

from blocks.database import rulebooks
from blocks.documents.invoice_limits import DEFAULTS, KIND, NAME, InvoiceLimits, load

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def in_force(connection: "Connection") -> InvoiceLimits:
    """Return the merchant's limits; the defaults when none were activated."""
    edition = rulebooks.in_force(connection, kind=KIND, name=NAME)
    return load(edition.content, edition.version) if edition else DEFAULTS
