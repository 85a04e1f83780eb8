"""Dates and times as UNB and DTM write them (elements 0017, 2380 with 2379), judged by the calendar."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

_CENTURY_TURNS = "50"
_WEEKS = 53
_TIMES = {"401": 4, "402": 6}
_DAYS = {"101": 6, "102": 8, "201": 6, "202": 6, "203": 8, "204": 8, "205": 8, "303": 8, "304": 8}
_CLOCKS = {"201": 4, "202": 6, "203": 4, "204": 6, "205": 4, "303": 4, "304": 6}
_ZONED = {"205", "303", "304"}
_ZONE = re.compile(r"[A-Z]{1,5}|[+-]?[0-9]{1,4}|(?:[0-9]{2})?[+-][0-9]{2,4}|")
_PERIODS = {"711": 8, "717": 6, "718": 8, "713": 10, "719": 12}
_SHORT = {"602": r"[12][0-9]{3}", "603": r"[0-9]{2}", "609": r"[0-9]{2}(0[1-9]|1[0-2])",
          "610": r"[12][0-9]{3}(0[1-9]|1[0-2])", "615": r"[0-9]{2}(0[1-9]|[1-4][0-9]|5[0-3])",
          "616": r"[12][0-9]{3}(0[1-9]|[1-4][0-9]|5[0-3])"}  # fmt: skip
_DURATION = re.compile(r"8[0-9]{2}")


class Moment(NamedTuple):
    """What a date element says: whether it is possible, and the first and last day where it names days."""

    possible: bool
    first: date | None = None
    last: date | None = None


@lru_cache(maxsize=4096)
def day_of(text: str) -> date | None:
    """Return the day six (YYMMDD) or eight digits (CCYYMMDD) name; None when there is none.

    Two digits of a year from 50 on are 19xx.
    """
    if not (text.isascii() and text.isdigit() and len(text) in {6, 8}):
        return None
    if len(text) == 6:  # noqa: PLR2004 - YYMMDD
        text = ("19" if text[:2] >= _CENTURY_TURNS else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Tell whether six or eight digits name a day of the calendar."""
    return day_of(text) is not None


@lru_cache(maxsize=4096)
def is_time(text: str) -> bool:
    """Tell whether four or six digits name a time (HHMM, HHMMSS); 2400 is the end of a day."""
    if not (text.isascii() and text.isdigit() and len(text) in {4, 6}):
        return False
    hours, minutes, seconds = text[:2], text[2:4], text[4:] or "00"
    return minutes < "60" and seconds <= "60" and (hours < "24" or (hours == "24" and minutes + seconds == "0000"))


@lru_cache(maxsize=8192)
def moment(value: str, form: str) -> Moment | None:
    """Return what a value means in the form that 2379 names; None for a form that is not known here."""
    if form in _DAYS:
        return _day(value, form)
    if form in _TIMES:
        return Moment(len(value) == _TIMES[form] and is_time(value))
    if form in _SHORT:
        return Moment(re.fullmatch(_SHORT[form], value) is not None)
    if form in _PERIODS:
        return _period(value, _PERIODS[form])
    if _DURATION.fullmatch(form):
        return Moment(value.isascii() and value.isdigit())
    return None


def _day(value: str, form: str) -> Moment:
    end = _DAYS[form]
    clock = end + _CLOCKS.get(form, 0)
    day = day_of(value[:end])
    rest = value[clock:]
    possible = day is not None and (
        clock == end or is_time(value[end:clock]) or value[end:clock] == "0" * (clock - end)
    )
    possible = possible and (not rest or (form in _ZONED and _ZONE.fullmatch(rest) is not None))
    return Moment(possible, day if possible else None, day if possible else None)


def _period(value: str, length: int) -> Moment:
    """Read two dates of equal length, with or without a hyphen between them."""
    halves = (value[:length], value[length:].removeprefix("-"))
    days = 8 if length in {8, 12} else 6
    first, last = (day_of(half[:days]) if len(half) == length else None for half in halves)
    clocks = all(length == days or is_time(half[days:]) for half in halves)
    possible = first is not None and last is not None and clocks and first <= last
    return Moment(possible, first if possible else None, last if possible else None)
