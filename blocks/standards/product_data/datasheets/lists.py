"""Lists and boxes of a data sheet: which lines are items, what they stand under, and what they state."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from blocks.standards.pdf.layout import Box
from blocks.standards.product_data.datasheets.cells import Cell, Line, Stack, around, stacks_of
from blocks.standards.product_data.datasheets.quantities import quantities_in
from blocks.standards.product_data.datasheets.statements import Statement, statements_in
from blocks.standards.product_data.datasheets.vocabulary import any_of

_PROSE_WORDS = 9.0
"""Words a line has on average where a text runs on."""
_LABEL_WORDS = 1.6
"""Words a line has at most, on average, where labels of a drawing stand below each other."""
_SHORT = 45
_INDENT = 4.0
_TITLE = 1.15
"""Print that is larger than the usual by this factor is a heading."""
_MOST_CELLS = 1500
_FULL = 0.72
"""Part of the page's width that lines of running text take."""
_RUNS_ON = re.compile(r"[,\w(/\u2013-]$")
_PASSED = re.compile(rf"\b(?:{any_of('sections', 'passed_over')})\b", re.IGNORECASE)
"""Sections whose lines state nothing about the product, or only about a use of it."""


_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+[A-Z]")


class Stated(NamedTuple):
    """A statement with its place and the heading it stands under."""

    statement: Statement
    page: int
    box: Box
    under: str


def passed_over(heading: str) -> bool:
    """Tell whether a section of this heading is no source of values."""
    return len(heading) < 80 and bool(_PASSED.search(heading))  # noqa: PLR2004 - a heading is short


def stated_in(pages: Sequence[Sequence[Line]], width: float) -> Iterator[Stated]:
    """Yield what the lists of a document state; ``width`` is that of a page."""
    sizes = sorted(word.size for lines in pages for line in lines for word in line.words)
    usual = sizes[len(sizes) // 2] if sizes else 1.0
    for lines in pages:
        if sum(len(line.cells) for line in lines) > _MOST_CELLS:
            continue  # a drawing or a map: its labels state nothing
        stacks = stacks_of(lines)
        for stack in stacks:
            if _is_title(stack, usual):
                continue
            if _runs_on(stack, width) or _is_drawing(stack):
                continue
            yield from _items(stack, stacks, lines, usual)


def _is_title(stack: Stack, usual: float) -> bool:
    """Tell whether a stack is a title with a number, such as '2.1 Ratings'."""
    return len(stack.cells) == 1 and stack.cells[0].size > _TITLE * usual and bool(_NUMBERED.match(stack.cells[0].text))


def _runs_on(stack: Stack, width: float) -> bool:
    """Tell whether a stack is running text."""
    cells = stack.cells
    if len(cells) == 1 or any(cell.bullet for cell in cells):
        return len(cells) == 1 and not cells[0].bullet and len(cells[0].text) > _SHORT * 2
    full = sum(cell.right - cell.left > _FULL * width for cell in cells)
    small = sum(cell.text[:1].islower() for cell in cells[1:])
    return full * 2 >= len(cells) or (stack.words_per_line >= _PROSE_WORDS and small * 4 >= len(cells) - 1)


def _is_drawing(stack: Stack) -> bool:
    """Tell whether a stack is a column of labels, such as the pins of a drawing."""
    if len(stack.cells) < 3:  # noqa: PLR2004 - lines
        return False
    return stack.words_per_line <= _LABEL_WORDS and not any(":" in cell.text for cell in stack.cells)


def _items(stack: Stack, stacks: Sequence[Stack], lines: Sequence[Line], usual: float) -> Iterator[Stated]:
    heading = _above(stack, stacks)
    listed = len(stack.cells) > 1 or stack.cells[0].bullet or bool(heading and heading.left < stack.left - _INDENT)
    under = heading.text.strip(" :") if heading else ""
    nameless = under if heading and heading.left < stack.left - _INDENT and not passed_over(under) else ""
    smallest = min(cell.size for cell in stack.cells) if len(stack.cells) > 1 else 0.0
    for group in _wrapped(stack, lines):
        text = " ".join(cell.text for cell in group)
        box, page = around([cell.box for cell in group]), group[0].page
        if group[0].size > _TITLE * max(usual, smallest) and _NUMBERED.match(text):
            under = text.strip()
            continue
        if passed_over(under):
            continue
        bulleted = listed or any(cell.bullet for cell in group)
        found = statements_in(text, under=nameless, listed=bulleted)
        if not found and len(group) > 1:
            found = tuple(one for cell in group for one in statements_in(cell.text, under=nameless, listed=bulleted))
        for statement in found:
            yield Stated(statement, page, box, under)
        if not found and len(text) < _SHORT and len(text.split()) < 7 and not quantities_in(text):  # noqa: PLR2004 - words
            under = text.strip(" :")


def _wrapped(stack: Stack, lines: Sequence[Line]) -> Iterator[list[Cell]]:
    """Yield the items of a stack with the lines they go on in: of bulleted items also those set in below."""
    below = [cell for line in lines for cell in line.cells] if any(cell.bullet for cell in stack.cells) else []
    group: list[Cell] = []
    for cell in stack.cells:
        if group and not cell.bullet and _goes_on(group[-1], cell):
            group.append(cell)
            continue
        if group:
            yield group
        group = [cell, *_set_in(cell, below)] if cell.bullet else [cell]
    if group:
        yield group


def _goes_on(above: Cell, cell: Cell) -> bool:
    """Tell whether a line goes on in the next: small letters, an open bracket, a comma at its end."""
    if above.text.count("(") > above.text.count(")") and cell.text.count(")") > cell.text.count("("):
        return True
    if ":" in cell.text[:40] or not _RUNS_ON.search(above.text):
        return False
    return cell.text[:1].islower() and len(above.text) > 25  # noqa: PLR2004 - characters: a short line need not break


def _set_in(bullet: Cell, cells: Sequence[Cell]) -> list[Cell]:
    """Return the lines below a bulleted item that are set flush with its text."""
    found: list[Cell] = []
    last = bullet
    for cell in cells:
        drop = last.box[1] - cell.box[1]
        if drop <= 0 or cell.bullet or abs(cell.left - bullet.left) > 3.5:  # noqa: PLR2004 - points
            continue
        if drop > 1.6 * bullet.size:
            break
        if not (cell.text[:1].islower() or _RUNS_ON.search(last.text)):
            break
        found.append(cell)
        last = cell
    return found


def _above(stack: Stack, stacks: Sequence[Stack]) -> Cell | None:
    """Return the heading of a stack: the nearest short line above it that begins no further right."""
    first = stack.cells[0]
    best: Cell | None = None
    for other in stacks:
        for cell in other.cells:
            drop = cell.box[1] - first.box[1]
            if other is stack or drop <= 0 or drop > 9 * first.size or len(cell.text) > _SHORT or cell.bullet:
                continue
            near = -60 < cell.left - first.left < _INDENT and cell.right > first.left - 30  # noqa: PLR2004 - points
            if near and (best is None or cell.box[1] < best.box[1]):
                best = cell
    return best
