"""One visit to a source: what is due is asked for by several threads at the host's pace, and kept batch by batch.

The frontier stands in Postgres (``blocks.database.fetched``): indexes first, then what they list, then what that links
to. Memory is bounded by what is under way, whatever the source lists. One visit at a time for each source.
"""

import hashlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from blocks.database import fetched, product_media, received_files
from blocks.database.fetched import Answered, Known, Target
from blocks.database.turns import Turns
from blocks.errors import Refused, SomsError, TryAgainLater, Unreadable
from blocks.systems.manufacturers.addresses import Addresses
from blocks.systems.manufacturers.contract import Collected, Log, Wanted
from blocks.systems.manufacturers.fetching import Answer, Fetcher, Question
from blocks.systems.manufacturers.robots import Robots

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database

STEPS = 3
_CHUNK = 1000
_BATCH_ANSWERS, _BATCH_BYTES, _BATCH_SECONDS = 250, 16 << 20, 5.0
_HELD_BYTES = 64 << 20
"""Answers that wait to be kept; beyond that no new request begins."""
_LONGEST_PAUSE = 60.0
"""Seconds; a host that asks for more is left for another visit."""
_FAILURES_IN_A_ROW = 20
_DAY = 24 * 3600.0
_OK, _UNCHANGED = 200, 304


class Way(Protocol):
    """How one connection is gone through: where to begin, and what an answer leads to."""

    fresh_hours: float
    shows_media: bool

    def addresses(self) -> Addresses:
        """Return the addresses that may be asked."""

    @property
    def obeys_robots(self) -> bool:
        """Return whether robots.txt is asked for and obeyed."""

    def at_once(self) -> int:
        """Return how many requests may be under way."""

    def pace(self) -> float:
        """Return how many requests may begin in a second."""

    def fetcher(self, source: str, before: "Before") -> Fetcher:
        """Return what asks the addresses of this connection."""

    def roots(self, wanted: Sequence[Wanted]) -> Iterable[Target]:
        """Yield where to begin."""

    def accepts(self, role: str) -> tuple[str, ...]:
        """Return the media types that can be meant."""

    def found(self, known: Known, answer: Answer) -> Iterable[Target]:
        """Return what a new content lists or links to. Raises Unreadable where it must be kept by no means."""


class Before(Protocol):
    """Waits until an address may be asked, or raises why it must not be."""

    def __call__(self, url: str) -> None:
        """Wait."""


@dataclass(slots=True)
class _Count:
    """What became of the addresses so far, and what stands in the way of more."""

    new: int = 0
    unchanged: int = 0
    gone: int = 0
    refused: int = 0
    failed: int = 0
    in_a_row: int = 0
    findings: dict[str, None] = field(default_factory=dict)
    later: TryAgainLater | None = None
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    answered: Answered
    error: SomsError | None = None


def visit(
    way: Way,
    database: "Database",
    actor: "Actor",
    *,
    source: str,
    wanted: Sequence[Wanted],
    again: bool,
    log: Log,
) -> Collected:
    """Ask for all that is due; see ``ManufacturerSource.collect``."""
    with ExitStack() as stack:
        holder = stack.enter_context(database.connect(autocommit=True))
        if not received_files.hold_folder(holder, source=source):
            log(f"Another run visits {source} at this moment; this one leaves it alone.")
            return Collected()
        return _Visit(way, database, actor, source, holder, again=again).run(wanted, log, stack)


