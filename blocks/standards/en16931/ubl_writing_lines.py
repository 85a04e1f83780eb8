"""Write lines, supporting documents, allowances and charges as UBL (BG-20, 21, 24 to 32)."""

from decimal import Decimal

from blocks.documents.invoices import (
    AllowanceCharge,
    Identifier,
    InvoiceLine,
    Item,
    Period,
    Price,
    SupportingDocument,
)
from blocks.standards.en16931.code_lists import INVOICED_OBJECT, RELATED_DOCUMENT
from blocks.standards.en16931.ubl_lines import LineNames
from blocks.standards.en16931.ubl_writing_parties import tax_scheme
from blocks.standards.en16931.xml_writing import content, day, figure, group, identifier, text


def line(given: InvoiceLine, currency: str, names: LineNames, name: str = "") -> str:
    """Return a line with its sub lines, in the order of the UBL 2.1 schema."""
    return group(
        name or names.line,
        text("cbc:ID", given.id),
        text("cbc:Note", given.note),
        figure(names.quantity, given.quantity, unitCode=given.unit),
        figure("cbc:LineExtensionAmount", given.net, currencyID=currency),
        text("cbc:AccountingCost", given.accounting_reference),
        group("cac:InvoicePeriod", *period(given.period)),
        group("cac:OrderLineReference", text("cbc:LineID", given.order_line)),
        object_reference("cac:DocumentReference", given.object_identifier),
        *(_line_document(one) for one in given.supporting_documents),
        *(allowance_charge(one, currency) for one in given.allowances_charges),
        _item(given),
        _price(given.price, currency),
        *(line(inner, currency, names, names.sub_line) for inner in given.sub_lines),
    )


def period(given: Period | None) -> tuple[str, ...]:
    """Return first and last day of a period."""
    return (day("cbc:StartDate", given.start), day("cbc:EndDate", given.end)) if given else ()


def object_reference(name: str, given: Identifier | None) -> str:
    """Return the reference to an invoiced object (BT-18, 128), told from other references by its type."""
    if given is None:
        return ""
    return group(name, identifier("cbc:ID", given), text("cbc:DocumentTypeCode", INVOICED_OBJECT))


def supporting_document(name: str, given: SupportingDocument, kind: str = "") -> str:
    """Return a document that goes with the invoice (BG-24) or a line."""
    embedded = ""
    if given.content is not None:
        embedded = content(
            "cbc:EmbeddedDocumentBinaryObject", given.content, mimeCode=given.mime_type, filename=given.file_name
        )
    return group(
        name,
        text("cbc:ID", given.reference),
        text("cbc:DocumentTypeCode", kind),
        text("cbc:DocumentDescription", given.description),
        group("cac:Attachment", embedded, group("cac:ExternalReference", text("cbc:URI", given.location))),
    )


def _line_document(given: SupportingDocument) -> str:
    """Return a line's document; where it is but a number its type tells it from the invoiced object."""
    bare = given.content is None and not (given.description or given.location)
    return supporting_document("cac:DocumentReference", given, RELATED_DOCUMENT if bare else "")


def allowance_charge(given: AllowanceCharge, currency: str) -> str:
    """Return an allowance or a charge."""
    return group(
        "cac:AllowanceCharge",
        text("cbc:ChargeIndicator", "true" if given.is_charge else "false"),
        text("cbc:AllowanceChargeReasonCode", given.reason_code),
        text("cbc:AllowanceChargeReason", given.reason),
        figure("cbc:MultiplierFactorNumeric", given.percentage),
        figure("cbc:Amount", given.amount, currencyID=currency),
        figure("cbc:BaseAmount", given.basis, currencyID=currency),
        vat_category("cac:TaxCategory", given.vat_category, given.vat_rate),
    )


def vat_category(name: str, category: str, rate: Decimal | None, *exemption: str) -> str:
    """Return category and rate of VAT with the tax scheme that goes with them, '' where neither is known."""
    inner = "".join((text("cbc:ID", category), figure("cbc:Percent", rate), *exemption))
    return group(name, inner, tax_scheme()) if inner else ""


def _item(given: InvoiceLine) -> str:
    item: Item = given.item
    return group(
        "cac:Item",
        text("cbc:Description", item.description),
        text("cbc:Name", item.name),
        group("cac:BuyersItemIdentification", text("cbc:ID", item.buyer_id)),
        group("cac:SellersItemIdentification", text("cbc:ID", item.seller_id)),
        group("cac:StandardItemIdentification", identifier("cbc:ID", item.standard_id)),
        group("cac:OriginCountry", text("cbc:IdentificationCode", item.country_of_origin)),
        *(
            group(
                "cac:CommodityClassification",
                text("cbc:ItemClassificationCode", one.code, listID=one.scheme, listVersionID=one.scheme_version),
            )
            for one in item.classifications
        ),
        vat_category("cac:ClassifiedTaxCategory", given.vat_category, given.vat_rate),
        *(
            group("cac:AdditionalItemProperty", text("cbc:Name", one.name), text("cbc:Value", one.value))
            for one in item.attributes
        ),
    )


def _price(price: Price, currency: str) -> str:
    reduced = ""
    if price.discount is not None or price.gross is not None:
        reduced = group(
            "cac:AllowanceCharge",
            text("cbc:ChargeIndicator", "false"),
            figure("cbc:Amount", discount_of(price), currencyID=currency),
            figure("cbc:BaseAmount", price.gross, currencyID=currency),
        )
    return group(
        "cac:Price",
        figure("cbc:PriceAmount", price.net, currencyID=currency),
        figure("cbc:BaseQuantity", price.base_quantity, unitCode=price.base_unit),
        reduced,
    )


def discount_of(price: Price) -> Decimal | None:
    """Return the discount, or what it must be where only gross and net price are known: UBL demands it (BT-147)."""
    if price.discount is None and price.gross is not None and price.net is not None:
        return price.gross - price.net
    return price.discount
