"""The lines of an INVOIC: LIN with everything that belongs to it; sub lines follow the line they belong to."""

from collections.abc import Iterator

from blocks.documents.invoices import InvoiceLine, Item
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.figures import number_element
from blocks.standards.edifact.messages.invoic_parties_write import reference_segment
from blocks.standards.edifact.messages.invoic_parts_write import period_segments, reduction_segments, text_of
from blocks.standards.edifact.messages.releases import Release
from blocks.standards.edifact.messages.texts import cut
from blocks.standards.edifact.syntax import Segment, segment

_TEXTS_PER_DESCRIPTION = 2
"""Elements 7008 in one IMD (C273)."""


def line_segments(line: InvoiceLine, release: Release, position: str, above: str = "") -> Iterator[Segment]:
    """Yield a line and its sub lines.

    Args:
        line: The line.
        release: What fits where.
        position: Its place, written where its own id does not fit.
        above: Number of the line it is a sub line of.
    """
    number = line.id if 0 < len(line.id) <= release.line_number else position
    yield segment("LIN", number, "", _gtin(line.item, release), ("1", above) if above else "")
    yield from _numbers(line.item, release)
    yield from _descriptions(line.item, release)
    if quantity := number_element(line.quantity, release.quantity):
        yield segment("QTY", (codes.QUANTITY[0], quantity, line.unit))
    if line.item.country_of_origin:
        yield segment("ALI", line.item.country_of_origin)
    yield from period_segments(line.period)
    yield from text_of(codes.LINE_NOTE, line.note, release)
    yield from _attributes(line.item, release)
    if net := number_element(line.net, release.amount):
        yield segment("MOA", (codes.LINE_NET[0], net))
    yield from _prices(line, release)
    yield from _references(line, release)
    if line.vat_category or line.vat_rate is not None:
        yield segment("TAX", "7", "VAT", "", "", ("", "", "", number_element(line.vat_rate, 17)), line.vat_category)
    for each in line.allowances_charges:
        yield from reduction_segments(each, release)
    for place, inner in enumerate(line.sub_lines, 1):
        yield from line_segments(inner, release, f"{position}.{place}"[-release.line_number :], number)


def _gtin(item: Item, release: Release) -> tuple[str, ...]:
    number = item.standard_id
    if number and number.scheme == codes.GTIN_SCHEME and len(number.value) <= release.name_width:
        return number.value, release.gtin
    return ()


def _numbers(item: Item, release: Release) -> Iterator[Segment]:
    """PIA: the seller's and buyer's numbers, then classifications, whose scheme is a code of 7143 already."""
    for value, (kind, *_), agency in (
        (item.seller_id, codes.SELLERS_ITEM, "91"),
        (item.buyer_id, codes.BUYERS_ITEM, "92"),
    ):
        if value and len(value) <= release.name_width:
            yield segment("PIA", "1", (value, kind, "", agency))
    for each in item.classifications:
        version = each.scheme_version if len(each.scheme_version) <= release.code_list else ""
        if len(each.code) <= release.name_width:
            yield segment("PIA", "1", (each.code, each.scheme, version))


def _descriptions(item: Item, release: Release) -> Iterator[Segment]:
    for kind, text in (("F", item.name), ("A", item.description)):
        parts = cut(text, release.item_text, 20)
        for start in range(0, len(parts), _TEXTS_PER_DESCRIPTION):
            yield segment("IMD", kind, "", ("", "", "", *parts[start : start + _TEXTS_PER_DESCRIPTION]))


def _attributes(item: Item, release: Release) -> Iterator[Segment]:
    for attribute in item.attributes:
        if max(len(attribute.name), len(attribute.value)) <= release.text:
            yield segment("FTX", codes.ATTRIBUTE, "", "", (attribute.name, attribute.value))


def _prices(line: InvoiceLine, release: Release) -> Iterator[Segment]:
    price = line.price
    basis = number_element(price.base_quantity, 9)
    for (kind, *_), value in ((codes.NET_PRICE, price.net), (codes.GROSS_PRICE, price.gross)):
        if figure := number_element(value, release.price):
            yield segment("PRI", (kind, figure, "", "", basis, price.base_unit))


def _references(line: InvoiceLine, release: Release) -> Iterator[Segment]:
    if line.order_line and len(line.order_line) <= release.line_number:
        yield segment("RFF", ("ON", "", line.order_line))
    if identifier := line.object_identifier:
        yield from reference_segment(codes.LINE_OBJECT, identifier.value, release, identifier.scheme)
    yield from reference_segment(codes.LINE_ACCOUNTING, line.accounting_reference, release)
