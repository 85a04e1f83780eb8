"""Where interchanges begin in a file, and which service characters they use."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from blocks.standards.edifact.syntax import ServiceString, is_released

_BLANK = b" \t\r\n\0\x1a"
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"U\0N\0", b"\0U\0N")
_BEGIN = re.compile(rb"UNA[^\w\s].[.,][^\w].[^\w\s]\s*UN[BGH]|UNB[+\x1d]", re.DOTALL)
_UNA_LENGTH = 9
_SEARCHED = 1 << 20
LEVEL_B = ServiceString("\x1f", "\x1d", ".", " ", " ", "\x1c")
"""The control characters ISO 9735 gives to level B where no UNA is sent."""


class Head(NamedTuple):
    """One interchange's place in the file.

    Attributes:
        start: Octet of its first segment, behind UNA.
        end: Octet behind its last one.
        service: The service characters it is cut with.
        una: Whether UNA announced them.
        fault: Why the beginning is not as it must be; empty when it is.
        strange: Octets of other text that stood before it.
    """

    start: int
    end: int
    service: ServiceString
    una: bool
    fault: str
    strange: int


def heads(octets: bytes) -> Iterator[Head]:
    """Yield the interchanges of a file in order; nothing at all when the file holds none.

    A file may begin with UNH: the segments are then read although UNB is missing.
    """
    begin, strange = _beginning(octets)
    while begin is not None:
        una = octets.startswith(b"UNA", begin)
        service, fault = _announced(octets, begin) if una else _default(octets, begin)
        start = begin + _UNA_LENGTH if una else begin
        following = _next(octets, start, service) if octets.find(b"UNB", start + 4) >= 0 else None
        yield Head(start, len(octets) if following is None else following, service, una, fault, strange)
        begin, strange = following, 0


def why_not(octets: bytes) -> str:
    """Say why no interchange was found."""
    if not octets.strip(_BLANK + _BOM):
        return "The file is empty: send the interchange again."
    if octets.startswith(_WIDE):
        return "The file is UTF-16: EDIFACT is written in octets of one character set of UNOA to UNOY; convert it."
    return "The file holds no EDIFACT interchange: it must begin with UNA or UNB."


def _beginning(octets: bytes) -> tuple[int | None, int]:
    """Return where the first interchange begins, and how many octets of other text stand before it."""
    start = len(octets[:64]) - len(octets[:64].lstrip(_BLANK + _BOM))
    if octets.startswith(b"UNA", start) and len(octets) > start + _UNA_LENGTH:
        return start, 0
    if octets[start : start + 3] in {b"UNB", b"UNH", b"UNG"}:
        return start, 0
    found = _BEGIN.search(octets, 0, _SEARCHED)
    return (found.start(), found.start()) if found else (None, 0)


def _announced(octets: bytes, begin: int) -> tuple[ServiceString, str]:
    service = ServiceString(*octets[begin + 3 : begin + _UNA_LENGTH].decode("latin-1"))
    fault = service.fault()
    if fault:
        return ServiceString(), fault + " The usual characters :+.?' were used to read on; correct UNA."
    if service.decimal not in ".,":
        return service, f"UNA names {service.decimal!r} as decimal mark: only a full stop or a comma can be one."
    return service, ""


def _default(octets: bytes, begin: int) -> tuple[ServiceString, str]:
    """Return the characters that hold without UNA: those of level B where UNB is cut by one of them."""
    separator = octets[begin + 3 : begin + 4].decode("latin-1")
    if separator == LEVEL_B.element:
        return LEVEL_B, ""
    head = octets[begin : begin + 64].split(b"'", 1)[0]
    identified = re.match(rb"UNB.\w{4}.([1-4])", head, re.DOTALL)
    repetition = "*" if identified and identified[1] == b"4" else " "  # syntax 4 has one even without UNA
    if separator in {"+", ""}:
        return ServiceString(repetition=repetition), ""
    fault = f"{head[:3].decode('latin-1')} is followed by {separator!r}, which no UNA announces: send UNA, or use '+'."
    return ServiceString(), fault


def _next(octets: bytes, start: int, service: ServiceString) -> int | None:
    """Return where the interchange after this one begins."""
    terminator, element = (re.escape(each.encode()) for each in (service.terminator, service.element))
    pattern = re.compile(rb"(?:" + terminator + rb"|[\r\n])\s*(UNA.{6}\s*UNB|UNB" + element + rb")", re.DOTALL)
    for found in pattern.finditer(octets, start):
        if not is_released(octets, found.start(), start, service):
            return found.start(1)
    return None
