"""Feeding a page to the parser without what stands in its menus: they are most of a page and say nothing of a product.

What is a menu is decided in one place alone, by who takes the parser's calls: the parser is fed up to the end of a tag
that may open one, and only if it then stands right inside a box that is left out, the text up to the tag that closes
the box is not fed at all. A box that is not closed soundly is fed whole.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from blocks.standards.product_data.pages.words import zone_words

_BOX = re.compile(rb"<(nav|footer|div|ul|section|table|header)(\s[^>]*)?>")
_ALWAYS = frozenset({b"nav", b"footer"})
"""Left out whatever they are called; the others for their names."""
_OTHERS = (b"div", b"table")
"""Where these are not closed as often as they are opened, the end of a box may belong to another one."""


def feed_without_menus(feed: Callable[[bytes], None], inside: Callable[[], str], data: bytes) -> None:
    """Feed a page, less what stands in boxes that are left out.

    Args:
        feed: Takes the next part of the page.
        inside: Returns the tag of a box that is left out when the parser stands right inside it, else ''.
        data: The page in UTF-8.
    """
    fed, place, unclosed = 0, 0, set[bytes]()
    lowered = data.lower()
    while box := _BOX.search(lowered, place):
        tag, place = box[1], box.end()
        if tag in unclosed or not (tag in _ALWAYS or (box[2] and _may_be_menu(box[2]))):
            continue
        feed(data[fed:place])
        fed = place
        if inside().encode() == tag:
            closing = _closing(lowered, place, tag)
            if closing < 0:
                unclosed.add(tag)
            else:
                fed = place = closing
    feed(data[fed:])


@lru_cache(maxsize=1 << 12)
def _may_be_menu(attributes: bytes) -> bool:
    """Say whether attributes may name a menu; rather too often than too seldom."""
    return any(word in attributes for word in _words())


@cache
def _words() -> tuple[bytes, ...]:
    """Return what menus are named after, less what holds another such word."""
    words = zone_words()["menu"]
    return tuple(sorted(word.encode() for word in words if not any(other in word for other in words - {word})))


def _closing(lowered: bytes, place: int, tag: bytes) -> int:
    """Return where the tag stands that closes a box, -1 where none does for certain."""
    opening, closing, end, depth = b"<" + tag, b"</" + tag, place, 1
    while depth:
        before, end = end, lowered.find(closing, end)
        if end < 0:
            return -1
        depth += lowered.count(opening, before, end) - 1
        end += len(closing)
    end -= len(closing)
    sound = all(
        lowered.count(b"<" + each, place, end) == lowered.count(b"</" + each, place, end)
        for each in _OTHERS
        if each != tag
    )
    return end if sound else -1
