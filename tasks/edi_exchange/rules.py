"""What may be done with an interchange that came. Pure: octets, partners and what is known in, a verdict out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from blocks.documents.edi_partners import Acknowledge, EdiPartners, Partner
from blocks.standards.edifact.checks import judge
from blocks.standards.edifact.envelope import NoInterchangeError, read_interchanges
from blocks.standards.edifact.findings import Finding, Severity, shown
from blocks.standards.edifact.interchange import Interchange

ACCEPTED, REJECTED, UNKNOWN, CONFLICT = "accepted", "rejected", "unknown_partner", "conflict"
_LONGEST_NUMBER = 14


@dataclass(frozen=True, slots=True)
class Known:
    """What Postgres knows of a partner: the highest control number, and whether a reference has another content."""

    highest: int | None = None
    reference_used: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """An interchange as it was read, before anybody asked whose it is."""

    interchange: Interchange
    findings: tuple[Finding, ...]

    @property
    def number(self) -> int | None:
        """Return the control reference as a number; None where it is none."""
        reference = self.interchange.reference
        plain = reference.isascii() and reference.isdigit() and len(reference) <= _LONGEST_NUMBER
        return int(reference) if plain else None

    @property
    def types(self) -> tuple[str, ...]:
        """Return the message types in it."""
        return tuple(sorted({message.type for message in self.interchange.messages}))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be done with an interchange."""

    verdict: str
    partner: str
    findings: tuple[Finding, ...] = field(default=())


def examine(octets: bytes) -> Examined:
    """Read an interchange and judge syntax, envelope and every message; never raises for what it holds."""
    try:
        found = read_interchanges(octets)
    except NoInterchangeError as error:
        return Examined(Interchange(), (_finding("no-interchange", str(error)),))
    if not found:
        return Examined(Interchange(), (_finding("no-interchange", "There is no interchange in these octets."),))
    interchange = found[0]
    for message in interchange.messages:
        judge(message, interchange)
    return Examined(interchange, tuple(interchange.findings))


def decide(examined: Examined, partners: EdiPartners, source: str, known: Known) -> Verdict:
    """Return what may be done with an interchange, with every finding."""
    name = partner_of(examined, partners)
    if not name:
        return Verdict(UNKNOWN, "", (*examined.findings, _unknown(examined.interchange)))
    findings = (
        *examined.findings,
        *_about_envelope(examined, partners.partners[name], name, source),
        *_about_numbers(examined, partners.partners[name], name, known),
    )
    if known.reference_used:
        return Verdict(CONFLICT, name, findings)
    fatal = any(finding.severity == "fatal" for finding in findings)
    return Verdict(REJECTED if fatal else ACCEPTED, name, findings)


def partner_of(examined: Examined, partners: EdiPartners) -> str:
    """Return the name of the partner an interchange comes from; empty for nobody we know."""
    interchange = examined.interchange
    return partners.sending(interchange.sender, interchange.sender_qualifier, interchange.receiver)


def wants_contrl(examined: Examined, partner: Partner) -> bool:
    """Tell whether a CONTRL is to be sent; a CONTRL is never answered by another."""
    if not examined.interchange.reference or examined.types == ("CONTRL",):
        return False
    if partner.acknowledge is Acknowledge.ALWAYS:
        return True
    return partner.acknowledge is Acknowledge.REQUESTED and examined.interchange.acknowledgement_requested


def _unknown(interchange: Interchange) -> Finding:
    sender = f"{shown(interchange.sender) or 'nobody'} (qualifier {shown(interchange.sender_qualifier) or 'none'})"
    text = (
        f"The sender {sender} of interchange {shown(interchange.reference) or 'without reference'} is no known partner:"
        " add the partner with `soms edi partners activate`; the next run then takes the interchange in."
    )
    return _finding("unknown-partner", text)


def _about_envelope(examined: Examined, partner: Partner, name: str, source: str) -> Iterator[Finding]:
    interchange = examined.interchange
    if interchange.receiver != partner.own.id:
        text = f"It is addressed to {shown(interchange.receiver)}, but {name} knows us as {partner.own.id}."
        yield _finding("wrong-receiver", text)
    if partner.connection != source:
        yield _finding("wrong-connection", f"It came by {source}, but {name} exchanges by {partner.connection}.")
    if interchange.test and not partner.test:
        yield _finding("test", f"It is marked as a test, but {name} is in production: nothing of it was booked.")
    elif partner.test and not interchange.test:
        yield _finding("no-test", f"{name} is being tried out, but the interchange is not marked as a test.")


def _about_numbers(examined: Examined, partner: Partner, name: str, known: Known) -> Iterator[Finding]:
    interchange, number = examined.interchange, examined.number
    sender = shown(interchange.sender)
    if known.reference_used:
        text = (
            f"{name} (sender {sender}) has used control reference {shown(interchange.reference)} for another content"
            " before: nothing of this one was booked. Ask the sender which of the two holds, under a new reference."
        )
        yield _finding("reference-repeated", text)
    if not partner.numbered or number is None or known.highest is None:
        return
    if number > known.highest + 1:
        missing = _span(known.highest + 1, number - 1)
        text = f"{name} (sender {sender}): control number {missing} is missing before {number}. Ask the sender for it."
        yield _finding("control-number-gap", text, "warning")
    elif number < known.highest and not known.reference_used:
        text = f"{name} (sender {sender}): control number {number} came late, after {known.highest}."
        yield _finding("control-number-late", text, "information")


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _finding(code: str, text: str, severity: Severity = "fatal") -> Finding:
    return Finding(code, "structural", severity, None, text)


def remark(code: str, text: str, message: str = "") -> Finding:
    """Return a finding that breaks nothing, e.g. on a message that no process takes."""
    return Finding(code, "semantic", "information", None, text, message)


def counted(findings: Iterable[Finding], code: str) -> int:
    """Return how many findings have a code."""
    return sum(finding.code == code for finding in findings)
