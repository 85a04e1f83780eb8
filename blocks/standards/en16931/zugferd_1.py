"""Read ZUGFeRD 1.0 (CrossIndustryDocument: BASIC, COMFORT, EXTENDED), the forerunner of CII D16B.

It has the same elements under older names, so the document is renamed and read as CII.
"""

from collections.abc import Iterator
from typing import Any

from blocks.documents.invoices import Invoice, InvoiceLine, Note
from blocks.errors import Defect, Unreadable
from blocks.standards.en16931.cii import read_tree
from blocks.standards.en16931.cii_tree import Node, tree

ROOT = "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument"
"""The root element this module reads."""

_NAMES = {
    "SpecifiedExchangedDocumentContext": "ExchangedDocumentContext",
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeDelivery": "ApplicableHeaderTradeDelivery",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
    "ApplicablePercent": "RateApplicablePercent",
}
_SUMMATION = "SpecifiedTradeSettlementMonetarySummation"
_SUMMATIONS = {
    "ApplicableHeaderTradeSettlement": "SpecifiedTradeSettlementHeaderMonetarySummation",
    "SpecifiedLineTradeSettlement": "SpecifiedTradeSettlementLineMonetarySummation",
}


def read(root: Any) -> tuple[Invoice, tuple[Defect, ...]]:
    """Return the invoice and what is wrong with it or has no place in the model.

    Raises:
        Unreadable: It is no document of ZUGFeRD 1.0.
    """
    if root.tag != ROOT:
        raise Unreadable(f"The root element {root.tag} is not that of a ZUGFeRD 1.0 invoice.")
    document = tree(root, _NAMES)
    for node in _every(document):
        _as_cii(node)
    invoice, defects = read_tree(document)
    return _texts_among_lines_as_notes(invoice), defects


def _every(node: Node) -> Iterator[Node]:
    yield node
    for nodes in list(node.children.values()):
        for child in nodes:
            yield from _every(child)


def _as_cii(node: Node) -> None:
    """Give what differs by its place, not only by its name, the name it has in CII."""
    name = _SUMMATIONS.get(node.name)
    if name is not None:
        _rename(node, _SUMMATION, name)
    if node.name.endswith("ReferencedDocument"):
        _rename(node, "ID", "IssuerAssignedID")
    if node.name == "ApplicableHeaderTradeDelivery" and "DespatchAdviceReferencedDocument" not in node.children:
        _rename(node, "DeliveryNoteReferencedDocument", "DespatchAdviceReferencedDocument")


def _rename(node: Node, old: str, new: str) -> None:
    found = node.children.pop(old, None)
    if found:
        for child in found:
            child.name = new
        node.children.setdefault(new, []).extend(found)


def _texts_among_lines_as_notes(invoice: Invoice) -> Invoice:
    """Make a line that is nothing but a text, as ZUGFeRD 1 allows, a note of the document."""
    texts = tuple(Note(text=line.note) for line in invoice.lines if line.note and line == InvoiceLine(note=line.note))
    if not texts:
        return invoice
    lines = tuple(line for line in invoice.lines if line != InvoiceLine(note=line.note))
    return invoice.model_copy(update={"notes": (*invoice.notes, *texts), "lines": lines})
