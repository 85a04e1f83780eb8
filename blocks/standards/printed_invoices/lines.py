"""Finds the lines of a printed invoice, whoever sent it: headings give columns their meaning, arithmetic proves it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from blocks.documents.invoices import AllowanceCharge
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.printed_invoices.lines_building import build, multiplies
from blocks.standards.printed_invoices.lines_found import LineTable, PrintedCharge, PrintedLine
from blocks.standards.printed_invoices.numbers import NumberStyle
from blocks.standards.printed_invoices.tables_body import Block, amount_columns, blocks, body_rows
from blocks.standards.printed_invoices.tables_headers import Column, Heading, headings
from blocks.standards.printed_invoices.tables_rows import Scan, scans
from blocks.standards.printed_invoices.tables_unheaded import unheaded
from blocks.standards.printed_invoices.tables_words import Role, charge_kind

_MOST_LINES = 5000


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
    for table in _tables(heads, len(rows)):
        found += _readings(rows, table, "table")
    if not any(each.multiplied == len(each.lines) for each in found):
        heading = unheaded(rows)
        if heading is not None:
            stop = next((head.first for head in heads if head.first > heading.last + 1), len(rows))
            found += _readings(rows, (_Section(heading, heading.last + 1, max(stop, heading.last + 2)),), "columns")
    return tuple(sorted(found, key=_weight, reverse=True))


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
        reading = _read(rows, table, place, kind)
        if reading is not None:
            found.append(reading)
            without = _without_group_totals(reading, rows, table)
            if without is not None:
                found.append(without)
    return found


def _read(rows: Sequence[Scan], table: Sequence[_Section], place: int, kind: str) -> LineTable | None:
    lines: list[PrintedLine] = []
    charges: list[PrintedCharge] = []
    gross = False
    multiplied = 0
    for section in table:
        choices = amount_columns(section.heading)
        if place >= len(choices):
            continue
        column = section.heading.columns[choices[place]]
        gross = gross or column.role is Role.GROSS
        body = body_rows(rows[section.start : section.stop], section.heading.columns)
        for block in blocks(body, choices[place], section.start):
            if len(lines) >= _MOST_LINES:
                break
            proven = multiplies(block, section.heading.columns)
            if not _is_line(block, proven=proven, any_before=bool(lines), page=rows[section.heading.first].row.page):
                continue
            if not proven and lines and _corrects(block):
                lines[-1] = _corrected(lines[-1], block)
                continue
            if not proven and (charge := _charge(block, section.heading.columns)) is not None:
                charges.append(charge)
                continue
            multiplied += proven
            lines.append(build(block, section.heading.columns, len(lines) + 1))
    if not lines:
        return None
    return _table(lines, charges, multiplied, rows, table, kind=kind, gross=gross)


def _table(
    lines: Sequence[PrintedLine],
    charges: Sequence[PrintedCharge],
    multiplied: int,
    rows: Sequence[Scan],
    table: Sequence[_Section],
    *,
    kind: str,
    gross: bool,
) -> LineTable:
    net = sum((line.line.net or Decimal(0) for line in lines), Decimal(0))
    return LineTable(
        lines=tuple(lines),
        charges=tuple(charges),
        net=net,
        gross_amounts=gross,
        multiplied=multiplied,
        summed=_stands_elsewhere(net, lines, rows, table),
        kind=kind,
    )


def _is_line(block: Block, *, proven: bool, any_before: bool, page: int) -> bool:
    """Tell whether a block with an amount is meant to be read as part of the table at all."""
    has_parts = any(row.figures(Role.QUANTITY) and row.figures(Role.PRICE) for row in (block.anchor,))
    if block.after_total:
        return proven and has_parts
    if proven or has_parts:
        return True
    if block.amount.page != page and any_before and not proven:
        return False
    return any(any(letter.isalpha() for letter in word.text) for row in block.rows for word in row.scan.row.words)


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


def _charge(block: Block, columns: Sequence[Column]) -> PrintedCharge | None:
    """Return the allowance or charge of the document that a row without quantity and price states; None where it is a line."""
    row = block.anchor
    kind = charge_kind(row.scan.text)
    if not kind or row.figures(Role.QUANTITY) or row.figures(Role.PRICE):
        return None
    text = " ".join(word.text for word in row.scan.row.words if any(letter.isalpha() for letter in word.text))
    rate = next((figure.value for figure in row.figures(Role.VAT) if 0 <= figure.value < 30), None)  # noqa: PLR2004
    percent = next(
        (figure.value for figure in row.scan.figures if figure.percent and figure not in row.figures(Role.VAT)), None
    )
    del columns
    return PrintedCharge(
        AllowanceCharge(
            is_charge=kind == "charge" and block.amount.value > 0,
            amount=abs(block.amount.value),
            percentage=percent,
            vat_rate=rate,
            reason=text[:200],
        ),
        block.amount.place,
    )


def _stands_elsewhere(
    net: Decimal, lines: Iterable[PrintedLine], rows: Sequence[Scan], table: Sequence[_Section]
) -> bool:
    """Tell whether the sum of the lines is printed outside the rows of the lines."""
    del table
    inside = {
        (line.places["net"].page, round(line.places["net"].box[1], 1), round(line.places["net"].box[0], 1))
        for line in lines
    }
    return any(
        figure.value == net and (figure.places or figure.money)
        and (figure.page, round(figure.bottom, 1), round(figure.left, 1)) not in inside
        for scan in rows
        for figure in scan.figures
    )  # fmt: skip


def _without_group_totals(table: LineTable, rows: Sequence[Scan], sections: Sequence[_Section]) -> LineTable | None:
    """Return the table without lines that only sum up the lines before them, where the rest then gives the total."""
    if table.summed or len(table.lines) < 3:  # noqa: PLR2004  # two lines and their sum
        return None
    kept: list[PrintedLine] = []
    run, dropped = Decimal(0), 0
    since = 0
    for line in table.lines:
        net = line.line.net or Decimal(0)
        if since > 1 and net == run:
            run, since, dropped = Decimal(0), 0, dropped + 1
            continue
        kept.append(line)
        run, since = run + net, since + 1
    if not dropped or not kept:
        return None
    slim = _table(
        kept, table.charges, table.multiplied - dropped, rows, sections, kind=table.kind, gross=table.gross_amounts
    )
    return slim if slim.summed else None
