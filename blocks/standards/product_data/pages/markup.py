"""What a page's markup says of products: JSON-LD, microdata, RDFa Lite and Open Graph in one form."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages.json_texts import json_values
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.zones import ASIDE, DEAD

_PRODUCT_TYPES = frozenset({
    "product", "productmodel", "individualproduct", "someproducts", "productgroup", "book", "vehicle", "car", "motorcycle",
    "softwareapplication", "videogame", "movie", "musicalbum", "drug",
})  # fmt: skip
_GTIN_KEYS = ("gtin13", "gtin", "gtin14", "gtin12", "gtin8", "ean", "ean13", "upc", "isbn", "barcode")
_OTHERS = frozenset({
    "isrelatedto", "issimilarto", "isaccessoryorsparepartfor", "isconsumablefor", "itemlistelement", "review", "reviews",
    "aggregaterating", "hasvariant", "offers", "brand", "manufacturer", "isvariantof", "recommendation", "predecessorof",
})  # fmt: skip
_MOST_VALUES = 20_000
_DEEPEST = 40
_MOST_PRODUCTS = 400
_LONGEST = 1_000


@dataclass(slots=True)
class Offer:
    """What markup offers a product for; all as written."""

    price: str = ""
    currency: str = ""
    availability: str = ""
    sku: str = ""
    gtin: str = ""
    url: str = ""
    is_range: bool = False


@dataclass(slots=True)
class MarkupProduct:
    """One product of the markup, as written.

    Attributes:
        syntax: 'json-ld', 'microdata', 'rdfa' or 'opengraph'.
        place: Selector or path.
        aside: It stands in a list of products, or in a part of the page about others.
        node: Node of the page it begins at; -1 for scripts.
    """

    syntax: str
    place: str
    aside: bool = False
    node: int = -1
    kind: str = "product"
    names: list[str] = field(default_factory=list)
    gtins: list[str] = field(default_factory=list)
    mpns: list[str] = field(default_factory=list)
    skus: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    brands: list[str] = field(default_factory=list)
    makers: list[str] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    variants: list["MarkupProduct"] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Say whether it says nothing of a product."""
        return not (self.names or self.gtins or self.skus or self.offers or self.mpns)


def products_of(page: Page, findings: Findings) -> list[MarkupProduct]:
    """Return the products of the page's markup in the order of the document, JSON-LD first, Open Graph last."""
    found: list[MarkupProduct] = []
    for number, text in enumerate(ld_scripts(page), 1):
        values, broken = json_values(text)
        if broken:
            findings.say(f"The page's JSON-LD block {number} is broken; what could be read of it was used.")
        for value in values:
            found += json_products(value, f"script[{number}]")
    found += microdata_products(page)
    if graph := open_graph(page):
        found.append(graph)
    return [each for each in found if not each.is_empty()][:_MOST_PRODUCTS]


def ld_scripts(page: Page) -> Iterator[str]:
    """Yield the texts of the page's JSON-LD scripts."""
    for attributes, text in page.scripts:
        if "ld+json" in attributes.lower():
            yield text


class _Budget:
    """How many values of one block may still be looked at."""

    def __init__(self) -> None:
        self.left = _MOST_VALUES


def json_products(value: Any, place: str) -> list[MarkupProduct]:
    """Return the products in a JSON-LD value, wherever they are nested."""
    found: list[MarkupProduct] = []
    _walk(value, place, found, _Budget(), depth=0, aside=False)
    return found


def _walk(value: Any, place: str, found: list[MarkupProduct], budget: _Budget, *, depth: int, aside: bool) -> None:
    budget.left -= 1
    if depth > _DEEPEST or budget.left < 0:
        return
    if isinstance(value, list):
        for number, each in enumerate(value):
            _walk(each, f"{place}[{number}]", found, budget, depth=depth + 1, aside=aside)
        return
    if not isinstance(value, dict):
        return
    lowered = {str(key).lower(): each for key, each in value.items()}
    kind = type_of(lowered)
    if kind in _PRODUCT_TYPES:
        product = _json_product(lowered, kind, place)
        product.aside = aside
        found.append(product)
    for key, each in lowered.items():
        if isinstance(each, dict | list) and (kind not in _PRODUCT_TYPES or key in _OTHERS):
            beside = aside or key in _OTHERS - {"hasvariant", "isvariantof", "offers"} or kind == "itemlist"
            if key == "hasvariant" or (key == "offers" and kind in _PRODUCT_TYPES):
                continue
            _walk(each, f"{place}.{key}", found, budget, depth=depth + 1, aside=beside)


