"""What a run of invoice validation says of itself: counts, verdicts in their classes, what waits with links. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.markdown import plain, table

MOST_REASONS = 3
INPUT_TAX = {
    "unaffected": "deductible",
    "at-risk": "at risk",
    "not-deductible": "not deductible",
    "not-judged": "not judged",
}


@dataclass(frozen=True, slots=True)
class ValidationSummary:
    """What a run did; ``seconds`` is the time on the clock that judging took, ``waiting`` is of the whole source."""

    source: str
    dry_run: bool = False
    received: int = 0
    duplicates: int = 0
    files: int = 0
    taken: int = 0
    judged: int = 0
    again: int = 0
    approved: int = 0
    rejected: int = 0
    left: int = 0
    waiting: int = 0
    delivered: int = 0
    not_delivered: int = 0
    seconds: float = 0.0
    stopped: tuple[str, ...] = ()
    """Expectations of the batch that kept it from being approved by rule."""

    def sentence(self) -> str:
        """Return the run in one sentence or two."""
        would = "would be " if self.dry_run else ""
        text = (
            f"{self.judged} invoices {would}judged, {self.again} {would}judged otherwise than before;"
            f" {self.approved} {would}approved by rule"
        )
        if self.dry_run:
            return f"{text}. {self.files} files wait at the source. Nothing was kept."
        gate = f" Nothing was approved by rule: {' '.join(self.stopped)}" if self.stopped else ""
        return (
            f"{text}; {self.received} files new, {self.duplicates} known before; {self.delivered} calls made,"
            f" {self.not_delivered} not yet; {self.waiting} wait for a person.{gate}"
        )


@dataclass(frozen=True, slots=True)
class Tables:
    """What a run's page shows beside its figures."""

    classes: Sequence[Mapping[str, Any]] = ()
    input_tax: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[Mapping[str, Any]] = ()
    waiting: Sequence[Mapping[str, Any]] = ()
    ageing: Sequence[Mapping[str, Any]] = ()


def page(summary: ValidationSummary, tables: Tables) -> str:
    """Return the run's page in Markdown."""
    parts = [f"# Invoices of {plain(summary.source)}", summary.sentence()]
    if tables.classes:
        rows = [
            [row["class"], *(str(row[name]) for name in ("passed", "failed", "not_checked"))] for row in tables.classes
        ]
        parts += ["## Verdicts of this run", table(("class", "passed", "failed", "not checked"), rows)]
    if tables.input_tax:
        told = [
            [
                INPUT_TAX.get(row["input_tax"], row["input_tax"]), str(row["invoices"]),
                "" if row["vat"] is None else f"{plain_decimal(row['vat'])} {plain(row['currency'])}",
            ]
            for row in tables.input_tax
        ]  # fmt: skip
        parts += ["## What that means for input tax", table(("input tax", "invoices", "VAT"), told)]
    if tables.findings:
        found = [[plain(row["rule"]), row["kind"], row["gravity"], str(row["invoices"])] for row in tables.findings]
        parts += ["## What was found", table(("rule", "class", "gravity", "invoices"), found)]
    if tables.ageing:
        aged = [[row["waiting"], str(row["invoices"]), row["gross"]] for row in tables.ageing]
        parts += ["## How long invoices have waited", table(("waiting", "invoices", "gross"), aged)]
    if tables.waiting:
        parts += ["## What waits for a person", waiting_table(tables.waiting)]
    return "\n\n".join(parts)


def waiting_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what waits: rows of ``invoice_reports.listing``, each with the address of the desk's ``form``."""
    head = ("no.", "supplier", "number", "gross", "decide by", "format", "rules", "content", "supply", "why", "")
    return table(head, [_waiting(row) for row in rows])


def _waiting(row: Mapping[str, Any]) -> list[str]:
    reasons = [plain(reason) for reason in row["why"][:MOST_REASONS]]
    more = len(row["why"]) - len(reasons)
    why = " ".join([*reasons, *([f"… and {more} more."] if more > 0 else [])])
    if row["half_approved"]:
        why = f"**Waits for the second approval.** {why}"
    if row["asked_at"]:
        why = f"Its sender was asked on {row['asked_at']:%Y-%m-%d}. {why}"
    gross = "" if row["gross"] is None else f"{plain_decimal(row['gross'])} {plain(row['currency'])}"
    link = f"[Look and decide]({row['form']})" if row["form"] else f"`soms invoices show {row['id']}`"
    classes = [row[name] or "not judged" for name in ("format", "business_rules", "content", "supply")]
    return [
        str(row["id"]), plain(row["supplier"]), plain(row["number"]), gross, str(row["decide_by"]), *classes, why, link,
    ]  # fmt: skip
