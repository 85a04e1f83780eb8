"""German tax numbers: their form, and the check digit by the procedure of the state that gave them.

Each of the sixteen states has one of three procedures (the tax administration's paper on checking tax numbers, chapter
6): eleven with weights of its own, two, and eleven modified. All go over the uniform number of thirteen digits, whose
first ones name the state; the shorter number that an invoice shows names none, and several states write it alike.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

_UNIFORM = 13
_ONE_DIGIT = (0, 5, 4, 3, 0, 2, 7, 6, 5, 4, 3, 2)
_TWO_DIGITS = (0, 0, 4, 3, 0, 2, 7, 6, 5, 4, 3, 2)
_LOWER_SAXONY = (0, 0, 2, 9, 0, 8, 7, 6, 5, 4, 3, 2)
_BERLIN = (0, 0, 0, 0, 0, 7, 6, 5, 8, 4, 3, 2)
"""One of Berlin's two, chosen by tax office and district; the other is Lower Saxony's."""
_RHINE_WESTPHALIA = (0, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1)
_PALATINATE = (0, 0, 1, 2, 0, 1, 2, 1, 2, 1, 2, 1)
_SUMMANDS = (0, 0, 9, 8, 0, 7, 6, 5, 4, 3, 2, 1)
_POWERS = (0, 0, 512, 256, 0, 128, 64, 32, 16, 8, 4, 2)

_ELEVEN: dict[str, tuple[tuple[int, ...], ...]] = {
    "10": (_ONE_DIGIT,),
    "11": (_BERLIN, _LOWER_SAXONY),
    "22": (_TWO_DIGITS,),
    "23": (_LOWER_SAXONY,),
    "24": (_TWO_DIGITS,),
    **dict.fromkeys(("3", "4", "9"), (_ONE_DIGIT,)),
}
"""The first digits of the uniform number → the weights by which the state may have reckoned."""
_TWO = ("21", "26", "28")
"""Schleswig-Holstein, Hesse and Baden-Württemberg."""


@lru_cache(maxsize=4096)
def german_tax_number_fault(number: str) -> str:
    """Return what is wrong with a German tax number, ``''`` where nothing is.

    Returns:
        ``form``: no state writes one like this. ``check digits``: it names its state, whose procedure gives another
        last digit. ``no check digit``: it names none, and no state that writes one like this would give that digit. An
        identification number (IdNr, eleven digits with a check digit) stands for it where a person sells.
    """
    from stdnum.de import idnr, stnr  # noqa: PLC0415 - only where a German number is given

    plain = re.sub(r"^(?:DE)?(?:ST-?NR\.?:?)?", "", re.sub(r"[\s./-]", "", number).upper()[:60])
    if idnr.is_valid(plain):
        return ""
    if not stnr.is_valid(plain):
        return "form"
    if len(plain) == _UNIFORM:
        return "" if _fits(plain) else "check digits"
    return "" if any(map(_fits, _uniform(plain))) else "no check digit"


def _uniform(number: str) -> Iterator[str]:
    """Yield a state's own number in the uniform form, for each state that writes one like it."""
    from stdnum.de import stnr  # noqa: PLC0415 - only where a German number is given

    for state in stnr.guess_regions(number):
        yield stnr.to_country_number(number, state)


def _fits(number: str) -> bool:
    """Return whether the last digit of a uniform number is the one that its state reckons."""
    return int(number[-1]) in _check_digits(number[:-1])


def _check_digits(body: str) -> set[int]:
    """Return the last digits that a state could have reckoned; ten, which is no digit, is never given out."""
    digits = [int(sign) for sign in body]
    if body.startswith(_TWO):
        roots = (
            _root((digit + summand) % 10 * power)
            for digit, summand, power in zip(digits, _SUMMANDS, _POWERS, strict=True)
        )
        return {-sum(roots) % 10}
    if body.startswith("27"):
        products = (digit * weight for digit, weight in zip(digits, _PALATINATE, strict=True))
        return {-sum(map(_root, products)) % 10}
    if body.startswith("5"):
        return {_weighed(digits, _RHINE_WESTPHALIA) % 11}
    weights = next((found for first, found in _ELEVEN.items() if body.startswith(first)), ())
    return {-_weighed(digits, each) % 11 for each in weights}


def _weighed(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True))


def _root(figure: int) -> int:
    """Return the sum of the digits of a figure, summed up again until it is one digit."""
    return 1 + (figure - 1) % 9 if figure else 0
