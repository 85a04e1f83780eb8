"""The syntax binding of CII: what must stand once, and dates in the one form that is allowed."""

import re
from collections.abc import Iterator

from blocks.standards.en16931.rules.document_rules import DocumentRule, DocumentRules, Seen, clark, first_child
from blocks.standards.en16931.rules.rule import Finding
from blocks.standards.en16931.xml import place_of

_CONTEXT = "rsm:ExchangedDocumentContext"
_GUIDELINE = "ram:GuidelineSpecifiedDocumentContextParameter"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"

_LINE = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_CHARGES = "descendant::ram:SpecifiedTradeAllowanceCharge"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"

_OF_REFERENCES = {
    clark(f"ram:{name}"): f"CII-DT-{number:03}"
    for number, name in (
        *((16, "StatusCode"), (17, "CopyIndicator"), (19, "GlobalID"), (20, "RevisionID"), (23, "Information")),
        *((25, "SectionName"), (26, "PreviousRevisionID"), (28, "EffectiveSpecifiedPeriod")),
        *((29, "IssuerTradeParty"), (30, "AttachedSpecifiedBinaryFile")),
    )
}
"""What no reference to another document may hold, and the rule that says so."""
_OF_OTHER_REFERENCES = {
    clark(f"ram:{name}"): f"CII-DT-{number:03}"
    for number, name in ((15, "URIID"), (21, "Name"), (22, "AttachmentBinaryObject"))
}
"""What only a supporting document (type 916) may hold."""

_TAXES = (clark("ram:ApplicableTradeTax"), clark("ram:CategoryTradeTax"))
_TYPE = clark("ram:TypeCode")
_SUPPORTING = clark("ram:AdditionalReferencedDocument")

_ONCE: tuple[tuple[str, str, str], ...] = (
    ("CII-SR-440", "descendant::ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge", "ram:ActualAmount"),
    ("CII-SR-441", f"{_LINE}/ram:SpecifiedLineTradeAgreement", "ram:NetPriceProductTradePrice/ram:ChargeAmount"),
    ("CII-SR-455", _AGREEMENT, "ram:SellerTradeParty/ram:DefinedTradeContact"),
    ("CII-SR-456", _AGREEMENT, "ram:BuyerTradeParty/ram:DefinedTradeContact"),
    ("CII-SR-459", _AGREEMENT, "ram:SellerTradeParty/ram:URIUniversalCommunication"),
    ("CII-SR-460", _AGREEMENT, "ram:BuyerTradeParty/ram:URIUniversalCommunication"),
    ("CII-SR-461", _SETTLEMENT, "ram:ApplicableTradeTax/ram:TaxPointDate"),
    ("CII-SR-469", _SETTLEMENT, "ram:PaymentReference"),
    ("CII-SR-471", _CHARGES, "ram:RateApplicablePercent"),
    ("CII-SR-472", _CHARGES, "ram:CategoryTradeTax"),
    ("CII-SR-473", _CHARGES, "ram:ActualAmount"),
    *(
        (f"CII-SR-{number}", _SUMS, f"ram:{name}")
        for number, name in enumerate(
            (
                *("LineTotalAmount", "ChargeTotalAmount", "AllowanceTotalAmount", "TaxBasisTotalAmount"),
                *("RoundingAmount", "GrandTotalAmount", "InformationAmount", "TotalPrepaidAmount"),
                *("TotalDiscountAmount", "TotalAllowanceChargeAmount", "DuePayableAmount"),
                *("RetailValueExcludingTaxInformationAmount", "TotalDepositFeeInformationAmount"),
                *("ProductValueExcludingTobaccoTaxInformationAmount", "TotalRetailValueInformationAmount"),
                *("GrossLineTotalAmount", "NetLineTotalAmount", "NetIncludingTaxesLineTotalAmount"),
            ),
            477,
        )
    ),
)
"""Rule, the group that is looked at, and what it may hold once at the most."""


_NAMES = re.compile(r"ram:[A-Za-z]+")


