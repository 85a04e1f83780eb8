"""Draws a page of a PDF with the values found on it boxed and numbered; for worker processes, files are hostile."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from blocks.errors import Unreadable

if TYPE_CHECKING:
    from PIL import Image

WIDTH, HIGHEST = 1000, 1600
"""Pixels of a picture: a page of A4 can be read on a screen; a longer one is made smaller."""
MOST_BYTES = 400_000
MOST_PAGES, MOST_MARKS = 4, 300
_QUALITIES = (70, 50, 30, 15)
_INK, _DOUBT = (13, 110, 253), (220, 38, 38)


class Mark(NamedTuple):
    """A value on a page: its number in the table beside, its box in points from bottom left, whether it is doubted."""

    number: int
    box: tuple[float, float, float, float]
    doubted: bool = False


class Picture(NamedTuple):
    """A page as JPEG."""

    page: int
    image: bytes


def drawn(data: bytes, marks: Mapping[int, Sequence[Mark]], most_pages: int = MOST_PAGES) -> list[Picture]:
    """Return the pages that have marks, or the first, as pictures with the marks drawn in.

    Args:
        data: The PDF.
        marks: What to box, by 1-based page.
        most_pages: At most so many pictures.

    Raises:
        Unreadable: The file cannot be opened as a PDF.
    """
    import pypdfium2 as pdfium  # noqa: PLC0415 - only where a page is drawn

    from blocks.standards.pdf.engine import PDFIUM  # noqa: PLC0415 - as above

    with PDFIUM:
        try:
            document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            raise Unreadable("The file cannot be opened as a PDF, so no page can be shown.") from error
        try:
            pages = [page for page in sorted(marks) if 1 <= page <= len(document)] or [1]
            return [_page(document[page - 1], page, marks.get(page, ())) for page in pages[:most_pages]]
        finally:
            document.close()


def _page(page: Any, number: int, marks: Sequence[Mark]) -> Picture:
    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1.0), HIGHEST / max(height, 1.0))
    image = page.render(scale=scale).to_pil().convert("RGB")
    _draw(image, marks[:MOST_MARKS], scale)
    return Picture(number, _packed(image))


def _draw(image: "Image.Image", marks: Sequence[Mark], scale: float) -> None:
    from PIL import ImageDraw  # noqa: PLC0415 - only where a page is drawn

    pen = ImageDraw.Draw(image)
    for mark in marks:
        left, bottom, right, top = (edge * scale for edge in mark.box)
        upper, lower = sorted((image.height - top, image.height - bottom))
        colour = _DOUBT if mark.doubted else _INK
        pen.rectangle((min(left, right) - 2, upper - 2, max(left, right) + 2, lower + 2), outline=colour, width=2)
        told = str(mark.number)
        beside = (max(left, right) + 3, upper - 3)
        pen.rectangle((*beside, beside[0] + 7 * len(told) + 4, beside[1] + 13), fill=colour)
        pen.text((beside[0] + 2, beside[1] + 1), told, fill=(255, 255, 255))


def _packed(image: "Image.Image") -> bytes:
    """Return the picture as JPEG, coarser until it is small enough to be kept with a report."""
    for quality in _QUALITIES:
        into = io.BytesIO()
        image.save(into, "JPEG", quality=quality, optimize=True)
        if into.tell() <= MOST_BYTES:
            break
    return into.getvalue()
