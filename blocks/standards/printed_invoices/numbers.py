"""Printed figures: what '1.234,50', '1,234.50', '1 234,50-' or '(12.00)' can mean, and how a document writes them.

A figure has one reading for each decimal mark that its shape allows. Which mark the document uses is decided by the
evidence of all its figures together, never by one figure alone: '1.234' stays 1234 or 1.234 until something else tells.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from blocks.documents.conversions import Place
from blocks.standards.pdf.layout import Box, Row, TextLayer, Word

CURRENCIES = {
    "€": "EUR",
    "EURO": "EUR",
    "EUROS": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "FR.": "CHF",
    "SFR.": "CHF",
    "SFR": "CHF",
    "ZŁ": "PLN",
    "KČ": "CZK",
    "FT": "HUF",
    "¥": "JPY",
    "₹": "INR",
    "RS": "INR",
    "RS.": "INR",
}
"""Signs and words that stand for a currency; the ISO 4217 codes stand for themselves."""

CURRENCY_CODES = frozenset(
    {
        *(
            "EUR",
            "USD",
            "GBP",
            "CHF",
            "SEK",
            "NOK",
            "DKK",
            "PLN",
            "CZK",
            "HUF",
            "RON",
            "BGN",
            "ISK",
            "TRY",
            "JPY",
            "CNY",
        ),
        *(
            "INR",
            "CAD",
            "AUD",
            "NZD",
            "ZAR",
            "MXN",
            "BRL",
            "SGD",
            "HKD",
            "AED",
            "RUB",
            "UAH",
            "RSD",
            "ILS",
            "KRW",
            "THB",
        ),
    }
)

_MINUS = "-–−‐‑‒—"  # noqa: RUF001 - the dashes that printers use for a minus
_SIGN = f"[{_MINUS}+]"
_GROUP = "[.,'’´\u00a0\u202f\u2009 ]"  # noqa: RUF001 - the marks between thousands, apostrophes included
_UNIT = r"(?:[A-Z]{3}|US\$|[€$£¥₹]|Euros?|EUROS?|EURO|[Ss]?[Ff]r\.|zł|Kč|Ft)"
_BODY = rf"\d+(?:{_GROUP}\d+)*"
_FIGURE = re.compile(
    rf"^(?P<open>\()?(?P<sign>{_SIGN})?\s?(?P<before>{_UNIT})?\s?(?P<sign2>{_SIGN})?\s?(?P<body>{_BODY}|[.,]\d+)"
    rf"(?:(?P<dash>[.,][{_MINUS}]{{1,2}}))?\s?(?P<sign3>[{_MINUS}])?\s?(?P<percent>%)?(?P<after>{_UNIT})?(?P<sign4>[{_MINUS}])?"
    rf"(?P<close>\))?[*]{{0,2}}$"
)
_THOUSANDS = re.compile(rf"^\d{{1,3}}(?:({_GROUP})\d{{3}})(?:\1\d{{3}})*$")
_NUMBERED = re.compile(r"0\d")
"""No amount begins so, but the position 01.02 of a list does."""
_LONGEST_MARK = 5
_HEADS = frozenset({*_MINUS, "+", "(", "(-", *CURRENCIES, *CURRENCY_CODES})
_MOST_WORDS = 4
_HAS_DIGIT = re.compile(r"\d")


class PrintedFigure(NamedTuple):
    """A figure as printed.

    Attributes:
        text: As printed, with single spaces between its words.
        body: Its digits and marks, without sign, currency or per cent.
        negative: Whether a minus (before or behind) or parentheses stand with it.
        percent: Whether a per cent sign stands with it.
        currency: ISO 4217 code of the currency that stands with it, or ''.
        page: 1-based.
        box: Where it stands.
        first: Index of its first word in the row.
        last: Index of its last word in the row.
        places: How many digits stand behind its last mark, 0 where it has none.
    """

    text: str
    body: str
    negative: bool
    percent: bool
    currency: str
    page: int
    box: Box
    first: int
    last: int
    places: int

    @property
    def place(self) -> Place:
        """Return where it stands, as it is published."""
        return Place(page=self.page, box=self.box, text=self.text)


def readings(body: str) -> dict[str, Decimal]:
    """Return what digits and marks can mean: decimal mark ('.' or ',') → value; both marks where there is no doubt.

    '1.234,50' → {',': 1234.50}; '1.234' → {',': 1234, '.': 1.234}; '12' → {',': 12, '.': 12}; '01.02.2024' → {}.
    """
    return dict(_readings(body))


@lru_cache(maxsize=4096)
def _readings(body: str) -> tuple[tuple[str, Decimal], ...]:
    found = []
    for decimal, other in ((",", "."), (".", ",")):
        value = _read_as(body, decimal, other)
        if value is not None:
            found.append((decimal, value))
    return tuple(found)


def _read_as(body: str, decimal: str, other: str) -> Decimal | None:
    if body.count(decimal) > 1:
        return None
    whole, mark, rest = body.partition(decimal)
    if mark and not (rest.isascii() and rest.isdigit()):
        return None
    if not (whole.isdigit() or (not whole and mark)) and not (_THOUSANDS.match(whole) and decimal not in whole):
        return None
    digits = re.sub(r"\D", "", whole) or "0"
    if other in whole and whole.startswith("0"):
        return None
    return Decimal(f"{digits}.{rest}" if mark else digits)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a document writes its figures.

    Attributes:
        decimal: The decimal mark, ',' or '.'.
        sure: Whether figures of the document show it; False where every figure can be read both ways.
        mixed: Whether figures of the document contradict each other: some can only be read with the other mark.
    """

    decimal: str = ","
    sure: bool = False
    mixed: bool = False

    def read(self, figure: PrintedFigure | str) -> Decimal | None:
        """Return the value with its sign: in this style if it can be read so, else in the only other way, else None."""
        possible = _readings(figure if isinstance(figure, str) else figure.body)
        if not possible:
            return None
        value = possible[0][1]
        for mark, read in possible:
            if mark == self.decimal:
                value = read
        return -value if not isinstance(figure, str) and figure.negative else value

    def candidates(self, figure: PrintedFigure) -> tuple[Decimal, ...]:
        """Return every possible value with its sign, this style's first."""
        possible = readings(figure.body)
        ordered = sorted(possible, key=lambda mark: mark != self.decimal)
        return tuple(dict.fromkeys(-possible[mark] if figure.negative else possible[mark] for mark in ordered))


