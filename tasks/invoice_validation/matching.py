"""Three-way match: the lines of an invoice held against order lines and receipts. Pure: documents in, findings out.

Who was held against the supply first is served first; what an approved invoice billed counts in any case. So the same
receipt is never billed twice, in whatever order invoices are looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from blocks.documents.invoice_verdicts import InvoiceFinding
from blocks.documents.supply_tolerances import SupplyTolerances
from tasks.invoice_validation import supply_wording as say
from tasks.invoice_validation.assigning import UNNAMED, Assigner, LineMatch, touched
from tasks.invoice_validation.billing import Billed
from tasks.invoice_validation.references import Found
from tasks.invoice_validation.supply_known import ZERO_STEP, Asking, OrderLine, Supply, to_step

_NOTHING, _ONE = Decimal(0), Decimal(1)
_CENT, _STEP = Decimal("0.01"), Decimal("0.00000001")
MOST_FINDINGS = 100
"""Findings said one by one; who reads more of one invoice?"""


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
    assigner = Assigner(billed, asking, supplier, tolerances)
    lines = assigner.assign(named, others)
    findings = (*_of_orders(billed, touched(lines) or named, found), *Judge(billed, assigner).judge(lines, found))
    if len(findings) > MOST_FINDINGS:
        findings = (*findings[:MOST_FINDINGS], say.many_more(len(findings) - MOST_FINDINGS))
    purchases = tuple(dict.fromkeys((one.system, one.order) for one in (*named, *touched(lines))))
    return Matched(tuple(lines), findings, purchases)


def _of_orders(billed: Billed, lines: Sequence[OrderLine], found: Found) -> Iterator[InvoiceFinding]:
    """Yield what is wrong with the orders themselves: unknown, another supplier's, cancelled, in another currency."""
    yield from (say.order_unknown(one) for one in found.unknown)
    yield from (say.order_of_another(one, other) for one, other in found.of_others)
    cancelled = dict.fromkeys(line.order for line in lines if line.cancelled)
    yield from (say.order_cancelled(order) for order in cancelled)
    currencies = {line.order: line.currency for line in lines if line.currency != billed.currency and billed.currency}
    yield from (say.currency_differs(order, billed.currency, code) for order, code in currencies.items())


@dataclass(slots=True)
class Judge:
    """Says what is wrong with the lines of one invoice as they are held against order lines."""

    billed: Billed
    assigner: Assigner
    told: set[tuple[str, str]] = field(default_factory=set)
    """Order lines of which too much is billed, as was said already: several lines of an invoice may bill one."""

    def judge(self, lines: Sequence[LineMatch], found: Found) -> Iterator[InvoiceFinding]:
        """Yield what is wrong with prices and quantities, and with lines that no order line stands behind."""
        self.told = {part.order.key for line in lines if line.short > ZERO_STEP for part in line.parts}
        for line in lines:
            if line.parts:
                yield from self._judge_line(line)
        yield from self._unmatched([line for line in lines if not line.parts], lines, found)
        unclear = self.assigner.policy.unclear_order
        yield from (
            say.order_line_unclear(line.billed, line.parts[0].order, line.unclear, unclear)
            for line in lines
            if line.unclear
        )
        unnamed = [line for line in lines if line.how.endswith(UNNAMED)]
        if unnamed:
            yield say.order_not_named([line.billed for line in unnamed], [one.order for one in touched(unnamed)])

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
        bounds = self.assigner.bounds(line.parts[0].order.kind)
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
        limit = self.assigner.bounds(order.kind).quantity.limit(order.quantity)
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
                self.assigner.known(order)[0] - order.quantity
                for order in (part.order for part in line.parts)
                if order.key not in self.told
            ),
            default=_NOTHING,
        )

    def _too_much(self, line: LineMatch, order: OrderLine, total: Decimal) -> InvoiceFinding:
        orders = [part.order for part in line.parts]
        came = sum((one.received if self.assigner.needs_receipt(one) else one.quantity for one in orders), _NOTHING)
        earlier = [claim for one in orders for claim in one.counting(self.assigner.asking)]
        ordered = sum((one.quantity for one in orders), _NOTHING)
        before = sum((claim.quantity for claim in earlier), _NOTHING)
        if before > 0 and came >= total - ZERO_STEP and before + total > ordered + ZERO_STEP:
            return say.already_invoiced(line.billed, order, total, came, earlier)
        if not self.assigner.needs_receipt(order):
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
        policy = self.assigner.policy
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
        policy = self.assigner.policy.charges_not_ordered
        limit = policy.limit(goods) if policy else _NOTHING
        if total > limit:
            yield say.charges_not_ordered([line.billed for line in charges], total, limit)
        elif total > 0:
            for line in charges:
                line.tolerance = "charge-not-ordered"
