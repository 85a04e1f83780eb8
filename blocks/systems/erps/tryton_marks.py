"""How far Tryton has been heard: a mark that misses nothing written late and names nothing twice.

Tryton stamps a record with the time at which the writing transaction began, and shows it when that one ends. So a
record may turn up behind one that was heard already. A mark therefore remembers what it heard of the last minutes,
and looks whether more has come there.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Self

from blocks.errors import Refused
from blocks.systems.erps.tryton_rpc import PAGE, TrytonRpc

LONGEST_TRANSACTION = timedelta(minutes=5)
"""What a transaction that began longer ago wrote is found by the next reading of the levels only."""

_MINUTE = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Key = Callable[[Mapping[str, Any]], int]


@dataclass(slots=True)
class Mark:
    """What was heard of one kind of record.

    Attributes:
        at: The newest time heard, by Tryton's clock.
        seen: Keys of what was heard of the last minutes, by minute.
    """

    at: datetime = _EPOCH
    seen: dict[int, set[int]] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        """Return from when on something may still turn up."""
        return _EPOCH + timedelta(minutes=_minute(self.at) - _minutes(LONGEST_TRANSACTION))

    def has(self, at: datetime, key: int) -> bool:
        """Tell whether it was heard; what is written once more at a later minute is not known for the same."""
        return key in self.seen.get(_minute(at), ())

    def hear(self, at: datetime, key: int) -> None:
        """Remember one record, and forget what nothing can turn up beside any more."""
        if at >= self.since:
            self.seen.setdefault(_minute(at), set()).add(key)
        if at > self.at:
            self.at = at
            oldest = _minute(self.since)
            for minute in [minute for minute in self.seen if minute < oldest]:
                del self.seen[minute]

    def heard(self) -> int:
        """Return how many records of the last minutes are remembered."""
        return sum(map(len, self.seen.values()))

    def plain(self) -> dict[str, Any]:
        """Return the mark as JSON knows it; keys in a row are one pair."""
        runs = {str(minute): _runs(keys) for minute, keys in sorted(self.seen.items())}
        return {"at": self.at.isoformat(), "seen": runs}

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """Return the mark that ``plain`` gave."""
        seen = {
            int(minute): {key for first, last in runs for key in range(first, last + 1)}
            for minute, runs in found["seen"].items()
        }
        return cls(datetime.fromisoformat(found["at"]), seen)


@dataclass(frozen=True, slots=True)
class Stream:
    """Records of one model that are heard in the order in which they were written.

    Attributes:
        model: Tryton's name of the model.
        domain: Which of its records.
        fields: What is read of each.
        key: What a record is remembered by.
    """

    model: str
    domain: Sequence[Any]
    fields: Sequence[str] = ()
    key: Key = lambda record: int(record["id"])

    def begin(self, tryton: TrytonRpc) -> Mark:
        """Return a mark at which everything written up to now has been heard."""
        mark = Mark()
        newest = self._read(tryton, [], newest=True)
        if newest:
            mark.at = newest[0]["write_date"]
            for page in self._pages(tryton, [["write_date", ">=", mark.since]]):
                for record in page:
                    mark.hear(record["write_date"], self.key(record))
        return mark

    def go_on(self, tryton: TrytonRpc, mark: Mark) -> Iterator[list[dict[str, Any]]]:
        """Yield what was not heard yet, oldest first, in pages; the mark moves on with each."""
        began = mark.at
        window = [["write_date", ">=", mark.since], ["write_date", "<=", began]]
        # One count tells whether anything came late; only then the last minutes are read again.
        if tryton.model(self.model, "search_count", [*self.domain, *window]) != mark.heard():
            there: dict[int, set[int]] = {}
            for page in self._pages(tryton, window):
                for record in page:
                    there.setdefault(_minute(record["write_date"]), set()).add(self.key(record))
                yield from self._unheard(mark, page)
            # What was written once more since stands at a later time now: it is told again, and known by its id.
            mark.seen = there
        for page in self._pages(tryton, [["write_date", ">", began]]):
            yield from self._unheard(mark, page)

    def _unheard(self, mark: Mark, page: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        fresh = [record for record in page if not mark.has(record["write_date"], self.key(record))]
        for record in fresh:
            mark.hear(record["write_date"], self.key(record))
        if fresh:
            yield fresh

    def _pages(self, tryton: TrytonRpc, window: list[Any]) -> Iterator[list[dict[str, Any]]]:
        rest: list[Any] = window
        while True:
            page = self._read(tryton, rest)
            if page:
                yield page
            if len(page) < PAGE:
                return
            last = page[-1]
            beside = [["write_date", "=", last["write_date"]], ["id", ">", last["id"]]]
            rest = [*window, ["OR", [["write_date", ">", last["write_date"]]], beside]]

    def _read(self, tryton: TrytonRpc, window: list[Any], *, newest: bool = False) -> list[dict[str, Any]]:
        way, most = ("DESC", 1) if newest else ("ASC", PAGE)
        domain = [*self.domain, ["write_date", "!=", None], *window]
        order = [["write_date", way], ["id", way]]
        found: list[dict[str, Any]] = tryton.model(
            self.model, "search_read", domain, 0, most, order, ["write_date", *self.fields]
        )
        return found


def marks_of(position: str, names: Sequence[str]) -> tuple[dict[str, Mark], dict[str, Any]]:
    """Return the marks in a kept position, and the whole of it.

    Raises:
        Refused: It is no position of ours.
    """
    try:
        found = json.loads(position)
        return {name: Mark.read(found[name]) for name in names}, found
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused(
            "The kept position of Tryton's movements cannot be read: begin anew with an empty one, after the stock has"
            " been read as a whole."
        ) from None


def _minute(at: datetime) -> int:
    return int(at.timestamp() // _MINUTE)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // _MINUTE)


def _runs(keys: set[int]) -> list[list[int]]:
    ordered = sorted(keys)
    cuts = [place for place, (one, other) in enumerate(pairwise(ordered), 1) if other != one + 1]
    starts, ends = [0, *cuts], [*cuts, len(ordered)]
    return [[ordered[start], ordered[end - 1]] for start, end in zip(starts, ends, strict=True)] if ordered else []
