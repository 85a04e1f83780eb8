"""Conclusions from values: how numbers and dates are written in a sample."""

import re
from datetime import datetime
from typing import Any

_COMMA = re.compile(r"-?[\d. ']*\d,\d{1,8}", re.ASCII)
_POINT = re.compile(r"-?[\d, ']*\d\.\d{1,8}", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}([., '])\d{3}(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII)
_SIGNS = {"€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP", "$": "USD", "USD": "USD", "CHF": "CHF"}
_DAYS = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%d.%m.%y", "%m/%d/%y", "%Y%m%d")
_CLOCKS = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", ", %H:%M", " %I:%M %p")


def number_style(texts: list[str]) -> tuple[dict[str, Any], str]:
    """Return how amounts are written, as a profile says it, and the sentence why."""
    signs = [sign for sign in _SIGNS if any(sign in text for text in texts)]
    bare = [_bare(text, signs) for text in texts]
    comma = sum(bool(_COMMA.fullmatch(text)) for text in bare if text.rfind(",") > text.rfind("."))
    point = sum(bool(_POINT.fullmatch(text)) for text in bare if text.rfind(".") > text.rfind(","))
    decimal = "," if comma > point else "."
    grouped = {match[1] for text in bare if (match := _GROUPED.fullmatch(text)) and match[1] != decimal}
    thousands = next((sign for sign in (".", ",", "'", " ") if sign in grouped), "")
    style: dict[str, Any] = {"decimal": decimal, "thousands": thousands}
    if signs:
        style["signs"] = signs
    named = "a decimal comma" if decimal == "," else "a decimal point"
    against = min(comma, point)
    doubt = f", but {against} the other way: look at them" if against else ""
    return style, f"Amounts are written with {named} ({max(comma, point)} of {len(texts)} values say so{doubt})."


def _bare(text: str, signs: list[str]) -> str:
    for sign in signs:
        text = text.replace(sign, "")
    return text.replace("\u00a0", " ").strip()


def sign_of(texts: list[str]) -> str | None:
    """Return the one currency whose sign stands beside the amounts."""
    found = {code for sign, code in _SIGNS.items() if any(sign in text for text in texts)}
    return found.pop() if len(found) == 1 else None


def date_formats(texts: list[str]) -> tuple[list[str], str]:
    """Return the formats dates are written in, and the sentence why."""
    if not texts or all(_fits("iso", text) for text in texts):
        return ["iso"], "Dates are written as ISO 8601." if texts else "No dates were found; ISO 8601 is assumed."
    fitting = [day + clock for day in _DAYS for clock in _CLOCKS if all(_fits(day + clock, text) for text in texts)]
    if not fitting:
        some = [day + clock for day in _DAYS for clock in _CLOCKS if any(_fits(day + clock, text) for text in texts)]
        return some[:3] or ["iso"], "Dates are written in several ways, or in one that is not known: look at them."
    rivals = [form for form in fitting if form[:2] != fitting[0][:2]]
    doubt = f" They could also be {rivals[0]}: look at them." if rivals else ""
    return fitting[:1], f"Dates are written as {fitting[0]} in all {len(texts)} values.{doubt}"


def _fits(form: str, text: str) -> bool:
    try:
        _ = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007 - only tried
    except ValueError:
        return False
    return True
