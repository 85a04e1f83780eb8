"""What an accounting export did, as data and as a page. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from blocks.markdown import plain, table

MOST_LISTED = 50


class ExportSummary(BaseModel):
    """What a run did; totals are by currency, of documents and of postings alike."""

    model_config = ConfigDict(frozen=True)

    batch: int | None = Field(default=None, description="Number of the batch; none where nothing was new.")
    first_day: str
    last_day: str
    documents: int = 0
    postings: int = 0
    made: int = Field(default=0, description="Postings that this run made of approved invoices.")
    held_back: dict[int, str] = Field(default_factory=dict, description="Invoices that cannot be posted, and why.")
    totals: dict[str, str] = Field(default_factory=dict)
    left: dict[str, int] = Field(
        default_factory=dict, description="Postings of earlier days that no batch holds, by month."
    )

    def sentence(self) -> str:
        """Return the run in one sentence."""
        waiting = f" {len(self.held_back)} invoices could not be posted." if self.held_back else ""
        waiting += left_over(self.left)
        if self.batch is None:
            return f"Nothing is new from {self.first_day} to {self.last_day}: no batch was made.{waiting}"
        sums = ", ".join(f"{value} {currency}" for currency, value in self.totals.items())
        return (
            f"Batch {self.batch}: {self.postings} postings of {self.documents} invoices from {self.first_day} to"
            f" {self.last_day}, {sums}; the documents come to the same.{waiting}"
        )


def left_over(left: Mapping[str, int]) -> str:
    """Return which earlier postings no batch holds and what to do; empty where there are none.

    They are not put into a batch unasked: the month may be closed, and its tax return handed in.
    """
    if not left:
        return ""
    months = ", ".join(f"{count} of {month}" for month, count in list(left.items())[:MOST_LISTED])
    return (
        f" No batch holds these postings of earlier days, whose invoices were approved late: {months}. Export them too."
    )


def page(summary: ExportSummary, batches: Sequence[Mapping[str, Any]]) -> str:
    """Return the run as Markdown: control totals, what was held back, and the batches so far."""
    parts = ["# Accounting export", summary.sentence()]
    if summary.totals:
        sums = [[currency, value, value, "agree"] for currency, value in summary.totals.items()]
        parts += ["## Control totals", table(("currency", "documents", "postings", ""), sums)]
    if summary.held_back:
        rows = [[str(number), plain(why)] for number, why in list(summary.held_back.items())[:MOST_LISTED]]
        parts += ["## Not posted", table(("invoice", "why"), rows)]
    made = [
        [
            str(row["id"]),
            f"{row['first_day']} to {row['last_day']}",
            str(row["postings"]),
            f"`{row['content_hash'][:16]}`",
        ]
        for row in batches[:MOST_LISTED]
    ]
    if made:
        take = "`soms accounting export --batch NUMBER --out FOLDER` writes a batch's files again, as they were."
        parts += ["## Batches", table(("batch", "days", "postings", "sha256"), made), take]
    return "\n\n".join(parts)
