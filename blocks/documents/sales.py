"""Sales: what is asked of an ERP for one accepted order, and what it answered."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.money import Amount, Currency, Rate
from blocks.documents.orders import Quantity
from blocks.documents.parties import Address


class SalesParty(Document):
    """The customer as the ERP is to know them; ``code`` is unique there and never reused."""

    code: str
    name: str
    vat_id: str = ""
    email: str = ""
    phone: str = ""


class SaleLineKind(StrEnum):
    """What a sale line stands for; everything but goods is booked on a service article."""

    GOODS = "goods"
    SHIPPING = "shipping"
    PAYMENT_FEE = "payment_fee"
    DISCOUNT = "discount"


class SaleLine(Document):
    """One line: amounts are net, per piece, up to 4 places. A discount has a negative price."""

    kind: SaleLineKind
    sku: str = Field(default="", description="Article code; empty unless goods.")
    text: str = ""
    quantity: Quantity
    unit_net: Amount
    tax_rate: Rate | None = Field(description="Per cent; None for a line outside tax.")


class SaleRequest(Document):
    """One sale to be booked once; ``reference`` is the key it is looked up by."""

    reference: str
    party: SalesParty
    invoice_address: Address
    shipment_address: Address
    sale_date: date
    currency: Currency
    warehouse: str
    lines: tuple[SaleLine, ...]
    total: Amount = Field(description="What all lines with tax must come to; a rounding line declares the difference.")
    comment: str = ""


class Sale(Document):
    """A sale as it stands in the ERP."""

    reference: str
    external_id: str
    number: str
    state: str = Field(description="The ERP's own word, e.g. 'processing'.")
    total: Amount
    rounding: Amount = Field(default=Decimal(0), description="The declared rounding difference within the total.")
    adopted: bool = Field(default=False, description="True when it was already there and was adopted.")


_SCHEME = "SOMS-"


def sale_reference(channel: str, external_id: str, part: int = 1) -> str:
    """Return the reference a sale is looked up by in the ERP; no other order's sale and no other part's has it.

    Further parts end in '~2', '~3'. An id that ends so itself gets a '~1', so that it is never taken for a part.
    """
    whole = f"{_SCHEME}{channel}-{external_id}"
    return f"{whole}~{part}" if part > 1 or re.search(r"~[0-9]+$", external_id) else whole


def named_by(reference: str) -> Iterator[tuple[str, str, int]]:
    """Yield every (channel, external id, part) whose sale has this reference: a channel's name may hold dashes."""
    if not reference.startswith(_SCHEME):
        return
    name, part = reference.removeprefix(_SCHEME), 1
    if numbered := re.fullmatch(r"(.+)~([0-9]{1,9})", name, re.DOTALL):
        name, part = numbered[1], int(numbered[2])
    for at, letter in enumerate(name):
        found = name[:at], name[at + 1 :], part
        if letter == "-" and sale_reference(*found) == reference:
            yield found
