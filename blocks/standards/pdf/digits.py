"""Which digit an outline shows: laid into a grid and held against the digits of the fonts that PDFium brings along.

No letters are read: an outline is only asked whether it is decisively another digit than the one it is said to be.
Whatever looks like no digit, as ornaments, bar codes and stencils do, gets no verdict.
"""

import ctypes
import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from blocks.standards.pdf.engine import PDFIUM, address, call
from blocks.standards.pdf.words import Array

_NOUGHT = ord("0")
_ROWS, _COLUMNS, _FINER = 12, 8, 2
"""The grid, and how many points are taken of each of its cells across and down."""
_LIKE, _UNLIKE = 0.18, 0.05
"""Parts of the grid: what differs by less is that digit, what differs by so much more is not the one it is said to be.

Honest digits of fifty fonts that were no models are at most 0.01 nearer to another digit than to themselves.
"""
_HOLES = (1, 0, 0, 0, 1, 0, 1, 0, 2, 1)
_CRUMB = 0.01
"""Part of the largest contour's area below which a contour is no hole."""
_MOST_POINTS = 2_000
"""A digit has a hundred."""
_FAMILIES = ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique", "Times-Roman", "Times-Bold")
_MODELS = (*_FAMILIES, "Times-Italic", "Times-BoldItalic", "Courier", "Courier-Bold", "Courier-Oblique")
_POINT = np.dtype([("place", np.float32, 2), ("kind", np.uint8), ("rest", np.uint8, 3)])
"""A point of an outline as PDFium keeps it, one after the other; ``outline`` checks that they lie so."""
_LINE, _CURVE, _MOVE = 0, 1, 2
_STEPS = np.linspace(0, 1, 5)[:, None]
_BEZIER = np.hstack(((1 - _STEPS) ** 3, 3 * _STEPS * (1 - _STEPS) ** 2, 3 * _STEPS**2 * (1 - _STEPS), _STEPS**3))


class Likeness(NamedTuple):
    """What an outline is like.

    Attributes:
        differences: From each digit, in parts of the grid (10).
        holes: How many it has; None where they were not counted.
        width: In parts of the font's size.
        height: In parts of the font's size.
    """

    differences: Array
    holes: int | None = None
    width: float = 0.0
    height: float = 0.0

    def other(self, claimed: int) -> int | None:
        """Return the digit that is shown, if it decisively is another one than it is said to be."""
        nearest = int(self.differences.argmin())
        gap = self.differences[claimed] - self.differences[nearest]
        if gap < _UNLIKE or self.differences[nearest] > _LIKE:
            return None
        return nearest if self.holes in {None, _HOLES[nearest]} else None


_KNOWN: dict[bytes, Likeness | None] = {}
_MOST_KEPT = 4_000
"""Outlines, of about a kilobyte each."""


def outline(font: int, digit: int) -> bytes:
    """Return the points of what a font draws where the text says a digit; empty where it draws nothing.

    PDFium goes back through the font's table of letters (ToUnicode) to the code, and from there to the glyph.

    Args:
        font: Address of the font.
        digit: 0 to 9.
    """
    path = call("FPDFFont_GetGlyphPath")(font, _NOUGHT + digit, 1.0)
    number = int(call("FPDFGlyphPath_CountGlyphSegments")(path)) if path else 0
    if not 2 < number <= _MOST_POINTS:  # noqa: PLR2004 - no area
        return b""
    segment = call("FPDFGlyphPath_GetGlyphPathSegment")
    first, size = int(segment(path, 0)), _POINT.itemsize * number
    if segment(path, number - 1) != first + size - _POINT.itemsize:
        return b""
    return (int.from_bytes(ctypes.string_at(first, size), "big") & _meant(number)).to_bytes(size, "big")


@cache
def _meant(number: int) -> int:
    """Return which bits of so many points have a meaning: the rest of each is not the same every time."""
    return int.from_bytes((b"\xff" * 9 + bytes(3)) * number, "big")


def likenesses(outlines: Sequence[bytes]) -> list[Likeness | None]:
    """Return what outlines are like; None for those that enclose nothing.

    It is kept, since a font's digits come again on each page and with each invoice.
    """
    fresh = set(outlines) - _KNOWN.keys()
    if len(_KNOWN) + len(fresh) > _MOST_KEPT:
        _KNOWN.clear()
        fresh = set(outlines)
    if fresh:
        _KNOWN.update(_judged(list(fresh)))
    return [_KNOWN[points] for points in outlines]


def seen(dots: Array) -> Likeness | None:
    """Return what a picture of one sign is like: how dark its dots are, from 0 to 1, rows from bottom to top."""
    inked = np.argwhere(dots > 0.5)  # noqa: PLR2004 - half covered
    if not len(inked):
        return None
    (low, left), (high, right) = inked.min(axis=0), inked.max(axis=0) + 1
    down = np.linspace(low, high, 2 * _FINER * _ROWS, endpoint=False).astype(np.int64)
    across = np.linspace(left, right, 2 * _FINER * _COLUMNS, endpoint=False).astype(np.int64)
    grid = dots[np.ix_(down, across)].reshape(_ROWS, 2 * _FINER, _COLUMNS, 2 * _FINER).mean(axis=(1, 3))
    return Likeness(_differences(grid.astype(np.float32)[None])[0])


