"""Read a UBL 2.1 Invoice or CreditNote into the canonical invoice (EN 16931-3-2, with XRechnung's extension)."""

import re
from typing import Any

from blocks.documents.invoices import (
    Identifier,
    Invoice,
    InvoiceLine,
    Note,
    PrecedingInvoice,
    SupportingDocument,
)
from blocks.errors import Defect
from blocks.standards.en16931.code_lists import INVOICED_OBJECT, NO_ORDER, PROJECT
from blocks.standards.en16931.ubl_lines import (
    CREDIT_NOTE,
    INVOICE,
    LineNames,
    allowances_charges,
    line,
    period,
    supporting_document,
)
from blocks.standards.en16931.ubl_parties import delivery, party, payee, tax_representative
from blocks.standards.en16931.ubl_settlement import document_totals, how_to_pay, third_party_payments
from blocks.standards.en16931.ubl_tree import Doubts, Group, text_within
from blocks.standards.en16931.xml import short_name

ROOTS = {"ubl:Invoice": INVOICE, "cn:CreditNote": CREDIT_NOTE}
_CODED_NOTE = re.compile(r"#([A-Z]{3})#(.*)", re.DOTALL)


def read(root: Any) -> tuple[Invoice, tuple[Defect, ...]]:
    """Return the invoice of a parsed UBL document and what is doubtful about it; never raises over its values.

    Args:
        root: The root element, of a name in ``ROOTS``.
    """
    doubts = Doubts()
    document = Group(root, doubts)
    names = ROOTS[short_name(root.tag)]
    document.pass_over("cbc:UBLVersionID")
    lines = document.elements(names.line)
    doubts.currency = currency = document.text("cbc:DocumentCurrencyCode")
    accounting_currency = document.text("cbc:TaxCurrencyCode")
    seller, creditor_of_seller = party(document.group("cac:AccountingSupplierParty"))
    paid, creditor_of_payee = payee(document.group("cac:PayeeParty"))
    payment, due_date = how_to_pay(document, creditor_of_payee or creditor_of_seller)
    totals, breakdown = document_totals(document, currency, accounting_currency)
    order = document.group("cac:OrderReference")
    purchase_order, sales_order = (order.text("cbc:ID"), order.text("cbc:SalesOrderID")) if order else ("", "")
    time = document.group("cac:InvoicePeriod")
    specification = document.text("cbc:CustomizationID")
    invoice = Invoice(
        number=document.text("cbc:ID"),
        issue_date=document.day("cbc:IssueDate"),
        type_code=document.text("cbc:InvoiceTypeCode" if names is INVOICE else "cbc:CreditNoteTypeCode"),
        currency=currency,
        accounting_currency=accounting_currency,
        tax_point_date=document.day("cbc:TaxPointDate"),
        tax_point_code=time.text("cbc:DescriptionCode") if time else "",
        due_date=(document.day("cbc:DueDate") if names is INVOICE else None) or due_date,
        buyer_reference=document.text("cbc:BuyerReference"),
        contract_reference=_reference(document, "cac:ContractDocumentReference"),
        purchase_order_reference="" if sales_order and purchase_order == NO_ORDER else purchase_order,
        sales_order_reference=sales_order,
        receiving_advice_reference=_reference(document, "cac:ReceiptDocumentReference"),
        despatch_advice_reference=_reference(document, "cac:DespatchDocumentReference"),
        tender_reference=_reference(document, "cac:OriginatorDocumentReference"),
        accounting_reference=document.text("cbc:AccountingCost"),
        payment_terms=text_within(document, "cac:PaymentTerms", "cbc:Note"),
        notes=_notes(document),
        process=document.text("cbc:ProfileID"),
        specification=specification,
        preceding_invoices=_preceding(document),
        seller=seller,
        buyer=party(document.group("cac:AccountingCustomerParty"))[0],
        payee=paid,
        tax_representative=tax_representative(document.group("cac:TaxRepresentativeParty")),
        delivery=delivery(document.group("cac:Delivery")),
        period=period(time),
        payment=payment,
        allowances_charges=allowances_charges(document),
        totals=totals,
        vat_breakdown=breakdown,
        third_party_payments=third_party_payments(document, specification),
        **_documents(document),
        lines=_lines(lines, names, doubts),  # last, for it settles what the document has left
    )
    return invoice, doubts.all()


def _lines(elements: list[Any], names: LineNames, doubts: Doubts) -> tuple[InvoiceLine, ...]:
    """Read one line after the other, each settled before the next, so that a long invoice needs no second copy."""
    found = []
    for element in elements:
        found.append(line(Group(element, doubts), names))
        doubts.settle()
    return tuple(found)


def _reference(document: Group, name: str) -> str:
    return text_within(document, name, "cbc:ID")


def _notes(document: Group) -> tuple[Note, ...]:
    """Return the notes (BG-1); UBL writes the code of a note's subject as ``#CODE#`` before its text."""
    notes = []
    for element in document.elements("cbc:Note"):
        text = document.text_of(element)
        coded = _CODED_NOTE.fullmatch(text)
        if coded is not None:
            notes.append(Note(text=coded[2], subject_code=coded[1]))
        elif text:
            notes.append(Note(text=text))
    return tuple(notes)


def _preceding(document: Group) -> tuple[PrecedingInvoice, ...]:
    found = [group.group("cac:InvoiceDocumentReference") for group in document.groups("cac:BillingReference")]
    return tuple(
        PrecedingInvoice(number=group.text("cbc:ID"), issued_on=group.day("cbc:IssueDate")) for group in found if group
    )


def _documents(document: Group) -> dict[str, Any]:
    """Return project (BT-11), invoiced object (BT-18) and supporting documents (BG-24), told apart by their type."""
    project = _reference(document, "cac:ProjectReference")
    invoiced: Identifier | None = None
    supporting: list[SupportingDocument] = []
    for group in document.groups("cac:AdditionalDocumentReference"):
        kind = group.text("cbc:DocumentTypeCode")
        if kind == INVOICED_OBJECT and invoiced is None:
            invoiced = group.identifier("cbc:ID")
        elif kind == PROJECT and not project:
            project = group.text("cbc:ID")
        else:
            supporting.append(supporting_document(group))
    return {
        "project_reference": project,
        "object_identifier": invoiced,
        "supporting_documents": tuple(supporting),
    }
