"""Bytes of a PDF → what its text layer says, as rows of words."""

import pypdfium2 as pdfium

from blocks.errors import Unreadable
from blocks.standards.pdf.engine import PDFIUM
from blocks.standards.pdf.layout import Page, TextLayer
from blocks.standards.pdf.rows import rows_of
from blocks.standards.pdf.words import placed_words

MOST_PAGES = 400


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
            message = "The file cannot be opened as a PDF."
            raise Unreadable(message) from error
        try:
            return _read(document, most_pages)
        finally:
            document.close()


def _read(document: pdfium.PdfDocument, most_pages: int) -> TextLayer:
    count = len(document)
    if count > most_pages:
        message = f"The PDF has {count} pages; at most {most_pages} are read as one invoice."
        raise Unreadable(message)
    pages = tuple(_page(document, number) for number in range(1, count + 1))
    if not any(page.rows for page in pages):
        message = "The PDF has no text layer: its pages are pictures; ask the sender for the original file."
        raise Unreadable(message)
    facts = document.get_metadata_dict()
    return TextLayer(pages=pages, title=facts.get("Title", ""), producer=facts.get("Producer", ""))


def _page(document: pdfium.PdfDocument, number: int) -> Page:
    page = document[number - 1]
    try:
        words, width, height = placed_words(page)
        return Page(number, width, height, rows_of(words, number))
    finally:
        page.close()
