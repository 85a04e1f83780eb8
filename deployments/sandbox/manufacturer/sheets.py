"""Data sheets as small PDFs with a text layer and ruled rows, and pictures as small PNGs. Pure."""

import struct
import zlib
from collections.abc import Iterator

from deployments.sandbox.manufacturer.products import BRAND, Truth, german

_LEFT, _VALUE, _UNIT, _RIGHT, _TOP, _ROW = 56, 300, 430, 540, 780, 18


def sheet(product: Truth) -> bytes:
    """Return a product's data sheet: a heading, its numbers, and a table of parameter, value and unit."""
    return _pdf("\n".join(_drawn(product)).encode("cp1252", "replace"))


def _drawn(product: Truth) -> Iterator[str]:
    yield _text(_LEFT, _TOP, 16, f"{BRAND} {product.name}")
    yield _text(_LEFT, _TOP - 24, 9, f"Datenblatt · Artikelnummer {product.mpn} · EAN {product.gtin}")
    yield _text(_LEFT, _TOP - 60, 12, "Technische Daten")
    line = _TOP - 84
    for cell, words in ((_LEFT, "Parameter"), (_VALUE, "Wert"), (_UNIT, "Einheit")):
        yield _text(cell, line, 10, words, bold=True)
    yield _rule(line - 5)
    for each in product.all_features():
        line -= _ROW
        yield _text(_LEFT, line, 10, each.name)
        yield _text(_VALUE, line, 10, german(each.value))
        if each.unit:
            yield _text(_UNIT, line, 10, each.unit)
        yield _rule(line - 5)
    yield _text(_LEFT, 40, 8, "Änderungen vorbehalten. Seite 1 von 1")


def _text(x: int, y: int, size: int, words: str, *, bold: bool = False) -> str:
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F{2 if bold else 1} {size} Tf {x} {y} Td ({escaped}) Tj ET"


def _rule(y: int) -> str:
    return f"0.5 w {_LEFT} {y} m {_RIGHT} {y} l S"


def _pdf(content: bytes) -> bytes:
    """Return a PDF of one A4 page with this content (ISO 32000-1, 7.5)."""
    packed = zlib.compress(content)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    fonts = b"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % fonts,
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    )
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(body)


def picture(product: Truth) -> bytes:
    """Return a product's picture: 32 by 32 points of a colour of its own (PNG, ISO/IEC 15948)."""
    colour = (product.number * 2_654_435_761 & 0xFFFFFF).to_bytes(3, "big")
    rows = b"".join(b"\0" + colour * 32 for _ in range(32))
    head = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
