"""Parties, addresses and identifiers as CII writes them, read."""

from blocks.documents.invoices import Contact, Delivery, Identifier, Party, Payee, PostalAddress, TaxRepresentative
from blocks.standards.en16931.cii_tree import Node


def party(node: Node | None) -> Party:
    """Read the seller (BG-4) or the buyer (BG-7)."""
    if node is None:
        return Party()
    legal = node.one("SpecifiedLegalOrganization")
    return Party(
        name=node.value("Name"),
        trading_name=legal.value("TradingBusinessName") if legal else "",
        identifiers=_identifiers(node),
        legal_registration=identifier(legal.one("ID")) if legal else None,
        vat_id=_tax_number(node, "VA"),
        tax_number=_tax_number(node, "FC"),
        legal_information=node.values("Description"),
        electronic_address=identifier(node.one("URIUniversalCommunication", "URIID")),
        address=address(node.one("PostalTradeAddress")),
        contact=_contact(node.one("DefinedTradeContact")),
    )


def payee(node: Node | None) -> Payee | None:
    """Read who is paid (BG-10)."""
    if node is None:
        return None
    found = Payee(
        name=node.value("Name"),
        identifier=_main_identifier(node),
        legal_registration=identifier(node.one("SpecifiedLegalOrganization", "ID")),
    )
    return None if found == Payee() else found


def tax_representative(node: Node | None) -> TaxRepresentative | None:
    """Read the seller's tax representative (BG-11)."""
    if node is None:
        return None
    found = TaxRepresentative(
        name=node.value("Name"),
        vat_id=_tax_number(node, "VA"),
        address=address(node.one("PostalTradeAddress")),
    )
    return None if found == TaxRepresentative() else found


def delivery(node: Node) -> Delivery | None:
    """Read where and when was delivered (BG-13, BG-15) from the header's delivery."""
    to = node.one("ShipToTradeParty")
    found = Delivery(
        name=to.value("Name") if to else "",
        location=_main_identifier(to) if to else None,
        delivered_on=node.day("ActualDeliverySupplyChainEvent", "OccurrenceDateTime"),
        address=address(to.one("PostalTradeAddress")) if to else None,
    )
    return None if found == Delivery() else found


def identifier(node: Node | None) -> Identifier | None:
    """Read an identifier and its scheme; None where it is empty."""
    if node is None or not node.text:
        return None
    return Identifier(
        value=node.text,
        scheme=node.attributes.get("schemeID", ""),
        scheme_version=node.attributes.get("schemeVersionID", ""),
    )


def address(node: Node | None) -> PostalAddress | None:
    """Read a postal address; None where nothing is in it."""
    if node is None:
        return None
    found = PostalAddress(
        line_1=node.value("LineOne"),
        line_2=node.value("LineTwo"),
        line_3=node.value("LineThree"),
        city=node.value("CityName"),
        postcode=node.value("PostcodeCode"),
        region=node.value("CountrySubDivisionName"),
        country=node.value("CountryID"),
    )
    return None if found == _NO_ADDRESS else found


_NO_ADDRESS = PostalAddress()
_NO_CONTACT = Contact()


def _identifiers(node: Node) -> tuple[Identifier, ...]:
    found = (identifier(each) for name in ("ID", "GlobalID") for each in node.all(name))
    return tuple(each for each in found if each is not None)


def _main_identifier(node: Node) -> Identifier | None:
    """Return the identifier with a scheme where there is one: others mean nothing outside the two parties."""
    return identifier(node.one("GlobalID")) or identifier(node.one("ID"))


def _tax_number(node: Node, scheme: str) -> str:
    """Return the first number registered under that scheme (VA: VAT, FC: local tax office)."""
    for registration in node.all("SpecifiedTaxRegistration"):
        for number in registration.children.get("ID", ()):
            if number.attributes.get("schemeID") == scheme:
                number.read = True
                return number.text
    return ""


def _contact(node: Node | None) -> Contact | None:
    """Read whom to ask; a department stands for the person where none is named (BT-41, BT-56)."""
    if node is None:
        return None
    found = Contact(
        name=node.value("PersonName") or node.value("DepartmentName"),
        phone=node.value("TelephoneUniversalCommunication", "CompleteNumber"),
        email=node.value("EmailURIUniversalCommunication", "URIID"),
    )
    return None if found == _NO_CONTACT else found
