"""What only the UBL document shows: groups that are there but empty, repeated totals, the codes of credit notes."""

from collections.abc import Iterator
from typing import Any

from blocks.standards.en16931.code_lists import CREDIT_NOTES
from blocks.standards.en16931.rules.document_rules import DocumentRule, elements
from blocks.standards.en16931.rules.rule import Finding

_VAT = "[cac:TaxScheme/cbc:ID = 'VAT']"

_RULES = (
    DocumentRule(
        "BR-09",
        "cac:AccountingSupplierParty/cac:Party/cac:PostalAddress[not(cac:Country/cbc:IdentificationCode)]",
        "The country of the seller's address is missing; add it.",
        "Das Land des Verkäufers fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-11",
        "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress[not(cac:Country/cbc:IdentificationCode)]",
        "The country of the buyer's address is missing; add it.",
        "Das Land des Käufers fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-17",
        "cac:PayeeParty[not(cac:PartyName/cbc:Name)]",
        "The payee has no name; name it, or leave the payee out.",
        "Der Zahlungsempfänger hat keinen Namen; bitte nennen oder weglassen.",
    ),
    DocumentRule(
        "BR-18",
        "cac:TaxRepresentativeParty[not(cac:PartyName/cbc:Name)]",
        "The tax representative has no name; add it.",
        "Der Steuervertreter hat keinen Namen; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-19",
        "cac:TaxRepresentativeParty[not(cac:PostalAddress)]",
        "The tax representative has no address; add it.",
        "Der Steuervertreter hat keine Anschrift; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-20",
        "cac:TaxRepresentativeParty/cac:PostalAddress[not(cac:Country/cbc:IdentificationCode)]",
        "The country of the tax representative's address is missing; add it.",
        "Das Land des Steuervertreters fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-49",
        "cac:PaymentMeans[not(cbc:PaymentMeansCode)]",
        "The code of the payment means is missing; add it.",
        "Der Code der Zahlungsart fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-55",
        "cac:BillingReference[not(cac:InvoiceDocumentReference/cbc:ID)]",
        "The preceding invoice has no number; add it.",
        "Die vorausgegangene Rechnung hat keine Nummer; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-56",
        f"cac:TaxRepresentativeParty[not(cac:PartyTaxScheme{_VAT}/cbc:CompanyID)]",
        "The tax representative has no VAT identifier; add it.",
        "Der Steuervertreter hat keine Umsatzsteuer-ID; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-57",
        "cac:Delivery/cac:DeliveryLocation/cac:Address[not(cac:Country/cbc:IdentificationCode)]",
        "The country delivered to is missing; add it.",
        "Das Land der Lieferanschrift fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-CL-24",
        "cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject[not(string(@mimeCode))]",
        "The type of an attachment is missing; give its MIME code.",
        "Der Typ eines Anhangs fehlt; bitte den MIME-Code angeben.",
    ),
    DocumentRule(
        "BR-CO-15",
        "cac:TaxTotal/cbc:TaxAmount[@currencyID = /*/cbc:DocumentCurrencyCode]"
        "[../preceding-sibling::cac:TaxTotal/cbc:TaxAmount/@currencyID = /*/cbc:DocumentCurrencyCode]",
        "A second VAT total in the currency of the invoice stands here; give one.",
        "Hier steht ein zweiter Steuerbetrag in der Rechnungswährung; bitte nur einen angeben.",
    ),
)
_NOT_BROKEN: tuple[tuple[str, str], ...] = (
    ("BR-03", "cbc:IssueDate"),
    ("BR-08", "cac:AccountingSupplierParty/cac:Party/cac:PostalAddress"),
    ("BR-10", "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress"),
    ("BR-CO-14", "cac:TaxTotal[cac:TaxSubtotal][2]"),
    ("BR-CO-25", "self::cn:CreditNote"),
)
"""Rules that ask whether an element is there, and the element; one that is there but wrong has a defect of its own.

BR-CO-25 is checked on invoices only: credit notes have no due date of their own. Of several VAT totals with groups each
is summed up for itself, and BR-CO-15 says that there are several.
"""


_CREDIT_NOTE = DocumentRule(
    "BR-CL-01",
    "cbc:CreditNoteTypeCode",
    "The code is no type of credit note (UNTDID 1001); give 381, or send an Invoice.",
    "Der Code ist kein Typ einer Gutschrift (UNTDID 1001); bitte 381 angeben oder eine Invoice senden.",
)


def shown(root: Any) -> Iterator[Finding]:
    """Yield what the canonical invoice cannot show of a UBL document."""
    for rule in _RULES:
        yield from rule.findings(root)
    if any((element.text or "").strip() not in CREDIT_NOTES for element in elements(root, _CREDIT_NOTE.broken)):
        yield from _CREDIT_NOTE.findings(root)


def not_broken(root: Any) -> frozenset[str]:
    """Return the rules that the document keeps, though its canonical invoice does not show it."""
    return frozenset(rule for rule, expression in _NOT_BROKEN if elements(root, expression))
