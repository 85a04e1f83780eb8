"""What scripts of a page say of its product: data layers and states that are written into the page for programs."""

import html
import json
import re

from blocks.standards.product_data.pages.parsing import Page

_MOST = 2 * 2**20
_AROUND = 1_500
_BRACES = re.compile("[{}]")
_KEYS = {
    "brand": (
        "brand",
        "brandname",
        "product_brand",
        "manufacturer",
        "manufacturername",
        "marke",
        "vendor",
        "item_brand",
    ),
    "sku": (
        "sku",
        "productsku",
        "product_sku",
        "item_id",
        "id",
        "productid",
        "product_id",
        "articlenumber",
        "itemnumber",
        "artnum",
    ),
    "mpn": (
        "mpn",
        "manufacturerpartnumber",
        "manufacturer_part_number",
        "partnumber",
        "mfrpartnumber",
        "mfr_part_no",
        "manufacturernumber",
        "manufacturersku",
        "herstellernummer",
    ),
    "gtin": ("gtin", "gtin13", "gtin14", "gtin12", "ean", "ean13", "eancode", "upc", "barcode"),
    "availability": ("availability", "stockstatus", "stock_status", "availabilitystatus"),
    "price": ("price", "saleprice", "finalprice", "item_price"),
    "currency": ("currency", "currencycode", "pricecurrency", "currency_code"),
}
_FIELDS = {key: field for field, keys in _KEYS.items() for key in keys}
_SCALAR = re.compile(
    r"""["']?(?P<key>[A-Za-z_]\w{1,30})["']?\s*:\s*(?:"(?P<text>(?:[^"\\]|\\.){0,300})"|'(?P<single>[^'\\\n]{0,300})'|(?P<number>-?\d+(?:\.\d+)?))"""
)
_CURRENCY = re.compile(r"""["']?(?:price_?)?currency(?:_?code)?["']?\s*[:=,]\s*["']([A-Z]{3})["']""", re.IGNORECASE)


_WITHIN = r"""["']\s*:\s*\{[^{}]{0,300}?["']"""
_NESTED = (
    ("brand", re.compile(r"""["'](?:brand|manufacturer|vendor)""" + _WITHIN + r"""name["']\s*:\s*"([^"\\]{1,60})\"""")),
    ("price", re.compile(r"""["']price""" + _WITHIN + r"""(?:value|amount|current)["']\s*:\s*["']?(\d+\.\d{1,2})\b""")),
    ("currency", re.compile(r"""["']price""" + _WITHIN + r"""currency(?:[cC]ode)?["']\s*:\s*["']([A-Z]{3})["']""")),
)
"""What is said of a product by a thing of its own within its object."""
_HAD = re.compile(r"""["'](?:is_?)?in_?stock["']\s*:\s*(true|false)\b""", re.IGNORECASE)


def state_of_product(page: Page, name: str) -> dict[str, str]:
    """Return what the objects that name the product say besides: brand, sku, mpn, gtin, price, currency, availability.

    Only the object in which the name itself stands as a value is looked at, so that neighbours' data stay out.
    """
    found: dict[str, str] = {}
    for text in _texts(page):
        for spelling in _spellings(name):
            place = text.find(spelling)
            looked = 0
            while place >= 0 and looked < 2:
                _object_around(text, place, found)
                place = text.find(spelling, place + len(spelling))
                looked += 1
    return found


def state_of_box(page: Page, heading: int) -> dict[str, str]:
    """Return what the boxes that the heading stands in carry for programs, as in ``data-ean="4006381333931"``."""
    found: dict[str, str] = {}
    if heading < 0:
        return found
    for node in (heading, *page.ancestors(heading)):
        for name, value in page.attributes[node].items():
            field = _BOX.get(name.removeprefix("data-").removeprefix("product-").replace("-", "").replace("_", ""))
            if field and name.startswith("data-") and value.strip():
                found.setdefault(field, value.strip()[:200])
    return found


_BOX = {
    "ean": "gtin", "gtin": "gtin", "gtin13": "gtin", "mpn": "mpn", "sku": "sku", "brand": "brand", "price": "price",
    "currency": "currency", "pricecurrency": "currency", "availability": "availability",
}  # fmt: skip


def currency_in_scripts(page: Page) -> str | None:
    """Return the currency that scripts set, None where they set none or several."""
    named = {found.upper() for text in _texts(page) for found in _CURRENCY.findall(text)}
    return named.pop() if len(named) == 1 else None


def _texts(page: Page) -> list[str]:
    left, found = _MOST, []
    for attributes, text in page.scripts:
        if "ld+json" in attributes or len(text) > left:
            continue
        left -= len(text)
        found.append(text)
    return found


def _spellings(name: str) -> list[str]:
    """Return a text as it may stand in a script: plain, with escapes of JSON, with escapes of HTML."""
    if len(name) < 5:
        return []
    ways = (
        name,
        json.dumps(name)[1:-1],
        json.dumps(name, ensure_ascii=False)[1:-1].replace("/", r"\/"),
        html.escape(name),
    )
    return list(dict.fromkeys(ways))


def _object_around(text: str, place: int, found: dict[str, str]) -> None:
    """Note the scalars of the object a place stands in."""
    start = _opening(text, place)
    end = _closing(text, place)
    inner = _flat(text[start + 1 : end]) if start >= 0 else ""
    ranked: dict[str, tuple[int, str]] = {}
    for match in _SCALAR.finditer(inner):
        key = match["key"].lower()
        field = _FIELDS.get(key)
        value = (match["text"] or match["single"] or match["number"] or "").strip()
        if field and value and "\\u" not in value:
            rank = _KEYS[field].index(key)
            if field not in ranked or rank < ranked[field][0]:
                ranked[field] = rank, value
    for field, (_, value) in ranked.items():
        found.setdefault(field, value)
    whole = text[start + 1 : end] if start >= 0 else ""
    for field, pattern in _NESTED:
        if field not in found and (nested := pattern.search(whole)):
            found[field] = nested[1]
    if "availability" not in found and (had := _HAD.search(inner)):
        found["availability"] = "InStock" if had[1].lower() == "true" else "OutOfStock"


def _opening(text: str, place: int) -> int:
    depth = 0
    for bracket in reversed(list(_BRACES.finditer(text, max(0, place - _AROUND), place))):
        if bracket.group() == "}":
            depth += 1
        elif depth:
            depth -= 1
        else:
            return bracket.start()
    return -1


def _closing(text: str, place: int) -> int:
    depth, end = 0, min(len(text), place + _AROUND)
    for bracket in _BRACES.finditer(text, place, end):
        if bracket.group() == "{":
            depth += 1
        elif depth:
            depth -= 1
        else:
            return bracket.start()
    return end


def _flat(text: str) -> str:
    """Return an object's text without the objects and lists nested in it."""
    parts, depth, begun = [], 0, 0
    for bracket in re.finditer(r"[{}\[\]]", text):
        if bracket.group() in "{[":
            if not depth:
                parts.append(text[begun : bracket.start()])
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                begun = bracket.end()
    if not depth:
        parts.append(text[begun:])
    return " ".join(parts)
