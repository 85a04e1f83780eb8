"""An INVOIC as an invoice: header, lines and totals; what has no place in it is named, not dropped."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from blocks.documents.invoices import (
    AllowanceCharge,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    InvoiceLine,
    Note,
    Payee,
    Payment,
    PrecedingInvoice,
    TaxRepresentative,
    Totals,
    VatBreakdown,
)
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.invoic_lines_read import joined_lines, read_lines
from blocks.standards.edifact.messages.invoic_parties_read import PartyGroup, of_role, read_party
from blocks.standards.edifact.messages.invoic_parts_read import Days, Text, rate_of, reduction, texts
from blocks.standards.edifact.messages.reading import Findings, groups, sections
from blocks.standards.edifact.messages.skonto import Discount, terms_with
from blocks.standards.edifact.syntax import Segment

_TRIGGERS = frozenset(
    {"RFF", "NAD", "TAX", "CUX", "PAT", "PYT", "TDT", "TOD", "PAC", "ALC", "MOA", "EFI", "DLI", "RCS"}
)
_TAKEN_IN = {"NAD": {"RFF"}, "ALC": {"MOA", "TAX", "RFF"}, "TAX": {"MOA"}, "PAT": {"MOA"}, "PYT": {"MOA", "PAT"}}
_MOST_DAYS = 999
_BY_TERM = {code: term for term, known in codes.REFERENCES.items() for code in known}
_ELSEWHERE = frozenset({"CR", "AOU", codes.MANDATE, codes.CREDITOR, codes.REMITTANCE})
"""References of the invoice that CEN's binding puts into the buyer's group."""


@dataclass(slots=True)
class _Found:
    """What the header says, while it is read."""

    fields: dict[str, Any] = field(default_factory=dict)
    payment: dict[str, Any] = field(default_factory=dict)
    debit: dict[str, Any] = field(default_factory=dict)
    days: Days = field(default_factory=Days)
    delivered: date | None = None
    terms: str = ""
    legal: str = ""
    notes: list[Note] = field(default_factory=list)
    exemptions: list[Text] = field(default_factory=list)
    preceding: list[PrecedingInvoice] = field(default_factory=list)
    parties: list[PartyGroup] = field(default_factory=list)
    reductions: list[AllowanceCharge] = field(default_factory=list)
    discounts: list[tuple[int | date, Decimal, Decimal | None]] = field(default_factory=list)
    category: str = ""
    rate: Decimal | None = None


def read_invoice(segments: Sequence[Segment], findings: Findings) -> Invoice:
    """Return the invoice that a message's segments say (UNH and UNT may be among them)."""
    found, parts = _Found(), sections(segments)
    leading, *others = groups(parts.header, _TRIGGERS, _belongs)
    _take_leading(leading, found, findings)
    for group in others:
        _take_group(group, found, findings)
    _name_other_parties(found, findings)
    totals, breakdown = _summary(parts.summary, found, findings)
    lines = read_lines(parts.lines, findings, found.category, found.rate)
    return _built(found, totals, _with_reasons(breakdown, found.exemptions, findings), lines)


def _name_other_parties(found: _Found, findings: Findings) -> None:
    """Say which parties an invoice has no place for; one that is named as another is, says nothing new."""
    roles = (
        (*codes.SELLER,),
        (codes.BUYER, codes.INVOICEE),
        (codes.PAYEE,),
        (codes.REPRESENTATIVE,),
        (codes.DELIVERY,),
    )
    taken = [group for each in roles if (group := of_role(found.parties, *each))]
    for group in found.parties:
        if not any(group is each or group.party == each.party for each in taken):
            findings.left_out(group.head)


def _belongs(tag: str, group: str) -> bool:
    return tag in _TAKEN_IN.get(group, ())


def _take_leading(leading: Sequence[Segment], found: _Found, findings: Findings) -> None:
    _take_texts([one for one in leading if one.tag == "FTX"], found)
    for one in leading:
        if one.tag == "BGM":
            found.fields.update(type_code=one.part(0), number=one.part(1))
        elif one.tag == "DTM":
            _take_day(one, found, findings)
        elif one.tag == "PAI":
            found.payment["means_code"] = one.part(0, 2)
        elif one.tag != "FTX":
            findings.left_out(one)


def _take_day(one: Segment, found: _Found, findings: Findings) -> None:
    qualifier = one.part(0)
    if qualifier in codes.TAX_POINT_CODES and not one.part(0, 1):
        found.fields["tax_point_code"] = qualifier
    elif qualifier == codes.DELIVERED:
        found.delivered = findings.day(one)
    elif name := {codes.ISSUED: "issue_date", codes.TAX_POINT: "tax_point_date"}.get(qualifier):
        found.fields[name] = findings.day(one)
    elif not found.days.take(one, findings):
        findings.left_out(one)


