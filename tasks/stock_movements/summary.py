"""What a run of stock movements came to: figures in one sentence and one page. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.markdown import plain, table


@dataclass(frozen=True, slots=True)
class MovementSummary:
    """Counts of one run.

    Attributes:
        source: Who told.
        events: How many movements were new.
        repeated: How many had been heard before.
        late: How many came too late to change what is on hand.
        articles: Of how many articles there is more or less now.
        contradicting: Ids of movements that say something else than when they were first heard.
        on_its_way: Lots of goods on their way, None when the source does not tell.
    """

    source: str
    events: int = 0
    repeated: int = 0
    late: int = 0
    articles: int = 0
    contradicting: tuple[str, ...] = ()
    on_its_way: int | None = None

    def sentence(self) -> str:
        """Return the run in one sentence."""
        parts = [f"{self.events} movements, {self.articles} articles changed"]
        parts += [f"{self.late} too late to matter"] if self.late else []
        parts += [f"{len(self.contradicting)} say something else than before"] if self.contradicting else []
        parts += [f"{self.on_its_way} lots on their way"] if self.on_its_way is not None else []
        return f"Stock of {self.source}: {', '.join(parts)}."


@dataclass(frozen=True, slots=True)
class Findings:
    """What the page shows beside the counts: rows of the ledger, newest first, and figures per kind."""

    late: Sequence[Mapping[str, Any]] = ()
    newest: Sequence[Mapping[str, Any]] = ()
    kinds: Sequence[Mapping[str, Any]] = ()
    below_zero: Sequence[Mapping[str, Any]] = ()
    lags: Sequence[Mapping[str, Any]] = ()


def page(summary: MovementSummary, findings: Findings) -> str:
    """Return the run's report in Markdown."""
    parts = [f"# Stock movements of {plain(summary.source)}", summary.sentence()]
    if findings.kinds:
        rows = [[row["kind"], str(row["events"]), _pieces(row["delta"])] for row in findings.kinds]
        parts += ["## What came", table(("kind", "movements", "pieces on hand"), rows)]
    if findings.lags:
        rows = [
            [plain(row["name"]), str(row["events"]), *(f"{row[name]:.1f} s" for name in ("half", "most", "longest"))]
            for row in findings.lags
        ]
        parts += ["## How long it took", table(("way", "changes", "half within", "95 % within", "longest"), rows)]
    if findings.newest:
        parts += ["## The newest", _events(findings.newest)]
    if summary.contradicting:
        names = "".join(f"\n- {plain(name)}" for name in summary.contradicting)
        parts += [
            "## Say something else than before",
            "The first word stands. If it was wrong, count the article: a count puts it right." + names,
        ]
    if findings.late:
        parts += ["## Came too late to change what is on hand", _events(findings.late, why=True)]
    if findings.below_zero:
        rows = [[plain(row["warehouse"]), plain(row["sku"]), _pieces(row["on_hand"])] for row in findings.below_zero]
        parts += [
            "## Less than nothing on hand",
            "More went out than was ever counted in: count these articles.",
            table(("warehouse", "article", "on hand"), rows),
        ]
    return "\n\n".join(parts)


def _events(rows: Iterable[Mapping[str, Any]], *, why: bool = False) -> str:
    head = ("happened (UTC)", "kind", "article", "warehouse", "pieces", "document", *(("why",) if why else ()))
    return table(
        head,
        [
            [
                _clock(row["happened_at"]), row["kind"], plain(row["sku"]), plain(row["warehouse"]),
                _pieces(row["quantity"], signed=row["kind"] != "count"), plain(row["document"]),
                *((plain(row["ignored"]),) if why else ()),
            ]
            for row in rows
        ],
    )  # fmt: skip


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _pieces(count: Any, *, signed: bool = True) -> str:
    return f"+{plain_decimal(count)}" if signed and count > 0 else plain_decimal(count)
