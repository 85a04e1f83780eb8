"""Three-way match: the lines of an invoice held against order lines and receipts. Pure: documents in, findings out.

Who was held against the supply first is served first; what an approved invoice billed counts in any case. So the same
receipt is never billed twice, in whatever order invoices are looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from blocks.documents.invoice_verdicts import InvoiceFinding
from blocks.documents.supply_tolerances import SupplyTolerances
from tasks.invoice_validation import supply_wording as say
from tasks.invoice_validation.billing import Billed, BilledLine
from tasks.invoice_validation.likeness import MOST_FITS, Articles
from tasks.invoice_validation.references import Found
from tasks.invoice_validation.supply_known import ZERO_STEP, Asking, OrderLine, Supply, to_step
from tasks.invoice_validation.units import is_piece, ratio

_NOTHING, _ONE = Decimal(0), Decimal(1)
_CENT, _STEP = Decimal("0.01"), Decimal("0.00000001")
MOST_WEIGHED, LEAST_FITS = 100_000, 20
"""Pairs of invoice and order lines that are weighed at once, and order lines that each line may have in any case."""
MOST_FINDINGS = 100
"""Findings said one by one; who reads more of one invoice?"""
UNNAMED = ", order not named"
"""Ends what a line was found by where the invoice does not name the order."""
_VALUE_ONLY = Decimal("0.9")
"""A credit of less than so much of the ordered price, with no goods gone back, corrects the price, not the quantity."""


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


@dataclass(frozen=True, slots=True)
class Matched:
    """What holding one invoice against the supply came to."""

    lines: tuple[LineMatch, ...]
    findings: tuple[InvoiceFinding, ...]
    purchases: tuple[tuple[str, str], ...] = ()


def match(
    billed: Billed,
    asking: Asking,
    *,
    supplier: str,
    found: Found,
    others: Sequence[OrderLine],
    supply: Supply,
    tolerances: SupplyTolerances,
) -> Matched:
    """Hold an invoice against the orders it names, and lines that are in none of them against the supplier's others.

    Args:
        billed: What the invoice bills.
        asking: Which invoice it is.
        supplier: The supplier's code in the ERP.
        found: The orders it names.
        others: Order lines of the supplier with articles the invoice bills, whatever order they are in.
        supply: What is known of all of them.
        tolerances: The merchant's.
    """
    named = supply.of(found.purchases)
    if billed.is_prepayment:
        purchases = tuple(dict.fromkeys((line.system, line.order) for line in named))
        return Matched((), tuple(_of_orders(billed, named, found)), purchases)
    matcher = Matcher(billed, asking, supplier, tolerances)
    lines = matcher.assign(named, others)
    findings = (*_of_orders(billed, _touched(lines) or named, found), *matcher.judge(lines, found))
    if len(findings) > MOST_FINDINGS:
        findings = (*findings[:MOST_FINDINGS], say.many_more(len(findings) - MOST_FINDINGS))
    purchases = tuple(dict.fromkeys((one.system, one.order) for one in (*named, *_touched(lines))))
    return Matched(tuple(lines), findings, purchases)


def _touched(lines: Iterable[LineMatch]) -> list[OrderLine]:
    return [part.order for line in lines for part in line.parts]


def _of_orders(billed: Billed, lines: Sequence[OrderLine], found: Found) -> Iterator[InvoiceFinding]:
    """Yield what is wrong with the orders themselves: unknown, another supplier's, cancelled, in another currency."""
    yield from (say.order_unknown(one) for one in found.unknown)
    yield from (say.order_of_another(one, other) for one, other in found.of_others)
    cancelled = dict.fromkeys(line.order for line in lines if line.cancelled)
    yield from (say.order_cancelled(order) for order in cancelled)
    currencies = {line.order: line.currency for line in lines if line.currency != billed.currency and billed.currency}
    yield from (say.currency_differs(order, billed.currency, code) for order, code in currencies.items())


