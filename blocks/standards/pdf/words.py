"""Characters of a page → words with boxes in the coordinates of the page as it is shown.

All characters of a page are fetched in one sweep and cut into words by vector arithmetic: a Python loop over characters
would cost more than PDFium's own work.
"""

import math
import sys
from collections import deque
from collections.abc import Iterable
from itertools import compress, repeat
from typing import Any, NamedTuple

import numpy as np

from blocks.standards.pdf.engine import call

Array = np.ndarray[Any, np.dtype[Any]]

_SURROGATES = range(0xD800, 0xE000)
_BLANK = np.zeros(0x10000, dtype=bool)
_BLANK[[0, *range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]] = (
    True
)
_NO_SIGN = np.zeros(0x10000, dtype=bool)
_NO_SIGN[
    [*range(1, 9), *range(14, 32), *range(0x7F, 0x85), *range(0x86, 0xA0), *range(0xE000, 0xF900), 0xFFFD, 0xFFFF]
] = True
_NO_SIGN[0x02] = False
_LETTERS = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_HYPHENS = dict.fromkeys((0xFFFE, 0x02, 0x2010, 0x2011), "-")
"""PDFium writes a hyphen at the end of a line as U+FFFE or U+0002."""
_SOFT_HYPHEN = "\xad"
_UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_REPLACED = {**_LETTERS, **_HYPHENS, **_UNSEEN}
_ODD = frozenset(map(chr, _REPLACED))
_LINE_HYPHEN = 0xFFFE
"""After it PDFium goes on with the next line without a blank."""
_WIDE_GAP, _BACK, _OTHER_LINE = 0.6, 0.6, 0.6
"""Parts of the characters' height: further ahead, further back or further up or down, another word begins."""
_WIDEST = 0.8
"""No word is wider than so many times its height for each character, unless it is two."""
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


_NO_DIGITS = np.zeros((0, 2), dtype=np.int64)


class Words(NamedTuple):
    """The words of a page in the order of its text; each column has one entry for each.

    Attributes:
        text: What they say.
        boxes: Left, bottom, right, top on the page as it is shown (n, 4).
        sizes: Height of the font in points.
        bases: Height of the base line; for words that run upwards or downwards, its distance from the left edge.
        turns: Quarter turns counter-clockwise by which a word is written; SLANTED where it is at an angle.
        first: Index of the first character in PDFium's text page.
        odd_signs: How many characters stand for nothing: of private use, replacements, control characters.
        digits: Index in PDFium's text page and value of each digit 0 to 9 of the page (n, 2).
    """

    text: list[str]
    boxes: Array
    sizes: Array
    bases: Array
    turns: Array
    first: Array
    odd_signs: int = 0
    digits: Array = _NO_DIGITS

    def only(self, chosen: Array) -> "Words":
        """Return some of them."""
        return Words(
            list(compress(self.text, chosen.tolist())),
            self.boxes[chosen],
            self.sizes[chosen],
            self.bases[chosen],
            self.turns[chosen],
            self.first[chosen],
            self.odd_signs,
            self.digits,
        )


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
    blank = _BLANK[codes]
    starts = ~blank
    starts[1:] &= blank[:-1] | (codes[:-1] == _LINE_HYPHEN)
    first = np.flatnonzero(starts)
    if not len(first):
        return None, frame
    stops = ~blank
    stops[:-1] &= blank[1:] | (codes[:-1] == _LINE_HYPHEN)
    last = np.flatnonzero(stops)
    first, last, boxes = _boxed(text, first, last)
    spoken = [signs[begin : end + 1] for begin, end in zip(first.tolist(), last.tolist(), strict=True)]
    if not _ODD.isdisjoint(signs):
        spoken = [word if _ODD.isdisjoint(word) else _plain(word) for word in spoken]
    words, frame = _placed(text, spoken, first, boxes, frame)
    digits = np.flatnonzero((codes >= ord("0")) & (codes <= ord("9")))
    values = np.column_stack((digits, codes[digits].astype(np.int64) - ord("0")))
    return words._replace(odd_signs=int(_NO_SIGN[codes].sum()), digits=values), frame


