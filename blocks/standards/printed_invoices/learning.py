"""What a confirmed invoice teaches about its supplier and layout."""

from collections.abc import Mapping
from datetime import date

from blocks.documents.conversions import Place
from blocks.documents.invoices import Invoice
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.printed_invoices.memory import FieldHint, Lesson
from blocks.standards.printed_invoices.proof import supplier_key
from blocks.standards.printed_invoices.reader import layout_of, read_printed
from blocks.standards.printed_invoices.references import day_first
from blocks.standards.printed_invoices.sheet import sheet_of

_FIELDS = ("number", "issue_date", "due_date", "purchase_order_reference", "currency", "seller.name", "buyer.name")


def learn(layer: TextLayer, invoice: Invoice, provenance: Mapping[str, Place], before: Lesson | None = None) -> Lesson:
    """Return what a person's confirmation of an invoice teaches.

    Args:
        layer: The text layer it was read from.
        invoice: As the person confirmed or corrected it.
        provenance: Where its values stand, by path of the published form.
        before: What this layout taught so far; its hints are confirmed once more or replaced.

    Returns:
        The lesson to keep under its ``supplier`` and ``layout``.
    """
    sheet = sheet_of(layer)
    read = read_printed(layer)
    earlier = {hint.field: hint for hint in before.hints} if before else {}
    hints = []
    for path in _FIELDS:
        place = provenance.get(path)
        if place is None or not 1 <= place.page <= len(layer.pages):
            continue
        width, height = sheet.page_size(place.page)
        same = read.provenance.get(path) == place
        hint = FieldHint(
            field=path,
            label=read.labels.get(path, "") if same else "",
            page=place.page,
            x=place.box[0] / width if width else 0.0,
            y=place.box[1] / height if height else 0.0,
        )
        old = earlier.get(path)
        if old and old.label == hint.label:
            hint = hint.model_copy(update={"confirmations": old.confirmations + 1})
        hints.append(hint)
    return Lesson(
        supplier=supplier_key(invoice),
        layout=layout_of(sheet),
        hints=tuple(hints),
        values=_own_values(invoice),
        day_first=_day_first(invoice.issue_date, provenance.get("issue_date"), told=day_first(sheet)),
    )


def _own_values(invoice: Invoice) -> dict[str, str]:
    from stdnum import iban  # noqa: PLC0415 - costs time where nothing is taught

    transfers = invoice.payment.transfers if invoice.payment else ()
    values = {
        "seller.name": invoice.seller.name,
        "seller.vat_id": invoice.seller.vat_id,
        "seller.tax_number": invoice.seller.tax_number,
        "buyer.name": invoice.buyer.name,
        "payment.iban": transfers[0].account if transfers and iban.is_valid(transfers[0].account) else "",
    }
    return {path: value for path, value in values.items() if value}


def _day_first(issued: date | None, place: Place | None, *, told: bool | None) -> bool | None:
    """Return whether the confirmed day of issue was printed with the day before the month."""
    if issued is None or place is None or issued.day == issued.month:
        return told
    digits = "".join(letter if letter.isdigit() else " " for letter in place.text).split()
    if len(digits) >= 2 and digits[0].isdigit() and len(digits[0]) <= 2:  # noqa: PLR2004 - day and month lead
        if (int(digits[0]), int(digits[1])) == (issued.day, issued.month):
            return True
        if (int(digits[1]), int(digits[0])) == (issued.day, issued.month):
            return False
    return told
