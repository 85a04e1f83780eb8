"""What a comparison came to, in figures and words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.inventory_reconciliation.comparing import Compared


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
