"""What only the UBL document shows: groups that are there but empty, repeated totals, the codes of credit notes."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from blocks.standards.en16931.rules.document_rules import DocumentRule, DocumentRules, Seen, clark, elements
from blocks.standards.en16931.rules.rule import Finding

_UPPER = "translate(normalize-space(cac:TaxScheme/cbc:ID), 'vat', 'VAT')"
_VAT = f"[{_UPPER} = 'VAT']"
_OTHER_TAXES = f"descendant::*[self::cac:TaxCategory or self::cac:ClassifiedTaxCategory][not({_UPPER} = 'VAT')]"
_CATEGORIES = (clark("cac:TaxCategory"), clark("cac:ClassifiedTaxCategory"))
_SCHEME = clark("cac:TaxScheme")
_LINES = "*[self::cac:InvoiceLine or self::cac:CreditNoteLine]"
_STANDARD = "normalize-space(cbc:ID) = 'S'"
_OF_DOCUMENT = "cac:AllowanceCharge"
_ALLOWANCE = "cbc:ChargeIndicator[normalize-space() = 'false' or normalize-space() = '0']"
_CHARGE = "cbc:ChargeIndicator[normalize-space() = 'true' or normalize-space() = '1']"

_RULES = DocumentRules(
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
        "BR-CO-19",
        "cac:InvoicePeriod[not(cbc:StartDate or cbc:EndDate or cbc:DescriptionCode)]",
        "The invoicing period has neither a first nor a last day; give one of them.",
        "Der Abrechnungszeitraum hat weder Beginn noch Ende; bitte eines angeben.",
    ),
    DocumentRule(
        "BR-CO-20",
        f"{_LINES}/cac:InvoicePeriod[not(cbc:StartDate or cbc:EndDate)]",
        "The period of the line has neither a first nor a last day; give one of them.",
        "Der Zeitraum der Position hat weder Beginn noch Ende; bitte eines angeben.",
    ),
    DocumentRule(
        "BR-61",
        "cac:PaymentMeans[normalize-space(cbc:PaymentMeansCode) = '30' or normalize-space(cbc:PaymentMeansCode) = '58']"
        "[not(cac:PayeeFinancialAccount/cbc:ID)]",
        "Payment by transfer needs an account; add the IBAN.",
        "Eine Überweisung braucht ein Konto; bitte die IBAN ergänzen.",
    ),
    DocumentRule(
        "BR-CO-14",
        "cac:TaxTotal[cac:TaxSubtotal][not(cbc:TaxAmount)]",
        "The VAT total is missing beside the groups of the breakdown; add it.",
        "Der Gesamtsteuerbetrag neben der Aufschlüsselung fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-CO-15",
        "cac:TaxTotal/cbc:TaxAmount[@currencyID = /*/cbc:DocumentCurrencyCode]"
        "[../preceding-sibling::cac:TaxTotal/cbc:TaxAmount/@currencyID = /*/cbc:DocumentCurrencyCode]",
        "A second VAT total in the currency of the invoice stands here; give one.",
        "Hier steht ein zweiter Steuerbetrag in der Rechnungswährung; bitte nur einen angeben.",
    ),
)
_UNNAMED_TAX = DocumentRules(
    DocumentRule(
        "BR-S-02",
        f"self::*[descendant::cac:ClassifiedTaxCategory[{_STANDARD}]]"
        f"[not(descendant::cac:ClassifiedTaxCategory[{_STANDARD}]{_VAT})]",
        "No line of the standard rate names VAT as its tax; name it.",
        "Keine Position zum Normalsatz nennt die Umsatzsteuer als Steuerart; bitte angeben.",
    )
)
_BROKEN: dict[str, str] = {
    "BR-03": "self::*[not(cbc:IssueDate[normalize-space()])]",
    "BR-08": "self::*[not(cac:AccountingSupplierParty/cac:Party/cac:PostalAddress)]",
    "BR-10": "self::*[not(cac:AccountingCustomerParty/cac:Party/cac:PostalAddress)]",
    "BR-11": "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress",
    "BR-19": "cac:TaxRepresentativeParty[not(cac:PostalAddress)]",
    "BR-22": f"{_LINES}[not(cbc:InvoicedQuantity or cbc:CreditedQuantity)]",
    "BR-23": f"{_LINES}[not(cbc:InvoicedQuantity/@unitCode or cbc:CreditedQuantity/@unitCode)]",
    "BR-24": f"{_LINES}[not(cbc:LineExtensionAmount)]",
    "BR-26": f"{_LINES}[not(cac:Price/cbc:PriceAmount)]",
    "BR-31": f"{_OF_DOCUMENT}[{_ALLOWANCE}][not(cbc:Amount)]",
    "BR-36": f"{_OF_DOCUMENT}[{_CHARGE}][not(cbc:Amount)]",
    "BR-41": f"descendant::*[self::cac:InvoiceLine or self::cac:CreditNoteLine]/cac:AllowanceCharge[{_ALLOWANCE}]"
    "[not(cbc:Amount)]",
    "BR-43": f"descendant::*[self::cac:InvoiceLine or self::cac:CreditNoteLine]/cac:AllowanceCharge[{_CHARGE}]"
    "[not(cbc:Amount)]",
    "BR-45": "cac:TaxTotal/cac:TaxSubtotal[not(cbc:TaxableAmount)]",
    "BR-46": "cac:TaxTotal/cac:TaxSubtotal[not(cbc:TaxAmount)]",
    "BR-49": "cac:PaymentMeans[not(cbc:PaymentMeansCode)]",
    "BR-54": "descendant::cac:AdditionalItemProperty[not(cbc:Name and cbc:Value)]",
    "BR-53": "self::*[not(descendant::cac:TaxTotal/cbc:TaxAmount[@currencyID = /*/cbc:TaxCurrencyCode])]",
    "BR-62": "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID[not(@schemeID)]",
    "BR-63": "cac:AccountingCustomerParty/cac:Party/cbc:EndpointID[not(@schemeID)]",
    "BR-64": f"{_LINES}/cac:Item/cac:StandardItemIdentification/cbc:ID[not(@schemeID)]",
    "BR-65": f"{_LINES}/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode[not(@listID)]",
    "BR-CO-09": "descendant::cac:PartyTaxScheme/cbc:CompanyID[string-length(.) > 1]",
    "BR-CO-14": "self::*[not(cac:TaxTotal[cac:TaxSubtotal][2])]",
    "BR-CO-15": "self::*[cbc:DocumentCurrencyCode]",
    "BR-CO-25": "self::*[not(self::cn:CreditNote or cac:PaymentTerms/cbc:Note or cbc:DueDate)]",
    **dict.fromkeys(
        ("BR-12", "BR-13", "BR-14", "BR-15", "BR-CO-10", "BR-CO-11", "BR-CO-12", "BR-CO-13", "BR-CO-16"),
        "cac:LegalMonetaryTotal",
    ),
}
"""What must be found in a document that breaks a rule: one whose element is there, but wrong, has a defect of its own.

