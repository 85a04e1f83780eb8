"""Bytes of a catalogue → well-formed UTF-8, piece by piece: encodings that lie, bare ampersands, names of HTML signs.

Catalogues are written by export scripts of all kinds. What a reader of the file would understand is mended here and
counted, so that one wrong byte in article 90,000 does not cost the other 99,999; what could smuggle in something
(entities of its own, other files) is refused.
"""

import codecs
import re
import sys
from collections.abc import Iterator
from html.entities import html5
from itertools import chain
from typing import BinaryIO

from blocks.errors import Unreadable

PIECE = 256 * 1024
LONGEST_TEXT = 10_000_000
"""Characters without a tag in between: no description is as long."""
_LONGEST_PROLOG = 1024 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf-16": "utf-8",  # without the zero bytes of UTF-16 it cannot be meant
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "iso-8859-15": "iso8859-15",
    "iso-8859-2": "iso8859-2",
    "windows-1250": "cp1250",
    "cp1250": "cp1250",
    "windows-1251": "cp1251",
    "iso-8859-5": "iso8859-5",
    "cp850": "cp850",
    "ibm850": "cp850",
}
"""What a file says → how it is read; Latin-1 is read as Windows-1252, its superset, as browsers do."""
_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_DOCUMENT_TYPE = re.compile(r"(\A(?:\s|<\?.*?\?>|<!--.*?-->)*)<!DOCTYPE\b([^\[<>]*)>", re.DOTALL)
_ROOT = re.compile(r"\A(?:\s|<\?.*?\?>|<!--.*?-->)*<(?:[A-Za-z_][\w.-]*:)?(\w+)", re.DOTALL)
_OTHER_BYTE = re.compile("[\udc80-\udcff]")
_NO_SIGN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(\w{2,31};)|#(?:([0-9]{1,9})|x([0-9A-Fa-f]{1,8}));)?", re.ASCII
)
_QUOTED = re.compile(r"(<!\[CDATA\[|\]\]>)")


class CatalogueText:
    """The text of a catalogue; afterwards, what had to be mended.

    Attributes:
        mended: What was mended → how often.
    """

    def __init__(self, source: BinaryIO) -> None:
        """Take a binary file at its beginning."""
        self._source = source
        self._within_quote = False
        self.mended: dict[str, int] = {}

    def pieces(self) -> Iterator[bytes]:
        """Yield the text as UTF-8 without declaration and document type; each piece ends with a tag.

        Raises:
            Unreadable: Empty, no XML with the root BMECAT, with entities of its own, or a text without end.
        """
        decoded = self._decoded()
        waiting: list[str] = []
        size = 0
        for text in chain((_prolog(decoded),), decoded):
            cut = text.rfind(">") + 1
            if not cut:
                waiting.append(text)
                size += len(text)
                if size > LONGEST_TEXT:
                    raise Unreadable(
                        "The catalogue holds a text of more than 10 million characters; have it written anew."
                    )
                continue
            waiting.append(text[:cut])
            yield self._put_right("".join(waiting)).encode()
            waiting, size = [text[cut:]], len(text) - cut
        rest = "".join(waiting)
        if rest:
            yield self._put_right(rest).encode()

    def _decoded(self) -> Iterator[str]:
        first = self._source.read(PIECE)
        if not first.strip(b"\0 \t\r\n"):
            raise Unreadable("The catalogue is empty; have it sent again.")
        encoding = _encoding_of(first)
        errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        piece = first
        while piece:
            yield self._other_bytes(decoder.decode(piece), encoding).removeprefix("\ufeff")
            piece = self._source.read(PIECE)
        yield self._other_bytes(decoder.decode(b"", final=True), encoding)

    def _other_bytes(self, text: str, encoding: str) -> str:
        """Read bytes that do not fit the encoding as Windows-1252, in which most such files are written in truth."""
        if text.isascii() or not _OTHER_BYTE.search(text):
            return text
        text, number = _OTHER_BYTE.subn(_as_windows, text)
        self._count(f"bytes that are not {encoding.upper()}, read as Windows-1252", number)
        return text

    def _put_right(self, text: str) -> str:
        """Return the text without what no parser takes; quoted sections (CDATA) keep their ampersands."""
        if _NO_SIGN.search(text):
            text, number = _NO_SIGN.subn(_no_sign, text)
            self._count("characters that no XML may hold, left out", number)
        if "&" not in text:
            last, end = text.rfind("<![CDATA["), text.rfind("]]>")
            self._within_quote = last > end if max(last, end) >= 0 else self._within_quote
            return text
        parts = []
        for part in _QUOTED.split(text):
            if part in {"<![CDATA[", "]]>"}:
                self._within_quote = part != "]]>"
            parts.append(part if self._within_quote else _AMPERSAND.sub(self._reference, part))
        return "".join(parts)

    def _reference(self, found: re.Match[str]) -> str:
        name, decimal, hexadecimal = found.groups()
        if decimal or hexadecimal:
            return self._numbered(found[0], int(decimal) if decimal else int(hexadecimal, 16))
        if name and name in html5:
            self._count("names of HTML signs, such as &nbsp;, put in", 1)
            return html5[name].replace("&", "&amp;").replace("<", "&lt;")
        self._count("bare ampersands taken as such", 1)
        return "&amp;" + found[0][1:]

    def _numbered(self, text: str, number: int) -> str:
        if number <= sys.maxunicode and not _NO_SIGN.match(chr(number)):
            return text
        self._count("characters that no XML may hold, left out", 1)
        return ""

    def _count(self, what: str, number: int) -> None:
        self.mended[what] = self.mended.get(what, 0) + number


def _encoding_of(first: bytes) -> str:
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name
    if first[:2] in {b"<\0", b"\0<"}:
        return "utf-16-le" if first[:1] == b"<" else "utf-16-be"
    declared = _DECLARED.match(first)
    name = declared[1].decode().lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        raise Unreadable(f"The catalogue is written in {name}, which is not read; have it exported in UTF-8.")
    return _ENCODINGS[name]


def _prolog(decoded: Iterator[str]) -> str:
    """Return the beginning up to the root's name at least, without declaration and document type."""
    begin = ""
    for text in decoded:
        begin += text
        plain = _DOCUMENT_TYPE.sub(r"\1", _DECLARATION.sub("", begin, count=1), count=1)
        if (root := _ROOT.match(plain)) and ">" in plain[root.end() :]:
            if root[1].upper() != "BMECAT":
                raise Unreadable(
                    f"The XML is no BMEcat catalogue: its root is {root[1][:60]}; send one with the root BMECAT."
                )
            return plain
        if len(begin) > _LONGEST_PROLOG:
            break
    if re.search(r"<!DOCTYPE[^>]*\[", begin[:_LONGEST_PROLOG]):
        raise Unreadable(
            "The catalogue declares a document type of its own, by which entities and outside files could be smuggled "
            "in; have it sent without."
        )
    raise Unreadable("The file is no XML with the root BMECAT; have the catalogue exported again.")


def _as_windows(found: re.Match[str]) -> str:
    byte = bytes([ord(found[0]) - 0xDC00])
    return byte.decode("cp1252", "ignore") or byte.decode("latin-1")


def _no_sign(found: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" if found[0] >= "\ud800" else ""
