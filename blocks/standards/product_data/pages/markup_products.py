"""A product as a page's markup gives it, in whatever syntax; all as written."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PRODUCT_TYPES = frozenset({
    "product", "productmodel", "individualproduct", "someproducts", "productgroup", "book", "vehicle", "car",
    "motorcycle",
    "softwareapplication", "videogame", "movie", "musicalbum", "drug",
})  # fmt: skip
GTIN_KEYS = ("gtin13", "gtin", "gtin14", "gtin12", "gtin8", "ean", "ean13", "upc", "isbn", "barcode")
OTHERS = frozenset({
    "isrelatedto", "issimilarto", "isaccessoryorsparepartfor", "isconsumablefor", "itemlistelement", "review",
    "reviews",
    "aggregaterating", "hasvariant", "offers", "brand", "manufacturer", "isvariantof", "recommendation",
    "predecessorof",
})  # fmt: skip
MOST_PRODUCTS = 400
LONGEST = 1_000
"""Characters of a value that are kept."""


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


class Named:
    """A thing within a product of which only the name counts: a brand, a maker, a category."""

    def __init__(self, product: MarkupProduct, names: str) -> None:
        """Begin with the product and the properties it is the value of."""
        self.product, self.names = product, names

    def put(self, name: str, value: str) -> None:
        """Take one property of the thing."""
        if name in {"name", "legalname"} or (name == "logo" and not value.startswith(("http", "/"))):
            for each in self.names.split():
                put(self.product, each.rpartition(":")[2].rpartition("/")[2], value)


class Property:
    """An additional property of a product: its name, then its value."""

    def __init__(self, product: MarkupProduct) -> None:
        """Begin with nothing known."""
        self.product, self.name, self.value, self.unit = product, "", "", ""

    def put(self, name: str, value: str) -> None:
        """Take one property of the thing."""
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
    **{key: (lambda product: product.gtins) for key in GTIN_KEYS},
}  # fmt: skip


def put(made: Any, name: str, value: str) -> None:
    """Put one property into what it belongs to; an offer's properties on the product itself make an offer."""
    if isinstance(made, Named | Property):
        made.put(name, value)
    elif value and isinstance(made, MarkupProduct):
        _put_into_product(made, name, value)
    elif value and isinstance(made, Offer):
        wanted = "gtin" if name in GTIN_KEYS else _OFFER_FIELDS.get(name, "")
        if wanted and not getattr(made, wanted):
            setattr(made, wanted, value)


_OFFER_FIELDS = {
    "price": "price", "lowprice": "price", "pricecurrency": "currency", "availability": "availability", "sku": "sku",
}  # fmt: skip


def _put_into_product(product: MarkupProduct, name: str, value: str) -> None:
    if name in _PRODUCT_LISTS:
        _PRODUCT_LISTS[name](product).append(value)
    elif name == "productid":
        scheme, colon, rest = value.partition(":")
        known = scheme.strip().lower()
        if colon and known in {*GTIN_KEYS, "mpn", "sku"}:
            _PRODUCT_LISTS[known](product).append(rest.strip())
        else:
            product.ids.append(value)
    elif name in _OFFER_FIELDS:
        if not product.offers:
            product.offers.append(Offer())
        put(product.offers[-1], name, value)


def plain_text(text: str) -> str:
    """Return a text of markup without entities and tags that somebody escaped twice."""
    text = html.unescape(text) if "&" in text else text
    return _TAG.sub(" ", text) if "<" in text else text


_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
