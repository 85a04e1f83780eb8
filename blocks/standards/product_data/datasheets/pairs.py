"""Tables without a head: names flush left, their values flush in a second column, row after row."""

import re
from collections.abc import Iterator, Sequence

from blocks.documents.product_data import ProductAttribute, Spot
from blocks.standards.product_data.datasheets.cells import Cell, Line, around, cell_of
from blocks.standards.product_data.datasheets.lists import passed_over
from blocks.standards.product_data.datasheets.quantities import NOTHING, dimensions_in, quantities_in, quantity_of
from blocks.standards.product_data.datasheets.statements import statements_in
from blocks.standards.product_data.datasheets.units import unit_in_head, unit_of, without_unit

_LEAST_ROWS = 3
_STEP = re.compile(r"[ivx]{1,4}[.)]?|[a-z][.)]?|\d{1,2}[.)]?|(?:[Ff]ig|[Tt]able|[Ss]tep|[Nn]ote)\b.*")
"""Numbers of steps, figures and notes: no names."""
_MOST_WORDS = 8
_FLUSH = 4.0
_LEADER = re.compile(r"[.\u00b7_]{4,}|\u2026{2,}")
_FIGURE = re.compile(r"[-+±<>≤≥]?\s?\d|[A-Z]{1,4}\d")
_ABREAST = 4
"""Cells of a line where two tables of pairs stand beside each other."""
_LONGEST = 110


def pairs_in(pages: Sequence[Sequence[Line]]) -> Iterator[tuple[ProductAttribute, tuple[Cell, ...]]]:
    """Yield the attributes of tables without a head, each with the cells it was read from."""
    for lines in pages:
        plain = [_without_leaders(line) for line in lines]
        left = [_part(line, 0, 2) if len(line.cells) == _ABREAST else line for line in plain]
        right = [_part(line, 2, 4) for line in plain if len(line.cells) == _ABREAST]
        beside = [_part(line, 1, 3) if _beside_a_text(line) else line for line in plain]
        beside = beside if any(map(_beside_a_text, plain)) else []
        for title, run in (*_runs(left), *_runs(right), *_runs(beside)):
            if passed_over(title) or _is_contents(run):
                continue
            for group in run:
                found = _attribute(group)
                if found is not None:
                    yield found, tuple(cell for line in group for cell in line.cells)


def _without_leaders(line: Line) -> Line:
    """Return a line with the dots that lead from a name to its value taken for the gap they fill."""
    words = line.words
    at = next((place for place, word in enumerate(words) if place and _LEADER.fullmatch(word.text)), None)
    if at is None or at + 1 >= len(words):
        return line
    cells = (cell_of(words[:at], line.page), cell_of(words[at + 1 :], line.page))
    return Line(line.page, cells, line.top, line.bottom)


def _beside_a_text(line: Line) -> bool:
    """Tell whether a line ends with a name and a figure that stand beside another column of the page."""
    return len(line.cells) == 3 and not unit_of(line.cells[2].text) and bool(_FIGURE.match(line.cells[2].text))  # noqa: PLR2004


def _part(line: Line, first: int, end: int) -> Line:
    """Return some cells of a line as a line."""
    return Line(line.page, line.cells[first:end], line.top, line.bottom)


def _runs(lines: Sequence[Line]) -> Iterator[tuple[str, list[list[Line]]]]:
    """Yield runs of rows that are pairs, each row with the lines its value goes on in, and the line above the run."""
    run: list[list[Line]] = []
    title = before = ""
    headed, above = False, 0.0
    for line in lines:
        if run and _pairs(run[-1][0], line):
            run.append([line])
        elif run and _goes_on(run[-1], line):
            run[-1].append(line)
        else:
            if _is_long_enough(run, headed=headed):
                yield title, run
            run = [[line]] if _is_pair(line) else []
            title, headed = before, above > 1.15 * line.size
        before, above = line.text, line.size
    if _is_long_enough(run, headed=headed):
        yield title, run


