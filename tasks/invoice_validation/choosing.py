"""Which order line an invoice line is held against, why that one, and where another fits as well. Pure.

What speaks for an order line is weighed in a fixed order: how surely it is the same article, that it is in force, that
its price is within the tolerance, that it has room for the whole line, that its price is the nearer one, that its
quantity is the very one, and at last its age, the oldest first. Only where all but the age are alike is it unclear.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tasks.invoice_validation.likeness import SAME_LINE, SAME_NUMBER
from tasks.invoice_validation.supply_known import ZERO_STEP, OrderLine
from tasks.invoice_validation.supply_wording import figure, money

_RADIX = 1 << 64
"""Larger than any sum of one reason's figures: a lesser reason never outweighs a greater one."""
_MILLI, _LARGEST = Decimal(1000), 10**12
SUREST = SAME_LINE + SAME_NUMBER
_HOW = {
    "article": "its article number agrees",
    "line": "the invoice names this line of the order",
    "description": "its description agrees",
}


@dataclass(frozen=True, slots=True)
class Fit:
    """How an order line fits an invoice line.

    Attributes:
        sureness: How surely both are of one article; above ``SAME_LINE`` the invoice itself names the line.
        how: By what: 'article', 'line' or 'description'.
        too_far: Whether its price is beyond the tolerance.
        lack: 0 where it has room for the whole line, 1 for a part of it, 2 for nothing.
        off: How far its price is off, for one piece.
        other_quantity: Whether the quantity is another than what it has room for.
        due: What of it came and is not billed, in its own unit.
        age: Its place among the order lines, the oldest first.
    """

    order: OrderLine
    sureness: int
    how: str
    too_far: bool
    lack: int
    off: Decimal
    other_quantity: bool
    due: Decimal
    age: int

    @property
    def is_named(self) -> bool:
        """Tell whether the invoice itself names the order line."""
        return self.sureness >= SAME_LINE

    @property
    def reasons(self) -> tuple[int, ...]:
        """Return what speaks against it, the gravest first."""
        off = min(int(self.off * _MILLI), _LARGEST)
        return (
            SUREST - self.sureness, self.order.cancelled, self.too_far, self.lack, off, self.other_quantity, self.age
        )  # fmt: skip

    @property
    def cost(self) -> int:
        """Return all that speaks against it as one figure; figures of several may be added up."""
        whole = 0
        for reason in self.reasons:
            whole = whole * _RADIX + reason
        return whole

    def is_as_good_as(self, other: "Fit") -> bool:
        """Tell whether nothing but their age speaks for one of two."""
        return self.reasons[:-1] == other.reasons[:-1]


def ages(orders: Sequence[OrderLine]) -> dict[tuple[str, str], int]:
    """Return the place of each order line among all, the oldest first."""
    ranked = sorted(orders, key=lambda one: (one.ordered_on or date.max, one.line.rjust(20), one.system))
    return {one.key: place for place, one in enumerate(ranked)}


def why(chosen: Fit, fits: Sequence[Fit]) -> str:
    """Return in a sentence why an order line was chosen, and before which other one."""
    price = "price as ordered" if chosen.off < ZERO_STEP else f"price off by {money(chosen.off)}"
    said = f"{_HOW[chosen.how]}, {price}, {figure(chosen.due)} {chosen.order.unit} due"
    rest = [fit for fit in fits if fit.order.key != chosen.order.key]
    if not rest:
        return f"{said}; no other order line fits"
    rival = min(rest, key=lambda fit: fit.cost)
    return f"{said}; before {_named(rival.order)}, {_against(rival, chosen)}"


def _against(rival: Fit, chosen: Fit) -> str:
    """Return what speaks most against a rival; a better one had to give way to another line of the invoice."""
    words = (
        "which is less surely the same article",
        "which is cancelled",
        f"whose price is off by {money(rival.off)}",
        f"of which only {figure(rival.due)} {rival.order.unit} are due",
        f"whose price is off by {money(rival.off)}",
        f"of which {figure(rival.due)} {rival.order.unit} are due",
        "which is younger",
    )
    for mine, other, said in zip(chosen.reasons, rival.reasons, words, strict=True):
        if mine < other:
            return said
        if other < mine:
            break
    return "which other lines of the invoice take up"


def as_good(chosen: Fit, fits: Sequence[Fit], free: Mapping[tuple[str, str], Decimal], quantity: Decimal) -> list[Fit]:
    """Return lines of other orders that fit just as well and have room for as much still, when all is held."""
    return [
        fit
        for fit in fits
        if fit.order.order != chosen.order.order
        and fit.is_as_good_as(chosen)
        and free.get(fit.order.key, Decimal(0)) >= quantity
    ]


def _named(order: OrderLine) -> str:
    return f"{order.order} line {order.position}" if order.position else order.order
