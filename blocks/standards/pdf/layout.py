"""What stands on a page: words with boxes, gathered to the rows a reader sees."""

from dataclasses import dataclass
from typing import NamedTuple

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points (1/72 inch), from the bottom left of the page as it is shown."""


class Word(NamedTuple):
    """Characters without white space between them; ``size`` is the font's height in points."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float

    @property
    def box(self) -> Box:
        """Return its box."""
        return self.left, self.bottom, self.right, self.top

    @property
    def middle(self) -> float:
        """Return the height of its middle."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True, slots=True)
class Row:
    """Words on one line of sight, from left to right; ``page`` is 1-based."""

    page: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Return the words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def top(self) -> float:
        """Return the upper edge."""
        return max(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return min(word.bottom for word in self.words)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size in points and its rows from top to bottom.

    ``turned`` are the quarter turns, clockwise, by which a reader turns the page as it is shown, because most of its
    text runs upwards or downwards; size and boxes are those of the turned page.
    """

    number: int
    width: float
    height: float
    rows: tuple[Row, ...]
    turned: int = 0


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What a PDF says in text.

    ``doubts`` are whole sentences: text that is there but not to be seen, glyphs that say another character than they
    show, pages left out. With one of them nothing in the document is proven. ``attachments`` are the names of the files
    inside the PDF, as it gives them.
    """

    pages: tuple[Page, ...]
    doubts: tuple[str, ...] = ()
    title: str = ""
    producer: str = ""
    attachments: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows of all pages in reading order."""
        return tuple(row for page in self.pages for row in page.rows)
