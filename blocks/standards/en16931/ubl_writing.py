"""Write the canonical invoice as a UBL 2.1 Invoice or CreditNote (EN 16931-3-2, with XRechnung's extension)."""

from blocks.documents.invoices import CreditTransfer, Invoice, Note, Payment, VatBreakdown
from blocks.standards.en16931.code_lists import CREDIT_NOTES, NO_ORDER, PROJECT
from blocks.standards.en16931.ubl_limits import not_held
from blocks.standards.en16931.ubl_lines import CREDIT_NOTE, INVOICE
from blocks.standards.en16931.ubl_writing_lines import (
    allowance_charge,
    line,
    object_reference,
    period,
    supporting_document,
    vat_category,
)
from blocks.standards.en16931.ubl_writing_parties import delivery, parties
from blocks.standards.en16931.xml_writing import day, document, figure, group, text

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_COMPONENTS = {"cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"}


def write(invoice: Invoice) -> tuple[bytes, tuple[str, ...]]:
    """Return the invoice as UBL, and what UBL cannot hold of it in whole sentences.

    The type code (BT-3) decides between Invoice and CreditNote. A term that is absent is left out even where the schema
    demands it: whether an invoice is complete is for the rules to say.
    """
    credit_note = invoice.type_code in CREDIT_NOTES
    name = "CreditNote" if credit_note else "Invoice"
    body = _credit_note(invoice) if credit_note else _invoice(invoice)
    data, lost = document(name, {"": f"{_UBL}{name}-2", **_COMPONENTS}, body)
    return data, (*not_held(invoice, credit_note=credit_note), *lost)


def _invoice(invoice: Invoice) -> str:
    return "".join(
        (
            _identity(invoice),
            day("cbc:DueDate", invoice.due_date),
            text("cbc:InvoiceTypeCode", invoice.type_code),
            *map(_note, invoice.notes),
            day("cbc:TaxPointDate", invoice.tax_point_date),
            _circumstances(invoice),
            _reference("cac:OriginatorDocumentReference", invoice.tender_reference),
            _reference("cac:ContractDocumentReference", invoice.contract_reference),
            *_additional_documents(invoice),
            _reference("cac:ProjectReference", invoice.project_reference),
            parties(invoice),
            delivery(invoice.delivery) if invoice.delivery else "",
            _payment_means(invoice, credit_note=False),
            _payment_terms(invoice.payment_terms),
            *_third_party_payments(invoice),
            *(allowance_charge(one, invoice.currency) for one in invoice.allowances_charges),
            _totals(invoice),
            *(line(one, invoice.currency, INVOICE) for one in invoice.lines),
        )
    )


def _credit_note(invoice: Invoice) -> str:
    """Return the body of a credit note: other order, due date with the payment means, project among the documents."""
    return "".join(
        (
            _identity(invoice),
            day("cbc:TaxPointDate", invoice.tax_point_date),
            text("cbc:CreditNoteTypeCode", invoice.type_code),
            *map(_note, invoice.notes),
            _circumstances(invoice),
            _reference("cac:ContractDocumentReference", invoice.contract_reference),
            *_additional_documents(invoice),
            _reference("cac:AdditionalDocumentReference", invoice.project_reference, PROJECT),
            _reference("cac:OriginatorDocumentReference", invoice.tender_reference),
            parties(invoice),
            delivery(invoice.delivery) if invoice.delivery else "",
            _payment_means(invoice, credit_note=True),
            _payment_terms(invoice.payment_terms),
            *(allowance_charge(one, invoice.currency) for one in invoice.allowances_charges),
            _totals(invoice),
            *(line(one, invoice.currency, CREDIT_NOTE) for one in invoice.lines),
        )
    )


def _identity(invoice: Invoice) -> str:
    return "".join(
        (
            text("cbc:CustomizationID", invoice.specification),
            text("cbc:ProfileID", invoice.process),
            text("cbc:ID", invoice.number),
            day("cbc:IssueDate", invoice.issue_date),
        )
    )


def _circumstances(invoice: Invoice) -> str:
    """Return currencies, period and the references that both kinds of document have in one order."""
    order = invoice.purchase_order_reference or (NO_ORDER if invoice.sales_order_reference else "")
    return "".join(
        (
            text("cbc:DocumentCurrencyCode", invoice.currency),
            text("cbc:TaxCurrencyCode", invoice.accounting_currency),
            text("cbc:AccountingCost", invoice.accounting_reference),
            text("cbc:BuyerReference", invoice.buyer_reference),
            group("cac:InvoicePeriod", *period(invoice.period), text("cbc:DescriptionCode", invoice.tax_point_code)),
            group("cac:OrderReference", text("cbc:ID", order), text("cbc:SalesOrderID", invoice.sales_order_reference)),
            *(
                group(
                    "cac:BillingReference",
                    group(
                        "cac:InvoiceDocumentReference",
                        text("cbc:ID", one.number),
                        day("cbc:IssueDate", one.issued_on),
                    ),
                )
                for one in invoice.preceding_invoices
            ),
            _reference("cac:DespatchDocumentReference", invoice.despatch_advice_reference),
            _reference("cac:ReceiptDocumentReference", invoice.receiving_advice_reference),
        )
    )


