"""What a comparison came to, in figures and words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found: articles compared, differences, and counts that guards and reports need.

    Attributes:
        articles: How many were compared.
        differing: How many of them differ in anything.
        showing: Articles the shop shows.
        hiding: Of these, how many should be hidden.
        stocked: Articles the shop shows a quantity of.
        zeroing: Of these, how many should be at zero.
        kept_hidden: Articles that could be sold and that a person hid; they are no difference.
        missing: Articles we know and the shop did not show.
        strange: Articles the shop showed and we do not know.
    """

    articles: int = 0
    differing: int = 0
    showing: int = 0
    hiding: int = 0
    stocked: int = 0
    zeroing: int = 0
    kept_hidden: int = 0
    missing: int = 0
    strange: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the comparison of one system with our books.

    Attributes:
        name: The system: the ERP's connection, or the shop's channel.
        number: Number of the comparison; None for a rehearsal, which keeps nothing.
        compared: What was found.
        repaired: Articles put right, or made due to be.
        waiting: Articles that right themselves, or wait for another system.
        stopped: Why nothing was carried out, in a sentence; empty when all was.
        causes: Differences by cause and outcome.
        examples: The first differences, as rows of a report.
    """

    name: str
    compared: Compared = field(default_factory=Compared)
    number: int | None = None
    repaired: int = 0
    waiting: int = 0
    stopped: str = ""
    causes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    examples: Sequence[Mapping[str, Any]] = ()

    def sentence(self) -> str:
        """Return it in one sentence."""
        if self.stopped:
            return f"{self.name}: {self.stopped}"
        parts = [f"{self.compared.articles:,} compared", f"{self.compared.differing:,} differ"]
        parts += [f"{self.repaired:,} repaired"] if self.compared.differing else []
        parts += [f"{self.waiting:,} waiting"] if self.waiting else []
        return f"{self.name}: {', '.join(parts)}."
