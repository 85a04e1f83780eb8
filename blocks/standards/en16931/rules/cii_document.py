"""What only the CII document shows: groups that are there but empty, repeated totals, codes that CII keeps apart."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.code_lists import SEPA
from blocks.standards.en16931.rules.document_rules import (
    DocumentRule,
    DocumentRules,
    Seen,
    clark,
    elements,
    first_child,
)
from blocks.standards.en16931.rules.lists import codes
from blocks.standards.en16931.rules.rule import Finding, RuleSet
from blocks.standards.en16931.rules.xrechnung_extension import MORE_SCHEMES
from blocks.standards.en16931.xml import place_of

_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_PARTY = "*[self::ram:SellerTradeParty or self::ram:BuyerTradeParty or self::ram:PayeeTradeParty]"

_UNDATED = (
    "self::*[not(rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString[@format = '102'][normalize-space()])]"
)
_MEANS = "descendant::ram:SpecifiedTradeSettlementPaymentMeans"
_TRANSFERS = f"{_MEANS}[ram:TypeCode = '30' or ram:TypeCode = '58']/ram:PayeePartyCreditorFinancialAccount"
_BACKWARDS = (
    "ram:BillingSpecifiedPeriod[ram:StartDateTime and ram:EndDateTime]"
    "[not(ram:EndDateTime/udt:DateTimeString[@format = '102']"
    " >= ram:StartDateTime/udt:DateTimeString[@format = '102'])]"
)
_PERIOD = (
    "The period does not end on or after its first day, both as YYYYMMDD (format 102); correct one of them.",
    "Der Zeitraum endet nicht am oder nach seinem Beginn, beide als JJJJMMTT (Format 102); bitte berichtigen.",
)

_RULES = DocumentRules(
    DocumentRule(
        "BR-03",
        _UNDATED,
        "The issue date is missing, or not in the format 102; add it.",
        "Das Rechnungsdatum fehlt oder hat nicht das Format 102; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-09",
        f"self::*[not({_AGREEMENT}/ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID[normalize-space()])]",
        "The country of the seller's address is missing; add it.",
        "Das Land des Verkäufers fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-11",
        f"self::*[not({_AGREEMENT}/ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID[normalize-space()])]",
        "The country of the buyer's address is missing; add it.",
        "Das Land des Käufers fehlt; bitte ergänzen.",
    ),
    DocumentRule("BR-29", f"{_SETTLEMENT}/{_BACKWARDS}", *_PERIOD),
    DocumentRule("BR-30", f"descendant::ram:SpecifiedLineTradeSettlement/{_BACKWARDS}", *_PERIOD),
    DocumentRule(
        "BR-49",
        f"{_MEANS}[not(ram:TypeCode)]",
        "The code of the payment means is missing; add it.",
        "Der Code der Zahlungsart fehlt; bitte ergänzen.",
    ),
    DocumentRule(
        "BR-50",
        f"{_TRANSFERS}[not(ram:IBANID[normalize-space()] or ram:ProprietaryID[normalize-space()])]",
        "An account to pay to has no number; add the IBAN.",
        "Ein Konto, auf das zu zahlen ist, hat keine Nummer; bitte die IBAN ergänzen.",
    ),
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
        "BR-CO-19",
        f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod[not(ram:StartDateTime or ram:EndDateTime)]",
        "The invoicing period has neither a first nor a last day; give one of them.",
        "Der Abrechnungszeitraum hat weder Beginn noch Ende; bitte eines angeben.",
    ),
    DocumentRule(
        "BR-CO-20",
        "descendant::ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod"
        "[not(ram:StartDateTime or ram:EndDateTime)]",
        "The period of the line has neither a first nor a last day; give one of them.",
        "Der Zeitraum der Position hat weder Beginn noch Ende; bitte eines angeben.",
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
_EXTENDED = (
    DocumentRule("BR-DEX-04", f"//{_PARTY}/ram:GlobalID[@schemeID]", *_SCHEME),
    DocumentRule("BR-DEX-05", f"//{_PARTY}/ram:ID[@schemeID]", *_SCHEME),
)
"""The same two kinds by the rules of XRechnung's extension, which has schemes of its own beside the list."""

