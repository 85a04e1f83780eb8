"""What both syntaxes have and their bindings to EN 16931 have no use for: remarks, for receivers may pass it over.

The published artefacts warn of each element by an id of its own (UBL-CR-*, CII-SR-*, CII-DT-*); the ids and the paths
they speak of are data. What the bindings forbid outright stands with each binding.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from blocks.standards.en16931.reading import Syntax
from blocks.standards.en16931.rules.document_rules import DocumentRule, DocumentRules, Seen, clark
from blocks.standards.en16931.rules.rule import Finding, Severity

_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_DELIVERY = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery"
_LINE = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_LINE_TAX = "ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax"
_DOCUMENTS = "ram:AdditionalReferencedDocument[normalize-space(ram:TypeCode) = '{}']"
_PRICE_CHARGE = "ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge"
_OF_TAX = "[not(ancestor::ram:ApplicableHeaderTradeSettlement)]"

_MORE_THAN_ONE: tuple[tuple[str, str, str], ...] = (
    ("CII-SR-003", "rsm:ExchangedDocumentContext", "ram:BusinessProcessSpecifiedDocumentContextParameter"),
    ("CII-SR-030", "rsm:ExchangedDocument/ram:IncludedNote", "ram:Content"),
    ("CII-SR-039", f"{_LINE}/ram:AssociatedDocumentLineDocument", "ram:IncludedNote"),
    ("CII-SR-040", f"{_LINE}/ram:AssociatedDocumentLineDocument", "ram:IncludedNote/ram:Content"),
    ("CII-SR-452", _SETTLEMENT, "ram:SpecifiedTradePaymentTerms"),
    ("CII-SR-453", _SETTLEMENT, "ram:SpecifiedTradePaymentTerms/ram:Description"),
    ("CII-SR-457", _AGREEMENT, _DOCUMENTS.format("50")),
    ("CII-SR-458", _AGREEMENT, _DOCUMENTS.format("130")),
    ("CII-SR-475", _AGREEMENT, f"{_DOCUMENTS.format('916')}/ram:Name"),
    ("CII-SR-476", _AGREEMENT, f"{_DOCUMENTS.format('916')}/ram:AttachmentBinaryObject"),
)
"""Rule, group, and what it should hold once at the most."""

_BOTH: tuple[tuple[str, str, str, str], ...] = (
    ("CII-SR-449", _DELIVERY, "ram:ShipToTradeParty/ram:ID", "ram:ShipToTradeParty/ram:GlobalID"),
    ("CII-SR-450", _AGREEMENT, "ram:BuyerTradeParty/ram:ID", "ram:BuyerTradeParty/ram:GlobalID"),
    ("CII-SR-451", _SETTLEMENT, "ram:PayeeTradeParty/ram:ID", "ram:PayeeTradeParty/ram:GlobalID"),
    *(
        (f"CII-SR-{number}", _AGREEMENT, f"{contact}/ram:PersonName", f"{contact}/ram:DepartmentName")
        for number, contact in (
            (465, "ram:SellerTradeParty/ram:DefinedTradeContact"),
            (466, "ram:BuyerTradeParty/ram:DefinedTradeContact"),
        )
    ),
)
"""Rule, group, and two of which it should hold one."""

_OF_CII: dict[str, str] = {
    "CII-SR-119": f"{_LINE}/ram:SpecifiedLineTradeAgreement"
    f"[not({_PRICE_CHARGE}/ram:ChargeIndicator[udt:Indicator = 'false' or udt:Indicator = '0']"
    f" and {_PRICE_CHARGE}/ram:ActualAmount)]"
    f"[{_PRICE_CHARGE}/ram:ChargeIndicator or {_PRICE_CHARGE}/ram:ActualAmount]/{_PRICE_CHARGE}",
    "CII-DT-041": f"descendant::ram:ApplicableTradeTax{_OF_TAX}/ram:BasisAmount"
    f" | descendant::ram:CategoryTradeTax{_OF_TAX}/ram:BasisAmount",
    "CII-DT-054": f"descendant::ram:ApplicableTradeTax{_OF_TAX}/ram:TaxPointDate",
    "CII-DT-058": f"descendant::ram:ApplicableTradeTax{_OF_TAX}/ram:DueDateTypeCode",
    "CII-DT-052": "descendant::ram:CategoryTradeTax/ram:ExemptionReasonCode",
    "CII-DT-098": "descendant::ram:CategoryTradeTax/ram:ExemptionReason",
    **{
        f"CII-DT-{number:03}": f"{_LINE}/{_LINE_TAX}/ram:CategoryCode[@{name}]"
        for number, name in enumerate(("listID", "listAgencyID", "listVersionID", "listURI"), 45)
    },
}
_MARK = re.compile(r"([a-z]+:[A-Za-z0-9]+|\*)\[@([A-Za-z]+)\]$")
"""An attribute that an XPath ends in, after the name of its element."""
_NAMES = re.compile(r"[a-z]+:([A-Za-z0-9]+)(?![^\[]*\])")


TAKEN = frozenset(
    (
        *(f"UBL-CR-{number:03}" for number in (2, 244, 412, 470, 558, 646)),
        *(f"CII-SR-{number:03}" for number in (2, 13, 16, 19, 191, 195, 250, 396, 444)),
        *("CII-SR-039", "CII-SR-040", "CII-SR-030", "CII-SR-003", "CII-SR-119"),
        *(f"CII-SR-{number}" for number in (449, 450, 451, 452, 453, 454, 457, 458, 465, 466, 475, 476)),
    )
)
"""Remarks on elements that the readers take in all the same, so that nothing of theirs is left over."""


def shown(seen: Seen, syntax: Syntax, attributes: Iterable[tuple[str, str]], *, surplus: bool) -> Iterator[Finding]:
    """Yield a remark for each rule that a document does not keep, once, at the first place.

    Args:
        seen: The document.
        syntax: Its syntax.
        attributes: Its attributes, each with the name of its element.
        surplus: Whether its reader left anything over; if not, most of what is unused cannot be there.
    """
    chosen = _rules(syntax)
    yield from (chosen.whole if surplus else chosen.taken).first(seen)
    marked = [
        chosen.marks[mark]
        for tag, name in sorted(attributes)
        for mark in ((tag, name), ("", name))
        if mark in chosen.marks
    ]
    for rule in dict.fromkeys(marked):
        yield from rule.first(seen)


@dataclass(frozen=True, slots=True)
class _Rules:
    """The remarks of a syntax: on elements, on those that readers take in, and on attributes by element and name."""

    whole: DocumentRules
    taken: DocumentRules
    marks: dict[tuple[str, str], DocumentRules]


@cache
def _rules(syntax: Syntax) -> _Rules:
    marks: dict[tuple[str, str], tuple[DocumentRule, ...]] = {}
    others = []
    for rule in remarks(syntax):
        marked = _MARK.search(rule.broken)
        if marked is None:
            others.append(rule)
        else:
            tag = "" if marked[1] == "*" else clark(marked[1])
            marks[tag, marked[2]] = (*marks.get((tag, marked[2]), ()), rule)
    return _Rules(
        DocumentRules(*others),
        DocumentRules(*(rule for rule in others if rule.id in TAKEN)),
        {mark: DocumentRules(*rules) for mark, rules in marks.items()},
    )


@cache
def remarks(syntax: Syntax) -> tuple[DocumentRule, ...]:
    """Return the rules of a syntax whose breach is a remark."""
    data = json.loads(files(__package__).joinpath("unused_elements.json").read_bytes())[syntax.value]
    unused = (_unused(rule, _below(group, path)) for group, each in data.items() for rule, path in each.items())
    if syntax is Syntax.UBL:
        return tuple(unused)
    return (
        *unused,
        *(_unused(rule, path) for rule, path in _OF_CII.items()),
        *(_once(*each) for each in _MORE_THAN_ONE),
        *(_either(*each) for each in _BOTH),
        DocumentRule(
            "CII-SR-454",
            f"{_LINE}/ram:SpecifiedLineTradeSettlement[count(ram:ApplicableTradeTax) != 1]",
            "A line should have its VAT exactly once; correct it.",
            "Eine Position soll ihre Umsatzsteuer genau einmal nennen; bitte berichtigen.",
            Severity.WARNING,
        ),
    )


def _below(group: str, path: str) -> str:
    """Return an XPath from the root; lines are called one way in invoices and another in credit notes."""
    whole = " | ".join(f"{each}/{path}" for each in group.split(" | ")) if group else path
    return (
        f"{whole} | {whole.replace('InvoiceLine', 'CreditNoteLine')}" if whole.startswith("cac:InvoiceLine") else whole
    )


def _unused(rule: str, path: str) -> DocumentRule:
    name = (_NAMES.findall(path) or ["an element"])[-1]
    return DocumentRule(
        rule,
        path,
        f"EN 16931 has no use for {name} here, or for an attribute of it; leave it out, or say it in a note.",
        f"EN 16931 kennt {name} an dieser Stelle nicht oder nicht mit diesem Attribut; bitte weglassen oder als"
        " Bemerkung angeben.",
        Severity.WARNING,
    )


def _once(rule: str, group: str, element: str) -> DocumentRule:
    names = _NAMES.findall(element)
    return DocumentRule(
        rule,
        f"{group}[count({element}) > 1]",
        f"{names[-1]} should stand here once at the most; leave one, or put the texts together.",
        f"{names[-1]} soll hier höchstens einmal stehen; bitte nur eines angeben oder die Texte zusammenfassen.",
        Severity.WARNING,
        twice=f"ram:{names[-1]}",
    )


def _either(rule: str, group: str, one: str, other: str) -> DocumentRule:
    names = _NAMES.findall(one)[-1], _NAMES.findall(other)[-1]
    return DocumentRule(
        rule,
        f"{group}[{one} and {other}]",
        f"{names[0]} and {names[1]} stand here both; give one of them.",
        f"{names[0]} und {names[1]} stehen beide hier; bitte nur eines angeben.",
        Severity.WARNING,
        needs=tuple(f"ram:{name}" for name in names),
    )