def _note(note: Note) -> str:
    return text("cbc:Note", f"#{note.subject_code}#{note.text}" if note.subject_code else note.text)


def _reference(name: str, number: str, kind: str = "") -> str:
    return group(name, text("cbc:ID", number), text("cbc:DocumentTypeCode", kind)) if number else ""


def _additional_documents(invoice: Invoice) -> tuple[str, ...]:
    name = "cac:AdditionalDocumentReference"
    return (
        object_reference(name, invoice.object_identifier),
        *(supporting_document(name, one) for one in invoice.supporting_documents),
    )


def _payment_means(invoice: Invoice, *, credit_note: bool) -> str:
    """Return a payment means for each account; card and mandate go with the first."""
    payment = invoice.payment
    if payment is None:
        return ""
    due = day("cbc:PaymentDueDate", invoice.due_date if credit_note else None)
    first, *others = payment.transfers or (CreditTransfer(),)
    return "".join(
        (_one_means(payment, due, first, main=True), *(_one_means(payment, due, one, main=False) for one in others))
    )


def _one_means(payment: Payment, due: str, transfer: CreditTransfer, *, main: bool) -> str:
    card = payment.card if main else None
    debit = payment.debit if main else None
    return group(
        "cac:PaymentMeans",
        text("cbc:PaymentMeansCode", payment.means_code, name=payment.means_text),
        due,
        text("cbc:PaymentID", payment.remittance),
        group(
            "cac:CardAccount",
            text("cbc:PrimaryAccountNumberID", card.number),
            text("cbc:NetworkID", NO_ORDER),  # the schema demands a network, EN 16931 has no term for it
            text("cbc:HolderName", card.holder),
        )
        if card
        else "",
        group(
            "cac:PayeeFinancialAccount",
            text("cbc:ID", transfer.account),
            text("cbc:Name", transfer.name),
            group("cac:FinancialInstitutionBranch", text("cbc:ID", transfer.bank)),
        ),
        group(
            "cac:PaymentMandate",
            text("cbc:ID", debit.mandate),
            group("cac:PayerFinancialAccount", text("cbc:ID", debit.account)),
        )
        if debit
        else "",
    )


def _payment_terms(terms: str) -> str:
    """Return the terms of payment; XRechnung wants a line of Skonto to end in a line break (BR-DE-18)."""
    ended = f"{terms}\n" if terms.rpartition("\n")[2].startswith("#SKONTO#") else terms
    return group("cac:PaymentTerms", text("cbc:Note", ended))


def _third_party_payments(invoice: Invoice) -> tuple[str, ...]:
    return tuple(
        group(
            "cac:PrepaidPayment",
            text("cbc:ID", one.kind),
            figure("cbc:PaidAmount", one.amount, currencyID=invoice.currency),
            text("cbc:InstructionID", one.description),
        )
        for one in invoice.third_party_payments
    )


def _totals(invoice: Invoice) -> str:
    """Return VAT and totals (BG-22, 23); VAT in the accounting currency is a total of its own."""
    totals, currency = invoice.totals, invoice.currency
    accounting = totals.vat_accounting if invoice.accounting_currency else None
    return "".join(
        (
            group(
                "cac:TaxTotal",
                figure("cbc:TaxAmount", totals.vat, currencyID=currency),
                *(_vat_group(one, currency) for one in invoice.vat_breakdown),
            ),
            group("cac:TaxTotal", figure("cbc:TaxAmount", accounting, currencyID=invoice.accounting_currency)),
            group(
                "cac:LegalMonetaryTotal",
                figure("cbc:LineExtensionAmount", totals.line_net, currencyID=currency),
                figure("cbc:TaxExclusiveAmount", totals.net, currencyID=currency),
                figure("cbc:TaxInclusiveAmount", totals.gross, currencyID=currency),
                figure("cbc:AllowanceTotalAmount", totals.allowances, currencyID=currency),
                figure("cbc:ChargeTotalAmount", totals.charges, currencyID=currency),
                figure("cbc:PrepaidAmount", totals.prepaid, currencyID=currency),
                figure("cbc:PayableRoundingAmount", totals.rounding, currencyID=currency),
                figure("cbc:PayableAmount", totals.payable, currencyID=currency),
            ),
        )
    )


def _vat_group(given: VatBreakdown, currency: str) -> str:
    return group(
        "cac:TaxSubtotal",
        figure("cbc:TaxableAmount", given.basis, currencyID=currency),
        figure("cbc:TaxAmount", given.amount, currencyID=currency),
        vat_category(
            "cac:TaxCategory",
            given.category,
            given.rate,
            text("cbc:TaxExemptionReasonCode", given.exemption_code),
            text("cbc:TaxExemptionReason", given.exemption_reason),
        ),
    )
