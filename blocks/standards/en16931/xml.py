"""XML from outside: parsed without document types, entities or network, and within limits; places named as XPath."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from blocks.errors import Defect, Unreadable

NAMESPACES = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "ubl",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "cn",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": "cac",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2": "cbc",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2": "ext",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100": "rsm",
    "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100": "ram",
    "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100": "udt",
    "urn:un:unece:uncefact:data:standard:QualifiedDataType:100": "qdt",
    "urn:ferd:CrossIndustryDocument:invoice:1p0": "rsm",
    "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12": "ram",
    "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15": "udt",
    "urn:un:unece:uncefact:data:standard:QualifiedDataType:12": "qdt",
}
"""The namespaces of both syntaxes of EN 16931 and of ZUGFeRD 1, with the prefixes by which places are named."""

ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})

_PROLOG = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DECLARATION = re.compile(r"\A\s*<\?xml\s.*?\?>", re.DOTALL)
_DECLARED = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]*)["']""")
_LONGEST_DECLARATION = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much XML is read.

    Attributes:
        bytes: Size of the file.
        marks: Tags, attributes and references together; they, not the bytes, fill the memory.
        depth: Elements within elements.
    """

    bytes: int = 128 * 1024 * 1024
    marks: int = 2_000_000
    depth: int = 64


LIMITS = Limits()


def parse(data: bytes, limits: Limits = LIMITS) -> Any:
    """Return the root element of well-formed XML; comments and processing instructions are left out.

    Raises:
        Unreadable: Too large, too deep, too many elements, a document type, an unusual encoding, or not well-formed.
    """
    from lxml import etree  # noqa: PLC0415 - only where XML is read

    _within_limits(data, limits)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=len(data) > _HUGE,
    )
    try:
        root = etree.fromstring(_plain(data), parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(error, limits) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _document_type()
    if _deeper_than(limits.depth)(root):
        raise _too_deep(limits)
    return root


_HUGE = 8_000_000
"""From here on the parser's own limit on one text (10 MB) could refuse an attachment; ours hold all the same."""


def _within_limits(data: bytes, limits: Limits) -> None:
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("The file is empty; have it sent again.")
    if len(data) > limits.bytes:
        size, most = (f"{count / 1024 / 1024:.0f} MB" for count in (len(data), limits.bytes))
        raise Unreadable(
            f"The XML has {size}, more than the {most} that are read; have attachments sent apart from it."
        )
    if len(data) > limits.marks and sum(data.count(mark) for mark in (b"<", b"=", b"&")) > limits.marks:
        raise Unreadable(
            f"The XML has more than {limits.marks:,} tags, attributes and references, "
            "more than any invoice; have it split or sent again."
        )


def _plain(data: bytes) -> bytes:
    """Return the bytes as the parser may have them: in an encoding it surely reads as we do, without document type."""
    data = _from_utf_16(data).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not data.startswith(b"<") or b"\x00" in data:
        raise Unreadable("The file is not XML, or in an encoding that is not read; send the XML in UTF-8.")
    if data.startswith(b"<?xml"):
        end = data.find(b"?>", 0, _LONGEST_DECLARATION)
        if end < 0:
            raise Unreadable("The XML declaration in the first line does not end; have the sender write it again.")
        for name in _DECLARED.findall(data, 0, end):
            if name.decode().lower() not in ENCODINGS:
                raise Unreadable(f"The XML is written in {name.decode()}, which is not read; send it in UTF-8.")
    after = _PROLOG.match(data)
    if after is not None and data[after.end() : after.end() + 2] == b"<!":
        raise _document_type()
    return data


def _from_utf_16(data: bytes) -> bytes:
    """Return UTF-16, known by its first bytes, as UTF-8 without declaration, and anything else as it is."""
    order = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(data[:2])
    if order is None:
        return data
    try:
        text = data.decode(order)
    except UnicodeDecodeError:
        raise Unreadable("The XML is no valid UTF-16, as its first bytes say; send it in UTF-8.") from None
    return _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")


def _document_type() -> Unreadable:
    return Unreadable(
        "The XML has a document type (DOCTYPE), by which entities and outside files could be smuggled in; "
        "e-invoices never need one: send it without."
    )


def _too_deep(limits: Limits) -> Unreadable:
    return Unreadable(f"The XML is nested more than {limits.depth} elements deep, deeper than any invoice is.")


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> Any:
    from lxml import etree  # noqa: PLC0415 - only where XML is read

    return etree.XPath("boolean(/" + "/".join(["*"] * (depth + 1)) + ")")


_WHY = {
    26: "it uses an entity that is not defined",
    76: "an end tag does not fit its start tag",
    77: "it breaks off before its end",
    81: "it holds bytes that do not fit its encoding",
    201: "a namespace prefix is not declared",
}
"""Codes of the parser (xmlParserErrors) that a sender can do something with."""


def _malformed(error: Any, limits: Limits) -> Unreadable:
    if "depth" in (error.msg or ""):
        return _too_deep(limits)
    line, column = error.position
    why = _WHY.get(error.code, "it is not well-formed XML")
    defect = Defect(f"line {line}, column {column}", f"The file cannot be read from here on: {why}.", "Send it whole.")
    return Unreadable(
        f"The XML is broken at line {line}, column {column}: {why}; have the sender write and send it again.",
        reasons=(defect,),
    )


def short_name(tag: str) -> str:
    """Return ``cbc:ID`` for a name of a known namespace, the bare name for one of none, else the tag itself."""
    return SHORT[tag]


class _ShortNames(dict[str, str]):
    """Names in Clark's notation → short ones, found once each; a lookup that is there needs no call of ours."""

    def __missing__(self, tag: str) -> str:
        namespace, _, local = tag.rpartition("}")
        prefix = NAMESPACES.get(namespace[1:]) if namespace else None
        short = f"{prefix}:{local}" if prefix else (tag if namespace else local)
        if len(self) < _MOST_NAMES:  # beyond, names are a hostile document's own
            self[tag] = short
        return short


_MOST_NAMES = 4096
SHORT = _ShortNames()
"""The short name of each name, as ``short_name`` gives it; for loops."""


def place_of(element: Any) -> str:
    """Return where an element stands, e.g. ``/ubl:Invoice/cac:InvoiceLine[2]/cbc:ID``."""
    steps: list[str] = []
    while element is not None:
        steps.append(short_name(element.tag) + _position(element))
        element = element.getparent()
    return "/" + "/".join(reversed(steps))


def _position(element: Any) -> str:
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    followed = next(element.itersiblings(element.tag), None) is not None
    return f"[{before + 1}]" if before or followed else ""
