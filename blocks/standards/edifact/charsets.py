"""The character sets an interchange may declare in UNB, by their syntax identifiers (ISO 9735-1, annex A)."""

import re

CODECS = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso8859-1", "UNOD": "iso8859-2", "UNOE": "iso8859-5",
    "UNOF": "iso8859-7", "UNOG": "iso8859-3", "UNOH": "iso8859-4", "UNOI": "iso8859-6", "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9", "UNOL": "iso8859-15", "UNOW": "utf-8", "UNOX": "utf-8", "UNOY": "utf-8", "KECA": "euc-kr",
}  # fmt: skip
"""Python's codec for each syntax identifier. UNOX announces ISO 2022: its escapes are resolved by `plain_octets`."""

FALLBACK = "iso8859-1"
"""Reads any octets; used where the identifier is unknown or the octets are not what it declares."""

_NOT_LEVEL_A = re.compile(r"[^A-Z0-9 .,\-()/=!\"%&*;<>'+:?]")
_NOT_LEVEL_B = re.compile(r"[^A-Za-z0-9 .,\-()/=!\"%&*;<>'+:?]")
_RESTRICTED = {"UNOA": _NOT_LEVEL_A, "UNOB": _NOT_LEVEL_B}
_ESCAPE = b"\x1b"


def codec(identifier: str) -> str:
    """Return the codec of a syntax identifier; the fallback for one that is unknown."""
    return CODECS.get(identifier, FALLBACK)


def plain_octets(octets: bytes, identifier: str) -> bytes:
    """Return octets whose separators can be found without knowing what was shifted in before (UNOX with ISO 2022).

    Two-octet characters of ISO 2022 contain the octets of separators, so such text is turned into UTF-8 first.
    """
    if identifier != "UNOX" or _ESCAPE not in octets:
        return octets
    try:
        return octets.decode("iso2022_jp_ext").encode("utf-8")
    except UnicodeDecodeError:
        return octets


def foreign_character(text: str, identifier: str) -> str:
    """Return the first character that the repertoire of level A or B does not hold; empty when there is none.

    Line ends are left out: they stand between segments for readers' sake.
    """
    pattern = _RESTRICTED.get(identifier)
    if pattern is None:
        return ""
    found = pattern.search(text.replace("\r", "").replace("\n", ""))
    return found.group() if found else ""
