"""What is painted on a page, in the order it is painted: enough to tell which of its text may not be seen."""

from dataclasses import dataclass, field
from itertools import compress, repeat
from typing import Any

import numpy as np

from blocks.standards.pdf.engine import call
from blocks.standards.pdf.words import Array

INVISIBLE, CLIP_ONLY = 3, 7
"""Ways of showing text (ISO 32000-1, table 106) that paint nothing."""
_TEXT, _PATH, _FORM = 1, 2, 5
_DEEPEST, _MOST = 6, 100_000
_LIGHT, _FAINT = 190, 100
"""Of 255: text that is lighter or more transparent needs a second look; grey print on white paper is darker."""
_CONTRAST = 60
"""Of 255: light text on a ground that is darker by so much is seen."""
_SMALLEST = 4.0
"""Points: what is narrower or lower in print covers no word."""
_SEGMENTS = 8
"""A clip of more segments is no rectangle: its texts need a second look."""


@dataclass(slots=True)
class Drawn:
    """What was painted on a page.

    Attributes:
        texts: Address of each text object → its place in the order of painting.
        covers: Address of each larger picture, area or group → its place in that order.
        boxes: Left, bottom, right, top of the covers in the page's own space (n, 4).
        suspects: Texts that may not be seen by the way they are painted: invisible, faint, light on light, clipped.
        objects: How many there are; of a page with more than a hundred thousand, the rest is not looked at.
    """

    texts: dict[int, int] = field(default_factory=dict)
    covers: dict[int, int] = field(default_factory=dict)
    boxes: Array = field(default_factory=lambda: np.zeros((0, 4)))
    suspects: set[int] = field(default_factory=set)
    objects: int = 0


def drawn_on(page: int) -> Drawn:
    """Return what is painted on the page at an address."""
    drawn = Drawn()
    _look(drawn, page, np.eye(3), 0)
    return drawn


def _look(drawn: Drawn, owner: int, moved: Array, depth: int) -> None:
    """Look through the objects of a page or, deeper, of a group (form XObject) that lies on it moved by a matrix."""
    kind = "FPDFFormObj" if depth else "FPDFPage"
    number = min(int(call(f"{kind}_CountObjects")(owner)), _MOST - drawn.objects)
    objects = list(map(call(f"{kind}_GetObject"), repeat(owner), range(number)))
    kinds = list(map(call("FPDFPageObj_GetType"), objects))
    begin, drawn.objects = drawn.objects, drawn.objects + number
    orders: dict[int, int] = {}
    others: dict[int, int] = {}
    for order, (item, one) in enumerate(zip(objects, kinds, strict=True), begin):
        (orders if one == _TEXT else others)[item] = order  # type: ignore[index]  # an address is an integer
    texts = list(orders)
    drawn.texts.update(orders)
    boxes = _asked("FPDFPageObj_GetBounds", list(others), np.float32)[0]
    large: Array = np.all(boxes[:, 2:] - boxes[:, :2] > _SMALLEST, axis=1)
    covers = dict(compress(others.items(), large.tolist()))
    drawn.suspects.update(_suspects(texts, orders, covers, boxes[large]))
    drawn.covers.update(covers)
    drawn.boxes = np.concatenate((drawn.boxes, _moved(boxes[large], moved)))
    if depth < _DEEPEST:
        for item in compress(objects, map(_FORM.__eq__, kinds)) if _FORM in kinds else ():
            _look(drawn, int(item), _matrix(int(item)) @ moved, depth + 1)


def _matrix(form: int) -> Array:
    """Return the matrix by which a group is moved, for points written as rows."""
    six = np.zeros(6, dtype=np.float32)
    call("FPDFPageObj_GetMatrix")(form, six.ctypes.data)
    return np.column_stack((six.reshape(3, 2).astype(np.float64), (0, 0, 1)))


