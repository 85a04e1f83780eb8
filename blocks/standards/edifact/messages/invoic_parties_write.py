"""The parties of an INVOIC: NAD with its bank, references and contacts."""

from collections.abc import Iterator, Sequence

from blocks.documents.invoices import Contact, CreditTransfer, Identifier, Party, PostalAddress
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.releases import Release
from blocks.standards.edifact.messages.texts import cut, joined
from blocks.standards.edifact.syntax import Segment, segment


def party_segments(role: str, party: Party, release: Release, banks: Sequence[Segment]) -> Iterator[Segment]:
    """Yield the group of one party (SG2): NAD, then its bank accounts, references and contacts."""
    identifiers = main_first(party.identifiers, release)
    main = _c082(identifiers[0], release) if identifiers else ()
    others = identifiers[1:] if main else identifiers
    address = party.address or PostalAddress()
    streets = _streets(address, release)
    yield segment(
        "NAD",
        role,
        main,
        "",
        _name(party, release),
        streets,
        _fitting(address.city, release.city),
        ("", "", "", _fitting(address.region, release.region))
        if release.region_by_name
        else _fitting(address.region, release.region),
        _fitting(address.postcode, release.postcode),
        address.country,
    )
    yield from banks
    yield from _party_references(party, others, release)
    yield from _contacts(party, release)


def named(party: Party) -> bool:
    """Tell whether there is anything to say of a party."""
    return party != Party()


def reference_segment(code: str, value: str, release: Release, scheme: str = "") -> Iterator[Segment]:
    """Yield RFF for a value that fits. A scheme goes into 4000: C506 has no place for one, and 4000 qualifies too."""
    if value and len(value) <= release.reference:
        yield segment("RFF", (code, value, "", scheme))


def bank_segment(role: str, transfer: CreditTransfer, release: Release) -> Iterator[Segment]:
    """Yield FII for an account: account number, holder, BIC."""
    if len(transfer.account) <= release.account:
        bank = transfer.bank if len(transfer.bank) <= 11 else ""  # noqa: PLR2004 - 3433 is an..11, as a BIC is
        yield segment("FII", role, (transfer.account, *cut(transfer.name, release.name_width, 2)), (bank,))


def _fitting(text: str, width: int) -> str:
    return text if len(text) <= width else ""


def main_first(identifiers: tuple[Identifier, ...], release: Release) -> tuple[Identifier, ...]:
    """Return a party's identifiers with the one that NAD names first: the GLN, else the first that fits there."""
    by_gln = sorted(identifiers, key=lambda each: each.scheme != "0088")
    main = next((each for each in by_gln if _c082(each, release)), None)
    return identifiers if main is None else (main, *(each for each in identifiers if each is not main))


def _c082(identifier: Identifier, release: Release) -> tuple[str, ...]:
    """Return C082 for an identifier; empty where NAD cannot name it."""
    if len(identifier.value) > release.party:
        return ()
    if agency := release.organisations.get(identifier.scheme):
        return identifier.value, "", agency
    if not identifier.scheme:
        return identifier.value, "", codes.OWN_NUMBER
    return (identifier.value, identifier.scheme) if len(identifier.scheme) <= release.code_list else ()


def _name(party: Party, release: Release) -> tuple[str, ...]:
    """C080: the name, cut where it is longer than an element; the trading name in the last element (CEN's binding)."""
    room = release.name_parts - 1
    name = cut(party.name, release.name_width, room if party.trading_name else release.name_parts)
    if not party.trading_name or len(party.trading_name) > release.name_width:
        return name
    return (*name, *("" for _ in range(room - len(name))), party.trading_name)


def _streets(address: PostalAddress, release: Release) -> tuple[str, ...]:
    """C059: each line of the address is an element; a longer one is cut where elements are left for it."""
    lines = [address.line_1, address.line_2, address.line_3]
    while lines and not lines[-1]:
        lines.pop()
    if all(len(line) <= release.name_width for line in lines):
        return tuple(lines)
    return cut(joined(lines), release.name_width, release.streets)


def _party_references(party: Party, others: tuple[Identifier, ...], release: Release) -> Iterator[Segment]:
    yield from reference_segment(codes.VAT_ID[0], party.vat_id, release)
    yield from reference_segment(codes.TAX_NUMBER[0], party.tax_number, release)
    if party.legal_registration:
        registration = party.legal_registration
        yield from reference_segment(codes.REGISTRATION[0], registration.value, release, registration.scheme)
    for identifier in others:
        yield from reference_segment(codes.MORE_IDENTIFIERS, identifier.value, release, identifier.scheme)


def _contacts(party: Party, release: Release) -> Iterator[Segment]:
    contact = party.contact or Contact()
    address = party.electronic_address
    endpoint = f"{address.scheme}:{address.value}" if address else ""
    if not (contact != Contact() or endpoint):
        return
    yield segment("CTA", "IC", ("", _fitting(contact.name, release.contact)))
    for kind, value in (("TE", contact.phone), ("EM", contact.email), ("EI", endpoint)):
        if value and len(value) <= release.communication:
            yield segment("COM", (value, kind))
