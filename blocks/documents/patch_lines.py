"""The lines of a correction: what they say, and how places in orders and in JSON are written. Pure.

A line says ``place=value``. The place is a path as verdicts name it (``lines[1]`` is the first line), or, for a record
that cannot be read at all, an RFC 6901 pointer into its JSON (``/rows/0/Menge``). The value is JSON; what is no
JSON, and every plain number, is taken as it is written, so that a postal code keeps its leading zero and an amount its
last digit.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from blocks.documents.base import Document
from blocks.documents.card_numbers import mask_card_numbers
from blocks.errors import WrongUse

LONGEST, DEEPEST = 100_000, 20
LONGEST_SHOWN = 80
LONGEST_ARTICLE_NUMBER = 14
"""Digits of a GTIN, of which every tenth passes for a card number."""
MAY_BE_LONG_NUMBERS = frozenset({"sku", "external_id", "phone"})
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_STEP = re.compile(r"\.?([A-Za-z_][A-Za-z_0-9]*)|\[([1-9][0-9]{0,5})\]")
_RULE = "How to write it: shipping_address.postal_code=10115, or lines[2].sku=LAMP for the second line."
Step = str | int


class Change(Document):
    """One place and what is to stand there; ``before`` is what stood there when the correction was made."""

    place: str
    value: Any
    before: Any = None


def changes_of(lines: Iterable[str], *, raw: bool) -> tuple[Change, ...]:
    """Return the changes that lines of ``place=value`` say.

    Raises:
        WrongUse: A line is none; says how it is written.
    """
    changes = [_change(line, raw=raw) for line in lines if line.strip()]
    if not changes:
        raise WrongUse(f"A correction needs at least one line. {_RULE}")
    return tuple(changes)


def _change(line: str, *, raw: bool) -> Change:
    place, sign, text = line.partition("=")
    if not sign or not place.strip():
        raise WrongUse(f"A line of the patch is no place=value. {_RULE}")
    place = place.strip()
    if raw:
        tokens_of(place)
    else:
        steps_of(place)
    value = _value(text.strip())
    if len(line) > LONGEST or _depth(value) > DEEPEST or not _storable(place) or not _storable(value):
        raise WrongUse("A line of the patch is too long or too deep, or holds characters that no text can hold.")
    if _holds_card_number(place, value):
        raise WrongUse(
            f"What is to stand at {shown(place)} holds what looks like a card number: leave it out, none is ever kept."
        )
    return Change(place=place, value=value)


def _value(text: str) -> Any:
    if NUMBER.fullmatch(text):
        return text
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def _holds_card_number(place: str, value: Any) -> bool:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text.isdecimal() and len(text) <= LONGEST_ARTICLE_NUMBER:
        return False
    return place.rpartition(".")[2] not in MAY_BE_LONG_NUMBERS and mask_card_numbers(text) != text


def _storable(value: Any) -> bool:
    """Return whether Postgres and files can hold it: no NUL, no half of a character."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except ValueError:
        return False
    return "\\u0000" not in text


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [part for each in level for part in _parts(each)]
    return depth


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def steps_of(place: str) -> tuple[Step, ...]:
    """Return the names and 1-based numbers of a path."""
    found: list[Step] = []
    end = 0
    while end < len(place):
        step = _STEP.match(place, end)
        if step is None or (end == 0) == place.startswith((".", "["), end):
            raise WrongUse(f"'{shown(place)}' is no place in an order. {_RULE}")
        found.append(step[1] or int(step[2]))
        end = step.end()
    return tuple(found)


def tokens_of(place: str) -> tuple[str, ...]:
    """Return the reference tokens of an RFC 6901 pointer.

    Raises:
        WrongUse: The text is none.
    """
    if not place.startswith("/") or re.search(r"~(?![01])", place):
        raise WrongUse(f"'{shown(place)}' is no JSON pointer: write it as /rows/0/Menge (RFC 6901).")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in place[1:].split("/"))


def shown(text: str) -> str:
    """Return a text from outside as a sentence can hold it: one line, not too long."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= LONGEST_SHOWN else f"{plain[:LONGEST_SHOWN]}…"
