"""Figures and dates as data elements, both ways."""

import re
from datetime import date, datetime
from decimal import Decimal

_NUMBER = re.compile(r"-?[0-9]*[.,]?[0-9]+-?|-?[0-9]+[.,]")
_LONGEST = 38
_DAY, _MOMENT, _SPAN = "102", "203", "718"


def number_element(value: Decimal | None, width: int) -> str:
    """Return a figure as n..width; empty for None and for one with more digits than the element has places.

    Sign and decimal mark do not count (ISO 9735, 10.).
    """
    if value is None:
        return ""
    text = f"{value:f}"
    return text if sum(map(str.isdigit, text)) <= width else ""


def read_number(text: str) -> Decimal | None:
    """Return the figure of an element, None where it is none; both decimal marks and a sign on either side are read."""
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST:
        return None
    sign = "-" if text.startswith("-") or text.endswith("-") else ""
    return Decimal(sign + text.strip("-").replace(",", "."))


def day_element(qualifier: str, day: date | None) -> tuple[str, str, str] | None:
    """Return C507 for a day; None for no day."""
    return (qualifier, f"{day:%Y%m%d}", _DAY) if day else None


def span_element(qualifier: str, start: date, end: date) -> tuple[str, str, str]:
    """Return C507 for a period, both days included."""
    return qualifier, f"{start:%Y%m%d}-{end:%Y%m%d}", _SPAN


_FORMS = {"102": "%Y%m%d", "101": "%y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "2": "%d%m%y", "": "%Y%m%d"}


def read_day(text: str, form: str) -> date | None:
    """Return the day of an element 2380 in the form that 2379 names; None where it is none."""
    moment = read_moment(text, form)
    return moment.date() if moment else None


def read_moment(text: str, form: str) -> datetime | None:
    """Return the moment of an element 2380, without zone; None where it is none."""
    if form not in _FORMS or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.strptime(text, _FORMS[form])  # noqa: DTZ007 - the element names no zone
    except ValueError:
        return None


def read_span(text: str, form: str) -> tuple[date | None, date | None]:
    """Return the first and last day of an element 2380 that gives a period; None for a day that is none."""
    first, _, last = text.partition("-")
    if not last and form in {_SPAN, "713"}:
        first, last = text[: len(text) // 2], text[len(text) // 2 :]
    inner = {_SPAN: _DAY, "713": _MOMENT}.get(form, form)
    return read_day(first, inner), read_day(last or first, inner)
