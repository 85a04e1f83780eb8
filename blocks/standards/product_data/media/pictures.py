"""PNG, JPEG, GIF and WebP walked part by part to their very ends: sizes, and all that stands beside the points. Pure.

Nothing is decoded but the packed rows of a PNG, and those only counted. What follows a picture's end, or is no part of
its format, is refused: a reader of another kind would begin there. Raises ValueError, in words, for what is broken.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE = 1 << 20
_MOST_TEXT = 1 << 20
"""Unpacked bytes of a colour profile or text within a PNG."""
_MOST_SCANS = 100
"""Of a progressive JPEG; each makes a viewer go over the whole picture once more."""
_MOST_FRAMES = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """Width and height in points, the points of all frames, and the bytes that are no picture: texts, profiles."""

    width: int
    height: int
    pixels: int
    beside: bytes


def see_png(body: bytes) -> Seen:
    """Walk a PNG (ISO/IEC 15948) chunk by chunk."""
    width = height = 0
    beside, packed = bytearray(), bytearray()
    header = b""
    for kind, data in _chunks(body):
        if kind == b"IHDR":
            header = data
            width, height = struct.unpack(">II", data[:8])
        elif kind == b"IDAT":
            packed += data
        elif kind == b"acTL":
            raise ValueError("it moves, which a product's picture does not")
        else:
            beside += data + _unpacked(kind, data)
    if not header:
        raise ValueError("it says nothing of its size")
    if 0 < width * height <= _MOST_COUNTED:  # what is larger is refused anyway
        _count_rows(bytes(packed), header)
    return Seen(width, height, width * height, bytes(beside))


_MOST_COUNTED = 64_000_000


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while True:
        if place + 12 > len(body):
            raise ValueError("it ends in the middle")
        size, kind = struct.unpack(">I4s", body[place : place + 8])
        data = body[place + 8 : place + 8 + size]
        end = place + 12 + size
        if end > len(body) or zlib.crc32(kind + data) != int.from_bytes(body[end - 4 : end]):
            raise ValueError("a part of it is damaged")
        if (place == 8) != (kind == b"IHDR") or (kind == b"IHDR" and size != 13):  # noqa: PLR2004 - ISO/IEC 15948 11.2.2
            raise ValueError("it does not begin with its size")
        yield kind, data
        place = end
        if kind == b"IEND":
            break
    _insist_on_end(body, place)


def _unpacked(kind: bytes, data: bytes) -> bytes:
    """Return a packed text or colour profile; one that grows beyond all measure is a bomb."""
    if kind not in (b"zTXt", b"iCCP", b"iTXt"):
        return b""
    _, _, rest = data.partition(b"\0")
    if kind == b"iTXt":
        if rest[:1] != b"\1":
            return b""
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    else:
        rest = rest[1:]
    opened = zlib.decompressobj()
    try:
        found = opened.decompress(rest, _MOST_TEXT)
    except zlib.error:
        raise ValueError("a text in it is damaged") from None
    if opened.unconsumed_tail:
        raise ValueError("a text in it grows beyond a megabyte")
    return found


_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type → samples of a point (ISO/IEC 15948 table 11.1)."""


def _count_rows(packed: bytes, header: bytes) -> None:
    """Insist that the packed rows are as many as the size says, without keeping them."""
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if colours not in _CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise ValueError("it has colours that PNG does not know")
    row = (width * depth * _CHANNELS[colours] + 7) // 8
    least = height * (1 + row)
    most = least + (8 * height + 8 * row + 64 if interlaced else 0)
    opened, count, rest = zlib.decompressobj(), 0, packed
    try:
        while rest and not opened.eof and count <= most:
            count += len(opened.decompress(rest, _PIECE))
            rest = opened.unconsumed_tail
        count += len(opened.flush()) if opened.eof else 0
    except zlib.error:
        raise ValueError("its points are damaged") from None
    if count > most or opened.unused_data:
        raise ValueError("it grows beyond the size it says when it is unpacked")
    if count < (least if not interlaced else height * width * depth // 8):
        raise ValueError("it ends in the middle")


_MARK = 0xFF
_END_OF_IMAGE, _START_OF_SCAN, _FIRST_BESIDE = 0xD9, 0xDA, 0xE0
_RESTARTS = range(0xD0, 0xD8)
_NO_LENGTH = frozenset({0x01, *_RESTARTS})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def see_jpeg(body: bytes) -> Seen:
    """Walk a JPEG (ISO/IEC 10918-1 annex B) segment by segment."""
    width, height, scans, beside = 0, 0, 0, bytearray()
    for marker, data in _segments(body):
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[1:5])
        elif marker >= _FIRST_BESIDE:
            beside += data
        scans += marker == _START_OF_SCAN
        if scans > _MOST_SCANS:
            raise ValueError("it is drawn in more passes than any real picture")
    if not scans:
        raise ValueError("it holds no picture")
    return Seen(width, height, width * height, bytes(beside))


