"""What a picture or document is, told by its bytes alone, and whether it may be shown to a shop's visitors. Pure.

Names and declared types play no part: a file is what it begins with, holds and ends with. Whatever is two things at
once, carries a program, or grows beyond its limits when it is unpacked is refused with the reason.
"""

import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from blocks.errors import Unreadable
from blocks.standards.product_data.media.documents import check_pdf
from blocks.standards.product_data.media.pictures import Seen, see_gif, see_jpeg, see_png, see_webp

MOST_BYTES = 10 << 20
"""Of a file; a shop's visitors have to load it."""
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 16_384
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 65_557
"""Bytes at the end of a file in which a ZIP archive's directory is looked for (APPNOTE 4.3.16)."""
_PROGRAMS = (b"<script", b"<?php", b"javascript:")
_MARKUP = (*_PROGRAMS, b"<html", b"<svg", b"<iframe", b"<!doctype", b"%pdf-", b"pk\x03\x04")


class MediumKind(StrEnum):
    """Where a file is shown."""

    PICTURE = "picture"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that may be shown: what it is, its extension and media type, its size in points (0 for documents)."""

    kind: MediumKind
    extension: str
    content_type: str
    sha256: str
    size: int
    width: int = 0
    height: int = 0


_PICTURES: Mapping[bytes, tuple[str, str, Callable[[bytes], Seen]]] = {
    b"\x89PNG\r\n\x1a\n": ("png", "image/png", see_png),
    b"\xff\xd8\xff": ("jpg", "image/jpeg", see_jpeg),
    b"GIF87a": ("gif", "image/gif", see_gif),
    b"GIF89a": ("gif", "image/gif", see_gif),
    b"RIFF": ("webp", "image/webp", see_webp),
}


def judge(body: bytes) -> Medium:
    """Return what a file is.

    Raises:
        Unreadable: It must not be shown, or is neither PNG, JPEG, GIF, WebP nor PDF; says why in a sentence.
    """
    if not body:
        raise Unreadable("The file is empty.")
    if len(body) > MOST_BYTES:
        raise Unreadable(f"The file has {len(body):,} bytes; {MOST_BYTES:,} is the most a shop is given.")
    if _ZIP_END in body[-_ZIP_TAIL:]:
        raise Unreadable("The file is an archive as well (ZIP): a file that is two things at once is left alone.")
    if body.startswith(b"%PDF-"):
        check_pdf(body)
        digest = hashlib.sha256(body).hexdigest()
        return Medium(MediumKind.DOCUMENT, "pdf", "application/pdf", digest, len(body))
    for beginning, (extension, content_type, see) in _PICTURES.items():
        if body.startswith(beginning):
            return _picture(body, extension, content_type, see)
    if b"<svg" in body[:4096].lower():
        raise Unreadable("The file is an SVG, which can hold programs: ask the maker for a PNG or JPEG.")
    raise Unreadable("The file is neither a picture (PNG, JPEG, GIF, WebP) nor a PDF, whatever its name says.")


def _picture(body: bytes, extension: str, content_type: str, see: Callable[[bytes], Seen]) -> Medium:
    try:
        seen = see(body)
    except (IndexError, struct.error):
        raise Unreadable(f"The {extension.upper()} is broken: it ends in the middle.") from None
    except ValueError as error:
        raise Unreadable(f"The {extension.upper()} is broken: {error}.") from None
    if not (0 < seen.width <= LONGEST_SIDE and 0 < seen.height <= LONGEST_SIDE) or seen.pixels > MOST_PIXELS:
        raise Unreadable(
            f"The picture has {seen.width:,} by {seen.height:,} points ({seen.pixels:,} in all); {MOST_PIXELS:,} points"
            f" and {LONGEST_SIDE:,} a side are the most a shop is given."
        )
    beside = seen.beside.lower()
    if any(word in beside for word in _MARKUP) or any(word in body.lower() for word in _PROGRAMS):
        raise Unreadable(f"The {extension.upper()} carries markup or a program beside its picture.")
    digest = hashlib.sha256(body).hexdigest()
    return Medium(MediumKind.PICTURE, extension, content_type, digest, len(body), seen.width, seen.height)
