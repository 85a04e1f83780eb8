"""Lines of a UBL document (BG-25 to BG-32), what they sell, and allowances and charges of line and document."""

from dataclasses import dataclass
from typing import Any

from blocks.documents.invoices import (
    AllowanceCharge,
    Classification,
    Identifier,
    InvoiceLine,
    Item,
    ItemAttribute,
    Period,
    Price,
    SupportingDocument,
)
from blocks.standards.en16931.code_lists import INVOICED_OBJECT, VAT
from blocks.standards.en16931.typed import made
from blocks.standards.en16931.ubl_parties import tax_scheme
from blocks.standards.en16931.ubl_tree import Group, quoted, text_within

DEEPEST = 12
"""Sub lines within sub lines; deeper ones are a defect."""


@dataclass(frozen=True, slots=True)
class LineNames:
    """What invoice and credit note call the same things."""

    line: str
    sub_line: str
    quantity: str


INVOICE = LineNames("cac:InvoiceLine", "cac:SubInvoiceLine", "cbc:InvoicedQuantity")
CREDIT_NOTE = LineNames("cac:CreditNoteLine", "cac:SubCreditNoteLine", "cbc:CreditedQuantity")


def line(group: Group, names: LineNames, depth: int = 0) -> InvoiceLine:
    """Return a line with its sub lines."""
    quantity = group.only(names.quantity)
    object_identifier, documents = _documents(group)
    item, category, rate = _item(group.group("cac:Item"))
    sub_lines = [line(inner, names, depth + 1) for inner in _sub_lines(group, names, depth)]
    return made(
        InvoiceLine,
        id=group.text("cbc:ID"),
        note=group.text("cbc:Note"),
        object_identifier=object_identifier,
        quantity=None if quantity is None else group.figure_of(quantity),
        unit="" if quantity is None else quantity.get("unitCode", "").strip(),
        net=group.amount("cbc:LineExtensionAmount"),
        order_line=text_within(group, "cac:OrderLineReference", "cbc:LineID"),
        accounting_reference=group.text("cbc:AccountingCost"),
        period=period(group.group("cac:InvoicePeriod")),
        allowances_charges=allowances_charges(group),
        price=_price(group.group("cac:Price")),
        vat_category=category,
        vat_rate=rate,
        item=item,
        supporting_documents=documents,
        sub_lines=tuple(sub_lines),
    )


def _sub_lines(group: Group, names: LineNames, depth: int) -> list[Group]:
    found = group.groups(names.sub_line)
    if found and depth >= DEEPEST:
        group.doubts.add(
            found[0].element,
            f"Sub lines are nested more than {DEEPEST} deep; those below were not taken over.",
            "Give the lines in fewer levels.",
        )
        return []
    return found


def period(group: Group | None) -> Period | None:
    """Return a period (BG-14, 26), None where neither day is given."""
    if group is None:
        return None
    start, end = group.day("cbc:StartDate"), group.day("cbc:EndDate")
    return Period(start=start, end=end) if start or end else None


def allowances_charges(group: Group) -> tuple[AllowanceCharge, ...]:
    """Return the allowances and charges of a document (BG-20, 21) or a line (BG-27, 28), in their order."""
    return tuple(filter(None, map(_allowance_charge, group.groups("cac:AllowanceCharge"))))


def _allowance_charge(group: Group) -> AllowanceCharge | None:
    is_charge = group.flag("cbc:ChargeIndicator")
    if is_charge is None:
        group.doubts.add(
            group.element,
            "Nothing says whether this is an allowance or a charge; it was not taken over.",
            "Give ChargeIndicator: false for an allowance, true for a charge.",
        )
        group.pass_over(*list(group.left()))
        return None
    category, rate = vat_category(group.group("cac:TaxCategory"))
    return made(
        AllowanceCharge,
        is_charge=is_charge,
        amount=group.amount("cbc:Amount"),
        basis=group.amount("cbc:BaseAmount"),
        percentage=group.figure("cbc:MultiplierFactorNumeric"),
        vat_category=category,
        vat_rate=rate,
        reason=group.text("cbc:AllowanceChargeReason"),
        reason_code=group.text("cbc:AllowanceChargeReasonCode"),
    )


