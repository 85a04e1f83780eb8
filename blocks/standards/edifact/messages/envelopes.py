"""Interchanges written: messages in their UNH and UNT, within UNB and UNZ, in a character set that can express them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from blocks.standards.edifact.messages.releases import Release
from blocks.standards.edifact.syntax import CharsetError, Segment, segment, write_segments

GLN_QUALIFIER, MUTUAL_QUALIFIER = "14", "ZZZ"
"""0007: EAN/GS1; mutually defined."""

_UNICODE = frozenset({"UNOW", "UNOX", "UNOY"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What UNB says.

    Attributes:
        sender: Identification and qualifier (0004, 0007).
        receiver: Identification and qualifier (0010, 0007).
        reference: Interchange control reference (0020), at most 14 characters.
        prepared_at: Written in UTC.
        charset: Syntax identifier; where it cannot express a text, UNOY is written instead unless ``exact``.
        exact: The partner takes no other character set.
        una: Whether UNA stands in front.
        test: The test indicator (0035).
        acknowledge: The acknowledgement request (0031).
        application: Application reference (0026), usually the message type.
        agreement: Interchange agreement (0032).
    """

    sender: tuple[str, str]
    receiver: tuple[str, str]
    reference: str = "1"
    prepared_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    charset: str = "UNOC"
    exact: bool = False
    una: bool = True
    test: bool = False
    acknowledge: bool = False
    application: str = ""
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent: its type and the segments between UNH and UNT."""

    type: str
    segments: tuple[Segment, ...]
    release: Release | None = None


def write_interchange(envelope: Envelope, messages: Sequence[Outgoing]) -> bytes:
    """Return the octets of an interchange.

    Raises:
        CharsetError: The partner's character set cannot express a text; the sentence names the character.
    """
    try:
        return _written(envelope, messages)
    except CharsetError:
        if envelope.exact or envelope.charset in _UNICODE:
            raise
        return _written(replace(envelope, charset="UNOY"), messages)


def _written(envelope: Envelope, messages: Sequence[Outgoing]) -> bytes:
    body = [one for number, message in enumerate(messages, 1) for one in _message(message, str(number))]
    whole = (_unb(envelope), *body, segment("UNZ", str(len(messages)), envelope.reference))
    return write_segments(whole, envelope.charset, una=envelope.una)


def _unb(envelope: Envelope) -> Segment:
    version = "4" if envelope.charset in _UNICODE else "3"
    prepared = envelope.prepared_at.astimezone(UTC)
    day = f"{prepared:%Y%m%d}" if version == "4" else f"{prepared:%y%m%d}"
    return segment(
        "UNB",
        (envelope.charset, version),
        envelope.sender,
        envelope.receiver,
        (day, f"{prepared:%H%M}"),
        envelope.reference,
        "",
        envelope.application,
        "",
        "1" if envelope.acknowledge else "",
        envelope.agreement,
        "1" if envelope.test else "",
    )


def _message(message: Outgoing, reference: str) -> list[Segment]:
    kind: tuple[str, ...]
    if message.release is None:
        kind = (message.type, "4", "1", "UN") if message.type == "CONTRL" else (message.type, "D", "96A", "UN")
    else:
        kind = (message.type, "D", message.release.name, "UN", message.release.associations[message.type])
    return [
        segment("UNH", reference, kind),
        *message.segments,
        segment("UNT", str(len(message.segments) + 2), reference),
    ]
