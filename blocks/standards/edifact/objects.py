"""Packages (UNO … UNP): binary objects within an interchange, whose octets are no segments (ISO 9735, part 8)."""

import re

from blocks.standards.edifact.syntax import ServiceString


def without_objects(octets: bytes, service: ServiceString) -> bytes:
    """Return the interchange without the objects between UNO and UNP; UNO states their length in its last element."""
    element, terminator = service.element.encode(), service.terminator.encode()
    if b"UNO" + element not in octets:
        return octets
    announced = re.compile(
        rb"UNO%b[^%b]{0,512}?(\d{1,10})%b" % (re.escape(element), re.escape(terminator), re.escape(terminator))
    )
    kept, place = [], 0
    for found in announced.finditer(octets):
        end = found.end() + int(found[1])
        if found.start() >= place and octets[end : end + 16].lstrip().startswith(b"UNP"):
            kept.append(octets[place : found.end()])
            place = end
    return b"".join((*kept, octets[place:]))