def _boxed(text: int, first: Array, last: Array) -> tuple[Array, Array, Array]:
    """Return first and last characters and the box (left, top, right, bottom) of each word.

    The boxes of both ends tell whether a word is what it seems; only where it leaps are all its characters looked at.
    """
    begin, end = _boxes(text, first), _boxes(text, last)
    height = np.maximum(np.minimum(begin[:, 1] - begin[:, 3], end[:, 1] - end[:, 3]), 0.1)
    leaps = np.abs(begin[:, 1] + begin[:, 3] - end[:, 1] - end[:, 3]) > 2 * _OTHER_LINE * height
    leaps |= end[:, 2] - begin[:, 0] > (last - first + 1) * _WIDEST * height
    leaps |= (end[:, 0] < begin[:, 0]) & (last > first)
    if leaps.any():
        first, last = _parted(text, first, last, leaps)
        begin, end = _boxes(text, first), _boxes(text, last)
    boxes = np.minimum(begin, end)
    boxes[:, 1:3] = np.maximum(begin[:, 1:3], end[:, 1:3])
    return first, last, boxes


def _parted(text: int, first: Array, last: Array, leaps: Array) -> tuple[Array, Array]:
    """Part words where a character leaps away from the one before it."""
    starts, stops = [first], [last]
    for begin, end in zip(first[leaps].tolist(), last[leaps].tolist(), strict=True):
        left, top, right, bottom = _boxes(text, np.arange(begin, end + 1)).T
        limit = np.maximum(np.minimum((top - bottom)[1:], (top - bottom)[:-1]), 0.1)
        ahead = left[1:] - right[:-1] > _WIDE_GAP * limit
        back = left[:-1] - left[1:] > _BACK * limit
        rise = np.abs((top + bottom)[1:] - (top + bottom)[:-1]) / 2 > _OTHER_LINE * limit
        upright = (np.abs(left[1:] - left[:-1]) < limit) & (
            np.abs((top + bottom)[1:] - (top + bottom)[:-1]) < 4 * limit
        )
        cuts = begin + 1 + np.flatnonzero((ahead | back | rise) & ~upright)
        starts.append(cuts)
        stops.append(cuts - 1)
    return np.sort(np.concatenate(starts)), np.sort(np.concatenate(stops))


def _boxes(text: int, indexes: Array) -> Array:
    """Return left, top, right, bottom of characters, by the ascent and descent of their font."""
    boxes = np.zeros((len(indexes), 4), dtype=np.float32)
    _sweep("FPDFText_GetLooseCharBox", text, indexes.tolist(), boxes)
    return boxes


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


def _plain(word: str) -> str:
    """Return a word as a reader sees it: ligatures as letters, without what has no shape."""
    return word.rstrip(_SOFT_HYPHEN).translate(_REPLACED) + ("-" if word.endswith(_SOFT_HYPHEN) else "")


def _placed(text: int, spoken: list[str], first: Array, box: Array, frame: Frame) -> tuple[Words, Frame]:
    matrices, units, which = _set(text, first, box)
    a, b, c, d, e, f = matrices.T
    angles = np.arctan2(b, a) / (math.pi / 2)
    turns = (np.rint(angles).astype(np.int64) - frame.turns) % 4
    slanted = np.abs(angles - np.rint(angles)) > _STRAIGHT
    turns, slanted = turns[which], slanted[which]
    quarters = int(np.bincount(turns, weights=[len(word) for word in spoken], minlength=4).argmax())
    frame, turns = frame.turned(quarters), (turns - quarters) % 4
    turns[slanted] = SLANTED
    left, bottom = frame.shown(box[:, 0], box[:, 3])
    right, top = frame.shown(box[:, 2], box[:, 1])
    x, y = frame.shown(e, f)
    boxes = np.column_stack(
        (np.minimum(left, right), np.minimum(bottom, top), np.maximum(left, right), np.maximum(bottom, top))
    )
    bases = np.where(turns % 2, x[which], y[which])
    return Words(spoken, boxes, (np.abs(units) * np.hypot(c, d))[which], bases, turns, first), frame


def _set(text: int, first: Array, box: Array) -> tuple[Array, Array, Array]:
    """Return matrices and font sizes, and for each word which of them is its own.

    Words that follow each other between the same two heights are set alike, so PDFium is asked once for them.
    """
    other = np.ones(len(first), dtype=bool)
    other[1:] = (box[1:, 1] != box[:-1, 1]) | (box[1:, 3] != box[:-1, 3])
    indexes = first[other].tolist()
    matrices = np.zeros((len(indexes), 6), dtype=np.float32)
    _sweep("FPDFText_GetMatrix", text, indexes, matrices)
    units = np.fromiter(map(call("FPDFText_GetFontSize"), repeat(text), indexes), np.float64, len(indexes))
    return matrices, units, np.cumsum(other) - 1
