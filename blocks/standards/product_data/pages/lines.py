"""The lines of a page as a reader sees them, each with the place it stands at."""

import re
from typing import NamedTuple

from blocks.standards.product_data.pages.parsing import BREAK, Page
from blocks.standards.product_data.pages.zones import DEAD, HIDDEN

_CENTS_NAME = re.compile("cent|fraction|decimal|minor|sup", re.IGNORECASE)
_CENTS = frozenset({"sup", "sub"})
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
    pieces, owners, zones, tags = page.pieces, page.owners, page.zones, page.tags
    parts: list[str] = []
    first, node, hidden = 0, -1, DEAD | HIDDEN
    for place, piece in enumerate(pieces):
        if piece == BREAK:
            if node >= 0:
                text = " ".join("".join(parts).split())[:_LONGEST]
                found.append(Line(text, node, zones[node], first, place))
                node = -1
            if parts:
                parts = []
            continue
        owner = owners[place]
        if zones[owner] & hidden:
            continue
        if node < 0:
            if piece.isspace():
                continue
            node, first = owner, place
        elif parts and len(cents := piece.strip()) == 2 and cents.isdigit() and owner != owners[place - 1]:
            whole = parts[-1].rstrip()
            if whole[-1:].isdigit() and (
                tags[owner] in _CENTS or _CENTS_NAME.search(page.attributes[owner].get("class", ""))
            ):
                parts[-1] = whole
                piece = f",{cents}"
        parts.append(piece)
    if node >= 0:
        found.append(Line(" ".join("".join(parts).split())[:_LONGEST], node, zones[node], first, len(pieces)))
    return found
