"""What a run of EDI conversion says of itself: counts, throughput, outcomes by supplier, what waits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from blocks.markdown import plain, table

UNKNOWN = "(not recognised)"
LONGEST_REASONS = 3
_COLOURS = {"proven": "#0f766e", "review": "#f59e0b", "unreadable": "#94a3b8"}
_WIDTH, _BAR, _LEFT, _MOST_BARS = 860, 22, 240, 15


@dataclass(frozen=True, slots=True)
class ConversionSummary:
    """What a run did; ``seconds`` is the time on the clock that reading took."""

    source: str
    dry_run: bool
    received: int
    duplicates: int
    files: int
    proven: int
    review: int
    unreadable: int
    delivered: int = 0
    not_delivered: int = 0
    waiting: int = 0
    seconds: float = 0.0

    @property
    def pace(self) -> float:
        """Return files per second."""
        return self.files / self.seconds if self.seconds else 0.0

    def sentence(self) -> str:
        """Return the run in one sentence."""
        would = "would be " if self.dry_run else ""
        text = (
            f"{self.files} files read: {self.proven} {would}proven, {self.review} {would}put before a person,"
            f" {self.unreadable} unreadable"
        )
        if self.dry_run:
            return f"{text}. Nothing was kept."
        return (
            f"{text}; {self.received} new, {self.duplicates} known before; {self.delivered} delivered,"
            f" {self.not_delivered} not yet; {self.waiting} wait for a person."
        )


def page(
    summary: ConversionSummary, suppliers: Sequence[Mapping[str, Any]], queue: Sequence[Mapping[str, Any]],
    refused: Sequence[Mapping[str, Any]] = (), remarks: Sequence[Mapping[str, Any]] = (),
) -> str:  # fmt: skip
    """Return the run's page in Markdown.

    Args:
        summary: Its figures.
        suppliers: ``supplier, files, proven, review, unreadable`` each.
        queue: What waits: ``id, file_name, outcome, reasons, form`` each.
        refused: Files that were refused unread: ``name, refusal`` each.
        remarks: What stops nothing but must be told: ``id, file_name, remarks`` each.
    """
    parts = [f"# EDI conversion of {plain(summary.source)}", summary.sentence()]
    if summary.files:
        parts.append(f"Reading took {summary.seconds:.1f} seconds: {summary.pace:.1f} files per second.")
    if suppliers:
        parts += ["## By supplier", picture(suppliers), _by_supplier(suppliers)]
    if refused:
        rows = [[plain(str(row["name"])), plain(str(row["refusal"]))] for row in refused]
        parts += ["## Refused unread", table(("file", "why"), rows)]
    if queue:
        parts += ["## What waits for a person", table(("no.", "file", "outcome", "why", ""), map(_waiting, queue))]
    if remarks:
        rows = [[str(row["id"]), plain(row["file_name"]), _shortened(row["remarks"])] for row in remarks]
        parts += ["## To know, though it stops nothing", table(("no.", "file", "what"), rows)]
    return "\n\n".join(parts)


def _by_supplier(suppliers: Sequence[Mapping[str, Any]]) -> str:
    names = ("files", "proven", "review", "unreadable")
    rows = [[plain(row["supplier"] or UNKNOWN), *(str(row[name]) for name in names)] for row in suppliers]
    return table(("supplier", *names), rows)


def _waiting(row: Mapping[str, Any]) -> list[str]:
    why = _shortened(row["reasons"])
    link = f"[Look and decide]({row['form']})" if row["form"] else f"`soms conversions show {row['id']}`"
    return [str(row["id"]), plain(row["file_name"]), row["outcome"], why, link]


def _shortened(sentences: Sequence[str]) -> str:
    more = len(sentences) - LONGEST_REASONS
    return " ".join([*map(plain, sentences[:LONGEST_REASONS]), *([f"… and {more} more."] if more > 0 else [])])


def picture(suppliers: Sequence[Mapping[str, Any]]) -> str:
    """Return a bar for each of the biggest suppliers, as a Markdown image."""
    shown = suppliers[:_MOST_BARS]
    most = max(row["files"] for row in shown)
    scale = (_WIDTH - _LEFT - 60) / most
    bars = []
    for place, row in enumerate(shown):
        top, left = 10 + place * (_BAR + 8), float(_LEFT)
        name = str(row["supplier"] or UNKNOWN)[:30]
        bars.append(f'<text x="{_LEFT - 8}" y="{top + 15}" text-anchor="end">{_escaped(name)}</text>')
        for outcome, colour in _COLOURS.items():
            wide = row[outcome] * scale
            bars.append(f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{_BAR}" fill="{colour}"/>')
            left += wide
        bars.append(f'<text x="{left + 6:.1f}" y="{top + 15}">{row["files"]}</text>')
    high = 20 + len(shown) * (_BAR + 8)
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{high}" font-family="sans-serif"'
        f' font-size="12" fill="#334155">{"".join(bars)}</svg>'
    )
    return f"![Proven, for review and unreadable files by supplier](data:image/svg+xml,{quote(drawing, safe='')})"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
