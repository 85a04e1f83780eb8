"""What a page's markup says of products: JSON-LD, microdata, RDFa Lite and Open Graph in one form."""

from collections.abc import Iterator
from typing import Any

from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages.json_ld import Things, json_products, things_in
from blocks.standards.product_data.pages.json_texts import json_values
from blocks.standards.product_data.pages.markup_products import MOST_PRODUCTS, MarkupProduct
from blocks.standards.product_data.pages.microdata import microdata_products
from blocks.standards.product_data.pages.open_graph import open_graph
from blocks.standards.product_data.pages.parsing import Page


def products_of(page: Page, findings: Findings) -> list[MarkupProduct]:
    """Return the products of the page's markup in the order of the document, JSON-LD first, Open Graph last."""
    found: list[MarkupProduct] = []
    blocks: list[tuple[int, Any]] = []
    things: Things = {}
    for number, text in enumerate(ld_scripts(page), 1):
        values, broken = json_values(text)
        if broken:
            findings.say(f"The page's JSON-LD block {number} is broken; what could be read of it was used.")
        for value in values:
            blocks.append((number, value))
            if "@id" in text:
                things_in(value, things)
    for number, value in blocks:
        found += json_products(value, f"script[{number}]", things)
    found += microdata_products(page)
    if graph := open_graph(page):
        found.append(graph)
    return [each for each in found if not each.is_empty()][:MOST_PRODUCTS]


def ld_scripts(page: Page) -> Iterator[str]:
    """Yield the texts of the page's JSON-LD scripts."""
    for attributes, text in page.scripts:
        if "ld+json" in attributes.lower():
            yield text
