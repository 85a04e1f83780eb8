"""Where orders ship from, and what is sold beyond stock. Pure: demands, availability and a policy in, parts out.

The whole order comes from the first warehouse, in the merchant's order of preference, that has it. Where none has, the
merchant's policy says whether it is split (into as few parts as can be), sold beyond stock, or held.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from blocks.documents.base import plain_decimal
from blocks.documents.orders import Order
from tasks.order_intake.rulebook import AllocationPolicy, BeyondStock, Split
from tasks.order_intake.rules import KnownArticle, KnownMaster
from tasks.order_intake.splitting import Need, spread_over_fewest

NONE = Decimal(0)
HELD_BACK = AllocationPolicy()
"""Neither split nor sold beyond stock."""


@dataclass(frozen=True, slots=True)
class Promise:
    """An article may be sold beyond stock: as ``backorder`` or ``preorder``, expected on a day or some day."""

    kind: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What one order needs from stock: pieces per article, bundles broken up into their parts.

    Attributes:
        order: The order's id.
        pieces: Pieces by SKU; a part that several lines need is counted together.
        needs: The same line by line; empty when every article is a line of its own.
        beyond: What may be sold although it is not there, by SKU.
    """

    order: str
    pieces: Mapping[str, Decimal]
    needs: tuple[Need, ...] = ()
    beyond: Mapping[str, Promise] = field(default_factory=dict)

    def by_line(self) -> tuple[Need, ...]:
        """Return the needs line by line."""
        plain = (Need(at, count, {sku: Decimal(1)}) for at, (sku, count) in enumerate(self.pieces.items(), 1))
        return self.needs or tuple(plain)


@dataclass(frozen=True, slots=True)
class Part:
    """What of an order ships from one warehouse.

    Attributes:
        warehouse: Its code.
        pieces: What is reserved there now, by SKU.
        lines: Pieces by line position; empty when the part is the whole order.
        missing: What is sold beyond stock and expected there, by SKU.
    """

    warehouse: str
    pieces: Mapping[str, Decimal]
    lines: Mapping[int, Decimal] = field(default_factory=dict)
    missing: Mapping[str, Decimal] = field(default_factory=dict)


def demand(order: Order, known: KnownMaster) -> Demand:
    """Return what the order needs; articles without managed stock (services, downloads) need nothing.

    What master data does not know (any more) is needed too: it cannot be had, and the order is held short.
    """
    pieces: dict[str, Decimal] = {}
    needs: list[Need] = []
    beyond: dict[str, Promise] = {}
    for position, line in enumerate(order.lines, 1):
        article = known.articles.get(line.sku)
        components = known.parts_of(line)
        per_piece: dict[str, Decimal] = {}
        for sku, each in [(part.sku, part.quantity) for part in components] or [(line.sku, Decimal(1))]:
            part = known.articles.get(sku)
            if part is None or part.stock_managed:
                per_piece[sku] = per_piece.get(sku, NONE) + each
                pieces[sku] = pieces.get(sku, NONE) + each * line.quantity
                promised = promise(known.rules.allocation, part, article)
                if promised:
                    beyond[sku] = promised
        needs.append(Need(position, line.quantity, per_piece))
    return Demand(order.external_id, pieces, tuple(needs), beyond)


def unshipped(wanted: Demand, shipped: Mapping[str, Decimal]) -> Demand:
    """Return what an order still needs of which pieces have left the house already.

    Its sales are in the ERP by then, so the lines of its parts stand and only pieces are asked for.
    """
    left = {sku: max(count - shipped.get(sku, NONE), NONE) for sku, count in wanted.pieces.items()}
    return Demand(wanted.order, {sku: count for sku, count in left.items() if count}, (), wanted.beyond)


def promise(policy: AllocationPolicy, part: KnownArticle | None, sold: KnownArticle | None) -> Promise | None:
    """Return how a part may be sold beyond stock; a mark at the bundle that is sold counts for its parts."""
    marked = [each for each in (part, sold) if each is not None]
    coming = next((each for each in marked if each.preorder), None)
    if coming is not None and policy.preorder is not BeyondStock.NEVER:
        return Promise("preorder", coming.available_on)
    if policy.preorder is BeyondStock.ALL or policy.backorder is BeyondStock.ALL:
        return Promise("backorder" if policy.backorder is BeyondStock.ALL else "preorder")
    flagged = policy.backorder is BeyondStock.FLAGGED and any(each.backorder for each in marked)
    return Promise("backorder") if flagged else None


