"""What the heads of price lists call things, in the languages suppliers write them in.

A head is folded first: small letters, umlauts and accents plain, words parted (also ``priceAmount1``), a number at its
end taken off. The first pattern that fits wins, so the narrower ones stand before the wider.
"""

import re
import tomllib
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple


class Role(StrEnum):
    """What a column holds."""

    ARTICLE = "article"
    GTIN = "gtin"
    MPN = "mpn"
    NAME = "name"
    LONG = "long"
    BRAND = "brand"
    PRICE = "price"
    CURRENCY = "currency"
    STEP = "step"
    CATEGORY = "category"
    KEYWORD = "keyword"
    MEDIUM = "medium"
    MEDIUM_PURPOSE = "medium purpose"
    AVAILABILITY = "availability"
    ATTRIBUTE_NAME = "attribute name"
    ATTRIBUTE_VALUE = "attribute value"
    ATTRIBUTE_UNIT = "attribute unit"
    TRADE = "trade"
    """How it is sold: order units, packaging, terms, taxes, validity; no attribute of the product."""
    OTHER = "other"


IDENTIFYING = frozenset({Role.ARTICLE, Role.GTIN, Role.MPN})
TELLING = IDENTIFYING | {Role.NAME, Role.PRICE, Role.BRAND}
"""Roles by which a head is known."""


class Meaning(NamedTuple):
    """What a head means: ``rank`` orders columns of one role, the lowest is preferred; ``number`` ends its name."""

    role: Role
    rank: int
    number: str = ""


_PARTED = re.compile(r"(?<=[a-zäöüß])(?=[A-Z])")
_LAST_NUMBER = re.compile(r"^(.*?[a-z])\s?(\d{1,3})$")
_NOTE = re.compile(r"[\[(][^\])]{0,40}[\])]")
_CODES = frozenset({"ean", "gtin", "upc", "jan"})


@cache
def _patterns() -> tuple[tuple[Role, re.Pattern[str]], ...]:
    """Return the roles with what their heads look like, in the order in which they are tried."""
    known = tomllib.loads(Path(__file__).with_name("price_lists_words.toml").read_text(encoding="utf-8"))
    parts = {f"{{{name}}}": f"(?:{'|'.join(words)})" for name, words in known["parts"].items()}
    found = []
    for entry in known["heads"]:
        words = "|".join(entry["words"])
        for mark, part in parts.items():
            words = words.replace(mark, part)
        found.append((Role(entry["role"]), re.compile(words)))
    return tuple(found)


def folded(text: str) -> str:
    """Return a head as it is compared."""
    parted = _PARTED.sub(" ", " ".join(text.split()))
    plain = unicodedata.normalize("NFKD", parted.casefold().replace("ß", "ss"))
    kept = "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    return " ".join(kept.split())


@lru_cache(maxsize=4096)
def meaning_of(head: str) -> Meaning:
    """Return what a head means; OTHER where no word of it is known."""
    if len(head) > _LONGEST_HEAD:
        return Meaning(Role.OTHER, 0)
    whole = folded(head)
    for text in dict.fromkeys((whole, folded(_NOTE.sub(" ", head)))):
        numbered = _LAST_NUMBER.match(text)
        stem, number = (numbered[1], numbered[2]) if numbered and numbered[1] not in _CODES else (text, "")
        for rank, (role, pattern) in enumerate(_patterns()):
            if stem and (pattern.fullmatch(stem) or pattern.fullmatch(text)):
                return Meaning(role, rank, number)
    return Meaning(Role.OTHER, 0)


_LONGEST_HEAD = 80
