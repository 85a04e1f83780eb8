"""What a document says it is: invoice, credit note, correction, or none of these."""

import re
from dataclasses import dataclass

from blocks.standards.printed_invoices.labels import fold, may_begin_title, title_in
from blocks.standards.printed_invoices.sheet import Cell, Sheet

_CODE = re.compile(r"\((3\d\d|2\d\d|8\d\d)\)")
_INVOICE_CODES = frozenset({"326", "380", "381", "383", "384", "386", "389", "393", "875", "876", "877"})
_SPACED = re.compile(r"^(?:\S\s){4,}\S$")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type code (UNTDID 1001), or in words what else it is ('order'); ``title`` as printed."""

    code: str
    title: str

    @property
    def is_invoice(self) -> bool:
        """Return whether it is a document that the invoice model holds."""
        return self.code.isdigit()


def kind_of(sheet: Sheet) -> Kind | None:
    """Return what the most prominent title of the first page says, None where there is no title."""
    best: tuple[float, Kind] | None = None
    for row in sheet.rows:
        if row.page != 1:
            break
        for cell in row.cells:
            found = _titled(cell)
            if found:
                weight = cell.size * (1.0 if found[1] else 0.8) + 3 * sheet.height_share(row)
                if best is None or weight > best[0]:
                    best = weight, found[0]
    return best[1] if best else None


def _titled(cell: Cell) -> tuple[Kind, bool] | None:
    """Return what a cell says as a title and whether it says nothing else."""
    text = cell.text
    if text[:2].isalpha() or text[0].isdigit() or "(" in text:
        if "(" not in text and not may_begin_title(text.partition(" ")[0]):
            return None
    elif _SPACED.match(text):
        text = text.replace(" ", "")
    else:
        return None
    code = _CODE.search(text)
    if code and code[1] in _INVOICE_CODES:
        return Kind(code[1], text), False
    words = [word for word in text.replace("/", " ").split() if fold(word)]
    for length in range(min(4, len(words)), 0, -1):
        found = title_in(" ".join(words[:length]))
        if not found:
            continue
        rest = words[length:]
        if not rest:
            return Kind(found, text), not text.rstrip().endswith(":")
        if any(letter.isdigit() for word in rest[:3] for letter in word) and len(rest) <= 8:  # noqa: PLR2004
            return Kind(found, text), False
    return None
