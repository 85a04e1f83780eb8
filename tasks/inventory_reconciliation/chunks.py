"""Walks the differences of a comparison chunk by chunk, so that memory does not grow with them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tasks.inventory_reconciliation.records import Judged

if TYPE_CHECKING:
    from blocks.database.engine import Connection

CHUNK = 1_000
MOST_EXAMPLES = 100


def chunks(connection: "Connection", table: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the numbered rows of a temporary table in order."""
    after = 0
    while True:
        rows = connection.execute(
            f"SELECT * FROM {table} WHERE n > %s ORDER BY n LIMIT %s",  # noqa: S608 - one of our own tables
            (after, CHUNK),
        ).fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1]["n"]


@dataclass(slots=True)
class Tally:
    """Counts what a comparison came to, and keeps its first differences as examples."""

    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, judged: Sequence[Judged]) -> None:
        """Count a chunk."""
        for gap, explained, fate in judged:
            self.causes[explained.cause.value, fate.value] += 1
            if len(self.examples) < MOST_EXAMPLES:
                self.examples.append({
                    "sku": gap.sku, "warehouse": gap.warehouse, "field": gap.view.name, "expected": gap.expected,
                    "found": gap.found, "cause": explained.cause.value, "proof": explained.proof, "outcome": fate.value,
                })  # fmt: skip
