"""What an invoice that was held against the supply bills of orders and receipts, as it is kept. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from tasks.invoice_validation.assigning import LineMatch, Part
from tasks.invoice_validation.billing import Billed, keys_of
from tasks.invoice_validation.matching import Matched
from tasks.invoice_validation.supply_known import LARGEST, Asking, Claim, OrderLine, Supply

_NOTHING = Decimal(0)
_STEP = Decimal("0.00000001")
PREPAYMENT = "prepayment"
Row = dict[str, object]


def rows_of(matched: Matched, billed: Billed, asking: Asking, *, version: int) -> list[Row]:
    """Return what is kept of a match: a row for each line, order line and receipt, at least one for each line.

    What is billed of an order line is laid upon its receipts, those the invoice names first, then the oldest; each
    receipt carries no more than came. What no receipt covers stands in a row without one.
    """
    if billed.is_prepayment:
        common = {"line": "", "how": PREPAYMENT, "tolerances_version": version}
        several = [{**common, "system": system, "purchase": order} for system, order in matched.purchases]
        return several or [{**common, "how": ""}]
    named = {key for _, key in keys_of(billed.references)}
    room: dict[tuple[str, str], dict[str, Decimal]] = {}
    rows = [row for line in matched.lines for row in _rows_of_line(line, asking, named, room)]
    return [{**row, "tolerances_version": version} for row in rows] or [{"line": "", "tolerances_version": version}]


def _rows_of_line(
    line: LineMatch, asking: Asking, named: set[str], room: dict[tuple[str, str], dict[str, Decimal]]
) -> Iterator[Row]:
    about: Row = {"line": line.billed.place, "how": line.how, "why": line.why, "tolerance": line.tolerance}
    if not line.parts:
        yield about
        return
    deviation = None if line.deviation is None else _kept(line.deviation)
    for part in line.parts:
        order = part.order
        found = {
            "system": order.system,
            "order_line": order.line,
            "purchase": order.order,
            "unit": order.unit,
            "unit_price": None if line.price is None else _kept(line.price),
            "order_price": _kept(order.price),
        }
        for receipt_line, receipt, quantity in _laid_out(part, asking, named, room):
            several = {"receipt_line": receipt_line, "receipt": receipt, "quantity": _kept(quantity)}
            yield {**about, **found, **several, "deviation": deviation}
            deviation = None


def _laid_out(
    part: Part, asking: Asking, named: set[str], room: dict[tuple[str, str], dict[str, Decimal]]
) -> Iterator[tuple[str, str, Decimal]]:
    """Yield receipts, by id and number, with what is billed of each; the rest without a receipt."""
    order = part.order
    if part.by_value:
        yield "", "", _NOTHING
        return
    left = room.setdefault(order.key, _room(order, asking))
    rest, sign = part.quantity, Decimal(1).copy_sign(part.quantity)
    receipts = sorted(order.receipts, key=lambda one: not {one.receipt_key, one.note_key} & named)
    for one in receipts:
        there = left.get(one.line, _NOTHING)
        if there * sign > 0 and rest:
            taken = min(abs(there), abs(rest)).copy_sign(rest)
            left[one.line] = there - taken
            rest -= taken
            yield one.line, one.receipt, taken
    if rest:
        yield "", "", rest


def _room(order: OrderLine, asking: Asking) -> dict[str, Decimal]:
    """Return what of each receipt is not billed by others yet."""
    room = {one.line: one.quantity for one in order.receipts}
    for claim in order.counting(asking):
        if claim.receipt_line in room:
            room[claim.receipt_line] -= claim.quantity
    return room


def _kept(value: Decimal) -> Decimal | None:
    """Return a figure as its column holds it; None where it does not fit."""
    return value.quantize(_STEP) if abs(value) < LARGEST else None


def note_claims(supply: Supply, rows: list[Row], asking: Asking) -> None:
    """Let the invoices that follow see what this one bills."""
    for row in rows:
        quantity = row.get("quantity")
        if isinstance(quantity, Decimal) and quantity:
            claim = Claim(
                asking.invoice, asking.number, str(row["receipt_line"]), quantity, asking.since, settled=False
            )
            supply.claim((str(row["system"]), str(row["order_line"])), claim)
