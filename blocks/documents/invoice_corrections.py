"""Corrections of what was read of an invoice: places as people see them, what of it is money. Pure."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError

from blocks.documents.invoice_text import content_of, invoice_from
from blocks.documents.invoices import Invoice, Payment
from blocks.documents.money_places import decimal_fields, names_in
from blocks.documents.patch_lines import Change
from blocks.documents.patches import put_in, told_of
from blocks.errors import WrongUse

ALSO_MONEY = frozenset({
    "currency", "accounting_currency", "type_code", "category", "vat_category", "account", "bank", "creditor",
    "payee", "transfers", "debit", "card",
})  # fmt: skip
"""What decides on money without being an amount: currency, credit or debit, tax treatment, who is paid where."""
_ALIASES = (
    (re.compile(r"^payment\.iban$"), "payment.transfers[1].account"),
    (re.compile(r"^(lines\[\d+\])\.name$"), r"\1.item.name"),
    (re.compile(r"^(lines\[\d+\])\.unit_price$"), r"\1.price.net"),
)
"""Paths of the published form of a conversion → places in the invoice."""
_LISTS = ("lines", "vat_breakdown", "allowances_charges", "notes", "preceding_invoices")
_NUMBER = re.compile(r"\[(\d{1,6})\]")


def shown_place(path: str) -> str:
    """Return a path of a conversion's provenance, which counts from 0, as people read and write it: from 1."""
    return _NUMBER.sub(lambda found: f"[{int(found[1]) + 1}]", path)


def in_invoice(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes with places of the published form, e.g. payment.iban, as places in the invoice."""
    return tuple(change.model_copy(update={"place": _unaliased(change.place)}) for change in changes)


def _unaliased(place: str) -> str:
    for pattern, instead in _ALIASES:
        place = pattern.sub(instead, place)
    return place


def corrected_invoice(invoice: Invoice, changes: Sequence[Change]) -> tuple[Invoice, tuple[Change, ...]]:
    """Return the invoice with the changes made, and the changes with what stood there before.

    An entry of a list that is set to null is taken out.

    Raises:
        WrongUse: A place does not exist, or cannot hold the value; names the place and what is allowed.
    """
    changes = in_invoice(changes)
    if invoice.payment is None and any(change.place.startswith("payment") for change in changes):
        invoice = invoice.model_copy(update={"payment": Payment()})
    content = content_of(invoice)
    told = put_in(content, changes)
    for name in _LISTS:
        if isinstance(content.get(name), list):
            content[name] = [entry for entry in content[name] if entry is not None]
    try:
        return invoice_from(content), told
    except ValidationError as error:
        raise WrongUse(told_of(error)) from None


@cache
def money_names() -> frozenset[str]:
    """Return the names of all fields of an invoice that are amounts, quantities or rates, or decide on money."""
    return ALSO_MONEY | decimal_fields(Invoice)


def touches_money(before: Invoice, after: Invoice, changes: Iterable[Change]) -> bool:
    """Return whether the changes address money, or move any amount, price, quantity, rate, currency or account."""
    addressed = {name for change in changes for name in names_in(change)}
    return bool(addressed & money_names()) or list(_money(content_of(before))) != list(_money(content_of(after)))


def _money(value: Any, place: str = "") -> Iterable[tuple[str, str]]:
    """Yield every place of money with what stands there."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in money_names() and not isinstance(part, list | dict):
                yield f"{place}.{name}", str(part)
            else:
                yield from _money(part, f"{place}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from _money(part, f"{place}[{number}]")
