"""What became of an entered order, in one sentence and on one page. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACCEPTED, ASIDE = "accepted", "put_aside"


@dataclass(frozen=True)
class EntrySummary:
    """What became of one entered order; also what the flow returns."""

    order: str
    state: str
    fresh: bool = True
    total: str = ""
    warehouse: str = ""
    held: str = ""
    quarantine_id: int | None = None
    reasons: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def of(cls, order: str, found: Mapping[str, Any] | None, *, fresh: bool) -> "EntrySummary":
        """Return the summary of what Postgres says of the order."""
        if found is None:
            return cls(order, "unknown", fresh=fresh)
        return cls(
            order=order,
            state=found["state"] if found["state"] != ACCEPTED else found["status"] or ACCEPTED,
            fresh=fresh,
            total=f"{found['total']:.2f} {found['currency']}" if found["total"] is not None else "",
            warehouse=found["warehouse"] or "",
            held=found["hold_reason"] or "",
            quarantine_id=found["quarantine_id"],
            reasons=tuple((fault["rule"], fault["text"], fault["remedy"]) for fault in found["faults"]),
        )

    def sentence(self) -> str:
        """Return what became of the order, for the log, the terminal and the artifact."""
        became = {
            ACCEPTED: f"accepted: {self.total}" + (f", ships from {self.warehouse}" if self.warehouse else ""),
            "short": f"held: {self.total}. {self.held}",
            ASIDE: f"put aside: {self.reasons[0][1] if self.reasons else 'see the quarantine desk.'}",
            "received": "kept and not judged yet; order intake does it",
        }.get(self.state, self.state.replace("_", " "))
        known = "" if self.fresh else " (this form had come before; nothing was ordered twice)"
        return f"Order {self.order} is {became.rstrip('.')}{known}."


@dataclass(frozen=True)
class SweepSummary:
    """What a sweep found."""

    kept: int = 0
    forgotten: int = 0
    failed: int = 0

    def sentence(self) -> str:
        """Return the sweep in one sentence."""
        if not (self.forgotten or self.failed):
            return "No form was left behind."
        failed = f"; {self.failed} could not be kept and stay for the next sweep" if self.failed else ""
        return (
            f"{self.forgotten} forms that ended runs had left are blanked, {self.kept} new orders of them kept{failed}."
        )


def page(summary: EntrySummary) -> str:
    """Return the summary in Markdown."""
    parts = [f"# Order {plain(summary.order)}", plain(summary.sentence())]
    if summary.reasons:
        parts.append("## Why it waits, and what to do")
        parts.append(
            "\n".join(f"- **{plain(rule)}** {plain(text)} *{plain(remedy)}*" for rule, text, remedy in summary.reasons)
        )
        parts.append(
            f"In a terminal: `soms quarantine show {summary.quarantine_id}` shows all of it. To correct the form, send"
            f" it again with `{summary.order}` in the field *Slip*; when a price was approved or the cause is mended,"
            f' `soms quarantine release {summary.quarantine_id} --reason "…"`.'
        )
    if not summary.fresh:
        parts.append("If a second order of the same was meant, send the form with a number of its own in *Slip*.")
    return "\n\n".join(parts)


def plain(text: str) -> str:
    """Return a text that Markdown shows as it stands."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#!" else letter for letter in " ".join(text.split()))
