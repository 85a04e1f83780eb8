"""What became of a file that was read as an invoice: outcome, reasons in whole sentences, where each value stands."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field

from blocks.documents.base import Document, plain_decimal
from blocks.documents.invoices import Invoice, InvoiceLine, VatBreakdown

KIND = "invoice"
"""What a file that is to be converted is called in the inbox."""


class Outcome(StrEnum):
    """What may be done with an invoice that was read."""

    PROVEN = "proven"
    """Every amount closes and every mandatory field was found: it may go on without a person."""
    REVIEW = "review"
    """A person must look; the reasons say why."""
    UNREADABLE = "unreadable"
    """No text layer, encrypted, damaged, or no invoice."""


class Place(Document):
    """Where a value stands on a page: 1-based number, box (left, bottom, right, top) in points from bottom left."""

    page: int = Field(ge=1)
    box: tuple[float, float, float, float]
    text: str = Field(default="", description="As printed.")


class Conversion(Document):
    """What was read of one file.

    Attributes:
        file: Its name, without folders.
        outcome: What may be done with it.
        reasons: Whole sentences: why it is not proven.
        invoice: What was found, also where a person must look; None where nothing could be read.
        provenance: Path of a value in the written form (e.g. ``totals.gross``, ``lines[2].net``) → its place.
        not_held: Whole sentences that stop nothing but must be told: what the format it came or goes in cannot hold,
            and what is odd but printed so.
    """

    file: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    invoice: Invoice | None = None
    provenance: dict[str, Place] = Field(default_factory=dict)
    not_held: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the published form: text or None for each value, amounts as plain decimals, dates ISO 8601."""
        return {
            "file": self.file,
            "outcome": str(self.outcome),
            "reasons": list(self.reasons),
            "invoice": None if self.invoice is None else _invoice(self.invoice),
            "provenance": {
                path: {"page": place.page, "box": [round(edge, 1) for edge in place.box], "text": place.text}
                for path, place in self.provenance.items()
            },
        }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    transfers = invoice.payment.transfers if invoice.payment else ()
    totals = invoice.totals
    return {
        "number": invoice.number or None,
        "issue_date": invoice.issue_date and invoice.issue_date.isoformat(),
        "type_code": invoice.type_code or None,
        "currency": invoice.currency or None,
        "due_date": invoice.due_date and invoice.due_date.isoformat(),
        "purchase_order_reference": invoice.purchase_order_reference or None,
        "seller": {
            "name": invoice.seller.name or None,
            "vat_id": invoice.seller.vat_id or None,
            "tax_number": invoice.seller.tax_number or None,
        },
        "buyer": {"name": invoice.buyer.name or None, "vat_id": invoice.buyer.vat_id or None},
        "payment": {"iban": (transfers[0].account if transfers else "") or None},
        "totals": {name: _figure(getattr(totals, name)) for name in ("line_net", "net", "vat", "gross", "payable")},
        "vat_breakdown": [_group(group) for group in invoice.vat_breakdown],
        "lines": [_line(line) for line in invoice.lines],
    }


def _group(group: VatBreakdown) -> dict[str, str | None]:
    return {
        "category": group.category or None,
        "rate": None if group.rate is None else plain_decimal(group.rate),
        "basis": _figure(group.basis),
        "amount": _figure(group.amount),
    }


def _line(line: InvoiceLine) -> dict[str, str | None]:
    return {
        "id": line.id or None,
        "name": line.item.name or None,
        "quantity": _figure(line.quantity),
        "unit": line.unit or None,
        "unit_price": _figure(line.price.net),
        "net": _figure(line.net),
    }


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
