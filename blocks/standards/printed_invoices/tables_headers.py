"""Headings of line tables: which columns a table has, though its heading be written over several rows."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from blocks.standards.pdf.layout import Word
from blocks.standards.printed_invoices.tables_rows import Cell, Scan, heading_text
from blocks.standards.printed_invoices.tables_words import NUMERIC, Role, role_of, word_role

_MOST_ROWS = 4
"""Rows a heading may reach above and below its fullest row."""
_MOST_WORDS = 40
_FULL_HEADING = 8
"""Words from which on a heading may hold a figure, e.g. ``Rabatt 1``."""
_AMOUNTS = frozenset({Role.AMOUNT, Role.GROSS})
_TELLING = frozenset({Role.QUANTITY, Role.PRICE, *_AMOUNTS})
_QUALIFYING = frozenset(
    {"ht", "ttc", "net", "netto", "brutto", "eur", "€", "%", "gross", "excl", "incl", "hors", "nr", "no", "ud"}
)
"""Words that say more about the heading before them and head no column next to it."""
_KINDS = frozenset({"rate", "code", "id", "number", "nummer", "satz", "cod", "ref", "taux", "codice", "codigo"})
_TAXES = frozenset({"mwst", "ust", "steuer", "vat", "tax", "tva", "iva", "btw"})
_OF_THE_LINE = frozenset({"total", "gesamt", "line", "extended", "net", "totale", "totaal", "prix", "unit"})
_CONTINUING = frozenset(
    {"ohne", "excl", "exkl", "excluding", "positions", "posten", "netto", "net", "unit", "eur", "€", "einzel", "gesamt"}
    | {"steuer", "line", "in", "base", "ligne", "fact", "note", "attributs", "objet", "kunde", "lief", "nummer", "per"}
)
"""Words that go on with a heading in the row above or below without heading a column themselves."""
_NAMING = frozenset({Role.NAME, Role.ARTICLE, Role.POSITION, Role.GTIN})


class Column(NamedTuple):
    """A column by its heading: what it holds and from where to where the heading reaches."""

    role: Role
    left: float
    right: float
    text: str


class Heading(NamedTuple):
    """A table's heading: its first and last row and its columns from left to right."""

    first: int
    last: int
    columns: tuple[Column, ...]

    @property
    def roles(self) -> frozenset[Role]:
        """Return what its columns hold."""
        return frozenset(column.role for column in self.columns)

    @property
    def of_lines(self) -> bool:
        """Tell whether it heads invoice lines, not a breakdown of taxes, payments or discounts."""
        roles = self.roles
        if Role.QUANTITY in roles and roles & {Role.PRICE, *_AMOUNTS}:
            return True
        return (
            bool(roles & {Role.NAME, Role.ARTICLE}) and bool(roles & {Role.PRICE, *_AMOUNTS}) and len(self.columns) > 1
        )


def headings(rows: Sequence[Scan]) -> list[Heading]:
    """Return the headings of all tables that hold amounts, in reading order."""
    found: list[Heading] = []
    past = -1
    for scan in rows:
        if scan.index <= past or not _may_head(scan):
            continue
        heading = _heading(rows, scan, past)
        if heading is not None:
            found.append(heading)
            past = heading.last
    return found


def _may_head(scan: Scan) -> bool:
    """Tell whether a row has words of at least two columns, one of them of figures."""
    words = scan.row.words
    if len(words) < 2 or len(words) > _MOST_WORDS or words[0].text.endswith(":"):  # noqa: PLR2004 - words
        return False
    roles = {word_role(word[0]) for word in words} - {None, Role.OTHER}
    if len(roles) < 2 or not roles & _TELLING or _has_figures(scan):  # noqa: PLR2004 - columns
        return False
    cells = split_cells(scan)
    if any(cell.text.endswith(":") for cell in cells):
        return False
    known = {role for cell in cells if (role := role_of(heading_text(cell.words)))} - {Role.OTHER}
    return len(known) > 1 and bool(known & _TELLING) and 2 * len(known) >= min(len(cells), 6)


def _has_figures(scan: Scan) -> bool:
    """Tell whether a row shows figures as no heading does: with decimals, or several."""
    few = len(scan.row.words) < _FULL_HEADING
    return len(scan.figures) > 1 or any(few or figure.places or figure.money for figure in scan.figures)


def split_cells(scan: Scan) -> tuple[Cell, ...]:
    """Return the cells of a heading's row; headings with hardly a space between them are told apart by their words."""
    if scan.headings is None:
        scan.headings = tuple(part for cell in scan.cells for part in _told_apart(cell))
    return scan.headings


def _told_apart(cell: Cell) -> list[Cell]:
    """Return the headings of a cell: it is cut at its widest gap between words that head columns of their own."""
    words = cell.words
    cuts = sorted(range(1, len(words)), key=lambda at: words[at - 1].right - words[at].left)
    narrowest = min((right.left - left.right for left, right in pairwise(words)), default=0.0)
    for at in cuts:
        left, right = words[:at], words[at:]
        gap = words[at].left - words[at - 1].right
        wide = gap > 1.3 * narrowest + 0.3 or len(words) in {2, 4} or words[at - 1].text.endswith("%")
        if _two_headings(left, right) and (wide or role_of(heading_text(words)) is None):
            return [*_told_apart(Cell(left, cell.row)), *_told_apart(Cell(right, cell.row))]
    return [cell]


