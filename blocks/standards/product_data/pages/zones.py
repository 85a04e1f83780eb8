"""What a part of a page is for, told by its tag and by the words of its class and id."""

import re
from functools import cache, lru_cache

from blocks.standards.product_data.pages.words import zone_words

HIDDEN, STRUCK, NOW, ASIDE, UNIT, BESIDE, PRICE, STOCK, OPTIONS, CRUMBS, BRAND, TITLE, SPEC, DEAD, MENU, FORMER = (
    1 << place for place in range(16)
)
"""One bit each: not shown, crossed out, to be paid now, about other products, for so much of a unit, another sum than
the price, a price, availability, a choice of variants, bread crumbs, a brand, a title, attributes, for programs only, a
menu, perhaps a former price."""

INHERITED = HIDDEN | STRUCK | ASIDE | UNIT | BESIDE | PRICE | STOCK | OPTIONS | CRUMBS | SPEC | DEAD | NOW

SMALL = FORMER | STRUCK | UNIT | BESIDE | NOW | STOCK | PRICE
"""What a word says of a small part only: a box that holds half the page is called so by chance."""
MOST_SMALL = 60
"""Text pieces in a small part."""

_TAGS = {
    "del": STRUCK, "s": STRUCK, "strike": STRUCK, "nav": ASIDE | MENU, "footer": ASIDE, "aside": ASIDE,
    "noscript": DEAD,
    "template": DEAD, "select": OPTIONS, "option": OPTIONS, "datalist": DEAD, "iframe": DEAD, "dialog": HIDDEN,
    "svg": DEAD, "textarea": DEAD,
}  # fmt: skip
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
_LONGEST = 400
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRIKES = re.compile(r"text-decoration[a-z-]*\s*:\s*[^;]*line-through", re.IGNORECASE)
_HIDDEN_WORDS = ("hidden", "hide", "dnone", "invisible", "hdn", "displaynone", "nodisplay", "clipped")
_SIZES = frozenset(
    {
        "xs",
        "sm",
        "md",
        "lg",
        "xl",
        "xxl",
        "mobile",
        "desktop",
        "phone",
        "tablet",
        "print",
        "small",
        "large",
        "for",
        "on",
        "until",
        "below",
        "above",
    }
)
_LISTS = {
    "now": NOW, "unit": UNIT, "unit_pairs": UNIT, "beside": BESIDE, "price": PRICE, "stock": STOCK, "options": OPTIONS,
    "crumbs": CRUMBS, "brand": BRAND, "title": TITLE, "spec": SPEC, "aside": ASIDE, "aside_pairs": ASIDE,
    "struck": STRUCK, "menu": MENU, "former": FORMER,
}  # fmt: skip


@lru_cache(maxsize=1 << 10)
def tag_zone(tag: str) -> int:
    """Return what a tag alone says."""
    return _TAGS.get(tag, 0)


@lru_cache(maxsize=1 << 12)
def style_zone(style: str) -> int:
    """Return what an inline style says."""
    return (HIDDEN if _HIDES.search(style) else 0) | (STRUCK if _STRIKES.search(style) else 0)


@lru_cache(maxsize=1 << 15)
def name_zone(names: str) -> int:
    """Return what class names, or an id, say: 'product-price__old' and 'productPriceOld' are product, price, old."""
    known, found, before = _known(), 0, ""
    for word in map(str.lower, _WORDS.findall(names[:_LONGEST])):
        found |= known.get(word, 0) | known.get(before + word, 0)
        if word in _SIZES and before in _HIDDEN_WORDS:
            found &= ~HIDDEN  # on small screens only, or on large ones only
        before = word
    return found


@cache
def _known() -> dict[str, int]:
    """Return word, or two words that follow each other → bits."""
    lists, known = zone_words(), dict.fromkeys(_HIDDEN_WORDS, HIDDEN)
    for zone, bit in _LISTS.items():
        for words in lists[zone]:
            key = words.replace(" ", "")
            known[key] = known.get(key, 0) | bit
    return known
