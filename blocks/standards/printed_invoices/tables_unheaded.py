"""Tables without a heading: columns found by figures that stand below each other and multiply."""

from collections.abc import Sequence
from typing import NamedTuple

from blocks.standards.printed_invoices.lines_arithmetic import closes
from blocks.standards.printed_invoices.lines_figures import Figure
from blocks.standards.printed_invoices.tables_headers import Column, Heading
from blocks.standards.printed_invoices.tables_rows import Scan
from blocks.standards.printed_invoices.tables_totals import is_brought, is_total
from blocks.standards.printed_invoices.tables_words import Role
from blocks.standards.printed_invoices.units import unit_code

_ALIGNED = 4.0
"""Points by which figures of one column may stand apart at their right edge."""
_MOST_FIGURES = 9
_MOST_ROWS = 60
_MOST_LISTED = 40
_CENTS = 2
_LETTERS = 4


class _Product(NamedTuple):
    row: int
    quantity: Figure
    price: Figure
    amount: Figure


def unheaded(rows: Sequence[Scan]) -> Heading | None:
    """Return the columns of the rows in which two figures multiply to a third further right; None where there are none.

    The heading that is handed back stands above the first of these rows.
    """
    products = [found for scan in rows if (found := _product(scan)) is not None][:_MOST_ROWS]
    telling = [each for each in products if abs(each.quantity.value) != 1 and abs(each.price.value) != 1]
    if not telling:
        return None
    group = max(([other for other in products if _like(other, each)] for each in telling), key=len)
    columns = [
        _column(Role.QUANTITY, [each.quantity for each in group]),
        _column(Role.PRICE, [each.price for each in group]),
        _column(Role.AMOUNT, [each.amount for each in group]),
    ]
    left = min(scan.row.words[0].left for scan in (rows[each.row] for each in group))
    first = min(column.left for column in columns)
    if first - left > 20:  # noqa: PLR2004 - points: room for a word
        columns.append(Column(Role.NAME, left, (left + first) / 2, ""))
    above = group[0].row - 1
    return Heading(above, above, tuple(sorted(columns, key=lambda column: column.left)))


def _like(one: _Product, other: _Product) -> bool:
    return (
        (one.quantity.left < one.price.left) == (other.quantity.left < other.price.left)
        and _meet(one.quantity, other.quantity)
        and _meet(one.price, other.price)
        and _meet(one.amount, other.amount)
    )


def _meet(one: Figure, two: Figure) -> bool:
    return min(one.right, two.right) - max(one.left, two.left) > -_ALIGNED


def _column(role: Role, found: Sequence[Figure]) -> Column:
    return Column(role, min(figure.left for figure in found), max(figure.right for figure in found), "")


def _product(scan: Scan) -> _Product | None:
    """Return the row's quantity, price and amount: the amount stands right of both and shows decimals."""
    figures = [figure for figure in scan.figures if not figure.percent and figure.value]
    if not 3 <= len(figures) <= _MOST_FIGURES:  # noqa: PLR2004 - quantity, price, amount
        return None
    for at in range(len(figures) - 1, 1, -1):
        amount = figures[at]
        if not (amount.places or amount.money):
            continue
        for price_at in range(at - 1, -1, -1):
            for quantity_at in range(at - 1, -1, -1):
                one, two = figures[quantity_at], figures[price_at]
                if quantity_at == price_at or not closes(one, two, amount):
                    continue
                if _counts(two, scan) and not _counts(one, scan):
                    one, two = two, one
                return _Product(scan.index, one, two, amount)
    return None


def _counts(figure: Figure, scan: Scan) -> bool:
    """Tell whether a figure is more likely a quantity: a unit stands with it, or it shows no decimals."""
    words = scan.row.words
    beside = (figure.first - 1, figure.last + 1)
    unit = bool(figure.unit) or any(0 <= at < len(words) and unit_code(words[at].text) for at in beside)
    return unit or (figure.places == 0 and not figure.money)


def listed(rows: Sequence[Scan]) -> tuple[Heading, int] | None:
    """Return columns and end of a list of amounts: rows of words with one amount each, whose sum stands right below.

    The least that an invoice prints: ``Beratung im März  1.500,00`` and a total. None where no rows add up so.
    """
    for total in rows:
        figure = _closing(total)
        if figure is None or not figure.value or not is_total(total.text) or is_brought(total.text):
            continue
        items, rest = [], figure.value
        for scan in reversed(rows[max(0, total.index - _MOST_LISTED) : total.index]):
            amount = _closing(scan)
            if amount is None:
                continue
            if abs(amount.right - figure.right) > _ALIGNED or is_total(scan.text) or not _named(scan):
                break
            items.append((scan, amount))
            rest -= amount.value
            if not rest:
                return _list_heading(items), total.index
    return None


def _closing(scan: Scan) -> Figure | None:
    """Return the amount with which a row ends."""
    last = scan.figures[-1] if scan.figures else None
    return last if last is not None and not last.percent and (last.places == _CENTS or last.money) else None


def _named(scan: Scan) -> bool:
    """Tell whether a row is words and one amount: with a quantity or a price beside them it is no mere list."""
    words = scan.row.words
    others = scan.figures[:-1]
    first_end = scan.cells[0].right
    if any(figure.places or figure.percent or figure.unit or figure.left > first_end for figure in others):
        return False
    return sum(letter.isalpha() for letter in scan.text) >= _LETTERS and not words[0].text.endswith(":")


def _list_heading(items: Sequence[tuple[Scan, Figure]]) -> Heading:
    first = items[-1][0]
    left = min(scan.row.words[0].left for scan, _ in items)
    amount = _column(Role.AMOUNT, [figure for _, figure in items])
    return Heading(first.index - 1, first.index - 1, (Column(Role.NAME, left, (left + amount.left) / 2, ""), amount))
