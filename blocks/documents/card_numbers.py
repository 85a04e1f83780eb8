"""Card numbers in free text: found by their check digit and masked before anything is stored (PCI DSS 3.4)."""

import re

_CANDIDATE = re.compile(r"(?<![0-9])[0-9](?:[ \u00a0.\-]{0,2}[0-9]){12,}(?![0-9])")
_DIGIT = re.compile(r"[0-9]")
_SHORTEST, _LONGEST = 13, 19


def mask_card_numbers(text: str) -> str:
    """Return the text with all but the last four digits of every card number replaced by ``*``.

    A card number has 13 to 19 digits, possibly grouped by blanks, dots or dashes, does not begin with 0 and passes
    the Luhn check (ISO/IEC 7812-1). A number hidden in a longer run of digit groups is found as well.
    """
    return _CANDIDATE.sub(_mask_run, text)


def _mask_run(match: re.Match[str]) -> str:
    run = match[0]
    places = [found.start() for found in _DIGIT.finditer(run)]
    digits = [int(run[place]) for place in places]
    hidden: set[int] = set()
    start = 0
    while start + _SHORTEST <= len(digits):
        length = _card_length(places, digits, start)
        hidden.update(places[start : start + max(length - 4, 0)])
        start += length or 1
    return "".join("*" if place in hidden else char for place, char in enumerate(run))


def _card_length(places: list[int], digits: list[int], start: int) -> int:
    """Return how many digits from ``start`` form a card number, the longest first; 0 when none do."""
    if digits[start] == 0 or (start and places[start] - places[start - 1] == 1):
        return 0  # inside an unbroken number: its middle is no card
    for length in range(min(_LONGEST, len(digits) - start), _SHORTEST - 1, -1):
        end = start + length
        whole = end == len(digits) or places[end] - places[end - 1] > 1
        if whole and _passes_luhn(digits[start:end]):
            return length
    return 0


def _passes_luhn(digits: list[int]) -> bool:
    doubled = (digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0
