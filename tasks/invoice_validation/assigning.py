"""Assigns the lines of an invoice to order lines: the best assignment there is, and why it is that one. Pure.

What the invoice itself names goes first; then as much as can be is laid upon what came and is not billed yet, then upon
what was ordered; what is left over stands with the order line that its line fits best, as too much.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from blocks.documents.supply_tolerances import Bounds, Policy, SupplyTolerances
from tasks.invoice_validation import choosing
from tasks.invoice_validation.best_assignment import assign
from tasks.invoice_validation.billing import Billed, BilledLine
from tasks.invoice_validation.choosing import Fit
from tasks.invoice_validation.likeness import MOST_FITS, Articles
from tasks.invoice_validation.supply_known import ZERO_STEP, Asking, OrderLine, to_step
from tasks.invoice_validation.units import is_piece, ratio

_NOTHING, _ONE = Decimal(0), Decimal(1)
_CENT, _STEP = Decimal("0.01"), Decimal("0.00000001")
MOST_WEIGHED, LEAST_FITS = 100_000, 20
"""Pairs of invoice and order lines that are weighed at once, and order lines that each line may have in any case."""
UNNAMED = ", order not named"
"""Ends what a line was found by where the invoice does not name the order."""
_VALUE_ONLY = Decimal("0.9")
"""A credit of less than so much of the ordered price, with no goods gone back, corrects the price, not the quantity."""

Fits = Mapping[int, Sequence[Fit]]
"""How order lines fit the lines of an invoice, by the identity of each, the best first."""


@dataclass(slots=True)
class Part:
    """How much of an invoice line is held against one order line, in the order's unit and at the line's price."""

    order: OrderLine
    quantity: Decimal
    by_value: bool = False
    """Whether it only corrects the price: nothing of the quantity is billed or given back."""


@dataclass(slots=True)
class LineMatch:
    """One invoice line with the order lines it was held against.

    Attributes:
        best: The order line it fits best.
        unit: The order's, in which quantities are.
        price: Net price of one; None where it cannot be told.
        short: What is billed beyond what came and is not billed yet, in the order's unit.
        deviation: Money by which the line is dearer than ordered.
        tolerance: The rule by which a difference was let pass.
        why: Why this order line and no other.
        unclear: Other order lines it may be of just as well.
    """

    billed: BilledLine
    parts: list[Part] = field(default_factory=list)
    how: str = ""
    best: OrderLine | None = None
    unit: str = ""
    price: Decimal | None = None
    short: Decimal = _NOTHING
    deviation: Decimal | None = None
    tolerance: str = ""
    convertible: bool = True
    why: str = ""
    unclear: tuple[OrderLine, ...] = ()


def touched(lines: Iterable[LineMatch]) -> list[OrderLine]:
    """Return the order lines that lines are held against."""
    return [part.order for line in lines for part in line.parts]


class Assigner:
    """Lays the lines of one invoice upon order lines."""

    def __init__(self, billed: Billed, asking: Asking, supplier: str, tolerances: SupplyTolerances) -> None:
        """Begin with nothing taken."""
        self.billed, self.asking, self.supplier, self.tolerances = billed, asking, supplier, tolerances
        self.policy: Policy = tolerances.policy(supplier)
        self._bounds: dict[str, Bounds] = {}
        self._taken: dict[tuple[str, str], Decimal] = {}
        self._known: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}

    def bounds(self, kind: str) -> Bounds:
        """Return the tolerances for lines of a kind."""
        if kind not in self._bounds:
            self._bounds[kind] = self.tolerances.of(self.supplier, kind)
        return self._bounds[kind]

    def assign(self, named: Sequence[OrderLine], others: Sequence[OrderLine]) -> list[LineMatch]:
        """Return each line with the order lines it is held against: of the named orders, else of the others."""
        lines = [LineMatch(line) for line in self.billed.lines]
        self._hold(lines, named)
        known = {line.key for line in named}
        rest = [line for line in lines if not line.parts and line.convertible and not line.billed.may_be_charge]
        self._hold(rest, [line for line in others if line.key not in known and not line.cancelled], ending=UNNAMED)
        agreed = [order for order in (*named, *touched(lines)) if order.kind == "charge" and not order.cancelled]
        for line in lines:
            if not line.parts and line.billed.may_be_charge and line.billed.net > 0:
                self._hold_charge(line, agreed)
        return lines

    def _hold_charge(self, line: LineMatch, agreed: Sequence[OrderLine]) -> None:
        """Hold a charge against a charge that was ordered and is not billed yet, by its amount."""
        for order in agreed:
            room = self.open(order, _ONE)
            if room and order.price > 0:
                line.price, line.unit = order.price, order.unit
                self._add(line, order, min(to_step(line.billed.net / order.price, _STEP), room), "charge")
                return

    def _hold(self, lines: Sequence[LineMatch], orders: Sequence[OrderLine], *, ending: str = "") -> None:
        """Hold lines against order lines; ``ending`` ends what each is found by."""
        fits = self._weighed(lines, orders) if lines and orders else {}
        asked = {id(line): self._ask(line, fits[id(line)][0]) for line in lines if id(line) in fits}
        left = [line for line in lines if asked.get(id(line))]
        for only_due in (True, False):
            for sign in (_ONE, -_ONE):
                several = [line for line in left if asked[id(line)] * sign > 0]
                itself = [line for line in several if fits[id(line)][0].is_named]
                for named, those in ((True, itself), (False, several)):
                    if those:
                        self._lay(those, fits, asked, only_due=only_due, named=named)
        for line in left:
            if rest := asked[id(line)]:
                line.short += rest
                self._add(line, fits[id(line)][0].order, rest, fits[id(line)][0].how)
        for line in left:
            self._explain(line, fits[id(line)])
            line.how += ending

    def _weighed(self, lines: Sequence[LineMatch], orders: Sequence[OrderLine]) -> dict[int, list[Fit]]:
        """Return how order lines fit each line, the best first; lines that none fits are missing."""
        articles, ages = Articles(orders), choosing.ages(orders)
        most = max(min(MOST_FITS, MOST_WEIGHED // max(len(lines), 1)), LEAST_FITS)
        found: dict[int, list[Fit]] = {}
        for line in lines:
            if line.billed.net or line.billed.quantity:
                fits = [
                    self._weigh(line.billed, order, sureness, how, ages[order.key])
                    for sureness, order, how in articles.fits(line.billed, most=most)
                ]
                if fits:
                    found[id(line)] = sorted(fits, key=lambda fit: fit.cost)
        return found

    def _weigh(self, line: BilledLine, order: OrderLine, sureness: int, how: str, age: int) -> Fit:
        """Weigh what speaks for and against an order line."""
        quantity = (line.quantity or _ONE) * (self.factor(line, order) or _ONE)
        off = abs(line.net / quantity - order.price) if quantity else _NOTHING
        due, asked = self.due(order, quantity), abs(quantity)
        lack = 0 if asked <= due + ZERO_STEP else 1 if due > 0 else 2
        too_far = not self.billed.reduced and off > self._allowed(line, order)
        return Fit(order, sureness, how, too_far, lack, off, abs(due - asked) > ZERO_STEP, due, age)

    def _allowed(self, line: BilledLine, order: OrderLine) -> Decimal:
        """Return how far the price of one piece may be off: as agreed, and in any case by a cent on the line."""
        return max(self.bounds(order.kind).price_above.limit(order.price), _CENT / abs(line.quantity or _ONE))

    def factor(self, line: BilledLine, order: OrderLine) -> Decimal | None:
        """Return how many of the order's unit one of the invoice's is; None where nobody can tell."""
        same = ratio(line.unit, order.unit)
        if same is not None:
            return same
        for pack, single, turned in ((line.unit, order.unit, False), (order.unit, line.unit, True)):
            pieces = self._pieces(order.sku, pack)
            if pieces and is_piece(single):
                return _ONE / pieces if turned else pieces
        return None

    def _pieces(self, sku: str, unit: str) -> Decimal | None:
        """Return what a pack holds; codes of Recommendation 21 stand with and without their X."""
        other = unit[1:] if unit.startswith("X") else f"X{unit}"
        found = self.tolerances.pack(self.supplier, sku, unit)
        return found if found is not None else self.tolerances.pack(self.supplier, sku, other)

    def _ask(self, line: LineMatch, best: Fit) -> Decimal:
        """Return what a line asks for in the unit of the order line it fits best, and set its price."""
        order, how = best.order, best.how
        billed, line.unit, line.best = line.billed, order.unit, order
        factor = self.factor(billed, order)
        by_value = order.kind != "goods" and order.price
        if (factor is None or billed.quantity is None) and by_value:
            line.price = order.price
            return to_step(billed.net / order.price, _STEP)
        if factor is None or not billed.quantity:
            line.convertible, line.how, line.parts = False, how, [Part(order, _NOTHING, by_value=True)]
            return _NOTHING
        asked = to_step(billed.quantity * factor, _STEP)
        line.price = billed.net / asked if asked else _NOTHING
        return asked

    def due(self, order: OrderLine, asked: Decimal) -> Decimal:
        """Return what of an order line may still be billed (or, for a negative question, given back), unsigned."""
        taken, received = self.known(order)
        came = received if self.needs_receipt(order) else order.quantity
        return max(came - taken, _NOTHING) if asked >= 0 else max(taken - came, _NOTHING)

    def known(self, order: OrderLine) -> tuple[Decimal, Decimal]:
        """Return what of an order line is billed so far, by others and by this invoice, and what came of it."""
        if order.key not in self._known:
            self._known[order.key] = order.claimed(self.asking), order.received
        before, came = self._known[order.key]
        return before + self._taken.get(order.key, _NOTHING), came

    def open(self, order: OrderLine, asked: Decimal) -> Decimal:
        """Return what of an order line is ordered and not billed yet; for a negative question, what was billed."""
        taken, _ = self.known(order)
        return max(order.quantity - taken, _NOTHING) if asked >= 0 else max(taken, _NOTHING)

    def needs_receipt(self, order: OrderLine) -> bool:
        """Tell whether what is ordered comes with a receipt."""
        if order.kind == "goods":
            return True
        return order.kind == "service" and bool(self.policy.services_need_receipt)

    def _lay(
        self, lines: Sequence[LineMatch], fits: Fits, asked: dict[int, Decimal], *, only_due: bool, named: bool
    ) -> None:
        """Lay upon order lines what lines still ask for, in the best way; of one sign all, ``named`` lines first."""
        room_of = self.due if only_due else self.open
        places: dict[tuple[str, str], int] = {}
        room: list[Decimal] = []
        pairs: dict[tuple[int, int], Fit] = {}
        for at, line in enumerate(lines):
            for fit in fits[id(line)]:
                left, order = asked[id(line)], fit.order
                if not left or (named and not fit.is_named) or not self._may_take(line, order):
                    continue
                free = room_of(order, left)
                if left < 0 and free and self._corrects_price(line, order, left):
                    quantity = min(abs(left), free).copy_sign(left)
                    asked[id(line)] -= quantity
                    self._add(line, order, quantity, fit.how)
                elif free:
                    if order.key not in places:
                        places[order.key] = len(room)
                        room.append(free)
                    pairs[at, places[order.key]] = fit
        wanted = [abs(asked[id(line)]) for line in lines]
        placed = assign(wanted, room, {pair: fit.cost for pair, fit in pairs.items()})
        for pair in sorted(placed):
            line, fit = lines[pair[0]], pairs[pair]
            quantity = placed[pair].copy_sign(asked[id(line)])
            if not only_due and quantity > 0:
                line.short += quantity
            self._add(line, fit.order, quantity, fit.how)
            asked[id(line)] -= quantity

    def _may_take(self, line: LineMatch, order: OrderLine) -> bool:
        """Tell whether a line may bill an order line: the one it fits best, or one whose price agrees as well."""
        if line.unit != order.unit:
            return False
        if order is line.best or line.price is None or self.billed.reduced:
            return True
        return abs(line.price - order.price) <= self._allowed(line.billed, order)

    def _add(self, line: LineMatch, order: OrderLine, quantity: Decimal, how: str) -> None:
        line.how = line.how or how
        by_value = quantity < 0 and self._corrects_price(line, order, quantity)
        if not by_value:
            self._taken[order.key] = self._taken.get(order.key, _NOTHING) + quantity
        for part in line.parts:
            if part.order is order and part.by_value == by_value:
                part.quantity += quantity
                return
        line.parts.append(Part(order, quantity, by_value))

    def _corrects_price(self, line: LineMatch, order: OrderLine, quantity: Decimal) -> bool:
        return (line.price or _NOTHING) < order.price * _VALUE_ONLY and not self.due(order, quantity)

    def _explain(self, line: LineMatch, fits: Sequence[Fit]) -> None:
        """Say why it is this order line, and which others it may be of just as well."""
        by_order = {fit.order.key: fit for fit in fits}
        chosen = by_order[line.parts[0].order.key]
        line.why = choosing.why(chosen, fits)
        if line.short or any(part.by_value for part in line.parts):
            return
        free = {fit.order.key: self.due(fit.order, part.quantity) for part in line.parts for fit in fits}
        own = {part.order.key for part in line.parts}
        line.unclear = tuple(
            fit.order
            for part in line.parts
            for fit in choosing.as_good(by_order[part.order.key], fits, free, abs(part.quantity))
            if fit.order.key not in own
        )
