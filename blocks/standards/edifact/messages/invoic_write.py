"""An invoice as the segments of an INVOIC, BGM to the last total; what does not fit is left out, never shortened."""

from collections.abc import Iterator
from datetime import date

from blocks.documents.invoices import (
    CreditTransfer,
    Delivery,
    Invoice,
    Party,
    Totals,
    VatBreakdown,
)
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.figures import day_element, number_element
from blocks.standards.edifact.messages.invoic_lines_write import line_segments
from blocks.standards.edifact.messages.invoic_parties_write import (
    bank_segment,
    named,
    party_segments,
    reference_segment,
)
from blocks.standards.edifact.messages.invoic_parts_write import period_segments, reduction_segments, text_of
from blocks.standards.edifact.messages.releases import Release
from blocks.standards.edifact.messages.skonto import discounts
from blocks.standards.edifact.messages.texts import TEXTS_PER_SEGMENT, text_elements
from blocks.standards.edifact.syntax import Segment, segment


def invoice_segments(invoice: Invoice, release: Release) -> Iterator[Segment]:
    """Yield the segments between UNH and UNT, in the order of the directory."""
    number = invoice.number if len(invoice.number) <= release.number else ""
    yield segment("BGM", invoice.type_code, number, "9")
    yield from _dates(invoice)
    if invoice.payment and invoice.payment.means_code:
        yield segment("PAI", ("", "", invoice.payment.means_code))
    yield from _texts(invoice, release)
    yield from _references(invoice, release)
    yield from _parties(invoice, release)
    yield from _currencies(invoice)
    yield from _terms(invoice)
    for each in invoice.allowances_charges:
        yield from reduction_segments(each, release)
    for position, line in enumerate(invoice.lines, 1):
        yield from line_segments(line, release, str(position))
    yield segment("UNS", "S")
    yield segment("CNT", ("2", str(_count(invoice))))
    yield from _totals(invoice.totals, invoice, release)
    for group in invoice.vat_breakdown:
        yield from _vat_group(group, release)


def _count(invoice: Invoice) -> int:
    waiting, count = list(invoice.lines), 0
    while waiting:
        line = waiting.pop()
        waiting += line.sub_lines
        count += 1
    return count


def _dates(invoice: Invoice) -> Iterator[Segment]:
    delivered = invoice.delivery.delivered_on if invoice.delivery else None
    days: tuple[tuple[str, date | None], ...] = (
        (codes.ISSUED, invoice.issue_date),
        (codes.DELIVERED, delivered),
        (codes.TAX_POINT, invoice.tax_point_date),
    )
    for qualifier, day in days:
        if element := day_element(qualifier, day):
            yield segment("DTM", element)
    if invoice.tax_point_code:
        yield segment("DTM", (invoice.tax_point_code,))
    yield from period_segments(invoice.period)


def _texts(invoice: Invoice, release: Release) -> Iterator[Segment]:
    yield from _specification(invoice, release)
    yield from text_of(codes.LEGAL, invoice.seller.legal_information, release)
    yield from text_of(codes.TERMS, invoice.payment_terms, release)
    if invoice.payment:
        yield from text_of(codes.MEANS_TEXT, invoice.payment.means_text, release)
    untaxed = [group for group in invoice.vat_breakdown if group.category in codes.UNTAXED]
    if any(group.exemption_reason or group.exemption_code for group in untaxed):
        for group in untaxed:
            yield _exemption(group, release)
    for note in invoice.notes:
        yield from text_of(note.subject_code or codes.GENERAL, note.text, release)


def _specification(invoice: Invoice, release: Release) -> Iterator[Segment]:
    """FTX+DOC: the specification, with the process as its code (CEN's binding) or, where too long, in a second FTX."""
    short = invoice.process if len(invoice.process) <= release.text_code else ""
    if invoice.specification or invoice.process:
        yield segment("FTX", codes.SPECIFICATION, "", short, text_elements(invoice.specification, release.text)[:5])
    if invoice.process != short:
        yield segment("FTX", codes.SPECIFICATION, "", "", text_elements(invoice.process, release.text)[:5])


def _exemption(group: VatBreakdown, release: Release) -> Segment:
    """FTX+AGM for each untaxed group in their order: nothing else ties a reason to its group (CEN's binding)."""
    fits = len(group.exemption_code) <= release.text_code
    first = () if fits else (group.exemption_code,)
    reason = text_elements(group.exemption_reason, release.text) if group.exemption_reason else ()
    code = group.exemption_code if fits else ""
    return segment("FTX", codes.EXEMPTION, "", code, (*first, *reason)[:TEXTS_PER_SEGMENT])


