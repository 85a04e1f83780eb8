"""The rows of all pages with their figures, and the space that words of one cell keep."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from blocks.standards.pdf.layout import Page, Row, TextLayer, Word
from blocks.standards.printed_invoices.lines_figures import Figure, decimal_mark, figures, spaced_thousands
from blocks.standards.printed_invoices.tables_totals import folded
from blocks.standards.printed_invoices.tables_words import squeezed

_PER_UNIT = re.compile(r"(preis|price|prix|prijs|prezzo|precio)\s*/", re.IGNORECASE)
_WIDEST_SPACE = 0.75
"""Share of the font size beyond which a gap is no space, however the page is set."""


class Cell(NamedTuple):
    """Words of one row that belong together."""

    words: tuple[Word, ...]
    row: int

    @property
    def left(self) -> float:
        """Return the left edge."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.words[-1].right

    @property
    def text(self) -> str:
        """Return the words with single spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(slots=True)
class Scan:
    """A row with its figures; ``index`` counts through all pages."""

    index: int
    row: Row
    page: Page
    space: float
    mark: str
    spaced: bool
    top: float
    bottom: float
    _figures: list[Figure] | None = field(default=None)
    _cells: tuple[Cell, ...] | None = field(default=None)
    _folded: str | None = field(default=None)
    headings: tuple[Cell, ...] | None = field(default=None)
    """The cells as headings, once they were told apart."""

    @property
    def figures(self) -> list[Figure]:
        """Return the figures from left to right."""
        if self._figures is None:
            self._figures = figures(self.row, self.index, self.mark, spaced=self.spaced)
        return self._figures

    @property
    def text(self) -> str:
        """Return the row's text, folded."""
        if self._folded is None:
            self._folded = folded(self.row.text)
        return self._folded

    @property
    def middle(self) -> float:
        """Return the height of the row's middle."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Return the height of the row's words."""
        return self.row.words[0].size

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return the words grouped where the gap between them is no wider than a space."""
        if self._cells is None:
            self._cells = tuple(_cells(self.row.words, self.index, self.space))
        return self._cells

    @property
    def has_amount(self) -> bool:
        """Tell whether a figure with decimals or a currency stands here."""
        return any(figure.places or figure.money for figure in self.figures)


def scans(layer: TextLayer, mark: str = "") -> list[Scan]:
    """Return all rows of the document with their figures read by the decimal mark given, else the one it prefers."""
    mark = mark or decimal_mark(layer)
    spaced = spaced_thousands(layer)
    found: list[Scan] = []
    for page in layer.pages:
        space = _space(page)
        for row in page.rows:
            if row.words:
                index = len(found)
                found.append(
                    Scan(
                        index,
                        row,
                        page,
                        space,
                        mark,
                        spaced,
                        row.words[0].top,
                        row.words[0].bottom,
                    )
                )
    return found


def _space(page: Page) -> float:
    """Return how wide, in font sizes, the gap between words of one cell may be on this page."""
    gaps = [
        gap / left[5]
        for row in page.rows
        for left, right in pairwise(row.words)
        if 0 < (gap := right[1] - left[3]) < left[5]
    ]
    if not gaps:
        return 0.5
    gaps.sort()
    return max(0.38, min(1.55 * gaps[len(gaps) // 3], _WIDEST_SPACE))


def _cells(words: Sequence[Word], index: int, space: float) -> list[Cell]:
    found: list[Cell] = []
    start = 0
    for position in range(1, len(words) + 1):
        if (
            position == len(words)
            or words[position].left - words[position - 1].right > space * words[position - 1].size
        ):
            found.append(Cell(tuple(words[start:position]), index))
            start = position
    return found


def heading_text(words: Sequence[Word]) -> str:
    """Return the words as one heading without spaces and hyphens."""
    text = words[0].text if len(words) == 1 else "".join([word.text for word in words])
    return squeezed(_PER_UNIT.sub(r"\1pro", text) if "/" in text else text)
