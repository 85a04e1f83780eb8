"""The syntax binding of CII: what must stand once, and dates in the one form that is allowed."""

import re
from collections.abc import Iterator
from typing import Any

from blocks.standards.en16931.rules.document_rules import DocumentRule, elements
from blocks.standards.en16931.rules.rule import Finding

_CONTEXT = "rsm:ExchangedDocumentContext"
_GUIDELINE = "ram:GuidelineSpecifiedDocumentContextParameter"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"

_RULES = (
    DocumentRule(
        "CII-SR-009",
        f"{_CONTEXT}[not({_GUIDELINE})]",
        "The specification that the invoice follows (BT-24) is missing; name it.",
        "Die Spezifikation, der die Rechnung folgt (BT-24), fehlt; bitte angeben.",
    ),
    DocumentRule(
        "CII-SR-010",
        f"{_CONTEXT}[not({_GUIDELINE}/ram:ID)]",
        "The identifier of the specification (BT-24) is missing; name it.",
        "Die Kennung der Spezifikation (BT-24) fehlt; bitte angeben.",
    ),
    DocumentRule(
        "CII-SR-459",
        f"{_AGREEMENT}[count(ram:SellerTradeParty/ram:URIUniversalCommunication) > 1]",
        "The seller has several electronic addresses; give one.",
        "Der Verkäufer hat mehrere elektronische Adressen; bitte eine angeben.",
    ),
    DocumentRule(
        "CII-SR-460",
        f"{_AGREEMENT}[count(ram:BuyerTradeParty/ram:URIUniversalCommunication) > 1]",
        "The buyer has several electronic addresses; give one.",
        "Der Käufer hat mehrere elektronische Adressen; bitte eine angeben.",
    ),
    DocumentRule(
        "CII-SR-461",
        f"{_SETTLEMENT}[count(ram:ApplicableTradeTax/ram:TaxPointDate) > 1]",
        "The date of the tax point (BT-7) stands more than once; give it once.",
        "Das Datum der Steuerfälligkeit (BT-7) steht mehrfach; bitte einmal angeben.",
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
    "descendant::udt:DateTimeString[@format = '102'] | descendant::udt:DateString[@format = '102']"
    " | descendant::qdt:DateTimeString[@format = '102']",
    "The date is not written as year, month and day (YYYYMMDD); correct it.",
    "Das Datum ist nicht als Jahr, Monat und Tag geschrieben (JJJJMMTT); bitte berichtigen.",
)
_DATE = re.compile(r"\s*[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])\s*")


def shown(root: Any) -> Iterator[Finding]:
    """Yield each rule of the binding that a CII document breaks, once, at the first place."""
    for rule in _RULES:
        yield from (finding for finding, _ in zip(rule.findings(root), (None,), strict=False))
    for element in elements(root, _DATES.broken):
        if not _DATE.fullmatch(element.text or ""):
            yield _DATES.at(element.getroottree().getpath(element))
            return
