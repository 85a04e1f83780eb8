"""The body of a line table: which figure stands in which column, and which rows belong to one line."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from blocks.standards.printed_invoices.lines_figures import Figure
from blocks.standards.printed_invoices.tables_headers import Column, Heading
from blocks.standards.printed_invoices.tables_rows import Scan
from blocks.standards.printed_invoices.tables_totals import folded, is_carried, is_total
from blocks.standards.printed_invoices.tables_words import NUMERIC, Role, squeezed
from blocks.standards.printed_invoices.units import unit_code

_MOST_DIGITS = 10
_BEFORE = 25.0
"""Points by which words before a figure may reach out of its column to the left: ``(net: 60,00)``."""
_FAR = 45.0
"""Points between a figure and a heading beyond which they have nothing to do with each other."""


@dataclass(slots=True)
class BodyRow:
    """A row of the body with its figures by column (index into the heading's columns)."""

    scan: Scan
    columns: tuple[Column, ...]
    by_column: dict[int, list[Figure]] = field(default_factory=dict)

    def figures(self, role: Role) -> list[Figure]:
        """Return the figures of all columns of a role, from left to right."""
        return [
            figure
            for index, found in sorted(self.by_column.items())
            if self.columns[index].role is role
            for figure in found
        ]


@dataclass(slots=True)
class Block:
    """The rows of one line; ``anchor`` is the row with its amount."""

    anchor: BodyRow
    amount: Figure
    rows: list[BodyRow]
    after_total: bool

    def nearest(self) -> list[BodyRow]:
        """Return its rows, the anchor first, then by distance from it."""
        at = self.anchor.scan.index
        return sorted(self.rows, key=lambda row: (abs(row.scan.index - at), row.scan.index))


def body_rows(rows: Iterable[Scan], columns: tuple[Column, ...]) -> list[BodyRow]:
    """Return the rows of a table's body with each figure in the column it stands in."""
    return [BodyRow(scan, columns, _placed(scan, columns)) for scan in rows]


def _placed(scan: Scan, columns: Sequence[Column]) -> dict[int, list[Figure]]:
    placed: dict[int, list[Figure]] = {}
    for figure in scan.figures:
        if figure.places == 0 and sum(letter.isdigit() for letter in figure.text) > _MOST_DIGITS:
            continue
        index = _column_of(figure, scan, columns)
        if index is not None:
            placed.setdefault(index, []).append(figure)
    return placed


def _column_of(figure: Figure, scan: Scan, columns: Sequence[Column]) -> int | None:
    """Return the column a figure stands in: the one it overlaps most, else the nearest of figures that is near."""
    best, most = None, 0.5
    nearest, least = None, _FAR
    for index, column in enumerate(columns):
        common = min(figure.right, column.right) - max(figure.left, column.left)
        if common > most:
            best, most = index, common
        elif column.role in NUMERIC and -common < least:
            nearest, least = index, -common
    chosen = nearest if best is None else best
    if chosen is None or columns[chosen].role not in NUMERIC:
        return None
    start = _text_before(figure, scan)
    if start is None:
        return chosen
    shown = bool(figure.places or figure.money or figure.percent)
    return chosen if best is not None and (shown or start > columns[chosen].left - _BEFORE) else None


def _text_before(figure: Figure, scan: Scan) -> float | None:
    """Return where the text begins of which the figure is a part; None where it stands alone or with its unit only."""
    words = scan.row.words
    position, start = figure.first, None
    while position > 0:
        before = words[position - 1]
        if words[position].left - before.right > scan.space * before.size:
            break
        position -= 1
        if any(letter.isalpha() for letter in before.text) and not unit_code(before.text):
            start = before.left
    if start is None and figure.last + 1 < len(words) and not figure.money:
        behind = words[figure.last + 1]
        beside = behind.left - figure.right <= scan.space * behind.size
        if beside and behind.text[0].isalpha() and len(behind.text) > 2 and not unit_code(behind.text):  # noqa: PLR2004 - letters of a word
            return figure.left
    return start


def stands_alone(figure: Figure, scan: Scan) -> bool:
    """Tell whether a figure is no part of a text."""
    return _text_before(figure, scan) is None


def blocks(rows: Sequence[BodyRow], amount_column: int) -> list[Block]:
    """Return the rows gathered to lines, each around a row with a figure in the amount column.

    Rows of totals and of amounts carried over make no block; what follows a total is marked so.
    """
    anchors: list[tuple[int, Figure, bool]] = []
    breaks: set[int] = set()
    ended = False
    decimals = any(figure.places for row in rows for figure in row.by_column.get(amount_column, ()))
    for index, row in enumerate(rows):
        found = [
            figure
            for figure in row.by_column.get(amount_column, ())
            if not figure.percent and (figure.places or figure.money or not decimals)
        ]
        parts = row.figures(Role.QUANTITY) and row.figures(Role.PRICE)
        total = is_total(row.scan.text) or (bool(found) and not parts and is_total(_label(row, found[-1])))
        if total and not _has_line(row):
            breaks.add(index)
            if found and not is_carried(row.scan.text):
                ended = True
            continue
        if found:
            anchors.append((index, found[-1], ended))
    edges = _edges(rows, [index for index, _, _ in anchors], breaks)
    return [
        Block(rows[index], figure, list(rows[start:stop]), after)
        for (index, figure, after), (start, stop) in zip(anchors, edges, strict=True)
    ]


def _label(row: BodyRow, amount: Figure) -> str:
    """Return the words right before an amount, folded: what it is called where two tables stand side by side."""
    words: list[str] = []
    for position in range(amount.first - 1, -1, -1):
        word = row.scan.row.words[position]
        apart = words and row.scan.row.words[position + 1].left - word.right > max(1.0, row.scan.space) * word.size
        if apart or any(letter.isdigit() for letter in word.text):
            break
        words.insert(0, word.text)
    return folded(" ".join(words))


def _has_line(row: BodyRow) -> bool:
    """Tell whether a row that begins like a total is a line after all: it has quantity, price and more of a name."""
    if not (row.figures(Role.QUANTITY) and row.figures(Role.PRICE)):
        return False
    name = squeezed(row.scan.cells[0].text)
    second = squeezed(
        " ".join(word.text for word in row.scan.row.words if any(letter.isalpha() for letter in word.text))
    )
    return len(name) > 12 or len(second) > 20 or name[:1].isdigit()  # noqa: PLR2004 - more than a word for a total


def _edges(rows: Sequence[BodyRow], anchors: Sequence[int], breaks: set[int]) -> list[tuple[int, int]]:
    """Return from which to which row each block reaches."""
    if not anchors:
        return []
    starts = [_start(rows, -1, anchors[0], breaks, top=True)]
    stops: list[int] = []
    top = starts[0] == anchors[0]
    for one, two in itertools.pairwise(anchors):
        split = _split(rows, one, two, breaks, top=top)
        stops.append(min([split, *(at for at in breaks if one < at < split)]))
        starts.append(max([split, *(at + 1 for at in breaks if split <= at < two)]))
    stops.append(_stop(rows, anchors[-1], breaks))
    return list(zip(starts, stops, strict=True))


def _start(rows: Sequence[BodyRow], before: int, anchor: int, breaks: set[int], *, top: bool) -> int:
    start = anchor
    while start - 1 > before and start - 1 not in breaks and _near(rows[start - 1], rows[start]):
        start -= 1
    return start if top else anchor


def _stop(rows: Sequence[BodyRow], anchor: int, breaks: set[int]) -> int:
    stop = anchor + 1
    while stop < len(rows) and stop not in breaks and _near(rows[stop - 1], rows[stop]):
        stop += 1
    return stop


def _near(above: BodyRow, below: BodyRow) -> bool:
    """Tell whether two rows follow each other closely on one page, or over a page's end."""
    if above.scan.page is not below.scan.page:
        return False
    return above.scan.middle - below.scan.middle < 2.6 * max(above.scan.height, below.scan.height)


def _split(rows: Sequence[BodyRow], one: int, two: int, breaks: set[int], *, top: bool) -> int:
    """Return the row with which the second of two lines begins.

    A number in the column of positions says it; then a gap between the rows that is wider than the others; else the
    rows in between belong to the line above where the first line of the table began with its amount, or half each.
    """
    if two - one == 1:
        return two
    numbered = [index for index in range(one + 1, two + 1) if _position(rows[index])]
    if numbered and not (numbered == [two] and not _position(rows[one])):
        if numbered[0] != two and not _position(rows[two]) and _position(rows[one]):
            return numbered[0]
        if numbered[-1] == two and top:
            return two
    inner = [index for index in range(one + 1, two + 1) if index not in breaks]
    gaps = {
        index: rows[index - 1].scan.middle - rows[index].scan.middle
        for index in inner
        if rows[index].scan.page is rows[index - 1].scan.page
    }
    positive = [gap for gap in gaps.values() if gap > 0]
    if len(positive) > 1:
        widest = max(gaps, key=lambda index: gaps[index])
        if gaps[widest] > 1.3 * median(positive):
            return widest
    if top:
        return two
    return one + 1 + (two - one - 1) // 2


def _position(row: BodyRow) -> bool:
    return bool(position_text(row))


def position_text(row: BodyRow) -> str:
    """Return the number in the column of positions, '' where there is none in this row."""
    column = next((column for column in row.columns if column.role is Role.POSITION), None)
    if column is None:
        return ""
    word = row.scan.row.words[0]
    text = word.text.rstrip(".)")
    near = word.left < column.right + 4 and word.right > column.left - 12
    return text if near and text[:1].isdigit() and len(text) <= 9 and text.replace(".", "").isalnum() else ""  # noqa: PLR2004 - characters of a position at most


def amount_columns(heading: Heading) -> list[int]:
    """Return the columns that may hold the lines' amounts, the likeliest first: net from the right, then gross."""
    net = [index for index, column in enumerate(heading.columns) if column.role is Role.AMOUNT]
    gross = [index for index, column in enumerate(heading.columns) if column.role is Role.GROSS]
    return net[::-1] + gross[::-1]
