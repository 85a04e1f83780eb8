"""Write parties, addresses and deliveries as UBL (BG-4 to BG-13)."""

from blocks.documents.invoices import Delivery, Identifier, Invoice, Party, Payee, PostalAddress, TaxRepresentative
from blocks.standards.en16931.code_lists import SEPA, TAX_NUMBER, VAT
from blocks.standards.en16931.xml_writing import day, group, identifier, text


def parties(invoice: Invoice) -> str:
    """Return seller, buyer, payee and tax representative; who is paid carries the creditor identifier (BT-90)."""
    debit = invoice.payment.debit if invoice.payment else None
    creditor = debit.creditor if debit else ""
    return "".join(
        (
            group("cac:AccountingSupplierParty", _party(invoice.seller, "" if invoice.payee else creditor)),
            group("cac:AccountingCustomerParty", _party(invoice.buyer, "")),
            _payee(invoice.payee, creditor) if invoice.payee else "",
            _tax_representative(invoice.tax_representative) if invoice.tax_representative else "",
        )
    )


def delivery(given: Delivery) -> str:
    """Return where and when was delivered (BG-13, 15)."""
    return group(
        "cac:Delivery",
        day("cbc:ActualDeliveryDate", given.delivered_on),
        group("cac:DeliveryLocation", identifier("cbc:ID", given.location), _address("cac:Address", given.address)),
        group("cac:DeliveryParty", _name(given.name)),
    )


def tax_scheme(name: str = VAT) -> str:
    """Return the tax scheme that every category and tax number names."""
    return group("cac:TaxScheme", text("cbc:ID", name))


def _party(party: Party, creditor: str) -> str:
    contact = party.contact
    return group(
        "cac:Party",
        identifier("cbc:EndpointID", party.electronic_address),
        *map(_identification, party.identifiers),
        _creditor(creditor),
        _name(party.trading_name),
        _address("cac:PostalAddress", party.address),
        _tax_number(party.vat_id, VAT),
        _tax_number(party.tax_number, TAX_NUMBER),
        group(
            "cac:PartyLegalEntity",
            text("cbc:RegistrationName", party.name),
            identifier("cbc:CompanyID", party.legal_registration),
            text("cbc:CompanyLegalForm", party.legal_information),
        ),
        group(
            "cac:Contact",
            text("cbc:Name", contact.name),
            text("cbc:Telephone", contact.phone),
            text("cbc:ElectronicMail", contact.email),
        )
        if contact
        else "",
    )


def _payee(payee: Payee, creditor: str) -> str:
    return group(
        "cac:PayeeParty",
        _identification(payee.identifier) if payee.identifier else "",
        _creditor(creditor),
        _name(payee.name),
        group("cac:PartyLegalEntity", identifier("cbc:CompanyID", payee.legal_registration)),
    )


def _tax_representative(representative: TaxRepresentative) -> str:
    return group(
        "cac:TaxRepresentativeParty",
        _name(representative.name),
        _address("cac:PostalAddress", representative.address),
        _tax_number(representative.vat_id, VAT),
    )


def _address(name: str, address: PostalAddress | None) -> str:
    if address is None:
        return ""
    return group(
        name,
        text("cbc:StreetName", address.line_1),
        text("cbc:AdditionalStreetName", address.line_2),
        text("cbc:CityName", address.city),
        text("cbc:PostalZone", address.postcode),
        text("cbc:CountrySubentity", address.region),
        group("cac:AddressLine", text("cbc:Line", address.line_3)),
        group("cac:Country", text("cbc:IdentificationCode", address.country)),
    )


def _name(name: str) -> str:
    return group("cac:PartyName", text("cbc:Name", name))


def _identification(given: Identifier) -> str:
    return group("cac:PartyIdentification", identifier("cbc:ID", given))


def _creditor(creditor: str) -> str:
    return group("cac:PartyIdentification", text("cbc:ID", creditor, schemeID=SEPA))


def _tax_number(number: str, scheme: str) -> str:
    return group("cac:PartyTaxScheme", text("cbc:CompanyID", number), tax_scheme(scheme)) if number else ""
