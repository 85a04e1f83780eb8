"""Elements of a catalogue, found by their names whatever namespace they stand in, and their texts and languages."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_LANGUAGES = {
    "deu": "de", "ger": "de", "eng": "en", "fra": "fr", "fre": "fr", "ita": "it", "spa": "es", "nld": "nl", "dut": "nl",
    "pol": "pl", "ces": "cs", "cze": "cs", "slk": "sk", "slo": "sk", "hun": "hu", "por": "pt", "dan": "da", "swe": "sv",
    "nor": "no", "fin": "fi", "rus": "ru", "ukr": "uk", "ron": "ro", "rum": "ro", "bul": "bg", "hrv": "hr", "slv": "sl",
    "srp": "sr", "ell": "el", "gre": "el", "tur": "tr", "est": "et", "lav": "lv", "lit": "lt", "zho": "zh", "chi": "zh",
    "jpn": "ja", "kor": "ko",
}  # fmt: skip
"""ISO 639-2, as BMEcat names languages, both of its forms → ISO 639-1."""
_LETTERS_OF_A_LANGUAGE = 2


def local(element: Any) -> str:
    """Return an element's name without its namespace, in capitals."""
    return _local(element.tag) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=2048)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].upper()


def parts_of(element: Any) -> dict[str, list[Any]]:
    """Return the children of an element by their names, each in order."""
    found: dict[str, list[Any]] = {}
    for child in element:
        tag = child.tag
        if isinstance(tag, str):
            found.setdefault(_local(tag), []).append(child)
    return found


def text_of(element: Any) -> str:
    """Return all text of an element, stripped; '' for none."""
    text = element.text
    if not len(element):
        return text.strip() if text else ""
    return "".join(element.itertext()).strip()


def children(element: Any, *names: str) -> Iterator[Any]:
    """Yield the children of some names."""
    for child in element:
        if local(child) in names:
            yield child


def below(element: Any, names: frozenset[str]) -> Iterator[Any]:
    """Yield the elements of some names at any depth below, in order."""
    for each in element.iter():
        if local(each) in names:
            yield each


def language_of(element: Any, default: str = "") -> str:
    """Return ISO 639-1 for the language an element is marked with, else the default."""
    return language_named(element.get("lang") or "") or default


@lru_cache(maxsize=256)
def language_named(name: str) -> str:
    """Return ISO 639-1 for a language as catalogues name it ('deu', 'DE', 'de-DE'), '' where it is not known."""
    plain = name.strip().lower().partition("-")[0].partition("_")[0]
    return plain if len(plain) == _LETTERS_OF_A_LANGUAGE else _LANGUAGES.get(plain, "")
