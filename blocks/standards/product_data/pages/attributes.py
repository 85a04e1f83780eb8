"""Which pairs of a page are attributes of its product, and which are prices, forms and chatter."""

import re
from collections import Counter, defaultdict

from blocks.documents.product_data import ProductAttribute, Spot
from blocks.standards.product_data.pages.markup_products import plain_text
from blocks.standards.product_data.pages.pairs import Pair
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.subject import Subject
from blocks.standards.product_data.pages.words import folded
from blocks.standards.product_data.pages.zones import ASIDE, CRUMBS, DEAD, OPTIONS, SPEC
from blocks.standards.product_data.price_texts import has_sign

_MOST = 500
_LONGEST_VALUE = 600
_SHORT_LABEL = 32
_FEW = 2
_LONGEST_LABEL = 50
_NUMBERS = frozenset({"gtin", "mpn", "sku", "brand"})
_PRICE = re.compile(r"\d[.,]\d\d\s?(?:€|\$|£|[A-Z]{3}\b)|(?:€|\$|£)\s?\d")
_UNITS = (
    r"mm|cm|m|km|in|ft|inch|inches|\"|kg|g|mg|lbs?|oz|t|l|ml|cl|w|kw|v|a|ah|mah|hz|ghz|mhz|gb|tb|mb|bar|°c|h|min|%"
    r"|dpi|px|lm|db|nm"
)
_MEASURE = re.compile(rf"\d[\d.,x×*/ -]*\s?(?:{_UNITS})(?!\w)", re.IGNORECASE)
"""A value that is a quantity: such a pair on its own is an attribute too."""
_FIRM = frozenset({"table", "list"})


def attributes_of(page: Page, subject: Subject, pairs: list[Pair]) -> tuple[ProductAttribute, ...]:
    """Return the attributes of the product in the order of the page, then those only its markup gives."""
    groups: defaultdict[tuple[int, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        if not page.zones[pair.node] & (ASIDE | DEAD | CRUMBS):
            groups[pair.group, pair.way].append(pair)
    found: dict[tuple[str, str], ProductAttribute] = {}
    tables = {key for key, group in groups.items() if _is_table(page, subject, group)}
    for pair in pairs:
        if (pair.group, pair.way) not in tables or not _fits(pair) or page.zones[pair.node] & (ASIDE | DEAD | CRUMBS):
            continue
        key = folded(pair.label), folded(pair.value)
        if key not in found and len(found) < _MOST:
            spot = Spot(selector=page.selector(pair.node))
            found[key] = ProductAttribute(
                name=pair.label, value=pair.value[:_LONGEST_VALUE], source=pair.way, spot=spot
            )
    names = {name for name, _ in found}
    for product in subject.products:
        for name, value, unit in product.attributes:
            label = plain_text(name).strip()
            if label and folded(label) not in names and len(found) < _MOST:
                found[folded(label), folded(value)] = ProductAttribute(
                    name=label,
                    value=plain_text(value)[:_LONGEST_VALUE],
                    unit=unit,
                    source=product.syntax,
                    spot=Spot(selector=product.place),
                )
    return tuple(found.values())


def _fits(pair: Pair) -> bool:
    if pair.field == "price" or len(pair.value) > _LONGEST_VALUE:
        return False
    if pair.way in _FIRM:
        return True
    return len(pair.label) <= _LONGEST_LABEL and not (
        has_sign(pair.label) or (len(pair.value) < _LONGEST_LABEL and _PRICE.search(pair.value))
    )


def _is_table(page: Page, subject: Subject, group: list[Pair]) -> bool:
    """Say whether pairs that stand together are a table of attributes."""
    if subject.node >= 0 and group[-1].node <= subject.node:
        return False
    if sum(1 for pair in group if pair.field == "price") * 2 > len(group):
        return False
    zones = [page.zones[pair.node] for pair in group]
    named = sum(1 for zone in zones if zone & SPEC) * 2 >= len(group)
    if group[0].way in _FIRM:
        return len(group) > 1 or named or group[0].field != ""
    if not named and sum(1 for zone in zones if zone & OPTIONS) * 2 > len(group):
        return False
    return _are_columns(group, named=named) if group[0].way == "columns" else _are_lines(page, group, named=named)


def _are_columns(group: list[Pair], *, named: bool) -> bool:
    """Say whether rows of two columns are a table: several of the same form."""
    same = max(Counter(pair.form for pair in group).values())
    return same > _FEW or (same > 1 and named) or (named and group[0].field in _NUMBERS)


def _are_lines(page: Page, group: list[Pair], *, named: bool) -> bool:
    """Say whether lines with a colon are a table: in a part named so, most of a list, or quantities."""
    if len(group) > 1 and named:
        return True
    box, short = group[0].group, all(len(pair.label) <= _SHORT_LABEL for pair in group)
    rows = [child for child in page.children(box) if page.tags[child] in {"li", "p"}] if box >= 0 else []
    if len(group) > _FEW and short and len(group) * 10 >= len(rows) * 7:
        return True
    return bool(rows) and short and all(_MEASURE.match(pair.value) for pair in group)