def vat_category(group: Group | None) -> tuple[str, Any]:
    """Return category and rate of VAT; another tax scheme than VAT is a defect, for EN 16931 knows no other."""
    if group is None:
        return "", None
    scheme = tax_scheme(group)
    if scheme != VAT:
        group.doubts.add(
            group.element,
            f"The tax scheme is {quoted(scheme)}; EN 16931 knows VAT alone, and so it was read.",
            "Give VAT as the tax scheme; other taxes are charges.",
        )
    return group.text("cbc:ID"), group.figure("cbc:Percent")


def _documents(group: Group) -> tuple[Identifier | None, tuple[SupportingDocument, ...]]:
    """Return a line's object identifier (BT-128) and its supporting documents (XRechnung extension).

    A reference of no type that carries nothing but its number identifies the object, as it did before types were asked.
    """
    object_identifier: Identifier | None = None
    documents: list[SupportingDocument] = []
    for reference in group.groups("cac:DocumentReference"):
        kind = reference.text("cbc:DocumentTypeCode")
        bare = not kind and set(reference.left()) == {"cbc:ID"}
        if object_identifier is None and (kind == INVOICED_OBJECT or bare):
            object_identifier = reference.identifier("cbc:ID")
        else:
            documents.append(supporting_document(reference))
    return object_identifier, tuple(documents)


def supporting_document(group: Group) -> SupportingDocument:
    """Return a document that goes with the invoice (BG-24) or a line."""
    attachment = group.group("cac:Attachment")
    embedded = attachment.only("cbc:EmbeddedDocumentBinaryObject") if attachment else None
    return SupportingDocument(
        reference=group.text("cbc:ID"),
        description=group.text("cbc:DocumentDescription"),
        location=text_within(attachment, "cac:ExternalReference", "cbc:URI") if attachment else "",
        content=None if embedded is None else group.content(embedded),
        mime_type="" if embedded is None else embedded.get("mimeCode", ""),
        file_name="" if embedded is None else embedded.get("filename", ""),
    )


def _item(group: Group | None) -> tuple[Item, str, Any]:
    """Return what is sold, and the category and rate of VAT that UBL keeps with it."""
    if group is None:
        return Item(), "", None
    standard = group.group("cac:StandardItemIdentification")
    properties = group.groups("cac:AdditionalItemProperty")
    item = made(
        Item,
        name=group.text("cbc:Name"),
        description=group.text("cbc:Description"),
        seller_id=text_within(group, "cac:SellersItemIdentification", "cbc:ID"),
        buyer_id=text_within(group, "cac:BuyersItemIdentification", "cbc:ID"),
        standard_id=standard.identifier("cbc:ID") if standard else None,
        classifications=tuple(filter(None, map(_classification, group.groups("cac:CommodityClassification")))),
        country_of_origin=text_within(group, "cac:OriginCountry", "cbc:IdentificationCode"),
        attributes=tuple(ItemAttribute(name=one.text("cbc:Name"), value=one.text("cbc:Value")) for one in properties),
    )
    return item, *vat_category(group.group("cac:ClassifiedTaxCategory"))


def _classification(group: Group) -> Classification | None:
    element = group.only("cbc:ItemClassificationCode")
    if element is None:
        return None
    return Classification(
        code=group.text_of(element), scheme=element.get("listID", ""), scheme_version=element.get("listVersionID", "")
    )


def _price(group: Group | None) -> Price:
    if group is None:
        return Price()
    quantity = group.only("cbc:BaseQuantity")
    discount = group.group("cac:AllowanceCharge")
    if discount is not None and discount.flag("cbc:ChargeIndicator"):
        group.doubts.add(
            discount.element,
            "A charge stands on the price; EN 16931 knows a discount only, and as a discount it was not taken over.",
            "Give the price with the charge in it, or a charge on the line.",
        )
        discount = None
    return made(
        Price,
        net=group.amount("cbc:PriceAmount"),
        discount=discount.amount("cbc:Amount") if discount else None,
        gross=discount.amount("cbc:BaseAmount") if discount else None,
        base_quantity=None if quantity is None else group.figure_of(quantity),
        base_unit="" if quantity is None else quantity.get("unitCode", "").strip(),
    )
