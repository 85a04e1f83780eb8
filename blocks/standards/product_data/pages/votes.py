"""Candidates for a value, what speaks for each, and which one is taken."""

from collections.abc import Callable
from dataclasses import dataclass, field

from blocks.documents.product_data import Spot


@dataclass(slots=True)
class Candidate:
    """A value somebody gives.

    Attributes:
        value: The value as it would be taken.
        weight: How much it counts.
        source: Who says so, e.g. 'label', 'json-ld', 'heading'.
        place: Selector or path.
        seen: A reader of the page sees it.
    """

    value: str
    weight: float
    source: str
    place: str = ""
    seen: bool = False


@dataclass(slots=True)
class Ballot:
    """The candidates for one field; equal values add up, each source once."""

    key: Callable[[str], str]
    candidates: list[Candidate] = field(default_factory=list)

    def add(self, value: str | None, weight: float, source: str, place: str = "", *, seen: bool = False) -> None:
        """Put up a value; empty ones are passed over."""
        if value and value.strip() and self.key(value):
            self.candidates.append(Candidate(value.strip(), weight, source, place, seen))

    def totals(self) -> dict[str, float]:
        """Return key → weight of all who gave it; what repeats one source counts a fifth."""
        totals: dict[str, float] = {}
        heard: set[tuple[str, str]] = set()
        for candidate in sorted(self.candidates, key=lambda each: -each.weight):
            key = self.key(candidate.value)
            again = (key, candidate.source) in heard
            heard.add((key, candidate.source))
            totals[key] = totals.get(key, 0.0) + candidate.weight * (0.2 if again else 1.0)
        return totals

    def winner(self, *, least: float = 0.0) -> Candidate | None:
        """Return the best candidate of the value with most weight; None where nothing reaches the least."""
        totals = self.totals()
        if not totals:
            return None
        key = max(totals, key=lambda each: totals[each])
        if totals[key] < least:
            return None
        same = [candidate for candidate in self.candidates if self.key(candidate.value) == key]
        return max(same, key=lambda each: (each.seen, each.weight))


def spot_of(candidate: Candidate) -> Spot | None:
    """Return where a candidate stands."""
    return Spot(selector=candidate.place[:500]) if candidate.place else None
