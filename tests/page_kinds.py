"""One product told in every way that shops tell it: markup, metas, states for programs, tables and texts."""

import json
from collections.abc import Mapping
from typing import Any

GTIN, OTHER = "4006381333931", "4012345000016"
NAME = "Akku-Bohrer BX 18"
SAYS = {
    "name": NAME, "gtin": GTIN, "mpn": "BX-18.2", "sku": "471105", "brand": "Werkstahl", "price": "129.90",
    "currency": "EUR", "availability": "InStock",
}  # fmt: skip
HEADING = f"<h1>{NAME}</h1>"


def page(body: str, head: str = "", lang: str = "de") -> bytes:
    """Return a page with a menu and a foot."""
    return (
        f'<!doctype html><html lang="{lang}"><head><title>{NAME} | Shop</title>{head}</head><body><nav><a href="/">Home'
        f"</a></nav><main>{body}</main><footer>Impressum</footer></body></html>"
    ).encode()


def linked_data(*blocks: Any, body: str = HEADING) -> bytes:
    """Return a page with blocks of JSON-LD."""
    return page(body, "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks))


def script(text: str) -> bytes:
    """Return a page with a script."""
    return page(f"{HEADING}<script>{text}</script>")


PLAIN = {"@type": "Product", "name": NAME, "gtin13": GTIN, "mpn": "BX-18.2", "sku": "471105"}
OFFER = {"@type": "Offer", "price": "129.90", "priceCurrency": "EUR", "availability": "http://schema.org/InStock"}
REFERRING = {**PLAIN, "@id": "#p", "brand": {"@id": "#b"}, "offers": {"@id": "#o"}}
BRAND = {"@type": "Brand", "@id": "#b", "name": "Werkstahl"}
SET = {"@type": "Product", "name": "Bohrer-Set", "gtin13": OTHER, "sku": "9", "offers": {**OFFER, "price": "9.99"}}

_MICRODATA = (
    '<meta itemprop="gtin13" content="4006381333931"><meta itemprop="mpn" content="BX-18.2"><span itemprop="sku">471105'
    '</span><div itemprop="brand" itemscope itemtype="https://schema.org/Brand"><meta itemprop="name" '
    'content="Werkstahl"></div>'
)
_OFFERED = (
    'itemprop="offers" itemscope itemtype="http://schema.org/Offer"><meta itemprop="price" content="129.90"><meta '
    'itemprop="priceCurrency" content="EUR"><link itemprop="availability" href="http://schema.org/InStock"></div>'
)
_SCOPE = '<div itemscope itemtype="http://schema.org/Product"'
_STATE = (
    f'{{"product":{{"title":"{NAME}","gtin":"{GTIN}","manufacturerNumber":"BX-18.2","articleNumber":"471105",'
    '"manufacturer":"Werkstahl","price":129.90,"currencyCode":"EUR","inStock":true}}'
)
_NEXT = {
    "props": {"pageProps": {
        "product": {
            "name": NAME, "ean": GTIN, "mpn": "BX-18.2", "sku": "471105", "brand": {"name": "Werkstahl"},
            "price": {"value": 129.9, "currency": "EUR"}, "availability": "IN_STOCK",
        },
        "related": [{"name": "Bohrer-Set", "ean": OTHER, "mpn": "SET-9", "sku": "9", "availability": "OUT_OF_STOCK"}],
    }},
}  # fmt: skip
_METAS = {
    "og:type": "product", "og:title": NAME, "product:price:amount": "129.90", "product:price:currency": "EUR",
    "product:availability": "in stock", "product:brand": "Werkstahl", "product:retailer_item_id": "471105",
    "product:ean": GTIN, "product:mfr_part_no": "BX-18.2",
}  # fmt: skip
WORDS: Mapping[str, tuple[str, ...]] = {
    "de": ("Art.-Nr.", "Hersteller-Nr.", "EAN", "Marke", "129,90 €", "Auf Lager"),
    "en": ("SKU", "MPN", "EAN", "Brand", "€129.90", "In stock"),
    "fr": ("Réf.", "Référence fabricant", "Code EAN", "Marque", "129,90 €", "En stock"),
    "es": ("Ref.", "Referencia del fabricante", "EAN", "Marca", "129,90 €", "En stock"),
    "it": ("Codice articolo", "Codice produttore", "Codice EAN", "Marca", "129,90 €", "Disponibile"),
    "nl": ("Artikelnummer", "Fabrikantcode", "EAN", "Merk", "€ 129,90", "Op voorraad"),
}
"""Language → what number, part number, GTIN and brand are called; price and availability as written."""
_NUMBERS = ("471105", "BX-18.2", GTIN, "Werkstahl")


def _in_words(language: str, row: str, around: str = "<div>{}</div>") -> bytes:
    *labels, price, stock = WORDS[language]
    rows = "".join(row.format(label, value) for label, value in zip(labels, _NUMBERS, strict=True))
    body = f'{HEADING}{around.format(rows)}<div class="price"><span>{price}</span></div><p class="stock">{stock}</p>'
    return page(body, lang=language)


KINDS: Mapping[str, bytes] = {
    "graph whose things refer to each other": linked_data(
        {"@context": "https://schema.org", "@graph": [
            {"@type": "WebPage", "@id": "#w", "mainEntity": {"@id": "#p"}}, BRAND, {**OFFER, "@id": "#o"}, REFERRING]}
    ),
    "references from block to block": linked_data(REFERRING, BRAND, {**OFFER, "@id": "#o"}),
    "references in a circle": linked_data(REFERRING, BRAND, {**OFFER, "@id": "#o", "itemOffered": {"@id": "#p"},
                                                             "offers": {"@id": "#o"}}),
    "several products": linked_data([{**PLAIN, "@type": ["Product", "IndividualProduct"], "brand": "Werkstahl",
                                      "offers": [OFFER]}, SET]),
    "lowest of offers": linked_data({**PLAIN, "brand": {"@type": "Organization", "name": "Werkstahl"}, "offers": {
        "@type": "AggregateOffer", "lowPrice": "129,90", "highPrice": "129,90", "priceCurrency": "EUR",
        "availability": "https://schema.org/InStock"}}),
    "specified price": linked_data({**PLAIN, "manufacturer": {"name": "Werkstahl"}, "offers": {
        "@type": "Offer", "availability": "schema:InStock",
        "priceSpecification": [{"@type": "UnitPriceSpecification", "price": "129.90", "priceCurrency": "EUR"}]}}),
    "group of one": linked_data({"@type": "ProductGroup", "name": NAME, "brand": {"name": "Werkstahl"},
                                 "productGroupID": "BX", "hasVariant": [{**PLAIN, "offers": OFFER}]}),
    "microdata, nested": page(f'{_SCOPE}><h1 itemprop="name">{NAME}</h1>{_MICRODATA}<div {_OFFERED}</div>'),
    "microdata, elsewhere": page(f'{_SCOPE} itemref="o1 x2"><h1 itemprop="name">{NAME}</h1></div><div id="x2">'
                                 f'{_MICRODATA}</div><div id="o1" {_OFFERED}'),
    "rdfa": page(
        f'<div vocab="https://schema.org/" typeof="Product"><h1 property="name">{NAME}</h1><span property="gtin13">'
        f'{GTIN}</span><span property="mpn">BX-18.2</span><span property="sku">471105</span><span property="brand" '
        'typeof="Brand"><span property="name">Werkstahl</span></span><div property="offers" typeof="Offer"><span '
        'property="price" content="129.90">129,90</span><span property="priceCurrency" content="EUR">€</span><link '
        'property="availability" href="https://schema.org/InStock"></div></div>'
    ),
    "metas": page(HEADING, "".join(f'<meta property="{name}" content="{said}">' for name, said in _METAS.items())),
    "state of an application": page(
        f'{HEADING}<script id="__NEXT_DATA__" type="application/json">{json.dumps(_NEXT)}</script>'
    ),
    "state in a script": script(f"window.__INITIAL_STATE__={_STATE};"),
    "attributes for programs": page(
        f'<div data-product-id="77" data-sku="471105" data-ean="{GTIN}" data-brand="Werkstahl" data-price="129.90" '
        f'data-currency="EUR" data-mpn="BX-18.2">{HEADING}<span class="stock">Auf Lager</span></div>'
    ),
    **{f"lines, {language}": _in_words(language, "<p>{}: {}</p>") for language in WORDS},
    **{f"columns, {language}": _in_words(language, "<div><span>{}</span> <span>{}</span></div>") for language in WORDS},
    **{f"table, {language}": _in_words(language, "<tr><th>{}</th><td>{}</td></tr>", "<table>{}</table>")
       for language in WORDS},
    **{f"definitions, {language}": _in_words(language, "<dt>{}:</dt><dd>{}</dd>", "<dl>{}</dl>") for language in WORDS},
}  # fmt: skip
"""A page of each kind; all say SAYS."""

SILENT: Mapping[str, tuple[bytes, str]] = {
    "a price in cents": (script(f'var p={{"name":"{NAME}","price":12990,"currency":"EUR"}};'), "price"),
    "a part number that is the shop's own": (script(f'var p={{"name":"{NAME}","sku":"77-1","mpn":"77-1"}};'), "mpn"),
    "a part number that is the GTIN": (script(f'var p={{"name":"{NAME}","sku":"7","mpn":"{GTIN}"}};'), "mpn"),
    "a neighbour's state": (script('var p=[{"name":"Bohrer-Set","mpn":"SET-9","inStock":true}];'), "mpn"),
    "a neighbour's price": (script('var p=[{"name":"Bohrer-Set","price":"9.99","currency":"EUR"}];'), "price"),
    "a neighbour's attributes": (page(f'{HEADING}<div data-ean="{OTHER}" data-mpn="SET-9">Bohrer-Set</div>'), "gtin"),
    "a false GTIN in attributes": (page(f'<div data-ean="4006381333932">{HEADING}</div>'), "gtin"),
    "a reference to nothing": (linked_data({**PLAIN, "offers": {"@id": "#gone"}}), "price"),
}  # fmt: skip
"""A page each, and the field that it says nothing of."""