@dataclass(slots=True)
class Matcher:
    """Holds the lines of one invoice against order lines."""

    billed: Billed
    asking: Asking
    supplier: str
    tolerances: SupplyTolerances
    taken: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """What lines of this invoice have taken of each order line so far."""
    known: dict[tuple[str, str], tuple[Decimal, Decimal]] = field(default_factory=dict)
    """What others have billed of each order line before, and what came of it, less what went back."""
    told: set[tuple[str, str]] = field(default_factory=set)
    """Order lines of which too much is billed, as was said already: several lines of an invoice may bill one."""

    def assign(self, named: Sequence[OrderLine], others: Sequence[OrderLine]) -> list[LineMatch]:
        """Return each line with the order lines it fits best; of several that fit, the one that is due."""
        lines = [LineMatch(line) for line in self.billed.lines]
        self._hold(lines, named)
        known = {line.key for line in named}
        rest = [line for line in lines if not line.parts and line.convertible and not line.billed.may_be_charge]
        self._hold(rest, [line for line in others if line.key not in known and not line.cancelled], unnamed=True)
        agreed = [order for order in (*named, *_touched(lines)) if order.kind == "charge" and not order.cancelled]
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

    def _hold(self, lines: Sequence[LineMatch], orders: Sequence[OrderLine], *, unnamed: bool = False) -> None:
        articles, most = Articles(orders), max(min(MOST_FITS, MOST_WEIGHED // max(len(lines), 1)), LEAST_FITS)
        fits = [
            (fit, line, order, how)
            for line in lines
            if line.billed.net or line.billed.quantity
            for fit, order, how in articles.fits(line.billed, most=most)
        ]
        fits.sort(key=self._order_of_fits)
        best: dict[int, list[tuple[OrderLine, str]]] = {}
        for _, line, order, how in fits:
            best.setdefault(id(line), []).append((order, how))
        asked = {id(line): self._ask(line, best[id(line)]) for line in lines if id(line) in best}
        for only_due in (True, False):
            for _, line, order, how in fits:
                if line.convertible:
                    self._take(line, order, how if not unnamed else f"{how}{UNNAMED}", asked, only_due=only_due)
        for line in lines:
            if asked.get(id(line)):
                self._overtake(line, best[id(line)][0], asked[id(line)], unnamed=unnamed)

    def _order_of_fits(self, fit: tuple[int, LineMatch, OrderLine, str]) -> tuple[object, ...]:
        """Order by likeness, then what there is room for, price and quantity that agree, and age, the oldest first."""
        score, line, order, _ = fit
        quantity = line.billed.quantity or _ONE
        factor = self.factor(line.billed, order) or _ONE
        price = abs(line.billed.net / (quantity * factor) - order.price) if quantity else _NOTHING
        due = self.due(order, quantity)
        return (
            -score,
            order.cancelled,
            due <= 0,
            abs(quantity * factor) > due + ZERO_STEP,
            to_step(price, Decimal("0.001")),
            abs(due - abs(quantity * factor)) > ZERO_STEP,
            str(order.ordered_on or "9999"),
            order.line.rjust(20),
            line.billed.place,
        )

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

    def _ask(self, line: LineMatch, fits: Sequence[tuple[OrderLine, str]]) -> Decimal:
        """Return what a line asks for in the unit of the order line it fits best, and set its price."""
        order, how = fits[0]
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
        taken, received = self._known(order)
        came = received if self.needs_receipt(order) else order.quantity
        return max(came - taken, _NOTHING) if asked >= 0 else max(taken - came, _NOTHING)

    def _known(self, order: OrderLine) -> tuple[Decimal, Decimal]:
        """Return what of an order line is billed so far, by others and by this invoice, and what came of it."""
        if order.key not in self.known:
            self.known[order.key] = order.claimed(self.asking), order.received
        before, came = self.known[order.key]
        return before + self.taken.get(order.key, _NOTHING), came

    def open(self, order: OrderLine, asked: Decimal) -> Decimal:
        """Return what of an order line is ordered and not billed yet; for a negative question, what was billed."""
        taken, _ = self._known(order)
        return max(order.quantity - taken, _NOTHING) if asked >= 0 else max(taken, _NOTHING)

    def needs_receipt(self, order: OrderLine) -> bool:
        """Tell whether what is ordered comes with a receipt."""
        if order.kind == "goods":
            return True
        return order.kind == "service" and bool(self.tolerances.policy(self.supplier).services_need_receipt)

    def _take(self, line: LineMatch, order: OrderLine, how: str, asked: dict[int, Decimal], *, only_due: bool) -> None:
        """Hold what a line still asks for against an order line, as far as that goes."""
        left = asked[id(line)]
        if not left or line.unit != order.unit or not (order is line.best or self._agrees(line, order)):
            return
        room = self.due(order, left) if only_due else self.open(order, left)
        quantity = min(abs(left), room).copy_sign(left)
        if not quantity:
            return
        if not only_due and left > 0:
            line.short += quantity
        self._add(line, order, quantity, how)
        asked[id(line)] = left - quantity

    def _agrees(self, line: LineMatch, order: OrderLine) -> bool:
        """Tell whether what a line bills beyond its best order line may be of another one: the price says so."""
        if line.price is None or self.billed.reduced:
            return True
        limit = self.tolerances.of(self.supplier, order.kind).price_above.limit(order.price)
        return abs(line.price - order.price) <= max(limit, _CENT / abs(line.billed.quantity or _ONE))

    def _overtake(self, line: LineMatch, fit: tuple[OrderLine, str], left: Decimal, *, unnamed: bool) -> None:
        """Hold what no order line has room for against the one that the line fits best."""
        order, how = fit
        line.short += left
        self._add(line, order, left, f"{how}{UNNAMED}" if unnamed else how)

    def _add(self, line: LineMatch, order: OrderLine, quantity: Decimal, how: str) -> None:
        line.how = line.how or how
        by_value = quantity < 0 and self._corrects_price(line, order, quantity)
        if not by_value:
            self.taken[order.key] = self.taken.get(order.key, _NOTHING) + quantity
        for part in line.parts:
            if part.order is order and part.by_value == by_value:
                part.quantity += quantity
                return
        line.parts.append(Part(order, quantity, by_value))

    def _corrects_price(self, line: LineMatch, order: OrderLine, quantity: Decimal) -> bool:
        return (line.price or _NOTHING) < order.price * _VALUE_ONLY and not self.due(order, quantity)

    def judge(self, lines: Sequence[LineMatch], found: Found) -> Iterator[InvoiceFinding]:
        """Yield what is wrong with prices and quantities, and with lines that no order line stands behind."""
        self.told = {part.order.key for line in lines if line.short > ZERO_STEP for part in line.parts}
        for line in lines:
            if line.parts:
                yield from self._judge_line(line)
        yield from self._unmatched([line for line in lines if not line.parts], lines, found)
        unnamed = [line for line in lines if line.how.endswith(UNNAMED)]
        if unnamed:
            yield say.order_not_named([line.billed for line in unnamed], [one.order for one in _touched(unnamed)])

    def _judge_line(self, line: LineMatch) -> Iterator[InvoiceFinding]:
        first = line.parts[0].order
        if not line.convertible:
            yield say.unit_not_convertible(line.billed, first)
            return
        same_currency = not self.billed.currency or first.currency == self.billed.currency
        if same_currency:
            yield from self._judge_price(line)
        if not any(part.order.cancelled for part in line.parts):
            yield from self._judge_quantity(line)

    def _judge_price(self, line: LineMatch) -> Iterator[InvoiceFinding]:
        expected = sum((part.order.price * part.quantity for part in line.parts), _NOTHING)
        difference = line.billed.net - expected
        line.deviation = to_step(difference, _STEP)
        if line.billed.net < 0 or any(part.by_value for part in line.parts):
            return
        bounds = self.tolerances.of(self.supplier, line.parts[0].order.kind)
        dearer = difference > 0
        limit = (bounds.price_above if dearer else bounds.price_below).limit(expected)
        rounded = abs(line.billed.net - to_step(expected, _CENT, ROUND_HALF_UP))
        if rounded <= _CENT:
            return
        if dearer and self.billed.reduced:
            rounded = min(rounded, max(line.billed.net * (_ONE - self.billed.reduced) - expected, _NOTHING))
            if rounded <= _CENT:
                return
        if rounded <= limit:
            line.tolerance = "price-above-order" if dearer else "price-below-order"
            return
        yield say.price_differs(line.billed, line.parts[0].order, line.price, expected, limit, dearer=dearer)

    def _judge_quantity(self, line: LineMatch) -> Iterator[InvoiceFinding]:
        order = line.parts[0].order
        total = sum((part.quantity for part in line.parts), _NOTHING)
        if line.short < 0 or total < 0:
            if -line.short > ZERO_STEP and not all(part.by_value for part in line.parts):
                yield say.credit_above_invoiced(line.billed, order, total, line.short)
            return
        limit = self.tolerances.of(self.supplier, order.kind).quantity.limit(order.quantity)
        if line.short > ZERO_STEP:
            if line.short <= limit:
                line.tolerance = line.tolerance or "quantity"
                return
            yield self._too_much(line, order, total)
            return
        beyond = self._ordered_too_little(line)
        if beyond > max(limit, ZERO_STEP):
            self.told |= {part.order.key for part in line.parts}
            yield say.quantity_above_order(line.billed, order, total, beyond)

    def _ordered_too_little(self, line: LineMatch) -> Decimal:
        """Return what came and is billed beyond what was ordered."""
        return max(
            (
                self._known(order)[0] - order.quantity
                for order in (part.order for part in line.parts)
                if order.key not in self.told
            ),
            default=_NOTHING,
        )

    def _too_much(self, line: LineMatch, order: OrderLine, total: Decimal) -> InvoiceFinding:
        orders = [part.order for part in line.parts]
        came = sum((one.received if self.needs_receipt(one) else one.quantity for one in orders), _NOTHING)
        earlier = [claim for one in orders for claim in one.counting(self.asking)]
        ordered = sum((one.quantity for one in orders), _NOTHING)
        before = sum((claim.quantity for claim in earlier), _NOTHING)
        if before > 0 and came >= total - ZERO_STEP and before + total > ordered + ZERO_STEP:
            return say.already_invoiced(line.billed, order, total, came, earlier)
        if not self.needs_receipt(order):
            return say.quantity_above_order(line.billed, order, total, line.short)
        if came <= 0 and not order.receipts:
            return say.not_received_yet(line.billed, order, total)
        return say.quantity_above_receipt(line.billed, order, total, came, earlier)

    def _unmatched(
        self, rest: Sequence[LineMatch], lines: Sequence[LineMatch], found: Found
    ) -> Iterator[InvoiceFinding]:
        """Yield what lines without an order mean: charges, articles nobody ordered, or no order at all."""
        goods = [line for line in rest if line.billed.net > 0 and not line.billed.may_be_charge]
        matched = any(line.parts for line in lines)
        if matched or found.purchases:
            yield from (say.not_ordered(line.billed, found.texts) for line in goods)
        elif not found.unknown and not found.of_others:
            yield from self._without_order()
            return
        if matched or found.purchases:
            yield from self._charges(rest, lines)

    def _without_order(self) -> Iterator[InvoiceFinding]:
        policy = self.tolerances.policy(self.supplier)
        if self.billed.net <= 0 and (self.billed.preceding or not self.billed.is_credit):
            return
        finding = say.without_order(self.billed, policy.without_order, policy.without_order_up_to)
        if finding:
            yield finding

    def _charges(self, rest: Sequence[LineMatch], lines: Sequence[LineMatch]) -> Iterator[InvoiceFinding]:
        """Yield that more freight and packing is billed than was agreed or is let pass."""
        charges = [line for line in rest if line.billed.net > 0 and line.billed.may_be_charge]
        total = sum((line.billed.net for line in charges), _NOTHING)
        goods = sum((line.billed.net for line in lines if line.parts), _NOTHING)
        policy = self.tolerances.policy(self.supplier).charges_not_ordered
        limit = policy.limit(goods) if policy else _NOTHING
        if total > limit:
            yield say.charges_not_ordered([line.billed for line in charges], total, limit)
        elif total > 0:
            for line in charges:
                line.tolerance = "charge-not-ordered"
