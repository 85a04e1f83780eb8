"""Supply: what was ordered of suppliers and what came, as the ERP tells it; what incoming invoices are held against."""

import re
import unicodedata
from datetime import date

from pydantic import Field

from blocks.documents.base import Document, Moment
from blocks.documents.invoices import Figure


class SupplierParty(Document):
    """A supplier as the ERP knows it; ``code`` is the ERP's own."""

    code: str = Field(min_length=1)
    name: str
    vat_ids: tuple[str, ...] = ()
    tax_numbers: tuple[str, ...] = ()
    gln: str = ""
    ibans: tuple[str, ...] = Field(default=(), description="Accounts the ERP would pay to.")
    mail: str = Field(default="", description="Where answers to invoices go; personal data, kept out of logs.")


class PurchaseLine(Document):
    """One line of an order to a supplier, as it stands now. Quantities in ``unit``, price net for one of it."""

    order: str = Field(min_length=1, description="The ERP's number of the order.")
    line: str = Field(min_length=1, description="Its id in the ERP, unique over all orders.")
    position: str = Field(default="", description="Its place in the order, as the supplier reads it (BT-132).")
    supplier: str = Field(description="Code of the party.")
    supplier_reference: str = Field(default="", description="The supplier's own number of the order.")
    sku: str = ""
    supplier_sku: str = ""
    gtin: str = ""
    description: str = ""
    kind: str = Field(default="goods", description="goods, service or charge (freight, packing).")
    quantity: Figure
    unit: str = Field(default="C62", description="UN/ECE Recommendation 20.")
    unit_price: Figure
    currency: str = "EUR"
    ordered_on: date | None = None
    cancelled: bool = Field(default=False, description="Whether it is not, or no longer, in force.")
    changed_at: Moment | None = None


class ReceiptLine(Document):
    """Goods of one order line that came, or went back (negative), in the unit of the order line."""

    receipt: str = Field(min_length=1, description="The ERP's number of the receipt or return.")
    line: str = Field(min_length=1, description="Its id in the ERP, unique over all receipts.")
    delivery_note: str = Field(default="", description="The supplier's number of the despatch advice (BT-16).")
    order_line: str = Field(description="Id of the order line; empty where the ERP knows none.")
    sku: str = ""
    quantity: Figure
    received_on: date
    changed_at: Moment | None = None


def number_key(number: str) -> str:
    """Return a document's or an article's number as it is compared: without case, marks between, leading zeros.

    'PO-2026/017' and 'po 2026 017' are the same number, '0004711' is 4711.
    """
    plain = number if number.isascii() else unicodedata.normalize("NFKC", number)
    return _MARKS.sub("", plain.upper()).lstrip("0")[:LONGEST_KEY]


LONGEST_KEY = 200
"""Characters of a number that are compared: an index holds no novels."""
_MARKS = re.compile(r"[\W_]+")
