"""Write an invoice as UN/CEFACT Cross Industry Invoice (CII D16B), elements in the order its schema demands."""

import re

from blocks.documents.invoices import CreditTransfer, Invoice, Note, Payment, VatBreakdown
from blocks.standards.en16931.cii_elements import day, encoded, figure, group, leaf
from blocks.standards.en16931.cii_limits import not_held
from blocks.standards.en16931.cii_writing_lines import allowance_charge, line, period
from blocks.standards.en16931.cii_writing_parties import (
    party,
    payee,
    referenced_object,
    ship_to,
    supporting,
    tax_representative,
)
from blocks.standards.en16931.code_lists import UBL_TO_CII_TAX_POINT

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
    ' xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"'
    ' xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100"'
    ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">\n'
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,}")
_SKONTO = re.compile(r"#[^\n]+#\Z")


def write(invoice: Invoice) -> tuple[bytes, tuple[str, ...]]:
    """Return the document and, in whole sentences, what CII cannot hold.

    The document is written as the invoice is: what is absent stays absent, whether or not a rule demands it.
    """
    document = (
        f"{_HEAD}<rsm:ExchangedDocumentContext>\n{_context(invoice)}</rsm:ExchangedDocumentContext>\n"
        f"<rsm:ExchangedDocument>\n{_head(invoice)}</rsm:ExchangedDocument>\n"
        f"<rsm:SupplyChainTradeTransaction>\n{''.join(line(each) for each in invoice.lines)}"
        f"{_agreement(invoice)}{_delivery(invoice)}{_settlement(invoice)}"
        "</rsm:SupplyChainTradeTransaction>\n</rsm:CrossIndustryInvoice>\n"
    )
    data, said = encoded(document)
    return data, (*not_held(invoice), *said)


def _context(invoice: Invoice) -> str:
    return group("BusinessProcessSpecifiedDocumentContextParameter", leaf("ID", invoice.process)) + group(
        "GuidelineSpecifiedDocumentContextParameter", leaf("ID", invoice.specification)
    )


def _head(invoice: Invoice) -> str:
    return "".join(
        (
            leaf("ID", invoice.number),
            leaf("TypeCode", invoice.type_code),
            day("IssueDateTime", invoice.issue_date),
            *(_note(note) for note in invoice.notes),
        )
    )


def _note(note: Note) -> str:
    return group("IncludedNote", leaf("Content", note.text), leaf("SubjectCode", note.subject_code), always=True)


def _agreement(invoice: Invoice) -> str:
    return group(
        "ApplicableHeaderTradeAgreement",
        leaf("BuyerReference", invoice.buyer_reference),
        party("SellerTradeParty", invoice.seller),
        party("BuyerTradeParty", invoice.buyer),
        tax_representative(invoice.tax_representative),
        _reference("SellerOrderReferencedDocument", invoice.sales_order_reference),
        _reference("BuyerOrderReferencedDocument", invoice.purchase_order_reference),
        _reference("ContractReferencedDocument", invoice.contract_reference),
        *(supporting(each) for each in invoice.supporting_documents),
        _tender(invoice.tender_reference),
        referenced_object(invoice.object_identifier),
        _project(invoice.project_reference),
    )


def _reference(name: str, number: str) -> str:
    return group(name, leaf("IssuerAssignedID", number))


def _tender(reference: str) -> str:
    if not reference:
        return ""
    return group("AdditionalReferencedDocument", leaf("IssuerAssignedID", reference), leaf("TypeCode", "50"))


def _project(reference: str) -> str:
    """Write the project (BT-11); CII wants a name beside it, which EN 16931 does not know."""
    if not reference:
        return ""
    return group("SpecifiedProcuringProject", leaf("ID", reference), leaf("Name", "Project reference"))


def _delivery(invoice: Invoice) -> str:
    delivered_on = invoice.delivery.delivered_on if invoice.delivery else None
    return group(
        "ApplicableHeaderTradeDelivery",
        ship_to(invoice.delivery),
        group("ActualDeliverySupplyChainEvent", day("OccurrenceDateTime", delivered_on)),
        _reference("DespatchAdviceReferencedDocument", invoice.despatch_advice_reference),
        _reference("ReceivingAdviceReferencedDocument", invoice.receiving_advice_reference),
        always=True,
    )


