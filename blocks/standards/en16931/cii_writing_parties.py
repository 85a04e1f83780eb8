"""Parties, addresses and identifiers, written as CII."""

from blocks.documents.invoices import (
    Contact,
    Delivery,
    Identifier,
    Party,
    Payee,
    PostalAddress,
    SupportingDocument,
    TaxRepresentative,
)
from blocks.standards.en16931.cii_elements import group, leaf, marks


def party(name: str, value: Party) -> str:
    """Write the seller (BG-4) or the buyer (BG-7)."""
    return group(
        name,
        *(_identifier(each) for each in value.identifiers if not each.scheme),
        *(_identifier(each) for each in value.identifiers if each.scheme),
        leaf("Name", value.name),
        leaf("Description", value.legal_information),
        _legal(value.legal_registration, value.trading_name),
        _contact(value.contact),
        address(value.address),
        group("URIUniversalCommunication", _scheme("URIID", value.electronic_address)),
        _tax_number("VA", value.vat_id),
        _tax_number("FC", value.tax_number),
        always=True,
    )


def payee(value: Payee | None) -> str:
    """Write who is paid (BG-10)."""
    if value is None:
        return ""
    return group(
        "PayeeTradeParty",
        _identifier(value.identifier),
        leaf("Name", value.name),
        _legal(value.legal_registration, ""),
    )


def tax_representative(value: TaxRepresentative | None) -> str:
    """Write the seller's tax representative (BG-11)."""
    if value is None:
        return ""
    return group(
        "SellerTaxRepresentativeTradeParty",
        leaf("Name", value.name),
        address(value.address),
        _tax_number("VA", value.vat_id),
    )


def ship_to(value: Delivery | None) -> str:
    """Write where was delivered (BG-13, BG-15)."""
    if value is None:
        return ""
    return group("ShipToTradeParty", _identifier(value.location), leaf("Name", value.name), address(value.address))


def address(value: PostalAddress | None) -> str:
    """Write a postal address."""
    if value is None:
        return ""
    return group(
        "PostalTradeAddress",
        leaf("PostcodeCode", value.postcode),
        leaf("LineOne", value.line_1),
        leaf("LineTwo", value.line_2),
        leaf("LineThree", value.line_3),
        leaf("CityName", value.city),
        leaf("CountryID", value.country),
        leaf("CountrySubDivisionName", value.region),
    )


def supporting(value: SupportingDocument) -> str:
    """Write a supporting document (BG-24), its content as base64."""
    return group(
        "AdditionalReferencedDocument",
        leaf("IssuerAssignedID", value.reference),
        leaf("URIID", value.location),
        leaf("TypeCode", "916"),
        leaf("Name", value.description),
        _attached(value),
    )


def referenced_object(value: Identifier | None) -> str:
    """Write an invoiced object (BT-18, BT-128) with its scheme (UNTDID 1153) beside it."""
    if value is None:
        return ""
    return group(
        "AdditionalReferencedDocument",
        leaf("IssuerAssignedID", value.value),
        leaf("TypeCode", "130"),
        leaf("ReferenceTypeCode", value.scheme),
    )


def _attached(value: SupportingDocument) -> str:
    if value.content is None:
        return ""
    from base64 import b64encode  # noqa: PLC0415 - few invoices carry attachments

    attributes = marks({"mimeCode": value.mime_type, "filename": value.file_name})
    content = b64encode(value.content).decode()
    return f"<ram:AttachmentBinaryObject{attributes}>{content}</ram:AttachmentBinaryObject>\n"


def _identifier(value: Identifier | None) -> str:
    return _scheme("GlobalID" if value and value.scheme else "ID", value)


def _scheme(name: str, value: Identifier | None) -> str:
    return "" if value is None else leaf(name, value.value, schemeID=value.scheme)


def _legal(registration: Identifier | None, trading_name: str) -> str:
    return group("SpecifiedLegalOrganization", _scheme("ID", registration), leaf("TradingBusinessName", trading_name))


def _contact(value: Contact | None) -> str:
    if value is None:
        return ""
    return group(
        "DefinedTradeContact",
        leaf("PersonName", value.name),
        group("TelephoneUniversalCommunication", leaf("CompleteNumber", value.phone)),
        group("EmailURIUniversalCommunication", leaf("URIID", value.email)),
    )


def _tax_number(scheme: str, number: str) -> str:
    return group("SpecifiedTaxRegistration", leaf("ID", number, schemeID=scheme))
