"""The chain itself: what an event's hash covers, and how many events become COPY text quickly.

Events are put into words, numbered and hashed block by block while Postgres takes in the block before, so that the head
is locked for no longer than Postgres needs. Whoever changes what the hash covers breaks every chain ever written.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from blocks.documents.base import canonical_json, plain_decimal

FIRST_HASH = "0" * 64
COLUMNS = "seq, at, actor, process, run_id, kind, subject, digests, facts, previous, hash"
_ROWS_PER_BLOCK = 200
"""Postgres takes in one block while the next is hashed."""

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class Told(NamedTuple):
    """One event in words, ready to be chained: what the hash covers of it, and its columns as COPY text."""

    hashed: str
    copied: str


def event_hash(previous: str, columns: Iterable[str]) -> str:
    """Return the hash of an event: sha256 over the hash before it and each column as ``length:text``.

    The columns are seq, at (``2026-01-31T12:00:00.000000Z``), actor, process, run_id, kind, subject, digests and
    facts; lengths count characters.
    """
    text = previous + "".join(f"{len(column)}:{column}" for column in columns)
    return hashlib.sha256(text.encode()).hexdigest()


def told(kind: str, subject: str, digests: Mapping[str, str], facts: Mapping[str, Any]) -> Told:
    """Return an event's own columns in words."""
    said, why = _json(digests) if digests else "{}", _json(facts) if facts else "{}"
    return Told(
        f"{len(kind)}:{kind}{len(subject)}:{subject}{len(said)}:{said}{len(why)}:{why}",
        _copied(kind, subject, said, why),
    )


class Chained:
    """The events of one transaction, linked: iterate once over their COPY text, then ask for ``seq`` and ``head``."""

    def __init__(self, previous: str, seq: int, common: tuple[str, str, str, str], events: Iterable[Told]) -> None:
        """Go on after the event with this hash and number; all events share ``common``: at, actor, process, run_id."""
        self.head, self.seq = previous, seq
        self._hashed = "".join(f"{len(column)}:{column}" for column in common)
        self._copied = _copied(*common)
        self._events = events

    def __iter__(self) -> Iterator[bytes]:
        """Yield blocks of COPY text."""
        head, seq, common, shared = self.head, self.seq, self._hashed, self._copied
        sha256 = hashlib.sha256
        lines: list[str] = []
        for hashed, copied in self._events:
            seq += 1
            following = sha256(f"{head}{len(str(seq))}:{seq}{common}{hashed}".encode()).hexdigest()
            lines.append(f"{seq}\t{shared}\t{copied}\t{head}\t{following}\n")
            head = following
            if len(lines) == _ROWS_PER_BLOCK:
                yield "".join(lines).encode()
                lines.clear()
        self.head, self.seq = head, seq
        yield "".join(lines).encode()


def _json(value: Mapping[str, Any]) -> str:
    """Return canonical JSON, sorted and without white space, several times faster than the standard library can."""
    try:
        return orjson.dumps(value, _in_words, _OPTIONS).decode()
    except TypeError:  # numbers beyond 64 bits, keys that are no text
        return canonical_json(value)


def _in_words(value: object) -> Any:
    return plain_decimal(value) if isinstance(value, Decimal) else orjson.loads(canonical_json(value))


def _copied(*columns: str) -> str:
    """Return columns as COPY text; the few that need it are escaped."""
    text = "\t".join(columns)
    if "\\" in text or "\n" in text or "\r" in text or text.count("\t") != len(columns) - 1:
        text = "\t".join(map(_escaped, columns))
    return text


def _escaped(column: str) -> str:
    return column.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
