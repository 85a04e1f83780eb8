"""Reads printed numbers: decimal comma or point by evidence, fractions of an inch, thousands in any dress. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

LONGEST = 40
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2002\u2003"), " ")
_SIGNS = {
    0x2212: "-", 0x2011: "-", 0x2010: "-", 0x2012: "\u2013", 0x2014: "\u2013", 0x2015: "\u2013", 0x2019: "'",
    0x2018: "'", 0x2044: "/", 0xFF0C: ",", 0xFF0E: ".", 0x2033: '"', 0x201D: '"', 0x201C: '"', 0x2032: "'",
}  # fmt: skip
_VULGAR = {
    "½": "1/2", "¼": "1/4", "¾": "3/4", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8", "⅓": "1/3", "⅔": "2/3",
}  # fmt: skip
FRACTION = r"(?:\d{1,3}[ -])?\d{1,2}/(?:2|3|4|8|16|32|64)(?![\d/.,])"
DIGITS = r"\d{1,3}(?:[ '.,]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*|[.,]\d+"
NUMBER = re.compile(rf"{FRACTION}|{DIGITS}", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}", re.ASCII)


class Mark(StrEnum):
    """How a source writes decimals."""

    COMMA = ","
    POINT = "."
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How often the values of one file prove a decimal comma, or a decimal point."""

    comma: int = 0
    point: int = 0

    @property
    def mark(self) -> Mark:
        """Return the one decimal mark that is proven, unless both are."""
        if self.comma and self.comma > 3 * self.point:
            return Mark.COMMA
        if self.point and self.point > 3 * self.comma:
            return Mark.POINT
        return Mark.UNKNOWN


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was read; ``otherwise`` is what it would be with the other decimal mark, where nobody can tell."""

    value: Decimal
    otherwise: Decimal | None = None


def plain_signs(text: str) -> str:
    """Return a text with one kind of blank, minus and quotation mark, and fractions spelt out."""
    for sign, spelt in _VULGAR.items():
        if sign in text:
            text = re.sub(rf"(?<=\d)\s?{sign}", f" {spelt}", text).replace(sign, spelt)
    return " ".join(text.translate(_BLANKS).translate(_SIGNS).split())


def evidence(texts: Iterable[str]) -> Evidence:
    """Count the values that can only be read one way: '12,5' proves a comma, '1.234,5' too, '1,234' nothing."""
    comma = point = 0
    for text in texts:
        for found in NUMBER.findall(plain_signs(text)):
            mark = _proven(found)
            comma, point = comma + (mark == Mark.COMMA), point + (mark == Mark.POINT)
    return Evidence(comma, point)


def _proven(digits: str) -> Mark:
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0 or "/" in digits or digits.count(digits[last]) > 1:
        return Mark.UNKNOWN
    if _GROUPED.fullmatch(digits) and not digits.startswith("0"):
        return Mark.UNKNOWN
    return Mark(digits[last])


def read(digits: str, mark: Mark = Mark.UNKNOWN) -> Number | None:  # noqa: PLR0911 - one answer for each way of writing
    """Return the number that ``NUMBER`` found, or None where it is none.

    Args:
        digits: E.g. '1.234,5', '1 1/2', "1'500".
        mark: The decimal mark of the source, where it is proven.
    """
    if len(digits) > LONGEST:
        return None
    if "/" in digits:
        return _fraction(digits)
    text = digits.replace(" ", "").replace("'", "")
    marks = [sign for sign in text if sign in ",."]
    if not marks:
        return _number(text)
    if len(set(marks)) > 1:  # both stand in it: the last one is the decimal mark
        return _number(_with(text, Mark(marks[-1]))) if marks.count(marks[-1]) == 1 else None
    if len(marks) > 1:  # one stands several times: thousands
        return _number(text.replace(marks[0], ""))
    as_decimal, as_thousands = _number(text.replace(marks[0], ".")), _number(text.replace(marks[0], ""))
    if not _GROUPED.fullmatch(text) or text.startswith("0"):
        return as_decimal
    if mark is Mark.UNKNOWN:
        return Number(as_decimal.value, as_thousands.value) if as_decimal and as_thousands else None
    return as_decimal if marks[0] == mark else as_thousands


def _with(text: str, mark: Mark) -> str:
    other = "." if mark is Mark.COMMA else ","
    return text.replace(other, "").replace(mark, ".")


def _number(text: str) -> Number | None:
    try:
        return Number(Decimal(text))
    except InvalidOperation:
        return None


def _fraction(text: str) -> Number | None:
    whole, _, part = text.replace("-", " ").rpartition(" ")
    above, _, below = part.partition("/")
    if int(below) == 0:
        return None
    return Number(Decimal(int(whole or 0)) + Decimal(int(above)) / Decimal(int(below)))
