"""The parties of an INVOIC, read: NAD with its bank accounts, references and contacts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.documents.invoices import Contact, CreditTransfer, Identifier, Party, PostalAddress
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.reading import Findings
from blocks.standards.edifact.messages.texts import joined
from blocks.standards.edifact.syntax import Segment

_SCHEMES = {"9": "0088", "16": "0060"}
"""3055 (EAN/GS1, Dun & Bradstreet) as schemes of ISO 6523."""


@dataclass(slots=True)
class PartyGroup:
    """What the group of one party says.

    Attributes:
        head: NAD.
        party: Name, numbers, address, contact.
        accounts: Account and role of the bank (3035 of FII).
        references: RFF that say nothing of the party itself but of the invoice: 1153 and 1154.
    """

    head: Segment
    party: Party
    accounts: list[tuple[str, CreditTransfer]] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)

    @property
    def role(self) -> str:
        """Return what the party is in the message (3035)."""
        return self.head.part(0)


def read_party(group: Sequence[Segment], findings: Findings, elsewhere: frozenset[str]) -> PartyGroup:
    """Return what a NAD group says.

    Args:
        group: NAD and what belongs to it.
        findings: Takes what has no place.
        elsewhere: References (1153) that belong to the invoice wherever they stand.
    """
    head, found = group[0], PartyGroup(group[0], Party())
    fields: dict[str, Any] = {**_named(head), "identifiers": _identifiers(head), "address": _address(head)}
    contact: dict[str, str] = {}
    for one in group[1:]:
        if one.tag == "FII":
            found.accounts.append((one.part(0), _account(one)))
        elif one.tag == "RFF" and one.part(0) in elsewhere:
            found.references.append((one.part(0), one.part(0, 1)))
        elif one.tag == "RFF":
            _take_reference(one, fields, findings)
        elif one.tag == "CTA":
            contact["name"] = contact.get("name") or joined((one.part(1, 1),)) or one.part(1)
        elif one.tag == "COM":
            _take_communication(one, contact, fields, findings)
        else:
            findings.left_out(one)
    if any(contact.values()):
        fields["contact"] = Contact(**contact)
    found.party = Party(**fields)
    return found


def _named(head: Segment) -> dict[str, str]:
    """C080; where it is absent, the first line of the unstructured C058."""
    parts = head.elements[3] if len(head.elements) > 3 else ()  # noqa: PLR2004 - C080 is the fourth element
    if not any(parts):
        return {"name": head.part(2)}
    if len(parts) > 2 and parts[-1] and not all(parts[:-1]):  # noqa: PLR2004 - a gap before the last
        return {"name": joined(parts[:-1]), "trading_name": parts[-1]}
    return {"name": joined(parts[:5])}


def _identifiers(head: Segment) -> tuple[Identifier, ...]:
    value, listed, agency = head.part(1), head.part(1, 1), head.part(1, 2)
    return (Identifier(value=value, scheme=_SCHEMES.get(agency, "") or listed),) if value else ()


def _address(head: Segment) -> PostalAddress | None:
    streets = head.elements[4] if len(head.elements) > 4 else ()  # noqa: PLR2004 - C059 is the fifth element
    if not any(streets) and not any(head.part(3, place) for place in range(5)):
        streets = head.elements[2][1:4] if len(head.elements) > 2 else ()  # noqa: PLR2004 - C058 is the third
    lines = [*streets[:2], joined(streets[2:])] if len(streets) > 2 else [*streets]  # noqa: PLR2004 - three lines
    lines += [""] * (3 - len(lines))
    address = PostalAddress(
        line_1=lines[0],
        line_2=lines[1],
        line_3=lines[2],
        city=head.part(5),
        region=head.part(6, 3) or head.part(6),
        postcode=head.part(7),
        country=head.part(8),
    )
    return None if address == PostalAddress() else address


def _account(one: Segment) -> CreditTransfer:
    name = joined(one.elements[1][1:3]) if len(one.elements) > 1 else ""
    return CreditTransfer(account=one.part(1), name=name, bank=one.part(2))


def _take_reference(one: Segment, fields: dict[str, Any], findings: Findings) -> None:
    code, value, scheme = one.part(0), one.part(0, 1), one.part(0, 3)
    if code in codes.VAT_ID and not fields.get("vat_id"):
        fields["vat_id"] = value
    elif code in codes.TAX_NUMBER and not fields.get("tax_number"):
        fields["tax_number"] = value
    elif code in codes.REGISTRATION and not fields.get("legal_registration"):
        fields["legal_registration"] = Identifier(value=value, scheme=scheme)
    elif code == codes.MORE_IDENTIFIERS:
        fields["identifiers"] = (*fields["identifiers"], Identifier(value=value, scheme=scheme))
    else:
        findings.left_out(one)


def _take_communication(one: Segment, contact: dict[str, str], fields: dict[str, Any], findings: Findings) -> None:
    value, kind = one.part(0), one.part(0, 1)
    name = {"TE": "phone", "EM": "email"}.get(kind, "")
    if kind == "EI":
        scheme, _, address = value.partition(":")
        fields["electronic_address"] = Identifier(value=address, scheme=scheme) if address else Identifier(value=value)
    elif name and not contact.get(name):
        contact[name] = value
    else:
        findings.left_out(one)


def of_role(parties: Iterable[PartyGroup], *roles: str) -> PartyGroup | None:
    """Return the first party of the first of these roles that is there."""
    held = list(parties)
    return next((each for role in roles for each in held if each.role == role), None)