def _moved(boxes: Array, moved: Array) -> Array:
    """Return the boxes around boxes that a matrix moves."""
    corners = np.stack([boxes[:, pair] for pair in ([0, 1], [2, 1], [0, 3], [2, 3])])
    placed = corners @ moved[:2, :2] + moved[2, :2]
    return np.concatenate((placed.min(axis=0), placed.max(axis=0)), axis=1)


def _suspects(texts: list[int], orders: dict[int, int], covers: dict[int, int], boxes: Array) -> list[int]:
    """Return texts that may not be seen by the way they are painted, within one group."""
    if not texts:
        return []
    modes = np.fromiter(map(call("FPDFTextObj_GetTextRenderMode"), texts), np.int64, len(texts))
    clips = map(call("FPDFPageObj_GetClipPath"), texts)
    clipped = np.fromiter(map(call("FPDFClipPath_CountPaths"), clips), np.int64, len(texts)) > 0
    colours, _ = _asked("FPDFPageObj_GetFillColor", texts, np.uint32)
    faint = (modes == INVISIBLE) | (modes == CLIP_ONLY) | (colours[:, 3] < _FAINT)
    pale = colours[:, :3].min(axis=1) > _LIGHT
    for index in np.flatnonzero(clipped & ~faint).tolist():
        clipped[index] = not _within_clip(texts[index])
    for index in np.flatnonzero(pale & ~faint).tolist():
        pale[index] = not _on_dark(texts[index], int(colours[index, :3].min()), orders, covers, boxes)
    return list(compress(texts, (faint | clipped | pale).tolist()))


def _within_clip(text: int) -> bool:
    """Tell whether a text lies within the only rectangle that it is clipped to."""
    clip = int(call("FPDFPageObj_GetClipPath")(text))
    number = int(call("FPDFClipPath_CountPathSegments")(clip, 0))
    if call("FPDFClipPath_CountPaths")(clip) != 1 or not 0 < number <= _SEGMENTS:
        return False
    points = np.zeros((number, 2), dtype=np.float32)
    for index, place in enumerate(range(points.ctypes.data, points.ctypes.data + 8 * number, 8)):
        segment = call("FPDFClipPath_GetPathSegment")(clip, 0, index)
        call("FPDFPathSegment_GetPoint")(segment, place, place + 4)
    box = _asked("FPDFPageObj_GetBounds", [text], np.float32)[0][0]
    low, high = points.min(axis=0), points.max(axis=0)
    slack = (box[3] - box[1]) / 4  # the ends of letters are cut off in many a narrow cell
    return bool((box[:2] + slack >= low).all() and (box[2:] - slack <= high).all())


def _on_dark(text: int, brightness: int, orders: dict[int, int], covers: dict[int, int], boxes: Array) -> bool:
    """Tell whether the last area painted under a light text is darker than the text."""
    box = _asked("FPDFPageObj_GetBounds", [text], np.float32)[0][0]
    middle = (box[:2] + box[2:]) / 2
    around = ((boxes[:, :2] <= middle) & (boxes[:, 2:] >= middle)).all(axis=1)
    under = [item for item in compress(covers, around.tolist()) if covers[item] < orders[text]]
    if not under or call("FPDFPageObj_GetType")(under[-1]) != _PATH:
        return False
    colours, known = _asked("FPDFPageObj_GetFillColor", [under[-1]], np.uint32)
    return known and colours[0, 3] > _FAINT and brightness - float(colours[0, :3].mean()) > _CONTRAST


def _asked(function: str, objects: list[int], kind: type) -> tuple[Array, bool]:
    """Return the four numbers that a function writes about each object, and whether it knew them of all."""
    into: Array = np.zeros((len(objects), 4), dtype=kind)
    start, step = into.ctypes.data, into.itemsize
    end = start + 4 * step * len(objects)
    answers: Any = map(call(function), objects, *(range(start + step * at, end, 4 * step) for at in range(4)))
    return into, sum(answers) == len(objects)