def _judged(outlines: Sequence[bytes]) -> dict[bytes, Likeness | None]:
    """Return what outlines are like, all at once."""
    found: dict[bytes, Likeness | None] = dict.fromkeys(outlines)
    sound = [points for points in outlines if points and _is_whole(points)]
    if sound:
        grids, holes, sizes = _shaped(sound)
        for points, apart, number, size in zip(sound, _differences(grids), holes.tolist(), sizes.tolist(), strict=True):
            found[points] = Likeness(apart, number, *size)
    return found


def _differences(grids: Array) -> Array:
    """Return the difference of each grid from the nearest model of each digit (n, 10)."""
    models = _models().reshape(1, len(_MODELS), 10, -1)
    apart: Array = np.abs(models - grids.reshape(len(grids), 1, 1, -1)).mean(axis=3).min(axis=1)
    return apart


@cache
def _models() -> Array:
    """Return the grids of the digits of PDFium's own fonts (fonts, 10, rows, columns)."""
    with PDFIUM:
        document = pdfium.PdfDocument.new()
        try:
            fonts = [pdfium_c.FPDFText_LoadStandardFont(document.raw, name.encode()) for name in _MODELS]
            drawn = [outline(address(font), digit) for font in fonts for digit in range(10)]
        finally:
            document.close()
    return _shaped(drawn)[0].reshape(len(_MODELS), 10, _ROWS, _COLUMNS)


def _is_whole(points: bytes) -> bool:
    """Tell whether an outline begins where its pen is set down, ends its curves, and has an area."""
    path = np.frombuffer(points, _POINT)
    curves = int((path["kind"] == _CURVE).sum())
    area = float(np.ptp(path["place"], axis=0).min())
    return bool(path["kind"][0] == _MOVE and curves % 3 == 0 and 0 < area < math.inf)


def _shaped(outlines: Sequence[bytes]) -> tuple[Array, Array, Array]:
    """Return how far each cell is filled (n, rows from bottom to top, columns), numbers of holes (n) and sizes (n, 2).

    A grid spans its outline from edge to edge, so that narrow and wide digits are alike.
    """
    path = np.frombuffer(b"".join(outlines), _POINT)
    kinds, places = path["kind"], path["place"].astype(np.float64)
    lengths = [len(points) // _POINT.itemsize for points in outlines]
    begins = np.cumsum([0, *lengths[:-1]])
    low, high = np.minimum.reduceat(places, begins), np.maximum.reduceat(places, begins)
    owners = np.repeat(np.arange(len(outlines)), lengths)
    edges, contours = _edges(kinds, (places - low[owners]) / (high - low)[owners])
    belongs, number = owners[kinds == _MOVE], len(outlines)
    return _filled(edges, belongs[contours], number), _holes(edges, contours, belongs, number), high - low


def _edges(kinds: Array, places: Array) -> tuple[Array, Array]:
    """Return the straight edges (n, 4) that make outlines, and the contour of each."""
    contours = np.cumsum(kinds == _MOVE) - 1
    lines, curves = np.flatnonzero(kinds == _LINE), np.flatnonzero(kinds == _CURVE)[::3]
    starts = np.flatnonzero(kinds == _MOVE)
    ends = np.append(starts[1:], len(kinds)) - 1
    bends = _BEZIER @ np.stack([places[curves + at] for at in (-1, 0, 1, 2)], axis=1)
    straight = np.hstack((places[lines - 1], places[lines]))
    bent = np.concatenate((bends[:, :-1], bends[:, 1:]), axis=2).reshape(-1, 4)
    closing = np.hstack((places[ends], places[starts]))
    steps = np.repeat(contours[curves], len(_STEPS) - 1)
    return np.concatenate((straight, bent, closing)), np.concatenate((contours[lines], steps, contours[starts]))


def _filled(edges: Array, owners: Array, number: int) -> Array:
    """Return how far each cell is inside, by winding number, as PDFium fills glyphs."""
    x1, y1, x2, y2 = edges.T
    rows, columns = _ROWS * _FINER, _COLUMNS * _FINER
    down = (np.arange(rows) + 0.5) / rows
    turns = (y1[:, None] <= down).astype(np.int8) - (y2[:, None] <= down)
    edge, row = np.nonzero(turns)
    x1, y1, x2, y2 = edges[edge].T
    at = x1 + (down[row] - y1) / (y2 - y1) * (x2 - x1)
    column = np.clip(np.floor(at * columns + 0.5), 0, columns).astype(np.int64)
    cells = (owners[edge] * rows + row) * (columns + 1) + column
    counts = np.bincount(cells, weights=turns[edge, row], minlength=number * rows * (columns + 1))
    winding = counts.reshape(number, rows, columns + 1)[:, :, :-1].cumsum(axis=2)
    filled: Array = (winding != 0).reshape(number, _ROWS, _FINER, _COLUMNS, _FINER).mean(axis=(2, 4), dtype=np.float32)
    return filled


def _holes(edges: Array, contours: Array, owners: Array, number: int) -> Array:
    """Return how many contours of each outline run against its largest one."""
    x1, y1, x2, y2 = edges.T
    areas = np.bincount(contours, weights=x1 * y2 - x2 * y1, minlength=len(owners))
    most, least = np.zeros(number), np.zeros(number)
    np.maximum.at(most, owners, areas)
    np.minimum.at(least, owners, areas)
    largest = np.where(most > -least, most, least)[owners]
    return np.bincount(owners, weights=areas * np.sign(largest) < -_CRUMB * np.abs(largest), minlength=number)