BR-CO-25 is checked on invoices only: credit notes have no due date of their own. Of several VAT totals with groups each
is summed up for itself, and BR-CO-15 says that there are several.
"""


def shown(seen: Seen) -> Iterator[Finding]:
    """Yield what the canonical invoice cannot show of a UBL document."""
    yield from _RULES.findings(seen)
    if has_other_taxes(seen):
        yield from _UNNAMED_TAX.findings(seen)


def breaks(seen: Seen, rule: str) -> bool:
    """Return whether a document really breaks a rule that its canonical invoice breaks."""
    expression = _BROKEN.get(rule)
    return expression is None or bool(elements(seen.root, expression))


def has_other_taxes(seen: Seen) -> bool:
    """Return whether tax categories of another tax scheme than VAT, or of none, stand in the document."""
    plain = sum(
        1 for one in seen.of(_SCHEME) if len(one) and one[0].text == "VAT" and one.getparent().tag in _CATEGORIES
    )
    categories = sum(seen.counts.get(name, 0) for name in _CATEGORIES)
    return plain != categories and bool(elements(seen.root, _OTHER_TAXES))


def with_vat_only(seen: Seen, *, breakdown_only: bool) -> Any:
    """Return a copy of the document without the tax categories of other taxes.

    The rules know only categories of the tax scheme VAT; one of another scheme, or of none, is as good as missing.
    Sums of taxable amounts ask for the scheme in the breakdown alone.
    """
    copied = deepcopy(seen.root)
    for element in elements(copied, f"cac:TaxTotal/{_OTHER_TAXES}" if breakdown_only else _OTHER_TAXES):
        element.getparent().remove(element)
    return copied
