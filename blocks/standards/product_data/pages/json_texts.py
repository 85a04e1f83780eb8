"""JSON as it stands in pages: mostly sound, sometimes wrapped in comments, cut off or with commas too many."""

import html
import json
import re
from typing import Any

_MOST = 4 * 2**20
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$|/\*\s*\]\]>\s*\*/\s*$"
)
_COMMENTS = re.compile(r"^\s*//[^\n]*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)
_COMMAS = re.compile(r",(?=\s*[}\]])")
_MISSING = re.compile(r'(?<=["}\]])(\s*\n\s*)(?=")')
_DEEPEST = 400
_OPENING = re.compile(r"[\[{]")


def json_values(text: str) -> tuple[list[Any], bool]:
    """Return the values of a JSON text, and whether it is broken.

    A broken one is mended where it is plain how (comments, commas too many or missing at a line's end, quotes as
    entities, several values behind each other); what still cannot be read gives no value.
    """
    text = _WRAPPED.sub("", _WRAPPED.sub("", text.strip())).strip().rstrip(";")
    if not text:
        return [], False
    if len(text) > _MOST or _too_deep(text):
        return [], True
    try:
        return [json.loads(text, strict=False)], False
    except (ValueError, RecursionError):
        pass
    return _mended(text), True


def _too_deep(text: str) -> bool:
    """Say whether brackets nest deeper than any sound text does."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    depth = 0
    for bracket in re.finditer(r"[\[{}\]]", text):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > _DEEPEST:
            return True
    return False


def _mended(text: str) -> list[Any]:
    tidy = _COMMAS.sub("", _COMMENTS.sub("", text))
    for attempt in (tidy, _MISSING.sub(r",\1", tidy), html.unescape(tidy)):
        if found := _all_values(attempt):
            return found
    return []


def _all_values(text: str) -> list[Any]:
    """Return the values that stand behind each other, as far as they can be read."""
    decoder, found, place = json.JSONDecoder(strict=False), [], 0
    while place < len(text):
        opened = _OPENING.search(text, place)
        if opened is None:
            break
        try:
            value, place = decoder.raw_decode(text, opened.start())
        except (ValueError, RecursionError):
            break
        found.append(value)
    return found
