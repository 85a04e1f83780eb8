"""Units as data sheets print them, and the symbols of those that are written out."""

import re

from blocks.standards.product_data.datasheets.vocabulary import any_of, vocabulary

_SYMBOLS = {word: symbol for symbol, words in vocabulary()["symbols"].items() for word in words}
_PREFIXED = rf"(?:(?:[pnuµμmkKcdMGT]|Mega|Kilo|kilo|mega|milli|Ki|Mi|Gi)?(?:{any_of('units', 'prefixed')}))"
_SIMPLE = rf"(?:[kmµμ]?(?:V\s?|A\s)(?:AC/DC|AC|DC)|{any_of('units', 'alone')}|{_PREFIXED})"
UNIT = rf"(?:{_SIMPLE}(?:\s?[/·*]\s?(?:\(?{_SIMPLE}\)?|[°√]{_SIMPLE}?)){{0,2}})"
"""A unit, also a quotient or product of several; longest first where one begins like another."""
_WHOLE = re.compile(UNIT)
_IN_BRACKETS = re.compile(rf"[\[(]\s*(?:in\s+)?({UNIT})\s*[\])]|\bin\s+({UNIT})\s*[\])]")
_AFTER_WORD = re.compile(rf"(?:,|/|\bin)\s+({UNIT})$")
_RISKY = frozenset(
    {"a", "d", "s", "in", "k", "M", "h", "m", "g", "l", "L", "T", "H", "F", "S", "N", "J", "K", "b", "B"}
)


def symbol_of(unit: str) -> str:
    """Return a unit as its symbol: 'volts' is V; what is a symbol already stays as printed."""
    plain = " ".join(unit.split())
    return _SYMBOLS.get(plain.casefold(), plain) if plain not in {"S", "H"} else plain


def unit_of(text: str) -> str:
    """Return the unit a text is, nothing but that; '' for anything else."""
    plain = text.strip().strip("[]()").strip()
    return symbol_of(plain) if plain and _WHOLE.fullmatch(plain) else ""


def unit_in_head(text: str) -> str:
    """Return the unit a head or name states in brackets or after a comma: 'Length (mm)', 'Weight, kg'."""
    found = _IN_BRACKETS.search(text)
    if found:
        return symbol_of(found[1] or found[2])
    found = _AFTER_WORD.search(text)
    return symbol_of(found[1]) if found and found[1] not in _RISKY else ""


def without_unit(text: str) -> str:
    """Return a name without the unit it states in brackets."""
    return " ".join(_IN_BRACKETS.sub(" ", text).split())


KIND = {"A": "current", "V": "voltage", "W": "power", "Hz": "frequency"}
"""Last letters of a unit → what is measured in it, to tell two values of one name apart."""


def kind_of(unit: str) -> str:
    """Return what a unit measures, '' where it is not one of those that are often printed together."""
    plain = re.sub(r"(?:AC|DC|ac|dc|rms)$", "", unit)
    return next((kind for sign, kind in KIND.items() if plain.endswith(sign) and len(plain) <= len(sign) + 1), "")
