"""From the typed form to the entry that is kept: what the form says, what is known, card numbers masked. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from blocks.documents.base import canonical_json
from blocks.documents.card_numbers import mask_card_numbers
from blocks.documents.orders import Order
from blocks.documents.parties import Address, Customer
from blocks.systems.desks.entries import EnteredLine, Entry, Listed, whole
from tasks.order_entry.form import CustomerKind, OrderForm, TypedAddress

UNMASKED = frozenset({"phone", "sku"})
"""Phone numbers and GTINs can look like card numbers; the form takes none that could be one of today's."""


@dataclass(frozen=True, slots=True)
class Known:
    """What SOMS knew when the form was sent."""

    last_order: Order | None
    prices: Mapping[str, Listed]


def masked(form: OrderForm) -> OrderForm:
    """Return the form with every card number in its texts masked."""
    return OrderForm.model_validate(_masked(form.model_dump(mode="json")))


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, str):
        return value if name in UNMASKED else mask_card_numbers(value)
    if isinstance(value, dict):
        return {key: _masked(each, key) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value


def entry_id(form: OrderForm, sent_at: datetime, zone: str) -> str:
    """Return what makes the form one order: its slip, else a number that the same form has all day."""
    if form.slip:
        return form.slip
    day = sent_at.astimezone(ZoneInfo(zone)).date()
    text = canonical_json([form.model_dump(mode="json"), day.isoformat()])
    return f"E{day:%y%m%d}-{hashlib.sha256(text.encode()).hexdigest()[:8].upper()}"


def entry(form: OrderForm, known: Known, *, name: str, sent_at: datetime) -> Entry:
    """Return the entry of a masked form."""
    last = known.last_order
    billing = _address(form.billing) or (last.billing_address if last else None)
    shipping = _address(form.shipping) or (last.shipping_address if last and not _address(form.billing) else None)
    return Entry(
        id=name,
        entered_at=sent_at,
        business=form.kind is CustomerKind.BUSINESS,
        paid=form.paid,
        handed_over=not form.shipping_method,
        customer=_customer(form, billing, last, name),
        billing_address=billing,
        shipping_address=shipping or billing or Address(),
        lines=tuple(
            EnteredLine(
                sku=line.sku,
                quantity=whole(line.quantity),
                price=whole(line.agreed_price) if line.agreed_price else None,
            )
            for line in form.lines
        ),
        prices=dict(known.prices),
        payment_method=form.payment_method,
        shipping_method=form.shipping_method,
        purchase_order_number=form.purchase_order_number,
        comment=form.comment,
    )


def _address(typed: TypedAddress) -> Address | None:
    """Return a typed address; None when nothing but the country, which is always there, was typed."""
    if not any(value for name, value in typed.model_dump().items() if name != "country"):
        return None
    return Address.model_validate(typed.model_dump())


def _customer(form: OrderForm, billing: Address | None, last: Order | None, name: str) -> Customer:
    known = last.customer if last else None
    typed = billing or Address()
    person = f"{typed.first_name} {typed.last_name}".strip()
    return Customer(
        external_id=form.customer_number or f"guest-{name}",
        name=person or (known.name if known else ""),
        company=typed.company or (known.company if known else ""),
        email=typed.email or (known.email if known else ""),
        vat_id=form.vat_id or (known.vat_id if known else ""),
        guest=not form.customer_number,
    )