_TAXES = (clark("ram:ApplicableTradeTax"), clark("ram:CategoryTradeTax"))
_TYPE = clark("ram:TypeCode")
_NO = "ram:ChargeIndicator/udt:Indicator = 'false'"
_YES = "ram:ChargeIndicator/udt:Indicator = 'true'"
_LINE = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_OTHER_TAXES = (
    "descendant::*[self::ram:ApplicableTradeTax or self::ram:CategoryTradeTax]"
    "[not(translate(ram:TypeCode, 'vat', 'VAT') = 'VAT')]"
)
_BROKEN: dict[str, str] = {
    "BR-03": _UNDATED,
    "BR-31": f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge[{_NO}][not(ram:ActualAmount)]",
    "BR-36": f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge[{_YES}][not(ram:ActualAmount)]",
    "BR-41": f"descendant::ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge[{_NO}]"
    "[not(ram:ActualAmount)]",
    "BR-43": f"descendant::ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge[{_YES}]"
    "[not(ram:ActualAmount)]",
    "BR-61": f"{_TRANSFERS}[not(ram:IBANID or ram:ProprietaryID)]",
    "BR-08": f"self::*[not({_AGREEMENT}/ram:SellerTradeParty/ram:PostalTradeAddress)]",
    "BR-10": f"self::*[not({_AGREEMENT}/ram:BuyerTradeParty/ram:PostalTradeAddress)]",
    "BR-45": f"{_SETTLEMENT}/ram:ApplicableTradeTax[not(ram:BasisAmount)]",
    "BR-46": f"{_SETTLEMENT}/ram:ApplicableTradeTax[not(ram:CalculatedAmount)]",
    "BR-CO-04": f"{_LINE}[not(descendant::ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax"
    "[translate(ram:TypeCode, 'vat', 'VAT') = 'VAT']/ram:CategoryCode)]",
    **dict.fromkeys(("BR-12", "BR-13", "BR-14", "BR-15", "BR-CO-16"), _SUMS),
}
"""What must be found in a document that breaks a rule: one whose element is there, but wrong, has a defect of its own.
"""


def shown(seen: Seen) -> Iterator[Finding]:
    """Yield what the canonical invoice cannot show of a CII document."""
    yield from _RULES.findings(seen)


def schemes_of_extension(root: Any) -> Iterator[Finding]:
    """Yield the schemes of identifiers of parties that XRechnung's extension does not know."""
    for rule in _EXTENDED:
        for element in elements(root, rule.broken):
            if element.get("schemeID") not in codes("scheme") | MORE_SCHEMES | {SEPA}:
                finding = rule.at(place_of(element))
                yield replace(finding, rule_set=RuleSet.XRECHNUNG)


def breaks(seen: Seen, rule: str) -> bool:
    """Return whether a document really breaks a rule that its canonical invoice breaks."""
    expression = _BROKEN.get(rule)
    return expression is None or bool(elements(seen.root, expression))


def has_other_taxes(seen: Seen) -> bool:
    """Return whether groups of another tax than VAT stand in the document."""
    kinds = (first_child(tax, _TYPE) for name in _TAXES for tax in seen.of(name))
    return any(kind is None or kind.text != "VAT" for kind in kinds) and bool(elements(seen.root, _OTHER_TAXES))


def with_vat_only(seen: Seen, *, breakdown_only: bool) -> Any:
    """Return a copy of the document whose groups of other taxes have neither category nor rate."""
    copied = deepcopy(seen.root)
    for element in elements(copied, f"{_SETTLEMENT}/{_OTHER_TAXES}" if breakdown_only else _OTHER_TAXES):
        category = element.find(clark("ram:CategoryCode"))
        rate = element.find(clark("ram:RateApplicablePercent"))
        for one in (category, rate):
            if one is not None:
                element.remove(one)
    return copied


_GROSS_BASE = (
    "ram:SpecifiedLineTradeAgreement[not(ram:NetPriceProductTradePrice/ram:BasisQuantity)]"
    "/ram:GrossPriceProductTradePrice/ram:BasisQuantity"
)


def with_bases_of_gross(root: Any, invoice: Invoice) -> Invoice:
    """Return the invoice with the gross price's base quantity (BT-149) where the net price has none.

    XRechnung's artefacts calculate so; a line whose amount closes without it is left as it is.
    """
    found = elements(root, _LINE)
    if len(found) != len(invoice.lines) or not elements(root, f"{_LINE}/{_GROSS_BASE}"):
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
