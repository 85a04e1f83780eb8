"""PDF data sheets: attributes from tables, lists and boxes of the text layer, each with page and box."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from blocks.documents.product_data import ProductAttribute, ProductData, Spot
from blocks.standards.product_data.datasheets.cells import Line, lines_of
from blocks.standards.product_data.datasheets.identity import identity_of
from blocks.standards.product_data.datasheets.kind import other_paper
from blocks.standards.product_data.datasheets.lists import Stated, stated_in
from blocks.standards.product_data.datasheets.pairs import pairs_in
from blocks.standards.product_data.datasheets.table_values import values_of
from blocks.standards.product_data.datasheets.tables import heads_a_table, tables_in
from blocks.standards.product_data.findings import Findings

MOST_ATTRIBUTES = 3000
"""More than any sheet states of one product."""
_DATED = re.compile(r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2})\b")


def sheet(data: bytes, findings: Findings) -> ProductData:
    """Return what a data sheet says of the product it is about.

    Values stand as printed; limits only where the sheet has columns for them. Tables of pins, order numbers, registers
    and revisions are passed over, place holders such as 'TBD' are no values, and two values that contradict each other
    under one heading are both left out and said.

    Args:
        data: The PDF.
        findings: Takes what is to be said of it.

    Raises:
        Unreadable: No PDF, encrypted, damaged, pictures only, or with too many pages.
    """
    from blocks.standards.pdf.reading import read_text_layer  # noqa: PLC0415 - loads PDFium

    layer = read_text_layer(data)
    for doubt in layer.doubts:
        findings.say(doubt)
    if paper := other_paper(layer):
        findings.lost(f"The document reads like {paper}, not like a data sheet; no value was taken from it.")
        return ProductData()
    pages = lines_of(layer, heads_a_table)
    about = identity_of(layer)
    attributes, left = _tables(pages, f"{about.name} {about.mpn}")
    stated = list(stated_in(left, layer.pages[0].width))
    attributes += _listed(stated, findings)
    unique = _distinct(attributes)
    if not unique:
        findings.say("No table, list or box with values was found in the data sheet.")
    if len(unique) > MOST_ATTRIBUTES:
        findings.lost(f"The data sheet states {len(unique):,} values; the first {MOST_ATTRIBUTES:,} were taken.")
    return ProductData(
        name=about.name, gtin=about.gtin, mpn=about.mpn, brand=about.brand, attributes=unique[:MOST_ATTRIBUTES]
    )


def _tables(pages: Sequence[Sequence[Line]], about: str) -> tuple[list[ProductAttribute], list[list[Line]]]:
    """Return the attributes of tables, with and without heads, and the lines that belong to none."""
    found: list[ProductAttribute] = []
    taken: set[int] = set()
    for table in tables_in(pages):
        taken.update(map(id, table.lines))
        found += values_of(table, about)
    left = [[line for line in lines if id(line) not in taken] for lines in pages]
    paired: set[int] = set()
    for attribute, cells in pairs_in(left):
        found.append(attribute)
        paired.update(map(id, cells))
    return found, [[line for line in lines if not all(id(cell) in paired for cell in line.cells)] for lines in left]


def _listed(stated: Iterable[Stated], findings: Findings) -> list[ProductAttribute]:
    """Return statements as attributes, without those that contradict each other."""
    values: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for each in stated:
        if each.statement.unit:
            values[_same(each)].add(each.statement.value)
    found = []
    for each in stated:
        name, value, unit = each.statement
        if unit and len(several := values[_same(each)]) > 1:
            findings.say(
                f"Page {each.page} states several values of '{name}' under '{each.under[:60]}' "
                f"({', '.join(sorted(several))} {unit}); none was taken."
            )
            continue
        found.append(
            ProductAttribute(name=name, value=value, unit=unit, source="list", spot=Spot(page=each.page, box=each.box))
        )
    return found


def _same(each: Stated) -> tuple[object, ...]:
    return each.page, each.under.casefold(), each.statement.name.casefold(), each.statement.unit


def _distinct(attributes: Iterable[ProductAttribute]) -> tuple[ProductAttribute, ...]:
    """Return attributes in the order of the sheet, each once; rows that begin with a date tell of the sheet itself."""
    seen: dict[tuple[object, ...], ProductAttribute] = {}
    for each in attributes:
        if _DATED.match(each.name):
            continue
        page = each.spot.page if each.spot else 0
        key = (page, each.name.casefold(), each.value, each.unit, each.minimum, each.typical, each.maximum)
        seen.setdefault(key, each)
    return tuple(sorted(seen.values(), key=_order))


def _order(attribute: ProductAttribute) -> tuple[int, float, float]:
    spot = attribute.spot
    if spot is None or spot.box is None:
        return (0, 0.0, 0.0)
    return (spot.page or 0, -round(spot.box[3]), spot.box[0])
