"""Small PDFs written by hand for tests: text at places, and every trick a hostile one plays."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

WIDTH, HEIGHT = 595, 842


@dataclass(slots=True)
class PaperPage:
    """One page under the pen; places are points from the bottom left of the unturned page.

    Attributes:
        content: Drawing orders in the order they are painted.
        entries: More entries of the page's dictionary, e.g. ``/Rotate 90``.
        resources: More entries of its resources, e.g. ``/XObject << /Im 9 0 R >>``.
    """

    content: list[str] = field(default_factory=list)
    entries: str = ""
    resources: str = ""

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 10,
        font: str = "F1",
        before: str = "",
        matrix: str = "1 0 0 1",
    ) -> "PaperPage":
        """Write words with their base line starting at a place; ``before`` are orders such as ``3 Tr`` or ``1 g``."""
        said = words.encode("cp1252").hex()
        self.content.append(f"q BT {before} /{font} {size} Tf {matrix} {x} {y} Tm <{said}> Tj ET Q")
        return self

    def row(self, y: float, *cells: tuple[float, str], size: float = 10) -> "PaperPage":
        """Write several cells, each from its own left edge, on one base line."""
        for x, words in cells:
            self.text(x, y, words, size=size)
        return self

    def right(self, x: float, y: float, words: str, *, size: float = 10) -> "PaperPage":
        """Write words in Courier so that they end at a place, as figures do in a table."""
        return self.text(x - 0.6 * size * len(words), y, words, size=size, font="F3")

    def draw(self, orders: str) -> "PaperPage":
        """Add drawing orders as they are, e.g. ``1 g 50 700 200 20 re f``."""
        self.content.append(orders)
        return self


FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Courier"}


def pdf(
    pages: Iterable[PaperPage] = (), *, more: Iterable[bytes] = (), catalog: str = "", packed: bool = False
) -> bytes:
    """Return the bytes of a PDF.

    Args:
        pages: Its pages.
        more: Bodies of further objects; they are numbered from 6 on.
        catalog: More entries of the catalog, e.g. ``/OCProperties 6 0 R``.
        packed: Deflate the contents.
    """
    further = tuple(more)
    bodies: list[bytes] = [b"", b""]
    bodies += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
        for name in FONTS.values()
    ]
    bodies += further
    fonts = " ".join(f"/{key} {number} 0 R" for number, key in enumerate(FONTS, 3))
    kids = []
    for page in pages:
        kids.append(len(bodies) + 1)
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {len(bodies) + 2} 0 R "
            f"/Resources << /Font << {fonts} >> {page.resources} >> {page.entries} >>".encode()
        )
        bodies.append(stream("\n".join(page.content).encode("latin-1"), packed=packed))
    bodies[0] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode()
    bodies[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    return bound(bodies)


def stream(data: bytes, entries: str = "", *, packed: bool = False) -> bytes:
    """Return the body of a stream object."""
    if packed:
        data, entries = zlib.compress(data), f"{entries} /Filter /FlateDecode"
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def bound(bodies: Iterable[bytes]) -> bytes:
    """Return objects numbered from 1 on (the first is the catalog) as a file with its table and trailer."""
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    return bytes(written)
