"""The product in a page's Open Graph and Twitter tags."""

from blocks.standards.product_data.pages.markup_products import LONGEST, MarkupProduct, plain_text, put
from blocks.standards.product_data.pages.parsing import Page

_GRAPH = {
    "og:title": "name", "twitter:title": "name", "product:brand": "brand", "og:brand": "brand",
    "product:retailer_item_id": "sku", "product:retailer_part_no": "sku", "product:mfr_part_no": "mpn",
    "product:ean": "gtin", "og:ean": "gtin", "product:upc": "gtin", "og:upc": "gtin", "product:isbn": "gtin",
    "product:gtin": "gtin", "product:price:amount": "price", "og:price:amount": "price",
    "product:sale_price:amount": "sale", "product:price:currency": "pricecurrency",
    "og:price:currency": "pricecurrency", "product:sale_price:currency": "pricecurrency",
    "product:availability": "availability", "og:availability": "availability", "og:image": "image",
    "og:description": "description", "og:url": "url", "product:category": "category", "product:sku": "sku",
}  # fmt: skip


def open_graph(page: Page) -> MarkupProduct | None:
    """Return the product of the page's Open Graph and Twitter tags; None where there are none."""
    product, sale = MarkupProduct("opengraph", "meta[property]"), ""
    for node in page.nodes("meta"):
        attributes = page.attributes[node]
        name = _GRAPH.get((attributes.get("property") or attributes.get("name") or "").strip().lower())
        value = " ".join(plain_text(attributes.get("content", "")).split())[:LONGEST]
        if not name or not value:
            continue
        if name == "gtin":
            product.gtins.append(value)
        elif name == "sale":
            sale = value
        else:
            put(product, name, value)
    if sale and product.offers:
        product.offers[0].price = sale
    return None if product.is_empty() else product
