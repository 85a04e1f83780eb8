"""Paths into JSON, as settings name them: ``data.items[]``, ``ids[type=gtin].value``, ``prices[0].amount``. Pure."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from blocks.errors import Unreadable

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]|\[\]|\[([^=\[\]]+)=([^\[\]]*)\]")
_WHOLE = re.compile(rf"(?:{_STEP.pattern}|\.)*")


_MOST_ZEROS = 40
"""Zeros, or places after the point, of a number that is written out."""


def is_path(path: str) -> bool:
    """Return whether a text is a path; the empty one means the whole answer."""
    return _WHOLE.fullmatch(path) is not None


def read_json(body: bytes) -> Any:
    """Return parsed JSON; numbers with a point are Decimals.

    Raises:
        Unreadable: It is none, or holds what JSON does not (NaN).
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("An answer is no usable JSON.") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def values_at(value: Any, path: str) -> Iterator[Any]:
    """Yield what stands at a path; nothing where the path leads nowhere. ``[]`` goes into every entry of a list."""
    found = [value]
    for step in _STEP.finditer(path):
        found = [deeper for each in found for deeper in _deeper(each, step)]
    yield from (each for each in found if each is not None)


def _deeper(value: Any, step: re.Match[str]) -> list[Any]:
    name, place, key, wanted = step.groups()
    if name is not None:
        return [value[name]] if isinstance(value, dict) and name in value else []
    if not isinstance(value, list):
        return [value] if step[0] == "[]" and value is not None else []  # one where several could be
    if place is not None:
        return value[int(place) : int(place) + 1]
    if key is not None:
        return [each for each in value if isinstance(each, dict) and as_text(each.get(key)) == wanted]
    return value


def text_at(value: Any, path: str) -> str:
    """Return the first text at a path; empty where there is none or no path is named."""
    return next((text for each in values_at(value, path) if (text := as_text(each))), "") if path else ""


def as_text(value: Any) -> str:
    """Return a value as one would print it; empty for what is no single value, lists of values joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Decimal):  # 1e999999999 stays as it is printed: written out it fills the memory
        exponent = value.as_tuple().exponent
        return f"{value:f}" if isinstance(exponent, int) and abs(exponent) <= _MOST_ZEROS else str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list) and all(not isinstance(each, dict | list) for each in value):
        return ", ".join(filter(None, map(as_text, value)))
    return ""
