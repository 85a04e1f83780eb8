"""Codes as they stand in a document (BR-CL-*): each element or attribute that holds one, looked up in its list.

The canonical invoice holds one code where a document may have several, and none where it is blank; here each counts.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from blocks.standards.en16931.code_lists import SEPA
from blocks.standards.en16931.reading import Syntax
from blocks.standards.en16931.rules.coded import RULES
from blocks.standards.en16931.rules.document_rules import Seen, clark
from blocks.standards.en16931.rules.lists import codes
from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity
from blocks.standards.en16931.xml import place_of

_NOTE_CODE = re.compile(r"[^#]*#([^#]{3})#", re.DOTALL)
_MOST = 100
"""Findings of one rule in one document; a hostile one must not fill the report."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Where a code stands.

    Attributes:
        rule: The rule that wants it of its list.
        list: The list's name.
        attribute: The attribute that holds it; '' for the element's text.
        within: Names of the parent, one of which it must have; none: any.
        demanded: Whether an attribute that is absent breaks the rule as well.
        asked: Whether the rule asks for this element at all.
    """

    rule: str
    list: str
    attribute: str = ""
    within: tuple[str, ...] = ()
    demanded: bool = False
    asked: Callable[[Any], bool] | None = None


def _ancestor(*names: str) -> Callable[[Any], bool]:
    wanted = frozenset(clark(name) for name in names)
    return lambda element: any(one.tag in wanted for one in element.iterancestors())


def _no_ancestor(*names: str) -> Callable[[Any], bool]:
    found = _ancestor(*names)
    return lambda element: not found(element)


def _object(element: Any) -> bool:
    kind = element.getparent().find(clark("cbc:DocumentTypeCode"))
    return kind is not None and (kind.text or "").strip() == "130"


def _no_creditor(element: Any) -> bool:
    """Return whether an identifier is none of a creditor, which seller and payee may have (SEPA)."""
    creditor = (element.get("schemeID") or "").strip() == SEPA
    return not (creditor and _ancestor("cac:AccountingSupplierParty", "cac:PayeeParty")(element))


def _indicator(element: Any) -> str:
    parent = element.getparent()
    found = parent.find(clark("cbc:ChargeIndicator"))
    if found is None:
        found = parent.find(f"{clark('ram:ChargeIndicator')}/{clark('udt:Indicator')}")
    return (found.text or "").strip() if found is not None else ""


def _allowance(element: Any) -> bool:
    return _indicator(element) in {"false", "0"}


def _charge(element: Any) -> bool:
    return _indicator(element) in {"true", "1"}


_of_a_party = _no_ancestor("ram:SpecifiedTradeProduct", "ram:ShipToTradeParty")
_of_delivery = _ancestor("ram:ApplicableHeaderTradeDelivery")
_AMOUNTS = (
    "Amount BaseAmount PriceAmount TaxAmount TaxableAmount LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount"
    " AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount"
)
_OBJECTS = ("cac:AdditionalDocumentReference", "cac:DocumentReference")

_UBL: dict[str, tuple[Coded, ...]] = {
    "cbc:InvoiceTypeCode": (Coded("BR-CL-01", "invoice_type"),),
    "cbc:CreditNoteTypeCode": (Coded("BR-CL-01", "credit_note_type"),),
    **{f"cbc:{name}": (Coded("BR-CL-03", "currency", "currencyID", demanded=True),) for name in _AMOUNTS.split()},
    "cbc:DocumentCurrencyCode": (Coded("BR-CL-04", "currency"),),
    "cbc:TaxCurrencyCode": (Coded("BR-CL-05", "currency"),),
    "cbc:DescriptionCode": (Coded("BR-CL-06", "tax_point", within=("cac:InvoicePeriod",)),),
    "cbc:ID": (
        Coded("BR-CL-07", "object_scheme", "schemeID", _OBJECTS, asked=_object),
        Coded("BR-CL-10", "scheme", "schemeID", ("cac:PartyIdentification",), asked=_no_creditor),
        Coded("BR-CL-17", "vat_category", within=("cac:TaxCategory",)),
        Coded("BR-CL-18", "vat_category", within=("cac:ClassifiedTaxCategory",)),
        Coded("BR-CL-21", "scheme", "schemeID", ("cac:StandardItemIdentification",)),
        Coded("BR-CL-26", "scheme", "schemeID", ("cac:DeliveryLocation",)),
    ),
    "cbc:CompanyID": (Coded("BR-CL-11", "scheme", "schemeID", ("cac:PartyLegalEntity",)),),
    "cbc:ItemClassificationCode": (Coded("BR-CL-13", "item_class", "listID", ("cac:CommodityClassification",)),),
    "cbc:IdentificationCode": (
        Coded("BR-CL-14", "country", within=("cac:Country",)),
        Coded("BR-CL-15", "country", within=("cac:OriginCountry",)),
    ),
    "cbc:PaymentMeansCode": (Coded("BR-CL-16", "payment_means", within=("cac:PaymentMeans",)),),
    "cbc:AllowanceChargeReasonCode": (
        Coded("BR-CL-19", "allowance_reason", within=("cac:AllowanceCharge",), asked=_allowance),
        Coded("BR-CL-20", "charge_reason", within=("cac:AllowanceCharge",), asked=_charge),
    ),
    "cbc:TaxExemptionReasonCode": (Coded("BR-CL-22", "vat_exemption"),),
    **{
        f"cbc:{name}": (Coded("BR-CL-23", "unit", "unitCode"),)
        for name in ("InvoicedQuantity", "BaseQuantity", "CreditedQuantity")
    },
    "cbc:EmbeddedDocumentBinaryObject": (Coded("BR-CL-24", "attachment", "mimeCode"),),
    "cbc:EndpointID": (Coded("BR-CL-25", "electronic_address", "schemeID"),),
}

_CII: dict[str, tuple[Coded, ...]] = {
    "ram:TypeCode": (
        Coded("BR-CL-01", "document_type", within=("rsm:ExchangedDocument",)),
        Coded("BR-CL-16", "payment_means", within=("ram:SpecifiedTradeSettlementPaymentMeans",)),
    ),
    "ram:TaxTotalAmount": (Coded("BR-CL-03", "currency", "currencyID"),),
    "ram:InvoiceCurrencyCode": (Coded("BR-CL-04", "currency"),),
    "ram:TaxCurrencyCode": (Coded("BR-CL-05", "currency"),),
    "ram:DueDateTypeCode": (Coded("BR-CL-06", "tax_point_of_cii"),),
    "ram:ReferenceTypeCode": (Coded("BR-CL-07", "object_scheme"),),
    "ram:SubjectCode": (Coded("BR-CL-08", "note_subject"),),
    "ram:GlobalID": (
        Coded(
            "BR-CL-10", "scheme", "schemeID", asked=_no_ancestor("ram:SpecifiedTradeProduct", "ram:ShipToTradeParty")
        ),
        Coded("BR-CL-21", "scheme", "schemeID", ("ram:SpecifiedTradeProduct",)),
        Coded(
            "BR-CL-26",
            "scheme",
            "schemeID",
            ("ram:ShipToTradeParty",),
            asked=_ancestor("ram:ApplicableHeaderTradeDelivery"),
        ),
    ),
    "ram:ID": (
        Coded("BR-CL-11", "scheme", "schemeID", asked=_no_ancestor("ram:SpecifiedTaxRegistration")),
        Coded("BR-CL-15", "country", within=("ram:OriginTradeCountry",)),
    ),
    "ram:ClassCode": (Coded("BR-CL-13", "item_class", "listID"),),
    "ram:CountryID": (Coded("BR-CL-14", "country"),),
    "ram:CategoryCode": (
        Coded("BR-CL-17", "vat_category", within=("ram:CategoryTradeTax",)),
        Coded("BR-CL-18", "vat_category", within=("ram:ApplicableTradeTax",)),
    ),
    "ram:ReasonCode": (
        Coded("BR-CL-19", "allowance_reason", within=("ram:SpecifiedTradeAllowanceCharge",), asked=_allowance),
        Coded("BR-CL-20", "charge_reason", within=("ram:SpecifiedTradeAllowanceCharge",), asked=_charge),
    ),
    "ram:ExemptionReasonCode": (Coded("BR-CL-22", "vat_exemption"),),
    "ram:BasisQuantity": (Coded("BR-CL-23", "unit", "unitCode"),),
    "ram:BilledQuantity": (Coded("BR-CL-23", "unit", "unitCode"),),
    "ram:AttachmentBinaryObject": (Coded("BR-CL-24", "attachment", "mimeCode"),),
    "ram:URIID": (Coded("BR-CL-25", "electronic_address", "schemeID", ("ram:URIUniversalCommunication",)),),
}

_Resolved = tuple[Coded, frozenset[str]]
_Places = dict[str, tuple[_Resolved, ...]]
_ANYWHERE = ""


@cache
def table(syntax: Syntax) -> dict[str, _Places]:
    """Return what is looked up in a syntax: by the element's name, then by its parent's ('' for any), with the list."""
    return {clark(name): _by_parent(places) for name, places in (_CII if syntax is Syntax.CII else _UBL).items()}


def _by_parent(places: tuple[Coded, ...]) -> _Places:
    free = tuple((one, codes(one.list)) for one in places if not one.within)
    found = {_ANYWHERE: free}
    for one in places:
        for parent in one.within:
            found[clark(parent)] = (*found.get(clark(parent), free), (one, codes(one.list)))
    return found


def shown(seen: Seen, syntax: Syntax) -> Iterator[Finding]:
    """Yield each code of a document that its list does not have."""
    told: dict[str, int] = {}
    for name, places in table(syntax).items():
        if name not in seen.counts:
            continue
        free, anywhere = places.get(_ANYWHERE, ()), len(places) == 1
        if anywhere and len(free) == 1 and _all_listed(seen.of(name), *free[0]):
            continue
        for element in seen.of(name):
            asked = free if anywhere else places.get(element.getparent().tag, free)
            for coded, allowed in asked:
                value = element.get(coded.attribute) if coded.attribute else element.text
                if value not in allowed and (code := _wrong(element, coded, allowed, value)) is not None:
                    told[coded.rule] = told.get(coded.rule, 0) + 1
                    if told[coded.rule] > _MOST:
                        break
                    yield _finding(coded.rule, element, code)
    if syntax is Syntax.UBL:
        yield from _subjects(seen)


def _all_listed(found: Iterable[Any], coded: Coded, allowed: frozenset[str]) -> bool:
    """Return whether what stands in some elements is of the list as it is; if not, each is to be looked at."""
    attribute = coded.attribute
    values = {element.get(attribute) for element in found} if attribute else {element.text for element in found}
    return values <= allowed or (bool(attribute) and not coded.demanded and values - allowed == {None})


def _wrong(element: Any, coded: Coded, allowed: frozenset[str], value: str | None) -> str | None:
    """Return a code that breaks its rule; None where it is right after all, or not asked for."""
    if value is None and coded.attribute and not coded.demanded:
        return None
    code = " ".join((value or "").split())
    code = code.upper() if coded.list == "vat_exemption" else code
    if code in allowed or not (coded.asked is None or coded.asked(element)):
        return None
    return code


def _subjects(seen: Seen) -> Iterator[Finding]:
    """Yield the subjects of notes (``#AAI#…``) that are none; UBL has no element for them."""
    for note in seen.of(clark("cbc:Note")):
        found = _NOTE_CODE.match(note.text or "") if note.getparent() is seen.root else None
        if found and found[1] not in codes("note_subject"):
            yield _finding("BR-CL-08", note, found[1])


@cache
def _texts() -> dict[str, tuple[str, str]]:
    found = {rule.id: (rule.english, rule.german) for rule in RULES}
    found["BR-CL-03"] = found["BR-CL-04"]
    return found


def _finding(rule: str, element: Any, code: str) -> Finding:
    place = place_of(element)
    english, german = (text.format(found=code or "nothing") for text in _texts()[rule])
    return Finding(rule, RuleSet.EN16931, Severity.FATAL, place, f"{place}: {english}", f"{place}: {german}")