def _once(rule: str, group: str, element: str) -> DocumentRule:
    name = element.rpartition(":")[2]
    return DocumentRule(
        rule,
        f"{group}[count({element}) > 1]",
        f"{name} stands here more than once; an e-invoice has one at the most: leave one.",
        f"{name} steht hier mehrfach; eine E-Rechnung hat höchstens eines: bitte nur eines angeben.",
        twice=f"ram:{name}",
        needs=tuple(_NAMES.findall(element)),
    )


_NO_PLACE: tuple[tuple[str, str], ...] = (
    ("CII-DT-013", "self::*[@languageID]"),
    ("CII-DT-014", "self::*[@languageLocaleID]"),
    ("CII-DT-008", "descendant::ram:TypeCode[@name]"),
    ("CII-DT-009", "descendant::ram:TypeCode[@listURI]"),
    ("CII-DT-010", "rsm:ExchangedDocument/ram:TypeCode[@listID]"),
    ("CII-DT-011", "rsm:ExchangedDocument/ram:TypeCode[@listAgencyID]"),
    ("CII-DT-012", "rsm:ExchangedDocument/ram:TypeCode[@listVersionID]"),
    *(
        (f"CII-DT-{number:03}", f"descendant::ram:BillingSpecifiedPeriod/{name}")
        for number, name in enumerate(
            (
                *("ram:StartDateTime/udt:DateTime", "ram:DurationMeasure", "ram:InclusiveIndicator"),
                *("ram:Description", "ram:EndDateTime/udt:DateTime", "ram:CompleteDateTime", "ram:OpenIndicator"),
                *("ram:SeasonCode", "ram:ID", "ram:Name", "ram:SequenceNumeric", "ram:StartDateFlexibilityCode"),
                *("ram:ContinuousIndicator", "ram:PurposeCode"),
            ),
            68,
        )
    ),
    *(
        (f"CII-DT-{number:03}", f"descendant::ram:PostalTradeAddress/ram:{name}")
        for number, name in (
            *((82, "ID"), (83, "PostOfficeBox"), (84, "BuildingName"), (86, "LineFour"), (87, "LineFive")),
            *((88, "StreetName"), (89, "CitySubDivisionName"), (90, "CountryName"), (91, "CountrySubDivisionID")),
            *((92, "AttentionOf"), (93, "CareOf"), (94, "BuildingNumber"), (95, "DepartmentName")),
            (96, "AdditionalStreetName"),
        )
    ),
)
"""What CII has and its binding to EN 16931 has no place for."""


def _no_place(rule: str, broken: str) -> DocumentRule:
    return DocumentRule(
        rule,
        broken,
        "This has no place in an invoice of EN 16931; leave it out.",
        "Das hat in einer Rechnung nach EN 16931 keinen Platz; bitte weglassen.",
    )


