"""Invoices: the semantic model of EN 16931 with the extensions of XRechnung, whatever the syntax.

Each field names its business term (BT) or group (BG). Everything may be absent: a document that breaks a rule is still
a document, and rules, not types, say what must be there. Amounts are in the invoice's currency unless said otherwise.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from blocks.documents.base import Document

Figure = Annotated[Decimal, Field(max_digits=24, allow_inf_nan=False)]
"""An amount, quantity, price or percentage as the document gives it; places are kept."""


class Identifier(Document):
    """An identifier with the scheme it belongs to, e.g. '0088' (GLN) of ISO 6523, '' where none is named."""

    value: str
    scheme: str = ""
    scheme_version: str = ""


class Period(Document):
    """From a day to a day, both included (BG-14, BG-26)."""

    start: date | None = None
    end: date | None = None


class Note(Document):
    """A free text (BT-22) with the code of its subject (BT-21, UNTDID 4451)."""

    text: str
    subject_code: str = ""


class PostalAddress(Document):
    """A postal address (BG-5, 8, 12, 15)."""

    line_1: str = ""
    line_2: str = ""
    line_3: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = Field(default="", description="ISO 3166-1 alpha-2.")


class Contact(Document):
    """Whom to ask (BG-6, 9)."""

    name: str = ""
    phone: str = ""
    email: str = ""


class Party(Document):
    """The seller (BG-4) or the buyer (BG-7)."""

    name: str = Field(default="", description="BT-27, 44")
    trading_name: str = Field(default="", description="BT-28, 45")
    identifiers: tuple[Identifier, ...] = Field(default=(), description="BT-29, 46")
    legal_registration: Identifier | None = Field(default=None, description="BT-30, 47")
    vat_id: str = Field(default="", description="BT-31, 48")
    tax_number: str = Field(default="", description="BT-32; the seller's only")
    legal_information: str = Field(default="", description="BT-33; the seller's only")
    electronic_address: Identifier | None = Field(default=None, description="BT-34, 49; scheme of the EAS list")
    address: PostalAddress | None = None
    contact: Contact | None = None


class Payee(Document):
    """Who is paid, where it is not the seller (BG-10)."""

    name: str = Field(default="", description="BT-59")
    identifier: Identifier | None = Field(default=None, description="BT-60")
    legal_registration: Identifier | None = Field(default=None, description="BT-61")


class TaxRepresentative(Document):
    """The seller's tax representative (BG-11)."""

    name: str = Field(default="", description="BT-62")
    vat_id: str = Field(default="", description="BT-63")
    address: PostalAddress | None = None


class Delivery(Document):
    """Where and when goods or services were delivered (BG-13, 15)."""

    name: str = Field(default="", description="BT-70")
    location: Identifier | None = Field(default=None, description="BT-71")
    delivered_on: date | None = Field(default=None, description="BT-72")
    address: PostalAddress | None = None


class CreditTransfer(Document):
    """An account to pay to (BG-17)."""

    account: str = Field(default="", description="BT-84: the IBAN or another account number")
    name: str = Field(default="", description="BT-85")
    bank: str = Field(default="", description="BT-86: the BIC")


class PaymentCard(Document):
    """The card that was or will be charged (BG-18); the number is shortened by who writes it."""

    number: str = Field(default="", description="BT-87")
    holder: str = Field(default="", description="BT-88")


class DirectDebit(Document):
    """A direct debit (BG-19)."""

    mandate: str = Field(default="", description="BT-89")
    creditor: str = Field(default="", description="BT-90")
    account: str = Field(default="", description="BT-91: the account that is debited")


class Payment(Document):
    """How to pay (BG-16)."""

    means_code: str = Field(default="", description="BT-81, UNTDID 4461")
    means_text: str = Field(default="", description="BT-82")
    remittance: str = Field(default="", description="BT-83")
    transfers: tuple[CreditTransfer, ...] = ()
    card: PaymentCard | None = None
    debit: DirectDebit | None = None


class AllowanceCharge(Document):
    """An allowance or a charge of the document (BG-20, 21) or of a line (BG-27, 28; without VAT of its own)."""

    is_charge: bool
    amount: Figure | None = Field(default=None, description="BT-92, 99, 136, 141")
    basis: Figure | None = Field(default=None, description="BT-93, 100, 137, 142")
    percentage: Figure | None = Field(default=None, description="BT-94, 101, 138, 143")
    vat_category: str = Field(default="", description="BT-95, 102")
    vat_rate: Figure | None = Field(default=None, description="BT-96, 103")
    reason: str = Field(default="", description="BT-97, 104, 139, 144")
    reason_code: str = Field(default="", description="BT-98 (UNTDID 5189), BT-105 (7161), BT-140, 145")


class Totals(Document):
    """Document totals (BG-22)."""

    line_net: Figure | None = Field(default=None, description="BT-106")
    allowances: Figure | None = Field(default=None, description="BT-107")
    charges: Figure | None = Field(default=None, description="BT-108")
    net: Figure | None = Field(default=None, description="BT-109")
    vat: Figure | None = Field(default=None, description="BT-110")
    vat_accounting: Figure | None = Field(default=None, description="BT-111, in the accounting currency")
    gross: Figure | None = Field(default=None, description="BT-112")
    prepaid: Figure | None = Field(default=None, description="BT-113")
    rounding: Figure | None = Field(default=None, description="BT-114")
    payable: Figure | None = Field(default=None, description="BT-115")


class VatBreakdown(Document):
    """What is due of one category and rate (BG-23)."""

    category: str = Field(default="", description="BT-118, UNTDID 5305")
    rate: Figure | None = Field(default=None, description="BT-119, percent")
    basis: Figure | None = Field(default=None, description="BT-116")
    amount: Figure | None = Field(default=None, description="BT-117")
    exemption_reason: str = Field(default="", description="BT-120")
    exemption_code: str = Field(default="", description="BT-121, VATEX")


