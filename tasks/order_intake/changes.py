"""What a new version of an order changes, field by field and in money, and what follows from that. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from blocks.documents.base import Document, plain_decimal
from blocks.documents.orders import Order, OrderLine, OrderStatus
from blocks.documents.verdicts import Fault

FOLLOWED = frozenset({"changed_at", "payment_status", "status"})
"""Fields a booked order follows by itself: payment progress and the shop's own processing."""
PERSONAL = ("customer.", "billing_address", "shipping_address", "comment", "purchase_order_number")
SHOWN = 10
MISSING = object()


class Change(Document):
    """One field that differs between two versions; an absent value is None."""

    place: str
    before: str | None
    after: str | None

    def told(self) -> str:
        """Return the change in words, without personal data."""
        if self.place.startswith(PERSONAL) or self.place.endswith(".variant"):
            return f"{self.place} has changed"
        if self.before is None or self.after is None:
            return f"{self.place} {'added' if self.before is None else 'removed'}: {self.after or self.before}"
        return f"{self.place}: {self.before or 'nothing'} → {self.after or 'nothing'}"


class Decision(StrEnum):
    """What a version of an order is."""

    ACCEPTED = "accepted"
    FOLLOWED = "followed"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """How far an order's sales have come outside: not begun, a call is being made, begun or done."""

    UNTOUCHED = "untouched"
    UNDER_WAY = "under way"
    OUTSIDE = "outside"


def differences(before: Order, after: Order) -> tuple[Change, ...]:
    """Return every field that differs; lines are told apart by their article, added and removed ones shown whole."""
    if before == after:
        return ()
    old, new = _flat(before), _flat(after)
    keys_old, keys_new = _line_keys(before), _line_keys(after)
    changes = [
        Change(place=place, before=_text(old.get(place, MISSING)), after=_text(new.get(place, MISSING)))
        for place in dict.fromkeys((*old, *new))
        if old.get(place, MISSING) != new.get(place, MISSING)
    ]
    for key, line in keys_old.items():
        if key not in keys_new:
            changes.append(Change(place=f"lines[{key}]", before=_line_text(line), after=None))
    for key, line in keys_new.items():
        other = keys_old.get(key)
        if other is None:
            changes.append(Change(place=f"lines[{key}]", before=None, after=_line_text(line)))
        elif other != line:
            changes += _line_changes(key, other, line)
    return tuple(change for change in changes if (change.before, change.after) != (None, None))


def _line_changes(key: str, before: OrderLine, after: OrderLine) -> Iterator[Change]:
    for name in OrderLine.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(place=f"lines[{key}].{name}", before=_text(old), after=_text(new))


def _line_keys(order: Order) -> dict[str, OrderLine]:
    """Return lines by article; the second line of an article is 'LAMP#2'."""
    seen: Counter[str] = Counter()
    lines = {}
    for line in order.lines:
        seen[line.sku] += 1
        lines[line.sku if seen[line.sku] == 1 else f"{line.sku}#{seen[line.sku]}"] = line
    return lines


def _line_text(line: OrderLine) -> str:
    quantity, net, gross = (plain_decimal(value) for value in (line.quantity, line.net, line.gross))
    return f"{quantity} pieces, {net} net, {gross} gross"


def _flat(order: Order) -> dict[str, Any]:
    """Return all fields but the lines by place; taxes and charges stand under their rate and kind."""
    fields: dict[str, Any] = {}
    for name in Order.model_fields:
        value = getattr(order, name)
        if name == "totals":
            fields |= {f"totals.{each}": getattr(value, each) for each in type(value).model_fields if each != "taxes"}
            fields |= {f"totals.taxes[{plain_decimal(tax.rate)}]": tax.amount for tax in value.taxes}
        elif name == "charges":
            for at, charge in enumerate(value, 1):
                place = f"charges[{at}]"
                fields |= {f"{place}.{each}": getattr(charge, each) for each in type(charge).model_fields}
        elif isinstance(value, Document):
            fields |= {f"{name}.{each}": getattr(value, each) for each in type(value).model_fields}
        elif name != "lines":
            fields[name] = value
    return fields


def _text(value: Any) -> str | None:
    if value is MISSING or value is None:
        return None
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, tuple):
        return ", ".join(f"{plain_decimal(part.quantity)} x {part.sku}" for part in value)
    return str(value)


def decide(after: Order, changes: Sequence[Change], *, cancelled: bool) -> Decision:
    """Return what a newer version is, against what is booked.

    Args:
        after: The newer version.
        changes: All its differences from the version that is booked.
        cancelled: Whether the booked order stands cancelled.
    """
    if after.status is OrderStatus.CANCELLED:
        return Decision.FOLLOWED if cancelled else Decision.CANCELLED
    taken_up_again = cancelled and after.status is not OrderStatus.COMPLETE
    if taken_up_again or any(change.place not in FOLLOWED for change in changes):
        return Decision.CHANGED
    return Decision.FOLLOWED


def money_delta(before: Order, after: Order) -> Decimal:
    """Return by how much the amount to pay moved, signed; a cancelled order is paid nothing."""
    return _due(after) - _due(before)


def _due(order: Order) -> Decimal:
    return Decimal(0) if order.status is OrderStatus.CANCELLED else order.totals.total


def conflict(
    *, version: int, decision: Decision, changes: Sequence[Change], delta: Decimal, currency: str, sale: str
) -> Fault:
    """Return why a version waits for a person: its order is in the ERP, or may be.

    Args:
        version: The version that is booked.
        decision: Changed or cancelled.
        changes: What differs from it.
        delta: By how much the amount to pay would move.
        currency: The order's currency.
        sale: The ERP's sale number; empty when it is not known whether there is a sale.
    """
    commercial = [change for change in changes if change.place not in FOLLOWED]
    shown = "; ".join(change.told() for change in commercial[:SHOWN])
    more = f"; and {len(commercial) - SHOWN} more" if len(commercial) > SHOWN else ""
    where = f"is in the ERP as sale {sale}" if sale else "has been sent to the ERP, which has not confirmed it"
    money = f"Amount to pay {delta:+.2f} {currency}"
    if decision is Decision.CANCELLED:
        text = f"The order is booked (version {version}), {where}, and was cancelled in the shop. {money}."
        todo = f"Cancel sale {sale} in the ERP" if sale else "See in the ERP whether there is a sale and cancel it"
        then = "then release this record: the order is cancelled here and its reservations are given back"
        return Fault(rule="ORD-CANCELLED", place="status", text=text, remedy=f"{todo}, {then}.")
    text = f"The order is booked (version {version}), {where}, and has changed in the shop. {money}; {shown}{more}."
    todo = f"Change sale {sale} in the ERP" if sale else "See in the ERP whether there is a sale and change it"
    return Fault(
        rule="ORD-CHANGED",
        place=", ".join(change.place for change in commercial[:SHOWN]) or "status",
        text=text,
        remedy=f"{todo}, then release this record: the new version is taken over here. Or undo the change in the shop:"
        " the version that is booked closes this by itself.",
    )


def unserved(order_pieces: Mapping[str, Decimal], reason: str) -> Fault:
    """Return why a released version of an order that is in the ERP cannot be taken over."""
    return Fault(
        rule="ORD-CHANGED-STOCK",
        place="lines",
        text=f"The new version needs stock that is not there for {len(order_pieces)} articles together. {reason}",
        remedy="Bring the stock up to date with master_data, then release this record again.",
    )
