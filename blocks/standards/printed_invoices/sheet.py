"""A document prepared for reading: words, cells, blocks, labels, figures and dates of each row, found once."""

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from operator import sub
from typing import NamedTuple, TypeVar

from blocks.documents.conversions import Place
from blocks.standards.pdf.layout import Box, TextLayer, Word
from blocks.standards.pdf.layout import Row as LayerRow
from blocks.standards.printed_invoices.dates import PrintedDate, dates_in
from blocks.standards.printed_invoices.labels import Label, fold, labels_in
from blocks.standards.printed_invoices.numbers import NumberStyle, PrintedFigure, figures, style_of

_GLUED = re.compile(
    r"^(.*?[^\W\d_].{0,40}?[:=#]|[^\W\d_]{1,12}[°º]|[nN][°º]|#|[^\W\d_]{2,15}[-]?[nN]r\.)(?=[\w#])(.+)$"
)
_DIGIT = re.compile(r"\d")
_ADDRESS = re.compile(r"^(?:https?:|www\.|urn:|.*@|\d{1,2}:\d\d)", re.IGNORECASE)
_SMALLEST = 5.0
_TORN, _TIGHT = 0.13, 0.2
"""Shares of the font size; spaces take 0.2 to 0.33 of it, in justified lines less."""
_MARKED = re.compile(r"[:=#°º]|r\.")
_MOST_AT_ENDS = 100
Item = TypeVar("Item")
COLUMN_GAP = 1.1
"""Words further apart than this many heights belong to different cells."""


class Cell(NamedTuple):
    """Words of a row that stand together; ``first`` and ``last`` are their indices in the row."""

    row: int
    page: int
    first: int
    last: int
    text: str
    box: Box
    size: float

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(page=self.page, box=self.box, text=self.text)


@dataclass(slots=True)
class SheetRow:
    """A row with what was found in it; ``index`` counts through the document."""

    index: int
    page: int
    words: tuple[Word, ...]
    texts: tuple[str, ...]
    text: str
    top: float
    bottom: float
    labels: list[Label]
    figures: tuple[PrintedFigure, ...]
    dates: list[PrintedDate]
    cells: list[Cell]

    def place(self, first: int, last: int) -> Place:
        """Return the place of some of its words."""
        return place_of(self.page, self.words[first : last + 1])


@dataclass
class Sheet:
    """All rows of a document in reading order."""

    layer: TextLayer
    rows: list[SheetRow]
    style: NumberStyle
    starts: dict[int, int] = field(default_factory=dict)

    @cached_property
    def labels(self) -> dict[str, list[Label]]:
        """Return the labels by kind, in reading order; of a kind with very many the first and the last ones."""
        found: dict[str, list[Label]] = {}
        for row in self.rows:
            for label in row.labels:
                found.setdefault(label.kind, []).append(label)
        return {kind: _ends(labels) for kind, labels in found.items()}

    @cached_property
    def blocks(self) -> list[list[Cell]]:
        """Return cells that stand one under the other, flush left or right, as an address does."""
        return _ends(_blocks(self.rows))

    @cached_property
    def folded_text(self) -> str:
        """Return the folded text of all cells, parted by '|'."""
        return "|".join([fold(cell.text) for row in self.rows for cell in row.cells])

    @cached_property
    def language(self) -> str:
        """Return the language most labels belong to, '' where none was found."""
        votes: dict[str, int] = {}
        for row in self.rows:
            for label in row.labels:
                votes[label.language] = votes.get(label.language, 0) + (1 if label.weak else 2)
        return max(votes, key=lambda name: votes[name]) if votes else ""

    def page_size(self, page: int) -> tuple[float, float]:
        """Return width and height of a page."""
        found = self.layer.pages[page - 1]
        return found.width, found.height

    def height_share(self, row: SheetRow) -> float:
        """Return how high a row stands on its page: 1 at the top, 0 at the bottom."""
        height = self.page_size(row.page)[1]
        return row.bottom / height if height else 0.0


def _ends(found: list[Item]) -> list[Item]:
    """Return all of a list, or its first and last parts: what announces a field stands at the ends."""
    return found if len(found) <= 2 * _MOST_AT_ENDS else [*found[:_MOST_AT_ENDS], *found[-_MOST_AT_ENDS:]]


def place_of(page: int, words: tuple[Word, ...]) -> Place:
    """Return the place that words take together."""
    return Place(page=page, box=_around(words), text=" ".join(word.text for word in words))


def sheet_of(layer: TextLayer) -> Sheet:
    """Prepare a text layer for reading."""
    rows: list[SheetRow] = []
    for page in layer.pages:
        for row in page.rows:
            if row.words:
                rows.append(_prepared(len(rows), page.number, row))
    dated = [row for row in rows if row.dates]
    plain = [figure.body for row in rows if not row.dates for figure in row.figures]
    plain += [figure.body for row in dated for figure in row.figures if not _is_date(row, figure)]
    style = style_of(plain)
    return Sheet(layer, rows, style)


