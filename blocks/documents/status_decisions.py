"""Which status an order has: what all reports come to when they are read in the order of their times.

The whole history is read anew for each decision, so the order in which reports arrive cannot matter, and a report that
arrives late takes its own place instead of overwriting a newer one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks.documents.status_checks import reachable
from blocks.documents.statuses import NOT_TOLD, PERSON, StatusGraph, WinnerRule

_OLDER = "It is older than what stands."
_SAYS_NOTHING = "The word says nothing of the order's status."


@dataclass(frozen=True, slots=True)
class Report:
    """One system's statement: its word, the status that it means, and since when by the system's own clock.

    A word that says nothing of the status, or that nobody has mapped, has the empty status.
    """

    system: str
    word: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a report: it moved or confirmed the order's status, or was overruled for a reason."""

    report: Report
    applied: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The order's status, the report that brought it there last (None: still the first), and every verdict."""

    status: str
    winner: Report | None
    verdicts: tuple[Verdict, ...]


class Judge:
    """Reads histories of reports by one graph."""

    def __init__(self, graph: StatusGraph) -> None:
        """Work out once where the ways lead."""
        self.graph = graph
        self._leads = reachable(graph)
        rule = graph.winner.rule
        within = graph.winner.within_seconds if rule is WinnerRule.ORDER_OF_SYSTEMS else 0.0
        self._contest = timedelta(seconds=within)

    def decide(self, reports: Iterable[Report], *, start: str | None = None, since: datetime | None = None) -> Decision:
        """Return what the reports come to; their order in the argument does not matter.

        Args:
            reports: All that is known to have been said.
            start: Where the order stood before them; None is the graph's first status.
            since: How long it stood there; older reports are overruled.
        """
        status, winner = start or self.graph.first, None
        verdicts: list[Verdict] = []
        given = list(reports)
        if since is not None:
            verdicts += [Verdict(each, applied=False, reason=_OLDER) for each in given if each.at < since]
            given = [each for each in given if each.at >= since]
        statements, silent = self._statements(given)
        verdicts += silent
        for contest in self._contests(statements):
            leader: Report | None = None
            for report in contest:
                reason = self._objection(status, report, leader)
                if not reason and not self._agrees(status, report):
                    status, winner = report.status, report
                if not reason and leader is None:
                    leader = report
                verdicts.append(Verdict(report, not reason, reason))
        return Decision(status, winner, tuple(verdicts))

    def _statements(self, reports: Sequence[Report]) -> tuple[list[Report], list[Verdict]]:
        """Return in order what states something, and the verdicts on the rest: repeated words, words without status.

        An order's record changes for many reasons, and comes with the same word each time; a system states a status
        when it first says the word. A person states something each time.
        """
        last: dict[str, tuple[str, str]] = {}
        statements, silent = [], []
        for report in sorted(reports, key=lambda report: (report.at, *self._place(report))):
            said = (report.word, report.status)  # a word that is mapped by now says more than it did
            repeated = report.system != PERSON and last.get(report.system) == said
            last[report.system] = said
            if not report.status:
                silent.append(Verdict(report, applied=False, reason=_SAYS_NOTHING))
            elif repeated:
                silent.append(Verdict(report, applied=True))
            else:
                statements.append(report)
        return statements, silent

    def _contests(self, statements: Iterable[Report]) -> Iterator[list[Report]]:
        """Yield what is to be judged against each other, the leading system's first, oldest contest first."""
        contest: list[Report] = []
        for report in statements:
            if contest and report.at - contest[0].at > self._contest:
                yield self._led(contest)
                contest = []
            contest.append(report)
        if contest:
            yield self._led(contest)

    def _led(self, contest: Sequence[Report]) -> list[Report]:
        if self.graph.winner.rule is WinnerRule.NEVER_BACKWARDS:
            return list(contest)
        return sorted(contest, key=lambda report: self.rank(report.system))  # stable: a system's own stay in order

    def _place(self, report: Report) -> tuple[int, int, str, str]:
        """Order reports of the same instant: what is furthest on first where that counts, else the leading system."""
        position, rank = self.graph.position(report.status), self.rank(report.system)
        if self.graph.winner.rule is WinnerRule.NEVER_BACKWARDS:
            return -position, rank, report.system, report.word
        return rank, position, report.system, report.word

    def rank(self, system: str) -> int:
        """Return a system's place among those that lead, 0 first; a person leads unless the rule says otherwise."""
        systems = self.graph.winner.systems
        if system in systems:
            return systems.index(system)
        if system == PERSON:
            return -1
        kind = system.partition("/")[0]
        return systems.index(kind) if kind in systems else len(systems)

    def _agrees(self, status: str, report: Report) -> bool:
        """Tell whether a report says what its system would say of this status anyway."""
        return report.status == status or self.shows(report.system, status) == report.word

    def shows(self, system: str, status: str) -> str | None:
        """Return the word a system shows for a status once it was told; None when it is not told."""
        told = self.graph.told(system, status) if system != PERSON else NOT_TOLD
        return None if told == NOT_TOLD else told

    def _objection(self, status: str, report: Report, leader: Report | None) -> str:
        """Return why a report does not count; empty when it does."""
        if self._agrees(status, report):
            return ""
        if leader is not None and leader.system != report.system:
            apart = abs(report.at - leader.at).total_seconds()
            return f"{leader.system} leads and said '{leader.word}' {f'{apart:g} s apart' if apart else 'just then'}."
        if report.status not in self._leads.get(status, frozenset()):
            return f"No way leads from '{status}' to '{report.status}'."
        forward = self.graph.winner.rule is WinnerRule.NEVER_BACKWARDS
        if forward and self.graph.position(report.status) < self.graph.position(status):
            return f"'{report.status}' lies before '{status}', and no order goes backwards."
        return ""
