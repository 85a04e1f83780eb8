"""Carries out the due effects of a process: claims them batch by batch, calls, books the answers, waits for retries.

A process says what its calls are; that no effect is lost, made twice or blocks those beside it is seen to here.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database import effects
from blocks.database.kept_connection import KeptConnection
from blocks.database.pacing import paced
from blocks.database.system_limits import seconds_until_turn
from blocks.errors import Outstanding, Refused, SomsError, TryAgainLater, where_it_broke
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import UNLIMITED, Limits

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database

_log = logging.getLogger(__name__)

PER_CALL = 25
SHORTEST_WAIT = 0.2
LONGEST_TURNS = 10.0
"""Seconds for which a worker claims calls that are made in turn."""
DEAD_AFTER_LEASES = 1.5
"""A lease that is still renewed after so many of its lengths belongs to a worker that lives: no need to wait for it."""

Call = Callable[["Database", Sequence[effects.Claimed]], list[Answer]]
"""Makes the calls of effects of one kind at one system; exactly one answer per effect, in order."""
Book = Callable[["Connection", "Trail", Sequence[effects.Settled]], None]
"""Books what follows from the answers to effects of one kind, in the transaction that settles them."""
HoldBack = Callable[["Connection", Sequence[effects.Claimed]], Mapping[int, Answer]]
"""Says which effects must not be made now: effect id → the answer to settle it with."""


def _nothing_follows(_connection: "Connection", _trail: "Trail", _settled: Sequence[effects.Settled]) -> None:
    """Book nothing beyond the effects themselves."""


def _unlimited(_system: str) -> Limits:
    """Limit nothing."""
    return UNLIMITED


def _all_may_go(_connection: "Connection", _claimed: Sequence[effects.Claimed]) -> Mapping[int, Answer]:
    return {}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a process calls outside.

    Attributes:
        process: The process whose effects are carried out.
        calls: Kind of effect → its call, in the order in which the kinds follow from each other.
        names: Kind → what the log says was done, e.g. 'Sales booked in the ERP'.
        per_call: Kind → effects per claim, where it isn't ``PER_CALL``.
        book: Books what follows from the answers.
        hold_back: Says which of the claimed effects must not be made now.
        limits: Says how much a system may be asked; a run uses as many workers as a system allows calls at once.
        in_bulk: Kinds whose call makes few requests for many effects: it is made for the whole claim, and each of its
            requests waits for its turn where calls per second are limited. Others are then made effect by effect.
    """

    process: str
    calls: Mapping[str, Call]
    names: Mapping[str, str]
    per_call: Mapping[str, int]
    book: Book = _nothing_follows
    hold_back: HoldBack = _all_may_go
    limits: Callable[[str], Limits] = _unlimited
    in_bulk: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the effects that this run carried out."""

    done: int = 0
    adopted: int = 0
    refused: int = 0
    put_off: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        """Return the sums."""
        return Delivered(
            self.done + other.done, self.adopted + other.adopted, self.refused + other.refused,
            self.put_off + other.put_off,
        )  # fmt: skip

    def plus(self, settled: Sequence[effects.Settled]) -> "Delivered":
        """Return the sums with these counted; ``adopted`` is part of ``done``."""
        answers = [entry.answer for entry in settled]
        done = [answer for answer in answers if isinstance(answer, Done)]
        refused = sum(isinstance(answer, Refused) for answer in answers)
        return Delivered(
            self.done + len(done),
            self.adopted + sum(answer.adopted for answer in done),
            self.refused + refused,
            self.put_off + len(answers) - len(done) - refused,
        )


def deliver_all(
    delivery: Delivery,
    database: "Database",
    actor: "Actor",
    *,
    lease: float,
    patience: float,
    log: Callable[[str], None],
    outlive: bool = True,
) -> Delivered:
    """Carry out all due effects; waits ``patience`` seconds at most for retries, and until dead workers' leases end.

    A caller that comes again soon anyway need not ``outlive`` others' claims.

    A system that put off a whole batch is left alone until the next round, and rounds come ever more slowly while none
    answers: a run must end, and let new orders in, however many calls wait for a system that is down.
    """
    delivered, waited, rounds = Delivered(), 0.0, 0
    while True:
        delivered, silent = _round(delivery, database, actor, delivered, lease=lease, log=log)
        rounds = rounds + 1 if silent else 0
        with database.connect() as connection:
            ahead = effects.outlook(connection, process=delivery.process)
        least = SHORTEST_WAIT * 2 ** (rounds - 1) if rounds else 0.0
        waits = []
        if ahead.due is not None and waited + max(ahead.due, least) <= patience:
            waits.append(max(ahead.due, least))
        longest = max(patience, lease * DEAD_AFTER_LEASES)
        if outlive and ahead.claimed is not None and waited + max(ahead.claimed, least) <= longest:
            waits.append(max(ahead.claimed, least))
        if not waits:
            return delivered
        pause = max(min(waits), SHORTEST_WAIT)
        time.sleep(pause)
        waited += pause


def _round(
    delivery: Delivery,
    database: "Database",
    actor: "Actor",
    delivered: Delivered,
    *,
    lease: float,
    log: Callable[[str], None],
) -> tuple[Delivered, set[str]]:
    """Carry out what is free now; returns the sums and the systems that put off a whole batch."""
    silent: set[str] = set()
    for kind in delivery.calls:
        with database.connect() as connection:
            systems = effects.waiting_systems(connection, process=delivery.process, kind=kind)
        limits = {system: delivery.limits(system) for system in systems}
        if limits:
            worker = Worker(delivery, database, actor, kind, limits, silent, lease, log)
            workers = max(allowed.max_in_flight or 1 for allowed in limits.values())
            delivered = sum(_at_once(worker.work, workers), start=delivered)
    return delivered, silent


def _at_once(work: Callable[[], Delivered], workers: int) -> list[Delivered]:
    """Do the work with several threads, each in this run's context; an error of one is raised when all have ended."""
    if workers == 1:
        return [work()]
    with ThreadPoolExecutor(workers, thread_name_prefix="calls") as pool:
        return [done.result() for done in [pool.submit(copy_context().run, work) for _ in range(workers)]]


