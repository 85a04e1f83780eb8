"""Words of the text layer that a reader of the page does not see: painted over, white on white, tiny, off the page.

Cheap questions come first; only a page where one of them is answered with "perhaps" is drawn, twice: as it is and
without the texts in doubt. A word of theirs where nothing changes is not to be seen.
"""

import math

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from blocks.standards.pdf.drawn import INVISIBLE, Drawn, drawn_on
from blocks.standards.pdf.engine import address, call
from blocks.standards.pdf.words import Array, Frame, Words

_TINY = 2.0
"""Points: print that is lower cannot be read."""
_SCALE, _MOST_DOTS = 1.0, 4_000_000
"""Dots per point when a page is drawn, and on the whole page at most."""
_CHANGE = 16
"""Of 255: a smaller change of brightness is not seen."""
_HARMLESS = frozenset({pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP, pdfium_c.FPDF_ANNOT_TEXT})
"""Annotations that lie on a page and cover nothing."""
_MOST_NOTES = 1_000


def unseen(page: pdfium.PdfPage, text: int, words: Words, frame: Frame, *, turned: int, layers: bool) -> Array | None:
    """Return which words are not to be seen; None when all are. The page cannot be drawn afterwards.

    Args:
        page: The page.
        text: Address of its text page.
        words: What its text layer says.
        frame: How it lies, turned as the words are.
        turned: Quarter turns of the frame beyond those of the page.
        layers: The document has layers that may be switched off.
    """
    width, height = frame.size
    middle = (words.boxes[:, :2] + words.boxes[:, 2:]) / 2
    hidden = (middle < 0).any(axis=1) | (middle[:, 0] > width) | (middle[:, 1] > height) | (words.sizes < _TINY)
    drawn = drawn_on(address(page.raw))
    if layers or _has_notes(page):
        suspects = set(drawn.texts)
    else:
        suspects = drawn.suspects | _painted_over(drawn, text, words, middle, frame)
    if suspects:
        owners = map(call("FPDFText_GetTextObject"), [text] * len(words.text), words.first.tolist())
        judged = np.fromiter((owner in suspects for owner in owners), bool, len(words.text))
        if judged.any():
            hidden[judged] |= ~_changing(page, suspects, words.boxes[judged], frame, turned)
    return hidden if hidden.any() else None


def _painted_over(drawn: Drawn, text: int, words: Words, middle: Array, frame: Frame) -> set[int]:
    """Return the texts that lie under a picture or an area painted after them."""
    orders = np.fromiter(drawn.covers.values(), np.int64, len(drawn.covers))
    late = orders > min(drawn.texts.values(), default=0)
    boxes, orders = drawn.boxes[late], orders[late]
    if not len(orders):
        return set()
    x1, y1 = frame.shown(boxes[:, 0], boxes[:, 1])
    x2, y2 = frame.shown(boxes[:, 2], boxes[:, 3])
    across = (middle[:, :1] > np.minimum(x1, x2)) & (middle[:, :1] < np.maximum(x1, x2))
    within = across & (middle[:, 1:] > np.minimum(y1, y2)) & (middle[:, 1:] < np.maximum(y1, y2))
    topmost = np.where(within, orders, -1).max(axis=1)
    chosen = np.flatnonzero(topmost >= 0)
    owners = map(call("FPDFText_GetTextObject"), [text] * len(chosen), words.first[chosen].tolist())
    return {
        int(owner)
        for owner, order in zip(owners, topmost[chosen].tolist(), strict=True)
        if drawn.texts.get(int(owner or 0), math.inf) < order
    }


def _has_notes(page: pdfium.PdfPage) -> bool:
    """Tell whether annotations lie on the page that may cover text."""
    for index in range(min(int(call("FPDFPage_GetAnnotCount")(address(page.raw))), _MOST_NOTES)):
        note = pdfium_c.FPDFPage_GetAnnot(page.raw, index)
        kind = pdfium_c.FPDFAnnot_GetSubtype(note)
        pdfium_c.FPDFPage_CloseAnnot(note)
        if kind not in _HARMLESS:
            return True
    return False


def _changing(page: pdfium.PdfPage, suspects: set[int], boxes: Array, frame: Frame, turned: int) -> Array:
    """Draw what is around some words with and without some texts; return for which words something changes."""
    width, height = frame.size
    low = np.maximum(np.floor(boxes[:, :2].min(axis=0)), 0)
    high = np.minimum(np.ceil(boxes[:, 2:].max(axis=0)), (math.ceil(width), math.ceil(height)))
    if (high <= low).any():
        return np.zeros(len(boxes), dtype=bool)
    around = (float(low[0]), float(low[1]), float(width - high[0]), float(height - high[1]))
    scale = min(_SCALE, math.sqrt(_MOST_DOTS / float((high - low).prod())))
    before = _picture(page, scale, around, turned)
    for item in suspects:
        call("FPDFTextObj_SetTextRenderMode")(item, INVISIBLE)
    changed = np.abs(before - _picture(page, scale, around, turned)) > _CHANGE
    down, right = changed.shape
    sums = np.zeros((down + 1, right + 1), dtype=np.int64)
    sums[1:, 1:] = changed.cumsum(axis=0).cumsum(axis=1)
    left, bottom, end, top = ((boxes - np.tile(low, 2)) * scale).T
    x1, x2 = (np.clip(edge, 0, right).astype(np.int64) for edge in (np.floor(left), np.ceil(end)))
    y1, y2 = (np.clip(down - edge, 0, down).astype(np.int64) for edge in (np.ceil(top), np.floor(bottom)))
    return np.asarray(sums[y2, x2] - sums[y1, x2] - sums[y2, x1] + sums[y1, x1] > 0)


def _picture(page: pdfium.PdfPage, scale: float, around: tuple[float, float, float, float], turned: int) -> Array:
    """Return the brightness of each dot, rows from top to bottom; ``around`` is cut off on the left, below, ..."""
    bitmap = page.render(scale=scale, rotation=90 * turned, crop=around, grayscale=True, may_draw_forms=False)
    try:
        dots: Array = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).astype(np.int16)
        return dots
    finally:
        bitmap.close()
