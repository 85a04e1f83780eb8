"""JSON that is read, changed in one place and written again: every number keeps its spelling. Pure."""

import json
from typing import Any


class JsonNumber(str):
    """A number as it stood in the text, e.g. ``1.10`` or ``1E400``; never rounded by reading it."""

    __slots__ = ()


def read_json(body: bytes) -> Any:
    """Return the content of JSON bytes (UTF-8, UTF-16 or UTF-32, RFC 8259), numbers as ``JsonNumber``.

    Raises:
        ValueError: The bytes are no JSON.
    """
    try:
        return json.loads(body, parse_int=JsonNumber, parse_float=JsonNumber, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def write_json(content: Any) -> bytes:
    """Return the content as UTF-8 JSON text."""
    return _text(content).encode()


def _text(content: Any) -> str:
    if isinstance(content, JsonNumber):
        return str(content)
    if isinstance(content, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_text(part)}" for name, part in content.items()) + "}"
    if isinstance(content, list):
        return "[" + ",".join(map(_text, content)) + "]"
    return json.dumps(content)
