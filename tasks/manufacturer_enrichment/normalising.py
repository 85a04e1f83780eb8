"""What a printed value means for a feature: a number in its unit, an allowed value, yes or no, or a text. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from blocks.documents.base import plain_decimal
from blocks.documents.product_data import ProductAttribute
from blocks.documents.product_matching import without_legal_form
from blocks.documents.product_schemas import Feature, FeatureKind, word_key
from blocks.standards.product_data.gtins import gtin_of
from tasks.manufacturer_enrichment.numbers import Mark
from tasks.manufacturer_enrichment.plain_texts import plain_text, too_long
from tasks.manufacturer_enrichment.quantities import Quantity, Wanted, quantity
from tasks.manufacturer_enrichment.units import unit_of

YES, NO = "true", "false"
_YES_WORDS = "ja yes true 1 vorhanden wahr oui si inklusive included y j x ✓ ✔ ✅ ☑ available serienmaessig standard +"
_YES = frozenset(_YES_WORDS.split())
_NO_WORDS = "nein no false 0 nichtvorhanden falsch non ohne without none n - \u2013 ✗ ✘ ❌ ☐ notavailable keine kein"
_NO = frozenset(_NO_WORDS.split())
_SAYS_NOTHING = frozenset({
    "", "-", "\u2013", "\u2014", "n/a", "k.a.", "k. a.", "na", "n.a.", "tbd", "tba", "?", "unbekannt", "unknown",
    "keine angabe", "not specified", "null", "none", "nan", "siehe datenblatt", "see data sheet", "auf anfrage",
    "on request",
})  # fmt: skip
_FILLERS_WORDS = (
    "klasse class farbe colour color typ type ca approx glaenzend glossy lackiert painted pulverbeschichtet gebuerstet"
    " brushed eloxiert panel"
)
_FILLERS = frozenset(_FILLERS_WORDS.split())
_WITH_UNIT = re.compile(r"[\(\[]\s*(?:in\s+)?([^()\[\]]{1,15}?)\s*[\)\]]\s*$|,?\s+in\s+(\S{1,10})\s*$", re.IGNORECASE)
_LENGTH_LETTERS = {"l": "length", "t": "length", "d": "length", "b": "width", "w": "width", "h": "height"}
_DIMENSIONS_WORDS = (
    "abmessungen dimensions masse groesse size produktabmessungen measurements productdimensions abmasse itemdimensions"
    " aussenmasse geraeteabmessungen"
)
_DIMENSIONS = frozenset(_DIMENSIONS_WORDS.split())
_BY_LANGUAGE = {"de": Mark.COMMA, "fr": Mark.COMMA, "it": Mark.COMMA, "es": Mark.COMMA, "en": Mark.POINT}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value means; '' where nobody can tell, and the doubt says why. Confidence is a factor up to 1."""

    value: str = ""
    unit: str = ""
    confidence: Decimal = Decimal(1)
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is written: its proven decimal mark and its language."""

    mark: Mark = Mark.UNKNOWN
    language: str = ""


def says_nothing(value: str) -> bool:
    """Return whether a printed value only stands there so that the field is not empty."""
    return " ".join(value.casefold().split()) in _SAYS_NOTHING


def printed(attribute: ProductAttribute) -> str:
    """Return an attribute's value as printed, with its unit; of columns min, typ and max the typical, or a range."""
    value = attribute.value
    if attribute.typical:
        value = attribute.typical
    elif attribute.minimum and attribute.maximum:
        value = f"{attribute.minimum} … {attribute.maximum}"
    elif not value:
        value = attribute.maximum or attribute.minimum
    return (
        f"{value} {attribute.unit}".strip() if attribute.unit and not value.endswith(attribute.unit) else value.strip()
    )


def name_and_unit(name: str) -> tuple[str, str]:
    """Return an attribute's name without the unit that stands in it, e.g. 'Gewicht (kg)', and the unit."""
    found = _WITH_UNIT.search(name)
    if found and unit_of(found[1] or found[2] or ""):
        return name[: found.start()].strip(), found[1] or found[2]
    return name.strip(" :"), ""


