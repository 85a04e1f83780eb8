"""The stock of an article in one warehouse over time, drawn: what was on hand, what of it was reserved. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from html import escape
from typing import Protocol
from urllib.parse import quote

from blocks.documents.base import plain_decimal

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 860, 260, 56, 28, 40
_LINE, _HELD, _GRID, _TEXT, _LATE = "#0f766e", "#f59e0b", "#e2e8f0", "#334155", "#94a3b8"
_MARKS = {
    "opening": "#334155", "count": "#7c3aed", "receipt": "#16a34a", "return": "#16a34a", "void": "#16a34a",
    "shipment": "#2563eb", "sale": "#2563eb", "transfer": "#0891b2", "adjustment": "#dc2626",
}  # fmt: skip
_NOT_MARKED = frozenset({"reserved", "given back"})
_TICKS = 4


class Point(Protocol):
    """What the picture needs of a happening."""

    @property
    def at(self) -> datetime: ...  # noqa: D102 - said by the class
    @property
    def what(self) -> str: ...  # noqa: D102
    @property
    def on_hand(self) -> Decimal: ...  # noqa: D102
    @property
    def reserved(self) -> Decimal: ...  # noqa: D102
    @property
    def ignored(self) -> bool: ...  # noqa: D102
    def sentence(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Scale:
    first: float
    last: float
    low: float
    high: float

    def x(self, at: datetime) -> float:
        return _LEFT + (at.timestamp() - self.first) / (self.last - self.first) * (_WIDTH - _LEFT - 20)

    def y(self, pieces: Decimal | float) -> float:
        share = (float(pieces) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def drawing(points: Sequence[Point], zone: tzinfo) -> str:
    """Return the picture as a Markdown image."""
    return f"![Stock over time](data:image/svg+xml,{quote(svg(points, zone), safe='')})"


def svg(points: Sequence[Point], zone: tzinfo) -> str:
    """Return the picture: a stair of what is on hand, what is reserved below it, a mark for every event."""
    scale = _scale(points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"',
        f' height="{_HEIGHT}" font-family="sans-serif" font-size="12" fill="{_TEXT}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_grid(scale, points, zone),
        f'<path d="{_area(points, scale)}" fill="{_HELD}" fill-opacity="0.35"/>',
        f'<path d="{_stair(points, scale)}" fill="none" stroke="{_LINE}" stroke-width="2"/>',
        *_marks(points, scale),
        *_legend(points),
        "</svg>",
    ]
    return "".join(parts)


def _scale(points: Sequence[Point]) -> _Scale:
    times = [point.at.timestamp() for point in points]
    levels = [float(value) for point in points for value in (point.on_hand, point.reserved)]
    low, high = min(0.0, *levels), max(1.0, *levels)
    return _Scale(min(times), max(*times, min(times) + 1), low, high)


def _grid(scale: _Scale, points: Sequence[Point], zone: tzinfo) -> Iterator[str]:
    step = (scale.high - scale.low) / _TICKS
    for number in range(_TICKS + 1):
        level = scale.low + number * step
        y = scale.y(level)
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - 20}" y2="{y:.1f}" stroke="{_GRID}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_number(level)}</text>'
    for point, anchor in ((points[0], "start"), (points[-1], "end")):
        x, day = scale.x(point.at), f"{point.at.astimezone(zone):%d.%m.%Y %H:%M}"
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 16}" text-anchor="{anchor}">{day}</text>'


def _number(level: float) -> str:
    return f"{level:.0f}" if level == int(level) else f"{level:.1f}"


def _stair(points: Sequence[Point], scale: _Scale) -> str:
    path = f"M{scale.x(points[0].at):.1f},{scale.y(points[0].on_hand):.1f}"
    return path + "".join(f" H{scale.x(point.at):.1f} V{scale.y(point.on_hand):.1f}" for point in points[1:])


def _area(points: Sequence[Point], scale: _Scale) -> str:
    path = f"M{scale.x(points[0].at):.1f},{scale.y(0):.1f} V{scale.y(points[0].reserved):.1f}"
    path += "".join(f" H{scale.x(point.at):.1f} V{scale.y(point.reserved):.1f}" for point in points[1:])
    return f"{path} V{scale.y(0):.1f} Z"


def _marks(points: Sequence[Point], scale: _Scale) -> Iterator[str]:
    for point in points:
        if point.what in _NOT_MARKED:
            continue
        colour = _LATE if point.ignored else _MARKS.get(point.what, _TEXT)
        fill = "#ffffff" if point.ignored else colour
        place = f'cx="{scale.x(point.at):.1f}" cy="{scale.y(point.on_hand):.1f}" r="4"'
        told = escape(point.sentence())
        yield f'<circle {place} fill="{fill}" stroke="{colour}" stroke-width="1.5"><title>{told}</title></circle>'


def _legend(points: Sequence[Point]) -> Iterator[str]:
    kinds = [kind for kind in _MARKS if any(point.what == kind and not point.ignored for point in points)]
    entries = [("on hand", _LINE), ("reserved", _HELD), *((kind, _MARKS[kind]) for kind in kinds)]
    if any(point.ignored for point in points):
        entries.append(("too late", _LATE))
    x = _LEFT
    for name, colour in entries:
        yield f'<circle cx="{x + 4}" cy="12" r="4" fill="{colour}"/><text x="{x + 12}" y="16">{name}</text>'
        x += 24 + 7 * len(name)
    if points:
        yield f'<text x="{_WIDTH - 20}" y="16" text-anchor="end">now {plain_decimal(points[-1].on_hand)}</text>'