def _prepared(index: int, page: int, row: LayerRow) -> SheetRow:
    words = _mended(row.words)
    texts, lefts, bottoms, rights, tops, sizes = zip(*words, strict=True)
    text = " ".join(texts)
    if _MARKED.search(text) and any(map(_cut, texts)):
        words = tuple([part for word in words for part in _parts(word)])
        texts, lefts, bottoms, rights, tops, sizes = zip(*words, strict=True)
        text = " ".join(texts)
    numeric = _DIGIT.search(text) is not None
    return SheetRow(
        index=index,
        page=page,
        words=words,
        texts=texts,
        text=text,
        top=max(tops),
        bottom=min(bottoms),
        labels=labels_in(words, texts, index),
        figures=figures(LayerRow(page, words)) if numeric else (),
        dates=dates_in(words, texts, page) if numeric else [],
        cells=[
            Cell(
                index,
                page,
                first,
                end - 1,
                " ".join(texts[first:end]),
                (min(lefts[first:end]), min(bottoms[first:end]), max(rights[first:end]), max(tops[first:end])),
                max(sizes[first:end]),
            )
            if end - first > 1
            else Cell(index, page, first, first, texts[first], words[first][1:5], sizes[first])
            for first, end in _stretches(lefts, rights, sizes)
        ],
    )


def _mended(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Join what kerning tore apart ('Indus trie'): small letters after a gap far narrower than any font's space."""
    torn = [
        index
        for index, (one, two) in enumerate(pairwise(words), 1)
        if two[1] - one[3] < _TORN * two[5] and two[0][0].islower() and one[0][-1].islower()
    ]
    if not torn:
        return words
    spaces = [gap for one, two in pairwise(words) if (gap := (two.left - one.right) / (two.size or 1.0)) >= _TORN]
    if spaces and min(spaces) < _TIGHT:  # set so tight that these may be spaces as well
        return words
    mended = list(words)
    for index in reversed(torn):
        one, two = mended[index - 1], mended.pop(index)
        mended[index - 1] = one._replace(text=one.text + two.text, right=two.right, top=max(one.top, two.top))
    return tuple(mended)


def _parts(word: Word) -> tuple[Word, ...]:
    """Part 'Nr.:4711' or 'n°4711' into label and value; addresses of the web and times of day stay whole."""
    text = word.text
    cut = _cut(text)
    if not cut:
        return (word,)
    width = (word.right - word.left) * cut / len(text)
    middle = word.left + width
    return (word._replace(text=text[:cut], right=middle), *_parts(word._replace(text=text[cut:], left=middle)))


@lru_cache(maxsize=16384)
def _cut(text: str) -> int:
    """Return how many letters of a word are its label, 0 where it has none."""
    if len(text) < 3 or not _MARKED.search(text) or _ADDRESS.match(text):  # noqa: PLR2004 - a label, a mark and a value
        return 0
    found = _GLUED.match(text)
    return found.end(1) if found else 0


def _stretches(lefts: tuple[float, ...], rights: tuple[float, ...], sizes: tuple[float, ...]) -> list[tuple[int, int]]:
    """Return the words of each cell, first and behind the last, by where words begin and end and how large they are."""
    gaps = map(sub, lefts[1:], rights)
    wide = [at for at, gap in enumerate(gaps, 1) if gap > _LEAST_GAP and gap > COLUMN_GAP * max(sizes[at - 1 : at + 1])]
    return list(pairwise([0, *wide, len(lefts)]))


_LEAST_GAP = COLUMN_GAP * _SMALLEST


def _around(words: tuple[Word, ...]) -> Box:
    _, lefts, bottoms, rights, tops, _ = zip(*words, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _is_date(row: SheetRow, figure: PrintedFigure) -> bool:
    return any(printed.first <= figure.first <= printed.last for printed in row.dates)


def _blocks(rows: list[SheetRow]) -> list[list[Cell]]:
    open_blocks: list[list[Cell]] = []
    closed: list[list[Cell]] = []
    page = 0
    for row in rows:
        if row.page != page:
            closed += open_blocks
            open_blocks, page = [], row.page
        top = row.top
        still: list[list[Cell]] = []
        for block in open_blocks:
            last = block[-1]
            (closed if last.box[1] - top > 1.6 * last.size else still).append(block)
        open_blocks = still
        for cell in row.cells:
            for block in open_blocks:
                if _continues(block[-1], cell):
                    block.append(cell)
                    break
            else:
                open_blocks.append([cell])
    closed += open_blocks
    return sorted(closed, key=lambda block: block[0].row)


def _continues(above: Cell, cell: Cell) -> bool:
    one, other = above.box, cell.box
    if abs(one[0] - other[0]) >= 3.0 and abs(one[2] - other[2]) >= 1.5:  # noqa: PLR2004 - left, right
        return False
    return above.row != cell.row and cell.size < 1.6 * above.size


def folded(row: SheetRow) -> str:
    """Return the whole text of a row folded."""
    return "".join(fold(word.text) for word in row.words)


def gap_between(words: tuple[Word, ...], left: int, right: int) -> float:
    """Return the widest gap between neighbours from word ``left`` to word ``right``, in heights."""
    return max(((b.left - a.right) / max(a.size, 5.0) for a, b in pairwise(words[left : right + 1])), default=0.0)
