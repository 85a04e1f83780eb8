"""Bytes of a PDF → what its text layer says, as rows of words."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from blocks.errors import Unreadable
from blocks.standards.pdf.disguise import DrawnDigits, Sight
from blocks.standards.pdf.engine import PDFIUM, address
from blocks.standards.pdf.layout import Page, TextLayer
from blocks.standards.pdf.rows import rows_of
from blocks.standards.pdf.sight import unseen
from blocks.standards.pdf.words import Array, Frame, Words, words_of

MOST_PAGES = 400
"""More than any invoice has; a collective invoice of a telephone company has some hundred."""
MOST_CHARACTERS = 4_000_000
"""Of the whole document: some thousand full pages."""
_MOSTLY = 0.5
"""When a larger part of a page's words is unseen, the page is a picture with text laid under it."""
_NAMED = 3
_MUCH = 0.1
"""Part of a page's words that may be unseen without a doubt, where nothing telling is among them."""
_ODD_SIGNS, _ODD_PART = 5, 0.02
"""So many characters without a meaning, and this part of all, are bullets and pictures out of a font of symbols."""
_TELLING = re.compile(
    r"\d[.,']\d|\d\D?[€$£]|[€$£]\D?\d|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|[A-Z]{2}\d{2}[A-Z0-9]{4}|^\d{4,}$"
)
"""An amount, a date, an IBAN or a long number."""
_OBJECT_STREAM = re.compile(rb"/ObjStm[^>]{0,400}>>\s{0,4}stream\r?\n")
_MOST_PACKED, _LARGEST_PACKED = 200, 1 << 20


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
            return _read(document, most_pages, layers=_has_layers(data))
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


def _read(document: pdfium.PdfDocument, most_pages: int, *, layers: bool) -> TextLayer:
    count = len(document)
    if count == 0:
        message = "The PDF has no pages."
        raise Unreadable(message)
    if count > most_pages:
        message = f"The PDF has {count} pages; at most {most_pages} are read as one document. Split it."
        raise Unreadable(message)
    pages, doubts = [], []
    left = MOST_CHARACTERS
    with DrawnDigits(document) as digits:
        for number in range(1, count + 1):
            page, characters, doubt = _page(document, number, left, digits, layers=layers)
            left -= characters
            pages.append(page)
            doubts += [doubt] if doubt else []
    if not any(page.rows for page in pages):
        message = "The PDF has no text layer: its pages are pictures. Ask the sender for the original file."
        raise Unreadable(message)
    return TextLayer(
        pages=tuple(pages),
        doubts=tuple(doubts),
        title=document.get_metadata_value("Title"),
        producer=document.get_metadata_value("Producer"),
        attachments=_attachments(document),
    )


def _page(
    document: pdfium.PdfDocument, number: int, most: int, digits: DrawnDigits, *, layers: bool
) -> tuple[Page, int, str]:
    """Return a page, how many characters it has, and what is doubtful about it, if anything."""
    page = document[number - 1]
    try:
        text = page.get_textpage()
        try:
            count = text.count_chars()
            if count > most:
                message = f"The text layer holds more than {MOST_CHARACTERS} characters: no honest document does."
                raise Unreadable(message)
            left, bottom, right, top = page.get_bbox()
            shown = Frame(left, bottom, right, top, page.get_rotation() // 90 % 4)
            words, frame = words_of(address(text.raw), count, shown)
            turned, hidden, doubt = (frame.turns - shown.turns) % 4, None, ""
            if words:
                doubt = digits.doubt(Sight(page, address(text.raw), frame, turned), words, number)
                hidden = unseen(page, address(text.raw), words, frame, turned=turned, layers=layers)
        finally:
            text.close()
    finally:
        page.close()
    if words and hidden is not None:
        doubt += f" {_doubt(number, words, hidden)}"
        if hidden.mean() <= _MOSTLY:
            words = words.only(~hidden)
    if words and words.odd_signs > max(_ODD_SIGNS, _ODD_PART * count):
        doubt += f" The fonts of page {number} do not say which letters {words.odd_signs} of its signs are."
    return Page(number, *frame.size, rows_of(words, number) if words else (), turned), count, doubt.strip()


def _doubt(number: int, words: Words, hidden: Array) -> str:
    """Say what a reader of the page does not see, where it matters: an amount, a day, an account, or much of the page.

    A printer's mark or a line cut off is left out of the text as well, but no reason to doubt the rest.
    """
    said = [word for word, one in zip(words.text, hidden.tolist(), strict=True) if one and any(map(str.isalnum, word))]
    telling = [word for word in said if _TELLING.search(word)]
    if not telling and len(said) <= _MUCH * len(words.text):
        return ""
    said = telling + [word for word in said if word not in telling]
    if hidden.mean() > _MOSTLY:
        return (
            f"The text of page {number} is not what is to be seen on it: it lies unseen under a picture, as after OCR."
        )
    shown = ", ".join(f"'{word[:40]}'" for word in said[:3]) + (" and others" if len(said) > _NAMED else "")
    return f"Page {number} holds text that is not to be seen on it ({shown}); compare the page with what was read."


def _has_layers(data: bytes) -> bool:
    """Tell whether a document may have layers (optional content) that are switched off."""
    return b"/OCProperties" in data or any(b"/OCProperties" in part for part in _packed_objects(data))


def _packed_objects(data: bytes) -> Iterator[bytes]:
    """Yield the inflated streams that hold other objects (ISO 32000-1, 7.5.7), as far as they are needed."""
    view = memoryview(data)
    for found in islice(_OBJECT_STREAM.finditer(data), _MOST_PACKED):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(view[found.end() :], _LARGEST_PACKED)


def _attachments(document: pdfium.PdfDocument) -> tuple[str, ...]:
    """Return the names of the files inside; at most a hundred are looked at."""
    names = []
    for index in range(min(document.count_attachments(), 100)):
        try:
            names.append(document.get_attachment(index).get_name())
        except pdfium.PdfiumError:
            names.append("")
    return tuple(names)
