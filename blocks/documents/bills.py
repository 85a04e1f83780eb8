"""Bills: what an ERP is asked to book of an invoice that a supplier sent, and what it says of it afterwards."""

from datetime import date

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.invoices import Figure


class BillLine(Document):
    """One line of a bill, net of VAT; quantities are negative on a credit note.

    ``order_line`` is the ERP's own id of the order line that the invoice was matched with, empty for none; ``unit``
    is the order line's then.
    """

    description: str
    quantity: Figure
    net: Figure = Field(description="What the line comes to without VAT, signed like the quantity.")
    order_line: str = ""
    vat_category: str = ""
    vat_rate: Figure


class BillTax(Document):
    """What the invoice says is due of one category and rate; negative on a credit note."""

    vat_category: str
    vat_rate: Figure
    amount: Figure


class BillRequest(Document):
    """One invoice to be booked as what a supplier is owed; ``reference`` is the key it is looked up by."""

    reference: str = Field(min_length=1, max_length=80, description="Ours and unique, e.g. SOMS-bill-17.")
    supplier: str = Field(min_length=1, description="Code of the party.")
    number: str = Field(min_length=1, description="The supplier's own number of the invoice.")
    issued_on: date
    due_on: date | None = None
    currency: str
    lines: tuple[BillLine, ...] = Field(min_length=1)
    taxes: tuple[BillTax, ...] = ()
    total: Figure = Field(description="With VAT and declared rounding; negative on a credit note.")


class BillSeen(Document):
    """What the ERP says of a bill: its number, its own word for the state, and the day it was settled."""

    number: str
    state: str
    total: Figure
    paid_on: date | None = None
