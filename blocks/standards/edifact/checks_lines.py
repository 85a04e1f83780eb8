"""Whether lines are numbered, counted and filled as they must be."""

from decimal import Decimal

from blocks.standards.edifact.checks_amounts import quantity_of
from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.findings import Severity, shown
from blocks.standards.edifact.line_items import Line

_NEEDS_LINES = {"ORDERS", "INVOIC", "DESADV", "INVRPT", "SLSRPT", "PRICAT"}
_ONE_OF = {"ORDERS", "INVOIC", "DESADV"}
_ANY = {"INVRPT", "SLSRPT"}
_NEVER_NEGATIVE = {"ORDERS", "ORDRSP", "DESADV"}
_ZERO = Decimal(0)


def check(contents: Contents) -> None:
    """Note what is wrong with the lines' numbers, their quantities and the control totals."""
    kind = contents.message.type
    guide = contents.guide
    if kind in _NEEDS_LINES and not contents.lines:
        contents.note("no-lines", None, f"{kind} has no line: LIN is missing.", severity=guide)
    seen: set[tuple[int, int]] = set()
    last: tuple[int, int] = (0, 0)
    for line in contents.lines:
        last = _number(contents, line, seen, last, guide)
        _quantity(contents, line, guide)
    _controls(contents)


def _number(
    contents: Contents, line: Line, seen: set[tuple[int, int]], last: tuple[int, int], guide: Severity
) -> tuple[int, int]:
    """Judge a line's number; return its scope and number for the next one."""
    number = line.number
    if not (number.isascii() and number.isdigit() and len(number) <= 6):  # noqa: PLR2004 - 1082 is n..6
        text = f"LIN carries {shown(number)!r} as line number: write a figure of up to six digits."
        later = 0 < len(number) <= 6 and contents.message.release == "01B"  # noqa: PLR2004 - there 1082 is an..6
        contents.note("line-number", line.place, text, severity="warning" if later else guide)
        return last
    place = (line.scope, int(number))
    if place in seen:
        text = f"Line number {number} is used twice: number the lines one by one."
        contents.note("line-number-repeated", line.place, text)
    elif place[0] == last[0] and place[1] < last[1]:
        text = f"Line {number} follows line {last[1]}: number the lines in their order."
        contents.note("line-number-order", line.place, text, severity="warning")
    seen.add(place)
    return place


def _quantity(contents: Contents, line: Line, guide: Severity) -> None:
    kind = contents.message.type
    quantity = quantity_of(line, kind)
    if (kind in _ONE_OF and quantity is None and not line.sub) or (kind in _ANY and not line.quantities):
        what = "invoiced" if kind == "INVOIC" else "ordered" if kind == "ORDERS" else "moved"
        text = f"Line {shown(line.number)} does not say which quantity is {what}: add QTY with the right qualifier."
        contents.note("quantity-missing", line.place, text, severity=guide)
    if kind in _NEVER_NEGATIVE:
        for qualifier, value in line.quantities.items():
            if value < 0:
                text = f"Line {shown(line.number)} has the negative quantity {value} (QTY {shown(qualifier)}): send a"
                contents.note(
                    "quantity-negative", line.place, text + " positive one, and take goods back by another message."
                )
    if kind == "ORDERS" and quantity == 0:
        text = f"Line {shown(line.number)} orders a quantity of nought: leave the line out."
        contents.note("quantity-zero", line.place, text, severity="warning")


def _controls(contents: Contents) -> None:
    """Compare CNT with what is there (6069: 1 sum of quantities, 2 lines, 11 packages)."""
    controls = contents.controls
    if "2" in controls:
        stated, place = controls["2"]
        counts = {len(contents.lines), sum(1 for line in contents.lines if not line.sub)}
        if stated not in counts:
            text = f"CNT 2 states {stated} lines, but the message has {len(contents.lines)}: lines were lost or added."
            contents.note("control-lines", place, text)
    if "1" in controls:
        stated, place = controls["1"]
        found = [quantity_of(line, contents.message.type) for line in contents.lines]
        others = [next(iter(line.quantities.values()), None) for line in contents.lines]
        sums = {sum((each for each in each_of if each is not None), _ZERO) for each_of in (found, others)}
        if contents.lines and stated not in sums:
            text = (
                f"CNT 1 states a total quantity of {stated}, but the lines add up to {max(sums)}: correct one of them."
            )
            contents.note("control-quantity", place, text)
    if "11" in controls and contents.packages and controls["11"][0] != contents.packages:
        text = f"CNT 11 states {controls['11'][0]} packages, PAC names {contents.packages}: check them."
        contents.note("control-packages", controls["11"][1], text, severity="warning")
