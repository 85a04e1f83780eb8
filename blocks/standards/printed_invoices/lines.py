"""Finds the lines of a printed invoice, whoever sent it: headings give columns their meaning, arithmetic proves it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, pairwise
from typing import NamedTuple

from blocks.documents.invoices import AllowanceCharge
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.printed_invoices.lines_arithmetic import Reading
from blocks.standards.printed_invoices.lines_building import build, reading
from blocks.standards.printed_invoices.lines_found import LineTable, PrintedCharge, PrintedLine
from blocks.standards.printed_invoices.numbers import NumberStyle
from blocks.standards.printed_invoices.tables_body import Block, amount_columns, blocks, body_rows
from blocks.standards.printed_invoices.tables_columns import settled
from blocks.standards.printed_invoices.tables_headers import Column, Heading, headings
from blocks.standards.printed_invoices.tables_rows import Scan, scans
from blocks.standards.printed_invoices.tables_totals import charge_kind, is_brought
from blocks.standards.printed_invoices.tables_unheaded import listed, unheaded
from blocks.standards.printed_invoices.tables_words import Role

_MOST_LINES = 5000
_CENT = Decimal("0.0101")


class _Section(NamedTuple):
    """A stretch of rows under one heading."""

    heading: Heading
    start: int
    stop: int


def find_lines(layer: TextLayer, style: NumberStyle | None = None) -> tuple[LineTable, ...]:
    """Return the readings of the invoice's lines, the likeliest first; none where the document has no lines.

    Args:
        layer: What the PDF says in text.
        style: How the document writes its figures, where that is known; else its own figures decide.
    """
    rows = scans(layer, style.decimal if style is not None and style.sure else "")
    heads = headings(rows)
    found: list[LineTable] = []
    apart: list[LineTable] = []
    for table in _tables(heads, len(rows)):
        readings = sorted(_readings(rows, table, "table"), key=_weight, reverse=True)
        apart += readings[:1]
        found += readings
    if len(apart) > 1 and not any(each.summed for each in found) and (both := _together(apart, rows)) is not None:
        found.append(both)
    if not any(each.multiplied == len(each.lines) for each in found):
        heading = unheaded(rows)
        if heading is not None:
            stop = next(
                (head.first for head in heads if head.first > heading.last + 1 and not head.of_lines), len(rows)
            )
            found += _readings(rows, (_Section(heading, heading.last + 1, max(stop, heading.last + 2)),), "columns")
    if not found and (alone := listed(rows)) is not None:
        heading, stop = alone
        found += _readings(rows, (_Section(heading, heading.last + 1, stop),), "list")
    return tuple(sorted(found, key=_weight, reverse=True))


def has_empty_table(layer: TextLayer, style: NumberStyle) -> bool:
    """Tell whether a heading of lines stands there with nothing that shows a figure between it and the next heading."""
    rows = scans(layer, style.decimal if style.sure else "")
    heads = headings(rows)
    for head, following in pairwise(heads):
        if head.of_lines:
            return not any(scan.figures for scan in rows[head.last + 1 : following.first])
    return False


def _weight(table: LineTable) -> tuple[bool, int, int, int]:
    """Return what makes one reading likelier than another."""
    doubtful = sum(bool(line.doubts) for line in table.lines)
    return (
        table.summed and table.multiplied > 0,
        2 * table.multiplied - 3 * doubtful,
        not table.gross_amounts,
        len(table.lines),
    )


def _tables(heads: Sequence[Heading], count: int) -> list[tuple[_Section, ...]]:
    """Return the tables of lines: headings with the same columns, e.g. on every page, head one table."""
    tables: list[tuple[_Section, ...]] = []
    for index, head in enumerate(heads):
        if not head.of_lines:
            continue
        stop = heads[index + 1].first if index + 1 < len(heads) else count
        section = _Section(head, head.last + 1, stop)
        if tables and _alike(tables[-1][-1].heading, head):
            tables[-1] = (*tables[-1], section)
        else:
            tables.append((section,))
    return tables


def _alike(one: Heading, two: Heading) -> bool:
    first, second = ([column.role for column in head.columns] for head in (one, two))
    return first == second or len(one.roles & two.roles) >= 0.75 * max(len(one.roles), len(two.roles))


def _readings(rows: Sequence[Scan], table: Sequence[_Section], kind: str) -> list[LineTable]:
    """Return one reading for each column that may hold the amounts."""
    found: list[LineTable] = []
    for place in range(len(amount_columns(table[0].heading))):
        inside: set[int] = set()
        lines = _read(rows, table, place, kind, inside)
        if lines is not None:
            found.append(lines)
            without = _slimmer(lines, rows, inside)
            if without is not None:
                found.append(without)
    return found


def _together(tables: Sequence[LineTable], rows: Sequence[Scan]) -> LineTable | None:
    """Return the lines of several tables as one, e.g. hours and material, where only together they give a total."""
    net = sum((table.net for table in tables), Decimal(0))
    spots = {(line.places["net"].page, line.places["net"].box) for table in tables for line in table.lines}
    inside = {
        scan.index
        for scan in rows
        for figure in scan.figures
        if (figure.page, (figure.left, figure.bottom, figure.right, figure.top)) in spots
    }
    if not inside or not _stands_elsewhere(net, rows, inside):
        return None
    lines = [line for table in tables for line in table.lines]
    return LineTable(
        lines=tuple(_numbered(lines)),
        charges=tuple(charge for table in tables for charge in table.charges),
        net=net,
        gross_amounts=any(table.gross_amounts for table in tables),
        multiplied=sum(table.multiplied for table in tables),
        summed=True,
        doubts=tuple(doubt for table in tables for doubt in table.doubts),
    )


def _numbered(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Return the lines with identifiers of their own: each table may begin at 1 (EN 16931 BT-126 names one line)."""
    if len({line.line.id for line in lines}) == len(lines):
        return list(lines)
    return [
        replace(
            line,
            line=line.line.model_copy(update={"id": str(number)}),
            places={name: place for name, place in line.places.items() if name != "id"},
        )
        for number, line in enumerate(lines, 1)
    ]


