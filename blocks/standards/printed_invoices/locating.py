"""Where a value that a person put in stands on the page, and under which words: what no list of labels knows yet."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from blocks.documents.conversions import Place
from blocks.documents.invoices import Invoice
from blocks.standards.printed_invoices.labels import fold
from blocks.standards.printed_invoices.sheet import Cell, Sheet, SheetRow
from blocks.standards.printed_invoices.taught import spans
from blocks.standards.printed_invoices.totals import is_amount

Value = str | date | Decimal | None
_MOST_WORDS = 6
_SHORTEST, _LONGEST = 2, 40
"""Letters of a label."""
_ABOVE = 2.5
"""Heights by which a label may stand over its value."""


class Located(NamedTuple):
    """A value on the page; ``label`` are the folded words that announce it from the left or from above."""

    place: Place
    label: str


def value_at(invoice: Invoice, path: str) -> Value:
    """Return a value of an invoice by its path in the published form; None where it has none."""
    if path == "payment.iban":
        transfers = invoice.payment.transfers if invoice.payment else ()
        return transfers[0].account or None if transfers else None
    value: object = invoice
    for name in path.split("."):
        value = getattr(value, name)
    return value if isinstance(value, str | date | Decimal) and value != "" else None


def located(sheet: Sheet, value: Value) -> Located | None:
    """Return where a value stands with words that announce it; amounts by their last place, for totals stand low."""
    found = [
        Located(row.place(first, last), label)
        for row in sheet.rows
        for first, last in _spans(sheet, row, value)
        if (label := _left_of(row, first) or _over(sheet, row, first, last))
    ]
    return (found[-1] if isinstance(value, Decimal) else found[0]) if found else None


def _spans(sheet: Sheet, row: SheetRow, value: Value) -> Iterator[tuple[int, int]]:
    if isinstance(value, Decimal):
        for figure in row.figures:
            if is_amount(row, figure) and sheet.style.read(figure) == value:
                yield figure.first, figure.last
    elif isinstance(value, date):
        for printed in row.dates:
            if value in {printed.day_first, printed.month_first}:
                yield printed.first, printed.last
    elif value:
        yield from spans(row, fold(value))


def _left_of(row: SheetRow, first: int) -> str:
    """Return the words right before a value, in its cell or the one before, up to the next figure."""
    start = first
    while start > 0 and first - start < _MOST_WORDS and not any(map(str.isdigit, row.texts[start - 1])):
        begins = any(cell.first == start - 1 for cell in row.cells)
        start -= 1
        if begins and _as_label(row.texts[start:first]):
            break
    return _as_label(row.texts[start:first])


def _over(sheet: Sheet, row: SheetRow, first: int, last: int) -> str:
    """Return the words of the nearest cell over a value, where it is no figure."""
    place = row.place(first, last)
    left, _, right, top = place.box
    for above in reversed(sheet.rows[max(0, row.index - 3) : row.index]):
        if above.page != row.page or above.bottom - top > _ABOVE * max(top - place.box[1], 6.0):
            return ""
        cell = next((one for one in above.cells if one.box[0] < right and one.box[2] > left), None)
        if cell is not None:
            return _as_label(_words_of(above, cell))
    return ""


def _words_of(row: SheetRow, cell: Cell) -> tuple[str, ...]:
    return row.texts[cell.first : cell.last + 1]


def _as_label(words: tuple[str, ...]) -> str:
    """Return words folded, '' where they can be no label: too short, too long, or with figures."""
    text = "".join(map(fold, words))
    return text if _SHORTEST <= len(text) <= _LONGEST and text.isalpha() else ""