@dataclass(frozen=True, slots=True)
class Worker:
    """Carries out effects of one kind at systems with these limits; those in ``silent`` are left alone."""

    delivery: Delivery
    database: "Database"
    actor: "Actor"
    kind: str
    limits: Mapping[str, Limits]
    silent: set[str]
    lease: float
    log: Callable[[str], None]

    def work(self) -> Delivered:
        """Claim and carry out until nothing can be claimed."""
        delivered = Delivered()
        with KeptConnection(self.database) as own:
            while claimed := self._claim(own):
                settled = self._carry_out(own, claimed)
                delivered = delivered.plus(settled)
                self.log(_progress(self.delivery.names[self.kind], settled))
                if settled and all(_unanswered(entry.answer) for entry in settled):
                    self.silent.add(claimed[0].system)
        return delivered

    def _claim(self, own: KeptConnection) -> list[effects.Claimed]:
        limit = self.delivery.per_call.get(self.kind, PER_CALL)
        slowest = min((allowed.calls_per_second or limit for allowed in self.limits.values()), default=limit)
        return effects.claim(
            own,
            self.actor,
            process=self.delivery.process,
            kind=self.kind,
            limit=max(1, min(limit, int(slowest * LONGEST_TURNS))),
            lease=self.lease,
            avoid=self.silent,
            limits=self.limits,
        )

    def _carry_out(self, own: KeptConnection, claimed: Sequence[effects.Claimed]) -> list[effects.Settled]:
        """Call the outside system for one claimed batch and book its answers with the facts that follow from them."""
        with effects.kept(self.database, claimed, self.lease):
            with own.connect() as connection:
                held_back = self.delivery.hold_back(connection, claimed)
            free = [effect for effect in claimed if effect.id not in held_back]
            given = iter(self._call(free) if free else ())
            answers = [held_back[effect.id] if effect.id in held_back else next(given) for effect in claimed]
        with own.audited(self.actor) as (connection, trail):
            settled = effects.settle(connection, trail, claimed, answers)
            if settled:
                self.delivery.book(connection, trail, settled)
        return settled

    def _call(self, claimed: Sequence[effects.Claimed]) -> list[Answer]:
        """Make the calls as fast as their system allows."""
        kind, system = claimed[0].kind, claimed[0].system
        call, per_second = self.delivery.calls[kind], self.limits[system].calls_per_second
        if kind in self.delivery.in_bulk:
            with paced(self.database, system, per_second):
                return _answers(call, self.database, claimed)
        if per_second:
            return _in_turn(call, self.database, claimed, per_second)
        return _answers(call, self.database, claimed)


def _unanswered(answer: Answer) -> bool:
    """Return whether the system cannot be reached; one that has the work and answers later can."""
    return isinstance(answer, TryAgainLater) and not isinstance(answer, Outstanding)


def _progress(name: str, settled: Sequence[effects.Settled]) -> str:
    reasons = sorted({str(entry.answer) for entry in settled if isinstance(entry.answer, SomsError)})
    done = sum(isinstance(entry.answer, Done) for entry in settled)
    return f"{name}: {done} of {len(settled)}" + (f"; not done: {reasons[0]}" if reasons else "")


def _in_turn(
    call: Call, database: "Database", claimed: Sequence[effects.Claimed], calls_per_second: float
) -> list[Answer]:
    """Make the calls one by one, each when it is the system's turn; where one finds it silent the rest isn't made."""
    answers: list[Answer] = []
    for effect in claimed:
        if answers and _unanswered(answers[-1]):
            answers.append(answers[-1])
            continue
        time.sleep(seconds_until_turn(database, effect.system, calls_per_second))
        answers += _answers(call, database, [effect])
    return answers


def _answers(call: Call, database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Return one answer per effect, whatever happens: an effect nobody answers would block those beside it for ever.

    When the call itself breaks, each effect is called by itself (what was done is looked up and adopted), so that only
    the one that breaks it waits for a person.
    """
    try:
        answers = call(database, claimed)
        if len(answers) == len(claimed):
            return answers
        broken = f"{claimed[0].system} gave {len(answers)} answers to {len(claimed)} requests."
    except TryAgainLater as error:
        return [error] * len(claimed)
    except SomsError as error:
        return [Refused(str(error))] * len(claimed)
    except Exception as error:  # noqa: BLE001 - no fault in one record may block the others
        broken = f"SOMS failed with {type(error).__name__} while it prepared or made this call; its log says why."
        _log.error("%s calls broke: %s", len(claimed), where_it_broke(error))
    if len(claimed) == 1:
        return [Refused(broken)]
    return [answer for effect in claimed for answer in _answers(call, database, [effect])]
