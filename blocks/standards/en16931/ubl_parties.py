"""Parties, addresses and deliveries of a UBL document (BG-4 to BG-13)."""

from typing import TypeVar

from blocks.documents.base import Document
from blocks.documents.invoices import (
    Contact,
    Delivery,
    Identifier,
    Party,
    Payee,
    PostalAddress,
    TaxRepresentative,
)
from blocks.standards.en16931.code_lists import SEPA, VAT
from blocks.standards.en16931.ubl_tree import Group, quoted, text_within

Something = TypeVar("Something", bound=Document)
_EMPTY: dict[type[Document], Document] = {
    kind: kind() for kind in (Contact, Delivery, Payee, PostalAddress, TaxRepresentative)
}


def party(group: Group | None) -> tuple[Party, str]:
    """Return the seller or buyer, and the bank assigned creditor identifier that stands among its identifiers."""
    inner = group.group("cac:Party") if group is not None else None
    if inner is None:
        return Party(), ""
    identifiers, creditor = _identifiers(inner)
    vat_id, tax_number = _tax_schemes(inner)
    legal = inner.group("cac:PartyLegalEntity")
    return Party(
        name=legal.text("cbc:RegistrationName") if legal else "",
        trading_name=_name(inner),
        identifiers=identifiers,
        legal_registration=legal.identifier("cbc:CompanyID") if legal else None,
        vat_id=vat_id,
        tax_number=tax_number,
        legal_information=legal.text("cbc:CompanyLegalForm") if legal else "",
        electronic_address=inner.identifier("cbc:EndpointID"),
        address=address(inner.group("cac:PostalAddress")),
        contact=_contact(inner.group("cac:Contact")),
    ), creditor


def payee(group: Group | None) -> tuple[Payee | None, str]:
    """Return who is paid (BG-10), and the bank assigned creditor identifier that stands among its identifiers."""
    if group is None:
        return None, ""
    identifiers, creditor = _identifiers(group)
    if len(identifiers) > 1:
        group.doubts.add(
            group.element, "The payee has several identifiers; only the first was taken.", "Give one identifier."
        )
    legal = group.group("cac:PartyLegalEntity")
    return filled(
        Payee(
            name=_name(group),
            identifier=identifiers[0] if identifiers else None,
            legal_registration=legal.identifier("cbc:CompanyID") if legal else None,
        )
    ), creditor


def tax_representative(group: Group | None) -> TaxRepresentative | None:
    """Return the seller's tax representative (BG-11)."""
    if group is None:
        return None
    vat_id, other = _tax_schemes(group)
    if other:
        group.doubts.add(
            group.element,
            "The tax representative has a number of another tax than VAT; it was not taken over.",
            "Give the VAT identifier with the tax scheme VAT.",
        )
    return filled(
        TaxRepresentative(name=_name(group), vat_id=vat_id, address=address(group.group("cac:PostalAddress")))
    )


def delivery(group: Group | None) -> Delivery | None:
    """Return where and when was delivered (BG-13, 15)."""
    if group is None:
        return None
    location = group.group("cac:DeliveryLocation")
    receiver = group.group("cac:DeliveryParty")
    return filled(
        Delivery(
            name=_name(receiver) if receiver else "",
            location=location.identifier("cbc:ID") if location else None,
            delivered_on=group.day("cbc:ActualDeliveryDate"),
            address=address(location.group("cac:Address")) if location else None,
        )
    )


def address(group: Group | None) -> PostalAddress | None:
    """Return a postal address (BG-5, 8, 12, 15)."""
    if group is None:
        return None
    return filled(
        PostalAddress(
            line_1=group.text("cbc:StreetName"),
            line_2=group.text("cbc:AdditionalStreetName"),
            line_3=text_within(group, "cac:AddressLine", "cbc:Line"),
            city=group.text("cbc:CityName"),
            postcode=group.text("cbc:PostalZone"),
            region=group.text("cbc:CountrySubentity"),
            country=text_within(group, "cac:Country", "cbc:IdentificationCode"),
        )
    )


def filled(document: Something) -> Something | None:
    """Return a group of terms, None where all are absent: no syntax can tell an empty group from none."""
    return None if document == _EMPTY[type(document)] else document


def _contact(group: Group | None) -> Contact | None:
    if group is None:
        return None
    return filled(
        Contact(name=group.text("cbc:Name"), phone=group.text("cbc:Telephone"), email=group.text("cbc:ElectronicMail"))
    )


def _name(group: Group) -> str:
    return text_within(group, "cac:PartyName", "cbc:Name")


def _identifiers(group: Group) -> tuple[tuple[Identifier, ...], str]:
    """Return a party's identifiers without, and the identifier with, the scheme SEPA (BT-90)."""
    found = [inner.identifier("cbc:ID") for inner in group.groups("cac:PartyIdentification")]
    present = [identifier for identifier in found if identifier is not None]
    creditors = [identifier.value for identifier in present if identifier.scheme == SEPA]
    others = tuple(identifier for identifier in present if identifier.scheme != SEPA)
    return others, creditors[0] if creditors else ""


def _tax_schemes(group: Group) -> tuple[str, str]:
    """Return the VAT identifier and the number of another tax scheme; each may stand once (UBL-SR-12, 13)."""
    numbers: dict[bool, str] = {}
    for inner in group.groups("cac:PartyTaxScheme"):
        scheme = tax_scheme(inner)
        number = inner.text("cbc:CompanyID")
        if not number:
            continue
        if (scheme == VAT) in numbers:
            inner.doubts.add(
                inner.element,
                f"A second number of the tax scheme {quoted(scheme)} stands here; only the first was taken.",
                "Give one VAT identifier and one tax number at the most.",
            )
        numbers.setdefault(scheme == VAT, number)
    return numbers.get(True, ""), numbers.get(False, "")


def tax_scheme(group: Group) -> str:
    """Return the id of the tax scheme of a group, in capitals as EN 16931 compares it."""
    return text_within(group, "cac:TaxScheme", "cbc:ID").upper()
