"""Where the figures of a table really stand: its headings may be wider, narrower or set to another edge than they."""

from collections.abc import Sequence
from typing import NamedTuple

from blocks.standards.printed_invoices.lines_figures import Figure
from blocks.standards.printed_invoices.tables_headers import Column
from blocks.standards.printed_invoices.tables_rows import Scan
from blocks.standards.printed_invoices.tables_totals import is_total
from blocks.standards.printed_invoices.tables_words import NUMERIC, Role
from blocks.standards.printed_invoices.units import unit_code

_MOST_ROWS = 80
"""Rows of a section that are looked at: enough to see its columns."""
_SKIPPED_FIGURES = 110.0
_SKIPPED_HEADING = 22.0
"""What it costs, in points of distance, to leave figures without a heading and a heading without figures."""
_WITH_FIGURES = NUMERIC | {Role.POSITION, Role.ARTICLE, Role.BUYER_ARTICLE, Role.GTIN, Role.OTHER, Role.UNIT}


class _Stretch(NamedTuple):
    """From where to where figures that stand below each other reach, and how many they are."""

    left: float
    right: float
    figures: int


def settled(rows: Sequence[Scan], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the columns with the figures' own edges in place of their headings'.

    Figures that stand below each other are matched to headings from left to right, so that each stands as near to its
    heading as the order allows; a column without figures keeps the edges of its heading.
    """
    stretches = _stretches(rows, columns)
    headed = [index for index, column in enumerate(columns) if column.role in _WITH_FIGURES]
    found = list(columns)
    for stretch, place in _matched(stretches, [columns[index] for index in headed]):
        column = columns[headed[place]]
        if column.role in NUMERIC:
            found[headed[place]] = column._replace(left=stretch.left, right=stretch.right)
    return tuple(found)


def _stretches(rows: Sequence[Scan], columns: Sequence[Column]) -> list[_Stretch]:
    """Return where figures stand below each other, leaving out totals, texts and what is seen but once in a while."""
    numeric = [column for column in columns if column.role in NUMERIC]
    edge = min((column.left for column in numeric), default=0.0) - 60
    last = max(numeric, key=lambda column: column.right, default=None)
    spans: list[tuple[float, float]] = []
    for scan in rows[:_MOST_ROWS]:
        alone = sum(map(_telling, scan.figures)) < 2  # noqa: PLR2004 - quantity and price, say
        if is_total(scan.text) or (alone and not any(_below(figure, last) for figure in scan.figures)):
            continue
        spans += [
            (figure.left, figure.right)
            for figure in scan.figures
            if figure.right > edge and not _in_text(figure, scan, numeric)
        ]
    stretches: list[_Stretch] = []
    for left, right in sorted(spans):
        if stretches and _one_column(stretches[-1], left, right, numeric):
            before = stretches[-1]
            stretches[-1] = _Stretch(before.left, max(before.right, right), before.figures + 1)
        else:
            stretches.append(_Stretch(left, right, 1))
    most = max((stretch.figures for stretch in stretches), default=0)
    return [stretch for stretch in stretches if 5 * stretch.figures >= most]


def _below(figure: Figure, column: Column | None) -> bool:
    return column is not None and figure.left < column.right + 6 and figure.right > column.left


def _one_column(before: _Stretch, left: float, right: float, columns: Sequence[Column]) -> bool:
    """Tell whether a figure stands in the column of those left of it: they overlap, or one heading is above both."""
    if left < before.right - 0.2 * min(right - left, before.right - before.left):
        return True
    return left - before.right < 12 and any(  # noqa: PLR2004 - points
        column.left < before.right and column.right > right - 1 and column.left - 1 < before.left for column in columns
    )


def _telling(figure: Figure) -> bool:
    return bool(figure.places or figure.money or len(figure.text) < 7)  # noqa: PLR2004 - characters: no article number


def _in_text(figure: Figure, scan: Scan, numeric: Sequence[Column]) -> bool:
    """Tell whether a figure is part of a text: words stand right before it and no heading of figures above it."""
    if figure.first == 0:
        return False
    before = scan.row.words[figure.first - 1]
    if figure.left - before.right > scan.space * before.size or not any(letter.isalpha() for letter in before.text):
        return False
    if unit_code(before.text):
        return False
    return not any(column.left < figure.right and column.right > figure.left for column in numeric)


def _matched(stretches: Sequence[_Stretch], columns: Sequence[Column]) -> list[tuple[_Stretch, int]]:
    """Return pairs of stretch and heading in one order with the least distance in all."""
    width = len(columns) + 1
    best: list[list[tuple[float, tuple[tuple[int, int], ...]]]] = [
        [(place * _SKIPPED_HEADING, ()) for place in range(width)]
    ]
    for number, stretch in enumerate(stretches):
        above = best[-1]
        row = [(above[0][0] + _SKIPPED_FIGURES, above[0][1])]
        for place in range(1, width):
            cost = _distance(stretch, columns[place - 1])
            row.append(
                min(
                    (above[place - 1][0] + cost, (*above[place - 1][1], (number, place - 1))),
                    (above[place][0] + _SKIPPED_FIGURES, above[place][1]),
                    (row[place - 1][0] + _SKIPPED_HEADING, row[place - 1][1]),
                )
            )
        best.append(row)
    return [(stretches[number], place) for number, place in best[-1][-1][1]]


def _distance(stretch: _Stretch, column: Column) -> float:
    gap = max(stretch.left - column.right, column.left - stretch.right, 0.0)
    lopsided = abs(stretch.left + stretch.right - column.left - column.right) / 2
    return gap + 0.15 * min(lopsided, 100.0)
