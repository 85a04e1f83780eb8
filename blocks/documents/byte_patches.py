"""Corrections of a record's JSON as it came, for what cannot be read at all. Pure."""

import json
import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from blocks.documents.json_text import JsonNumber, read_json, write_json
from blocks.documents.patch_lines import NUMBER, Change, shown, tokens_of
from blocks.errors import WrongUse


def corrected_bytes(body: bytes, changes: Sequence[Change]) -> tuple[bytes, tuple[Change, ...]]:
    """Return the record's JSON with the changes made, and the changes with what stood there before.

    Every other value keeps its spelling, numbers included.

    Raises:
        WrongUse: The record is no JSON, or a place does not exist in it.
    """
    told = []
    try:
        content = read_json(body)
        for change in changes:
            before = _set_raw(content, tokens_of(change.place), deepcopy(change.value), place=change.place)
            told.append(change.model_copy(update={"before": before}))
        return write_json(content), tuple(told)
    except (ValueError, RecursionError):
        raise WrongUse("These bytes are no JSON: they cannot be corrected by pointer. Reject the record.") from None


def _set_raw(content: Any, tokens: Sequence[str], value: Any, *, place: str) -> Any:
    at = content
    for token in tokens[:-1]:
        at = at[_key(at, token, place)]
    key = _key(at, tokens[-1], place, new=True)
    if isinstance(at, list) and key == len(at):
        at.append(value)
        return None
    before = at[key] if isinstance(at, list) else at.get(key)
    at[key] = _like(before, value)
    return str(before) if isinstance(before, JsonNumber) else json.loads(write_json(before))


def _like(before: Any, value: Any) -> Any:
    """A number that takes a number's place is one; anywhere else what was written as text stays text."""
    is_number = isinstance(value, str) and NUMBER.fullmatch(value) and not re.match(r"-?0[0-9]", value)
    return JsonNumber(value) if is_number and isinstance(before, JsonNumber) else value


def _key(at: Any, token: str, place: str, *, new: bool = False) -> Any:
    if isinstance(at, dict):
        if token in at or new:
            return token
        known = ", ".join(shown(name) for name in sorted(at)[:20])
        raise WrongUse(f"{shown(place)}: there is no '{shown(token)}' here; there are: {known or 'no fields'}.")
    if isinstance(at, list):
        most = len(at) if new else len(at) - 1
        if new and token == "-":  # noqa: S105 - RFC 6901: the element after the last
            return len(at)
        if re.fullmatch(r"0|[1-9][0-9]{0,6}", token) and int(token) <= most:
            return int(token)
        allowed = f"0 to {most}" if most >= 0 else "nothing, for it is empty"
        raise WrongUse(f"{shown(place)}: there is no entry '{shown(token)}' in this list; allowed: {allowed}.")
    raise WrongUse(f"{shown(place)}: what stands before '{shown(token)}' is a value and has no parts.")
