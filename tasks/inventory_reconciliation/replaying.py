"""What is there of an article, what changed it, and how that looked before, or with a change twice. Pure.

A *view* is what a system is expected to say: ``level`` pieces on hand, ``quantity`` a shop shows, or ``visibility``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from blocks.documents.base import plain_decimal

LEVEL, QUANTITY, VISIBILITY = "level", "quantity", "visibility"
VISIBLE, HIDDEN = "visible", "hidden"


@dataclass(frozen=True, slots=True)
class Holding:
    """Free pieces of one part of an article in one warehouse, and how many of them one article takes."""

    sku: str
    warehouse: str
    free: Decimal
    safety: Decimal = Decimal(0)
    per: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed what is free: a stock event, or a reservation.

    Attributes:
        ref: The row it stands in, e.g. 'stock_event/12'.
        kind: Its kind, e.g. 'receipt' or 'reservation'.
        source: Who said so.
        sku: The part it is about.
        warehouse: Where.
        delta: What it did.
        quantity: What the source said; of a count, what was counted.
        document: Number of the slip, receipt or shipment.
        happened_at: When it happened, by its source.
        heard_at: When it was booked here.
        ignored: Why it did nothing, where it came too late to.
        first: Whether it is the count that the ledger of its article began with: nothing had been known of it before.
    """

    ref: str
    kind: str
    source: str
    sku: str
    warehouse: str
    delta: Decimal
    quantity: Decimal
    document: str
    happened_at: datetime
    heard_at: datetime
    ignored: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """How the holdings of an article look to a system."""

    name: str
    at_zero: bool = False

    def of(self, holdings: Sequence[Holding]) -> str:
        """Return what the system is to say of these holdings, as differences are written down."""
        if self.name == LEVEL:
            return plain_decimal(sum((each.free for each in holdings), Decimal(0)))
        sellable = _sellable(holdings)
        if self.name == QUANTITY:
            return plain_decimal(sellable)
        return shown(sellable > 0 or self.at_zero)


def shown(visible: bool) -> str:
    """Return the word for a visibility."""
    return VISIBLE if visible else HIDDEN


def _sellable(holdings: Sequence[Holding]) -> Decimal:
    """Return floor(sum of what is free beyond safety, per warehouse), the least over the parts."""
    parts: dict[str, list[Holding]] = {}
    for each in holdings:
        parts.setdefault(each.sku, []).append(each)
    counts = [
        (sum((max(each.free - each.safety, Decimal(0)) for each in own), Decimal(0)) / own[0].per).to_integral_value(
            ROUND_FLOOR
        )
        for own in parts.values()
    ]
    return min(counts, default=Decimal(0))


def moved(holdings: Sequence[Holding], deltas: Iterable[tuple[str, str, Decimal]]) -> tuple[Holding, ...]:
    """Return the holdings with pieces added, each delta being (sku, warehouse, pieces)."""
    sums: dict[tuple[str, str], Decimal] = {}
    for sku, warehouse, pieces in deltas:
        sums[sku, warehouse] = sums.get((sku, warehouse), Decimal(0)) + pieces
    return tuple(
        Holding(each.sku, each.warehouse, each.free + sums[each.sku, each.warehouse], each.safety, each.per)
        if (each.sku, each.warehouse) in sums
        else each
        for each in holdings
    )


def without(holdings: Sequence[Holding], changes: Iterable[Change]) -> tuple[Holding, ...]:
    """Return the holdings as they would be had these changes not been heard."""
    return moved(holdings, ((each.sku, each.warehouse, -each.delta) for each in changes))


def proof_of(
    holdings: Sequence[Holding], view: View, deltas: Iterable[tuple[str, str, str, Decimal]]
) -> dict[str, Any]:
    """Return a proof: holdings, view, and what must be added to them to see what the system says.

    ``deltas`` are (ref, sku, warehouse, pieces).
    """
    return {
        "view": view.name,
        "at_zero": view.at_zero,
        "holdings": [
            [each.sku, each.warehouse, *(plain_decimal(part) for part in (each.free, each.safety, each.per))]
            for each in holdings
        ],
        "moves": [[ref, sku, warehouse, plain_decimal(pieces)] for ref, sku, warehouse, pieces in deltas],
    }


def replay(proof: Mapping[str, Any], *, expected: str, found: str) -> bool:
    """Return whether a proof holds: its holdings look as expected, and after its moves as was found.

    A proof of a ratio, a call under way, a value the system had confirmed or a sale just made is checked by what it
    names; one that names nothing (its cause is unknown) never holds.
    """
    check = next((check for name, check in _CHECKS.items() if name in proof), None)
    return bool(check and check(proof, expected, found))


def _after_moves(proof: Mapping[str, Any], expected: str, found: str) -> bool:
    view = View(proof["view"], proof["at_zero"])
    holdings = tuple(
        Holding(sku, warehouse, Decimal(free), Decimal(safety), Decimal(per))
        for sku, warehouse, free, safety, per in proof["holdings"]
    )
    after = moved(holdings, ((sku, place, Decimal(pieces)) for _, sku, place, pieces in proof["moves"]))
    return view.of(holdings) == expected and view.of(after) == found


def _by_factor(proof: Mapping[str, Any], expected: str, found: str) -> bool:
    factor, here, there = Decimal(proof["factor"]), Decimal(expected), Decimal(found)
    return here * factor == there if proof["times"] else there * factor == here


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], str, str], bool]] = {
    "holdings": _after_moves,
    "follows": lambda proof, _, found: bool(proof["follows"] == "0" and found == HIDDEN),
    "factor": _by_factor,
    "told": lambda proof, _, found: bool(proof["told"] != found),
    "calls": lambda proof, expected, _: bool(proof["calls"] and proof["wants"] == expected),
    "moved_to": lambda proof, expected, _: bool(proof["moved_to"] != expected),
    "changed_at": lambda proof, expected, found: bool(proof["changed_at"] and Decimal(found) < Decimal(expected)),
}
"""How each sort of proof is checked, by what it names; the first that fits counts."""