def _take_texts(segments: Sequence[Segment], found: _Found) -> None:
    for text in texts(segments):
        if text.subject == codes.SPECIFICATION:
            _take_specification(text, found)
        elif text.subject == codes.TERMS:
            found.terms = joined_lines(found.terms, text.text)
        elif text.subject == codes.MEANS_TEXT and "means_text" not in found.payment:
            found.payment["means_text"] = text.text
        elif text.subject == codes.EXEMPTION:
            found.exemptions.append(text)
        elif text.subject == codes.LEGAL and not found.legal:
            found.legal = text.text
        elif text.text:
            found.notes.append(Note(text=text.text, subject_code="" if text.subject == codes.GENERAL else text.subject))


def _take_specification(text: Text, found: _Found) -> None:
    said = "".join(text.elements)
    if "specification" in found.fields:
        found.fields["process"] = said
    else:
        found.fields.update(specification=said, process=text.code)


def _take_group(group: Sequence[Segment], found: _Found, findings: Findings) -> None:
    head = group[0]
    if head.tag == "RFF":
        _take_reference(group, found, findings)
    elif head.tag == "NAD":
        found.parties.append(read_party(group, findings, _ELSEWHERE))
    elif head.tag == "CUX":
        _take_currencies(head, found)
    elif head.tag in {"PAT", "PYT"}:
        _take_terms(group, found, findings)
    elif head.tag == "TAX":
        found.rate, found.category = rate_of(head, findings), head.part(5)
    elif head.tag == "ALC":
        found.reductions.append(reduction(group, findings))
    else:
        for one in group:
            findings.left_out(one)


def _take_reference(group: Sequence[Segment], found: _Found, findings: Findings) -> None:
    head = group[0]
    code, value = head.part(0), head.part(0, 1)
    term = _BY_TERM.get(code, "")
    day = next((one for one in group[1:] if one.tag == "DTM"), None)
    if code in codes.PRECEDING:
        issued = findings.day(day) if day and day.part(0) in codes.REFERENCE_DATES else None
        found.preceding.append(PrecedingInvoice(number=value, issued_on=issued))
    elif code == codes.OBJECT and value:
        found.fields["object_identifier"] = Identifier(value=value, scheme=head.part(0, 3))
    elif not (term and term not in found.fields and _take(found.fields, term, value)) and not _take_elsewhere(
        code, value, found
    ):
        findings.left_out(head)


def _take(fields: dict[str, Any], name: str, value: str) -> bool:
    fields[name] = value
    return True


def _take_elsewhere(code: str, value: str, found: _Found) -> bool:
    if code == codes.REMITTANCE:
        return _take(found.payment, "remittance", value)
    if name := {codes.MANDATE: "mandate", codes.CREDITOR: "creditor"}.get(code):
        return _take(found.debit, name, value)
    term = _BY_TERM.get(code, "")
    return bool(term) and term not in found.fields and _take(found.fields, term, value)


def _take_currencies(head: Segment, found: _Found) -> None:
    for components in head.elements:
        usage, currency = (*components, "")[:2]
        if usage == "2":
            found.fields["currency"] = currency
        elif currency:
            found.fields["accounting_currency"] = currency


def _take_terms(group: Sequence[Segment], found: _Found, findings: Findings) -> None:
    """PAT+1/3: when the whole is due; PAT+22: a discount. PYT is PAT in later releases, with PAI inside."""
    head, percentage, basis, until = group[0], None, None, None
    days = head.part(2, 3)
    for one in group[1:]:
        if one.tag == "DTM" and one.part(0) == codes.DUE:
            found.fields["due_date"] = findings.day(one)
        elif one.tag == "DTM" and one.part(0) == codes.DISCOUNT_UNTIL:
            until = findings.day(one)
        elif one.tag == "PCD":
            percentage = findings.number(one, 0)
        elif one.tag == "MOA" and one.part(0) == codes.BASIS:
            basis = findings.number(one, 0)
        elif one.tag == "PAI":
            found.payment["means_code"] = one.part(0, 2)
        elif one.tag != "PAT":
            findings.left_out(one)
    span: int | date | None = int(days) if days.isascii() and days.isdigit() and len(days) <= 3 else until  # noqa: PLR2004 - 2152 is n..3
    if percentage is not None and span is not None:
        found.discounts.append((span, percentage, basis))


def _summary(summary: Sequence[Segment], found: _Found, findings: Findings) -> tuple[Totals, tuple[VatBreakdown, ...]]:
    leading, *others = groups(summary, _TRIGGERS, _belongs)
    amounts: dict[str, Decimal | None] = {}
    breakdown = []
    for group in ([leading] if leading else []) + others:
        head = group[0]
        if head.tag == "TAX":
            breakdown.append(_vat_group(group, findings))
        elif head.tag == "MOA":
            if head.part(0) not in _TOTAL_CODES:
                findings.left_out(head)
            amounts.setdefault(head.part(0), findings.number(head, 0))
        elif head.tag == "ALC":
            found.reductions.append(reduction(group, findings))
        elif head.tag == "RFF":
            _take_reference(group, found, findings)
        else:
            for one in group:
                findings.left_out(one)
    given = {
        term: next((amounts[code] for code in known if code in amounts), None) for term, known in codes.TOTALS.items()
    }
    return Totals(**given), tuple(breakdown)


