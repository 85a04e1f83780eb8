"""A file cut into its interchanges, octet by octet as they came, so that each can be kept and judged by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from blocks.errors import Unreadable
from blocks.standards.edifact.heads import heads
from blocks.standards.edifact.syntax import ServiceString, SplitError, read_segments

_UNA_LENGTH = 9
_HEAD = 2000


@dataclass(frozen=True, slots=True)
class Cut:
    """One interchange of a file.

    Attributes:
        name: Sender and control reference, as far as they can be read: the same for the same interchange.
        first: Its place in the file, from 1.
        last: The same; an interchange is one record.
        octets: What came, unchanged.
    """

    name: str
    first: int
    last: int
    octets: bytes


def interchanges_of(octets: bytes) -> Iterator[Cut]:
    """Yield the interchanges of a file.

    Raises:
        Unreadable: It holds none.
    """
    place = 0
    for place, head in enumerate(heads(octets), 1):
        begin = head.start - (_UNA_LENGTH if head.una else 0)
        own = octets[begin : head.end].strip(b" \r\n\t\0\x1a")
        yield Cut(_name(octets[head.start : head.start + _HEAD], head.service), place, place, own)
    if not place:
        raise Unreadable("The file holds no EDIFACT interchange: it begins with neither UNA nor UNB.")


def _name(beginning: bytes, service: ServiceString) -> str:
    try:
        segments = read_segments(beginning, service)
    except SplitError:
        return "?"
    if not segments or segments[0].tag != "UNB":
        return "?"
    return f"{segments[0].part(1)}:{segments[0].part(4)}"