def type_of(lowered: dict[str, Any]) -> str:
    """Return the type of a JSON-LD object in lower case, without its vocabulary; a product's before others."""
    named = lowered.get("@type", "")
    types = [str(each).rstrip("/").rpartition("/")[2].rpartition(":")[2].lower() for each in _listed(named)]
    return next((each for each in types if each in _PRODUCT_TYPES), types[0] if types else "")


def _json_product(lowered: dict[str, Any], kind: str, place: str) -> MarkupProduct:
    product = MarkupProduct("json-ld", place, kind=kind)
    product.names = _texts(lowered, "name")
    for key in _GTIN_KEYS:
        product.gtins += _texts(lowered, key)
    product.mpns = _texts(lowered, "mpn")
    product.skus = _texts(lowered, "sku")
    for identifier in _texts(lowered, "productid"):
        scheme, colon, rest = identifier.partition(":")
        wanted = product.gtins if colon and scheme.lower() in {*_GTIN_KEYS, "isbn"} else product.ids
        wanted.append(rest if colon and rest else identifier)
    product.brands, product.makers = _texts(lowered, "brand"), _texts(lowered, "manufacturer")
    product.images, product.descriptions = _texts(lowered, "image"), _texts(lowered, "description")
    product.categories = _texts(lowered, "category")
    product.urls = [*_texts(lowered, "url"), *_texts(lowered, "@id"), *_texts(lowered, "mainentityofpage")]
    product.offers = [offer for each in _listed(lowered.get("offers")) for offer in _json_offers(each)][:_MOST_PRODUCTS]
    for each in _listed(lowered.get("additionalproperty"))[:_MOST_PRODUCTS]:
        product.attributes += _json_property(each)
    variants = [each for each in _listed(lowered.get("hasvariant")) if isinstance(each, dict)][:_MOST_PRODUCTS]
    for number, each in enumerate(variants):
        inner = {str(key).lower(): value for key, value in each.items()}
        product.variants.append(_json_product(inner, "product", f"{place}.hasVariant[{number}]"))
    return product


def _json_offers(value: Any) -> Iterator[Offer]:
    if not isinstance(value, dict):
        return
    lowered = {str(key).lower(): each for key, each in value.items()}
    nested = [offer for each in _listed(lowered.get("offers")) for offer in _json_offers(each)]
    yield from nested
    offer = Offer(
        _first(lowered, "price") or _first(lowered, "lowprice"),
        _first(lowered, "pricecurrency"),
        _first(lowered, "availability"),
        _first(lowered, "sku"),
        next((text for key in _GTIN_KEYS for text in _texts(lowered, key)), ""),
        _first(lowered, "url"),
        is_range="lowprice" in lowered and not lowered.get("price"),
    )
    for each in _listed(lowered.get("pricespecification")):
        if isinstance(each, dict):
            inner = {str(key).lower(): item for key, item in each.items()}
            if not any(
                word in str(inner).lower() for word in ("listprice", "srp", "strikethrough", "referencequantity")
            ):
                offer.price = offer.price or _first(inner, "price")
                offer.currency = offer.currency or _first(inner, "pricecurrency")
    if (offer.price or offer.availability or offer.sku or offer.gtin) and not (nested and not offer.price):
        yield offer


