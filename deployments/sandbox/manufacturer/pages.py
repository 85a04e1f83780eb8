"""Product pages in several layouts, as shops of several ages have them: JSON-LD, microdata, or tables alone. Pure."""

import json
from collections.abc import Callable, Iterable
from html import escape

from deployments.sandbox.manufacturer.products import BRAND, Feature, Truth, german
from deployments.sandbox.manufacturer.quirks import PROMPT, Quirks

LAYOUTS = ("json_ld", "microdata", "table")


def page(product: Truth, base: str, quirks: Quirks) -> bytes:
    """Return a product's page.

    Args:
        product: As the site shows it.
        base: Address of the site without a slash at its end.
        quirks: What is wrong with it.
    """
    layout = LAYOUTS[product.number % len(LAYOUTS)]
    text = f"{product.text} {PROMPT}" if quirks.says("prompt_text", "site", product.mpn) else product.text
    if quirks.says("changed_layout", "site", product.mpn):
        return _html(product, base, _changed(product, text), "")
    head = ""
    if layout == "json_ld":
        head = _json_ld(product, base, text)
        if quirks.says("broken_json_ld", "site", product.mpn):
            head = head[: len(head) // 2] + "</script>"
    return _html(product, base, _BODIES[layout](product, text), head)


def _html(product: Truth, base: str, body: str, head: str) -> bytes:
    links = "".join(f'<li><a href="{base}/kategorie/{place}.html">Kategorie {place}</a></li>' for place in range(6))
    return (
        f'<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8"><title>{escape(product.name)} | {BRAND}</title>'
        f'<meta name="description" content="{escape(product.name)}">{head}</head><body><nav><ul>{links}</ul></nav>'
        f'<main>{body}<p><a class="download" href="/datenblatt/{product.mpn}.pdf">Datenblatt (PDF)</a></p></main>'
        f"<footer>© {BRAND} GmbH, Flensburg. Alle Angaben ohne Gewähr.</footer></body></html>\n"
    ).encode()


def _json_ld(product: Truth, base: str, text: str) -> str:
    said = {
        "@context": "https://schema.org/",
        "@type": "Product",
        "name": product.name,
        "gtin13": product.gtin,
        "mpn": product.mpn,
        "brand": {"@type": "Brand", "name": BRAND},
        "description": text,
        "image": f"{base}/bilder/{product.mpn}.png",
        "category": product.category,
        "offers": {
            "@type": "Offer",
            "price": str(product.price),
            "priceCurrency": "EUR",
            "availability": "https://schema.org/InStock",
        },
    }
    written = json.dumps(said, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{written}</script>'


def _rows(features: Iterable[Feature]) -> str:
    return "".join(
        f"<tr><th>{escape(each.name)}</th><td>{escape(f'{german(each.value)} {each.unit}'.strip())}</td></tr>"
        for each in features
    )


def _with_json_ld(product: Truth, text: str) -> str:
    return (
        f'<h1>{escape(product.name)}</h1><p class="price">{german(product.price)} €</p><p>{escape(text)}</p>'
        f"<p>Artikelnummer: {product.mpn} · EAN: {product.gtin}</p><h2>Technische Daten</h2>"
        f'<table class="specs">{_rows(product.all_features())}</table>'
    )


def _with_microdata(product: Truth, text: str) -> str:
    rows = "".join(
        '<div itemprop="additionalProperty" itemscope itemtype="https://schema.org/PropertyValue">'
        f'<dt itemprop="name">{escape(each.name)}</dt>'
        f'<dd itemprop="value">{escape(f"{german(each.value)} {each.unit}".strip())}</dd></div>'
        for each in product.all_features()
    )
    return (
        f'<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">{escape(product.name)}</h1>'
        f'<p>Hersteller: <span itemprop="brand">{BRAND}</span> · Artikelnummer: <span itemprop="mpn">{product.mpn}'
        f'</span> · EAN <span itemprop="gtin13">{product.gtin}</span></p><p itemprop="description">{escape(text)}</p>'
        '<div itemprop="offers" itemscope itemtype="https://schema.org/Offer">'
        f'<meta itemprop="priceCurrency" content="EUR"><span itemprop="price" content="{product.price}">'
        f"{german(product.price)} €</span>"
        '<link itemprop="availability" href="https://schema.org/InStock"></div>'
        f"<dl>{rows}</dl></div>"
    )


def _with_table(product: Truth, text: str) -> str:
    ids = (
        f"<tr><td>Hersteller</td><td>{BRAND}</td></tr><tr><td>Herstellernummer</td><td>{product.mpn}</td></tr>"
        f"<tr><td>EAN</td><td>{product.gtin}</td></tr>"
    )
    rows = _rows(product.all_features()).replace("th>", "td>")
    return (
        f"<h1>{escape(product.name)}</h1><div><b>{german(product.price)} EUR</b> inkl. MwSt., sofort lieferbar</div>"
        f"<div>{escape(text)}</div><table>{ids}{rows}</table>"
    )


def _changed(product: Truth, text: str) -> str:
    """Return the page after a relaunch: spans in a grid, nothing says what it is but its place."""
    cells = "".join(
        f'<div class="x9"><span class="k2">{escape(each.name)}</span><span class="v7">'
        f"{escape(f'{german(each.value)} {each.unit}'.strip())}</span></div>"
        for each in product.all_features()
    )
    return (
        f'<section class="hero"><div class="t1">{escape(product.name)}</div><div class="t2">{escape(text)}</div>'
        f"</section>"
        f'<section class="grid">{cells}</section><div class="ids">{product.mpn} / {product.gtin}</div>'
    )


_BODIES: dict[str, Callable[[Truth, str], str]] = {
    "json_ld": _with_json_ld,
    "microdata": _with_microdata,
    "table": _with_table,
}