_RULES = DocumentRules(
    *(_once(*one) for one in _ONCE),
    *(_no_place(*one) for one in _NO_PLACE),
    DocumentRule(
        "CII-SR-014",
        "rsm:ExchangedDocument[count(ram:TypeCode) != 1]",
        "The type of the invoice (BT-3) must stand exactly once; correct it.",
        "Der Rechnungstyp (BT-3) muss genau einmal stehen; bitte berichtigen.",
    ),
    DocumentRule(
        "CII-SR-046",
        f"{_LINE}/ram:SpecifiedTradeProduct[ram:GlobalID[not(@schemeID)]][not(ram:GlobalID/@schemeID)]",
        "The item's standard identifier has no scheme; add it.",
        "Die Artikelkennung hat kein Schema; bitte ergänzen.",
    ),
    DocumentRule(
        "CII-SR-090",
        f"{_LINE}/ram:SpecifiedTradeProduct[ram:OriginTradeCountry][count(ram:OriginTradeCountry/ram:ID) != 1]",
        "The country of origin must be given exactly once; correct it.",
        "Das Ursprungsland muss genau einmal stehen; bitte berichtigen.",
    ),
    DocumentRule(
        "CII-SR-463",
        f"{_CHARGES}[not(ram:ChargeIndicator)]",
        "Whether this is an allowance or a charge is not said; add the indicator.",
        "Ob dies ein Nachlass oder ein Zuschlag ist, fehlt; bitte angeben.",
    ),
    DocumentRule(
        "CII-SR-467",
        f"{_MEANS}/ram:TypeCode[normalize-space() != normalize-space(../../ram:SpecifiedTradeSettlementPaymentMeans"
        "[ram:TypeCode][1]/ram:TypeCode)]",
        "The means of payment have different codes; an invoice has one.",
        "Die Zahlungswege haben verschiedene Codes; eine Rechnung hat nur einen.",
        twice="ram:SpecifiedTradeSettlementPaymentMeans",
    ),
    DocumentRule(
        "CII-SR-468",
        f"{_MEANS}/ram:Information[normalize-space() != normalize-space(../../ram:SpecifiedTradeSettlementPaymentMeans"
        "[ram:Information][1]/ram:Information)]",
        "The means of payment have different texts; an invoice has one.",
        "Die Zahlungswege haben verschiedene Texte; eine Rechnung hat nur einen.",
        twice="ram:SpecifiedTradeSettlementPaymentMeans",
    ),
    DocumentRule(
        "CII-SR-009",
        f"{_CONTEXT}[count({_GUIDELINE}) != 1]",
        "The specification that the invoice follows (BT-24) is missing; name it.",
        "Die Spezifikation, der die Rechnung folgt (BT-24), fehlt; bitte angeben.",
    ),
    DocumentRule(
        "CII-SR-010",
        f"{_CONTEXT}[count({_GUIDELINE}/ram:ID) != 1]",
        "The identifier of the specification (BT-24) is missing; name it.",
        "Die Kennung der Spezifikation (BT-24) fehlt; bitte angeben.",
    ),
    DocumentRule(
        "CII-SR-462",
        f"{_SETTLEMENT}[ram:ApplicableTradeTax/ram:DueDateTypeCode"
        "[. != ../../ram:ApplicableTradeTax/ram:DueDateTypeCode]]",
        "Different codes of the tax point (BT-8) stand here; give one.",
        "Hier stehen verschiedene Codes der Steuerfälligkeit (BT-8); bitte einen angeben.",
    ),
)
_DATES = DocumentRule(
    "CII-DT-097",
    "",
    "The date is not written as year, month and day (YYYYMMDD); correct it.",
    "Das Datum ist nicht als Jahr, Monat und Tag geschrieben (JJJJMMTT); bitte berichtigen.",
)
DATE = clark("udt:DateTimeString")
_DATE = re.compile(r"\s*[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])\s*")


def shown(seen: Seen) -> Iterator[Finding]:
    """Yield each rule of the binding that a CII document breaks, once, at the first place."""
    yield from _RULES.first(seen)
    yield from _references(seen)
    for element in seen.each(*_TAXES):
        kind = first_child(element, _TYPE)
        if kind is not None and kind.text != "VAT":
            yield _no_place("CII-DT-037", "").at(place_of(kind))
            break
    for element in seen.of(DATE) if DATE in seen.counts else ():
        if element.get("format") == "102" and not _DATE.fullmatch(element.text or ""):
            yield _DATES.at(place_of(element))
            return


def _references(seen: Seen) -> Iterator[Finding]:
    """Yield what references to other documents hold and must not."""
    known: set[str] = set()
    for reference in seen.each(*seen.ending("ReferencedDocument")):
        supporting = reference.tag == _SUPPORTING and reference.findtext(_TYPE) == "916"
        for child in reference:
            rule = _OF_REFERENCES.get(child.tag) or ("" if supporting else _OF_OTHER_REFERENCES.get(child.tag, ""))
            if rule and rule not in known:
                known.add(rule)
                yield _no_place(rule, "").at(place_of(child))
