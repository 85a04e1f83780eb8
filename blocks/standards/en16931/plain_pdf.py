"""A small writer of text pages as PDF that can be archived: fonts embedded, colours defined, the same bytes each time.

The fonts are the two sans-serif faces that PDFium carries for documents without fonts of their own.
"""

import ctypes
import zlib
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from io import BytesIO

WIDTH, HEIGHT = 595.28, 841.89
"""A4 in points."""

REGULAR, BOLD = "Helvetica", "Helvetica-Bold"
_FACES = {REGULAR: "F1", BOLD: "F2"}
_FIRST, _LAST = 32, 255
_EM = 1000
_ICC_DATE = slice(24, 36)
_A_DAY = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
"""1 January 2000 as an ICC profile writes it: the profile would else carry the moment it was made."""


@dataclass
class TextPage:
    """A page of texts, placed in points from the bottom left."""

    drawn: list[bytes] = field(default_factory=list)
    lacking: bool = False
    """Whether a character stands as a question mark because the fonts lack it."""

    def text(self, x: float, y: float, text: str, *, face: str = REGULAR, size: float = 9) -> None:
        """Put a text at a place."""
        plain = encoded(text)
        self.lacking = self.lacking or plain.count(b"?") > text.count("?")
        code = plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        self.drawn.append(f"/{_FACES[face]} {size:g} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm (".encode() + code + b") Tj\n")

    def right(self, x: float, y: float, text: str, *, face: str = REGULAR, size: float = 9) -> None:
        """Put a text so that it ends at a place."""
        self.text(x - width_of(text, face=face, size=size), y, text, face=face, size=size)


def encoded(text: str) -> bytes:
    """Return a text in the fonts' encoding (Windows 1252); other characters and breaks become question marks."""
    return "".join(sign if sign.isprintable() else " " for sign in text).encode("cp1252", "replace")


def width_of(text: str, *, face: str = REGULAR, size: float = 9) -> float:
    """Return the width of a text in points."""
    widths = _widths(face)
    return sum(widths[code - _FIRST] for code in encoded(text)) * size / _EM


def wrapped(text: str, room: float, *, face: str = REGULAR, size: float = 9) -> list[str]:
    """Return the text in lines that fit into the room, broken at spaces where there are any."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if width_of(longer, face=face, size=size) <= room:
                line = longer
                continue
            lines += [line] if line else []
            line = word
            while len(line) > 1 and width_of(line, face=face, size=size) > room:
                fits = max(1, int(len(line) * room / width_of(line, face=face, size=size)))
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def written(pages: list[TextPage], title: str) -> bytes:
    """Return the document."""
    objects: list[bytes] = [b""] * 2
    fonts = b" ".join(f"/{tag} ".encode() + _reference(_font(objects, face)) for face, tag in _FACES.items())
    profile = _stream(objects, _colours(), b"/N 3")
    kids: list[bytes] = []
    for page in pages:
        content = _stream(objects, b"BT\n" + b"".join(page.drawn) + b"ET\n")
        kids.append(
            _reference(
                _add(
                    objects,
                    f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] ".encode()
                    + b"/Resources << /Font << "
                    + fonts
                    + b" >> >> /Contents "
                    + _reference(content)
                    + b" >>",
                )
            )
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(kids))
    intent = b"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB) /DestOutputProfile "
    objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) /OutputIntents [" + intent + _reference(profile) + b" >>] >>"
    )
    information = _add(objects, b"<< /Title " + _hexadecimal(title) + b" >>")
    return _file(objects, information)


def _hexadecimal(text: str) -> bytes:
    return b"<FEFF" + text.encode("utf-16-be", "replace").hex().upper().encode() + b">"


def _add(objects: list[bytes], body: bytes) -> int:
    objects.append(body)
    return len(objects)


def _reference(number: int) -> bytes:
    return b"%d 0 R" % number


def _stream(objects: list[bytes], content: bytes, more: bytes = b"") -> int:
    packed = zlib.compress(content, 6)
    head = b"<< /Length %d /Filter /FlateDecode " % len(packed)
    return _add(objects, head + more + b" >>\nstream\n" + packed + b"\nendstream")


def _font(objects: list[bytes], face: str) -> int:
    name = b"ChromSansOTF-Bold" if face == BOLD else b"ChromSansOTF"
    program = _stream(objects, _program(face), b"/Subtype /Type1C")
    descriptor = _add(
        objects,
        b"<< /Type /FontDescriptor /FontName /" + name + b" /Flags 32 /FontBBox [-200 -250 1100 1000] /ItalicAngle 0"
        b" /Ascent 945 /Descent -225 /CapHeight 720 /StemV 90 /FontFile3 " + _reference(program) + b" >>",
    )
    widths = _add(objects, b"[" + b" ".join(b"%d" % width for width in _widths(face)) + b"]")
    return _add(
        objects,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /"
        + name
        + b" /Encoding /WinAnsiEncoding /FirstChar %d /LastChar %d" % (_FIRST, _LAST)
        + b" /Widths "
        + _reference(widths)
        + b" /FontDescriptor "
        + _reference(descriptor)
        + b" >>",
    )


def _file(objects: list[bytes], information: int) -> bytes:
    parts = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
    places, at = [], len(parts[0])
    for number, body in enumerate(objects, 1):
        part = b"%d 0 obj\n" % number + body + b"\nendobj\n"
        places.append(at)
        parts.append(part)
        at += len(part)
    mark = sha256(b"".join(parts)).hexdigest()[:32].upper().encode()
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts.append(
        b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        + table
        + b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /ID [<%b> <%b>] >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, information, mark, mark, at)
    )
    return b"".join(parts)


@cache
def _program(face: str) -> bytes:
    """Return the font program (CFF) that PDFium carries for a standard font."""
    import pypdfium2  # noqa: PLC0415 - only where a page is made
    import pypdfium2.raw as pdfium  # noqa: PLC0415 - as above

    from blocks.standards.pdf.engine import PDFIUM  # noqa: PLC0415 - as above

    with PDFIUM:
        document = pypdfium2.PdfDocument.new()
        font = pdfium.FPDFText_LoadStandardFont(document.raw, face.encode())
        length = ctypes.c_size_t()
        pdfium.FPDFFont_GetFontData(font, None, 0, ctypes.byref(length))
        buffer = (ctypes.c_uint8 * length.value)()
        pdfium.FPDFFont_GetFontData(font, buffer, length.value, ctypes.byref(length))
        pdfium.FPDFFont_Close(font)
        document.close()
    return bytes(buffer)


@cache
def _widths(face: str) -> tuple[int, ...]:
    """Return the advance of each character of the encoding in thousandths of the font's size."""
    from PIL import ImageFont  # noqa: PLC0415 - as above

    font = ImageFont.truetype(BytesIO(_program(face)), _EM)
    signs = (bytes((code,)).decode("cp1252", "replace") for code in range(_FIRST, _LAST + 1))
    return tuple(round(font.getlength(sign)) for sign in signs)


@cache
def _colours() -> bytes:
    """Return the colour profile sRGB (ICC)."""
    from PIL import ImageCms  # noqa: PLC0415 - as above

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_DATE] = _A_DAY
    return bytes(profile)
