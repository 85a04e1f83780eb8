"""INVOIC D.96A and D.01B in the manner of EANCOM: invoices and credit notes, both ways."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from blocks.documents.invoices import Invoice, Party
from blocks.errors import Defect, Unreadable
from blocks.standards.edifact.envelope import NoInterchangeError, read_interchanges
from blocks.standards.edifact.interchange import Message
from blocks.standards.edifact.messages.differences import not_held
from blocks.standards.edifact.messages.envelopes import (
    GLN_QUALIFIER,
    MUTUAL_QUALIFIER,
    Envelope,
    Outgoing,
    write_interchange,
)
from blocks.standards.edifact.messages.invoic_parties_write import main_first
from blocks.standards.edifact.messages.invoic_read import read_invoice
from blocks.standards.edifact.messages.invoic_write import invoice_segments
from blocks.standards.edifact.messages.reading import Findings
from blocks.standards.edifact.messages.releases import Release, ReleaseName, release_named
from blocks.standards.edifact.syntax import Segment

GLN_SCHEME = "0088"
_LONGEST_REFERENCE, _LONGEST_PARTY = 14, 35


def read_invoic(message: Message) -> tuple[Invoice, tuple[Defect, ...]]:
    """Return the invoice of an INVOIC and what is wrong with it or has no place in an invoice.

    Totals that the message does not state stay absent: nothing is computed here.
    """
    return invoice_of(message.segments)


def invoice_of(segments: Sequence[Segment]) -> tuple[Invoice, tuple[Defect, ...]]:
    """Return the invoice that the segments of a message say, and the defects."""
    findings = Findings("an invoice")
    invoice = read_invoice(segments, findings)
    return invoice, tuple(findings.defects)


def write_invoic(
    invoice: Invoice, release: ReleaseName = "96A", envelope: Envelope | None = None
) -> tuple[bytes, tuple[str, ...]]:
    """Return an interchange with one INVOIC, and a whole sentence for each value that it does not hold.

    The sentences come from reading the octets back and comparing field by field, so that nothing is dropped silently.

    Args:
        invoice: The invoice or credit note.
        release: ``96A`` or ``01B``.
        envelope: What UNB says; without it, parties and reference are taken from the invoice.

    Raises:
        WrongUse: The release is not written here.
        CharsetError: The envelope insists on a character set that cannot express a text.
    """
    lengths = release_named(release)
    outgoing = Outgoing("INVOIC", tuple(invoice_segments(invoice, lengths)), lengths)
    octets = write_interchange(envelope or envelope_of(invoice), (outgoing,))
    return octets, not_held(_main_first(invoice, lengths), _read_back(octets), f"INVOIC {lengths.title}")


def _main_first(invoice: Invoice, release: Release) -> Invoice:
    """The order of a party's identifiers says nothing; the one NAD names comes first when read."""
    return invoice.model_copy(
        update={
            role: party.model_copy(update={"identifiers": main_first(party.identifiers, release)})
            for role, party in (("seller", invoice.seller), ("buyer", invoice.buyer))
        }
    )


def _read_back(octets: bytes) -> Invoice:
    try:
        (interchange,) = read_interchanges(octets)
    except (NoInterchangeError, ValueError) as error:
        message = "The INVOIC that was written cannot be read back: the invoice holds what EDIFACT cannot express."
        raise Unreadable(message) from error
    return read_invoic(interchange.messages[0])[0]


def envelope_of(invoice: Invoice) -> Envelope:
    """Return an envelope from the seller to the buyer, made of the invoice alone."""
    day = invoice.issue_date
    moment = datetime.combine(day, time(), UTC) if day else datetime(2000, 1, 1, tzinfo=UTC)
    plain = "".join(letter for letter in invoice.number if letter.isascii() and letter.isalnum())
    return replace(
        Envelope(_identified(invoice.seller, "SELLER"), _identified(invoice.buyer, "BUYER")),
        reference=plain[-_LONGEST_REFERENCE:] or "1",
        prepared_at=moment,
    )


def _identified(party: Party, otherwise: str) -> tuple[str, str]:
    """The GLN of a party, or its VAT id, or what it is."""
    for identifier in party.identifiers:
        if identifier.scheme == GLN_SCHEME and identifier.value.isdigit():
            return identifier.value, GLN_QUALIFIER
    vat = "".join(letter for letter in party.vat_id if letter.isascii() and letter.isalnum())
    return vat[:_LONGEST_PARTY] or otherwise, MUTUAL_QUALIFIER
