"""What XRechnung asks of the document itself: no empty elements, Skonto to the letter, one total of VAT."""

from collections.abc import Iterator

from blocks.standards.en16931.rules.document_rules import DocumentRule, DocumentRules, Seen, elements
from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity
from blocks.standards.en16931.rules.xrechnung import skonto_faults
from blocks.standards.en16931.rules.xrechnung_extension import SPECIFICATION as EXTENSION
from blocks.standards.en16931.xml import place_of, short_name

_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"

_PRICES = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeAgreement"
_GROSS, _NET = "ram:GrossPriceProductTradePrice/ram:BasisQuantity", "ram:NetPriceProductTradePrice/ram:BasisQuantity"
_GUIDELINE = "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"

_ONE_VAT = (
    "VAT must be broken down once, in the currency of the invoice; give one total with its groups.",
    "Die Steuer ist genau einmal aufzuschlüsseln, in der Rechnungswährung; bitte einen Betrag mit Gruppen angeben.",
)
_ACCOUNTING = (
    "The VAT total in the accounting currency must stand once where that currency is given, else not at all.",
    "Der Steuerbetrag in der Abrechnungswährung muss einmal stehen, wo diese angegeben ist, sonst gar nicht.",
)
_CHARGE = (
    "A charge stands on a price; only a discount may: give the price with the charge in it.",
    "Auf einem Preis steht ein Zuschlag; dort darf nur ein Nachlass stehen: bitte den Preis mit Zuschlag angeben.",
)

_INDICATOR = (
    "Whether this is a charge is neither true nor false; correct it.",
    "Ob dies ein Zuschlag ist, steht weder als true noch als false da; bitte berichtigen.",
)
_NEITHER = "[normalize-space() != 'true' and normalize-space() != 'false']"

_RULES = DocumentRules(
    DocumentRule(
        "PEPPOL-EN16931-R043-1",
        f"descendant::cac:AllowanceCharge[not(parent::cac:Price)]/cbc:ChargeIndicator{_NEITHER}"
        f" | descendant::ram:SpecifiedTradeAllowanceCharge/ram:ChargeIndicator{_NEITHER}",
        *_INDICATOR,
    ),
    DocumentRule(
        "PEPPOL-EN16931-R043-2",
        f"descendant::cac:Price/cac:AllowanceCharge/cbc:ChargeIndicator{_NEITHER}"
        f" | descendant::ram:AppliedTradeAllowanceCharge/ram:ChargeIndicator{_NEITHER}",
        *_INDICATOR,
    ),
    DocumentRule(
        "PEPPOL-EN16931-R053",
        "self::*[self::ubl:Invoice or self::cn:CreditNote][count(cac:TaxTotal[cac:TaxSubtotal]) != 1]",
        *_ONE_VAT,
    ),
    DocumentRule(
        "PEPPOL-EN16931-R054",
        "self::*[self::ubl:Invoice or self::cn:CreditNote]"
        "[count(cac:TaxTotal[not(cac:TaxSubtotal)]) != count(cbc:TaxCurrencyCode)]",
        *_ACCOUNTING,
    ),
    DocumentRule(
        "PEPPOL-EN16931-R053",
        f"{_SUMS}[count(ram:TaxTotalAmount[@currencyID = ../../ram:InvoiceCurrencyCode]) > 1]",
        *_ONE_VAT,
    ),
    DocumentRule(
        "PEPPOL-EN16931-R054",
        f"{_SUMS}[count(ram:TaxTotalAmount[@currencyID != ../../ram:InvoiceCurrencyCode])"
        " != count(../ram:TaxCurrencyCode)]",
        *_ACCOUNTING,
    ),
    DocumentRule(
        "PEPPOL-EN16931-R044",
        "descendant::cac:Price/cac:AllowanceCharge[normalize-space(cbc:ChargeIndicator) != 'false']",
        *_CHARGE,
    ),
    DocumentRule(
        "BR-TMP-3",
        f"{_PRICES}[{_GROSS}][{_NET}][number({_GROSS}) != number({_NET}) or {_GROSS}/@unitCode != {_NET}/@unitCode]",
        "Gross and net price are for different quantities or units; give the same for both, or for the net price only.",
        "Brutto- und Nettopreis gelten für verschiedene Mengen oder Einheiten; bitte angleichen.",
        needs=("ram:GrossPriceProductTradePrice", "ram:NetPriceProductTradePrice", "ram:BasisQuantity"),
    ),
    DocumentRule(
        "BR-DEX-15",
        f"self::*[contains({_GUIDELINE}, '{EXTENSION}')][descendant::ram:ParentLineID]",
        "Lines stand below lines, which XRechnung's extension knows in UBL only; give them side by side.",
        "Positionen stehen unter Positionen, was die Extension nur in UBL kennt; bitte nebeneinander angeben.",
        Severity.WARNING,
        needs=("ram:ParentLineID",),
    ),
    DocumentRule(
        "PEPPOL-EN16931-R044",
        "descendant::ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:ChargeIndicator"
        "[normalize-space() != 'false']",
        *_CHARGE,
    ),
)
_EMPTY = DocumentRule(
    "PEPPOL-EN16931-R008",
    "",
    "An element is empty; fill it, or leave it out.",
    "Ein Element ist leer; bitte füllen oder weglassen.",
)
COVERS = {"PEPPOL-EN16931-R044": ("PEPPOL-EN16931-R046",)}
"""Rules that say nothing more where the first is broken: a charge on a price is no discount to calculate with."""

_SKONTO = DocumentRule(
    "BR-DE-18",
    f"cac:PaymentTerms/cbc:Note[1] | {_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:Description[1]",
    "Skonto must be written as #SKONTO#TAGE=14#PROZENT=2.00# in a line of its own that ends; correct it.",
    "Skonto ist als #SKONTO#TAGE=14#PROZENT=2.00# in einer eigenen, abgeschlossenen Zeile zu schreiben.",
)


def shown(seen: Seen) -> Iterator[Finding]:
    """Yield what XRechnung finds in a document, UBL or CII; a rule once, at the first place that breaks it."""
    yield from map(_as_xrechnung, _RULES.first(seen))
    for element in seen.empty():
        if short_name(element.tag) != "ram:ApplicableHeaderTradeDelivery":
            yield _as_xrechnung(_EMPTY.at(place_of(element)))
            break
    for element in elements(seen.root, _SKONTO.broken):
        if any(skonto_faults(element.text or "")):
            yield _as_xrechnung(_SKONTO.at(place_of(element)))


def _as_xrechnung(finding: Finding) -> Finding:
    return Finding(finding.rule, RuleSet.XRECHNUNG, finding.severity, finding.location, finding.english, finding.german)
