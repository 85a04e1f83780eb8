"""What stands together on a page: cells of a row, and stacks of lines set flush left, without running heads."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from blocks.standards.pdf.layout import Box, Page, TextLayer, Word

GAP = 1.05
"""Words further apart than this part of their size belong to different cells."""
_BULLET = re.compile(r"^(?:[•●◦▪■□►▶✓✔★∙·⬤○‣\u2043*\-\u2013\u2014\uf0b7\uf0a7]|o(?=\s))\s*(?=\S)")
_BULLETS = frozenset("•●◦▪■□►▶✓✔★∙·⬤○‣\u2043*-\u2013\u2014\uf0b7\uf0a7o")
_EDGE = 0.09
"""Part of a page's height, at its top and bottom, in which running heads stand."""
_DIGITS = re.compile(r"\d+")
_COUNTED = re.compile(
    r"^\W*\d+\W*$|\b(?:page|seite|pagina|página|p\.|of|von|de|sur)\s*\d|\d\s*/\s*\d|^\d+\s|\s\d+$", re.IGNORECASE
)
"""A text with the number of its page."""
_TIGHT = 0.22
"""Words closer than this part of their size are one word, torn by a raised or lowered sign."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a row that stand together.

    Attributes:
        text: The words with single blanks, without the bullet.
        page: From 1.
        box: Left, bottom, right, top.
        size: Height of its largest font.
        bullet: It began with a bullet.
    """

    text: str
    page: int
    box: Box
    size: float
    words: tuple[Word, ...]
    bullet: bool = False

    @property
    def left(self) -> float:
        """Return the left edge of its text."""
        return self.box[0]

    @property
    def right(self) -> float:
        """Return its right edge."""
        return self.box[2]


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a row, from left to right."""

    page: int
    cells: tuple[Cell, ...]
    top: float
    bottom: float

    @property
    def size(self) -> float:
        """Return the size of its largest font."""
        return max(cell.size for cell in self.cells)

    @property
    def text(self) -> str:
        """Return its words with single blanks."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def words(self) -> tuple[Word, ...]:
        """Return all of its words."""
        return tuple(word for cell in self.cells for word in cell.words)


def lines_of(layer: TextLayer, kept: Callable[[Sequence[Word]], bool]) -> list[list[Line]]:
    """Return the lines of each page, without what stands at the edge of several pages alike.

    Args:
        layer: What the document says.
        kept: Tells rows that are to stay although they stand there, such as the heads of a table over several pages.
    """
    running = _running(layer.pages)
    found = []
    for page in layer.pages:
        lines = []
        for row in page.rows:
            words = tuple(word for word in row.words if word.text.strip())
            if not words or (_at_edge(row.bottom, row.top, page) and _shape(row.text) in running and not kept(words)):
                continue
            cells = cells_of(words, page.number)
            lines.append(Line(page.number, cells, row.top, row.bottom))
        found.append(lines)
    return found


def cells_of(words: Sequence[Word], page: int, gap: float = GAP) -> tuple[Cell, ...]:
    """Return the cells of a row of words."""
    groups: list[list[Word]] = [[words[0]]]
    for before, word in pairwise(words):
        size = max(before.size, word.size, 1.0)
        lonely = len(groups[-1]) == 1 and before.text in _BULLETS and word.left - before.right < 4 * size
        if word.left - before.right > gap * size and not lonely:
            groups.append([])
        groups[-1].append(word)
    return tuple(cell_of(group, page) for group in groups)


def cell_of(words: Sequence[Word], page: int) -> Cell:
    """Return words as one cell."""
    text = joined(words)
    bullet = _BULLET.match(text)
    kept = list(words)
    if bullet and len(kept) > 1 and kept[0].text in _BULLETS:
        kept = kept[1:]
        text = joined(kept)
    elif bullet and not re.match(r"[-\u2013]\s*[\d.]", text) and len(text) > bullet.end():
        text = text[bullet.end() :]
    else:
        bullet = None
    return Cell(text, page, box_of(kept), max(word.size for word in kept), tuple(kept), bool(bullet))


def joined(words: Sequence[Word]) -> str:
    """Return words as text; raised and lowered signs stand close to what they belong to: I2C, mm²."""
    parts = [words[0].text]
    for before, word in pairwise(words):
        smaller = min(before.size, word.size) < 0.8 * max(before.size, word.size)
        close = word.left - before.right < _TIGHT * max(before.size, word.size)
        parts.append(word.text if smaller and close else f" {word.text}")
    return "".join(parts)


def box_of(words: Sequence[Word]) -> Box:
    """Return the box around words."""
    return (
        min(word.left for word in words),
        min(word.bottom for word in words),
        max(word.right for word in words),
        max(word.top for word in words),
    )


def around(boxes: Sequence[Box]) -> Box:
    """Return the box around boxes."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _shape(text: str) -> str:
    """Return a text without the numbers that count pages, or as it is."""
    return _DIGITS.sub("0", text) if _COUNTED.search(text) else text


def _at_edge(bottom: float, top: float, page: Page) -> bool:
    return bottom > page.height * (1 - _EDGE) or top < page.height * _EDGE


def _running(pages: Sequence[Page]) -> frozenset[str]:
    """Return the shapes of rows that stand at the edge of at least three pages, or of both of two."""
    seen = Counter(
        shape
        for page in pages
        for shape in {_shape(row.text) for row in page.rows if row.words and _at_edge(row.bottom, row.top, page)}
    )
    least = 2 if len(pages) < 4 else 3  # noqa: PLR2004 - pages
    return frozenset(shape for shape, number in seen.items() if number >= least)


@dataclass(slots=True)
class Stack:
    """Cells set flush left one below the other, at even distances."""

    cells: list[Cell]

    @property
    def left(self) -> float:
        """Return its left edge."""
        return self.cells[0].left

    @property
    def words_per_line(self) -> float:
        """Return how many words its lines have on average."""
        return sum(len(cell.text.split()) for cell in self.cells) / len(self.cells)


def stacks_of(lines: Sequence[Line], leading: float = 2.6) -> list[Stack]:
    """Return the stacks of one page, by where they begin; ``leading`` is the widest distance of lines in sizes."""
    stacks: list[Stack] = []
    for line in lines:
        for cell in line.cells:
            for stack in reversed(stacks[-40:]):
                if _continues(stack.cells[-1], cell, leading):
                    stack.cells.append(cell)
                    break
            else:
                stacks.append(Stack([cell]))
    return stacks


def _continues(above: Cell, cell: Cell, leading: float) -> bool:
    drop = above.box[1] - cell.box[1]
    size = max(above.size, cell.size)
    return (
        abs(above.left - cell.left) < 3.5  # noqa: PLR2004 - points
        and 0 < drop < leading * size
        and 0.7 < above.size / (cell.size or 1) < 1.4  # noqa: PLR2004 - of the font
    )
