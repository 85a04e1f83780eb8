"""What a confirmed invoice teaches about its supplier and layout."""

from collections.abc import Mapping
from datetime import date

from blocks.documents.conversions import Place
from blocks.documents.invoices import Invoice
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.printed_invoices.labels import fold
from blocks.standards.printed_invoices.locating import Value, located, value_at
from blocks.standards.printed_invoices.memory import FieldHint, Lesson, fingerprint
from blocks.standards.printed_invoices.proof import supplier_key
from blocks.standards.printed_invoices.reader import Printed, layout_marks, read_printed
from blocks.standards.printed_invoices.references import day_first
from blocks.standards.printed_invoices.sheet import Sheet, sheet_of
from blocks.standards.printed_invoices.taught import KINDS, as_printed

_FIELDS = (*KINDS, "currency", "seller.name", "buyer.name")


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
    found = (_hint(sheet, read, invoice, (path, provenance.get(path)), earlier.get(path)) for path in _FIELDS)
    hints = [hint for hint in found if hint is not None]
    marks = layout_marks(sheet)
    return Lesson(
        supplier=supplier_key(invoice),
        layout=fingerprint(marks),
        hints=tuple(hints),
        values=_own_values(sheet, invoice),
        day_first=_day_first(invoice.issue_date, provenance.get("issue_date"), told=day_first(sheet)),
        marks=tuple(marks),
        without_lines=not invoice.lines and read.invoice is not None and not read.invoice.lines,
    )


def _hint(
    sheet: Sheet, read: Printed, invoice: Invoice, field: tuple[str, Place | None], old: FieldHint | None
) -> FieldHint | None:
    """Return where a field stands and by which label; one that was corrected is looked for on the page."""
    path, place = field
    value, label = value_at(invoice, path), read.labels.get(path, "")
    if read.invoice is None or _differs(value, value_at(read.invoice, path)) or read.provenance.get(path) != place:
        spot = located(sheet, value) if path in KINDS else None
        place, label = spot or (place, "")
    if place is None or not 1 <= place.page <= len(sheet.layer.pages) or value is None:
        return None
    width, height = sheet.page_size(place.page)
    x, y = place.box[0] / width if width else 0.0, place.box[1] / height if height else 0.0
    known = old is not None and old.label == label
    times = old.confirmations + 1 if old is not None and known else 1
    return FieldHint(field=path, label=label, page=place.page, x=x, y=y, confirmations=times)


def _differs(one: Value, other: Value) -> bool:
    return fold(one) != fold(other) if isinstance(one, str) and isinstance(other, str) else one != other


def _own_values(sheet: Sheet, invoice: Invoice) -> dict[str, str]:
    from stdnum import iban  # noqa: PLC0415 - costs time where nothing is taught

    transfers = invoice.payment.transfers if invoice.payment else ()
    values = {
        "seller.name": as_printed(sheet, invoice.seller.name),
        "seller.vat_id": invoice.seller.vat_id,
        "seller.tax_number": invoice.seller.tax_number,
        "buyer.name": as_printed(sheet, invoice.buyer.name),
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