def _settlement(invoice: Invoice) -> str:
    paid = invoice.payment or Payment()
    return group(
        "ApplicableHeaderTradeSettlement",
        leaf("CreditorReferenceID", paid.debit.creditor if paid.debit else ""),
        leaf("PaymentReference", paid.remittance),
        leaf("TaxCurrencyCode", invoice.accounting_currency),
        leaf("InvoiceCurrencyCode", invoice.currency),
        payee(invoice.payee),
        _payment_means(paid),
        *(_vat_group(each, invoice) for each in invoice.vat_breakdown),
        period(invoice.period),
        *(allowance_charge(each) for each in invoice.allowances_charges),
        _terms(invoice, paid),
        _totals(invoice),
        *(
            group(
                "InvoiceReferencedDocument",
                leaf("IssuerAssignedID", each.number),
                day("FormattedIssueDateTime", each.issued_on, "qdt:DateTimeString"),
                always=True,
            )
            for each in invoice.preceding_invoices
        ),
        group("ReceivableSpecifiedTradeAccountingAccount", leaf("ID", invoice.accounting_reference)),
    )


def _payment_means(paid: Payment) -> str:
    """Write the payment means once for each account; card and debited account stand in the first."""
    accounts: tuple[CreditTransfer | None, ...] = paid.transfers or (None,)
    first = _card(paid) + _debited(paid)
    written: list[str] = []
    for position, account in enumerate(accounts):
        content = ("" if position else first) + _account(account)
        if content or paid.means_code or paid.means_text:
            written.append(
                group(
                    "SpecifiedTradeSettlementPaymentMeans",
                    leaf("TypeCode", paid.means_code),
                    leaf("Information", paid.means_text),
                    content,
                )
            )
    return "".join(written)


def _card(paid: Payment) -> str:
    if paid.card is None:
        return ""
    return group(
        "ApplicableTradeSettlementFinancialCard",
        leaf("ID", paid.card.number),
        leaf("CardholderName", paid.card.holder),
    )


def _debited(paid: Payment) -> str:
    return group("PayerPartyDebtorFinancialAccount", leaf("IBANID", paid.debit.account)) if paid.debit else ""


def _account(transfer: CreditTransfer | None) -> str:
    if transfer is None:
        return ""
    iban = _IBAN.fullmatch(transfer.account) is not None
    return group(
        "PayeePartyCreditorFinancialAccount",
        leaf("IBANID", transfer.account if iban else ""),
        leaf("AccountName", transfer.name),
        leaf("ProprietaryID", "" if iban else transfer.account),
    ) + group("PayeeSpecifiedCreditorFinancialInstitution", leaf("BICID", transfer.bank))


def _vat_group(value: VatBreakdown, invoice: Invoice) -> str:
    return group(
        "ApplicableTradeTax",
        figure("CalculatedAmount", value.amount),
        leaf("TypeCode", "VAT"),
        leaf("ExemptionReason", value.exemption_reason),
        figure("BasisAmount", value.basis),
        leaf("CategoryCode", value.category),
        leaf("ExemptionReasonCode", value.exemption_code),
        day("TaxPointDate", invoice.tax_point_date, "udt:DateString"),
        leaf("DueDateTypeCode", UBL_TO_CII_TAX_POINT.get(invoice.tax_point_code, invoice.tax_point_code)),
        figure("RateApplicablePercent", value.rate),
    )


def _terms(invoice: Invoice, paid: Payment) -> str:
    """Write terms, due date and mandate; XRechnung's notation of Skonto ends with a line break (BR-DE-18)."""
    text = invoice.payment_terms
    return group(
        "SpecifiedTradePaymentTerms",
        leaf("Description", f"{text}\n" if _SKONTO.search(text) else text),
        day("DueDateDateTime", invoice.due_date),
        leaf("DirectDebitMandateID", paid.debit.mandate if paid.debit else ""),
    )


def _totals(invoice: Invoice) -> str:
    totals = invoice.totals
    accounting = totals.vat_accounting if invoice.accounting_currency not in {"", invoice.currency} else None
    return group(
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        figure("LineTotalAmount", totals.line_net),
        figure("ChargeTotalAmount", totals.charges),
        figure("AllowanceTotalAmount", totals.allowances),
        figure("TaxBasisTotalAmount", totals.net),
        figure("TaxTotalAmount", totals.vat, currencyID=invoice.currency),
        figure("TaxTotalAmount", accounting, currencyID=invoice.accounting_currency),
        figure("RoundingAmount", totals.rounding),
        figure("GrandTotalAmount", totals.gross),
        figure("TotalPrepaidAmount", totals.prepaid),
        figure("DuePayableAmount", totals.payable),
    )
