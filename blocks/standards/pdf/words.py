"""Characters of a page → words with boxes in the coordinates of the page as it is shown."""

import ctypes
import math
from typing import NamedTuple

import numpy as np
import pypdfium2 as pdfium

from blocks.standards.pdf.engine import address, call
from blocks.standards.pdf.layout import Word


class Placed(NamedTuple):
    """A word, the height of its base line, and the direction it is written in (quarter turns, counter-clockwise)."""

    word: Word
    base: float
    turn: int


_BLANK = np.zeros(0x10000, dtype=bool)
_BLANK[
    [0, 9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)]
] = True
_ODD = {
    **{0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"},
    **{0xFFFE: "-", 0x02: "-", 0x2010: "-", 0x2011: "-", 0xAD: ""},
    **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)),
}
_ODD_SIGNS = frozenset(map(chr, _ODD))
_WIDE_GAP = 0.6
"""Characters further apart than this part of their height belong to two words even without a blank between them."""


def placed_words(page: pdfium.PdfPage) -> tuple[list[Placed], float, float]:
    """Return the words of a page in the order of its text, and its width and height in points as it is shown."""
    text = page.get_textpage()
    try:
        frame = _Frame.of(page)
        return _words(address(text.raw), text.count_chars(), frame), frame.width, frame.height
    finally:
        text.close()


class _Frame(NamedTuple):
    """How the page lies: what is shown of it and by how many quarter turns (clockwise) it is turned."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> "_Frame":
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, right, top, page.get_rotation() // 90 % 4)

    @property
    def width(self) -> float:
        return self.top - self.bottom if self.turns % 2 else self.right - self.left

    @property
    def height(self) -> float:
        return self.right - self.left if self.turns % 2 else self.top - self.bottom

    def shown(self, x: "np.ndarray", y: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        """Return points of the page's own space as they lie on the page that is shown."""
        if self.turns == 0:
            return x - self.left, y - self.bottom
        if self.turns == 1:
            return y - self.bottom, self.right - x
        if self.turns == 2:  # noqa: PLR2004 - quarter turns
            return self.right - x, self.top - y
        return self.top - y, x - self.left


def _words(text: int, count: int, frame: _Frame) -> list[Placed]:
    if count <= 0:
        return []
    codes, signs = _signs(text, count)
    boxes = np.empty((count, 4), dtype=np.float32)
    start = boxes.ctypes.data
    boxes[:] = 0
    any(
        map(
            _never,
            map(call("FPDFText_GetLooseCharBox"), [text] * count, range(count), range(start, start + 16 * count, 16)),
        )
    )
    return _gathered(text, codes, signs, boxes, frame)


def _never(_: float) -> bool:
    return False


def _signs(text: int, count: int) -> tuple["np.ndarray", str]:
    """Return the code of each character and the same as text, one sign each."""
    units = np.zeros(count + 1, dtype=np.uint16)
    written = int(call("FPDFText_GetText")(text, 0, count, units.ctypes.data)) - 1
    if written == count and not ((units >= 0xD800) & (units < 0xE000)).any():
        codes = units[:count]
        return codes, codes.tobytes().decode("utf-16-le")
    unicode = call("FPDFText_GetUnicode")
    points = [int(unicode(text, index)) for index in range(count)]
    signs = "".join(chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd" for point in points)
    return np.array([min(ord(sign), 0xFFFF) for sign in signs], dtype=np.uint16), signs


def _gathered(text: int, codes: "np.ndarray", signs: str, boxes: "np.ndarray", frame: _Frame) -> list[Placed]:
    left, top, right, bottom = boxes.T
    blank = _BLANK[codes]
    height = np.maximum(top - bottom, 0.1)
    along = np.maximum(right - left, height)  # text that runs upwards has its length in the height
    apart = np.maximum(left[1:] - right[:-1], left[:-1] - left[1:])
    rise = np.abs((top + bottom)[1:] - (top + bottom)[:-1]) / 2
    limit = np.minimum(height[1:], height[:-1])
    level = (rise > 0.6 * limit) | (apart > _WIDE_GAP * limit)
    cut = np.concatenate(([True], blank[1:] | blank[:-1] | level))
    del along
    starts = np.flatnonzero(cut)
    first = starts[~blank[starts]]
    ends = np.append(starts[1:], len(codes))[~blank[starts]]
    if not len(first):
        return []
    low = np.minimum.reduceat(boxes, starts, axis=0)[~blank[starts]]
    high = np.maximum.reduceat(boxes, starts, axis=0)[~blank[starts]]
    return _turned(
        text,
        signs,
        first.tolist(),
        ends.tolist(),
        np.column_stack((low[:, 0], low[:, 3], high[:, 2], high[:, 1])),
        frame,
    )


def _turned(text: int, signs: str, first: list[int], ends: list[int], box: "np.ndarray", frame: _Frame) -> list[Placed]:
    count = len(first)
    matrices = np.zeros((count, 6), dtype=np.float32)
    start = matrices.ctypes.data
    any(map(_never, map(call("FPDFText_GetMatrix"), [text] * count, first, range(start, start + 24 * count, 24))))
    sizes = np.fromiter(map(call("FPDFText_GetFontSize"), [text] * count, first), dtype=np.float64, count=count)
    a, b, c, d, e, f = matrices.T
    x1, y1 = frame.shown(box[:, 0], box[:, 1])
    x2, y2 = frame.shown(box[:, 2], box[:, 3])
    x0, y0 = frame.shown(e, f)
    turn = (np.round(np.arctan2(b, a) / (math.pi / 2)).astype(int) - frame.turns) % 4
    size = np.abs(sizes * np.hypot(c, d))
    columns = np.column_stack(
        (np.minimum(x1, x2), np.minimum(y1, y2), np.maximum(x1, x2), np.maximum(y1, y2), size)
    ).tolist()
    base = np.select([turn == 0, turn == 1, turn == 2], [y0, x0, y0], x0).tolist()
    found = []
    for begin, end, numbers, line, direction in zip(first, ends, columns, base, turn.tolist(), strict=True):
        said = signs[begin:end]
        if not said.isalnum() and not _ODD_SIGNS.isdisjoint(said):
            said = said.rstrip("\xad").translate(_ODD) + ("-" if said.endswith("\xad") else "")
        if said:
            found.append(Placed(Word(said, *numbers), line, direction))
    return found
