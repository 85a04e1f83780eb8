"""Gaps in a supplier's invoice numbers, where the supplier plainly counts for us alone. Pure.

Most suppliers count over all their customers, so that gaps say nothing. Only one whose last numbers came to us without
any gap counts for us, as self-billing, a sister company or one with a range for each customer does.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable

from blocks.documents.invoice_verdicts import Gravity, InvoiceFinding
from tasks.invoice_validation.supply_wording import finding

_COUNTED = re.compile(r"^(.*?)(\d{1,18})$")
LARGEST_GAP = 50
"""A jump further than this begins a new range, as in a new year."""


def counted(number: str) -> tuple[str, int] | None:
    """Return what a number begins with and the figure it ends with; None where it ends with none."""
    found = _COUNTED.match(number.strip())
    return (found[1], int(found[2])) if found else None


class Numbers:
    """A supplier's numbers that came, by what they begin with: taken apart once for all of its invoices."""

    def __init__(self, numbers: Iterable[str]) -> None:
        """Take numbers apart, in any order."""
        found: dict[str, set[int]] = {}
        for text in numbers:
            if one := counted(text):
                found.setdefault(one[0], set()).add(one[1])
        self._known = {begins: sorted(figures) for begins, figures in found.items()}

    def before(self, begins: str, figure: int, most: int) -> list[int]:
        """Return the figures just before one, so many at most."""
        known = self._known.get(begins, [])
        end = bisect_left(known, figure)
        return known[max(end - most, 0) : end]


def gap_before(number: str, earlier: Numbers, *, sequence_of: int) -> InvoiceFinding | None:
    """Return that numbers are missing between a supplier's last ones and this one; None where nothing can be said.

    Args:
        number: Of the invoice.
        earlier: The supplier's numbers that came before.
        sequence_of: So many in a row, just before, must be without a gap.
    """
    this = counted(number)
    if this is None:
        return None
    begins, figure = this
    last = earlier.before(begins, figure, sequence_of)
    if len(last) < sequence_of or last[-1] - last[0] != sequence_of - 1:
        return None
    missing = figure - last[-1] - 1
    if not 0 < missing <= LARGEST_GAP:
        return None
    width = len(number.strip()) - len(begins)
    first, final = (f"{begins}{one:0{width}d}" for one in (last[-1] + 1, figure - 1))
    span, span_de = (first, first) if missing == 1 else (f"{first} to {final}", f"{first} bis {final}")
    return finding(
        "number-gap",
        f"This supplier's numbers have come without a gap so far, but {span} did not come before {number}. Ask whether"
        " an invoice was lost.",
        f"Die Nummern dieses Lieferanten kamen bisher lückenlos, vor {number} fehlt aber {span_de}. Fragen Sie nach, ob"
        " eine Rechnung verloren ging.",
        location="BT-1",
        gravity=Gravity.INFORMATION,
    )
