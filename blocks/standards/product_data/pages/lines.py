"""The lines of a page as a reader sees them, each with the place it stands at."""

import re
from typing import NamedTuple

from blocks.standards.product_data.pages.parsing import BREAK, Page
from blocks.standards.product_data.pages.zones import DEAD, HIDDEN

_CENTS_NAME = re.compile("cent|fraction|decimal|minor|sup", re.IGNORECASE)
_CENTS = frozenset({"sup", "sub"})
_LONGEST_CENTS = 12
"""Two digits, and blanks around them."""
_LONGEST = 4_000


class Line(NamedTuple):
    """One line of the page.

    Attributes:
        text: What stands there, with single blanks.
        node: The node its first word stands in.
        zone: What that node is for.
        first: Place of its first piece.
        last: Place behind its last piece.
    """

    text: str
    node: int
    zone: int
    first: int
    last: int


def lines_of(page: Page) -> list[Line]:
    """Return the lines that are shown, in the order of the document."""
    found: list[Line] = []
    pieces, owners, zones = page.pieces, page.owners, page.zones
    parts: list[str] = []
    first, node, hidden = 0, -1, DEAD | HIDDEN
    for place, piece in enumerate(pieces):
        if piece == BREAK:
            if node >= 0:
                found.append(_line(parts, node, zones[node], first, place))
                node, parts = -1, []
        elif not zones[owners[place]] & hidden and (node >= 0 or not piece.isspace()):
            if node < 0:
                node, first = owners[place], place
            elif len(piece) <= _LONGEST_CENTS and piece.strip().isdigit():
                parts[-1:] = _joined(page, place, parts[-1])
            parts.append(piece)
    if node >= 0:
        found.append(_line(parts, node, zones[node], first, len(pieces)))
    return found


def _line(parts: list[str], node: int, zone: int, first: int, last: int) -> Line:
    return Line(" ".join("".join(parts).split())[:_LONGEST], node, zone, first, last)


def _joined(page: Page, place: int, before: str) -> list[str]:
    """Return what stands before two digits: with a comma behind it where they are the cents of a price, 24⁹⁹."""
    owner, cents = page.owners[place], page.pieces[place].strip()
    whole = before.rstrip()
    apart = page.tags[owner] in _CENTS or _CENTS_NAME.search(page.attributes[owner].get("class", ""))
    if apart and len(cents) == 2 and whole[-1:].isdigit() and owner != page.owners[place - 1]:
        return [whole, ","]
    return [before]
