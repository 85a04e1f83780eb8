"""Characters of a page → words with boxes in the coordinates of the page as it is shown.

All characters of a page are fetched in one sweep and cut into words by vector arithmetic: a Python loop over characters
would cost more than PDFium's own work.
"""

import math
import sys
from collections import deque
from collections.abc import Iterable
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from blocks.standards.pdf.engine import call

Array = np.ndarray[Any, np.dtype[Any]]

_SURROGATES = range(0xD800, 0xE000)
_BLANK = np.zeros(0x10000, dtype=bool)
_BLANK[[0, *range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]] = (
    True
)
_LETTERS = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_HYPHENS = dict.fromkeys((0xFFFE, 0x02, 0x2010, 0x2011), "-")
"""PDFium writes a hyphen at the end of a line as U+FFFE or U+0002."""
_SOFT_HYPHEN = "\xad"
_UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_REPLACED = {**_LETTERS, **_HYPHENS, **_UNSEEN}
_ODD = frozenset(map(chr, _REPLACED))
_WIDE_GAP, _BACK, _OTHER_LINE = 0.6, 0.6, 0.6
"""Parts of the characters' height: further ahead, further back or further up or down, another word begins."""
_STRAIGHT = 0.05
"""Quarter turns by which a line may be askew and still be level: 4.5 degrees."""


class Frame(NamedTuple):
    """How a page lies: what is shown of it, in its own space, and by how many quarter turns clockwise it is turned."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height as it is shown."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turns % 2 else (width, height)

    def turned(self, quarters: int) -> "Frame":
        """Return it turned further."""
        return self._replace(turns=(self.turns + quarters) % 4)

    def shown(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return where points of the page's own space lie on the page as it is shown."""
        right, up = x - self.left, y - self.bottom
        width, height = self.right - self.left, self.top - self.bottom
        return ((right, up), (up, width - right), (width - right, height - up), (height - up, right))[self.turns]


class Words(NamedTuple):
    """The words of a page in the order of its text; each column has one entry for each.

    Attributes:
        text: What they say.
        boxes: Left, bottom, right, top on the page as it is shown (n, 4).
        sizes: Height of the font in points.
        bases: Height of the base line; for words that run upwards or downwards, its distance from the left edge.
        turns: Quarter turns counter-clockwise by which a word is written; SLANTED where it is at an angle.
        first: Index of the first character in PDFium's text page.
    """

    text: list[str]
    boxes: Array
    sizes: Array
    bases: Array
    turns: Array
    first: Array


SLANTED = 4


def words_of(text: int, count: int, frame: Frame) -> tuple[Words | None, Frame]:
    """Return the words of a text page, if any, and how the page lies when it is turned so that most of them are level.

    Args:
        text: Address of PDFium's text page.
        count: How many characters it has.
        frame: How the page is shown.
    """
    if count <= 0:
        return None, frame
    codes, signs = _signs(text, count)
    boxes = np.zeros((count, 4), dtype=np.float32)
    _sweep("FPDFText_GetLooseCharBox", text, range(count), boxes)
    blank = _BLANK[codes]
    starts = np.flatnonzero(_cuts(blank, boxes))
    said = ~blank[starts]
    first = starts[said]
    if not len(first):
        return None, frame
    ends = np.append(starts[1:], count)[said]
    low = np.minimum.reduceat(boxes, starts, axis=0)[said]
    high = np.maximum.reduceat(boxes, starts, axis=0)[said]
    spoken = [signs[begin:end] for begin, end in zip(first.tolist(), ends.tolist(), strict=True)]
    if not _ODD.isdisjoint(signs):
        spoken = [word if _ODD.isdisjoint(word) else _plain(word) for word in spoken]
    return _placed(text, spoken, first, (low[:, 0], low[:, 3], high[:, 2], high[:, 1]), frame)


def _signs(text: int, count: int) -> tuple[Array, str]:
    """Return the code of each character and the same as text, one sign each."""
    units = np.zeros(count + 1, dtype=np.uint16)
    written = int(call("FPDFText_GetText")(text, 0, count, units.ctypes.data)) - 1
    codes = units[:count]
    if written == count and not ((codes >= _SURROGATES.start) & (codes < _SURROGATES.stop)).any():
        return codes, codes.tobytes().decode("utf-16-le")
    points = map(int, map(call("FPDFText_GetUnicode"), repeat(text), range(count)))
    signs = "".join(
        chr(point) if point <= sys.maxunicode and point not in _SURROGATES else "\ufffd" for point in points
    )
    return np.array([min(ord(sign), 0xFFFF) for sign in signs], dtype=np.uint16), signs


def _sweep(function: str, text: int, indexes: Iterable[int], into: Array) -> None:
    """Call a function of PDFium for many characters; each writes one row of the array."""
    start, step = into.ctypes.data, into.strides[0]
    deque(map(call(function), repeat(text), indexes, range(start, start + step * len(into), step)), maxlen=0)


def _cuts(blank: Array, boxes: Array) -> Array:
    """Return which characters do not continue the one before them: blanks, and leaps that no blank stands for."""
    left, top, right, bottom = boxes.T
    height = np.maximum(top - bottom, 0.1)
    limit = np.minimum(height[1:], height[:-1])
    ahead = left[1:] - right[:-1] > _WIDE_GAP * limit
    back = left[:-1] - left[1:] > _BACK * limit
    middle = (top + bottom) / 2
    other_line = np.abs(middle[1:] - middle[:-1]) > _OTHER_LINE * limit
    return np.concatenate(([True], blank[1:] | blank[:-1] | ahead | back | other_line))


def _plain(word: str) -> str:
    """Return a word as a reader sees it: ligatures as letters, without what has no shape."""
    return word.rstrip(_SOFT_HYPHEN).translate(_REPLACED) + ("-" if word.endswith(_SOFT_HYPHEN) else "")


def _placed(text: int, spoken: list[str], first: Array, box: tuple[Array, ...], frame: Frame) -> tuple[Words, Frame]:
    indexes = first.tolist()
    matrices = np.zeros((len(indexes), 6), dtype=np.float32)
    _sweep("FPDFText_GetMatrix", text, indexes, matrices)
    units = np.fromiter(map(call("FPDFText_GetFontSize"), repeat(text), indexes), np.float64, len(indexes))
    a, b, c, d, e, f = matrices.T
    angles = np.arctan2(b, a) / (math.pi / 2)
    turns = (np.rint(angles).astype(np.int64) - frame.turns) % 4
    quarters = int(np.bincount(turns, weights=[len(word) for word in spoken], minlength=4).argmax())
    frame, turns = frame.turned(quarters), (turns - quarters) % 4
    turns[np.abs(angles - np.rint(angles)) > _STRAIGHT] = SLANTED
    left, bottom = frame.shown(box[0], box[1])
    right, top = frame.shown(box[2], box[3])
    x, y = frame.shown(e, f)
    boxes = np.column_stack(
        (np.minimum(left, right), np.minimum(bottom, top), np.maximum(left, right), np.maximum(bottom, top))
    )
    return Words(spoken, boxes, np.abs(units) * np.hypot(c, d), np.where(turns % 2, x, y), turns, first), frame