def _segments(body: bytes) -> Iterator[tuple[int, bytes]]:
    place = 2
    while True:
        if body[place] != _MARK:
            raise ValueError("something stands between its parts")
        while body[place + 1] == _MARK:  # fill bytes
            place += 1
        marker, place = body[place + 1], place + 2
        if marker == _END_OF_IMAGE:
            break
        if marker in _NO_LENGTH:
            continue
        end = place + int.from_bytes(body[place : place + 2])
        if end < place + 2 or end > len(body):
            raise ValueError("it ends in the middle")
        yield marker, body[place + 2 : end]
        place = _after_scan(body, end) if marker == _START_OF_SCAN else end
    _insist_on_end(body, place)


def _after_scan(body: bytes, place: int) -> int:
    """Return where the packed points end: at the first marker that is neither stuffing nor a restart."""
    while True:
        place = body.find(b"\xff", place)
        if place < 0 or place + 1 >= len(body):
            raise ValueError("it ends in the middle")
        if body[place + 1] and body[place + 1] not in _RESTARTS:
            return place
        place += 2


_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B


def see_gif(body: bytes) -> Seen:
    """Walk a GIF (GIF89a) block by block."""
    width, height, flags = struct.unpack("<HHB", body[6:11])
    place = 13 + _table(flags)
    pixels, frames, beside = 0, 0, bytearray()
    while body[place] != _TRAILER:
        if body[place] == _EXTENSION:
            place, held = _blocks(body, place + 2)
            beside += held
        elif body[place] == _IMAGE:
            wide, high, flags = struct.unpack("<HHB", body[place + 5 : place + 10])
            place, _ = _blocks(body, place + 11 + _table(flags))
            frames, pixels = frames + 1, pixels + max(wide * high, width * height)
        else:
            raise ValueError("something stands between its parts")
        if frames > _MOST_FRAMES:
            raise ValueError("it moves on and on")
    if not frames:
        raise ValueError("it holds no picture")
    _insist_on_end(body, place + 1)
    return Seen(width, height, pixels, bytes(beside))


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(body: bytes, place: int) -> tuple[int, bytes]:
    held = bytearray()
    while size := body[place]:
        if place + size >= len(body):
            raise ValueError("it ends in the middle")
        held += body[place + 1 : place + 1 + size]
        place += size + 1
    return place + 1, bytes(held)


def see_webp(body: bytes) -> Seen:
    """Walk a WebP (RFC 9649) chunk by chunk."""
    if body[8:12] != b"WEBP":
        raise ValueError("it is another kind of RIFF file")
    end = 8 + int.from_bytes(body[4:8], "little")
    if end > len(body):
        raise ValueError("it ends in the middle")
    _insist_on_end(body, end)
    place, width, height, beside = 12, 0, 0, bytearray()
    while place + 8 <= end:
        kind, size = body[place : place + 4], int.from_bytes(body[place + 4 : place + 8], "little")
        data = body[place + 8 : place + 8 + size]
        if len(data) < size:
            raise ValueError("it ends in the middle")
        if kind in (b"VP8X", b"VP8 ", b"VP8L"):
            wide, high = _webp_size(kind, data)
            width, height = max(width, wide), max(height, high)
        elif kind in (b"ICCP", b"EXIF", b"XMP "):
            beside += data
        elif kind != b"ALPH":
            raise ValueError("it moves, or holds parts that WebP does not know")
        place += 8 + size + size % 2
    return Seen(width, height, width * height, bytes(beside))


def _webp_size(kind: bytes, data: bytes) -> tuple[int, int]:
    if kind == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF


def _insist_on_end(body: bytes, end: int) -> None:
    if body[end:].strip(b"\0\r\n\t "):
        raise ValueError("something else follows its end")