def _json_property(value: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(value, dict):
        return
    lowered = {str(key).lower(): each for key, each in value.items()}
    name, unit = _first(lowered, "name"), _first(lowered, "unittext") or _first(lowered, "unitcode")
    for text in _texts(lowered, "value"):
        if name:
            yield name, text, unit


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(lowered: dict[str, Any], key: str) -> list[str]:
    """Return the texts of a property: of a thing its name, else what it is known by."""
    found = []
    for each in _listed(lowered.get(key))[:50]:
        value = each
        if isinstance(value, dict):
            inner = {str(name).lower(): item for name, item in value.items()}
            value = next(
                (inner[name] for name in ("name", "@value", "value", "url", "contenturl", "@id") if inner.get(name)),
                None,
            )
            value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        if text := " ".join(plain_text(str(value)).split())[:_LONGEST]:
            found.append(text if text.isascii() else text.encode("utf-8", "replace").decode())  # halves of letters
    return found


def _first(lowered: dict[str, Any], key: str) -> str:
    return next(iter(_texts(lowered, key)), "")


def plain_text(text: str) -> str:
    """Return a text of markup without entities and tags that somebody escaped twice."""
    text = html.unescape(text) if "&" in text else text
    return _TAG.sub(" ", text) if "<" in text else text


_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")


# --- microdata and RDFa Lite --------------------------------------------------------------------


def microdata_products(page: Page) -> list[MarkupProduct]:
    """Return the products of the page's microdata and RDFa Lite, with what `itemref` hangs in."""
    items: dict[int, tuple[str, MarkupProduct | Offer | dict[str, str]]] = {}
    products: list[MarkupProduct] = []
    referred = _referred(page)
    for node in page.marked:
        attributes = page.attributes[node]
        scoped = "itemscope" in attributes or "typeof" in attributes
        kind = attributes.get("itemtype") or attributes.get("typeof") or ""
        names = (attributes.get("itemprop") or attributes.get("property") or "").lower()
        if page.tags[node] == "meta" and names.startswith(("og:", "fb:", "product:", "twitter:")):
            continue
        outer = referred.get(node, -1) if node in referred else _owner(page, node, items, referred)
        if scoped:
            _begin(page, node, kind, outer, names, items, products)
        elif outer >= 0:
            value = _value(page, node)
            for name in names.split():
                _put(items[outer][1], name.rpartition(":")[2].rpartition("/")[2], value)
    return products


def _referred(page: Page) -> dict[int, int]:
    """Return node → the item whose `itemref` names the node's id."""
    wanted: dict[str, int] = {}
    for node in page.marked:
        for name in page.attributes[node].get("itemref", "").split()[:50]:
            wanted[name] = node
    if not wanted:
        return {}
    return {
        node: wanted[attributes["id"]]
        for node, attributes in enumerate(page.attributes)
        if attributes.get("id") in wanted
    }


def _owner(page: Page, node: int, items: dict[int, Any], referred: dict[int, int]) -> int:
    parents = page.parents
    node = parents[node]
    while node >= 0:
        if node in items:
            return node
        if node in referred and referred[node] in items:
            return referred[node]
        node = parents[node]
    return -1


def _begin(
    page: Page, node: int, kind: str, outer: int, names: str, items: dict[int, Any], products: list[MarkupProduct]
) -> None:
    """Begin an item: a product, an offer or brand of one, or something else."""
    short = kind.split()[0].rstrip("/").rpartition("/")[2].rpartition(":")[2].lower() if kind.split() else ""
    inside = items.get(outer, ("", None))[1]
    made: Any
    if short in _PRODUCT_TYPES:
        aside = bool(page.zones[node] & (ASIDE | DEAD)) or any(name in _OTHERS for name in names.split())
        made = MarkupProduct("microdata", page.selector(node), aside, node, short)
        products.append(made)
    elif short in {"offer", "aggregateoffer"} or "offers" in names.split():
        made = Offer(is_range=short == "aggregateoffer")
        if isinstance(inside, MarkupProduct):
            inside.offers.append(made)
        elif isinstance(inside, Offer):
            made = inside
    elif short == "propertyvalue" and isinstance(inside, MarkupProduct):
        made = {"": "property"}
        items[node] = (short, _Property(inside))
        return
    elif isinstance(inside, MarkupProduct) and names:
        made = _Named(inside, names)
    elif isinstance(inside, Offer) and short in {"unitpricespecification", "pricespecification"}:
        made = inside if not inside.price else {}
    else:
        made = {}
    items[node] = (short, made)


class _Named:
    """A thing within a product of which only the name counts: a brand, a maker, a category."""

    def __init__(self, product: MarkupProduct, names: str) -> None:
        self.product, self.names = product, names

    def put(self, name: str, value: str) -> None:
        if name in {"name", "legalname"} or (name == "logo" and not value.startswith(("http", "/"))):
            for each in self.names.split():
                _put(self.product, each.rpartition(":")[2].rpartition("/")[2], value)


class _Property:
    """An additional property of a product: its name, then its value."""

    def __init__(self, product: MarkupProduct) -> None:
        self.product, self.name, self.value, self.unit = product, "", "", ""

    def put(self, name: str, value: str) -> None:
        if name == "name":
            self.name = value
        elif name == "value":
            self.value = value
        elif name in {"unittext", "unitcode"}:
            self.unit = value
        if self.name and self.value and name in {"name", "value"}:
            self.product.attributes.append((self.name, self.value, self.unit))


_PRODUCT_LISTS: dict[str, Callable[[MarkupProduct], list[str]]] = {
    "name": lambda product: product.names, "mpn": lambda product: product.mpns, "sku": lambda product: product.skus,
    "brand": lambda product: product.brands, "manufacturer": lambda product: product.makers,
    "image": lambda product: product.images, "description": lambda product: product.descriptions,
    "category": lambda product: product.categories, "url": lambda product: product.urls,
    **{key: (lambda product: product.gtins) for key in _GTIN_KEYS},
}  # fmt: skip


def _put(made: Any, name: str, value: str) -> None:
    """Put one property into what it belongs to; an offer's properties on the product itself make an offer."""
    if isinstance(made, _Named | _Property):
        made.put(name, value)
    elif not value:
        return
    elif isinstance(made, MarkupProduct):
        if name in _PRODUCT_LISTS:
            _PRODUCT_LISTS[name](made).append(value)
        elif name == "productid":
            scheme, colon, rest = value.partition(":")
            if colon and scheme.strip().lower() in {*_GTIN_KEYS, "mpn", "sku"}:
                _PRODUCT_LISTS[scheme.strip().lower()](made).append(rest.strip())
            else:
                made.ids.append(value)
        elif name in {"price", "lowprice", "pricecurrency", "availability"}:
            if not made.offers:
                made.offers.append(Offer())
            _put(made.offers[-1], name, value)
    elif isinstance(made, Offer):
        if name in {"price", "lowprice"}:
            made.price = made.price or value
        elif name == "pricecurrency":
            made.currency = made.currency or value
        elif name == "availability":
            made.availability = made.availability or value
        elif name == "sku":
            made.sku = made.sku or value
        elif name in _GTIN_KEYS:
            made.gtin = made.gtin or value


def _value(page: Page, node: int) -> str:
    """Return the value of a property's element (HTML Living Standard, microdata 5.2.4; `content` wins anywhere)."""
    attributes, tag = page.attributes[node], page.tags[node]
    if "content" in attributes:
        return " ".join(attributes["content"].split())[:_LONGEST]
    if tag in {"a", "link", "area"} and attributes.get("href"):
        name = (attributes.get("itemprop") or "").lower()
        text = "" if tag == "link" or name in {"url", "image", "availability"} else page.text(node, without=DEAD)
        return text[:_LONGEST] or attributes["href"].strip()
    if tag in {"img", "source", "embed", "video", "audio"}:
        name = (attributes.get("itemprop") or "").lower()
        return (
            attributes.get("alt", "") if name in {"brand", "manufacturer", "name"} else attributes.get("src", "")
        ).strip()
    if tag in {"data", "meter"} and "value" in attributes:
        return attributes["value"].strip()
    return page.text(node, without=DEAD)[:_LONGEST]


# --- Open Graph ---------------------------------------------------------------------------------

_GRAPH = {
    "og:title": "name", "twitter:title": "name", "product:brand": "brand", "og:brand": "brand", "product:retailer_item_id": "sku",
    "product:retailer_part_no": "sku", "product:mfr_part_no": "mpn", "product:ean": "gtin", "og:ean": "gtin", "product:upc": "gtin",
    "og:upc": "gtin", "product:isbn": "gtin", "product:gtin": "gtin", "product:price:amount": "price", "og:price:amount": "price",
    "product:sale_price:amount": "sale", "product:price:currency": "pricecurrency", "og:price:currency": "pricecurrency",
    "product:sale_price:currency": "pricecurrency", "product:availability": "availability", "og:availability": "availability",
    "og:image": "image", "og:description": "description", "og:url": "url", "product:category": "category", "product:sku": "sku",
}  # fmt: skip


def open_graph(page: Page) -> MarkupProduct | None:
    """Return the product of the page's Open Graph and Twitter tags; None where there are none."""
    product, sale = MarkupProduct("opengraph", "meta[property]"), ""
    for node in page.nodes("meta"):
        attributes = page.attributes[node]
        name = _GRAPH.get((attributes.get("property") or attributes.get("name") or "").strip().lower())
        value = " ".join(plain_text(attributes.get("content", "")).split())[:_LONGEST]
        if not name or not value:
            continue
        if name == "gtin":
            product.gtins.append(value)
        elif name == "sale":
            sale = value
        else:
            _put(product, name, value)
    if sale and product.offers:
        product.offers[0].price = sale
    return None if product.is_empty() else product