class _Visit:
    def __init__(
        self, way: Way, database: "Database", actor: "Actor", source: str, holder: "Connection", *, again: bool
    ) -> None:
        self._way, self._database, self._actor, self._source, self._again = way, database, actor, source, again
        self._holder = holder
        self._begun = fetched.clock(holder)
        self._count = _Count()
        self._held, self._room = 0, threading.Condition()
        self._turns: dict[str, Turns] = {}
        self._turns_lock = threading.Lock()
        self._only: list[str] = []
        self._stopped = threading.Event()
        self._fetcher = way.fetcher(source, self._before)
        self._plain = way.fetcher(source, lambda url: self._turn(url, 0.0).wait(self._stopped))
        self._robots = Robots(self._plain, fetched.robots(holder, source))

    def run(self, wanted: Sequence[Wanted], log: Log, stack: ExitStack) -> Collected:
        stack.callback(self._fetcher.close)
        stack.callback(self._plain.close)
        listed_before = fetched.count_listed(self._holder, self._source)
        self._plant(wanted)
        pool = stack.enter_context(ThreadPoolExecutor(self._way.at_once(), thread_name_prefix="visit"))
        stack.callback(self._break_off)  # whatever ends the visit early, nothing more is asked
        for step in range(STEPS):
            while not self._stopped.is_set() and self._walk(step, pool):
                continue
        count = self._count
        for sentence in count.findings:
            log(sentence)
        listed = fetched.count_listed(self._holder, self._source)
        if count.later is not None:
            raise TryAgainLater(
                f"{count.later} {count.new + count.unchanged} answers are kept; {count.failed} more will be asked for.",
                retry_after=count.later.retry_after,
            )
        if count.refusal is not None and not count.new + count.unchanged:
            raise count.refusal
        return Collected(
            asked=self._fetcher.asked + self._plain.asked,
            new=count.new,
            unchanged=count.unchanged,
            gone=count.gone,
            refused=count.refused,
            failed=count.failed,
            bytes=self._fetcher.wire + self._plain.wire,
            listed=listed,
            listed_before=listed_before,
            findings=tuple(count.findings),
        )

    def _plant(self, wanted: Sequence[Wanted]) -> None:
        roots = self._way.roots(wanted)
        with self._database.connect() as connection, connection.transaction():
            if wanted:  # asked for by name: the rest stands as it was
                roots = list(roots)
                self._only = [fetched.key_of(target.url) for target in roots]
            fetched.plant(connection, self._source, roots, instead_below=[] if wanted else [""])
            if self._way.shows_media and not wanted:
                allowed = self._way.addresses()
                named = product_media.named(connection, self._source)
                known = fetched.known_of(connection, self._source, [target.url for target in named])
                new = (each for each in named if each.url not in known and not allowed.objection(each.url))
                fetched.plant(connection, self._source, new)

    def _walk(self, step: int, pool: ThreadPoolExecutor) -> bool:
        """Ask what is due in a step once; returns whether anything was."""
        finished: SimpleQueue[Future[_Outcome]] = SimpleQueue()
        batch: list[Answered] = []
        due = self._due(step)
        most = self._way.at_once() * 4 + int(self._way.pace())
        under_way, weight, any_due, kept_at = 0, 0, False, time.monotonic()
        while True:
            while under_way < most and not self._stopped.is_set() and (known := next(due, None)) is not None:
                pool.submit(self._ask, known).add_done_callback(finished.put)
                under_way, any_due = under_way + 1, True
            if not under_way:
                break
            batch.append(self._counted(finished.get().result()))
            under_way, weight = under_way - 1, weight + batch[-1].weight
            if len(batch) >= _BATCH_ANSWERS or weight >= _BATCH_BYTES or time.monotonic() > kept_at + _BATCH_SECONDS:
                self._keep(batch)
                batch, weight, kept_at = [], 0, time.monotonic()
        self._keep(batch)
        return any_due

    def _due(self, step: int) -> Iterator[Known]:
        after = ""
        while True:
            with self._database.connect() as connection:
                rows = fetched.due(
                    connection, self._source, step=step, begun=self._begun, again=self._again, after=after,
                    limit=_CHUNK, only=self._only,
                )  # fmt: skip
            yield from rows
            if len(rows) < _CHUNK:
                return
            after = rows[-1].key

    def _ask(self, known: Known) -> _Outcome:
        """Ask one address, in a thread of its own."""
        with self._room:
            self._room.wait_for(lambda: self._held < _HELD_BYTES or self._stopped.is_set())
        try:
            answer = self._fetcher.get(
                Question(known.url, known.etag, known.last_modified, self._way.accepts(known.role))
            )
            answered = self._weighed(known, answer)
        except _LeftOut as left:
            return _Outcome(Answered(known, 0), left)
        except TryAgainLater as error:
            if error.retry_after:
                self._turn(known.url, 0.0).hold_back(min(error.retry_after, _LONGEST_PAUSE))
            return _Outcome(Answered(known, -1), error)
        except SomsError as error:
            return _Outcome(Answered(known, -1, due_in=_DAY), error)
        with self._room:
            self._held += answered.weight
        return _Outcome(answered)

    def _weighed(self, known: Known, answer: Answer) -> Answered:
        fresh = self._way.fresh_hours * 3600.0
        etag, modified = answer.validator("etag"), answer.validator("last-modified")
        if answer.status != _OK:
            return Answered(known, answer.status, None, "", etag, modified, fresh if answer.status == 304 else 7 * _DAY)  # noqa: PLR2004
        if hashlib.sha256(answer.body).hexdigest() == known.sha256:
            return Answered(known, _UNCHANGED, None, "", etag, modified, fresh)
        targets = tuple(self._way.found(known, answer))
        return Answered(known, _OK, answer.body, answer.content_type, etag, modified, fresh, targets)

    def _counted(self, outcome: _Outcome) -> Answered:
        count, error = self._count, outcome.error
        if isinstance(error, TryAgainLater):
            count.failed += 1
            count.in_a_row += 1
            longest = max(error.retry_after or 0.0, (count.later.retry_after or 0.0) if count.later else 0.0)
            count.later = TryAgainLater(str(count.later or error), retry_after=longest or None)
            if count.in_a_row >= _FAILURES_IN_A_ROW or longest > _LONGEST_PAUSE:
                self._break_off()
        elif isinstance(error, Refused | Unreadable):
            count.refused += 1
            count.refusal = count.refusal or (error if isinstance(error, Refused) else None)
            if len(count.findings) < 20:  # noqa: PLR2004 - what more would only repeat
                count.findings[str(error)] = None
        elif error is None:
            count.in_a_row = 0
            status = outcome.answered.status
            count.new += status == _OK
            count.unchanged += status == _UNCHANGED
            count.gone += status not in (_OK, _UNCHANGED)
            if status not in (_OK, _UNCHANGED) and outcome.answered.known.step == 0:
                lost = f"{urlsplit(outcome.answered.known.url).path[:200]} answered {status}: what should list products"
                count.refusal = Refused(f"{lost} is not there. Correct the address in the connection's settings.")
                count.findings[str(count.refusal)] = None
        return outcome.answered

    def _break_off(self) -> None:
        self._stopped.set()
        with self._room:
            self._room.notify_all()

    def _keep(self, batch: list[Answered]) -> None:
        """Keep a batch in one transaction; what was left out is not noted, for it was not asked."""
        robots = self._robots.answered()
        noted = [each for each in batch if each.status != 0]
        if robots or noted:
            with self._database.audited(self._actor) as (connection, trail):
                if robots:
                    fetched.plant(connection, self._source, [Target(each.known.url, "robots", 0) for each in robots])
                fetched.note(connection, trail, self._source, [*robots, *noted])
        with self._room:
            self._held -= sum(each.weight for each in batch)
            self._room.notify_all()

    def _before(self, url: str) -> None:
        delay = 0.0
        if self._way.obeys_robots:
            self._robots.insist(url)
            delay = self._robots.delay(url)
        self._turn(url, delay).wait(self._stopped)
        if self._stopped.is_set():
            raise _LeftOut

    def _turn(self, url: str, delay: float) -> Turns:
        host = urlsplit(url).netloc.lower()
        with self._turns_lock:
            if host not in self._turns:
                self._turns[host] = Turns(self._holder, f"host {host}", self._way.pace())
            turns = self._turns[host]
        if delay:
            turns.slow_down(1 / delay)
        return turns


class _LeftOut(SomsError):  # noqa: N818 - it says what became of an address
    """The visit was broken off before this address was asked."""
