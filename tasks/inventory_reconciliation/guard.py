"""The mass-change guard of what a shop shows: no run may empty a shop by what might be a mistake. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from blocks.documents.stock_rules import Guard
from blocks.documents.verdicts import QualityFinding
from blocks.quality import FATAL, Expect, Suite, judge
from tasks.inventory_reconciliation.outcome import Compared

SUITE = "inventory_reconciliation.listings"
GROWTH = 1.1
"""What a person released may have grown by so much until it is carried out."""


def judge_listings(compared: Compared, guard: Guard, *, channel: str) -> tuple[QualityFinding, ...]:
    """Return what the guard says of the changes a run would make; shares say nothing over a handful of articles."""
    wanted = []
    if compared.showing >= guard.from_rows:
        wanted.append(
            _at_most(
                "INV-DQ-11",
                f"At most {guard.most_hidden:.0%} of the {compared.showing:,} articles shown are hidden by one run;"
                f" {compared.hiding:,} would be.",
                "share_hiding",
                guard.most_hidden,
            )
        )
    if compared.stocked >= guard.from_rows:
        wanted.append(
            _at_most(
                "INV-DQ-12",
                f"At most {guard.most_turned_zero:.0%} of the {compared.stocked:,} articles with stock go to zero in"
                f" one run; {compared.zeroing:,} would.",
                "share_zeroing",
                guard.most_turned_zero,
            )
        )
    row = {
        "channel": channel,
        "share_hiding": compared.hiding / compared.showing if compared.showing else 0.0,
        "share_zeroing": compared.zeroing / compared.stocked if compared.stocked else 0.0,
    }
    counts = {
        "INV-DQ-11": {"checked": compared.showing, "unexpected": compared.hiding},
        "INV-DQ-12": {"checked": compared.stocked, "unexpected": compared.zeroing},
    }
    found = judge(Suite(SUITE, "channel", tuple(wanted)), [row])
    return tuple(finding.model_copy(update=counts[finding.expectation]) for finding in found)


def _at_most(number: str, text: str, column: str, most: float) -> Expect:
    arguments = {"column": column, "max_value": most}
    return Expect(number, text, "ExpectColumnValuesToBeBetween", arguments, FATAL, "inventory")


def covered(failed: Sequence[QualityFinding], released: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether what a person released, told by its findings, covers what is stopped now: not much more of it."""
    allowed = {each["expectation"]: each["unexpected"] * GROWTH for each in released if not each["passed"]}
    return all(finding.unexpected <= allowed.get(finding.expectation, -1) for finding in failed)