class _Gathered:
    """Lines and charges as the blocks of a table are gone through."""

    def __init__(self) -> None:
        self.lines: list[PrintedLine] = []
        self.charges: list[PrintedCharge] = []
        self.rows: set[int] = set()
        self.multiplied = 0
        self.cut_short = False

    def take(self, block: Block, columns: Sequence[Column], page: int) -> None:
        """Take a block as a line, a discount of the line above, a charge of the document, or not at all."""
        if len(self.lines) >= _MOST_LINES:
            self.cut_short = True
            return
        found = reading(block, columns)
        if self.lines and found is None and _corrects(block):
            self.lines[-1] = _corrected(self.lines[-1], block)
            self.rows.add(block.anchor.scan.index)
        elif (charge := _charge(block, found)) is not None:
            if self.lines and not block.after_total:
                self.charges.append(charge)
                self.rows.add(block.anchor.scan.index)
        elif _is_line(block, proven=found is not None, elsewhere=bool(self.lines) and block.amount.page != page):
            self.multiplied += found is not None
            self.lines.append(build(block, columns, len(self.lines) + 1, found))
            self.rows.add(block.anchor.scan.index)


def _read(rows: Sequence[Scan], table: Sequence[_Section], place: int, kind: str, inside: set[int]) -> LineTable | None:
    """Return the lines by one column of amounts; the rows of theirs are added to ``inside``."""
    gathered = _Gathered()
    gross = False
    for section in table:
        choices = amount_columns(section.heading)
        if place >= len(choices):
            continue
        stretch = rows[section.start : section.stop]
        columns = settled(stretch, section.heading.columns)
        gross = gross or columns[choices[place]].role is Role.GROSS
        page = rows[max(section.heading.first, 0)].row.page
        for block in blocks(body_rows(stretch, columns), choices[place]):
            gathered.take(block, columns, page)
    if not gathered.lines:
        return None
    inside |= gathered.rows
    net = sum((line.line.net or Decimal(0) for line in gathered.lines), Decimal(0))
    return LineTable(
        lines=tuple(gathered.lines),
        charges=tuple(gathered.charges),
        net=net,
        gross_amounts=gross,
        multiplied=gathered.multiplied,
        summed=_stands_elsewhere(net, rows, gathered.rows),
        kind=kind,
        doubts=(f"The table has more than {_MOST_LINES} lines; the others were not read.",)
        if gathered.cut_short
        else (),
    )


