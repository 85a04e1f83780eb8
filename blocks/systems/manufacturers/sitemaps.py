"""Addresses in sitemaps (sitemaps.org protocol 0.9: XML, or text of one address per line), links in pages. Pure."""

import html
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urldefrag, urljoin

from blocks.errors import Unreadable

_MOST_UNPACKED = 64 << 20
_MOST_ADDRESSES = 50_000
"""The protocol allows no more in one sitemap."""
_LINK = re.compile(rb"""<a\s[^<>]{0,2000}?href\s*=\s*(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')""", re.IGNORECASE)


def addresses_in(body: bytes) -> Iterator[tuple[bool, str]]:
    """Yield the addresses in a sitemap, each with whether it is another sitemap's.

    Raises:
        Unreadable: It is no sitemap, broken, or larger than the protocol allows.
    """
    if body[:2] == b"\x1f\x8b":
        body = _unpacked(body)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        yield from _in_xml(body)
        return
    for place, line in enumerate(body.decode("utf-8-sig", "replace").splitlines()):
        if place > _MOST_ADDRESSES:
            raise Unreadable(f"A sitemap lists more than {_MOST_ADDRESSES} addresses.")
        if line.strip().startswith(("http://", "https://")):
            yield False, line.strip()


def _unpacked(body: bytes) -> bytes:
    opened = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = opened.decompress(body, _MOST_UNPACKED)
    except zlib.error as error:
        raise Unreadable("A sitemap's packing is broken.") from error
    if opened.unconsumed_tail:
        raise Unreadable(f"A sitemap holds more than {_MOST_UNPACKED >> 20} MB unpacked.")
    return found


def _in_xml(body: bytes) -> Iterator[tuple[bool, str]]:
    from lxml import etree  # noqa: PLC0415 - takes a moment to import

    count = 0
    try:
        events = etree.iterparse(
            BytesIO(body), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        for _, element in events:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name in ("url", "sitemap"):
                address = element.findtext("{*}loc") or ""
                element.clear()
                count += 1
                if count > _MOST_ADDRESSES:
                    raise Unreadable(f"A sitemap lists more than {_MOST_ADDRESSES} addresses.")
                if address.strip():
                    yield name == "sitemap", address.strip()
    except etree.XMLSyntaxError as error:
        raise Unreadable("A sitemap is broken XML.") from error


def links_in(page: bytes, url: str) -> Iterator[str]:
    """Yield the absolute addresses that a page links to, each once, without their fragments."""
    seen = set()
    for match in _LINK.finditer(page):
        text = html.unescape((match[1] or match[2]).decode("utf-8", "replace")).strip()
        try:
            address = urldefrag(urljoin(url, text)).url
        except ValueError:
            continue
        if address.startswith(("http://", "https://")) and address not in seen:
            seen.add(address)
            yield address
