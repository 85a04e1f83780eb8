"""Reads printed quantities: '100-240 V~', '1,5 kg ± 5 %', '1 1/2"', '10 bis 35 °C', '1.500 g (1,5 kg)'. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from blocks.documents.base import plain_decimal
from tasks.manufacturer_enrichment.numbers import NUMBER, Mark, Number, plain_signs, read
from tasks.manufacturer_enrichment.units import converted, unit_of

LONGEST = 300
MOST_NUMBERS = 12
RANGE, OR = "..", "/"
SAME_WITHIN = Decimal("0.03")
"""Two ways of saying one quantity are rounded: 1 inch is 25 mm to most printers."""
_ALTERNATING, _DIRECT = "AC", "DC"
_CURRENTS = (
    (re.compile(r"(?<=[\d\s])V\s?AC\b|(?<![A-Z])AC\b|V?\s*~(?!\s*\d)|\bWechsel\w*", re.IGNORECASE), _ALTERNATING),
    (re.compile(r"(?<=[\d\s])V\s?DC\b|(?<![A-Z])DC\b|V?\s*⎓|\bGleich\w*", re.IGNORECASE), _DIRECT),
)
_TURNS = re.compile(r"(?<!\d)1/min\b|\bmin\s?(?:-1|\^-1|⁻¹)(?!\d)|(?<=\d)\s?/min\b(?!\.)", re.IGNORECASE)
_RANGE_SIGN = re.compile(r"(?:\.{2,3}|…|\u2013|-|÷|~|\bbis\b|\bto\b|\bund\b|\band\b)\s*[+-]?$", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:ca\.?|circa|approx\.?|approximately|etwa|about|max\.?|maximal|maximum|min\.?|mind\.?|mindestens|bis zu|bis"
    r"|up to|von|from|between|zwischen|typ\.?|typical|nom\.?|[~≈≤≥<>=Ø]+|je|each)\s*",
    re.IGNORECASE,
)
_SEGMENT = re.compile(r"[;()\[\]|]|,(?=\s)|\s=\s|≙|\s/\s")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One or more numbers in one unit: a value, a range (``joined`` '..'), or values beside each other ('/')."""

    numbers: tuple[Decimal, ...]
    joined: str = ""
    current: str = ""
    doubt: str = ""
    confidence: Decimal = Decimal(1)
    exact: bool = True
    """Whether it is printed in the wanted unit, and was not converted."""

    def text(self) -> str:
        """Return the canonical text, e.g. '100..240 AC'."""
        said = self.joined.join(plain_decimal(number) for number in self.numbers)
        return f"{said} {self.current}".rstrip()


@dataclass(frozen=True, slots=True)
class _Read:
    """A number with the word after it and how it is joined to the one before."""

    number: Number
    negative: bool
    word: str
    joined: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a feature's quantities must be: their unit, plausible range, the unit of bare numbers, AC and DC or not."""

    unit: str
    unit_said: str = ""
    bare_unit: str = ""
    range: tuple[Decimal, Decimal] | None = None
    current: bool = False
    mark: Mark = Mark.UNKNOWN


def quantity(text: str, wanted: Wanted) -> Quantity | str:
    """Return what a text says in the wanted unit, or in a sentence why that cannot be told."""
    said = _TURNS.sub(" rpm", plain_signs(text.replace("+/-", "±").replace("+-", "±")))
    if len(said) > LONGEST:
        return "The value is too long for a quantity."
    current = ""
    if wanted.current:
        said, current = _without_current(said)
    found = [each for each in (_segment(part, wanted) for part in _SEGMENT.split(said)) if each is not None]
    fitting = [each for each in found if isinstance(each, Quantity)]
    if not fitting:
        return next((each for each in found if isinstance(each, str)), "No number is printed.")
    first = next((each for each in fitting if each.exact and _alike(each, fitting[0])), fitting[0])
    if any(not _alike(first, other) for other in fitting[1:]):
        first = replace(first, confidence=first.confidence * Decimal("0.8"))
    return replace(first, current=current)


def _without_current(text: str) -> tuple[str, str]:
    for pattern, name in _CURRENTS:
        if pattern.search(text):
            has_unit = re.search(r"\d\s*V", text, re.IGNORECASE) is not None
            return pattern.sub(" V " if has_unit else " ", text), name
    return text, ""


def _segment(part: str, wanted: Wanted) -> Quantity | str | None:
    text, sure = part.strip(), Decimal(1)
    while opening := _OPENING.match(text):
        text, sure = text[opening.end() :], Decimal("0.95")
    reads = _reads(text, wanted.mark)
    if not reads:
        return None
    nominal, _, tolerance = text.partition("±")
    if tolerance and NUMBER.search(nominal):
        told = _reads(nominal, wanted.mark)
        word = told[-1].word or next(
            (each.word for each in _reads(tolerance, wanted.mark) if unit_of(each.word) not in {"", "%"}), ""
        )
        reads = [replace(each, word=each.word or word) for each in told]
    if len(reads) > MOST_NUMBERS:
        return "More numbers are printed than one value has."
    joined = {each.joined for each in reads[1:]}
    if len(reads) > 1 and joined not in ({RANGE}, {OR}):
        if not unit_of(reads[0].word):
            return "Several numbers are printed, and nothing says which is meant."
        reads, joined, sure = reads[:1], set(), sure * Decimal("0.8")
    if joined == {RANGE} and len(reads) != 2:  # noqa: PLR2004 - a range has two ends
        return "A range is printed that has more than two ends."
    return _in_unit(reads, next(iter(joined), ""), sure, wanted)


