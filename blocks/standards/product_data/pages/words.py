"""The word lists of `words.toml`, in the forms they are looked up in."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

_NO_LETTERS = re.compile(r"[\W_]+")
_LONGEST_LABEL = 60


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1 << 14)
def folded(text: str) -> str:
    """Return a text as it is compared: no case, no accents, no punctuation, no blanks."""
    return _NO_LETTERS.sub("", _bare(text))


@lru_cache(maxsize=1 << 12)
def _bare(text: str) -> str:
    """Return a text in lower case and without accents."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain.replace("ł", "l").replace("ı", "i")


@cache
def _labels() -> dict[str, str]:
    """Return folded label → field; numbers of the maker win over those of the shop where a word is in both."""
    order = ("price", "availability", "model", "brand", "sku", "mpn", "gtin")
    return {folded(word.replace("#", " no")): field for field in order for word in _lists()["labels"][field]}


@lru_cache(maxsize=1 << 14)
def field_of(label: str) -> str | None:
    """Return which field a printed label names: gtin, mpn, sku, brand, availability or price; None for none."""
    if len(label) > _LONGEST_LABEL:
        return None
    key = folded(label.replace("#", " no"))
    return _labels().get(key) if key else None


class _Phrases:
    """Phrases that are looked for in lines by their first word: a line costs its words, however many phrases."""

    def __init__(self, kinds: dict[str, list[str]]) -> None:
        self.by_word: dict[str, list[tuple[int, str, tuple[str, ...]]]] = {}
        self.unspaced: list[tuple[int, str, str]] = []
        for rank, (kind, texts) in enumerate(kinds.items()):
            for text in texts:
                if ord(text[0]) >= _UNSPACED:
                    self.unspaced.append((rank, kind, text))
                elif words := tuple(_TOKENS.findall(_bare(text))):
                    self.by_word.setdefault(words[0], []).append((rank, kind, words))

    def find(self, text: str) -> tuple[str, str] | None:
        """Return (kind, phrase) of the first kind that a line holds a phrase of, its longest one; None for none."""
        words = _TOKENS.findall(_bare(text))
        best: tuple[int, int, str, str] | None = None
        for place, word in enumerate(words):
            for rank, kind, phrase in self.by_word.get(word, ()):
                length = len(phrase)
                if (length == 1 or tuple(words[place : place + length]) == phrase) and (
                    best is None or (rank, -length) < best[:2]
                ):
                    best = rank, -length, kind, " ".join(phrase)
        if not text.isascii():
            for rank, kind, each in self.unspaced:
                if each in text and (best is None or rank < best[0]):
                    best = rank, -1, kind, each
        return (best[2], best[3]) if best else None


_TOKENS = re.compile(r"[^\W_]+")
_UNSPACED = 0x2E80
"""Where the scripts begin that have no blanks between words."""


@cache
def _states() -> _Phrases:
    return _Phrases(_lists()["availability"])


def phrases(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds one of some phrases as whole words, in text that is in lower case and without accents."""
    ordered = sorted({_bare(word) for word in words}, key=len, reverse=True)
    ways = "|".join(rf"{_edge(word[0])}{re.escape(word)}{_edge(word[-1])}" for word in ordered)
    return re.compile(ways)


def _edge(letter: str) -> str:
    """Return a word boundary for a letter; scripts without blanks between words have none."""
    return r"\b" if letter.isalnum() and ord(letter) < _UNSPACED else ""


@lru_cache(maxsize=1 << 12)
def state_of(text: str) -> tuple[str, str] | None:
    """Return the availability a line speaks of and the phrase that says so; the bad news first."""
    return _states().find(text)


@cache
def _buttons() -> frozenset[str]:
    return frozenset(folded(word) for word in _lists()["buttons"]["buy"])


def is_buy_button(text: str) -> bool:
    """Say whether a short text stands on the button that puts a product into the basket."""
    return folded(text) in _buttons()


@cache
def _before_prices(kind: str) -> re.Pattern[str]:
    return phrases(_lists()["words"][kind])


@lru_cache(maxsize=1 << 13)
def speaks_of(kind: str, text: str) -> bool:
    """Say whether a text has a word of a list: formerly, saving, beside, unit, from."""
    return _before_prices(kind).search(_bare(text)) is not None


@lru_cache(maxsize=1 << 12)
def is_no_brand(text: str) -> bool:
    """Say whether what stands for a brand says that there is none."""
    return folded(text) in _no_brands()


@cache
def _no_brands() -> frozenset[str]:
    return frozenset(folded(word) for word in _lists()["words"]["no_brand"])


@cache
def _related() -> _Phrases:
    return _Phrases({"related": _lists()["headings"]["related"]})


@lru_cache(maxsize=1 << 12)
def heads_other_products(text: str) -> bool:
    """Say whether a heading stands over products beside the one the page is about."""
    return _related().find(text) is not None


@cache
def zone_words() -> dict[str, frozenset[str]]:
    """Return the words of class names by zone; pairs of words with one blank between."""
    return {zone: frozenset(words) for zone, words in _lists()["zones"].items()}


def load() -> None:
    """Load everything that is looked up, so that no page waits for it."""
    for table in (_labels, _states, _buttons, _related, _no_brands, zone_words):
        table()
    for kind in ("formerly", "saving", "beside", "unit", "net"):
        _before_prices(kind)