def _is_long_enough(run: Sequence[Sequence[Line]], *, headed: bool) -> bool:
    """Tell whether a run is a table: three rows with words for names, or two below a heading in larger print."""
    names = [group[0].cells[0].text for group in run]
    spoken = sum(sum(map(str.islower, name)) > 2 for name in names)  # noqa: PLR2004 - letters: labels are in capitals
    if len(run) >= _LEAST_ROWS:
        return spoken * 2 >= len(run)
    return len(run) == 2 and spoken == 2 and headed  # noqa: PLR2004 - rows


def _is_pair(line: Line) -> bool:
    cells = line.cells
    if len(cells) not in {2, 3} or cells[0].bullet or not any(map(str.isalpha, cells[0].text)):
        return False
    if len(cells) == 3 and not unit_of(cells[2].text):  # noqa: PLR2004 - name, value, unit
        return False
    if ":" in cells[0].text.rstrip(" :") or (":" in cells[1].text[:30] and not cells[0].text.endswith(":")):
        return False  # statements side by side
    if _STEP.fullmatch(cells[0].text) or (cells[1].text.endswith(".") and len(cells[1].text.split()) > _MOST_WORDS - 2):
        return False
    return len(cells[0].text.split()) <= _MOST_WORDS and cells[0].text[:1] not in "(["


def _pairs(above: Line, line: Line) -> bool:
    """Tell whether a line is a pair at the columns of the one above it."""
    if not _is_pair(line) or above.bottom - line.top > 2.2 * line.size or above.page != line.page:
        return False
    flush = abs(above.cells[0].left - line.cells[0].left) < _FLUSH
    one, other = above.cells[1], line.cells[1]
    even = abs(one.left - other.left) < _FLUSH or abs(one.right - other.right) < _FLUSH
    return flush and (even or abs(one.left + one.right - other.left - other.right) < 2 * _FLUSH)


def _goes_on(row: Sequence[Line], line: Line) -> bool:
    """Tell whether a line goes on a row's value or name: one cell at either column, close below."""
    if len(line.cells) != 1 or row[-1].bottom - line.top > 0.45 * line.size or len(row) > 4:  # noqa: PLR2004 - lines
        return False
    lefts = [cell.left for cell in row[0].cells]
    return any(abs(line.cells[0].left - left) < _FLUSH for left in lefts)


def _is_contents(run: Sequence[Sequence[Line]]) -> bool:
    """Tell whether pairs are a table of contents: page numbers that only rise, or dots that lead to them."""
    texts = [group[0].cells[-1].text for group in run]
    numbers = [int(text) for text in texts if text.isdecimal() and len(text) < 4]  # noqa: PLR2004 - pages
    return len(numbers) * 5 >= len(texts) * 4 and numbers == sorted(numbers)


def _attribute(group: Sequence[Line]) -> ProductAttribute | None:
    cells = group[0].cells
    name, value = _with_rest(cells[0], group), _with_rest(cells[1], group)
    name = name.strip(" :.…")
    if not name or NOTHING.fullmatch(value) or len(value) > _LONGEST or not any(map(str.isalnum, value)):
        return None
    unit = unit_of(cells[2].text) if len(cells) > 2 else unit_in_head(name)  # noqa: PLR2004
    bare = quantity_of(value)
    printed, unit = (bare.value, bare.unit or unit) if bare else (value, "" if quantities_in(value) else unit)
    if not bare and (size := dimensions_in(value)) and size.end >= len(value) - 1:
        printed, unit = size.printed, size.unit or unit
    elif not bare and (stated := statements_in(f"{name}: {value}")) and len(stated) == 1 and stated[0].unit:
        printed, unit = stated[0].value, stated[0].unit
    return ProductAttribute(
        name=without_unit(name) or name,
        value=printed,
        unit=unit,
        source="pairs",
        spot=Spot(page=group[0].page, box=around([cell.box for line in group for cell in line.cells])),
    )


def _with_rest(cell: Cell, group: Sequence[Line]) -> str:
    rest = [line.cells[0].text for line in group[1:] if abs(line.cells[0].left - cell.left) < _FLUSH]
    return " ".join((cell.text, *rest))
