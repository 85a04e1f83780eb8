"""Prices as shops print them: amounts with their marks, and the currency beside them."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_LONGEST = 2_000
"""Characters of a text that are looked at: no price stands in more."""
_MOST_DIGITS = 15
_BLANKS = " \u00a0\u2009\u202f\u2007"
_AMOUNT = (
    rf"\d{{1,3}}(?:[{_BLANKS}]\d{{3}}(?!\d))+(?:[.,]\d{{1,2}}(?!\d))?"  # 1 234 567,89
    r"|\d{1,3}(?:['\u2019`]\d{3}(?!\d))+(?:[.,]\d{1,2}(?!\d))?"  # 1'234.50
    r"|\d+(?:[.,]\d+)*"
)
_MARKS = re.compile(r"[^\d.,]")
_SEPARATORS = re.compile(r"[.,]")
_THOUSANDS = 3


class Price(NamedTuple):
    """A price found in a text.

    Attributes:
        amount: The figure.
        currency: ISO 4217; None where none is printed.
        sign: What is printed for it; '' for nothing.
        start: Where it begins in the text.
        end: Where it ends.
    """

    amount: Decimal
    currency: str | None
    sign: str
    start: int
    end: int


@cache
def _known() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("currencies.toml").read_text(encoding="utf-8"))


_FIGURES = re.compile(
    rf"(?<![\d.,])(?:{_AMOUNT})(?P<dash>[.,]\s?[-\u2013\u2014]{{1,2}})?"  # 1.899,-
    r"|(?<![\d.,\w])[.,]\d{1,2}(?!\d)"  # .75
)
_LONGEST_SIGN = 7
_GAP = " \t\n\u00a0\u2009\u202f*"


@cache
def _signs() -> frozenset[str]:
    known = _known()
    return frozenset({*known["signs"], *known["shared"]} - {",-"})


def _sign_before(text: str, end: int) -> tuple[str, int]:
    """Return the sign that ends before a place, and where it begins; letters must not be part of a longer word."""
    end = len(text[:end].rstrip(_GAP)) if end and text[end - 1] in _GAP else end
    for length in range(min(_LONGEST_SIGN, end), 0, -1):
        sign = text[end - length : end].casefold()
        if sign in _signs() and not (sign[0].isalpha() and end > length and text[end - length - 1].isalpha()):
            return sign, end - length
    return "", end


def _sign_after(text: str, start: int) -> tuple[str, int]:
    """Return the sign that begins behind a place, and where it ends."""
    while start < len(text) and text[start] in _GAP:
        start += 1
    for length in range(min(_LONGEST_SIGN, len(text) - start), 0, -1):
        sign, end = text[start : start + length].casefold(), start + length
        if sign in _signs() and not (sign[-1].isalpha() and end < len(text) and text[end].isalpha()):
            return sign, end
    return "", start


def currency_of(sign: str, *, country: str = "") -> str | None:
    """Return the ISO 4217 code of a printed sign or code; ``country`` (ISO 3166, lower case) decides among several."""
    known = _known()
    text = sign.strip().casefold()
    if text in known["shared"]:
        local: str | None = known["countries"].get(country)
        return local if local and _uses(local, text) else known["shared"][text]
    if found := known["signs"].get(text):
        return str(found)
    return text.upper() if re.fullmatch(r"[a-z]{3}", text) and text.upper() in iso_codes() else None


def currency_of_country(country: str) -> str | None:
    """Return the currency of a country (ISO 3166, lower case), None where it is not listed."""
    found: str | None = _known()["countries"].get(country)
    return found


@cache
def iso_codes() -> frozenset[str]:
    """Return the currency codes that shops are known to use."""
    known = _known()
    return frozenset({*known["signs"].values(), *known["shared"].values(), *known["countries"].values()})


def _uses(currency: str, sign: str) -> bool:
    """Say whether a currency is printed with a sign that several share."""
    users = {
        "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "UYU", "TWD"),
        "£": ("GBP", "EGP"),
        "kr": ("SEK", "NOK", "DKK", "ISK"),
        "¥": ("JPY", "CNY"),
        "rs": ("INR", "PKR", "LKR", "NPR"),
        "r": ("ZAR",),
    }
    return currency in users.get(sign.rstrip("."), ())


def amount_in(text: str, *, currency: str | None = None) -> Decimal | None:
    """Return the figure of an amount text: '1.234,56', "1'234.50", '24.990' (thousands), '0.368'.

    One mark with three digits behind it groups thousands, except after a leading zero, after more than three digits,
    and in currencies of a thousand parts.
    """
    marks = _MARKS.sub("", text).strip(".,")
    if not marks or sum(map(str.isdigit, marks)) > _MOST_DIGITS:
        return None
    dots, commas = marks.count("."), marks.count(",")
    if dots and commas:
        decimal = max(".,", key=marks.rfind)
        decimal = "" if marks.count(decimal) > 1 else decimal
    elif dots + commas == 1:
        decimal = _only_mark(marks, "." if dots else ",", currency)
    else:
        decimal = ""
    whole, _, rest = marks.partition(decimal) if decimal else (marks, "", "")
    figure = _SEPARATORS.sub("", whole) or "0"
    cents = _SEPARATORS.sub("", rest)
    try:
        return Decimal(f"{figure}.{cents}" if cents else figure)
    except InvalidOperation:
        return None


def _only_mark(marks: str, mark: str, currency: str | None) -> str:
    """Return the mark where it stands before decimals, '' where it groups thousands."""
    before, after = marks.split(mark)
    groups = len(after) == _THOUSANDS and 0 < len(before) <= _THOUSANDS and before != "0"
    return "" if groups and currency not in _known()["thousandths"] else mark


def prices_in(text: str, *, country: str = "") -> Iterator[Price]:
    """Yield the amounts of a text with the currency printed beside each."""
    known, place = _known()["signs"], 0
    text = text[:_LONGEST]
    for found in _FIGURES.finditer(text):
        before, start = _sign_before(text[place:], found.start() - place) if found.start() > place else ("", 0)
        after, end = _sign_after(text, found.end())
        if not before and found.start() > place and text[found.start() - 1].isalpha():
            continue  # a part of a number such as 'A304'
        sign = before if before and (not after or after not in known or before in known) else after
        currency = currency_of(sign, country=country) if sign else None
        amount = amount_in(found.group(), currency=currency)
        if amount is not None:
            begins = place + start if sign and sign == before else found.start()
            ends = end if sign and sign != before else found.end()
            yield Price(amount, currency, sign, begins, ends)
            place = ends


def price_in(text: str, *, hint: str = "", country: str = "") -> Price | None:
    """Return the first price of a text, one with a currency before one without; ``hint`` names the currency else."""
    found = list(prices_in(text, country=country))
    chosen = next((price for price in found if price.sign), found[0] if found else None)
    if chosen is None or chosen.currency or not hint:
        return chosen
    currency = currency_of(hint, country=country)
    return chosen._replace(currency=currency) if currency else chosen


def has_sign(text: str) -> bool:
    """Say whether a currency may stand in a text; cheap, for texts that mostly hold none."""
    symbols, words = _quick()
    return symbols.search(text) is not None or not words.isdisjoint(_WORDS.findall(text.casefold()))


_WORDS = re.compile(r"[^\W\d_]+")


@cache
def _quick() -> tuple[re.Pattern[str], frozenset[str]]:
    """Return what finds signs that are no letters, and the words that are currencies."""
    known = _known()
    signs = [sign for sign in {**known["signs"], **known["shared"]} if sign != ",-"]
    symbols = "".join(
        sorted({letter for sign in signs for letter in sign if not letter.isalpha() and letter not in "./ \"'"})
    )
    words = frozenset(word for sign in signs for word in _WORDS.findall(sign) if not set(sign) & set(symbols))
    return re.compile(f"[{re.escape(symbols)}]"), words
