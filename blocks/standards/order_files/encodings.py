"""Which encoding a text file is in, by evidence, and its text with every byte that does not fit kept recognisable."""

import codecs
import io
import re
from typing import BinaryIO

from blocks.errors import Unreadable, WrongUse

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLOCK = 256 * 1024
_SAMPLE = 4096
_ENOUGH = 2000
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_NAMES = {"windows-1252": "cp1252", "iso-8859-1": "iso8859-1", "iso-8859-15": "iso8859-15"}
_FORMS = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet (XLSX)"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office document"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "compressed with gzip"),
)


def encoding_of(stream: BinaryIO, declared: str = "auto") -> str:
    """Return the encoding of a seekable stream and leave it at its first byte after the byte order mark.

    Evidence, in this order: the byte order mark; zero bytes at every second place; more complete UTF-8 sequences than
    other bytes above 127 in the first places where such bytes stand; else Windows-1252.

    Raises:
        Unreadable: Empty, no text, in an encoding SOMS does not read, or marked as another one than declared.
        WrongUse: The stream cannot be read from its beginning a second time.
    """
    if not stream.seekable():
        raise WrongUse("An order file is read from a stream that can be sought, such as an open file.")
    stream.seek(0)
    start = stream.read(_SAMPLE)
    if not start.strip(b"\0 \t\r\n"):
        raise Unreadable("The file is empty.")
    for sign, form in _FORMS:
        if start.startswith(sign):
            raise Unreadable(f"The file is {form}, not a text file; export it as text or choose a profile for it.")
    mark, marked = next(((mark, name) for mark, name in _MARKS if start.startswith(mark)), (b"", ""))
    if marked == "utf-32":
        raise Unreadable("The file is in UTF-32, which SOMS does not read; export it as UTF-8.")
    if marked and declared not in {"auto", marked}:
        raise Unreadable(f"The file is marked as {marked}, the profile says {declared}; correct the profile.")
    found = marked or (_by_evidence(stream, start) if declared == "auto" else declared)
    stream.seek(len(mark))
    return found


def _by_evidence(stream: BinaryIO, start: bytes) -> str:
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 5 > len(start):
        return "utf-16-be" if even > odd else "utf-16-le"
    complete = other = 0
    stream.seek(0)
    rest = b""
    while complete + other < _ENOUGH and (block := stream.read(_BLOCK)):
        block = rest + block
        rest = b""
        if block.isascii():
            continue
        cut = next((back for back in (1, 2, 3) if len(block) > back and block[-back] >= 0xC2), 0)  # noqa: PLR2004
        if cut and len(block) > _BLOCK:
            block, rest = block[:-cut], block[-cut:]
        sequences = _SEQUENCE.findall(block)
        complete += len(sequences)
        other += len(_HIGH.findall(block)) - sum(map(len, sequences))
    return "utf-8" if complete >= other else "windows-1252"


def _pass_or_mark(error: UnicodeError) -> tuple[str | bytes, int]:
    """Let a lone surrogate of UTF-16 pass; half a character at the end of a cut file becomes the replacement mark."""
    try:
        return codecs.lookup_error("surrogatepass")(error)
    except UnicodeDecodeError as broken:
        return "\N{REPLACEMENT CHARACTER}", broken.end


codecs.register_error("surrogate_or_mark", _pass_or_mark)


def open_text(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return the stream's text with line ends as they are; bytes that do not fit become lone surrogates.

    The caller detaches the wrapper, so that the stream stays open.
    """
    errors = "surrogate_or_mark" if encoding.startswith("utf-16") else "surrogateescape"
    return io.TextIOWrapper(stream, encoding=_NAMES.get(encoding, encoding), errors=errors, newline="")


def original_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes a text with lone surrogates was decoded from."""
    for errors in ("surrogateescape", "surrogatepass"):
        try:
            return text.encode(_NAMES.get(encoding, encoding), errors)
        except UnicodeError:
            continue
    return text.encode("utf-8", "surrogatepass")
