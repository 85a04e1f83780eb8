"""What a run over a till's files came to: figures in one sentence and one page. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.markdown import plain, table


@dataclass(frozen=True, slots=True)
class TillSummary:
    """Counts of one run.

    Attributes:
        source: The till, e.g. 'pos-folder/store'.
        received: Rows that were new.
        duplicates: Rows that had come before.
        booked: Rows in the ledger now.
        known: Rows whose event was in the ledger already, written otherwise.
        late: Of the booked, those that came too late to change what is on hand.
        put_aside: Rows that wait for a person.
        ignored: Rows of slips that were taken back before, or of counts that are not whole.
        stopped: Rows of whole counts that the guard stopped.
        answered: Files whose sender was told.
        waiting: Rows that wait for a person, from earlier runs too.
    """

    source: str
    received: int = 0
    duplicates: int = 0
    booked: int = 0
    known: int = 0
    late: int = 0
    put_aside: int = 0
    ignored: int = 0
    stopped: int = 0
    answered: int = 0
    waiting: int = 0

    def sentence(self) -> str:
        """Return the run in one sentence."""
        parts = [f"{self.received} new rows, {self.booked} booked"]
        counts = {
            "known before": self.duplicates + self.known, "too late to matter": self.late, "put aside": self.put_aside,
            "ignored": self.ignored, "stopped by the guard": self.stopped, "files answered": self.answered,
        }  # fmt: skip
        parts += [f"{count} {name}" for name, count in counts.items() if count]
        return f"Till {self.source}: {', '.join(parts)}."


@dataclass(frozen=True, slots=True)
class TillFindings:
    """What the page shows beside the counts."""

    kinds: Sequence[Mapping[str, Any]] = ()
    aside: Sequence[Mapping[str, Any]] = ()
    stopped: Sequence[str] = field(default_factory=tuple)


def page(summary: TillSummary, findings: TillFindings) -> str:
    """Return the run's report in Markdown."""
    parts = [f"# Files of {plain(summary.source)}", summary.sentence()]
    if findings.kinds:
        rows = [
            [row["kind"], plain(row["warehouse"]), str(row["events"]), f"{row['delta']:f}"] for row in findings.kinds
        ]
        parts += ["## What came", table(("kind", "warehouse", "rows", "pieces on hand"), rows)]
    if findings.stopped:
        parts += ["## Stopped by the guard", *map(plain, findings.stopped)]
    if findings.aside:
        parts += [
            "## Waits for a person",
            f"{summary.waiting} rows wait; `soms quarantine show N` shows one, `release` has it judged again.",
            table(("record", "row", "why", "what to do"), _aside(findings.aside)),
        ]
    return "\n\n".join(parts)


def _aside(rows: Iterable[Mapping[str, Any]]) -> Iterable[list[str]]:
    for row in rows:
        fault = row["faults"][0]
        yield [
            str(row["id"]),
            plain(row["external_id"]),
            plain(f"{fault['rule']}: {fault['text']}"),
            plain(fault["remedy"]),
        ]
