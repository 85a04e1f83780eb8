"""Working days: Monday to Friday without public holidays, by country. Pure.

Holidays are those of a whole country: Germany's sixteen states, Austria's and Switzerland's cantons have more of
their own, which a merchant states as days on which they are closed.
"""

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "DE": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)),
    "AT": ((1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)),
    "CH": ((1, 1), (8, 1), (12, 25)),
}
_AFTER_EASTER: dict[str, tuple[int, ...]] = {"DE": (-2, 1, 39, 50), "AT": (1, 39, 50, 60), "CH": (39,)}
"""Days after Easter Sunday: Good Friday -2, Easter Monday 1, Ascension 39, Whit Monday 50, Corpus Christi 60."""


def easter(year: int) -> date:
    """Return Easter Sunday of a year of the Gregorian calendar (Meeus, Jones and Butcher's method)."""
    golden, century, rest = year % 19, year // 100, year % 100
    shift = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - shift - rest % 4) % 7
    late = (golden + 11 * shift + 22 * weekday) // 451
    month, day = divmod(shift + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def holidays(country: str, year: int) -> frozenset[date]:
    """Return a country's public holidays in a year; none where we know of none."""
    moving = (easter(year) + timedelta(days=days) for days in _AFTER_EASTER.get(country, ()))
    return frozenset([*(date(year, month, day) for month, day in _FIXED.get(country, ())), *moving])


def is_working_day(day: date, country: str, closed: Collection[date] = ()) -> bool:
    """Return whether people work in a country on this day, and the merchant is not closed."""
    return day.weekday() < _SATURDAY and day not in closed and day not in holidays(country, day.year)


def working_day_from(day: date, country: str, closed: Collection[date] = ()) -> date:
    """Return this day if it is a working day, else the next one.

    Raises:
        ValueError: There is none within a year.
    """
    for ahead in range(366):
        if is_working_day(day + ahead * _ONE_DAY, country, closed):
            return day + ahead * _ONE_DAY
    raise ValueError("There is no working day within a year: the days stated as closed leave none.")


def working_days_after(day: date, count: int, country: str, closed: Collection[date] = ()) -> date:
    """Return the day that lies so many working days after this one; for 0, the first working day from it."""
    day = working_day_from(day, country, closed)
    for _ in range(count):
        day = working_day_from(day + _ONE_DAY, country, closed)
    return day
