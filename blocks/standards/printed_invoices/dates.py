"""Printed dates: 01.02.2024, 01/02/24, 2024-02-01, 1. Februar 2024, February 1, 2024, 1er février 2024."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from blocks.documents.conversions import Place
from blocks.standards.pdf.layout import Box, Word
from blocks.standards.printed_invoices.labels import fold

_MONTHS = (
    "januar january janvier gennaio enero januari jan janv gen ene janner",
    "februar february fevrier febbraio febrero februari feb fev fevr febr",
    "marz march mars marzo maart mar mrz maa mrt maerz",
    "april avril aprile abril apr avr abr",
    "mai may maggio mayo mei mag",
    "juni june juin giugno junio jun giu",
    "juli july juillet luglio julio jul juil lug",
    "august aout agosto augustus aug ago aou",
    "september septembre settembre septiembre sep sept set setiembre",
    "oktober october octobre ottobre octubre oct okt ott",
    "november novembre noviembre nov",
    "dezember december decembre dicembre diciembre dec dez dic desember",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
"""Folded names and short names of months in six languages → number."""

_MONTH_STARTS = frozenset(name[:2] for name in MONTHS) | {"fé", "dé", "mä", "jä", "ao"}
_DIGITS = re.compile(r"^[(]?(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})[).,;:]*$")
_COMPACT = re.compile(r"^[(]?(\d{1,2})[.\-/ ]?([^\W\d_]{3,10})[.\-/ ]?(\d{4}|\d{2})[).,;:]*$")
_DAY = re.compile(r"^(\d{1,2})(?:\.|er|st|nd|rd|th|º|°)?,?$")
_YEAR = re.compile(r"^(\d{4})[).,;:]*$")
_OLDEST, _NEWEST = 1990, 2099
_FILLERS = frozenset({"de", "del", "of", "di", "den"})


class PrintedDate(NamedTuple):
    """A date as printed; ``day_first`` and ``month_first`` differ only where digits allow both readings."""

    text: str
    day_first: date | None
    month_first: date | None
    page: int
    box: Box
    first: int
    last: int

    @property
    def ambiguous(self) -> bool:
        """Return whether it can be two days."""
        return None not in (self.day_first, self.month_first) and self.day_first != self.month_first

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(page=self.page, box=self.box, text=self.text)

    def read(self, *, day_first: bool) -> date:
        """Return the day it means if the document writes so, or the only one it can mean."""
        wanted, other = (self.day_first, self.month_first) if day_first else (self.month_first, self.day_first)
        value = wanted or other
        if value is None:
            message = "A printed date has at least one reading."
            raise AssertionError(message)
        return value


def dates_in(words: tuple[Word, ...], texts: tuple[str, ...], page: int) -> list[PrintedDate]:
    """Return the dates of a row from left to right."""
    found: list[PrintedDate] = []
    taken = 0
    for index in compress(range(len(words)), map(_may_begin_date, texts)):
        if index < taken:
            continue
        hit = _date_at(words, index)
        if hit is None:
            continue
        length, day_first, month_first = hit
        group = words[index : index + length]
        box = (group[0].left, min([w.bottom for w in group]), group[-1].right, max([w.top for w in group]))
        text = " ".join([word.text for word in group])
        found.append(PrintedDate(text, day_first, month_first, page, box, index, index + length - 1))
        taken = index + length
    return found


def days_first(dates: Iterable[PrintedDate]) -> bool | None:
    """Return whether the dates of a document put the day before the month, None where none of them tells."""
    day = month = 0
    for printed in dates:
        slashed = "/" in printed.text or "-" in printed.text
        if slashed and printed.day_first is None:
            month += 1
        elif slashed and printed.month_first is None:
            day += 1
    return None if day == month else day > month


@lru_cache(maxsize=16384)
def _may_begin_date(text: str) -> bool:
    return text[0].isdigit() or text[0] == "(" or text[:2].casefold() in _MONTH_STARTS


def _date_at(words: tuple[Word, ...], index: int) -> tuple[int, date | None, date | None] | None:
    text = words[index].text
    if text[0].isdigit() or text[0] == "(":
        return _single(text) or (_day_first_words(words, index) if index + 2 < len(words) else None)
    if index + 2 >= len(words):
        return None
    return _month_first_words(words, index) if fold(text) in MONTHS else None


@lru_cache(maxsize=4096)
def _single(text: str) -> tuple[int, date | None, date | None] | None:
    digits = _DIGITS.match(text)
    if digits:
        one, mark, two, three = digits.groups()
        if len(one) == 4:  # noqa: PLR2004 - a year of four digits leads
            only = _day(int(one), int(two), int(three)) if len(three) <= 2 else None  # noqa: PLR2004
            return (1, only, only) if only else None
        if len(one) > 2 or len(three) == 3:  # noqa: PLR2004
            return None
        year = int(three) + (2000 if len(three) == 2 else 0)  # noqa: PLR2004
        first, second = _day(year, int(two), int(one)), _day(year, int(one), int(two))
        if mark == ".":
            return (1, first, None) if first else None
        return (1, first, second) if first or second else None
    compact = _COMPACT.match(text)
    if compact and fold(compact[2]) in MONTHS:
        year = int(compact[3]) + (2000 if len(compact[3]) == 2 else 0)  # noqa: PLR2004
        only = _day(year, MONTHS[fold(compact[2])], int(compact[1]))
        return (1, only, only) if only else None
    return None


def _day_first_words(words: tuple[Word, ...], index: int) -> tuple[int, date | None, date | None] | None:
    day = _DAY.match(words[index].text)
    if not day:
        return None
    rest = [word.text for word in words[index + 1 : index + 6]]
    position = 0
    while position < len(rest) and fold(rest[position]) in _FILLERS:
        position += 1
    month = MONTHS.get(fold(rest[position])) if position < len(rest) else None
    position += 1
    while position < len(rest) and fold(rest[position]) in _FILLERS:
        position += 1
    year = _YEAR.match(rest[position]) if month and position < len(rest) else None
    only = _day(int(year[1]), month, int(day[1])) if year and month else None
    return (position + 2, only, only) if only else None


def _month_first_words(words: tuple[Word, ...], index: int) -> tuple[int, date | None, date | None] | None:
    month = MONTHS[fold(words[index].text)]
    rest = [word.text for word in words[index + 1 : index + 3]]
    if len(rest) < 2:  # noqa: PLR2004 - day and year
        return None
    day, year = _DAY.match(rest[0]), _YEAR.match(rest[1])
    only = _day(int(year[1]), month, int(day[1])) if day and year else None
    return (3, only, only) if only else None


def _day(year: int, month: int, day: int) -> date | None:
    if not _OLDEST <= year <= _NEWEST:
        return None
    with suppress(ValueError):
        return date(year, month, day)
    return None