_TOTAL_CODES = frozenset(code for known in codes.TOTALS.values() for code in known)


def _vat_group(group: Sequence[Segment], findings: Findings) -> VatBreakdown:
    amounts: dict[str, Decimal | None] = {}
    for one in group[1:]:
        if one.tag == "MOA":
            amounts[one.part(0)] = findings.number(one, 0)
        else:
            findings.left_out(one)
    return VatBreakdown(
        category=group[0].part(5),
        rate=rate_of(group[0], findings),
        basis=amounts.get(codes.VAT_BASIS[0]),
        amount=amounts.get(codes.VAT_AMOUNT[0]),
    )


def _with_reasons(
    breakdown: tuple[VatBreakdown, ...], reasons: Sequence[Text], findings: Findings
) -> tuple[VatBreakdown, ...]:
    """Give the untaxed groups their reasons, in order: nothing else ties an FTX+AGM to its group."""
    waiting, groups_ = list(reasons), []
    for group in breakdown:
        if waiting and group.category in codes.UNTAXED:
            reason = waiting.pop(0)
            code, text = _reason(reason)
            groups_.append(group.model_copy(update={"exemption_reason": text, "exemption_code": code}))
        else:
            groups_.append(group)
    for reason in waiting:
        findings.left_out(reason.segment)
    return tuple(groups_)


def _reason(reason: Text) -> tuple[str, str]:
    first = reason.elements[0] if reason.elements else ""
    if not reason.code and first.startswith("VATEX-"):
        return first, Text("", "", reason.elements[1:], reason.segment).text
    return reason.code, reason.text


def _built(
    found: _Found,
    totals: Totals,
    breakdown: tuple[VatBreakdown, ...],
    lines: tuple[InvoiceLine, ...],
) -> Invoice:
    for group in found.parties:
        for code, value in group.references:
            _take_elsewhere(code, value, found)
    seller = of_role(found.parties, *codes.SELLER)
    buyer = of_role(found.parties, codes.BUYER, codes.INVOICEE)
    parties: dict[str, Any] = {}
    if seller:
        parties["seller"] = seller.party.model_copy(update={"legal_information": found.legal})
    elif found.legal:
        found.notes.append(Note(text=found.legal, subject_code=codes.LEGAL))
    if buyer:
        parties["buyer"] = buyer.party
    return Invoice(
        **found.fields,
        **parties,
        **_other_parties(found),
        payment_terms=_payment_terms(found),
        notes=tuple(found.notes),
        preceding_invoices=tuple(found.preceding),
        period=found.days.period(),
        payment=_payment(found),
        allowances_charges=tuple(found.reductions),
        totals=totals,
        vat_breakdown=breakdown,
        lines=lines,
    )


def _other_parties(found: _Found) -> dict[str, Any]:
    parties: dict[str, Any] = {}
    if group := of_role(found.parties, codes.PAYEE):
        identifier = group.party.identifiers[0] if group.party.identifiers else None
        registration = group.party.legal_registration
        parties["payee"] = Payee(name=group.party.name, identifier=identifier, legal_registration=registration)
    if group := of_role(found.parties, codes.REPRESENTATIVE):
        agent = group.party
        parties["tax_representative"] = TaxRepresentative(name=agent.name, vat_id=agent.vat_id, address=agent.address)
    group = of_role(found.parties, codes.DELIVERY)
    if group or found.delivered:
        place = group.party if group else None
        parties["delivery"] = Delivery(
            name=place.name if place else "",
            location=place.identifiers[0] if place and place.identifiers else None,
            delivered_on=found.delivered,
            address=place.address if place else None,
        )
    return parties


def _payment_terms(found: _Found) -> str:
    issued = found.fields.get("issue_date")
    granted = []
    for span, percentage, basis in found.discounts:
        days = ((span - issued).days if issued else -1) if isinstance(span, date) else span
        if 0 <= days <= _MOST_DAYS:
            granted.append(Discount(days, percentage, basis))
    return terms_with(found.terms, granted)


def _payment(found: _Found) -> Payment | None:
    transfers, debited = [], ""
    for group in found.parties:
        for role, account in group.accounts:
            if role in codes.BUYERS_BANK:
                debited = account.account
            else:
                transfers.append(account)
    debit = {**found.debit, **({"account": debited} if debited else {})}
    if not (found.payment or transfers or debit):
        return None
    return Payment(**found.payment, transfers=tuple(transfers), debit=DirectDebit(**debit) if debit else None)
