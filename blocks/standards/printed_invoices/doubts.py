"""What speaks against an invoice although it closes: figures beside labels of totals that nothing explains."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from blocks.standards.printed_invoices.closing import rows_of
from blocks.standards.printed_invoices.draft import Draft, changes_of
from blocks.standards.printed_invoices.lines_found import LineTable
from blocks.standards.printed_invoices.numbers import PrintedFigure
from blocks.standards.printed_invoices.sheet import Sheet, SheetRow
from blocks.standards.printed_invoices.totals import ROLES, is_amount

_CENT = Decimal("0.01")
_ROLES = frozenset({*ROLES, "total"})
_HUNDRED = Decimal(100)
_SURE = _ROLES - {"allowances", "charges", "vat"}
_MOST_NAMED = 3
_ALIGNED = 2.0
"""Points by which amounts of one column may stand apart at their right edge."""
_MOST_LINES = 60


def lacks_an_invoice(draft: Draft) -> bool:
    """Return whether a document under another title has no number of an invoice that a sure label announces."""
    return draft.number_score < 0.85  # noqa: PLR2004 - found by a label that means nothing else


def unexplained(sheet: Sheet, draft: Draft, tables: Sequence[LineTable]) -> Iterator[str]:
    """Yield a reason for figures that stand with labels of totals or rates but are no part of what was understood."""
    if sheet.style.mixed:
        yield "Figures of the document use both the comma and the point as decimal mark; check every amount."
    known = _explained(draft, tables)
    left = [one for one in _unknown(sheet, draft, tables, known) if not _is_part(sheet, *one[:2], draft, known)]
    for row, figure, _ in left[:_MOST_NAMED]:
        yield f"The amount {figure.text} on page {row.page} ('{row.text[:80]}') fits nothing that was read."


def _unknown(
    sheet: Sheet, draft: Draft, tables: Sequence[LineTable], known: set[Decimal]
) -> Iterator[tuple[SheetRow, PrintedFigure, Decimal]]:
    first, last = rows_of(sheet, tables[0]) if tables else (0, -1)
    for row in sheet.rows:
        details = not any(label.kind in _SURE for label in row.labels)
        if first <= row.index <= last or (details and first <= row.index < draft.zone):
            continue
        for figure in _suspects(row):
            value = sheet.style.read(figure)
            if value is not None and abs(value) not in known and value and not _adds_up(sheet, row, value, known):
                yield row, figure, value


def _is_part(sheet: Sheet, row: SheetRow, figure: PrintedFigure, draft: Draft, known: set[Decimal]) -> bool:
    """Return whether a figure, with the other unknown ones of its column, makes the total allowances or charges."""
    totals = draft.invoice.totals
    changes = {abs(value) for value in (totals.allowances, totals.charges) if value}
    column = [
        abs(value)
        for other in (sheet.rows if changes else ())
        for one in other.figures
        if other.page == row.page and abs(one.box[2] - figure.box[2]) < _ALIGNED and one.places == 2  # noqa: PLR2004 - cents
        if is_amount(other, one) and (value := sheet.style.read(one)) is not None and abs(value) not in known
    ]
    return sum(column, Decimal(0)) in changes


def _adds_up(sheet: Sheet, row: SheetRow, value: Decimal, known: set[Decimal]) -> bool:
    """Return whether a figure with another one of its row makes a known amount: as sum, difference or percentage."""
    others = [other for f in row.figures if (other := sheet.style.read(f)) is not None and abs(other) != abs(value)]
    for other in others:
        if abs(value + other) in known or abs(value - other) in known:
            return True
        share = (abs(value) * abs(other) / _HUNDRED).quantize(_CENT, ROUND_HALF_UP)
        if share and share in known and abs(other) <= _HUNDRED:
            return True
    return False


def _suspects(row: SheetRow) -> Iterator[PrintedFigure]:
    labels = [label for label in row.labels if label.kind in _ROLES]
    if not labels or any(label.kind in {"skonto", "carried"} for label in row.labels):
        return
    first = min(label.first for label in labels)
    for figure in row.figures:
        if figure.first > first and figure.places == 2 and is_amount(row, figure):  # noqa: PLR2004 - cents
            yield figure


def _explained(draft: Draft, tables: Sequence[LineTable]) -> set[Decimal]:
    invoice = draft.invoice
    totals = invoice.totals
    known = {
        abs(value)
        for value in (totals.line_net, totals.allowances, totals.charges, totals.net, totals.vat, totals.gross,
                      totals.prepaid, totals.rounding, totals.payable)
        if value is not None
    }  # fmt: skip
    for group in invoice.vat_breakdown:
        basis, tax = group.basis or Decimal(0), group.amount or Decimal(0)
        known |= {abs(basis), abs(tax), abs(basis + tax), abs(group.rate or Decimal(0))}
    known |= changes_of(invoice)
    for table in tables[:1]:
        running = [printed.line.net or Decimal(0) for printed in table.lines]
        known |= _partial_sums(running)
        known |= {
            abs(v) for one in table.charges for v in (one.charge.amount, one.charge.basis, one.charge.percentage) if v
        }
        for printed in table.lines:
            known |= _of_line(
                printed.line.quantity, printed.line.price.net, printed.line.price.gross, printed.line.net, printed.gross
            )
            known |= {abs(c.amount) for c in printed.line.allowances_charges if c.amount is not None}
            if printed.line.vat_rate is not None and printed.line.net is not None:
                tax = (printed.line.net * printed.line.vat_rate / _HUNDRED).quantize(_CENT, ROUND_HALF_UP)
                known |= {abs(tax), abs(tax + printed.line.net), printed.line.vat_rate}
    return known


def _of_line(*values: Decimal | None) -> set[Decimal]:
    return {abs(value) for value in values if value is not None}


def _partial_sums(amounts: Sequence[Decimal]) -> set[Decimal]:
    """Return the sums of lines that follow each other: subtotals of groups and of pages."""
    sums: set[Decimal] = set()
    few = amounts[:_MOST_LINES]
    for start in range(len(few)):
        total = Decimal(0)
        for amount in few[start:]:
            total += amount
            sums.add(abs(total))
    return sums
