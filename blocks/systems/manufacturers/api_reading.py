"""Answers of a described API as product data. Pure: description and payload in, products out."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from blocks.documents.product_data import ProductAttribute, ProductData, ProductMedium, ProductText, Spot
from blocks.systems.manufacturers.api_description import AttributeShape, ItemShape, MediumShape, TextShape
from blocks.systems.manufacturers.json_paths import as_text, text_at, values_at

_FIELDS = ("gtin", "mpn", "sku", "name", "brand", "currency", "availability", "category")
_MOST = 2000
"""Features, texts or media of one product; an answer with more is not about one product."""
_LONGEST_ADDRESS = 2000
_MOST_PRICE = Decimal(10) ** 12
"""No article costs as much; a number such as 1e999999999 would be a gigabyte of digits."""
_LONGEST_SPOT = 500


def to_product(entry: Any, shape: ItemShape, *, brand: str, language: str, place: str = "$") -> ProductData:
    """Translate one entry.

    Args:
        entry: The parsed JSON of one product.
        shape: Where its values stand.
        brand: The connection's manufacturer, for entries that name none.
        language: Of its texts where nothing else says.
        place: Path of the entry in its answer.
    """
    named = {field: text_at(entry, getattr(shape, field)) or None for field in _FIELDS}
    spots = {field: _spot(place, getattr(shape, field)) for field in _FIELDS if named[field]}
    price = _price(text_at(entry, shape.price))
    if price is not None:
        spots["price"] = _spot(place, shape.price)
    return ProductData(
        **{**named, "brand": named["brand"] or brand or None},
        price=price,
        attributes=tuple(_most(each for part in shape.attributes for each in _attributes(entry, part, place))),
        texts=tuple(_most(each for part in shape.texts for each in _texts(entry, part, language))),
        media=tuple(_most(each for part in shape.media for each in _media(entry, part))),
        spots=spots,
    )


def identity(product: ProductData) -> dict[str, str]:
    """Return what tells a product from others, for what is linked from its entry."""
    named = {field: getattr(product, field) for field in ("gtin", "mpn", "sku", "name", "brand")}
    return {field: str(value)[:300] for field, value in named.items() if value}


def documents_of(entry: Any, shape: ItemShape) -> Iterator[str]:
    """Yield the addresses of documents that are to be fetched."""
    for part in shape.media:
        if part.fetched:
            yield from (medium.address for medium in _media(entry, part))


def _most(found: Iterator[Any]) -> Iterator[Any]:
    return (each for _, each in zip(range(_MOST), found, strict=False))


def _spot(place: str, path: str) -> Spot:
    return Spot(selector=f"{place}.{path}"[:_LONGEST_SPOT])


def _price(text: str) -> Decimal | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price < _MOST_PRICE and price == round(price, 9) else None


def _attributes(entry: Any, shape: AttributeShape, place: str) -> Iterator[ProductAttribute]:
    for found in values_at(entry, shape.at):
        if shape.form == "mapping" and isinstance(found, Mapping):
            for name, value in found.items():
                below = isinstance(value, Mapping)
                text = text_at(value, shape.value) if below else as_text(value)
                unit = text_at(value, shape.unit) if below else ""
                if str(name).strip() and text:
                    yield _attribute(str(name), text, unit, f"{place}.{shape.at}.{name}")
        elif shape.form == "list":
            for number, each in enumerate(found if isinstance(found, list) else [found]):
                name, text = text_at(each, shape.name), text_at(each, shape.value)
                if name and text:
                    yield _attribute(name, text, text_at(each, shape.unit), f"{place}.{shape.at}[{number}]")


def _attribute(name: str, value: str, unit: str, where: str) -> ProductAttribute:
    return ProductAttribute(
        name=name.strip(), value=value, unit=unit, source="api", spot=Spot(selector=where[:_LONGEST_SPOT])
    )


def _texts(entry: Any, shape: TextShape, language: str) -> Iterator[ProductText]:
    for found in values_at(entry, shape.at):
        by_language = found if isinstance(found, Mapping) else {shape.language or language: found}
        for code, value in by_language.items():
            if text := as_text(value):
                yield ProductText(kind=shape.kind, text=text, language=str(code)[:2].lower())


def _media(entry: Any, shape: MediumShape) -> Iterator[ProductMedium]:
    for found in values_at(entry, shape.at):
        for each in found if isinstance(found, list) else [found]:
            address = text_at(each, shape.address) if shape.address else as_text(each)
            if address and len(address) <= _LONGEST_ADDRESS:
                yield ProductMedium(address=address, purpose=shape.purpose)