def _references(invoice: Invoice, release: Release) -> Iterator[Segment]:
    for term, (code, *_) in codes.REFERENCES.items():
        yield from reference_segment(code, getattr(invoice, term), release)
    if invoice.payment:
        yield from reference_segment(codes.REMITTANCE, invoice.payment.remittance, release)
    if invoice.payment and (debit := invoice.payment.debit):
        yield from reference_segment(codes.MANDATE, debit.mandate, release)
        yield from reference_segment(codes.CREDITOR, debit.creditor, release)
    if identifier := invoice.object_identifier:
        yield from reference_segment(codes.OBJECT, identifier.value, release, identifier.scheme)
    for preceding in invoice.preceding_invoices:
        yield from reference_segment(codes.PRECEDING[0], preceding.number, release)
        if preceding.number and (day := day_element(codes.REFERENCE_DATES[0], preceding.issued_on)):
            yield segment("DTM", day)


def _parties(invoice: Invoice, release: Release) -> Iterator[Segment]:
    payment = invoice.payment
    banks = tuple(_banks(payment.transfers, release)) if payment else ()
    debited = payment.debit.account if payment and payment.debit else ""
    own = CreditTransfer(account=debited)
    paying = tuple(bank_segment(codes.BUYERS_BANK[0], own, release)) if debited else ()
    yield from party_segments(codes.BUYER, invoice.buyer, release, paying)
    yield from party_segments(codes.SELLER[0], invoice.seller, release, () if invoice.payee else banks)
    if payee := invoice.payee:
        identifiers = (payee.identifier,) if payee.identifier else ()
        as_party = Party(name=payee.name, identifiers=identifiers, legal_registration=payee.legal_registration)
        yield from party_segments(codes.PAYEE, as_party, release, banks)
    if agent := invoice.tax_representative:
        as_party = Party(name=agent.name, vat_id=agent.vat_id, address=agent.address)
        yield from party_segments(codes.REPRESENTATIVE, as_party, release, ())
    if invoice.delivery:
        yield from _delivery(invoice.delivery, release)


def _banks(transfers: tuple[CreditTransfer, ...], release: Release) -> Iterator[Segment]:
    for transfer in transfers:
        yield from bank_segment(codes.PAYEES_BANK[0], transfer, release)


def _delivery(delivery: Delivery, release: Release) -> Iterator[Segment]:
    identifiers = (delivery.location,) if delivery.location else ()
    place = Party(name=delivery.name, identifiers=identifiers, address=delivery.address)
    if named(place):
        yield from party_segments(codes.DELIVERY, place, release, ())


def _currencies(invoice: Invoice) -> Iterator[Segment]:
    if invoice.currency:
        yield segment("CUX", ("2", invoice.currency, "4"))
    if invoice.accounting_currency:
        yield segment("CUX", ("6", invoice.accounting_currency, "4"))


def _terms(invoice: Invoice) -> Iterator[Segment]:
    if day := day_element(codes.DUE, invoice.due_date):
        yield segment("PAT", "1")
        yield segment("DTM", day)
    for discount in discounts(invoice.payment_terms):
        yield segment("PAT", "22", "", ("5", "3", "D", str(discount.days)))
        yield segment("PCD", ("12", f"{discount.percentage:f}"))
        if discount.basis is not None:
            yield segment("MOA", (codes.BASIS, f"{discount.basis:f}"))


def _totals(totals: Totals, invoice: Invoice, release: Release) -> Iterator[Segment]:
    for term, (code, *_) in codes.TOTALS.items():
        amount = number_element(getattr(totals, term), release.amount)
        if amount and term == "vat_accounting":
            yield segment("MOA", (code, amount, invoice.accounting_currency))
        elif amount:
            yield segment("MOA", (code, amount))


def _vat_group(group: VatBreakdown, release: Release) -> Iterator[Segment]:
    yield segment("TAX", "7", "VAT", "", "", ("", "", "", number_element(group.rate, 17)), group.category)
    for (code, *_), value in ((codes.VAT_BASIS, group.basis), (codes.VAT_AMOUNT, group.amount)):
        if amount := number_element(value, release.amount):
            yield segment("MOA", (code, amount))
