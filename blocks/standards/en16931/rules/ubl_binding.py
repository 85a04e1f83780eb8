"""The syntax binding of UBL: elements that its schema lets repeat and EN 16931 does not, forms of amounts and files."""

from collections.abc import Iterator
from typing import Any

from blocks.standards.en16931.rules.document_rules import DocumentRule
from blocks.standards.en16931.rules.rule import Finding

_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_VAT = "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID = 'VAT']/cbc:CompanyID"
_LINE = "*[self::cac:InvoiceLine or self::cac:CreditNoteLine]"
_DOCUMENT = "self::*[self::ubl:Invoice or self::cn:CreditNote]"
_DECIMALS = "string-length(substring-after(normalize-space(), '.')) > 2"

_ONCE: tuple[tuple[str, str, str], ...] = (
    ("UBL-SR-01", ".", "cac:ContractDocumentReference/cbc:ID"),
    ("UBL-SR-02", ".", "cac:ReceiptDocumentReference/cbc:ID"),
    ("UBL-SR-03", ".", "cac:DespatchDocumentReference/cbc:ID"),
    ("UBL-SR-04", ".", "cac:AdditionalDocumentReference[cbc:DocumentTypeCode = '130']/cbc:ID"),
    ("UBL-SR-05", ".", "cac:PaymentTerms/cbc:Note"),
    ("UBL-SR-08", ".", "cac:InvoicePeriod"),
    ("UBL-SR-09", _SELLER, "cac:PartyLegalEntity/cbc:RegistrationName"),
    ("UBL-SR-10", _SELLER, "cac:PartyName/cbc:Name"),
    ("UBL-SR-11", _SELLER, "cac:PartyLegalEntity/cbc:CompanyID"),
    ("UBL-SR-12", _SELLER, _VAT),
    ("UBL-SR-13", _SELLER, "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID != 'VAT']/cbc:CompanyID"),
    ("UBL-SR-14", _SELLER, "cac:PartyLegalEntity/cbc:CompanyLegalForm"),
    ("UBL-SR-15", _BUYER, "cac:PartyLegalEntity/cbc:RegistrationName"),
    ("UBL-SR-16", _BUYER, "cac:PartyIdentification/cbc:ID"),
    ("UBL-SR-17", _BUYER, "cac:PartyLegalEntity/cbc:CompanyID"),
    ("UBL-SR-18", _BUYER, _VAT),
    ("UBL-SR-24", ".", "cac:Delivery"),
    ("UBL-SR-25", "cac:Delivery", "cac:DeliveryParty/cac:PartyName/cbc:Name"),
    ("UBL-SR-30", "cac:AllowanceCharge[cbc:ChargeIndicator = 'false']", "cbc:AllowanceChargeReason"),
    ("UBL-SR-31", "cac:AllowanceCharge[cbc:ChargeIndicator = 'true']", "cbc:AllowanceChargeReason"),
    ("UBL-SR-33", "cac:AdditionalDocumentReference", "cbc:DocumentDescription"),
    ("UBL-SR-34", _LINE, "cbc:Note"),
    ("UBL-SR-35", _LINE, "cac:OrderLineReference/cbc:LineID"),
    ("UBL-SR-36", _LINE, "cac:InvoicePeriod"),
    ("UBL-SR-39", ".", "cac:ProjectReference/cbc:ID"),
    ("UBL-SR-40", _BUYER, "cac:PartyName/cbc:Name"),
    ("UBL-SR-51", "descendant::*[self::cac:PostalAddress or self::cac:Address]", "cac:AddressLine"),
)
"""Rule, the group that is looked at, and what it may hold once at the most."""


def _once(rule: str, group: str, element: str) -> DocumentRule:
    name = element.rpartition(":")[2]
    where = _DOCUMENT if group == "." else group
    return DocumentRule(
        rule,
        f"{where}[count({element}) > 1]",
        f"{name} stands here more than once; an e-invoice has one at the most: leave one.",
        f"{name} steht hier mehrfach; eine E-Rechnung hat höchstens eines: bitte nur eines angeben.",
    )


_RULES = (
    *(_once(*one) for one in _ONCE),
    DocumentRule(
        "UBL-DT-01",
        "descendant::*[substring(local-name(), string-length(local-name()) - 5) = 'Amount']"
        f"[not(self::cbc:PriceAmount or parent::cac:AllowanceCharge/parent::cac:Price)][{_DECIMALS}]",
        "An amount has more than two decimals; round it.",
        "Ein Betrag hat mehr als zwei Nachkommastellen; bitte runden.",
    ),
    DocumentRule(
        "UBL-DT-06",
        "descendant::cbc:EmbeddedDocumentBinaryObject[not(@mimeCode)]",
        "The type of an attachment is not given; add its MIME code.",
        "Der Typ eines Anhangs ist nicht angegeben; bitte den MIME-Code ergänzen.",
    ),
    DocumentRule(
        "UBL-DT-07",
        "descendant::cbc:EmbeddedDocumentBinaryObject[not(@filename)]",
        "An attachment has no file name; add it.",
        "Ein Anhang hat keinen Dateinamen; bitte ergänzen.",
    ),
    DocumentRule(
        "UBL-SR-07",
        "cac:BillingReference[not(cac:InvoiceDocumentReference/cbc:ID)]",
        "The preceding invoice has no number; add it, or leave the reference out.",
        "Die vorausgegangene Rechnung hat keine Nummer; bitte ergänzen oder den Verweis weglassen.",
    ),
    DocumentRule(
        "UBL-SR-42",
        f"{_SELLER}[count(cac:PartyTaxScheme) > 2]",
        "The seller has more than two tax registrations; give the VAT identifier and one tax number at the most.",
        "Der Verkäufer hat mehr als zwei Steuerkennungen; bitte höchstens USt-ID und Steuernummer angeben.",
    ),
    DocumentRule(
        "UBL-SR-44",
        f"{_DOCUMENT}[cac:PaymentMeans/cbc:PaymentID[. != ../../cac:PaymentMeans/cbc:PaymentID]]",
        "The means of payment have different remittance texts; give one text for all.",
        "Die Zahlungswege haben verschiedene Verwendungszwecke; bitte einen für alle angeben.",
    ),
    DocumentRule(
        "UBL-SR-47",
        f"{_DOCUMENT}[cac:PaymentMeans/cbc:PaymentMeansCode[. != ../../cac:PaymentMeans/cbc:PaymentMeansCode]]",
        "The means of payment have different codes; an invoice has one.",
        "Die Zahlungswege haben verschiedene Codes; eine Rechnung hat nur einen.",
    ),
    DocumentRule(
        "UBL-SR-48",
        f"{_LINE}[count(cac:Item/cac:ClassifiedTaxCategory) != 1]",
        "A line must have exactly one VAT category; give one.",
        "Eine Position muss genau eine Umsatzsteuerkategorie haben; bitte eine angeben.",
    ),
    DocumentRule(
        "UBL-SR-53",
        "descendant::cac:PartyTaxScheme[not(cbc:CompanyID) or not(cac:TaxScheme/cbc:ID)]",
        "A tax registration lacks its number or says not which tax it is for; complete it, or leave it out.",
        "Einer Steuerkennung fehlt die Nummer oder die Steuerart; bitte ergänzen oder weglassen.",
    ),
)


def shown(root: Any) -> Iterator[Finding]:
    """Yield each rule of the binding that a UBL document breaks, once, at the first place."""
    for rule in _RULES:
        yield from (finding for finding, _ in zip(rule.findings(root), (None,), strict=False))
