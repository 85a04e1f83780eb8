"""Global Trade Item Numbers: 8, 12, 13 or 14 digits, the last of which checks the others (GS1 Specifications 7.9)."""

import re

_LENGTHS = frozenset({8, 12, 13, 14})
_ISBN_10 = 10
_SEPARATORS = re.compile(r"[\s\u00a0.\-\u2010-\u2013]+")
_PREFIX = re.compile(r"^(?:(?:GTIN|EAN|UPC|ISBN|JAN)(?:[- ]?1?[0-4]|-?13)?\s*[:#]?\s*)+", re.IGNORECASE)


def gtin_of(text: str) -> str | None:
    """Return the number as its digits where the check digit holds, else None.

    Blanks and hyphens between digits are passed over; an ISBN-10 becomes its ISBN-13. Numbers of nothing but zeros are
    place holders, not numbers.
    """
    digits = digits_of(text)
    if len(digits) == _ISBN_10:
        return _isbn_13(digits)
    return digits if len(digits) in _LENGTHS and digits.isdecimal() and _holds(digits) else None


def digits_of(text: str) -> str:
    """Return what could be a number, without blanks, hyphens and a printed prefix such as 'EAN:'."""
    stripped = text.strip()
    if not stripped[:1].isdigit():
        stripped = _PREFIX.sub("", stripped)
    return _SEPARATORS.sub("", stripped)


def looks_like_gtin(text: str) -> bool:
    """Say whether a text has the form of a number, whatever its check digit says."""
    digits = digits_of(text)
    return len(digits) in _LENGTHS and digits.isascii() and digits.isdecimal()


def check_digit(digits: str) -> str:
    """Return the check digit of the digits before it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def in_store(digits: str) -> bool:
    """Say whether a number is of a range that each shop gives out for itself (prefix 02, 04, 20 to 29)."""
    full = digits.zfill(14)
    return full[1] == "2" or full[1:3] in {"02", "04"}


def _holds(digits: str) -> bool:
    return digits.isascii() and digits.strip("0") != "" and check_digit(digits[:-1]) == digits[-1]


def _isbn_13(digits: str) -> str | None:
    if not re.fullmatch(r"\d{9}[\dXx]", digits) or digits.strip("0") == "":
        return None
    values = [10 if digit in "Xx" else int(digit) for digit in digits]
    if sum(value * weight for value, weight in zip(values, range(10, 0, -1), strict=True)) % 11:
        return None
    body = f"978{digits[:9]}"
    return body + check_digit(body)
