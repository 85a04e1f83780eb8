"""What MOA, TAX, ALC, PCD and CNT say: each amount is kept where the structure says what it means."""

from decimal import Decimal

from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.findings import shown
from blocks.standards.edifact.line_items import Line, TaxGroup
from blocks.standards.edifact.line_segments import COMMON, known_qualifier, pair
from blocks.standards.edifact.structure import LINE, SUMMARY, Node
from blocks.standards.edifact.syntax import Segment
from blocks.standards.edifact.values import CURRENCIES

_ALLOWANCE_AMOUNTS = {"8", "23", "204", "131"}
_OTHER_ALLOWANCES = "BEFGHIJKLMNOPQRSTUVWXZ"
_ZERO = Decimal(0)


def moa(contents: Contents, segment: Segment, node: Node) -> None:
    """Keep an amount where it counts: in a line, an allowance, a tax, or among the totals."""
    qualifier, stated = pair(segment)
    value = contents.figure(segment, stated, "amount")
    if qualifier not in COMMON:
        known_qualifier(contents, segment, qualifier)
    currency = segment.part(0, 2)
    if not currency:
        contents.uncurrencied = contents.uncurrencied or segment.number
    elif currency not in CURRENCIES:
        contents.note("currency", segment.number, f"{shown(currency)!r} is no currency of ISO 4217: correct it.")
    if value is None:
        return
    line = contents.line if node.area == LINE else None
    if node.scope == "ALC":
        if qualifier in _ALLOWANCE_AMOUNTS:
            _allow(contents, value, line, node.area)
    elif line is not None:
        if node.scope == "LIN" and qualifier in {"203", "66"}:
            _line_amount(contents, line, qualifier, value, segment)
    else:
        _total(contents, qualifier, value, segment, node)


def tax(contents: Contents, segment: Segment, node: Node) -> None:
    """Begin a tax; keep a line's rate."""
    contents.end_allowance()
    stated = segment.part(4, 3)
    rate = contents.figure(segment, stated, "tax rate") if stated else None
    if rate is not None and not 0 <= rate < 100:  # noqa: PLR2004 - per cent
        contents.note("tax-rate", segment.number, f"The tax rate {rate} is no rate in per cent: correct it.")
    contents.taxed = contents.taxed or bool(rate)
    contents.tax = None
    if node.area == LINE and contents.line is not None:
        contents.line.rate = rate
    elif node.area == SUMMARY and segment.part(1) in {"VAT", "GST", ""}:
        contents.tax = TaxGroup(segment.number, rate)
        contents.taxes.append(contents.tax)


def alc(contents: Contents, segment: Segment, _node: Node) -> None:
    """Begin an allowance or a charge."""
    contents.end_allowance()
    kind = segment.part(0)
    contents.sign = {"A": -1, "C": 1}.get(kind)
    contents.bare_allowance = segment
    if contents.sign is None and not (len(kind) == 1 and kind in _OTHER_ALLOWANCES):
        text = f"ALC says {shown(kind)!r}: A is an allowance, C a charge; write one of them."
        contents.note("allowance", segment.number, text)


def pcd(contents: Contents, segment: Segment, _node: Node) -> None:
    """Judge a percentage."""
    contents.figure(segment, segment.part(0, 1), "percentage")
    contents.bare_allowance = None


def rte(contents: Contents, _segment: Segment, _node: Node) -> None:
    """Take note that an allowance is given as a rate."""
    contents.bare_allowance = None


def cnt(contents: Contents, segment: Segment, _node: Node) -> None:
    """Keep a control total."""
    qualifier, stated = pair(segment)
    value = contents.figure(segment, stated, "control total")
    if qualifier not in COMMON:
        known_qualifier(contents, segment, qualifier)
    if qualifier in contents.controls:
        contents.note("control-repeated", segment.number, f"CNT {shown(qualifier)} is given twice: send it once.")
    elif value is not None:
        contents.controls[qualifier] = (value, segment.number)


def _total(contents: Contents, qualifier: str, value: Decimal, segment: Segment, node: Node) -> None:
    if node.scope == "TAX":
        _tax_amount(contents, qualifier, value, segment)
    elif node.area == SUMMARY or not node.scope:
        if qualifier in contents.sums:
            _repeated(contents, segment, qualifier, "among the totals")
        contents.sums.setdefault(qualifier, (value, segment.number))


def _allow(contents: Contents, value: Decimal, line: Line | None, area: int) -> None:
    sign, contents.sign, contents.bare_allowance = contents.sign, None, None
    if sign is None:
        return
    if line is not None:
        line.allowance += sign * value
        return
    allowed, charged = contents.allowances.get(area, (_ZERO, _ZERO))
    contents.allowances[area] = (allowed + value, charged) if sign < 0 else (allowed, charged + value)


def _line_amount(contents: Contents, line: Line, qualifier: str, value: Decimal, segment: Segment) -> None:
    if line.amount is None:
        line.amount, line.amount_qualifier = value, qualifier
    elif line.amount_qualifier == qualifier:
        _repeated(contents, segment, qualifier, f"in line {shown(line.number)}")


def _tax_amount(contents: Contents, qualifier: str, value: Decimal, segment: Segment) -> None:
    begun = contents.tax
    if begun is None or qualifier not in {"124", "125"}:
        return
    if (begun.basis if qualifier == "125" else begun.amount) is not None:
        _repeated(contents, segment, qualifier, "for one tax")
    elif qualifier == "125":
        begun.basis = value
    else:
        begun.amount = value


def _repeated(contents: Contents, segment: Segment, qualifier: str, where: str) -> None:
    contents.note("amount-repeated", segment.number, f"MOA {shown(qualifier)} is given twice {where}: send it once.")
