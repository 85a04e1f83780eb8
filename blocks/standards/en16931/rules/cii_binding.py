"""The syntax binding of CII: what must stand once, and dates in the one form that is allowed."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from blocks.standards.en16931.rules.document_rules import (
    DocumentRule,
    DocumentRules,
    Seen,
    clark,
    elements,
    first_child,
)
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
_PRECEDING = clark("ram:InvoiceReferencedDocument")
_LISTED = clark("ram:ReferenceTypeCode")
_ISSUED = clark("ram:FormattedIssueDateTime")

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
        alone=tuple(clark(each) for each in _NAMES.findall(element)),
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
        "CII-SR-470",
        f"{_MEANS}[normalize-space(ram:TypeCode) = '30' or normalize-space(ram:TypeCode) = '58']"
        "[not(ram:PayeePartyCreditorFinancialAccount/ram:IBANID)]"
        "[not(ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID)]",
        "A transfer has no account to pay to; add the IBAN, or another account number.",
        "Eine Überweisung hat kein Konto; bitte die IBAN oder eine andere Kontonummer angeben.",
    ),
    DocumentRule(
        "CII-DT-033",
        "descendant::ram:BasisQuantity[@unitCode]"
        f"[not(/*/{_LINE}/ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode)]",
        "The price is for a unit, but no line has one; give the unit of the invoiced quantity.",
        "Der Preis gilt für eine Einheit, aber keine Position hat eine; bitte die Einheit der Menge angeben.",
    ),
    *(
        DocumentRule(
            rule,
            f"{_LINE}/ram:SpecifiedTradeProduct/ram:ApplicableProductCharacteristic[count(ram:{name}) != 1]",
            f"An attribute of an item must have its {name} exactly once; correct it.",
            f"Eine Artikeleigenschaft muss {name} genau einmal haben; bitte berichtigen.",
        )
        for rule, name in (("CII-SR-069", "Description"), ("CII-SR-072", "Value"))
    ),
    DocumentRule(
        "CII-SR-439",
        f"{_LINE}/ram:SpecifiedLineTradeAgreement[count(ram:NetPriceProductTradePrice/ram:ChargeAmount) != 1]",
        "The net price of a line must stand exactly once; correct it.",
        "Der Nettopreis einer Position muss genau einmal stehen; bitte berichtigen.",
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


def shown(seen: Seen, attributes: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Yield each rule of the binding that a CII document breaks, once, at the first place.

    Args:
        seen: The document.
        attributes: Its attributes, each with the name of its element.
    """
    yield from _RULES.first(seen)
    yield from _marks(seen, attributes)
    yield from _references(seen)
    if any(_of_another(tax) is not None for name in _TAXES for tax in seen.of(name)):
        found = next(filter(None.__ne__, map(_of_another, seen.each(*_TAXES))))
        yield _no_place("CII-DT-037", "").at(place_of(found))
    for element in seen.of(DATE):
        if element.get("format") == "102" and not _DATE.fullmatch(element.text or ""):
            yield _DATES.at(place_of(element))
            return


_OF_IDS = {
    name: f"CII-DT-{number:03}"
    for number, name in enumerate(
        ("schemeName", "schemeAgencyName", "schemeDataURI", "schemeURI", "schemeID", "schemeAgencyID"), 1
    )
} | {"schemeVersionID": "CII-DT-007"}
"""What the identifiers of document, specification, line and seller's article must not bear."""
_BARE_IDS = (
    f"{_CONTEXT}/{_GUIDELINE}/ram:ID[@{{0}}] | rsm:ExchangedDocument/ram:ID[@{{0}}]"
    f" | {_LINE}/ram:AssociatedDocumentLineDocument/ram:LineID[@{{0}}]"
    f" | {_LINE}/ram:SpecifiedTradeProduct/ram:SellerAssignedID[@{{0}}]"
)
_OF_OTHER_IDS = {name: f"CII-DT-{number}" for number, name in enumerate(list(_OF_IDS)[:4], 101)}
_OF_AMOUNTS = {"currencyID": "CII-DT-031", "currencyCodeListVersionID": "CII-DT-032"}
_OF_QUANTITIES = {
    "unitCodeListID": "CII-DT-034",
    "unitCodeListAgencyID": "CII-DT-035",
    "unitCodeListAgencyName": "CII-DT-036",
}
_BARE_NAMES = frozenset(clark(f"ram:{name}") for name in ("ID", "LineID", "SellerAssignedID"))
_VAT_TOTAL = clark("ram:TaxTotalAmount")


def _marks(seen: Seen, attributes: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Yield the attributes that identifiers, amounts and quantities must not bear."""
    known: set[str] = set()
    for tag, name in sorted(attributes):
        for rule, path in _forbidden(tag, name):
            found = elements(seen.root, path) if rule not in known else ()
            if found:
                known.add(rule)
                yield _no_place(rule, "").at(place_of(found[0]))


def _forbidden(tag: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the rules on an attribute of an element, each with the XPath to what breaks it."""
    local = tag.rpartition("}")[2]
    own = f"descendant::ram:{local}[@{name}]"
    if name in _OF_IDS and tag in _BARE_NAMES:
        yield _OF_IDS[name], _BARE_IDS.format(name)
    if name in _OF_OTHER_IDS and local.endswith("ID"):
        bare = _BARE_IDS.format(name).replace("rsm:", "/*/rsm:")
        yield _OF_OTHER_IDS[name], f"{own}[count(. | {bare}) > count({bare})]"
    if name in _OF_AMOUNTS and local.endswith("Amount") and tag != _VAT_TOTAL:
        yield _OF_AMOUNTS[name], own
    if name in _OF_QUANTITIES and local.endswith("Quantity"):
        yield _OF_QUANTITIES[name], own


def _of_another(group: Any) -> Any:
    """Return the type of a group of tax where it is another than VAT."""
    kind = first_child(group, _TYPE)
    return None if kind is None or kind.text == "VAT" else kind


def _references(seen: Seen) -> Iterator[Finding]:
    """Yield what references to other documents hold and must not."""
    known: set[str] = set()
    for reference in seen.each(*seen.ending("ReferencedDocument")):
        supporting = reference.tag == _SUPPORTING and reference.findtext(_TYPE) == "916"
        for child in reference:
            rule = _OF_REFERENCES.get(child.tag) or ("" if supporting else _OF_OTHER_REFERENCES.get(child.tag, ""))
            rule = rule or _misplaced(reference, child)
            if rule and rule not in known:
                known.add(rule)
                yield _no_place(rule, "").at(place_of(child))


def _misplaced(reference: Any, child: Any) -> str:
    """Return the rule that a type, its code list or a day breaks where it does not belong; '' where it does."""
    kind = reference.findtext(_TYPE) or ""
    if child.tag == _TYPE:
        return "" if reference.tag == _SUPPORTING and kind in {"50", "130", "916"} else "CII-DT-018"
    if child.tag == _LISTED:
        return "" if reference.tag == _SUPPORTING and kind == "130" else "CII-DT-024"
    if child.tag == _ISSUED:
        return "" if reference.tag == _PRECEDING else "CII-DT-027"
    return ""


IDS = _RULES.ids | {
    *("CII-DT-018", "CII-DT-024", "CII-DT-027", "CII-DT-037", _DATES.id),
    *_OF_REFERENCES.values(),
    *_OF_OTHER_REFERENCES.values(),
    *_OF_IDS.values(),
    *_OF_OTHER_IDS.values(),
    *_OF_AMOUNTS.values(),
    *_OF_QUANTITIES.values(),
}
"""The ids of all rules of the binding whose breach is an error."""
