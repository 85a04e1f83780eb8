"""The words of an OData expression."""

import re
from dataclasses import dataclass
from enum import StrEnum

from deployments.sandbox.shop.values import Refusal


class Word(StrEnum):
    """The kinds of words."""

    TEXT = "text"
    TIME = "time"
    GUID = "guid"
    NUMBER = "number"
    NAME = "name"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word and where it starts."""

    word: Word
    text: str
    at: int


_PATTERNS = (
    (Word.TEXT, r"'(?:[^']|'')*'"),
    (Word.GUID, r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    (Word.TIME, r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w.:-])"),
    (Word.NUMBER, r"-?\d+(?:\.\d+)?(?![\w.])"),
    (Word.NAME, r"[A-Za-z_]\w*"),
    (Word.MARK, r"[(),/:=]"),
)
_TOKEN = re.compile(r"\s*(?:" + "|".join(f"(?P<{word}>{pattern})" for word, pattern in _PATTERNS) + ")")


def tokens(text: str) -> list[Token]:
    """Split an expression into its words, with an END behind them.

    Raises:
        Refusal: 400, there is something that is no word.
    """
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Refusal(400, f"Syntax error at position {at} in '{text}'.")
        found.append(Token(Word(match.lastgroup), match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return [*found, Token(Word.END, "", end)]


def unquoted(text: str) -> str:
    """Return what a quoted text says."""
    return text[1:-1].replace("''", "'")


def split_outside(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside of parentheses and quotes; empty parts are left out."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif not quoted and depth == 0 and sign == separator:
            parts.append(text[start:at])
            start = at + 1
    if depth or quoted:
        raise Refusal(400, f"Unbalanced parentheses or quotes in '{text}'.")
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]
