"""What a report changes. Pure: an order's history and what was heard of it now in, entries and tellings out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from blocks.documents.status_decisions import Decision, Judge, Report, Verdict
from blocks.documents.statuses import IGNORED, LABEL, NOT_TOLD, PERSON, StatusKind, StatusSeen

UNMAPPED_REMEDY = "Map it to a status and activate the statuses anew; the order then goes on by itself."


class Heard(Protocol):
    """What is known of an earlier report: a row of the history."""

    @property
    def system(self) -> str:
        """The system that said it."""

    @property
    def word(self) -> str:
        """Its word."""

    @property
    def status(self) -> str:
        """Our status for it; empty for a word that says nothing or that nobody has mapped."""

    @property
    def outcome(self) -> str:
        """Return applied, overruled or unmapped."""

    @property
    def at(self) -> datetime:
        """Since when, by the system's clock."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one system says of one order now."""

    order_id: int
    system: str
    word: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A report with what became of it."""

    seen: Seen
    status: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an order's new reports come to."""

    before: str
    after: str
    ruled: tuple[Ruled, ...]

    @property
    def moved(self) -> bool:
        """Return whether the order's status is another one now."""
        return self.before != self.after


def news(history: Sequence[Heard], seen: Iterable[Seen], judge: Judge) -> list[Seen]:
    """Return what says something new: a system's word counts once, when it first says it and until it says another.

    A word that nobody had mapped is heard again once it is mapped.
    """
    known: list[Heard | Seen] = list(history)
    fresh: list[Seen] = []
    for each in sorted(seen, key=lambda each: each.at):
        mapped = judge.graph.meaning(each.system, each.word) is not None
        own = [
            heard
            for heard in known
            if heard.system == each.system
            and not (mapped and heard.word == each.word and getattr(heard, "outcome", "") == "unmapped")
        ]
        before = [heard for heard in own if heard.at <= each.at]
        last = max(before, key=lambda heard: heard.at, default=None)
        repeated = any(heard.at == each.at and heard.word == each.word for heard in own)
        another = last is None or last.word != each.word or last.at == each.at
        if not repeated and (another or each.system == PERSON):  # a person means it each time
            known.append(each)
            fresh.append(each)
    return fresh


def rule(history: Sequence[Heard], fresh: Sequence[Seen], judge: Judge, lifecycle: str | None) -> Outcome:
    """Decide what new reports of one order come to, by its whole history.

    Args:
        history: What was recorded before.
        fresh: What ``news`` left of what was heard.
        judge: The graph in force.
        lifecycle: The order's status as it stands; None is the first.
    """
    before = lifecycle or judge.graph.first
    past = [Report(heard.system, heard.word, heard.status, heard.at) for heard in history]
    reports = {each: _report(each, judge) for each in fresh}
    told = list(reports.values())
    stood = judge.decide(past)
    if stood.status == before:
        decision = judge.decide([*past, *told])
    else:  # the history was written under other statuses: what stands is what the new reports build on
        decision = judge.decide(told, start=before, since=max((heard.at for heard in history), default=None))
    verdicts = {id(verdict.report): verdict for verdict in decision.verdicts}
    ruled = []
    for each, report in reports.items():
        if not report.status:
            ruled.append(_without_status(each, judge))
        else:
            ruled.append(_with_status(each, report, verdicts[id(report)], stood, decision))
    return Outcome(before, decision.status, tuple(ruled))


def _report(seen: Seen, judge: Judge) -> Report:
    meaning = judge.graph.meaning(seen.system, seen.word)
    return Report(seen.system, seen.word, "" if meaning in (None, IGNORED) else str(meaning), seen.at)


def _without_status(seen: Seen, judge: Judge) -> Ruled:
    if judge.graph.meaning(seen.system, seen.word) == IGNORED:
        return Ruled(seen, "", "overruled", "By declaration this word says nothing of the order's status.")
    return Ruled(seen, "", "unmapped", f"Nothing says what '{seen.word}' of {seen.system} means. {UNMAPPED_REMEDY}")


def _with_status(seen: Seen, report: Report, verdict: Verdict, stood: Decision, decision: Decision) -> Ruled:
    if not verdict.applied:
        return Ruled(seen, report.status, "overruled", verdict.reason)
    newer = stood.winner
    if newer is not None and report.at < newer.at and report.status != decision.status:
        return Ruled(seen, report.status, "overruled", f"It is older than what {newer.system} has said since.")
    return Ruled(seen, report.status, "applied", seen.reason)


def to_tell(outcome: Outcome, words: Mapping[str, str], judge: Judge, systems: Iterable[str]) -> dict[str, str]:
    """Return what each system is to be told now: its word, or ``LABEL``; systems that show it already are left out.

    Args:
        outcome: What the order's reports came to.
        words: What each system said of the order last.
        judge: The graph in force.
        systems: The systems that can be told of this order.
    """
    status = judge.graph.status(outcome.after)
    if status is None:
        return {}
    overruled = {ruled.seen.system for ruled in outcome.ruled if ruled.outcome == "overruled" and ruled.status}
    told = {}
    for system in systems:
        word = judge.graph.told(system, outcome.after)
        shown = word != LABEL and words.get(system) == word
        if word != NOT_TOLD and not shown and (outcome.moved or system in overruled):
            told[system] = word
    return told


def whole(parts: Sequence[StatusSeen], system: str, judge: Judge) -> StatusSeen | None:
    """Return what an ERP says of an order whose parts are sales of their own: what the part says that is least far on.

    Cancelled parts count only when all are; a word that nobody has mapped goes before everything, so that it is seen.
    """
    if not parts:
        return None

    def place(seen: StatusSeen) -> tuple[int, int]:
        meaning = judge.graph.meaning(system, seen.word)
        status = judge.graph.status(meaning or "")
        cancelled = status is not None and status.kind is StatusKind.CANCELLED
        return int(cancelled), judge.graph.position(meaning or "")

    behind = min(parts, key=place)
    return behind.model_copy(update={"at": max(part.at for part in parts)})
