"""What a source says of an article: its product data as claims on the features of the article's schema. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from blocks.documents.claims import LONGEST_VALUE, UNMAPPED, Claim, Origin
from blocks.documents.product_content import MEDIUM
from blocks.documents.product_data import ProductAttribute, ProductData, SourceKind, Spot, full_address
from blocks.documents.product_schemas import Feature, Schema, word_key
from tasks.manufacturer_enrichment.normalising import (
    Manner,
    Meaning,
    dimensions,
    meaning,
    name_and_unit,
    printed,
    says_nothing,
)
from tasks.manufacturer_enrichment.numbers import evidence

VERSION = "3"
"""Of reading: bytes that an older one has read are read anew."""
MOST_ATTRIBUTES, MOST_TEXTS, MOST_MEDIA = 500, 20, 50
SURE = {
    SourceKind.API: Decimal("0.95"), SourceKind.BMECAT: Decimal("0.95"), SourceKind.PRICE_LIST: Decimal("0.9"),
    SourceKind.PAGE: Decimal("0.9"), SourceKind.DATASHEET: Decimal("0.9"),
}  # fmt: skip
_TEXTS = {
    "short": "short_description", "long": "full_description", "description": "full_description", "name": "name",
    "full": "full_description", "short_description": "short_description", "full_description": "full_description",
}  # fmt: skip
_FIELDS = (("name", "name"), ("gtin", "gtin"), ("mpn", "mpn"), ("brand", "manufacturer"))
_BY_MARKUP = frozenset({"json-ld", "microdata", "opengraph", "og"})


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing a source says, before it is understood."""

    name: str
    value: str
    unit: str = ""
    language: str = ""
    spot: Spot | None = None
    sure: Decimal = Decimal(1)


def manner_of(products: Iterable[ProductData], language: str) -> Manner:
    """Return how a file is written, by the values of its products."""
    texts = (
        text
        for product in products
        for each in product.attributes
        for text in (each.value, each.minimum, each.typical, each.maximum)
        if text
    )
    return Manner(evidence(texts).mark, language)


def claims(product: ProductData, origin: Origin, schema: Schema, manner: Manner, sku: str) -> list[Claim]:
    """Return what a product's data claims of an article; what the schema does not know keeps its printed name."""
    base = SURE.get(origin.kind, Decimal("0.85")) if origin.kind else Decimal("0.85")
    found: dict[tuple[str, str, str], Claim] = {}
    for said in _all_said(product, origin, schema):
        claim = _claim(said, _meant(said, schema.features.get(said.name), manner), base, origin, sku)
        found.setdefault((claim.attribute, claim.language, claim.claim_hash()), claim)
    return list(found.values())


def _all_said(product: ProductData, origin: Origin, schema: Schema) -> Iterator[_Said]:
    for name, feature in _FIELDS:
        value = getattr(product, name)
        if value:
            spot = product.spots.get(name)
            yield _Said(feature, value, language=origin.language if name == "name" else "", spot=spot)
    for text in product.texts[:MOST_TEXTS]:
        if text.kind in _TEXTS and text.text:
            yield _Said(_TEXTS[text.kind], text.text, language=text.language or origin.language)
    for medium in product.media[:MOST_MEDIA]:
        yield _Said(f"{MEDIUM}{medium.purpose or 'normal'}", full_address(origin.address, medium.address))
    for attribute in product.attributes[:MOST_ATTRIBUTES]:
        yield from _attribute(attribute, schema, origin)


def _attribute(attribute: ProductAttribute, schema: Schema, origin: Origin) -> Iterator[_Said]:
    value = printed(attribute)
    bare, unit = name_and_unit(attribute.name)
    sure = Decimal("0.95") if attribute.source in _BY_MARKUP else Decimal(1)
    name = schema.by_word.get(word_key(attribute.name)) or schema.by_word.get(word_key(bare))
    if name is None and "height" in schema.features:
        lengths = dimensions(attribute.name, value)
        for each, said in lengths.items():
            yield _Said(each, said, unit, spot=attribute.spot, sure=sure)
        if lengths:
            return
    feature = schema.features.get(name or "")
    language = origin.language if feature is not None and feature.translated else ""
    yield _Said(name or f"{UNMAPPED}{bare[:200]}", value, unit, language, attribute.spot, sure)


def _claim(said: _Said, meant: Meaning, base: Decimal, origin: Origin, sku: str) -> Claim:
    return Claim(
        article=sku, attribute=said.name[:300], language=said.language, value=said.value[:LONGEST_VALUE],
        normalised=meant.value, unit=meant.unit, confidence=round(base * said.sure * meant.confidence, 3),
        doubt=meant.doubt, origin=origin, spot=said.spot,
    )  # fmt: skip


def _meant(said: _Said, feature: Feature | None, manner: Manner) -> Meaning:
    if feature is not None:
        return meaning(said.name, feature, said.value, manner, unit_said=said.unit)
    if said.name.startswith(MEDIUM):
        return Meaning(said.value)
    if says_nothing(said.value):
        return Meaning(doubt="The source says nothing here.")
    return Meaning(doubt="No schema knows this attribute.")


def unmapped(found: Sequence[Claim]) -> list[str]:
    """Return the printed names that no schema knows."""
    return sorted({claim.attribute.removeprefix(UNMAPPED) for claim in found if not claim.is_mapped})