def meaning(  # noqa: PLR0911 - one answer for each kind of feature
    name: str, feature: Feature, value: str, manner: Manner, *, unit_said: str = ""
) -> Meaning:
    """Return what a printed value means for a feature.

    Args:
        name: The feature's id.
        feature: Its schema.
        value: As printed, with its unit.
        manner: How the file is written.
        unit_said: The unit that stands in the attribute's name or column.
    """
    if says_nothing(value):
        return Meaning(doubt="The source says nothing here.")
    if name == "gtin":
        found = gtin_of(value)
        return Meaning(found) if found else Meaning(doubt="Its check digit is wrong, or it is no GTIN of one piece.")
    if name == "manufacturer":
        return _text(name, feature, without_legal_form(plain_text(value)))
    if feature.kind is FeatureKind.NUMBER:
        return _number(feature, value, manner, unit_said)
    if feature.kind is FeatureKind.BOOLEAN:
        return _boolean(value)
    if feature.kind is FeatureKind.ENUMERATION:
        return _allowed(feature, value)
    return _text(name, feature, plain_text(value))


def _text(name: str, feature: Feature, text: str) -> Meaning:
    if not text:
        return Meaning(doubt="Nothing a reader could see is left of it.")
    doubt = too_long(feature.field or name, text, own_field=bool(feature.field))
    return Meaning(doubt=doubt) if doubt else Meaning(text)


def _number(feature: Feature, value: str, manner: Manner, unit_said: str) -> Meaning:
    wanted = Wanted(
        unit=feature.unit, unit_said=unit_said, bare_unit=feature.bare_unit, range=feature.range,
        current=feature.current, mark=manner.mark,
    )  # fmt: skip
    found = quantity(value, wanted)
    guess = _BY_LANGUAGE.get(manner.language, Mark.UNKNOWN)
    if isinstance(found, Quantity) and found.confidence <= Decimal("0.5") and not manner.mark and guess:
        again = quantity(value, replace(wanted, mark=guess))
        found = replace(again, confidence=again.confidence * Decimal("0.75")) if isinstance(again, Quantity) else again
    if isinstance(found, str):
        return Meaning(doubt=found)
    text = found.text()
    if feature.field and any(number <= 0 for number in (numbers_of(text) or ((), "", ""))[0]):
        return Meaning(doubt="No weight and no length is nought or less.")
    return Meaning(text, feature.unit, found.confidence, found.doubt)


def _boolean(value: str) -> Meaning:
    word = word_key(value) or value.strip()
    if word in _YES:
        return Meaning(YES)
    if word in _NO:
        return Meaning(NO)
    first = word_key(re.split(r"[,;(]|\s", value.strip(), maxsplit=1)[0])
    if first in _YES - {"x", "1", "standard", "+"}:
        return Meaning(YES, confidence=Decimal("0.9"))
    if first in _NO | {"nicht", "not"}:
        return Meaning(NO, confidence=Decimal("0.9"))
    return Meaning(doubt="It says neither yes nor no.")


def _allowed(feature: Feature, value: str) -> Meaning:
    known = feature.value_by_word
    whole = known.get(word_key(value))
    if whole:
        return Meaning(whole)
    words = [word_key(word) for word in re.split(r"[\s,;/()+|]+", value)]
    named = [
        word
        for word in words
        if word and not word.isdigit() and word not in _FILLERS and word not in map(word_key, feature.names.values())
    ]
    mapped = {known[word] for word in named if word in known}
    phrases = {known[word] for word in (word_key(part) for part in re.split(r"[,;/()|]", value)) if word in known}
    if len(phrases) == 1 and mapped <= phrases:
        return Meaning(phrases.pop(), confidence=Decimal("0.9"))
    if len(mapped) == 1 and all(word in known for word in named):
        return Meaning(mapped.pop(), confidence=Decimal("0.9"))
    if len(mapped) > 1:
        return Meaning(doubt="Several allowed values are named.")
    return Meaning(doubt="It is none of the allowed values.")