class SupportingDocument(Document):
    """A document that goes with the invoice (BG-24)."""

    reference: str = Field(default="", description="BT-122")
    description: str = Field(default="", description="BT-123")
    location: str = Field(default="", description="BT-124")
    content: bytes | None = Field(default=None, description="BT-125")
    mime_type: str = ""
    file_name: str = ""


class PrecedingInvoice(Document):
    """An invoice that this one follows or corrects (BG-3)."""

    number: str = Field(default="", description="BT-25")
    issued_on: date | None = Field(default=None, description="BT-26")


class Classification(Document):
    """An item's class in a scheme of UNTDID 7143 (BT-158)."""

    code: str
    scheme: str = ""
    scheme_version: str = ""


class ItemAttribute(Document):
    """A property of an item (BG-32)."""

    name: str = Field(default="", description="BT-160")
    value: str = Field(default="", description="BT-161")


class Item(Document):
    """What is sold (BG-31)."""

    name: str = Field(default="", description="BT-153")
    description: str = Field(default="", description="BT-154")
    seller_id: str = Field(default="", description="BT-155")
    buyer_id: str = Field(default="", description="BT-156")
    standard_id: Identifier | None = Field(default=None, description="BT-157, e.g. a GTIN with scheme 0160")
    classifications: tuple[Classification, ...] = ()
    country_of_origin: str = Field(default="", description="BT-159")
    attributes: tuple[ItemAttribute, ...] = ()


class Price(Document):
    """The price of an item without VAT (BG-29)."""

    net: Figure | None = Field(default=None, description="BT-146")
    discount: Figure | None = Field(default=None, description="BT-147")
    gross: Figure | None = Field(default=None, description="BT-148: before the discount, without VAT as well")
    base_quantity: Figure | None = Field(default=None, description="BT-149: pieces the price is for; absent means 1")
    base_unit: str = Field(default="", description="BT-150")


class InvoiceLine(Document):
    """A line (BG-25)."""

    id: str = Field(default="", description="BT-126")
    note: str = Field(default="", description="BT-127")
    object_identifier: Identifier | None = Field(default=None, description="BT-128")
    quantity: Figure | None = Field(default=None, description="BT-129")
    unit: str = Field(default="", description="BT-130, UN/ECE Recommendation 20 or 21")
    net: Figure | None = Field(default=None, description="BT-131")
    order_line: str = Field(default="", description="BT-132")
    accounting_reference: str = Field(default="", description="BT-133")
    period: Period | None = None
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    price: Price = Price()
    vat_category: str = Field(default="", description="BT-151")
    vat_rate: Figure | None = Field(default=None, description="BT-152")
    item: Item = Item()
    supporting_documents: tuple[SupportingDocument, ...] = Field(default=(), description="XRechnung extension")
    sub_lines: tuple["InvoiceLine", ...] = Field(default=(), description="BG-DEX-01, XRechnung extension")


class ThirdPartyPayment(Document):
    """Something collected for a third party (BG-DEX-09, XRechnung extension)."""

    kind: str = Field(default="", description="BT-DEX-001")
    amount: Figure | None = Field(default=None, description="BT-DEX-002")
    description: str = Field(default="", description="BT-DEX-003")


class Invoice(Document):
    """An invoice or a credit note; ``type_code`` says which (BT-3, UNTDID 1001: 380 invoice, 381 credit note)."""

    number: str = Field(default="", description="BT-1")
    issue_date: date | None = Field(default=None, description="BT-2")
    type_code: str = Field(default="", description="BT-3")
    currency: str = Field(default="", description="BT-5, ISO 4217")
    accounting_currency: str = Field(default="", description="BT-6")
    tax_point_date: date | None = Field(default=None, description="BT-7")
    tax_point_code: str = Field(default="", description="BT-8, UNTDID 2005 (3, 35, 432), whatever the syntax writes")
    due_date: date | None = Field(default=None, description="BT-9")
    buyer_reference: str = Field(default="", description="BT-10; German authorities: the Leitweg-ID")
    project_reference: str = Field(default="", description="BT-11")
    contract_reference: str = Field(default="", description="BT-12")
    purchase_order_reference: str = Field(default="", description="BT-13")
    sales_order_reference: str = Field(default="", description="BT-14")
    receiving_advice_reference: str = Field(default="", description="BT-15")
    despatch_advice_reference: str = Field(default="", description="BT-16")
    tender_reference: str = Field(default="", description="BT-17")
    object_identifier: Identifier | None = Field(default=None, description="BT-18")
    accounting_reference: str = Field(default="", description="BT-19")
    payment_terms: str = Field(default="", description="BT-20; Skonto in XRechnung's notation")
    notes: tuple[Note, ...] = Field(default=(), description="BG-1")
    process: str = Field(default="", description="BT-23")
    specification: str = Field(default="", description="BT-24, e.g. urn:cen.eu:en16931:2017")
    preceding_invoices: tuple[PrecedingInvoice, ...] = Field(default=(), description="BG-3")
    seller: Party = Party()
    buyer: Party = Party()
    payee: Payee | None = None
    tax_representative: TaxRepresentative | None = None
    delivery: Delivery | None = None
    period: Period | None = Field(default=None, description="BG-14")
    payment: Payment | None = None
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    totals: Totals = Totals()
    vat_breakdown: tuple[VatBreakdown, ...] = ()
    supporting_documents: tuple[SupportingDocument, ...] = Field(default=(), description="BG-24")
    lines: tuple[InvoiceLine, ...] = ()
    third_party_payments: tuple[ThirdPartyPayment, ...] = ()
