"""What a confirmed invoice teaches of its supplier's layout; read anew in a worker process, for the file is hostile."""

from typing import TYPE_CHECKING, Any

from blocks.documents.conversions import Place
from blocks.documents.invoice_text import invoice_of

if TYPE_CHECKING:
    from blocks.standards.printed_invoices.memory import Lesson


def lesson_of(data: bytes, invoice: str, provenance: dict[str, Place], known: "dict[str, dict[str, Any]]") -> "Lesson":
    """Return what a PDF that was read, and the invoice as a person confirmed it, teach of its layout.

    Args:
        data: The PDF.
        invoice: The confirmed invoice as ``invoice_text`` writes it.
        provenance: Where values were found.
        known: What the supplier's layouts taught so far, by layout, as JSON content.

    Raises:
        Unreadable: The file has no text layer.
    """
    from blocks.standards.pdf.reading import read_text_layer  # noqa: PLC0415 - in the worker only
    from blocks.standards.printed_invoices.learning import learn  # noqa: PLC0415 - as above
    from blocks.standards.printed_invoices.memory import Lesson  # noqa: PLC0415 - as above

    layer, confirmed = read_text_layer(data), invoice_of(invoice)
    lesson = learn(layer, confirmed, provenance)
    if (before := known.get(lesson.layout)) is None:
        return lesson
    return learn(layer, confirmed, provenance, Lesson.model_validate(before))
