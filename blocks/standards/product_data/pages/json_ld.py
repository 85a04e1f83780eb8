"""Products in JSON-LD, wherever they are nested."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from blocks.standards.product_data.pages.markup_products import (
    GTIN_KEYS,
    LONGEST,
    MOST_PRODUCTS,
    OTHERS,
    PRODUCT_TYPES,
    MarkupProduct,
    Offer,
    plain_text,
)

_MOST_VALUES = 20_000
_DEEPEST = 40
_MOST_THINGS = 2_000
_REFERENCE = frozenset({"@id", "@type"})
"""What has nothing else says nothing of itself: it refers to what stands elsewhere."""
_DEEPEST_OFFER = 4


Things = dict[str, dict[str, Any]]
"""Name (``@id``) → the thing that a page's blocks say most of under it."""


class _Budget:
    """How many values of one block may still be looked at, and what is named in any of the page's blocks."""

    def __init__(self, things: Things) -> None:
        self.left, self.things = _MOST_VALUES, things


def things_in(value: Any, things: Things, *, depth: int = 0) -> None:
    """Note the things that a JSON-LD value describes under a name, so that others may refer to them by it."""
    if depth > _DEEPEST or len(things) > _MOST_THINGS:
        return
    for each in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        if isinstance(each, dict | list):
            things_in(each, things, depth=depth + 1)
    name = value.get("@id") if isinstance(value, dict) else None
    if isinstance(name, str) and len(value) > max(len(_REFERENCE), len(things.get(name, ()))):
        things[name] = value


def json_products(value: Any, place: str, things: Things | None = None) -> list[MarkupProduct]:
    """Return the products in a JSON-LD value, wherever they are nested; ``things`` are what it may refer to."""
    found: list[MarkupProduct] = []
    _walk(value, place, found, _Budget(things or {}), depth=0, aside=False)
    return found


def _followed(lowered: dict[str, Any], things: Things) -> dict[str, Any]:
    """Return a thing with what its properties refer to in their place: ``{"@id": "#brand"}`` is the brand."""
    if not things:
        return lowered
    return {key: [_meant(each, things) for each in value] if isinstance(value, list) else _meant(value, things)
            for key, value in lowered.items()}  # fmt: skip


def _meant(value: Any, things: Things) -> Any:
    if isinstance(value, dict) and value.keys() <= _REFERENCE and isinstance(value.get("@id"), str):
        return things.get(value["@id"], value)
    return value


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
    if kind in PRODUCT_TYPES:
        product = _json_product(lowered, kind, place, budget.things)
        product.aside = aside
        found.append(product)
    for key, each in lowered.items():
        if isinstance(each, dict | list) and (kind not in PRODUCT_TYPES or key in OTHERS):
            beside = aside or key in OTHERS - {"hasvariant", "isvariantof", "offers"} or kind == "itemlist"
            if key == "hasvariant" or (key == "offers" and kind in PRODUCT_TYPES):
                continue
            _walk(each, f"{place}.{key}", found, budget, depth=depth + 1, aside=beside)


def type_of(lowered: dict[str, Any]) -> str:
    """Return the type of a JSON-LD object in lower case, without its vocabulary; a product's before others."""
    named = lowered.get("@type", "")
    types = [str(each).rstrip("/").rpartition("/")[2].rpartition(":")[2].lower() for each in _listed(named)]
    return next((each for each in types if each in PRODUCT_TYPES), types[0] if types else "")


def _json_product(lowered: dict[str, Any], kind: str, place: str, things: Things) -> MarkupProduct:
    lowered = _followed(lowered, things)
    product = MarkupProduct("json-ld", place, kind=kind)
    product.names = _texts(lowered, "name")
    for key in GTIN_KEYS:
        product.gtins += _texts(lowered, key)
    product.mpns = _texts(lowered, "mpn")
    product.skus = _texts(lowered, "sku")
    for identifier in _texts(lowered, "productid"):
        scheme, colon, rest = identifier.partition(":")
        wanted = product.gtins if colon and scheme.lower() in {*GTIN_KEYS, "isbn"} else product.ids
        wanted.append(rest if colon and rest else identifier)
    product.brands, product.makers = _texts(lowered, "brand"), _texts(lowered, "manufacturer")
    product.images, product.descriptions = _texts(lowered, "image"), _texts(lowered, "description")
    product.categories = _texts(lowered, "category")
    product.urls = [*_texts(lowered, "url"), *_texts(lowered, "@id"), *_texts(lowered, "mainentityofpage")]
    offers = (offer for each in _listed(lowered.get("offers")) for offer in _json_offers(each, things))
    product.offers = list(islice(offers, MOST_PRODUCTS))
    for each in _listed(lowered.get("additionalproperty"))[:MOST_PRODUCTS]:
        product.attributes += _json_property(each)
    variants = [each for each in _listed(lowered.get("hasvariant")) if isinstance(each, dict)][:MOST_PRODUCTS]
    for number, each in enumerate(variants):
        inner = {str(key).lower(): value for key, value in each.items()}
        inner.pop("hasvariant", None)
        product.variants.append(_json_product(inner, "product", f"{place}.hasVariant[{number}]", things))
    if kind == "productgroup" and len(product.variants) == 1:
        _is_its_variant(product, product.variants[0])
    return product


def _is_its_variant(group: MarkupProduct, only: MarkupProduct) -> None:
    """Have a group that comes in one way alone say what that one says."""
    group.gtins, group.mpns, group.skus = group.gtins or only.gtins, group.mpns or only.mpns, group.skus or only.skus
    group.offers = group.offers or only.offers


def _json_offers(value: Any, things: Things, depth: int = 0) -> Iterator[Offer]:
    if not isinstance(value, dict) or depth > _DEEPEST_OFFER:
        return
    lowered = _followed({str(key).lower(): each for key, each in value.items()}, things)
    nested = [offer for each in _listed(lowered.get("offers"))[:MOST_PRODUCTS]
              for offer in _json_offers(each, things, depth + 1)]  # fmt: skip
    yield from nested
    offer = Offer(
        _first(lowered, "price") or _first(lowered, "lowprice"),
        _first(lowered, "pricecurrency"),
        _first(lowered, "availability"),
        _first(lowered, "sku"),
        next((text for key in GTIN_KEYS for text in _texts(lowered, key)), ""),
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
        if text := " ".join(plain_text(str(value)).split())[:LONGEST]:
            found.append(text if text.isascii() else text.encode("utf-8", "replace").decode())  # halves of letters
    return found


def _first(lowered: dict[str, Any], key: str) -> str:
    return next(iter(_texts(lowered, key)), "")
