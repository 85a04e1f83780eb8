"""The syntax binding of UBL: elements that its schema lets repeat and EN 16931 does not, forms of amounts and files."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from blocks.standards.en16931.rules.document_rules import DocumentRule, DocumentRules, Seen, clark
from blocks.standards.en16931.rules.rule import Finding, Severity
from blocks.standards.en16931.xml import place_of

_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_VAT = "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID = 'VAT']/cbc:CompanyID"
_NO = "normalize-space() = 'false' or normalize-space() = '0'"
_YES = "normalize-space() = 'true' or normalize-space() = '1'"
_PAYEE_NAMED = (
    "cac:PartyName/cbc:Name != ../cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName"
)
_LINE = "cac:InvoiceLine | cac:CreditNoteLine"
_DOCUMENT = "self::*[self::ubl:Invoice or self::cn:CreditNote]"

_CREDITOR = "translate(@schemeID, 'sepa', 'SEPA') = 'SEPA'"
_BRACKETS = re.compile(r"\[[^\]]*\]")
_LAST = re.compile(r"c[ab]c:[A-Za-z]+")

_NOT_USED: tuple[tuple[str, str], ...] = tuple(
    (f"UBL-DT-{number:02}", name)
    for number, name in enumerate(
        (
            *("schemeName", "schemeAgencyName", "schemeDataURI", "schemeURI", "format", "unitCodeListIdentifier"),
            *("unitCodeListAgencyIdentifier", "unitCodeListAgencyName", "listAgencyName", "listName", "name"),
            *("languageID", "listURI", "listSchemeURI", "languageLocaleID", "uri", "currencyCodeListVersionID"),
            *("characterSetCode", "encodingCode", "schemeAgencyID", "listAgencyID"),
        ),
        8,
    )
)
"""Attributes that UBL has and EN 16931 has no use for; the name of a payment means (BT-82) is the one exception."""
_MANY = re.compile(r"^[^.]*\.(?:\s*\S){3}")
_AMOUNTS = DocumentRule(
    "UBL-DT-01",
    "",
    "An amount has more than two decimals; round it.",
    "Ein Betrag hat mehr als zwei Nachkommastellen; bitte runden.",
)
_PRICE = clark("cac:Price")
_ATTRIBUTES = {
    name: DocumentRules(
        DocumentRule(
            rule,
            f"descendant::*[@{name}]" + ("[not(self::cbc:PaymentMeansCode)]" if name == "name" else ""),
            f"The attribute {name} has no meaning in EN 16931; leave it out.",
            f"Das Attribut {name} hat in EN 16931 keine Bedeutung; bitte weglassen.",
            Severity.WARNING,
        )
    )
    for rule, name in _NOT_USED
}

_ONCE: tuple[tuple[str, str, str], ...] = (
    ("UBL-SR-01", ".", "cac:ContractDocumentReference/cbc:ID"),
    ("UBL-SR-02", ".", "cac:ReceiptDocumentReference/cbc:ID"),
    ("UBL-SR-03", ".", "cac:DespatchDocumentReference/cbc:ID"),
    ("UBL-SR-04", ".", "cac:AdditionalDocumentReference[cbc:DocumentTypeCode = '130']/cbc:ID"),
    ("UBL-SR-05", ".", "cac:PaymentTerms/cbc:Note"),
    ("UBL-SR-08", ".", "cac:InvoicePeriod"),
    ("UBL-SR-45", ".", "cac:PaymentMeans/cbc:PaymentDueDate"),
    ("UBL-SR-49", ".", "cac:InvoicePeriod/cbc:DescriptionCode"),
    ("UBL-SR-54", ".", "cac:PaymentMeans/cac:CardAccount"),
    ("UBL-SR-55", ".", "cac:PaymentMeans/cac:PaymentMandate"),
    ("UBL-SR-56", ".", "cac:OriginatorDocumentReference/cbc:ID"),
    ("UBL-SR-06", "cac:BillingReference", "cac:InvoiceDocumentReference"),
    ("UBL-SR-22", "cac:TaxRepresentativeParty", "cac:PartyName/cbc:Name"),
    ("UBL-SR-23", "cac:TaxRepresentativeParty", "cac:PartyTaxScheme/cbc:CompanyID"),
    ("UBL-SR-26", "cac:PaymentMeans", "cbc:PaymentID"),
    ("UBL-SR-27", "cac:PaymentMeans", "cbc:PaymentMeansCode"),
    ("UBL-SR-28", "cac:PaymentMeans", "cac:PaymentMandate/cbc:ID"),
    ("UBL-SR-32", "descendant::cac:TaxSubtotal", "cac:TaxCategory/cbc:TaxExemptionReason"),
    ("UBL-SR-37", _LINE, "cac:Price/cac:AllowanceCharge/cbc:Amount"),
    ("UBL-SR-50", _LINE, "cac:Item/cbc:Description"),
    ("UBL-SR-52", _LINE, "cac:DocumentReference"),
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
    ("UBL-SR-30", f"descendant::cac:AllowanceCharge[cbc:ChargeIndicator[{_NO}]]", "cbc:AllowanceChargeReason"),
    ("UBL-SR-31", f"descendant::cac:AllowanceCharge[cbc:ChargeIndicator[{_YES}]]", "cbc:AllowanceChargeReason"),
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
    names = tuple(_LAST.findall(_BRACKETS.sub("", element)))
    return DocumentRule(
        rule,
        _each(where, f"[count({element}) > 1]"),
        f"{name} stands here more than once; an e-invoice has one at the most: leave one.",
        f"{name} steht hier mehrfach; eine E-Rechnung hat höchstens eines: bitte nur eines angeben.",
        twice=names[-1],
        needs=names,
        alone=tuple(map(clark, names)),
    )


def _each(groups: str, predicate: str) -> str:
    """Return the XPath to those of some alternative groups that a predicate holds for."""
    return " | ".join(f"{group}{predicate}" for group in groups.split(" | "))


def _payee(rule: str, element: str) -> DocumentRule:
    """Return a rule on the payee; the artefacts break it as well where the payee is the seller or has no name."""
    return DocumentRule(
        rule,
        f"cac:PayeeParty[count({element}) > 1 or not({_PAYEE_NAMED})]",
        "The payee is named once, identified once, and another than the seller; correct it, or leave it out.",
        "Der Zahlungsempfänger hat einen Namen und eine Kennung und ist nicht der Verkäufer; bitte berichtigen.",
    )


_RULES = DocumentRules(
    *(_once(*one) for one in _ONCE),
    _payee("UBL-SR-19", "cac:PartyName/cbc:Name"),
    _payee("UBL-SR-20", "cac:PartyIdentification/cbc:ID[translate(@schemeID, 'sepa', 'SEPA') != 'SEPA']"),
    _payee("UBL-SR-21", "cac:PartyLegalEntity/cbc:CompanyID"),
    DocumentRule(
        "UBL-SR-29",
        f"{_DOCUMENT}[count(descendant::cac:PartyIdentification/cbc:ID[{_CREDITOR}]) > 1]",
        "Several creditor identifiers (scheme SEPA) stand here; give one.",
        "Mehrere Gläubiger-IDs (Schema SEPA) stehen hier; bitte nur eine angeben.",
        twice="cac:PartyIdentification",
    ),
    DocumentRule(
        "UBL-SR-43",
        "cac:AdditionalDocumentReference[not(cbc:DocumentTypeCode = '130')]"
        "[not(/cn:CreditNote and cbc:DocumentTypeCode = '50')][cbc:ID/@schemeID or cbc:DocumentTypeCode]",
        "A scheme and a type belong to the reference of an invoiced object (type 130) only; leave them out.",
        "Schema und Typ gehören nur zur Kennung des abgerechneten Objekts (Typ 130); bitte weglassen.",
    ),
    DocumentRule(
        "UBL-SR-46",
        f"{_DOCUMENT}[count(cac:PaymentMeans/cbc:PaymentMeansCode/@name) > 1]",
        "The text of the payment means stands more than once; give it once.",
        "Der Text zur Zahlungsart steht mehrfach; bitte einmal angeben.",
        twice="cbc:PaymentMeansCode",
    ),
    DocumentRule(
        "UBL-CR-666",
        "descendant::cac:AdditionalDocumentReference[cbc:DocumentTypeCode = '130'][cac:Attachment]",
        "The reference of an invoiced object has a file; attach it by a reference of its own.",
        "Die Kennung des abgerechneten Objekts hat einen Anhang; bitte als eigene Unterlage anhängen.",
    ),
    DocumentRule(
        "UBL-CR-673",
        "descendant::cac:AdditionalDocumentReference[cbc:DocumentTypeCode = '130'][cbc:DocumentDescription]",
        "The reference of an invoiced object has a description; leave it out.",
        "Die Kennung des abgerechneten Objekts hat eine Beschreibung; bitte weglassen.",
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
        _each(_LINE, "[count(cac:Item/cac:ClassifiedTaxCategory) != 1]"),
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


def shown(seen: Seen, attributes: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Yield each rule of the binding that a UBL document breaks, once, at the first place.

    Args:
        seen: The document.
        attributes: Its attributes, each with the name of its element.
    """
    yield from _RULES.first(seen)
    names = [name for name in seen.ending("Amount") if not name.endswith("PriceAmount")]
    if any(_too_fine(element) for name in names for element in seen.of(name)):
        yield _AMOUNTS.at(place_of(next(filter(_too_fine, seen.each(*names)))))
    used = {name for _, name in attributes}
    for name, rule in _ATTRIBUTES.items():
        if name in used:
            yield from rule.first(seen)


def _too_fine(amount: Any) -> bool:
    text = amount.text
    return bool(text) and "." in text and _MANY.search(text) is not None and not _of_a_price(amount)


def _of_a_price(element: Any) -> bool:
    """Return whether an amount is the discount on a price, which may have any number of decimals."""
    return any(one.tag == _PRICE for one in element.iterancestors())


IDS = _RULES.ids.union({_AMOUNTS.id}, *(rule.ids for rule in _ATTRIBUTES.values()))
"""The ids of all rules of the binding but those on elements that are merely unused."""
