"""Where the value of a label stands: to its right up to the next label, or below it in the same column."""

from collections.abc import Iterator
from itertools import islice

from blocks.standards.printed_invoices.labels import Label
from blocks.standards.printed_invoices.sheet import Cell, Sheet, SheetRow

_ROWS_BELOW = 3
_REACH = 3.2
_MARKS = frozenset(
    {":", ".", "-", "\u2013", "=", "|", "nr", "nr.", "no", "no.", "n°", "nº", "#", "n", "°", "º", "num", "num."}
)


def words_right(sheet: Sheet, label: Label) -> tuple[int, int] | None:
    """Return the first and last index of the words right of a label, up to the next sure label; None if none."""
    row = sheet.rows[label.row]
    first = label.last + 1
    while first < len(row.words) and row.words[first].text.casefold().rstrip(":") in _MARKS | {""}:
        first += 1
    stop = len(row.words)
    for other in row.labels:
        if other.first >= first and not other.weak and other.kind not in {"total", "currency"}:
            stop = min(stop, other.first)
    return (first, stop - 1) if first < stop else None


def cells_below(sheet: Sheet, label: Label) -> Iterator[Cell]:
    """Yield the cells under a label, nearest row first; within a row those that share its column."""
    row = sheet.rows[label.row]
    left, bottom, right, top = label.box
    reach = _REACH * max(top - bottom, 6.0)
    for below in islice(sheet.rows, label.row + 1, label.row + 1 + 2 * _ROWS_BELOW):
        if below.page != row.page or bottom - below.top > reach:
            return
        if below.top > bottom + 2:
            continue
        for cell in below.cells:
            if cell.box[0] < right + 2 and cell.box[2] > left - 2 and abs(cell.box[0] - left) < 70:  # noqa: PLR2004
                yield cell


def is_label(sheet: Sheet, cell: Cell) -> bool:
    """Return whether a cell begins with a label that is sure."""
    row: SheetRow = sheet.rows[cell.row]
    return any(label.first == cell.first and not label.weak for label in row.labels)
