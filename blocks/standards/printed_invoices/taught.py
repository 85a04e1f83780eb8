"""What a lesson adds to reading a document: labels, surer scores, names as they were confirmed. Never proof."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from blocks.documents.conversions import Place
from blocks.standards.printed_invoices.evidence import Found, Value
from blocks.standards.printed_invoices.labels import Label, fold, means
from blocks.standards.printed_invoices.memory import FieldHint, Lesson
from blocks.standards.printed_invoices.sheet import Cell, Sheet, SheetRow

KINDS = {
    "number": "number",
    "issue_date": "issue_date",
    "due_date": "due_date",
    "purchase_order_reference": "order",
    "payment.iban": "iban",
    "seller.tax_number": "tax_number",
    "totals.line_net": "line_net",
    "totals.net": "net",
    "totals.vat": "vat",
    "totals.gross": "gross",
    "totals.prepaid": "prepaid",
    "totals.payable": "payable",
}
"""Path of a field → kind of the label that announces it."""

_NEAR_ACROSS, _NEAR_UP = 0.05, 0.08
"""Shares of the page by which a value may stand apart from where it stood."""
_FOR_LABEL, _FOR_COLUMN, _FOR_HEIGHT = 0.2, 0.1, 0.05
_MOST_NAME_LINES = 5
_FLUSH = 3.0


def hint_for(lesson: Lesson | None, path: str) -> FieldHint | None:
    """Return what a lesson says about a field."""
    return next((hint for hint in lesson.hints if hint.field == path), None) if lesson else None


def with_labels(sheet: Sheet, lesson: Lesson) -> Sheet:
    """Return the document with the labels that a lesson teaches beyond those that are known anyway."""
    wanted = {
        hint.label: kind
        for hint in lesson.hints
        if (kind := KINDS.get(hint.field, "")) and hint.label and not means(hint.label, kind)
    }
    if not wanted:
        return sheet
    return replace(sheet, rows=[_labelled(row, wanted) for row in sheet.rows])


def _labelled(row: SheetRow, wanted: Mapping[str, str]) -> SheetRow:
    found = [
        Label(kind, key, weak=False, language="", row=row.index, first=first, last=last, box=row.place(first, last).box)
        for key, kind in wanted.items()
        for first, last in spans(row, key)
    ]
    return replace(row, labels=sorted([*row.labels, *found], key=lambda one: one.first)) if found else row


def spans(row: SheetRow, key: str) -> Iterator[tuple[int, int]]:
    """Yield from which to which word a folded text stands in a row."""
    for first in range(len(row.texts)):
        joined = ""
        for last in range(first, len(row.texts)):
            joined += fold(row.texts[last])
            if joined == key:
                yield first, last
                break
            if not joined or not key.startswith(joined):
                break


def weighed(found: list[Found[Value]], path: str, sheet: Sheet, lesson: Lesson | None) -> list[Found[Value]]:
    """Add to the score of what stands under the label, or at the place, that a person confirmed; best first."""
    hint = hint_for(lesson, path)
    if hint is None:
        return found
    made = []
    for one in found:
        labelled = bool(hint.label) and hint.label == one.label and hint.side in {"", one.side}
        bonus = _FOR_LABEL * labelled + _for_place(sheet, one.place, hint)
        made.append(Found(one.value, one.place, one.score + bonus, one.label, one.side))
    return sorted(made, key=lambda one: -one.score)


def _for_place(sheet: Sheet, place: Place, hint: FieldHint) -> float:
    """Return what the column, and in it the height, adds: what stands below a table moves up and down with it."""
    width, height = sheet.page_size(place.page)
    if not width or not height or abs(place.box[0] / width - hint.x) >= _NEAR_ACROSS:
        return 0.0
    return _FOR_COLUMN + _FOR_HEIGHT * (abs(place.box[1] / height - hint.y) < _NEAR_UP)


def printed_name(sheet: Sheet, name: str) -> Found[str] | None:
    """Return the confirmed name with the first place where it stands in the document, in as many lines as it has."""
    lines = [key for line in name.splitlines() if (key := fold(line))]
    if len(lines) > 1:
        return next(_over_lines(sheet, " ".join(name.split()), lines), None)
    holding = [cell for row in sheet.rows if lines for cell in row.cells if lines[0] in fold(cell.text)]
    alone = (cell for cell in holding if lines[0] == fold(cell.text))
    cell = next(alone, holding[0] if holding else None)
    return Found(name, cell.place, 1.0) if cell else None


def _over_lines(sheet: Sheet, name: str, lines: list[str]) -> Iterator[Found[str]]:
    """Yield where the lines of a name stand one under the other: confirmed with what stands above it, say."""
    for block in sheet.blocks:
        folded = [fold(cell.text) for cell in block]
        for start in range(len(block) - len(lines) + 1):
            end = start + len(lines)
            if folded[start:end] == lines:
                yield Found(name, _place_of(block[start:end]), 1.0)


def as_printed(sheet: Sheet, name: str) -> str:
    """Return a confirmed name in the lines in which it is printed; as it is where it stands in one, or nowhere."""
    key = fold(name)
    for block in sheet.blocks if key and printed_name(sheet, " ".join(name.split())) is None else ():
        for start in range(len(block)):
            for end in range(start + 2, min(start + _MOST_NAME_LINES, len(block)) + 1):
                if "".join(fold(cell.text) for cell in block[start:end]) == key:
                    return "\n".join(cell.text for cell in block[start:end])
    return " ".join(name.split())


def _place_of(lines: list[Cell]) -> Place:
    lefts, bottoms, rights, tops = zip(*(cell.box for cell in lines), strict=True)
    box = (min(lefts), min(bottoms), max(rights), max(tops))
    return Place(page=lines[0].page, box=box, text=" ".join(cell.text for cell in lines))


def holds(outer: Place, inner: Place) -> bool:
    """Tell whether a place lies within another one."""
    return outer.page == inner.page and all(
        (
            outer.box[0] - _FLUSH <= inner.box[0],
            outer.box[1] - _FLUSH <= inner.box[1],
            inner.box[2] <= outer.box[2] + _FLUSH,
            inner.box[3] <= outer.box[3] + _FLUSH,
        )
    )
