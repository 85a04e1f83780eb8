"""Cells as they are kept: JSON values that lose nothing, with card numbers masked.

A text is a text; a number that the file itself knows as a number is a number. What JSON cannot say is an object:
``{"$date": …}`` and ``{"$time": …}`` for a spreadsheet's dates, ``{"number": …}`` for a number no float holds,
``{"bytes": hex, "text": …}`` for a text with bytes that are none of its encoding, ``{"$error": "#N/A"}``.
"""

import json
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from blocks.documents.card_numbers import mask_card_numbers
from blocks.standards.order_files.encodings import original_bytes

SHORTEST_CARD = 13
DEEPEST = 30
LONGEST_INTEGER = 18
"""Digits; more do not fit into the 64 bits of the integers in a body."""


def _exact_float(text: str) -> Any:
    value = float(text)
    try:
        exact = value - value == 0 and Decimal(repr(value)) == Decimal(text)
    except InvalidOperation:  # an exponent beyond all reason
        exact = False
    return value if exact else {"$number": text}


def _exact_integer(text: str) -> Any:
    return int(text) if len(text) <= LONGEST_INTEGER else {"$number": text}


decoder = json.JSONDecoder(parse_float=_exact_float, parse_int=_exact_integer, parse_constant=str)
"""Reads foreign JSON without losing a digit: a float stands only for a number it says exactly."""


def to_body(content: dict[str, Any], encoding: str = "utf-8") -> bytes:
    """Return a record's canonical JSON: equal content gives equal bytes."""
    try:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate: some bytes were none of the file's encoding
        return orjson.dumps(_storable(content, encoding), option=orjson.OPT_SORT_KEYS)


def from_body(body: bytes) -> Any:
    """Return what a body says.

    Raises:
        ValueError: It is no JSON.
    """
    return orjson.loads(body)


def _storable(value: Any, encoding: str) -> Any:
    if isinstance(value, str):
        return _storable_text(value, encoding)
    if isinstance(value, dict):
        return {replaced(key): _storable(inner, encoding) for key, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner, encoding) for inner in value]
    return value


def _storable_text(text: str, encoding: str) -> Any:
    shown = replaced(text)
    return text if shown == text else {"$bytes": original_bytes(text, encoding).hex(), "$text": shown}


def replaced(text: str) -> str:
    """Return the text with lone surrogates replaced; a pair that stands for one character becomes it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def masked(text: str) -> str:
    """Return the text without card numbers (PCI DSS 3.4: masked before it is stored)."""
    return mask_card_numbers(text) if len(text) >= SHORTEST_CARD else text


def masked_tree(value: Any, kept: Collection[str], path: str = "", depth: int = 0) -> Any:
    """Return a tree with the card numbers in its texts and long numbers masked, but at the paths of identifiers.

    Raises:
        ValueError: Nested more deeply than any order.
    """
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value if path in kept else masked(value)
    if isinstance(value, dict):
        return {
            key: masked_tree(inner, kept, f"{path}/{key}" if path else key, depth + 1) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [masked_tree(inner, kept, path, depth + 1) for inner in value]
    if isinstance(value, int) and abs(value) >= 10 ** (SHORTEST_CARD - 1) and path not in kept:
        hidden = masked(str(value))
        return value if hidden == str(value) else hidden
    return value
