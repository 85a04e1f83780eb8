"""What LIN, PIA, QTY, PRI, GIN, PAC and CPS say, and whether their values are possible."""

import re
from decimal import Decimal

from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.findings import shown
from blocks.standards.edifact.header_segments import CODE_LENGTH, gs1, too_long
from blocks.standards.edifact.line_items import Line
from blocks.standards.edifact.structure import LINE, Node
from blocks.standards.edifact.syntax import Segment
from blocks.standards.edifact.values import GTIN_TYPES, gtin_fault, sscc_fault

COMMON = frozenset(map(str, range(1, 1000)))
"""Codes of quantities, amounts and totals: numbers of up to three digits."""
_NET_PRICES = {"AAA", "AAE", "NTP"}
_ONE_QUANTITY = {"ORDERS", "DESADV", "INVOIC"}
_PRICE_QUALIFIER = re.compile(
    r"A[A-Z]{2}|[A-Z]{1,2}|CAL|CAT|CUP|CUS|DIS|DPR|INF|INV|LIS|MIN|MNR|MSR|NET|NTP|NW|PRP|SRP|WHL|Z[A-Z0-9]{2}"
)
_NUMBERED = re.compile(r"[0-9]{2,3}|Z[A-Z][A-Z0-9]|Z[0-9]{2}|[0-9]{1,2}E")


def lin(contents: Contents, segment: Segment, _node: Node) -> None:
    """Begin a line; judge its GTIN."""
    contents.end_allowance()
    number = segment.part(0)
    contents.line = line = Line(number, segment[2], contents.scope, sub=len(segment[1]) > 3 and bool(segment.part(3)))  # noqa: PLR2004 - C829
    contents.tax = None
    contents.lines.append(line)
    kind = segment.part(2, 1)
    if len(kind) > CODE_LENGTH:
        too_long(contents, segment, kind)
    if kind in GTIN_TYPES and (fault := gtin_fault(segment.part(2))):
        gs1(contents, "gtin", segment, f"GTIN {shown(segment.part(2)) or '(empty)'} of line {shown(number)} {fault}")


def pia(contents: Contents, segment: Segment, _node: Node) -> None:
    """Judge further GTINs of a line."""
    for components in segment.elements[1:]:
        if len(components) > 1 and components[1] in GTIN_TYPES and (fault := gtin_fault(components[0])):
            gs1(contents, "gtin", segment, f"GTIN {shown(components[0])} in PIA {fault}")


def group(contents: Contents, _segment: Segment, _node: Node) -> None:
    """Begin a consignment or product group, whose lines are numbered anew."""
    contents.scope += 1


def qty(contents: Contents, segment: Segment, node: Node) -> None:
    """Keep a line's quantity."""
    qualifier, stated = pair(segment)
    value = contents.figure(segment, stated, "quantity")
    if qualifier not in COMMON:
        known_qualifier(contents, segment, qualifier)
    line = contents.line
    if value is None or line is None or node.area != LINE:
        return
    if qualifier not in line.quantities:
        line.quantities[qualifier] = value
    elif node.scope == "LIN" and contents.message.type in _ONE_QUANTITY:
        text = f"Line {shown(line.number)} gives QTY {shown(qualifier)} twice: send it once."
        contents.note("quantity-repeated", segment.number, text)


def pri(contents: Contents, segment: Segment, _node: Node) -> None:
    """Keep a line's price, a net one rather than a gross one."""
    qualifier, stated = pair(segment)
    value = contents.figure(segment, stated, "price")
    if not _PRICE_QUALIFIER.fullmatch(qualifier):
        unknown_qualifier(contents, segment, qualifier)
    line = contents.line
    if value is None or line is None:
        return
    if value < 0:
        contents.note("price-negative", segment.number, f"The price {value} is negative: send the positive price.")
    net = qualifier in _NET_PRICES
    if line.price is None or (net and not line.net_price):
        line.price, line.net_price = value, net
        if len(segment[1][0]) > 4 and (stated := segment[1][0][4]):  # noqa: PLR2004 - C509, fifth component: 5284
            basis = contents.figure(segment, stated, "price basis")
            line.basis = basis if basis and basis > 0 else Decimal(1)


def pac(contents: Contents, segment: Segment, node: Node) -> None:
    """Count packages."""
    if stated := segment.part(0):
        value = contents.figure(segment, stated, "number of packages")
        if value is not None and node.area != LINE:
            contents.packages += value


def gin(contents: Contents, segment: Segment, _node: Node) -> None:
    """Judge the SSCCs of packages (7405 is BJ)."""
    if segment.part(0) != "BJ":
        return
    for components in segment.elements[1:]:
        for number in components:
            if number and (fault := sscc_fault(number)):
                gs1(contents, "sscc", segment, f"SSCC {shown(number)} {fault}")


def pair(segment: Segment) -> tuple[str, str]:
    """Return the first two components of the first element: a qualifier and its value."""
    try:
        first = segment[1][0]
        return first[0], first[1]
    except IndexError:
        return segment.part(0), ""


def known_qualifier(contents: Contents, segment: Segment, qualifier: str) -> None:
    """Look at the form of a code of quantities, amounts and totals that is none of the `COMMON` ones."""
    if not _NUMBERED.fullmatch(qualifier):
        unknown_qualifier(contents, segment, qualifier)


def unknown_qualifier(contents: Contents, segment: Segment, qualifier: str) -> None:
    """Note a qualifier no directory knows."""
    text = f"{segment.tag} carries the qualifier {shown(qualifier)!r}, which no directory knows: correct it."
    contents.note("qualifier", segment.number, text, severity=contents.guide)