def dimensions(name: str, value: str) -> Mapping[str, str]:
    """Return the single lengths of '120 x 80 x 45 mm', by feature, where letters say which is which; else nothing."""
    bare = re.sub(r"[\(\[].*", "", name)
    letters = re.findall(r"(?<![a-zäöü])([lbhtwd])(?![a-zäöü])", name.removeprefix(bare).lower() or name.lower())
    if not letters:
        squeezed = re.search(r"\b([lbhtwd])x([lbhtwd])(?:x([lbhtwd]))?\b", name.lower())
        letters = [letter for letter in squeezed.groups() if letter] if squeezed else []
    if word_key(re.sub(r"\b([lbhtwd]\s?x\s?[lbhtwd](\s?x\s?[lbhtwd])?)\b", "", bare.lower())) not in _DIMENSIONS | {""}:
        return {}
    parts = re.split(r"\s*[x\u00d7*]\s*(?=[\dlbhtwd.,])", value, flags=re.IGNORECASE)
    own = [re.search(r"(?<![a-z])([lbhtwd])(?![a-z])", part.lower()) for part in parts]
    if all(own):
        letters = [found[1] for found in own if found]
    if len(parts) not in {2, 3} or len(parts) != len(letters) or len(set(letters)) != len(letters):
        return {}
    unit = next((unit for unit in map(_unit_within, reversed(parts)) if unit), "")
    found = {}
    for letter, part in zip(letters, parts, strict=True):
        text = re.sub(r"(?<![a-z])[lbhtwd](?![a-z])[:.]?", "", part, flags=re.IGNORECASE).replace("()", "").strip()
        found[_LENGTH_LETTERS[letter]] = text if _unit_within(text) or not unit else f"{text} {unit}"
    return found if len(found) == len(parts) else {}


def _unit_within(text: str) -> str:
    return next(
        (word for word in re.findall(r"[a-zA-Z\"]+", text) if (unit_of(word) and len(word) > 1) or word == '"'), ""
    )


@lru_cache(maxsize=1 << 15)
def numbers_of(text: str) -> tuple[tuple[Decimal, ...], str, str] | None:
    """Return the numbers of a normalised quantity, how they are joined, and its current; None where it is none."""
    plain, _, current = text.partition(" ")
    joined = ".." if ".." in plain else "/" if "/" in plain else ""
    try:
        return tuple(Decimal(part) for part in (plain.split(joined) if joined else [plain])), joined, current
    except InvalidOperation:
        return None


def same(feature_kind: FeatureKind, one: str, other: str, tolerance: Decimal) -> bool:
    """Return whether two normalised values say the same, numbers within a relative tolerance."""
    if one == other:
        return True
    if feature_kind is not FeatureKind.NUMBER:
        return word_key(one) == word_key(other)
    first, second = numbers_of(one), numbers_of(other)
    if first is None or second is None or len(first[0]) != len(second[0]) or first[1] != second[1]:
        return False
    if first[2] and second[2] and first[2] != second[2]:
        return False
    return all(abs(a - b) <= tolerance * max(abs(a), abs(b)) for a, b in zip(first[0], second[0], strict=True))


def shown(feature: Feature, value: str, language: str) -> str:
    """Return a normalised value as a customer reads it, e.g. '1,5 kg' in German."""
    if feature.kind is FeatureKind.NUMBER:
        found = numbers_of(value)
        if found is None:
            return value
        numbers, joined, current = found
        said = [plain_decimal(number) for number in numbers]
        if language == "de":
            said = [text.replace(".", ",") for text in said]
        text = {"..": "\u2013", "/": "/", "": ""}[joined].join(said)
        return " ".join(part for part in (text, feature.unit.replace("*", ""), current) if part)
    if feature.kind is FeatureKind.BOOLEAN:
        words = {"de": ("Ja", "Nein")}.get(language, ("Yes", "No"))
        return words[0] if value == YES else words[1] if value == NO else value
    if feature.kind is FeatureKind.ENUMERATION and language == "de" and feature.values.get(value):
        return feature.values[value][0]
    return value
