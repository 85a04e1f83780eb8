"""Invoice lines (BG-25) as CII writes them, read; lines below a line (``ParentLineID``) become its sub-lines."""

import base64
import binascii
from collections.abc import Sequence
from decimal import Decimal

from blocks.documents.invoices import (
    Classification,
    Identifier,
    InvoiceLine,
    Item,
    ItemAttribute,
    Price,
    SupportingDocument,
)
from blocks.standards.en16931.cii_parties import identifier
from blocks.standards.en16931.cii_settlement import allowances_charges, is_vat, period
from blocks.standards.en16931.cii_tree import Node
from blocks.standards.en16931.typed import made

SUPPORTING, INVOICED_OBJECT, TENDER = "916", "130", "50"
"""Kinds of referenced documents (UNTDID 1001) that EN 16931 tells apart: BG-24, BT-18 and BT-128, BT-17."""

_FOR_INFORMATION = "INFORMATION"
_DEEPEST = 20
_ONE = Decimal(1)


def lines(transaction: Node) -> tuple[InvoiceLine, ...]:
    """Read all lines, those of a bundle below the line they belong to."""
    nodes = transaction.all("IncludedSupplyChainTradeLineItem")
    named = [node.value("AssociatedDocumentLineDocument", "ParentLineID") for node in nodes]
    if not any(named):
        return tuple(_line(node, ()) for node in nodes)
    above = _above(nodes, named)
    below: dict[int | None, list[int]] = {}
    for index, parent in enumerate(above):
        below.setdefault(parent, []).append(index)
    return _gathered(None, nodes, below)


def _above(nodes: Sequence[Node], named: Sequence[str]) -> list[int | None]:
    """Return the position of each line's parent; a line without a usable parent stays one of its own."""
    positions: dict[str, int] = {}
    for index, node in enumerate(nodes):
        positions.setdefault(node.value("AssociatedDocumentLineDocument", "LineID"), index)
    above = [positions.get(name) if name else None for name in named]
    for index, node in enumerate(nodes):
        if named[index] and (above[index] is None or not _ends(index, above)):
            above[index] = None
            node.defect("names a parent line that is not there or leads back to itself", "Look at the original.")
    return above


def _ends(index: int, above: list[int | None]) -> bool:
    """Tell whether the way up from a line ends at a line without parent within a sensible number of steps."""
    step: int | None = index
    for _ in range(_DEEPEST):
        step = above[step] if step is not None else None
        if step is None:
            return True
    return False


def _gathered(parent: int | None, nodes: Sequence[Node], below: dict[int | None, list[int]]) -> tuple[InvoiceLine, ...]:
    return tuple(_line(nodes[child], _gathered(child, nodes, below)) for child in below.get(parent, ()))


def _line(node: Node, sub_lines: tuple[InvoiceLine, ...]) -> InvoiceLine:
    about = node.one("AssociatedDocumentLineDocument") or _nothing(node)
    agreed = node.one("SpecifiedLineTradeAgreement") or _nothing(node)
    settled = node.one("SpecifiedLineTradeSettlement") or _nothing(node)
    quantity = node.one("SpecifiedLineTradeDelivery", "BilledQuantity")
    tax = settled.one("ApplicableTradeTax")
    if tax is not None:
        is_vat(tax)
    _say_if_not_counted(about)
    return made(
        InvoiceLine,
        id=about.value("LineID"),
        note="\n".join(text for note in about.all("IncludedNote") if (text := note.values("Content"))),
        object_identifier=_object(settled),
        quantity=quantity.figure() if quantity else None,
        unit=quantity.attributes.get("unitCode", "").strip() if quantity else "",
        net=settled.figure("SpecifiedTradeSettlementLineMonetarySummation", "LineTotalAmount"),
        order_line=agreed.value("BuyerOrderReferencedDocument", "LineID"),
        accounting_reference=settled.value("ReceivableSpecifiedTradeAccountingAccount", "ID"),
        period=period(settled.one("BillingSpecifiedPeriod")),
        allowances_charges=allowances_charges(settled),
        price=_price(agreed),
        vat_category=tax.value("CategoryCode") if tax else "",
        vat_rate=tax.figure("RateApplicablePercent") if tax else None,
        item=_item(node.one("SpecifiedTradeProduct")),
        supporting_documents=supporting_documents(agreed),
        sub_lines=sub_lines,
    )


def _nothing(node: Node) -> Node:
    return Node("", node, node.record)


