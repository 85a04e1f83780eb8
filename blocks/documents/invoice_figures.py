"""What an invoice that came is known by: who sent it, what it bills, where it wants to be paid. Pure."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from hashlib import sha256

from blocks.documents.base import Document, canonical_json
from blocks.documents.invoices import Invoice

LONGEST_KEY = 200
"""Characters of keys and numbers: an index holds no novels."""
LARGEST_AMOUNT = 10**10
"""What a column for amounts holds; a larger one stands in the invoice alone."""
_NOT_WORD = re.compile(r"[\W_]+")


class InvoiceFigures(Document):
    """The figures of an invoice that are compared and searched by; ``billed_hash`` is empty where nothing is billed."""

    supplier_key: str = ""
    supplier_name: str = ""
    number: str = ""
    type_code: str = ""
    issued_on: date | None = None
    due_on: date | None = None
    currency: str = ""
    net: Decimal | None = None
    vat: Decimal | None = None
    gross: Decimal | None = None
    payable: Decimal | None = None
    iban: str = ""
    billed_hash: str = ""


def supplier_key(*, vat_id: str = "", tax_number: str = "", erp_code: str = "", name: str = "") -> str:
    """Return what a supplier is known by: VAT id, else 'tax:…', 'erp:…' or 'name:…'; '' where nothing is known."""
    if plain := _folded(vat_id).upper():
        return plain[:LONGEST_KEY]
    for prefix, value in (("tax", _folded(tax_number)), ("erp", kept(erp_code)), ("name", _folded(name))):
        if value:
            return f"{prefix}:{value}"[:LONGEST_KEY]
    return ""


def figures_of(invoice: Invoice) -> InvoiceFigures:
    """Return the figures of an invoice as columns hold them."""
    seller, totals = invoice.seller, invoice.totals
    transfers = invoice.payment.transfers if invoice.payment else ()
    return InvoiceFigures(
        supplier_key=supplier_key(vat_id=seller.vat_id, tax_number=seller.tax_number, name=seller.name),
        supplier_name=kept(seller.name)[:LONGEST_KEY],
        number=kept(invoice.number)[:LONGEST_KEY],
        type_code=kept(invoice.type_code)[:LONGEST_KEY],
        issued_on=invoice.issue_date,
        due_on=invoice.due_date,
        currency=kept(invoice.currency)[:LONGEST_KEY],
        net=_amount(totals.net),
        vat=_amount(totals.vat),
        gross=_amount(totals.gross),
        payable=_amount(totals.payable),
        iban=account(transfers[0].account)[:LONGEST_KEY] if transfers else "",
        billed_hash=billed_hash(invoice),
    )


def billed_hash(invoice: Invoice) -> str:
    """Return the sha256 over what is billed, by whom and for when, without number and day of issue; '' for nothing.

    The same bill that comes again under another number has the same.
    """
    if not invoice.lines and invoice.totals.gross is None:
        return ""
    seller, delivery = invoice.seller, invoice.delivery
    lines = [
        (
            line.quantity, line.unit, line.net, line.price.net, _folded(line.item.name), _folded(line.item.seller_id),
            line.period and (line.period.start, line.period.end),
        )
        for line in invoice.lines
    ]  # fmt: skip
    billed = {
        "seller": supplier_key(vat_id=seller.vat_id, tax_number=seller.tax_number, name=seller.name),
        "type": invoice.type_code,
        "currency": invoice.currency,
        "totals": (invoice.totals.net, invoice.totals.gross),
        "lines": lines,
        "order": _folded(invoice.purchase_order_reference),
        "delivered": delivery.delivered_on if delivery else None,
        "period": invoice.period and (invoice.period.start, invoice.period.end),
    }
    return sha256(canonical_json(billed).encode("utf-8", "replace")).hexdigest()


def account(text: str) -> str:
    """Return an account number as it is compared: without blanks, in capitals."""
    return "".join(kept(text).split()).upper()


def kept(text: str) -> str:
    """Return a text as Postgres can hold it: without NUL and without half characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def _folded(text: str) -> str:
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", kept(text)).casefold())


def _amount(value: Decimal | None) -> Decimal | None:
    return value if value is not None and abs(value) < LARGEST_AMOUNT else None
