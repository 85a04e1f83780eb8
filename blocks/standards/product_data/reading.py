"""One file of product data → what it gives; its content says whether it is page, catalogue or sheet, not its name."""

import io
import re
import zlib
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from blocks.documents.product_data import ProductData, ProductFile, Readability, SourceKind
from blocks.errors import Unreadable
from blocks.standards.product_data.findings import Findings

_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 1 << 29
"""Bytes that a compressed file may unpack to; what is longer is cut off."""
_IN_MEMORY = 32 << 20
_CHUNK = 1 << 16
_MOST_SHEET = 64 << 20
MOST_PRODUCTS = 1_000_000
"""Products of one file; the largest catalogues of the trade have some hundred thousand."""
_BMECAT = re.compile(rb"<(?:\w{1,20}:)?BMECAT[\s>/]", re.IGNORECASE)
_HTML = re.compile(
    rb"<!doctype\s+html|<(?:html|head|body|title|meta|script|div|span|table|p|ul|h[1-6]|a|section|article|main)[\s>/]",
    re.IGNORECASE,
)
_ENDINGS = {
    SourceKind.PAGE: (".html", ".htm", ".xhtml"), SourceKind.BMECAT: (".xml",), SourceKind.DATASHEET: (".pdf",),
    SourceKind.PRICE_LIST: (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls"),
}  # fmt: skip


class Reading:
    """A file while it is read.

    Attributes:
        kind: What the file is.
        products: Its products, one by one; a page or data sheet has at most one.
        findings: What must be said; complete once the products are used up.
    """

    def __init__(self, kind: SourceKind, products: Iterator[ProductData], findings: Findings) -> None:
        """Begin to read; nothing is read before the first product is asked for."""
        self.kind, self.findings = kind, findings
        self._given = 0
        self._failed = False
        self.products = self._guarded(products)

    @property
    def verdict(self) -> Readability:
        """How much could be read, as far as is known by now."""
        if self._failed:
            return Readability.PARTLY if self._given else Readability.UNREADABLE
        return self.findings.verdict

    def _guarded(self, products: Iterator[ProductData]) -> Iterator[ProductData]:
        try:
            for product in products:
                if self._given == MOST_PRODUCTS:
                    self.findings.lost(f"The file has more than {MOST_PRODUCTS:,} products; the rest was left out.")
                    return
                self._given += 1
                yield product
        except Unreadable as error:
            self._failed = True
            self.findings.say(str(error))
        except RecursionError:
            self._failed = True
            self.findings.say("The file is nested too deeply to be read.")


def read_product_file(name: str, data: bytes) -> ProductFile:
    """Return what a file gives; never raises for what stands in it.

    Args:
        name: Name of the file, for the report; says what it is only where the content does not.
        data: The file as it is, gzipped pages included.
    """
    reading = reading_of(name, io.BytesIO(data))
    try:
        products = tuple(reading.products)
    except Exception as error:  # noqa: BLE001 - a fault nobody foresaw concerns this file alone
        sentence = f"Reading it failed in a way SOMS does not foresee ({type(error).__name__}); please report this."
        return ProductFile(file=name, kind=reading.kind, verdict=Readability.UNREADABLE, findings=(sentence,))
    return ProductFile(
        file=name, kind=reading.kind, verdict=reading.verdict, products=products, findings=reading.findings.all()
    )


def reading_of(name: str, source: BinaryIO, *, url: str = "", charset: str = "") -> Reading:
    """Return a file as it is read, product by product.

    Args:
        name: Name of the file.
        source: The file, open for reading and seeking; it must stay open until the products are used up.
        url: Address a page came from, '' where unknown.
        charset: Character set the server named for a page.
    """
    findings = Findings()
    head = source.read(_HEAD)
    if head.startswith(_GZIP):
        source.seek(0)
        source = unpacked(source, findings)
        head = source.read(_HEAD)
    source.seek(0)
    kind = kind_of(head, name)
    return Reading(kind, _products(kind, name, source, findings, url, charset), findings)


def kind_of(head: bytes, name: str = "") -> SourceKind:
    """Return what a file is by its first bytes; by its name where they do not tell."""
    text = head.replace(b"\x00", b"") if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00<" in head[:64] else head
    bare = text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if b"%PDF-" in head[:1024]:
        return SourceKind.DATASHEET
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return SourceKind.PRICE_LIST
    if bare.startswith(b"<"):
        if _BMECAT.search(bare):
            return SourceKind.BMECAT
        return SourceKind.PAGE if _HTML.search(bare) or not bare.startswith(b"<?xml") else SourceKind.BMECAT
    if named := _kind_by_name(name):
        return named if named in {SourceKind.PAGE, SourceKind.PRICE_LIST} or not bare else SourceKind.PRICE_LIST
    return SourceKind.PAGE if _HTML.search(bare) else SourceKind.PRICE_LIST


def _kind_by_name(name: str) -> SourceKind | None:
    lowered = name.lower().removesuffix(".gz")
    return next((kind for kind, endings in _ENDINGS.items() if lowered.endswith(endings)), None)


def unpacked(source: BinaryIO, findings: Findings) -> BinaryIO:
    """Return what a gzipped file holds, at most half a gigabyte of it; big ones on disk, never all in memory."""
    target: BinaryIO = SpooledTemporaryFile(max_size=_IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115 - the reader closes it
    machine, left, packed = zlib.decompressobj(wbits=31), _MOST_UNPACKED, b""
    try:
        while not machine.eof and left > 0 and (packed := machine.unconsumed_tail or source.read(_CHUNK)):
            part = machine.decompress(packed, min(left, 1 << 20))
            left -= len(part)
            target.write(part)
    except zlib.error:
        findings.lost("The compressed file is damaged; only what stands before the damage was read.")
    if left <= 0:
        findings.lost(f"The compressed file unpacks to more than {_MOST_UNPACKED >> 20} MB; the rest was left out.")
    elif not machine.eof:
        findings.lost("The compressed file is cut off; only what is there was read.")
    target.seek(0)
    return target


def _products(  # noqa: PLR0917 - what a file needs, for the one place that calls it
    kind: SourceKind, name: str, source: BinaryIO, findings: Findings, url: str, charset: str
) -> Iterator[ProductData]:
    """Yield the products of a file of a kind."""
    if kind is SourceKind.PAGE:
        from blocks.standards.product_data.pages.parsing import MOST_BYTES  # noqa: PLC0415 - only what is read
        from blocks.standards.product_data.pages.reading import read_page  # noqa: PLC0415

        yield read_page(source.read(MOST_BYTES + 1), findings, url=url, charset=charset)
    elif kind is SourceKind.BMECAT:
        from blocks.standards.product_data import bmecat  # noqa: PLC0415 - only what is read

        yield from bmecat.articles(source, findings)
    elif kind is SourceKind.PRICE_LIST:
        from blocks.standards.product_data import price_lists  # noqa: PLC0415 - only what is read

        yield from price_lists.articles(source, findings, name=name)
    else:
        from blocks.standards.product_data.datasheets.reading import sheet  # noqa: PLC0415 - only what is read

        data = source.read(_MOST_SHEET + 1)
        if len(data) > _MOST_SHEET:
            raise Unreadable(f"The PDF has more than {_MOST_SHEET >> 20} MB, too much for one data sheet.")
        yield sheet(data, findings)
