"""Read UN/CEFACT Cross Industry Invoice (CII D16B): EN 16931, XRechnung, all profiles of Factur-X and ZUGFeRD 2.

The mapping is that of CEN/TS 16931-3-3. What the profile EXTENDED says beyond the semantic model is reported.
"""

from typing import Any

from blocks.documents.invoices import Identifier, Invoice, Note, PrecedingInvoice
from blocks.errors import Defect, Unreadable
from blocks.standards.en16931.cii_lines import (
    INVOICED_OBJECT,
    TENDER,
    lines,
    referenced_object,
    supporting_documents,
)
from blocks.standards.en16931.cii_parties import delivery, party, payee, tax_representative
from blocks.standards.en16931.cii_settlement import (
    allowances_charges,
    payment,
    period,
    say_foreign_amounts,
    tax_point,
    terms,
    totals,
    vat_breakdown,
)
from blocks.standards.en16931.cii_tree import Node, not_taken, tree

ROOT = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"
"""The root element this module reads."""

_NO_MEANING = ("TestIndicator", "Name", "CopyIndicator", "LanguageID")
"""Header elements of the EXTENDED profile that say nothing the model would need: titles, language, a copy's mark."""


def read(root: Any) -> tuple[Invoice, tuple[Defect, ...]]:
    """Return the invoice and what is wrong with it or has no place in the model.

    Args:
        root: The document's root element as `xml.parse` gives it.

    Raises:
        Unreadable: It is no Cross Industry Invoice.
    """
    if root.tag != ROOT:
        raise Unreadable(f"The root element {root.tag} is not that of a Cross Industry Invoice (D16B).")
    return read_tree(tree(root))


def read_tree(document: Node) -> tuple[Invoice, tuple[Defect, ...]]:
    """Return the invoice of a document in CII's names, whatever its version."""
    empty = Node("", document, document.record)
    context = document.one("ExchangedDocumentContext") or empty
    about = document.one("ExchangedDocument") or empty
    transaction = document.one("SupplyChainTradeTransaction") or empty
    agreement = transaction.one("ApplicableHeaderTradeAgreement") or empty
    delivered = transaction.one("ApplicableHeaderTradeDelivery") or empty
    settlement = transaction.one("ApplicableHeaderTradeSettlement") or empty
    _say_if_test(context)
    for name in _NO_MEANING[1:]:
        about.all(name)
    invoice = Invoice(
        **_head(context, about),
        **_agreed(agreement),
        **_delivered(delivered),
        **_settled(settlement),
        lines=lines(transaction),
    )
    say_foreign_amounts(document, invoice.currency)
    return invoice, (*document.record.defects, *not_taken(document))


def _say_if_test(context: Node) -> None:
    if context.yes("TestIndicator"):
        context.defect("says that this is a test document, not an invoice to be paid", "Do not book it.")


def _head(context: Node, about: Node) -> dict[str, Any]:
    return {
        "process": context.value("BusinessProcessSpecifiedDocumentContextParameter", "ID"),
        "specification": context.value("GuidelineSpecifiedDocumentContextParameter", "ID"),
        "number": about.value("ID"),
        "type_code": about.value("TypeCode"),
        "issue_date": about.day("IssueDateTime"),
        "notes": tuple(
            Note(text=note.values("Content") or note.value("ContentCode"), subject_code=note.value("SubjectCode"))
            for note in about.all("IncludedNote")
        ),
    }


def _agreed(agreement: Node) -> dict[str, Any]:
    tender, invoiced = _other_references(agreement)
    return {
        "buyer_reference": agreement.value("BuyerReference"),
        "seller": party(agreement.one("SellerTradeParty")),
        "buyer": party(agreement.one("BuyerTradeParty")),
        "tax_representative": tax_representative(agreement.one("SellerTaxRepresentativeTradeParty")),
        "sales_order_reference": agreement.value("SellerOrderReferencedDocument", "IssuerAssignedID"),
        "purchase_order_reference": agreement.value("BuyerOrderReferencedDocument", "IssuerAssignedID"),
        "contract_reference": agreement.value("ContractReferencedDocument", "IssuerAssignedID"),
        "tender_reference": tender,
        "object_identifier": invoiced,
        "supporting_documents": supporting_documents(agreement),
        "project_reference": _project(agreement),
    }


def _project(agreement: Node) -> str:
    """Read the project (BT-11); its name, which CII demands, says nothing more."""
    project = agreement.one("SpecifiedProcuringProject")
    if project is None:
        return ""
    name = project.children.get("Name", ())
    for each in name:
        each.read = each.text in {"Project reference", project.value("ID")}
    return project.value("ID")


def _other_references(agreement: Node) -> tuple[str, Identifier | None]:
    """Read tender or lot (BT-17) and invoiced object (BT-18), told apart by the kind of document."""
    tender, invoiced = "", None
    for document in agreement.children.get("AdditionalReferencedDocument", ()):
        kind = document.value("TypeCode")
        if kind == TENDER and not tender:
            document.read = True
            tender = document.value("IssuerAssignedID")
        elif kind == INVOICED_OBJECT and invoiced is None:
            document.read = True
            invoiced = referenced_object(document)
    return tender, invoiced


def _delivered(delivered: Node) -> dict[str, Any]:
    return {
        "delivery": delivery(delivered),
        "despatch_advice_reference": delivered.value("DespatchAdviceReferencedDocument", "IssuerAssignedID"),
        "receiving_advice_reference": delivered.value("ReceivingAdviceReferencedDocument", "IssuerAssignedID"),
    }


def _settled(settlement: Node) -> dict[str, Any]:
    currency, accounting = settlement.value("InvoiceCurrencyCode"), settlement.value("TaxCurrencyCode")
    payment_terms, due = terms(settlement)
    tax_day, tax_code = tax_point(settlement)
    return {
        "currency": currency,
        "accounting_currency": accounting,
        "payee": payee(settlement.one("PayeeTradeParty")),
        "payment": payment(settlement),
        "payment_terms": payment_terms,
        "due_date": due,
        "vat_breakdown": vat_breakdown(settlement),
        "tax_point_date": tax_day,
        "tax_point_code": tax_code,
        "period": period(settlement.one("BillingSpecifiedPeriod")),
        "allowances_charges": allowances_charges(settlement),
        "totals": totals(settlement.one("SpecifiedTradeSettlementHeaderMonetarySummation"), currency, accounting),
        "preceding_invoices": tuple(
            PrecedingInvoice(
                number=each.value("IssuerAssignedID"),
                issued_on=each.day("FormattedIssueDateTime") or each.day("IssueDateTime"),
            )
            for each in settlement.all("InvoiceReferencedDocument")
        ),
        "accounting_reference": settlement.value("ReceivableSpecifiedTradeAccountingAccount", "ID"),
    }
