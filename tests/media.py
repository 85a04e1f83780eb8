"""Pictures and documents for tests: whole ones of each format, and such as are two things at once or never end."""

import io
import struct
import zlib

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: int = 0x3366CC) -> bytes:
    """Return a picture of one colour."""
    held = io.BytesIO()
    Image.new("RGB", size, (colour >> 16, colour >> 8 & 255, colour & 255)).save(held, kind)
    return held.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *more: bytes) -> bytes:
    """Return a PNG of grey points with these packed rows, whatever its size says."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), *more, chunk(b"IDAT", rows), chunk(b"IEND", b"")))


def pdf(*objects: bytes, tail: bytes = b"") -> bytes:
    """Return a document with these further objects."""
    more = b"".join(b"%d 0 obj\n%s\nendobj\n" % (place, each) for place, each in enumerate(objects, start=4))
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1"
        b" >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n" + more
        + b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n" + tail
    )  # fmt: skip


def packed(dictionary: bytes, data: bytes) -> bytes:
    """Return a packed stream of a document."""
    held = zlib.compress(data)
    return b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(held), held)
