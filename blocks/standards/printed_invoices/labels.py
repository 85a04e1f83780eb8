"""Finds labels in printed text: fuzzy to case, accents, punctuation and to letters that kerning has torn apart."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from blocks.standards.pdf.layout import Box, Word
from blocks.standards.printed_invoices.lexicon import LABELS
from blocks.standards.printed_invoices.lexicon_money import MONEY
from blocks.standards.printed_invoices.lexicon_titles import TITLES

_LONGEST = 52
_MOST_WORDS = 9
_LIGATURES = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "№": "no"})
_NOT_PLAIN = re.compile(r"[^a-z0-9#]")


class Label(NamedTuple):
    """A label in a row.

    Attributes:
        kind: The kind of value it announces (a key of ``LABELS`` or ``MONEY``).
        key: Its folded text.
        weak: Whether the words are also used for other things.
        language: ISO 639-1 code.
        row: Index of its row in the document.
        first: Index of its first word in the row.
        last: Index of its last word.
        box: Where it stands.
    """

    kind: str
    key: str
    weak: bool
    language: str
    row: int
    first: int
    last: int
    box: Box


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Return letters and digits alone, lower case, without accents: 'Rechnungs-Nr.:' → 'rechnungsnr'."""
    if text.isascii():
        return _NOT_PLAIN.sub("", text.lower())
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    return _NOT_PLAIN.sub("", plain)


def _known() -> dict[str, tuple[tuple[str, bool, str], ...]]:
    known: dict[str, list[tuple[str, bool, str]]] = {}
    for kind, languages in (*LABELS.items(), *MONEY.items()):
        for language, text in languages.items():
            for label in text.split("|"):
                meaning = (kind, label.startswith("~"), language)
                entry = known.setdefault(fold(label), [])
                if all(other[0] != kind for other in entry):
                    entry.append(meaning)
    for code, titles in TITLES.items():
        if code.isdigit():
            for title in titles.split("|"):
                for mark in ("nr", "no", "number", "nummer", "numero", "n", "num", "#"):
                    known.setdefault(fold(title) + mark, [("number", False, "")])
    return {key: tuple(meanings) for key, meanings in known.items()}


_TITLES = {fold(title): code for code, text in TITLES.items() for title in text.split("|")}
_KNOWN = _known()
_STARTS = frozenset(key[:length] for key in _KNOWN for length in range(1, len(key) + 1))


def labels_in(words: tuple[Word, ...], texts: tuple[str, ...], row: int) -> list[Label]:
    """Return the labels of a row from left to right, the longest at each place, once for each of its meanings."""
    found: list[Label] = []
    folded = list(map(fold, texts))
    if _STARTS.isdisjoint(folded):
        return found
    taken = 0
    for index in [at for at, start in enumerate(folded) if start in _STARTS]:
        if index < taken:
            continue
        end, key = _longest(words, folded, index)
        if end < 0:
            continue
        group = words[index : end + 1]
        box = (group[0].left, min([w.bottom for w in group]), group[-1].right, max([w.top for w in group]))
        found += [Label(kind, key, weak, language, row, index, end, box) for kind, weak, language in _KNOWN[key]]
        taken = end + 1
    return found


def _longest(words: tuple[Word, ...], folded: list[str], index: int) -> tuple[int, str]:
    key, best = "", (-1, "")
    for end in range(index, min(index + _MOST_WORDS, len(words))):
        if end > index:
            gap = words[end].left - words[end - 1].right
            if gap > 2.2 * max(words[end].size, 5.0) or words[end - 1].text.endswith(":"):
                break
        key += folded[end]
        if key not in _STARTS:
            break
        if key in _KNOWN:
            best = (end, key)
    return best


def means(key: str, kind: str) -> bool:
    """Tell whether a folded label is known to announce a kind of value."""
    return any(meaning[0] == kind for meaning in _KNOWN.get(key, ()))


def title_in(text: str) -> str:
    """Return what a document says it is by a title: a type code of UNTDID 1001, 'order', 'quotation' ..., or ''."""
    return _TITLES.get(fold(text)[:_LONGEST], "")


def may_begin_title(word: str) -> bool:
    """Return whether any title begins with the letters of a word."""
    return fold(word)[:_TITLE_START] in _TITLE_STARTS


_TITLE_START = 4
_TITLE_STARTS = frozenset(title[:length] for title in _TITLES for length in range(1, _TITLE_START + 1))
