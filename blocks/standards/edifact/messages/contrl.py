"""CONTRL (syntax 3, 2.1): whether an interchange and each of its messages was taken, both ways."""

from collections.abc import Iterable
from dataclasses import dataclass

from blocks.standards.edifact.findings import Finding
from blocks.standards.edifact.interchange import Interchange, Message
from blocks.standards.edifact.messages.envelopes import Outgoing
from blocks.standards.edifact.syntax import Segment, segment

REJECTED, ACKNOWLEDGED, RECEIVED = "4", "7", "8"
"""0083: this and all lower levels rejected; this level acknowledged; interchange received."""

ERRORS = {
    "unknown-partner": "23",
    "reference-repeated": "26",
    "unt-count": "29",
    "unz-count": "29",
    "unt-reference": "28",
    "unz-reference": "28",
    "unt-missing": "13",
    "unz-missing": "13",
    "charset": "21",
}
"""0085 of a finding's code: unknown sender, duplicate, counts, references, missing, invalid character."""

OTHER_ERROR = "18"
"""0085: unspecified error."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a partner says of an interchange of ours.

    Attributes:
        reference: Our control reference.
        accepted: False where it, or one of its messages, was rejected.
        reasons: Whole sentences: what was rejected and by which code.
    """

    reference: str
    accepted: bool
    reasons: tuple[str, ...] = ()


def contrl(interchange: Interchange, findings: Iterable[Finding], *, accepted: bool) -> Outgoing:
    """Return the CONTRL for an interchange; fatal findings reject the message they belong to, or all of it."""
    fatal = [finding for finding in findings if finding.severity == "fatal"]
    own = [finding for finding in fatal if not finding.message]
    whole = segment(
        "UCI",
        interchange.reference,
        (interchange.sender, interchange.sender_qualifier),
        (interchange.receiver, interchange.receiver_qualifier),
        ACKNOWLEDGED if accepted else REJECTED,
        _error(own[0]) if own and not accepted else "",
    )
    parts: list[Segment] = [whole]
    for message in interchange.messages if accepted or not own else ():
        parts += _message(message, [each for each in fatal if each.message == message.reference])
    return Outgoing("CONTRL", tuple(parts))


def _message(message: Message, fatal: list[Finding]) -> list[Segment]:
    kind = (message.type, message.version, message.release, message.agency, message.association)
    verdict = REJECTED if fatal else ACKNOWLEDGED
    parts = [segment("UCM", message.reference, kind, verdict, _error(fatal[0]) if fatal else "")]
    begin = message.header.number
    parts += [
        segment("UCS", str(finding.segment - begin + 1), _error(finding))
        for finding in fatal
        if finding.segment is not None and finding.segment >= begin
    ]
    return parts


def _error(finding: Finding) -> str:
    return ERRORS.get(finding.code, OTHER_ERROR)


def read_contrl(message: Message) -> Acknowledgement | None:
    """Return what a CONTRL says; None where it names no interchange."""
    reference, accepted, reasons = "", True, []
    for one in message.segments:
        if one.tag == "UCI":
            reference = one.part(0)
            accepted = one.part(3) != REJECTED
            if not accepted:
                reasons.append(f"The interchange was rejected with error {one.part(4) or 'unnamed'}.")
        elif one.tag == "UCM" and one.part(2) == REJECTED:
            accepted = False
            reasons.append(f"Message {one.part(0)} was rejected with error {one.part(3) or 'unnamed'}.")
        elif one.tag == "UCS":
            reasons.append(f"Its segment {one.part(0)} has error {one.part(1) or 'unnamed'}.")
    return Acknowledgement(reference, accepted, tuple(reasons)) if reference else None