def figures(row: Row) -> tuple[PrintedFigure, ...]:
    """Return the figures of a row from left to right; signs, currencies and thousands apart from them are joined."""
    found: list[PrintedFigure] = []
    taken = 0
    words = row.words
    for index, word in enumerate(words):
        if index >= taken and _may_begin(word.text):
            figure = _figure_at(row.page, words, index)
            if figure is not None:
                found.append(figure)
                taken = figure.last + 1
    return tuple(found)


@lru_cache(maxsize=16384)
def _may_begin(head: str) -> bool:
    return head[:1].isdigit() or _HAS_DIGIT.search(head) is not None or head.upper() in _HEADS


def _figure_at(page: int, words: tuple[Word, ...], index: int) -> PrintedFigure | None:
    for length in range(_reach(words, index), 0, -1):
        group = words[index : index + length]
        text = " ".join([word.text for word in group]) if length > 1 else words[index].text
        parts = _parts(text)
        if parts is None:
            continue
        body, negative, percent, currency, places = parts
        box = _around(group) if length > 1 else words[index].box
        return PrintedFigure(text, body, negative, percent, currency, page, box, index, index + length - 1, places)
    return None


@lru_cache(maxsize=16384)
def _parts(text: str) -> tuple[str, bool, bool, str, int] | None:
    """Return body, sign, whether a per cent sign stands with it, currency and places of a text that is a figure."""
    if not _HAS_DIGIT.search(text):
        return None
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    found = _FIGURE.match(plain.replace(" %", "%"))
    if found is None or not _known_currency(found):
        return None
    body = found["body"]
    if " " in body and not _readings(body):
        return None
    mark = max(body.rfind("."), body.rfind(","))
    places = len(body) - mark - 1 if mark >= 0 else 0
    return body, _is_negative(found), bool(found["percent"]), _currency_of(found), places


def _reach(words: tuple[Word, ...], index: int) -> int:
    """Return how many words from here may be one figure: as close as a space, each a mark or digits."""
    length = 1
    while length < _MOST_WORDS and index + length < len(words):
        left, right = words[index + length - 1], words[index + length]
        digits = left.text[-1].isdigit() and right.text[0].isdigit()
        if right.left - left.right > (0.45 if digits else 1.3) * max(left.size, 4.0):
            break
        if digits and not (len(right.text) >= 3 and right.text[:3].isdigit()):  # noqa: PLR2004 - thousands
            break
        if not digits and len(right.text) > _LONGEST_MARK and not _HAS_DIGIT.search(right.text):
            break
        length += 1
    return length


def _is_negative(found: re.Match[str]) -> bool:
    signs = [found[name] for name in ("sign", "sign2", "sign3", "sign4")]
    return any(sign and sign != "+" for sign in signs) or bool(found["open"] and found["close"])


def _known_currency(found: re.Match[str]) -> bool:
    return all(not found[name] or _currency(found[name]) for name in ("before", "after"))


def _currency_of(found: re.Match[str]) -> str:
    return _currency(found["before"] or found["after"] or "")


def _currency(text: str) -> str:
    return text if text in CURRENCY_CODES else CURRENCIES.get(text.upper(), "")


def _around(words: tuple[Word, ...]) -> Box:
    return (
        min([word.left for word in words]),
        min([word.bottom for word in words]),
        max([word.right for word in words]),
        max([word.top for word in words]),
    )


def number_style(layer: TextLayer) -> NumberStyle:
    """Decide from all figures of a document which decimal mark it uses."""
    return style_of(figure.body for row in layer.rows for figure in figures(row))


def style_of(bodies: Iterable[str]) -> NumberStyle:
    """Decide from figures which decimal mark they use; two places behind a mark weigh most: so amounts are written."""
    votes = {",": 0, ".": 0}
    cents = {",": 0, ".": 0}
    for body in bodies:
        if _NUMBERED.match(body):
            continue
        possible = _readings(body)
        if len(possible) == 1 and not body.isdigit():
            mark, value = possible[0]
            exponent = value.as_tuple().exponent
            cents[mark] += exponent == -2  # noqa: PLR2004 - an amount
            votes[mark] += 4 if exponent == -2 else 1  # noqa: PLR2004 - cents
    comma, point = votes[","], votes["."]
    if not comma and not point:
        return NumberStyle(",", sure=False)
    decimal = "," if comma >= point else "."
    less, more = sorted(cents.values())
    return NumberStyle(decimal, sure=True, mixed=less * 8 > more and less > 0)
