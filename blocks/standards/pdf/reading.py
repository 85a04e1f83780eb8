"""Bytes of a PDF → what its text layer says, as rows of words."""

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from blocks.errors import Unreadable
from blocks.standards.pdf.engine import PDFIUM, address
from blocks.standards.pdf.layout import Page, TextLayer
from blocks.standards.pdf.rows import rows_of
from blocks.standards.pdf.words import Frame, words_of

MOST_PAGES = 400
"""More than any invoice has; a collective invoice of a telephone company has some hundred."""
MOST_CHARACTERS = 4_000_000
"""Of the whole document: some thousand full pages."""


def read_text_layer(data: bytes, *, most_pages: int = MOST_PAGES) -> TextLayer:
    """Return what a PDF says in text, page by page, as the rows a reader sees.

    Args:
        data: The file.
        most_pages: Files with more pages are refused.

    Raises:
        Unreadable: No PDF, damaged, encrypted, too long, or without a text layer; the text says which.
    """
    with PDFIUM:
        try:
            document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            raise Unreadable(_why_closed(error)) from error
        try:
            return _read(document, most_pages)
        except pdfium.PdfiumError as error:
            message = "The PDF is damaged: a page cannot be opened; ask the sender for a new copy."
            raise Unreadable(message) from error
        finally:
            document.close()


def _why_closed(error: pdfium.PdfiumError) -> str:
    code = getattr(error, "err_code", None)
    if code == pdfium_c.FPDF_ERR_PASSWORD:
        return "The PDF is encrypted and opens with a password only; ask the sender for one without."
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return "The PDF is encrypted in a way SOMS does not know; ask the sender for one without."
    return "The file is damaged or no PDF: it cannot be opened; ask the sender for a new copy."


def _read(document: pdfium.PdfDocument, most_pages: int) -> TextLayer:
    count = len(document)
    if count == 0:
        message = "The PDF has no pages."
        raise Unreadable(message)
    if count > most_pages:
        message = f"The PDF has {count} pages; at most {most_pages} are read as one invoice. Split it."
        raise Unreadable(message)
    pages = []
    left = MOST_CHARACTERS
    for number in range(1, count + 1):
        page, characters = _page(document, number, left)
        left -= characters
        pages.append(page)
    if not any(page.rows for page in pages):
        message = "The PDF has no text layer: its pages are pictures. Ask the sender for the original file."
        raise Unreadable(message)
    return TextLayer(
        pages=tuple(pages),
        title=document.get_metadata_value("Title"),
        producer=document.get_metadata_value("Producer"),
        attachments=_attachments(document),
    )


def _page(document: pdfium.PdfDocument, number: int, most: int) -> tuple[Page, int]:
    page = document[number - 1]
    try:
        text = page.get_textpage()
        try:
            count = text.count_chars()
            if count > most:
                message = f"The text layer holds more than {MOST_CHARACTERS} characters: no invoice does."
                raise Unreadable(message)
            left, bottom, right, top = page.get_bbox()
            frame = Frame(left, bottom, right, top, page.get_rotation() // 90 % 4)
            words, turned = words_of(address(text.raw), count, frame)
        finally:
            text.close()
    finally:
        page.close()
    rows = rows_of(words, number) if words else ()
    return Page(number, *turned.size, rows, (turned.turns - frame.turns) % 4), count


def _attachments(document: pdfium.PdfDocument) -> tuple[str, ...]:
    """Return the names of the files inside; at most a hundred are looked at."""
    names = []
    for index in range(min(document.count_attachments(), 100)):
        try:
            names.append(document.get_attachment(index).get_name())
        except pdfium.PdfiumError:
            names.append("")
    return tuple(names)
