"""The features of an article: names, values, units and classes of any classification system, lists, variants and trees.

A feature is named by FNAME or, in 2005+onto, by the template it refers to; its value is FVALUE, a list of them, the
values of its VARIANTS, the clear text of a value list (FVALUE_DETAILS) or, at the least, that list's code. Nodes of a
feature tree that only group others are left out.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from blocks.standards.product_data.bmecat_elements import (
    below,
    children,
    language_of,
    local,
    parts_of,
    text_of,
)

BETWEEN = "; "
"""Stands between the values of a feature that has several."""
_CODE = re.compile(r"E[VF][0-9]{6}|[0-9]{4}-[0-9A-Z]{1,12}#[0-9]{2}-\S+")
"""Codes of value lists: ETIM, and IRDI (ISO 29002-5) as ECLASS writes them."""
_NUMBER = re.compile(r"[-+]?[0-9.,]+")
_BLOCKS = ("ARTICLE_FEATURES", "PRODUCT_FEATURES")
_FEATURE = frozenset({"FEATURE"})


class Feature(NamedTuple):
    """A feature with its value; ``place`` is where it stands within its article, ``source`` which element gave it."""

    name: str
    value: str
    unit: str
    source: str
    place: str


def attributes_of(article: Any, language: str) -> Iterator[Feature]:
    """Yield the features of an article in its order; one for each language where a value is given in several."""
    for number, block in enumerate(children(article, *_BLOCKS), 1):
        name = local(block)
        for place, feature in enumerate(below(block, _FEATURE), 1):
            yield from _values(parts_of(feature), f"{name}[{number}]/FEATURE[{place}]", language)


def classes_of(article: Any) -> Iterator[str]:
    """Yield the classes an article is filed under, such as ``ETIM-8.0 EC000123``."""
    for block in children(article, *_BLOCKS):
        parts = {local(each): text_of(each) for each in reversed(block) if not len(each)}
        named = parts.get("REFERENCE_FEATURE_GROUP_ID") or parts.get("REFERENCE_FEATURE_GROUP_NAME")
        if named:
            yield f"{parts.get('REFERENCE_FEATURE_SYSTEM_NAME', '')} {named}".strip()


Parts = dict[str, list[Any]]


def _values(feature: Parts, place: str, language: str) -> Iterator[Feature]:
    name, unit = _name(feature), _first(feature, "FUNIT", "FT_UNIT", "FT_UNIT_IDREF")
    details = _first(feature, "FVALUE_DETAILS")
    texts = _texts(feature, language)
    if not name:
        return
    if not texts:
        code = _first(feature, "VALUE_IDREF")
        if details and details != name:
            yield Feature(name, details, unit, "FVALUE_DETAILS", place)
        elif code and not details:
            yield Feature(name, code, unit, "VALUE_IDREF", place)
        return
    if details and all(_CODE.fullmatch(text) for said in texts.values() for text in said):
        yield Feature(name, details, unit, "FVALUE_DETAILS", place)
        return
    for said, values in texts.items():
        source = "FVALUE" if len(texts) == 1 or not said else f"FVALUE {said}"
        yield Feature(name, BETWEEN.join(_distinct(values)), unit, source, place)


def _texts(feature: Parts, language: str) -> dict[str, list[str]]:
    """Return the values by language: those of the feature itself and those of its variants."""
    found: dict[str, list[str]] = {}
    values = list(feature.get("FVALUE", ()))
    for variants in feature.get("VARIANTS", ()):
        values += [value for variant in children(variants, "VARIANT") for value in children(variant, "FVALUE")]
    for value in values:
        if text := text_of(value):
            said = language_of(value, "" if value.get("lang") is None else language)
            found.setdefault(said, []).append(text)
    return found


def _distinct(values: list[str]) -> list[str]:
    """Return values without repeated words; numbers may be coordinates, where each counts."""
    if len(values) == 1 or all(_NUMBER.fullmatch(value) for value in values):
        return values
    return list(dict.fromkeys(values))


def _name(feature: Parts) -> str:
    plain = _first(feature, "FNAME")
    if plain:
        return plain
    for template in feature.get("FTEMPLATE", ()):
        if named := _first(parts_of(template), "FT_NAME", "FT_ID"):
            return named
    return _first(feature, "FT_IDREF", "FT_NAME")


def _first(parts: Parts, *names: str) -> str:
    """Return the first text of the first of some names that has one."""
    for name in names:
        for element in parts.get(name, ()):
            if text := text_of(element):
                return text
    return ""
