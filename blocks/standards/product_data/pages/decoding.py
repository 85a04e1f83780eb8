"""Bytes of a page → its text: by their mark, by what they are, by what they declare."""

import codecs
import re

from blocks.standards.product_data.findings import Findings

_HEAD = 4_096
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE)


def decoded(data: bytes, findings: Findings, *, charset: str = "") -> str:
    """Return the text of bytes: by their mark, else by what they are, else by what they declare.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8, whatever they declare; what declares UTF-8 and is not is read as
    Windows-1252, the commonest of those that lie.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    declared = _declared(data)
    named = _known_charset(declared) or _known_charset(charset)
    if data.isascii() and named not in {"iso2022_jp", "utf-7", "hz"}:
        return data.decode("ascii")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf_8(data, error, named, findings)
    if named and named != "utf-8":
        findings.say(f"The page declares the character set '{named}' but is written in UTF-8; it was read as UTF-8.")
    return text


def _not_utf_8(data: bytes, error: UnicodeDecodeError, named: str, findings: Findings) -> str:
    if named and named != "utf-8":
        return data.decode(named, "replace")
    broken = data.decode("utf-8", "ignore")
    letters = sum(1 for byte in data[:200_000] if byte > 0x7F)
    lost = letters - sum(len(letter.encode()) for letter in broken[:200_000] if ord(letter) > 0x7F)
    if named == "utf-8" and (error.start >= len(data) - 4 or lost * 10 < letters):
        return data.decode("utf-8", "replace")
    if named == "utf-8":
        findings.say("The page declares UTF-8 but is not written in it; it was read as Windows-1252.")
    return data.decode("cp1252", "replace")


def _declared(data: bytes) -> str:
    found = _DECLARED.search(data[:_HEAD])
    return found[1].decode("ascii", "ignore") if found else ""


def _known_charset(name: str) -> str:
    """Return Python's name of a character set that text is written in; '' where it knows none."""
    try:
        known = codecs.lookup(name.strip().strip("\"'")) if name else None
    except (LookupError, ValueError):
        return ""
    if (
        known is None
        or not known._is_text_encoding  # noqa: SLF001 - the only way to ask
        or known.name in {"idna", "punycode", "unicode_escape", "raw_unicode_escape"}
    ):
        return ""
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-16": "utf-8"}.get(known.name, known.name)
