"""Carries out the due effects of a process: claims them batch by batch, calls, books the answers, waits for retries.

A process says what its calls are; that no effect is lost, made twice or blocks those beside it is seen to here.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database import effects
from blocks.errors import Outstanding, Refused, SomsError, TryAgainLater, where_it_broke
from blocks.systems.answers import Answer, Done

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database

_log = logging.getLogger(__name__)

PER_CALL = 25
SHORTEST_WAIT = 0.2
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
    """

    process: str
    calls: Mapping[str, Call]
    names: Mapping[str, str]
    per_call: Mapping[str, int]
    book: Book = _nothing_follows
    hold_back: HoldBack = _all_may_go


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
) -> Delivered:
    """Carry out all due effects; waits ``patience`` seconds at most for retries, and until dead workers' leases end.

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
        if ahead.claimed is not None and waited + max(ahead.claimed, least) <= longest:
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
        limit = delivery.per_call.get(kind, PER_CALL)
        while claimed := effects.claim(
            database, actor, process=delivery.process, kind=kind, limit=limit, lease=lease, avoid=silent
        ):
            settled = carry_out(delivery, database, actor, claimed, lease=lease)
            delivered = delivered.plus(settled)
            log(_progress(delivery.names[kind], settled))
            if settled and all(_unanswered(entry.answer) for entry in settled):
                silent.add(claimed[0].system)
    return delivered, silent


def _unanswered(answer: Answer) -> bool:
    """Return whether the system cannot be reached; one that has the work and answers later can."""
    return isinstance(answer, TryAgainLater) and not isinstance(answer, Outstanding)


def _progress(name: str, settled: Sequence[effects.Settled]) -> str:
    reasons = sorted({str(entry.answer) for entry in settled if isinstance(entry.answer, SomsError)})
    done = sum(isinstance(entry.answer, Done) for entry in settled)
    return f"{name}: {done} of {len(settled)}" + (f"; not done: {reasons[0]}" if reasons else "")


def carry_out(
    delivery: Delivery, database: "Database", actor: "Actor", claimed: Sequence[effects.Claimed], *, lease: float
) -> list[effects.Settled]:
    """Call the outside system for one claimed batch and book its answers with the facts that follow from them."""
    with effects.kept(database, claimed, lease):
        with database.connect() as connection:
            held_back = delivery.hold_back(connection, claimed)
        free = [effect for effect in claimed if effect.id not in held_back]
        given = iter(_answers(delivery.calls[claimed[0].kind], database, free) if free else ())
        answers = [held_back[effect.id] if effect.id in held_back else next(given) for effect in claimed]
    with database.audited(actor) as (connection, trail):
        settled = effects.settle(connection, trail, claimed, answers)
        if settled:
            delivery.book(connection, trail, settled)
    return settled


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