def _is_line(block: Block, *, proven: bool, elsewhere: bool) -> bool:
    """Tell whether a block with an amount is part of the table at all; ``elsewhere`` on a page without a heading."""
    has_parts = bool(block.anchor.figures(Role.QUANTITY) and block.anchor.figures(Role.PRICE))
    if block.after_total:
        return proven and has_parts
    if proven or has_parts:
        return True
    return not elsewhere and any(
        sum(letter.isalpha() for letter in word.text) > 1 for row in block.rows for word in row.scan.row.words
    )


def _corrects(block: Block) -> bool:
    """Tell whether a block is nothing but a negative amount: a discount of the line above, e.g. ``1,00 %  - 0,10``."""
    letters = sum(letter.isalpha() for letter in block.anchor.scan.row.text)
    return block.amount.value < 0 and letters == 0 and not block.anchor.figures(Role.QUANTITY)


def _corrected(line: PrintedLine, block: Block) -> PrintedLine:
    """Return the line with the discount that stands below it."""
    cut = -block.amount.value
    share = next((figure.value for figure in block.anchor.scan.figures if figure.percent), None)
    document = line.line
    net = (document.net or Decimal(0)) - cut
    allowance = AllowanceCharge(is_charge=False, amount=cut, percentage=share)
    return replace(
        line,
        line=document.model_copy(update={"net": net, "allowances_charges": (*document.allowances_charges, allowance)}),
        places={**line.places, "discount": block.amount.place},
    )


def _charge(block: Block, found: Reading | None) -> PrintedCharge | None:
    """Return the allowance or charge of the document that a row states; None where it is a line with a price."""
    row = block.anchor
    kind = charge_kind(row.scan.text)
    if not kind:
        return None
    rates = row.figures(Role.VAT)
    shares = [figure for figure in row.scan.figures if figure.percent and figure not in rates]
    amount = abs(block.amount.value)
    shared = any(
        abs(abs(basis.value) * abs(share.value) / 100 - amount) <= _CENT
        for share in shares
        for basis in row.scan.figures
        if basis is not share and basis is not block.amount
    )
    if not shared and (found is not None or row.figures(Role.QUANTITY) or row.figures(Role.PRICE)):
        return None
    text = " ".join(word.text for word in row.scan.row.words if any(letter.isalpha() for letter in word.text))
    return PrintedCharge(
        AllowanceCharge(
            is_charge=kind == "charge" and block.amount.value > 0,
            amount=amount,
            percentage=abs(shares[0].value) if shared else None,
            vat_rate=next((figure.value for figure in rates if 0 <= figure.value < 30), None),  # noqa: PLR2004 - above any rate of VAT
            reason=text[:200],
        ),
        block.amount.place,
    )


def _stands_elsewhere(net: Decimal, rows: Sequence[Scan], inside: set[int]) -> bool:
    """Tell whether the sum of the lines is printed below or above all of them, and not as an amount carried over."""
    first, last = min(inside), max(inside)
    return any(
        figure.value == net and (figure.places or figure.money) and not is_brought(scan.text)
        for scan in chain(rows[last + 1 :], rows[:first])
        for figure in scan.figures
    )


def _slimmer(table: LineTable, rows: Sequence[Scan], inside: set[int]) -> LineTable | None:
    """Return the table without what is no line of its own, where what remains gives the total and all did not.

    That is lines that only sum up those before them, and parts of a set whose prices stand in brackets.
    """
    if table.summed:
        return None
    for kept in (_without_group_totals(table.lines), _without_brackets(table.lines)):
        net = sum((line.line.net or Decimal(0) for line in kept), Decimal(0))
        if kept and len(kept) < len(table.lines) and _stands_elsewhere(net, rows, inside):
            dropped = len(table.lines) - len(kept)
            return replace(
                table, lines=tuple(kept), net=net, multiplied=max(0, table.multiplied - dropped), summed=True
            )
    return None


def _without_group_totals(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    kept: list[PrintedLine] = []
    run, since = Decimal(0), 0
    for line in lines:
        net = line.line.net or Decimal(0)
        if since > 1 and net == run:
            run, since = Decimal(0), 0
        else:
            kept.append(line)
            run, since = run + net, since + 1
    return kept


def _without_brackets(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    return [line for line in lines if not line.places["net"].text.startswith("(")]
