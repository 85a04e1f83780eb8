"""APERAK: whether the application took a message, in the manner of EANCOM, both ways."""

from collections.abc import Iterable
from datetime import datetime

from blocks.standards.edifact.interchange import Message
from blocks.standards.edifact.messages.contrl import Acknowledgement
from blocks.standards.edifact.messages.envelopes import Outgoing
from blocks.standards.edifact.messages.releases import D96A, Release
from blocks.standards.edifact.messages.texts import text_segments
from blocks.standards.edifact.syntax import Segment, segment

ACCEPTED, REJECTED = "29", "27"
"""1225: accepted without amendment; not accepted."""


def aperak(
    number: str, at: datetime, about: str, reasons: Iterable[str], *, accepted: bool, release: Release = D96A
) -> Outgoing:
    """Return the APERAK on one message.

    Args:
        number: Our number of the APERAK (1004).
        at: When it was made.
        about: The document number or interchange reference it answers (RFF+ACW).
        reasons: Whole sentences: what is wrong.
        accepted: Whether the application took the message.
        release: What fits where.
    """
    parts: list[Segment] = [
        segment("BGM", "", number[: release.number], ACCEPTED if accepted else REJECTED),
        segment("DTM", ("137", f"{at:%Y%m%d%H%M}", "203")),
        segment("RFF", ("ACW", about[: release.reference])),
    ]
    for reason in reasons:
        parts.append(segment("ERC", "ZZZ"))
        parts += [segment("FTX", "AAO", "", "", elements) for elements in text_segments(reason, release.text)]
    return Outgoing("APERAK", tuple(parts), release)


def read_aperak(message: Message) -> Acknowledgement | None:
    """Return what an APERAK says of a message of ours; None where it names none."""
    reference, accepted, reasons = "", True, []
    for one in message.segments:
        if one.tag == "BGM":
            accepted = one.part(2) != REJECTED
        elif one.tag == "RFF" and one.part(0) in {"ACW", "AGO", "ON", "IV"} and not reference:
            reference = one.part(0, 1)
        elif one.tag == "FTX" and len(one.elements) > 3:  # noqa: PLR2004 - C108 is the fourth element
            reasons.append(" ".join(text.strip() for text in one.elements[3] if text.strip()))
        elif one.tag == "ERC":
            accepted = False
    return Acknowledgement(reference, accepted, tuple(reasons)) if reference else None