def _two_headings(left: Sequence[Word], right: Sequence[Word]) -> bool:
    """Tell whether words head two columns and are no single term: ``Unit price``, ``Montant TVA``, ``Item no.``."""
    former, latter = heading_text(left), heading_text(right)
    first, second = role_of(former), role_of(latter)
    if first is None or second is None or first is second or latter in _QUALIFYING:
        return False
    if left[-1].text.endswith("%"):
        return True
    pair = {first, second}
    priced = former in _OF_THE_LINE and second in {Role.PRICE, Role.AMOUNT}
    priced = priced or (first is Role.PRICE and latter in {"total", "totale"})
    numbered = second is Role.POSITION and first in _NAMING
    taxed = first is Role.VAT and second is Role.VAT_AMOUNT
    if len(left) == len(right) == 1:
        taxed = taxed or (
            bool(pair & {Role.VAT, Role.VAT_AMOUNT} and pair & _AMOUNTS) and bool({former, latter} & _TAXES)
        )
        taxed = taxed or (first is Role.VAT and latter in _KINDS)
        numbered = numbered or (pair <= _NAMING and bool({former, latter} & _KINDS))
        priced = priced or pair <= _AMOUNTS
    return not (priced or numbered or taxed)


def _heading(rows: Sequence[Scan], main: Scan, past: int) -> Heading | None:
    first = last = main.index
    while first - 1 > past and main.index - first < _MOST_ROWS and _belongs(rows[first - 1], rows[first], main):
        first -= 1
    while last + 1 < len(rows) and last - main.index < _MOST_ROWS and _belongs(rows[last + 1], rows[last], main):
        last += 1
    stacks: list[list[Cell]] = [[cell] for cell in split_cells(main)]
    for index in sorted(range(first, last + 1), key=lambda at: (abs(at - main.index), at)):
        if index != main.index:
            for cell in split_cells(rows[index]):
                _stack(stacks, cell)
    columns = sorted(
        (column for stack in stacks if (column := _column(stack)) is not None), key=lambda column: column.left
    )
    found = Heading(first, last, tuple(columns))
    roles = found.roles
    return found if len(columns) > 1 and roles & _TELLING else None


def _belongs(scan: Scan, beside: Scan, main: Scan) -> bool:
    """Tell whether a row next to a heading's row is part of it: close by, no figures, words of headings."""
    if scan.page is not main.page or abs(scan.middle - beside.middle) > 1.75 * max(scan.height, beside.height):
        return False
    if scan.figures or abs(scan.height - main.height) > 0.35 * main.height:
        return False
    cells = split_cells(scan)
    known = [cell for cell in cells if _heading_like(cell)]
    if any(len(cell.words) > 5 for cell in cells):  # noqa: PLR2004 - a sentence
        return False
    if (
        scan.index > main.index
        and abs(scan.middle - beside.middle) < 1.35 * scan.height
        and _below_figures(cells, main)
    ):
        return True
    return 2 * len(known) > len(cells) or (scan.index < main.index and 2 * len(known) == len(cells))


def _below_figures(cells: Sequence[Cell], main: Scan) -> bool:
    """Tell whether a row stands close below headings of figures: a name that begins there would stand below a name."""
    return any(
        role_of(heading_text(above.words)) in NUMERIC and min(above.right, cell.right) > max(above.left, cell.left)
        for above in split_cells(main)
        for cell in cells
    )


def _heading_like(cell: Cell) -> bool:
    text = heading_text(cell.words)
    return role_of(text) is not None or cell.text.startswith("(") or text in _CONTINUING


def _stack(stacks: list[list[Cell]], cell: Cell) -> None:
    """Put a cell of another row to the column it stands above or below most, or let it start a column."""
    best, most = None, 0.0
    for stack in stacks:
        left, right = min(each.left for each in stack), max(each.right for each in stack)
        common = min(right, cell.right) - max(left, cell.left)
        if common > most and common > 0.3 * min(right - left, cell.right - cell.left):
            best, most = stack, common
    if best is None:
        stacks.append([cell])
    else:
        best.append(cell)


def _column(stack: Sequence[Cell]) -> Column | None:
    ordered = sorted(stack, key=lambda cell: cell.row)
    text = heading_text([word for cell in ordered for word in cell.words])
    role = role_of(text)
    parts = [part for cell in ordered if (part := role_of(heading_text(cell.words))) is not None]
    if role is None or role is Role.OTHER:
        role = next((part for part in parts if part in NUMERIC), parts[0] if parts else role)
    if role is None:
        return None
    # A name stacked with article numbers is the name's column.
    if role in {Role.ARTICLE, Role.GTIN, Role.OTHER} and Role.NAME in parts:
        role = Role.NAME
    return Column(role, min(cell.left for cell in stack), max(cell.right for cell in stack), text)
