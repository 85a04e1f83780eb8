"""What people see of an explanation: tables of targets, columns and records, with values or, on a page, without."""

from collections.abc import Sequence
from dataclasses import dataclass

from blocks.standards.order_files.explanation import Explanation, Use, reasons_counted
from blocks.standards.stock_files.explanation import RowsExplained

_HIDDEN = "·"
_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation and, where one was asked for, the profile that was proposed."""

    explanation: Explanation | None
    proposal: str = ""
    notes: tuple[str, ...] = ()
    outcome: str = "A first profile was proposed; it is not complete."

    def sentence(self) -> str:
        """Return all of it for a terminal, values included: the person there holds the file."""
        parts = [self.proposal.rstrip(), *self.notes]
        if self.explanation:
            parts += sections(self.explanation, discreet=False)
        return "\n\n".join(part for part in parts if part)


def told_of_rows(explained: RowsExplained) -> Told:
    """Return what a profile makes of the rows of a stock file."""
    rows = [
        (row.place, row.name, row.says if not row.reasons else f"put aside: {' '.join(row.reasons)}")
        for row in explained.rows
    ]
    table = _table(("row", "name", "says"), rows, markdown=True)
    return Told(None, "", (f"# {explained.headline()}", table), explained.headline())


def headline(explanation: Explanation) -> str:
    """Return the outcome in one sentence."""
    right = sum(not verdict.reasons for verdict in explanation.verdicts)
    lost = f", {len(explanation.lost)} columns land nowhere" if explanation.lost else ""
    return f"{right} of {len(explanation.verdicts)} records are orders by the profile {explanation.profile}{lost}."


def page(told: Told) -> str:
    """Return the explanation in Markdown; values of personal fields show their first letter alone."""
    parts = [f"```yaml\n{told.proposal.rstrip()}\n```"] if told.proposal else []
    parts += told.notes
    if told.explanation:
        parts += sections(told.explanation, discreet=True)
    return "\n\n".join(parts)


def sections(explanation: Explanation, *, discreet: bool) -> list[str]:
    """Return headline, tables and notes."""
    targets = [(use.name, _joined(use.other), str(use.filled), _examples(use, discreet)) for use in explanation.targets]
    lost = [(use.name, str(use.filled), _examples(use, discreet)) for use in explanation.lost]
    parts = [
        f"# {headline(explanation)}",
        explanation.tally,
        "## What lands where",
        _table(("target", "from", "filled", "read as"), targets, markdown=discreet),
    ]
    if lost:
        parts += ["## What is lost", _table(("column", "filled", "for example"), lost, markdown=discreet)]
    if explanation.empty_required:
        parts.append(f"**Required and never filled: {', '.join(explanation.empty_required)}.**")
    parts += ["## Notes", *explanation.computed] if explanation.computed else []
    reasons = reasons_counted(explanation.verdicts).most_common(_MOST_LISTED)
    if reasons:
        counted = [(str(times), text) for text, times in reasons]
        parts += ["## Why records are no orders", _table(("times", "reason"), counted, markdown=discreet)]
    records = [
        (v.external_id, f"{v.first_row}-{v.last_row}", "order" if not v.reasons else f"put aside: {v.reasons[0]}")
        for v in explanation.verdicts[:_MOST_LISTED]
    ]
    if records:
        parts += ["## The first records", _table(("order", "rows", "becomes"), records, markdown=discreet)]
    return parts


def _joined(names: Sequence[str]) -> str:
    return " / ".join(names)


def _examples(use: Use, discreet: bool) -> str:
    hide = discreet and use.personal
    return ", ".join(_hidden(example) if hide else _short(example) for example in use.examples)


def _hidden(text: str) -> str:
    return text[:1] + _HIDDEN * 3


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - the width of a column


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, markdown: bool) -> str:
    """Return a table whose columns line up on a terminal as well as in Markdown."""
    cells = [head, *(tuple(_plain(cell, markdown=markdown) for cell in row) for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    lines = [tuple("-" * width for width in widths)]
    lined = [cells[0], *lines, *cells[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in lined
    )


def _plain(text: str, *, markdown: bool) -> str:
    """Return a text from outside for a cell: nothing that steers a terminal; in Markdown no marks, links or HTML."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    for sign in "\\`*_[]<>|" if markdown else "":
        shown = shown.replace(sign, f"\\{sign}")
    return shown
