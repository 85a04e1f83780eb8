"""Tables of data sheets: found by their heads, cut into columns by the white space between them, read row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from blocks.standards.pdf.layout import Word
from blocks.standards.product_data.datasheets.cells import Line, joined
from blocks.standards.product_data.datasheets.heads import (
    LIMITS,
    Head,
    Kind,
    bare_unit,
    head_of,
    heads_in,
    implied_unit,
    is_foreign,
    is_of_models,
    is_table,
    kind_of_head,
    settled,
)

CLOSE = 1.42
"""Lines nearer than this part of their size may belong to one row of a table."""
_FAR = 3.6
"""A gap of so many sizes ends a table."""
_MOST_LINES = 400
_STEP = 1.0
_ABOVE = 45.0
"""Points between a table and its title at most."""
_NEAR = 15.0
"""Points beside a head within which a word below may still belong to it."""


@dataclass(slots=True)
class TableRow:
    """A row: the words of each column; rows of one block share a name that goes on beside them."""

    cells: list[list[Word]]
    page: int
    block: int = 0

    def text(self, column: int) -> str:
        """Return what stands in a column, lines one after the other."""
        words = self.cells[column]
        if not words:
            return ""
        lines: list[list[Word]] = [[words[0]]]
        for before, word in pairwise(words):
            if word.left < before.left and word.middle < before.middle:
                lines.append([])
            lines[-1].append(word)
        return " ".join(joined(line) for line in lines if line)


@dataclass(slots=True)
class Table:
    """A table: its heads, its rows, and what stands above it."""

    heads: tuple[Head, ...]
    rows: list[TableRow] = field(default_factory=list)
    title: str = ""
    foreign: bool = False
    lines: list[Line] = field(default_factory=list)

    def columns(self, *kinds: Kind) -> list[int]:
        """Return the columns of some kinds."""
        return [place for place, head in enumerate(self.heads) if head.kind in kinds]


def tables_in(pages: Sequence[Sequence[Line]]) -> Iterator[Table]:
    """Yield the tables of a document; a table that goes on over a page break without its head is one table."""
    going: Table | None = None
    for lines in pages:
        index = 0
        while index < len(lines):
            found = _head_at(lines, index)
            if found is None and going is not None and index == 0:
                found = (going.heads, 0)
            if found is None:
                index += 1
                continue
            heads, begin = found
            table = Table(settled(heads), title=_title(lines, index), foreign=is_foreign(heads))
            if begin == 0 and going is not None:
                table.title, table.foreign = going.title, going.foreign
            end = _fill(table, lines, begin, strict=begin == 0)
            at_end = end >= len(lines) and table.rows
            if table.rows:
                yield table
            going = table if at_end else None
            index = max(end, index + 1)
        if going is not None and lines and (not going.lines or going.lines[-1].page != lines[0].page):
            going = None


def _head_at(lines: Sequence[Line], index: int) -> tuple[tuple[Head, ...], int] | None:
    """Return the heads that begin in a line, over up to three lines, and the line below them."""
    line = lines[index]
    if len(line.words) > 40:  # noqa: PLR2004 - words: no head is as long
        return None
    heads = heads_in(line.words)
    if len(heads) < 2 or all(head.kind is Kind.OTHER for head in heads):  # noqa: PLR2004 - columns
        return None
    end = index + 1
    best = (heads, end) if _is_head(heads) else None
    while end < len(lines) and end - index < 3:  # noqa: PLR2004 - lines of a head
        lower = lines[end]
        if lines[end - 1].bottom - lower.top > 0.9 * lower.size or any(map(str.isdigit, lower.text)):
            break
        words = _parted_like(heads, lower)
        end += 1
        if not _is_headlike(words, heads, first=best is None):
            break
        heads = _below(heads, words)
        if _is_head(heads):
            best = (heads, end)
    return best


def heads_a_table(words: Sequence[Word]) -> bool:
    """Tell whether a row of words is the head of a table."""
    return _is_head(heads_in(words))


def _is_head(heads: Sequence[Head]) -> bool:
    return len(heads) > 1 and (is_table(heads) or is_foreign(heads) or is_of_models(heads))


def _parted_like(upper: Sequence[Head], lower: Line) -> tuple[Head, ...]:
    """Return the words of a line as heads, parted where the heads above them are."""
    groups: list[tuple[int, list[Word]]] = []
    for word in lower.words:
        gaps = [max(each.left - word.right, word.left - each.right) for each in upper]
        at = min(
            range(len(upper)),
            key=lambda place: (gaps[place] > 0, abs(upper[place].middle - word.left / 2 - word.right / 2)),
        )
        near = gaps[at] < _NEAR
        if groups and groups[-1][0] == at and near:
            groups[-1][1].append(word)
        else:
            groups.append((at if near else -1 - len(groups), [word]))
    return tuple(head_of(words) for _, words in groups)


def _is_headlike(lower: Sequence[Head], upper: Sequence[Head], *, first: bool) -> bool:
    """Tell whether a line below a head that is one by itself belongs to it: words below its words, short ones only."""
    if first or all(bare_unit(head) or head.text.startswith(("(", "[")) for head in lower):
        return True
    over = [[each for each in upper if each.left < head.right + 1 and each.right > head.left - 1] for head in lower]
    if not all(len(each) == 1 for each in over) or any(len(head.text.split()) > 2 for head in lower):  # noqa: PLR2004
        return False
    valued = [
        head
        for head, (each,) in zip(lower, over, strict=True)
        if {each.kind, head.kind} & {*LIMITS, Kind.VALUE, Kind.UNIT} and any(map(str.isalpha, head.text))
    ]
    return bool(valued)


def _below(upper: Sequence[Head], lower: Sequence[Head]) -> tuple[Head, ...]:
    """Return the heads of two lines: words below each other belong together."""
    found = list(upper)
    for head in lower:
        over = [at for at, each in enumerate(found) if each.left < head.right + 1 and each.right > head.left - 1]
        if not over:
            found.append(head)
            continue
        at = max(over, key=lambda one: min(found[one].right, head.right) - max(found[one].left, head.left))
        text = f"{found[at].text} {head.text}"
        unit = found[at].unit or head.unit or (head.text.strip("[]()") if bare_unit(head) else implied_unit(text))
        kind = kind_of_head(text)
        kind = next((each for each in (kind, found[at].kind, head.kind) if each is not Kind.OTHER), kind)
        found[at] = replace(
            found[at],
            text=text,
            kind=kind,
            unit=unit,
            left=min(found[at].left, head.left),
            right=max(found[at].right, head.right),
        )
    return tuple(sorted(found, key=lambda each: each.left))


def _title(lines: Sequence[Line], index: int) -> str:
    """Return the nearest short line above a table that could be its title."""
    for line in reversed(lines[max(index - 6, 0) : index]):
        if line.bottom - lines[index].top > _ABOVE:
            break
        if len(line.text) < 90 and any(map(str.isalpha, line.text)):  # noqa: PLR2004 - a title is short
            return line.text
    return ""


def _fill(table: Table, lines: Sequence[Line], begin: int, *, strict: bool) -> int:
    """Take the lines that belong to a table; return the index of the first that does not."""
    body = _body(table, lines, begin, strict=strict)
    if not body:
        return begin
    cuts = _cuts(table.heads, body)
    table.lines = body
    _rows(table, body, cuts)
    return begin + len(body)


def _body(table: Table, lines: Sequence[Line], begin: int, *, strict: bool) -> list[Line]:
    """Return the lines below a head as far as they may belong to its table."""
    left = min(head.left for head in table.heads)
    right = max(head.right for head in table.heads)
    body: list[Line] = []
    limited = bool(table.columns(*LIMITS))
    for line in lines[begin : begin + _MOST_LINES]:
        if body and body[-1].bottom - line.top > _FAR * min(line.size, body[-1].size):
            break
        if body and line.size > 1.25 * body[0].size and len(line.cells) == 1:
            break
        across = line.cells[0]
        if len(line.cells) == 1 and _is_prose(across.text) and (across.right - across.left > 0.6 * (right - left)):
            break
        if across.left < left - 40 and len(line.cells) == 1 and not table.foreign:
            break
        heads = heads_in(line.words) if len(line.words) < 30 else ()  # noqa: PLR2004 - words
        if body and _is_head(heads):
            break
        if strict and not body and not _fits(line, table):
            break
        if not limited and len(line.cells) == 1 and line.cells[0].bullet:
            break
        body.append(line)
    return _without_tail(body)


def _is_prose(text: str) -> bool:
    return len(text.split()) > 9  # noqa: PLR2004 - words


def _fits(line: Line, table: Table) -> bool:
    """Tell whether a line at the top of a page may go on a table: as many cells, figures among them, at its columns."""
    if len(line.cells) < min(len(table.heads), 3) or not any(map(str.isdigit, line.text)):
        return False
    return (
        abs(line.cells[0].left - min(head.left for head in table.heads)) < _NEAR
        and len(line.cells) <= len(table.heads) + 1
    )


def _without_tail(body: list[Line]) -> list[Line]:
    """Return lines without those at the end that have one cell and stand apart: the next heading or a note."""
    while (
        body and len(body[-1].cells) == 1 and (len(body) == 1 or body[-2].bottom - body[-1].top > 0.7 * body[-1].size)
    ):
        body.pop()
    return body


def _cuts(heads: Sequence[Head], body: Sequence[Line]) -> list[float]:
    """Return where one column ends and the next begins: in the emptiest place between the middles of their heads."""
    cuts = []
    spans = [(word.left, word.right) for line in body for word in line.words]
    for one, other in pairwise(heads):
        low = one.middle if one.kind in (*LIMITS, Kind.UNIT, Kind.VALUE, Kind.SYMBOL) else one.left + 2
        high = other.middle if other.kind not in {Kind.NAME, Kind.CONDITION} else min(other.middle, other.left + 12)
        cuts.append(_emptiest(low, max(high, low + 2), spans, (one.right + other.left) / 2))
    return cuts


def _emptiest(low: float, high: float, spans: Sequence[tuple[float, float]], wanted: float) -> float:
    """Return the middle of the widest stretch that fewest words cover, near the wanted place among equals."""
    steps = max(int((high - low) / _STEP), 1)
    counts = [0] * (steps + 1)
    for left, right in spans:
        if right <= low or left >= high:
            continue
        first, last = max(int((left - low) / _STEP), 0), min(int((right - low) / _STEP) + 1, steps + 1)
        for at in range(first, last):
            counts[at] += 1
    least = min(counts)
    best = (0.0, (low + high) / 2)
    start = None
    for at in range(len(counts) + 1):
        if at < len(counts) and counts[at] == least:
            start = at if start is None else start
        elif start is not None:
            middle = low + _STEP * (start + at - 1) / 2
            near = _STEP * start + low - 1 <= wanted <= low + _STEP * at + 1
            best = max(best, (at - start + (4.0 if near else 0.0), middle))
            start = None
    return best[1]


def _rows(table: Table, body: Sequence[Line], cuts: Sequence[float]) -> None:
    """Gather the lines of the body to rows, and rows to blocks where wider gaps part them."""
    valued = table.columns(*LIMITS, Kind.VALUE) or [len(table.heads) - 1]
    near = [one.bottom - other.bottom <= CLOSE * other.size for one, other in pairwise(body)]
    parted = 4 * sum(near) <= 3 * len(near)
    block = 0
    for line, close in zip(body, (False, *near), strict=True):
        cells = _split(line, cuts)
        has_value = any(cells[place] for place in valued)
        row = table.rows[-1] if table.rows else None
        if row is not None and close and not (has_value and any(row.cells[place] for place in valued)):
            for place, words in enumerate(cells):
                row.cells[place] += words
            continue
        block += not (close and parted)
        table.rows.append(TableRow(cells, line.page, block))


def _split(line: Line, cuts: Sequence[float]) -> list[list[Word]]:
    """Return the words of a line by column; a word belongs where its middle is, but words of one cell stay together."""
    cells: list[list[Word]] = [[] for _ in range(len(cuts) + 1)]
    for word in line.words:
        middle = (word.left + word.right) / 2
        cells[sum(middle > cut for cut in cuts)].append(word)
    return cells
