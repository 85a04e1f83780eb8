"""Dates and times as DTM writes them (element 2379), judged by the calendar."""

from datetime import date
from functools import lru_cache

_LONGEST_MONTH = 31


@lru_cache(maxsize=4096)
def is_date(text: str) -> bool:
    """Tell whether six (YYMMDD) or eight digits (CCYYMMDD) name a day of the calendar."""
    return day_of(text) is not None


@lru_cache(maxsize=4096)
def day_of(text: str) -> date | None:
    """Return the day six or eight digits name; None when there is none. Two digits of a year from 50 on are 19xx."""
    if not (text.isascii() and text.isdigit() and len(text) in {6, 8}):
        return None
    if len(text) == 6:  # noqa: PLR2004 - YYMMDD
        text = ("19" if text[:2] >= "50" else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def is_time(text: str) -> bool:
    """Tell whether four or six digits name a time (HHMM, HHMMSS)."""
    if not (text.isascii() and text.isdigit() and len(text) in {4, 6}):
        return False
    hours, minutes, seconds = text[:2], text[2:4], text[4:] or "00"
    return hours <= "24" and minutes < "60" and seconds <= "60"
