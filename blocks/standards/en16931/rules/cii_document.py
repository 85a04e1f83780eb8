"""What only the CII document shows: groups that are there but empty, repeated totals, codes that CII keeps apart."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.code_lists import SEPA, UBL_TO_CII_TAX_POINT
from blocks.standards.en16931.rules.document_rules import DocumentRule, elements
from blocks.standards.en16931.rules.lists import codes
from blocks.standards.en16931.rules.rule import Finding, RuleSet
from blocks.standards.en16931.rules.xrechnung_extension import MORE_SCHEMES

_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_PARTY = "*[self::ram:SellerTradeParty or self::ram:BuyerTradeParty or self::ram:PayeeTradeParty]"
_TAX_POINTS = " or ".join(f". = '{code}'" for code in UBL_TO_CII_TAX_POINT.values())

_RULES = (
    DocumentRule(
        "BR-52",
        f"{_AGREEMENT}/ram:AdditionalReferencedDocument[not(ram:IssuerAssignedID)]",
        "A supporting document has no reference; add it.",
        "Eine Unterlage hat keine Kennung; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-53",
        f"{_SETTLEMENT}/ram:TaxCurrencyCode[. = ../ram:InvoiceCurrencyCode]",
        "VAT is to be accounted for in the currency of the invoice itself; leave the accounting currency out.",
        "Die Steuer soll in der Rechnungswährung selbst abgerechnet werden; bitte die Abrechnungswährung weglassen.",
    ),
    DocumentRule(
        "BR-62",
        f"{_AGREEMENT}/ram:SellerTradeParty/ram:URIUniversalCommunication[not(ram:URIID/@schemeID)]",
        "The scheme of the seller's electronic address is missing; add it.",
        "Das Schema der elektronischen Adresse des Verkäufers fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-63",
        f"{_AGREEMENT}/ram:BuyerTradeParty/ram:URIUniversalCommunication[not(ram:URIID/@schemeID)]",
        "The scheme of the buyer's electronic address is missing; add it.",
        "Das Schema der elektronischen Adresse des Käufers fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-CL-06",
        f"{_SETTLEMENT}/ram:ApplicableTradeTax/ram:DueDateTypeCode[not({_TAX_POINTS})]",
        "The code of the tax point is none of CII (5, 29, 72); correct it.",
        "Der Code der Steuerfälligkeit ist keiner von CII (5, 29, 72); bitte berichtigen.",
    ),
    DocumentRule(
        "BR-CL-24",
        f"{_AGREEMENT}/ram:AdditionalReferencedDocument/ram:AttachmentBinaryObject[not(string(@mimeCode))]",
        "The type of an attachment is missing; give its MIME code.",
        "Der Typ eines Anhangs fehlt; bitte den MIME-Code angeben.",
    ),
    DocumentRule(
        "BR-CO-15",
        f"{_SUMS}/ram:TaxTotalAmount[@currencyID = ../../ram:InvoiceCurrencyCode]"
        "[@currencyID = preceding-sibling::ram:TaxTotalAmount/@currencyID]",
        "A second VAT total in the currency of the invoice stands here; give one.",
        "Hier steht ein zweiter Steuerbetrag in der Rechnungswährung; bitte nur einen angeben.",
    ),
)

_SCHEME = (
    "The scheme of an identifier is none of ISO 6523; give a code of the list.",
    "Das Schema einer Kennung steht nicht in ISO 6523; bitte einen Code der Liste angeben.",
)
_SCHEMES = (
    DocumentRule("BR-CL-10", f"//{_PARTY}/ram:GlobalID[@schemeID]", *_SCHEME),
    DocumentRule("BR-CL-11", f"//{_PARTY}/ram:ID[@schemeID]", *_SCHEME),
)
"""CII tells the two kinds of identifier of a party apart by their elements, which the canonical invoice does not."""

_EXTENDED = (
    DocumentRule("BR-DEX-04", f"//{_PARTY}/ram:GlobalID[@schemeID]", *_SCHEME),
    DocumentRule("BR-DEX-05", f"//{_PARTY}/ram:ID[@schemeID]", *_SCHEME),
)
"""The same two kinds by the rules of XRechnung's extension, which has schemes of its own beside the list."""

FROM_DOCUMENT = frozenset({"BR-CL-10"})
"""Rules that are judged by the document alone."""

_ISSUED = "rsm:ExchangedDocument/ram:IssueDateTime"


def shown(root: Any) -> Iterator[Finding]:
    """Yield what the canonical invoice cannot show of a CII document."""
    for rule in _RULES:
        yield from rule.findings(root)
    for rule in _SCHEMES:
        for element in elements(root, rule.broken):
            if element.get("schemeID") not in codes("scheme"):
                yield rule.at(element.getroottree().getpath(element))


def schemes_of_extension(root: Any) -> Iterator[Finding]:
    """Yield the schemes of identifiers of parties that XRechnung's extension does not know."""
    for rule in _EXTENDED:
        for element in elements(root, rule.broken):
            if element.get("schemeID") not in codes("scheme") | MORE_SCHEMES | {SEPA}:
                finding = rule.at(element.getroottree().getpath(element))
                yield replace(finding, rule_set=RuleSet.XRECHNUNG)


def not_broken(root: Any) -> frozenset[str]:
    """Return the rules that the document keeps, though its canonical invoice does not show it."""
    return FROM_DOCUMENT | {"BR-03"} if elements(root, _ISSUED) else FROM_DOCUMENT


_LINES = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_GROSS_BASE = (
    "ram:SpecifiedLineTradeAgreement[not(ram:NetPriceProductTradePrice/ram:BasisQuantity)]"
    "/ram:GrossPriceProductTradePrice/ram:BasisQuantity"
)


def with_bases_of_gross(root: Any, invoice: Invoice) -> Invoice:
    """Return the invoice with the gross price's base quantity (BT-149) where the net price has none.

    XRechnung's artefacts calculate so; a line whose amount closes without it is left as it is.
    """
    found = elements(root, _LINES)
    if len(found) != len(invoice.lines):
        return invoice
    changed = []
    for element, line in zip(found, invoice.lines, strict=True):
        base = _positive(elements(element, _GROSS_BASE))
        plain = line.quantity is not None and line.price.net is not None and line.net == line.quantity * line.price.net
        if base is None or plain:
            changed.append(line)
        else:
            price = line.price.model_copy(update={"base_quantity": base})
            changed.append(line.model_copy(update={"price": price}))
    return invoice.model_copy(update={"lines": tuple(changed)})


def _positive(found: Any) -> Decimal | None:
    try:
        value = Decimal((found[0].text or "").strip()) if found else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() and value > 0 else None
