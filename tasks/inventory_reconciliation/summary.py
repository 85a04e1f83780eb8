"""What a run of inventory reconciliation came to: one sentence, one page. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.markdown import plain, table
from tasks.inventory_reconciliation.outcome import Outcome
from tasks.inventory_reconciliation.picture import by_cause, data_address, over_time
from tasks.inventory_reconciliation.wording import because


@dataclass(frozen=True, slots=True)
class Answered:
    """What the shop answered to what it was told."""

    told: int = 0
    refused: int = 0
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class ReconciliationSummary:
    """What one run found and did."""

    scope: str
    levels: Outcome | None
    listings: Outcome | None
    answered: Answered = field(default_factory=Answered)
    rehearsal: bool = False

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the comparisons that were made."""
        return tuple(each for each in (self.levels, self.listings) if each is not None)

    @property
    def stopped(self) -> bool:
        """Return whether a guard stopped anything."""
        return any(each.stopped for each in self.outcomes)

    def sentence(self) -> str:
        """Return the run in a few words."""
        told = f" {self.answered.told:,} told to the shop." if self.answered.told else ""
        refused = f" {self.answered.refused:,} refused by it." if self.answered.refused else ""
        later = f" {self.answered.put_off:,} put off." if self.answered.put_off else ""
        return " ".join(each.sentence() for each in self.outcomes) + told + refused + later


def page(summary: ReconciliationSummary, runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the run's page in Markdown; ``runs`` are earlier comparisons by system, oldest first."""
    title = "Inventory reconciliation" + (" (rehearsal: nothing was kept or changed)" if summary.rehearsal else "")
    parts = [f"# {title}", f"Compared: {plain(summary.scope)}. {plain(summary.sentence())}"]
    for outcome in summary.outcomes:
        parts += _part(outcome, runs.get(outcome.name, ()))
    return "\n\n".join(parts)


def _part(outcome: Outcome, runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    number = f", comparison {outcome.number}" if outcome.number else ""
    yield f"## {plain(outcome.name)}{number}"
    if outcome.stopped:
        yield f"**Stopped.** {plain(outcome.stopped)}"
    yield table(("what", "articles"), _figures(outcome))
    if outcome.causes:
        yield f"![Differences by cause]({data_address(by_cause(outcome.causes))})"
        yield table(("cause", "outcome", "differences"), _causes(outcome))
        yield table(("article", "where", "what", "should be", "is", "cause", "found by", "outcome"), _rows(outcome))
        more = sum(outcome.causes.values()) - len(outcome.examples)
        if more > 0:
            yield f"… and {more:,} more; all of them: `soms stock differences --comparison {outcome.number or 'N'}`."
    if len(runs) > 1:
        yield f"Articles that differed, over time:\n\n![Differences over time]({data_address(over_time(runs))})"


def _figures(outcome: Outcome) -> Iterator[tuple[str, str]]:
    found = outcome.compared
    rows = (
        ("compared", found.articles, True),
        ("differ", found.differing, True),
        ("repaired", outcome.repaired, bool(found.differing)),
        ("waiting: right themselves, or wait for another system", outcome.waiting, False),
        ("could be sold, but a person hid them: left hidden", found.kept_hidden, False),
        ("known here and not shown by the shop at all", found.missing, False),
        ("in the shop and not known here (master data has not read them)", found.strange, False),
    )
    return ((name, f"{count:,}") for name, count, always in rows if count or always)


def _causes(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    for (cause, fate), count in sorted(outcome.causes.items(), key=lambda item: -item[1]):
        yield cause, fate, f"{count:,}"


def _rows(outcome: Outcome) -> Iterable[tuple[str, ...]]:
    for each in outcome.examples:
        yield (
            plain(each["sku"]), plain(each["warehouse"]), each["field"], each["expected"], each["found"],
            each["cause"], plain(because(each["cause"], each["proof"])), each["outcome"],
        )  # fmt: skip
