"""Invoice lines (BG-25), written as CII; sub-lines follow the line they belong to and name it."""

from blocks.documents.invoices import AllowanceCharge, InvoiceLine, Item, Period, Price
from blocks.standards.en16931.cii_elements import day, figure, group, indicator, leaf
from blocks.standards.en16931.cii_writing_parties import referenced_object, supporting


def line(value: InvoiceLine, parent: str = "") -> str:
    """Write one line and, after it, those below it."""
    own = group(
        "IncludedSupplyChainTradeLineItem",
        _about(value, parent),
        _product(value.item),
        group(
            "SpecifiedLineTradeAgreement",
            group("BuyerOrderReferencedDocument", leaf("LineID", value.order_line)),
            *(supporting(each) for each in value.supporting_documents),
            _price(value.price),
            always=True,
        ),
        group(
            "SpecifiedLineTradeDelivery",
            figure("BilledQuantity", value.quantity, unitCode=value.unit),
            always=True,
        ),
        _settlement(value),
    )
    return own + "".join(line(each, value.id) for each in value.sub_lines)


def _about(value: InvoiceLine, parent: str) -> str:
    return group(
        "AssociatedDocumentLineDocument",
        leaf("LineID", value.id),
        leaf("ParentLineID", parent),
        leaf("LineStatusReasonCode", _status(value, parent)),
        group("IncludedNote", leaf("Content", value.note)),
        always=True,
    )


def _status(value: InvoiceLine, parent: str) -> str:
    """Say which lines of a bundle count: those without anything below them; the line above sums them up."""
    if value.sub_lines:
        return "GROUP"
    return "DETAIL" if parent else ""


def _product(item: Item) -> str:
    standard = item.standard_id
    return group(
        "SpecifiedTradeProduct",
        leaf("GlobalID", standard.value, schemeID=standard.scheme) if standard else "",
        leaf("SellerAssignedID", item.seller_id),
        leaf("BuyerAssignedID", item.buyer_id),
        leaf("Name", item.name),
        leaf("Description", item.description),
        *(
            group(
                "ApplicableProductCharacteristic",
                leaf("Description", each.name),
                leaf("Value", each.value),
                always=True,
            )
            for each in item.attributes
        ),
        *(
            group(
                "DesignatedProductClassification",
                leaf("ClassCode", each.code, listID=each.scheme, listVersionID=each.scheme_version),
            )
            for each in item.classifications
        ),
        group("OriginTradeCountry", leaf("ID", item.country_of_origin)),
        always=True,
    )


def _price(price: Price) -> str:
    base = figure("BasisQuantity", price.base_quantity, unitCode=price.base_unit)
    gross = ""
    if price.gross is not None:
        gross = group(
            "GrossPriceProductTradePrice",
            figure("ChargeAmount", price.gross),
            base,
            _discount(price),
        )
    return gross + group("NetPriceProductTradePrice", figure("ChargeAmount", price.net), base)


def _discount(price: Price) -> str:
    if price.discount is None:
        return ""
    return group(
        "AppliedTradeAllowanceCharge",
        indicator("ChargeIndicator", value=False),
        figure("ActualAmount", price.discount),
    )


def _settlement(value: InvoiceLine) -> str:
    return group(
        "SpecifiedLineTradeSettlement",
        vat("ApplicableTradeTax", value.vat_category, figure("RateApplicablePercent", value.vat_rate)),
        period(value.period),
        *(allowance_charge(each) for each in value.allowances_charges),
        group("SpecifiedTradeSettlementLineMonetarySummation", figure("LineTotalAmount", value.net)),
        referenced_object(value.object_identifier),
        group("ReceivableSpecifiedTradeAccountingAccount", leaf("ID", value.accounting_reference)),
        always=True,
    )


def vat(name: str, category: str, rate: str) -> str:
    """Write a VAT category and rate; '' where neither is known."""
    if not category and not rate:
        return ""
    return group(name, leaf("TypeCode", "VAT"), leaf("CategoryCode", category), rate)


def period(value: Period | None) -> str:
    """Write a billing period (BG-14, BG-26)."""
    if value is None:
        return ""
    return group("BillingSpecifiedPeriod", day("StartDateTime", value.start), day("EndDateTime", value.end))


def allowance_charge(value: AllowanceCharge) -> str:
    """Write an allowance or a charge of the document (BG-20, 21) or of a line (BG-27, 28)."""
    return group(
        "SpecifiedTradeAllowanceCharge",
        indicator("ChargeIndicator", value=value.is_charge),
        figure("CalculationPercent", value.percentage),
        figure("BasisAmount", value.basis),
        figure("ActualAmount", value.amount),
        leaf("ReasonCode", value.reason_code),
        leaf("Reason", value.reason),
        vat("CategoryTradeTax", value.vat_category, figure("RateApplicablePercent", value.vat_rate)),
    )