def _say_if_not_counted(about: Node) -> None:
    about.one("LineStatusCode")
    reason = about.one("LineStatusReasonCode")
    if reason is not None and reason.text == _FOR_INFORMATION and not about.value("ParentLineID"):
        reason.defect(
            "says that the line is for information and counts for no total; read as a line like others",
            "Let a person look.",
        )


def _object(settled: Node) -> Identifier | None:
    """Read the invoiced object of a line (BT-128)."""
    for document in settled.children.get("AdditionalReferencedDocument", ()):
        if document.value("TypeCode") in {INVOICED_OBJECT, ""}:
            document.read = True
            return referenced_object(document)
    return None


def referenced_object(document: Node) -> Identifier | None:
    """Read an object identifier (BT-18, BT-128), whose scheme (UNTDID 1153) stands beside it."""
    value = document.value("IssuerAssignedID")
    return Identifier(value=value, scheme=document.value("ReferenceTypeCode")) if value else None


def supporting_documents(agreed: Node) -> tuple[SupportingDocument, ...]:
    """Read the supporting documents (BG-24) of the document or, in the extensions, of a line."""
    found: list[SupportingDocument] = []
    for document in agreed.children.get("AdditionalReferencedDocument", ()):
        if document.value("TypeCode") == SUPPORTING:
            document.read = True
            found.append(_supporting(document))
    return tuple(found)


def _supporting(document: Node) -> SupportingDocument:
    attached = document.one("AttachmentBinaryObject")
    return SupportingDocument(
        reference=document.value("IssuerAssignedID"),
        description=document.value("Name"),
        location=document.value("URIID"),
        content=_content(attached) if attached else None,
        mime_type=attached.attributes.get("mimeCode", "") if attached else "",
        file_name=attached.attributes.get("filename", "") if attached else "",
    )


def _content(attached: Node) -> bytes | None:
    try:
        return base64.b64decode("".join(attached.text.split()), validate=True)
    except (binascii.Error, ValueError):
        attached.defect("is not base64 and was left out", "Ask the sender for the attachment.")
        return None


def _price(agreed: Node) -> Price:
    """Read the prices (BG-29); the base quantity (BT-149) is the net price's, by which the line is reckoned."""
    net = agreed.one("NetPriceProductTradePrice")
    gross = agreed.one("GrossPriceProductTradePrice")
    base = net.one("BasisQuantity") if net else None
    if gross is not None:
        _check_same_base(base, gross)
    return made(
        Price,
        net=net.figure("ChargeAmount") if net else None,
        gross=gross.figure("ChargeAmount") if gross else None,
        discount=_discount(gross) if gross else None,
        base_quantity=base.figure() if base else None,
        base_unit=base.attributes.get("unitCode", "").strip() if base else "",
    )


def _check_same_base(base: Node | None, gross: Node) -> None:
    """Take the gross price's base quantity as read where it says the same; else it is left over or a defect."""
    other = gross.children.get("BasisQuantity", [None])[0]
    if other is None:
        return
    quantity = (base.figure() if base else None) or _ONE
    if other.figure() == quantity:
        other.read = True
    elif base is not None:
        other.read = True
        other.defect("differs from the base quantity of the net price", "Look at the original.")


def _discount(gross: Node) -> Decimal | None:
    """Read the price discount (BT-147), several as their sum; a surcharge on a price has no place in the model."""
    found: list[Decimal] = []
    for each in gross.children.get("AppliedTradeAllowanceCharge", ()):
        if each.yes("ChargeIndicator") is not True:
            each.read = True
            amount = each.figure("ActualAmount")
            found += [] if amount is None else [amount]
    return sum(found[1:], found[0]) if found else None


def _item(node: Node | None) -> Item:
    if node is None:
        return Item()
    classes = [each.one("ClassCode") for each in node.all("DesignatedProductClassification")]
    return made(
        Item,
        name=node.value("Name"),
        description=node.value("Description"),
        seller_id=node.value("SellerAssignedID"),
        buyer_id=node.value("BuyerAssignedID"),
        standard_id=identifier(node.one("GlobalID")),
        classifications=tuple(
            Classification(
                code=code.text,
                scheme=code.attributes.get("listID", ""),
                scheme_version=code.attributes.get("listVersionID", ""),
            )
            for code in classes
            if code is not None and code.text
        ),
        country_of_origin=node.value("OriginTradeCountry", "ID"),
        attributes=tuple(
            ItemAttribute(name=each.value("Description"), value=each.value("Value"))
            for each in node.all("ApplicableProductCharacteristic")
        ),
    )