class Shelf:
    """What can still be promised while one order after the other is served."""

    def __init__(
        self,
        available: Mapping[tuple[str, str], Decimal],
        warehouses: Sequence[str],
        policy: AllocationPolicy = HELD_BACK,
    ) -> None:
        """Start with what is there.

        Args:
            available: Pieces that can be promised, by (warehouse, SKU).
            warehouses: Warehouse codes in the merchant's order of preference.
            policy: Whether orders are split; what may be sold beyond stock stands in each demand.
        """
        self.left = dict(available)
        self.warehouses = list(warehouses)
        self.policy = policy
        self.split = policy.split is Split.ALLOW

    def copy(self) -> "Shelf":
        """Return a shelf with the same on it, for a trial."""
        return Shelf(self.left, self.warehouses, self.policy)

    def serve(self, wanted: Demand) -> tuple[Part, ...]:
        """Take what the order needs off the shelf; empty, and nothing taken, when it cannot be served."""
        parts = next(filter(None, self._ways(wanted)), ())
        for part in parts:
            self.put({(part.warehouse, sku): -count for sku, count in part.pieces.items()})
        return parts

    def could_serve(self, wanted: Demand) -> bool:
        """Return whether the order could be served now, by pieces that are there; nothing is taken."""
        here = Demand(wanted.order, wanted.pieces, wanted.needs)
        return next(filter(None, self._ways(here)), None) is not None

    def put(self, pieces: Mapping[tuple[str, str], Decimal]) -> None:
        """Put pieces on the shelf, or take them off where they are negative."""
        for key, count in pieces.items():
            self.left[key] = self.left.get(key, NONE) + count

    def _ways(self, wanted: Demand) -> Iterator[tuple[Part, ...]]:
        whole = next((house for house in self.warehouses if self._has(house, wanted.pieces)), None)
        if whole is not None:
            yield (Part(whole, wanted.pieces),)
            return
        if self.split:
            yield self._in_parts(wanted.by_line())
        if wanted.beyond:
            if self.split and all(need.plain for need in wanted.by_line()):
                yield self._present_in_parts(wanted)
            yield self._beyond_one(wanted)

    def _has(self, house: str, pieces: Mapping[str, Decimal]) -> bool:
        return all(self.left.get((house, sku), NONE) >= count for sku, count in pieces.items())

    def _in_parts(self, needs: Sequence[Need]) -> tuple[Part, ...]:
        shares = spread_over_fewest(needs, self.left, self.warehouses)
        return tuple(Part(house, pieces_of(needs, lines), lines) for house, lines in shares.items())

    def _present_in_parts(self, wanted: Demand) -> tuple[Part, ...]:
        """Reserve what is there, wherever it is; what is missing is expected where the first part ships from."""
        here = {sku: sum((max(self.left.get((h, sku), NONE), NONE) for h in self.warehouses), NONE)
                for sku in wanted.pieces}  # fmt: skip
        missing = {sku: need - here[sku] for sku, need in wanted.pieces.items() if need > here[sku]}
        if not missing.keys() <= wanted.beyond.keys():
            return ()
        present, absent = _without(wanted.by_line(), missing)
        pieces = pieces_of(present, {need.position: need.quantity for need in present})
        whole = next((house for house in self.warehouses if self._has(house, pieces)), None)
        if whole is not None:
            return (Part(whole, pieces, {}, missing),)
        parts = self._in_parts(present)
        if not parts:
            return ()
        first = dict(parts[0].lines)
        for position, count in absent.items():
            first[position] = first.get(position, NONE) + count
        return (Part(parts[0].warehouse, parts[0].pieces, first, missing), *parts[1:])

    def _beyond_one(self, wanted: Demand) -> tuple[Part, ...]:
        """Choose the warehouse that lacks least, among those that lack only what may be sold beyond stock."""
        best: tuple[Decimal, Part] | None = None
        for house in self.warehouses:
            there = {sku: max(self.left.get((house, sku), NONE), NONE) for sku in wanted.pieces}
            missing = {sku: need - there[sku] for sku, need in wanted.pieces.items() if need > there[sku]}
            lacks = sum(missing.values(), NONE)
            if missing.keys() <= wanted.beyond.keys() and (best is None or lacks < best[0]):
                taken = {sku: min(need, there[sku]) for sku, need in wanted.pieces.items() if there[sku]}
                best = lacks, Part(house, taken, {}, missing)
        return (best[1],) if best else ()


def pieces_of(needs: Sequence[Need], lines: Mapping[int, Decimal]) -> dict[str, Decimal]:
    """Return the pieces by SKU that so much of each line takes."""
    pieces: dict[str, Decimal] = {}
    for need in needs:
        count = lines.get(need.position, NONE)
        for sku, each in need.per_piece.items():
            if count:
                pieces[sku] = pieces.get(sku, NONE) + each * count
    return pieces


def _without(needs: Sequence[Need], missing: Mapping[str, Decimal]) -> tuple[list[Need], dict[int, Decimal]]:
    """Part plain needs into what is there and, by line, what is not; later lines go without first."""
    lacking, present, absent = dict(missing), [], {}
    for need in reversed(needs):
        sku = next(iter(need.per_piece), "")
        without = min(need.quantity, lacking.get(sku, NONE))
        if without:
            lacking[sku] -= without
            absent[need.position] = without
        present.append(Need(need.position, need.quantity - without, need.per_piece))
    return [need for need in reversed(present) if need.quantity], absent


def allocate(
    demands: Sequence[Demand],
    available: Mapping[tuple[str, str], Decimal],
    warehouses: Sequence[str],
    policy: AllocationPolicy = HELD_BACK,
) -> dict[str, tuple[Part, ...]]:
    """Serve orders first come, first served; the parts of each by its id, empty when it cannot be served."""
    shelf = Shelf(available, warehouses, policy)
    return {wanted.order: shelf.serve(wanted) for wanted in demands}


def shortage(wanted: Demand, shelf: Shelf) -> str:
    """Return in one sentence why the order could not be served from what is left on the shelf."""
    best = {}
    for sku in wanted.pieces:
        there = [max(shelf.left.get((house, sku), NONE), NONE) for house in shelf.warehouses]
        best[sku] = sum(there, NONE) if shelf.split else max(there, default=NONE)
    short = [
        f"{sku}: {plain_decimal(quantity)} wanted, {plain_decimal(best[sku])} there"
        for sku, quantity in wanted.pieces.items()
        if best[sku] < quantity
    ]
    if short:
        where = "in all warehouses together" if shelf.split else "in any one warehouse"
        return f"Not enough stock {where} (" + "; ".join(sorted(short)) + ")."
    if shelf.split:
        return "The parts of its bundles do not lie together in the warehouses."
    return "No single warehouse has every article of this order."