def _reads(text: str, mark: Mark) -> list[_Read]:
    """Return the numbers of a text, each with the word after it."""
    found = []
    matches = list(NUMBER.finditer(text))
    for place, match in enumerate(matches):
        before = text[matches[place - 1].end() : match.start()] if place else text[: match.start()]
        after = text[match.end() : matches[place + 1].start() if place + 1 < len(matches) else len(text)]
        number = read(match[0], mark)
        if number is None:
            continue
        joined = ""
        if place:
            between = before.strip()
            joined = RANGE if _RANGE_SIGN.search(between) or between == "/+" else OR if between == "/" else ","
        found.append(_Read(number, _is_negative(before, first=not place), _word(after), joined))
    return found


def _is_negative(before: str, *, first: bool) -> bool:
    text = before.rstrip()
    if not text.endswith("-"):
        return False
    rest = text[:-1].rstrip()
    return not rest if first else bool(rest) and (rest[-1] in ".…\u2013~÷-" or rest.lower().endswith(("bis", "to")))


def _word(after: str) -> str:
    """Return the word after a number that is a unit, as far as one is."""
    text = re.sub(
        r"(?:\.{2,3}|…|\u2013|÷|~|±|\s-|-\s?$|\bbis\b|\bto\b|/\s*$).*$", "", after, flags=re.IGNORECASE
    ).strip()
    text = text.strip("*,:").strip()
    words = text.split()
    for many in range(min(len(words), 4), 0, -1):
        if unit_of(" ".join(words[:many])):
            return " ".join(words[:many])
    return words[0] if words else ""


def _in_unit(reads: Sequence[_Read], joined: str, sure: Decimal, wanted: Wanted) -> Quantity | str:
    last = next((each.word for each in reversed(reads) if each.word), "")
    numbers, exact = [], True
    for each in reads:
        unit = _unit_meant(each.word or last, wanted)
        if isinstance(unit, _NoUnit):
            return unit.why
        told, certain = _told(each, unit, wanted)
        if told is None:
            return f"The unit {unit} measures something else than {wanted.unit}."
        sure, exact = sure * certain, exact and unit == wanted.unit
        numbers.append(told)
    if joined == RANGE and numbers[0] > numbers[1]:
        return "The range ends before it begins."
    outside = wanted.range is not None and not all(wanted.range[0] <= number <= wanted.range[1] for number in numbers)
    if outside and wanted.range is not None:
        low, high = (plain_decimal(bound) for bound in wanted.range)
        doubt = f"It lies outside of what is plausible, {low} to {high} {wanted.unit}.".replace(" .", ".")
        return Quantity(tuple(numbers), joined, doubt=doubt, confidence=Decimal("0.2"))
    return Quantity(tuple(numbers), joined, confidence=sure, exact=exact)


@dataclass(frozen=True, slots=True)
class _NoUnit:
    why: str


def _unit_meant(word: str, wanted: Wanted) -> str | _NoUnit:
    if not wanted.unit:
        return ""
    for said in (word, word.partition("/")[0], wanted.unit_said):
        unit = unit_of(said)
        if unit:
            return unit
    if wanted.bare_unit and not wanted.unit_said:
        return wanted.bare_unit
    if word and not wanted.unit_said:
        return _NoUnit(f"Nobody knows the unit {word[:30]}.")
    return _NoUnit("No unit is printed.")


def _told(each: _Read, unit: str, wanted: Wanted) -> tuple[Decimal | None, Decimal]:
    """Return a number in the wanted unit and how certain its decimal mark is."""
    value, other = each.number.value, each.number.otherwise
    if each.negative:
        value, other = -value, None if other is None else -other
    first = converted(value, unit, wanted.unit)
    if other is None or first is None:
        return first, Decimal(1)
    second = converted(other, unit, wanted.unit)
    if second is None:
        return first, Decimal(1)
    if wanted.range is not None:
        fits = [wanted.range[0] <= each <= wanted.range[1] for each in (first, second)]
        if fits[0] != fits[1]:
            return (first if fits[0] else second), Decimal("0.9")
    return first, Decimal("0.5")


def _alike(one: Quantity, other: Quantity) -> bool:
    if len(one.numbers) != len(other.numbers):
        return False
    return all(abs(a - b) <= SAME_WITHIN * max(abs(a), abs(b)) for a, b in zip(one.numbers, other.numbers, strict=True))
