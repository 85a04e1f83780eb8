"""What a run of shop listing came to: figures in one sentence and one page. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.markdown import plain, table


@dataclass(frozen=True, slots=True)
class ListingSummary:
    """Counts of one run."""

    channel: str
    looked: int = 0
    changed: int = 0
    due: int = 0
    told: int = 0
    adopted: int = 0
    refused: int = 0
    waiting: int = 0

    @property
    def idle(self) -> bool:
        """Return whether nothing was to be done."""
        return not any((self.changed, self.due, self.told, self.refused, self.waiting))

    def sentence(self) -> str:
        """Return the run in one sentence."""
        parts = [f"{self.changed} articles to be shown otherwise", f"{self.told} told"]
        if self.adopted:
            parts.append(f"{self.adopted} of them shown so already")
        parts += [f"{count} {name}" for count, name in ((self.refused, "refused"), (self.waiting, "waiting")) if count]
        looked = f" after reading what {self.looked} show" if self.looked else ""
        return f"Shop {self.channel}: {', '.join(parts)}{looked}."


@dataclass(frozen=True, slots=True)
class Findings:
    """What the page shows beside the counts; rows as records give them."""

    counts: Mapping[str, int]
    turned: Sequence[Mapping[str, Any]]
    by_person: Sequence[Mapping[str, Any]]
    lag: Mapping[str, Any]
    failed: Sequence[Mapping[str, Any]] = ()


def page(summary: ListingSummary, findings: Findings) -> str:
    """Return the run's page in Markdown; first what needs a person."""
    return "\n\n".join([f"# What {summary.channel} shows", summary.sentence(), *_parts(summary, findings)])


def _parts(summary: ListingSummary, findings: Findings) -> Iterator[str]:
    if findings.failed:
        yield "## What the shop refused"
        yield "Mend the cause there, then `soms effects retry` with the number of the call."
        rows = [
            (str(row["id"]), plain(row["subject"].partition(":")[2]), plain(row["last_error"] or ""))
            for row in findings.failed
        ]
        yield table(("call", "article", "why"), rows)
    counts = findings.counts
    if counts:
        yield "## How articles stand"
        yield table(
            ("shown", "hidden, not sellable", "hidden by people"),
            [(str(counts["shown"]), str(counts["sold_out"]), str(counts["by_person"]))],
        )
    if findings.turned:
        yield "## Hidden and shown again by this run"
        yield table(
            ("article", "", "quantity", "at (UTC)"),
            [
                (
                    plain(row["sku"]), "shown again" if row["visible"] else "hidden", row["quantity"],
                    f"{row['settled_at']:%H:%M:%S}",
                )
                for row in findings.turned
            ],
        )  # fmt: skip
    if findings.by_person:
        yield "## Hidden by people"
        yield (
            "SOMS leaves these hidden until they are shown in the shop itself or handed back:"
            f" `soms listings release SKU --shop smartstore-shop/{summary.channel} --reason …`."
        )
        yield table(
            ("article", "could show", "since (UTC)", "why"),
            [
                (plain(row["sku"]), _pieces(row["quantity"]), _time(row["hidden_at"]), plain(row["why"]))
                for row in findings.by_person
            ],
        )
    if findings.lag.get("count"):
        lag = findings.lag
        yield "## From a change's being known to the shop's confirmation, last 24 hours"
        yield table(
            ("changes", "median", "95 % within", "longest"),
            [(str(lag["count"]), _seconds(lag["median"]), _seconds(lag["p95"]), _seconds(lag["longest"]))],
        )


def _pieces(quantity: Any) -> str:
    return "" if quantity is None else plain_decimal(quantity)


def _time(moment: Any) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _seconds(value: float) -> str:
    return f"{value:.1f} s"
