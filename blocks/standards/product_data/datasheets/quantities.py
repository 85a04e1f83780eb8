"""Quantities as data sheets print them: a number or a range, and its unit."""

import re
from functools import lru_cache
from typing import NamedTuple

from blocks.standards.product_data.datasheets.units import UNIT, symbol_of

_DIGITS = r"\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?![\d.])|\d+(?:[.,]\d+)*"
NUMBER = (
    rf"(?:(?:[<>≤≥≈~±]|\+/-|\+-)\s?)?(?:(?<![\w.])[-+\u2212\u2013])?(?:{_DIGITS})"
    r"(?:\s?[x\u00d7]?\s?10\^?[-\u2212]?\d{1,2})?"
)
_TO = r"\s*(?:-|\u2010|\u2011|\u2012|\u2013|\u2014|\u2026|\.\.\.?|~|÷|\bto\b|\bbis\b|\bà\b|\btot\b)\s*"
_NOTE = r"(?:\s?\(\s?[-+\u2212]?[\d.,]+\s?°?[A-Za-z°\"]{0,4}\s?\))?"
_QUANTITY = re.compile(
    rf"(?<![\w.])(?<!\w[-\u2013])(?!802\.11)(?P<low>{NUMBER})(?:[\s-]?(?P<first>{UNIT})(?![\w²³])(?!\s?x\s))?{_NOTE}"
    rf"(?:{_TO}(?P<high>[-+\u2212±]?\s?(?:{_DIGITS}))|\s?/\s?(?P<other>(?:{_DIGITS})))?"
    rf"(?:[\s-]{{0,2}}(?P<unit>{UNIT})(?![\w²³]))?"
)
_DASHES = "-\u2013\u2014…~÷"
_LOOSE_SIGN = re.compile(r"^([-\u2212\u2013+])\s(?=\d)")
_DIMENSIONS = re.compile(
    rf"(?<![\w.])(?P<all>(?P<a>\d+(?:[.,]\d+)?)\s?(?P<u1>{UNIT})?\s?[x\u00d7*]\s?(?P<b>\d+(?:[.,]\d+)?)\s?(?P<u2>{UNIT})?"
    rf"(?:\s?[x\u00d7*]\s?(?P<c>\d+(?:[.,]\d+)?))?)\s?(?P<unit>{UNIT})?(?!\w)"
)
_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12", "sixteen": "16", "single": "1", "dual": "2", "ein": "1", "zwei": "2", "drei": "3",
    "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "zehn": "10", "zwölf": "12",
}  # fmt: skip
NOTHING = re.compile(
    r"(?:[-\u2010-\u2015.*/x?\s]{0,5}|x{2,4}|tb[acd]|n\.?\s?/?\s?a\.?|none given|k\.?\s?a\.?|nil)", re.IGNORECASE
)
"""Place holders: nothing is said yet."""


class Quantity(NamedTuple):
    """A value as printed with its unit, '' for none; where it begins and ends in its text."""

    value: str
    unit: str
    start: int
    end: int

    @property
    def is_range(self) -> bool:
        """Tell whether it goes from one number to another."""
        return bool(re.search(r"\d\s*(?:[-\u2010-\u2015\u2026~÷]|\.\.|to|bis|and|und)", self.value))


@lru_cache(maxsize=8192)
def quantities_in(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text that have a unit, in order."""
    if not any(map(str.isdigit, text)):
        return ()
    found = []
    place = 0
    while each := _QUANTITY.search(text, place, 500):
        place = each.end()
        unit = each["unit"] or each["first"] or ""
        if unit:
            found.append(_quantity(each, unit))
            place = found[-1].end
    return tuple(found)


def quantity_of(text: str) -> Quantity | None:
    """Return a text that is nothing but a quantity or a bare number or range, else None."""
    stripped = _LOOSE_SIGN.sub(r"\1", text.strip())
    found = _QUANTITY.fullmatch(stripped.rstrip(" *"))
    if not found:
        return None
    return _quantity(found, found["unit"] or found["first"] or "")


def _quantity(found: re.Match[str], unit: str) -> Quantity:
    low, high, other = (found[name].strip() if found[name] else "" for name in ("low", "high", "other"))
    first, last = found["first"], found["unit"]
    if first and (high or other) and first != last and not _same_kind(first, last, between=bool(high)):
        return Quantity(low, symbol_of(first), found.start(), found.end("first"))  # '3.3 V/700 mA', '5 V - 3 pieces'
    if first and last and first != last and high:
        return Quantity(found.string[found.start() : found.start("unit")].strip(), symbol_of(last), *found.span())
    joined = f"{low}/{other}" if other else _range(found, low, high) if high else low
    return Quantity(joined, symbol_of(unit), *found.span())


def _same_kind(first: str, last: str | None, *, between: bool) -> bool:
    """Tell whether two units differ in their prefix only, as those of '0.1 Hz … 10 kHz'."""
    return between and last is not None and first[-1] == last[-1]


def _range(found: re.Match[str], low: str, high: str) -> str:
    """Return a range as printed, without the units and notes within it."""
    between = found.string[found.end("low") : found.start("high")]
    if found["first"]:
        between = between.replace(found["first"], "", 1)
    between = re.sub(r"\([^)]*\)", "", between)
    sign = between.strip()
    return f"{low}{sign}{high}" if sign in _DASHES else f"{low} {sign} {high}"


class Dimensions(NamedTuple):
    """Two or three lengths printed as '37.5 x 23.4 x 3.1 mm'."""

    sizes: tuple[str, ...]
    unit: str
    printed: str
    end: int


def dimensions_in(text: str, stated: str = "") -> Dimensions | None:
    """Return the first dimensions of a text; ``stated`` is the unit its name gives them."""
    found = _DIMENSIONS.search(text[:300])
    if not found:
        return None
    own = found["unit"] or found["u2"] or found["u1"] or ""
    unit = own or stated
    sizes = tuple(each for each in (found["a"], found["b"], found["c"]) if each)
    if len(sizes) < 3 and not unit:  # noqa: PLR2004 - '2x 4' may count anything
        return None
    return Dimensions(sizes, symbol_of(unit), found["all"].removesuffix(own).strip(), found.end())


def counted(word: str) -> str:
    """Return the digits of a number written as a word or in digits, '' where it is none."""
    return word if word.isdecimal() and word.isascii() else _WORDS.get(word.casefold(), "")
