"""Prepayments: what was asked for in advance for an order, and what the final invoice takes off. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from blocks.documents.invoice_verdicts import Gravity, InvoiceFinding
from tasks.invoice_validation.billing import Billed
from tasks.invoice_validation.supply_known import Asking, OrderLine
from tasks.invoice_validation.supply_wording import comma, finding, listed, money

_NOTHING, _CENT = Decimal(0), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Prepayment:
    """An invoice for a prepayment (386) on an order that was not rejected."""

    invoice: int
    number: str
    net: Decimal
    gross: Decimal


def judge_request(
    billed: Billed, asking: Asking, earlier: Sequence[Prepayment], orders: Sequence[OrderLine]
) -> Iterator[InvoiceFinding]:
    """Yield that more is asked for in advance than the orders are worth, all prepayments on them together."""
    before = [one for one in earlier if one.invoice != asking.invoice]
    worth = sum((line.price * line.quantity for line in orders if not line.cancelled), _NOTHING)
    asked = billed.net + sum((one.net for one in before), _NOTHING)
    if orders and asked > worth + _CENT:
        also = f" ({listed(one.number for one in before)})" if before else ""
        yield finding(
            "prepayment-above-order",
            f"With this prepayment {money(asked)} {billed.currency} net are asked for in advance{also}, but the order"
            f" is worth {money(worth)}. Ask for a corrected invoice.",
            f"Mit dieser Anzahlung werden {comma(money(asked))} {billed.currency} netto vorab verlangt{also}, die"
            f" Bestellung umfasst aber nur {comma(money(worth))}. Fordern Sie eine berichtigte Rechnung an.",
            location="BT-109",
        )


def judge_deduction(
    billed: Billed, asking: Asking, earlier: Sequence[Prepayment], orders: Sequence[OrderLine]
) -> Iterator[InvoiceFinding]:
    """Yield that prepayments on the orders are not taken off, or more is taken off than was ever asked for."""
    before = [one for one in earlier if one.invoice != asking.invoice]
    asked = sum((one.gross for one in before), _NOTHING)
    by_lines = -sum((line.net for line in billed.lines if line.net < 0), _NOTHING)
    if billed.prepaid > asked + _CENT:
        yield finding(
            "prepayment-unknown",
            f"The invoice takes off {money(billed.prepaid)} {billed.currency} as paid before, of which"
            f" {money(asked)} are known. Check whether a prepayment was not entered.",
            f"Die Rechnung zieht {comma(money(billed.prepaid))} {billed.currency} als schon gezahlt ab, bekannt sind"
            f" {comma(money(asked))}. Prüfen Sie, ob eine Anzahlung nicht erfasst wurde.",
            location="BT-113",
            gravity=Gravity.WARNING,
        )
    if before and billed.prepaid + by_lines <= 0 and not billed.is_credit:
        names, last = listed(one.number for one in before), _is_last(asking, orders)
        yield finding(
            "prepayment-not-deducted",
            f"The order was paid for in advance ({names}, {money(asked)} {billed.currency}), but the invoice takes"
            " nothing off. Ask for a corrected invoice, or make sure that a later one takes it off.",
            f"Auf die Bestellung wurde angezahlt ({names}, {comma(money(asked))} {billed.currency}), die Rechnung zieht"
            " aber nichts ab. Fordern Sie eine berichtigte Rechnung an oder stellen Sie sicher, dass eine spätere sie"
            " abzieht.",
            location="BT-113",
            gravity=Gravity.FATAL if last else Gravity.WARNING,
        )


def _is_last(asking: Asking, orders: Sequence[OrderLine]) -> bool:
    """Tell whether nothing of the orders is left to bill: no later invoice can take the prepayment off."""
    own = {
        line.key: sum((one.quantity for one in line.claims if one.invoice == asking.invoice), _NOTHING)
        for line in orders
    }
    return all(line.claimed(asking) + own[line.key] >= line.quantity for line in orders if not line.cancelled)
