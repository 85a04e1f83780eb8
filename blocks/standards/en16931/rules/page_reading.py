"""The page of a received PDF, for rules that look at it: its text, and where it contradicts the data inside."""

from blocks.documents.invoice_verdicts import FindingClass, Gravity, InvoiceFinding
from blocks.documents.invoices import Invoice
from blocks.errors import Unreadable
from blocks.standards.en16931.rules.rule import RuleSet

_LONGEST_PAGE = 20_000
_LONGEST = 1000


def text_of(data: bytes) -> str | None:
    """Return the text of a PDF's pages, '' where it has none (a scan), None where it cannot be opened."""
    from blocks.standards.en16931.pdf_attachments import look_inside  # noqa: PLC0415 - only for PDFs
    from blocks.standards.pdf.reading import read_text_layer  # noqa: PLC0415

    try:
        layer = read_text_layer(data)
    except Unreadable:
        return None if look_inside(data, fonts=False) is None else ""
    return "\n".join(row.text for row in layer.rows)[:_LONGEST_PAGE]


def contradictions(data: bytes, invoice: Invoice) -> list[InvoiceFinding]:
    """Return where the data of a hybrid PDF and its page differ; both are kept, for a second invoice may be owed.

    The data are the invoice; a page that says something else may be another one, whose VAT is owed under §14c UStG.
    """
    from blocks.standards.en16931.page_check import page_disagreements  # noqa: PLC0415 - only for PDFs
    from blocks.standards.pdf.reading import read_text_layer  # noqa: PLC0415

    try:
        found = page_disagreements(invoice, read_text_layer(data))
        gravity = Gravity.FATAL
    except Unreadable as error:
        found, gravity = (f"The page cannot be compared with the XML: {error}",), Gravity.WARNING
    return [
        InvoiceFinding(
            rule="HYBRID-PAGE",
            rule_set=RuleSet.CONTENT.value,
            kind=FindingClass.CONTENT,
            gravity=gravity,
            text=f"{text} XML and page are both kept; ask the sender which is right."[:_LONGEST],
            text_de=f"XML und Seite der Rechnung widersprechen sich, beide sind aufbewahrt; bitte klären: {text}"[
                :_LONGEST
            ],
        )
        for text in found
    ]
