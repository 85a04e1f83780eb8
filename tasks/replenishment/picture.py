"""Drawings (SVG) for the report: the past as it came and as it was forecast, and the demand of an article. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from tasks.replenishment.looking_back import Look
    from tasks.replenishment.reorder import Judged

_DARK, _GREY, _BLUE, _ORANGE = "#334155", "#cbd5e1", "#2563eb", "#ea580c"
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 260, 64, 36, 44
_SMALL_HEIGHT = 120


def data_address(drawing: str) -> str:
    """Return a drawing as an address that needs no fetching."""
    return f"data:image/svg+xml,{quote(drawing, safe='')}"


def looks_drawn(looks: "Sequence[Look]") -> str:
    """Draw what came (bars), and what was forecast for it by us and by the naive forecast (lines)."""
    most = max([1.0, *(value for look in looks for value in (look.came, look.forecast, look.naive))])
    step = (_WIDTH - _LEFT) / len(looks)
    middles = [_LEFT + step * (place + 0.5) for place in range(len(looks))]

    def height(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / most)

    parts = [_text(14, 20, "Pieces of all windows from that day on, as they came and as they were forecast")]
    for middle, look in zip(middles, looks, strict=True):
        parts.append(_bar(middle - step * 0.3, height(look.came), step * 0.6, height(0.0) - height(look.came)))
        parts.append(_text(middle, _HEIGHT - 24, f"{look.days_ago} d ago", anchor="middle", size=11))
    for colour, values in ((_ORANGE, [look.naive for look in looks]), (_BLUE, [look.forecast for look in looks])):
        parts.append(_line(zip(middles, map(height, values), strict=True), colour))
    parts += [_text(_LEFT - 8, height(value) + 4, f"{value:,.0f}", anchor="end", size=11) for value in (0.0, most)]
    legend = ((_GREY, "came"), (_BLUE, "forecast"), (_ORANGE, "naive forecast"))
    for place, (colour, name) in enumerate(legend):
        parts.append(f'<rect x="{_LEFT + place * 150}" y="{_HEIGHT - 14}" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(_LEFT + place * 150 + 15, _HEIGHT - 5, name, size=12))
    return _drawing(_HEIGHT, parts)


def demand_drawn(judged: "Judged") -> str:
    """Draw an article's demand by weeks, its last year at most, with what must last and what is there."""
    forecast, position = judged.need.forecast, float(judged.need.supply.position)
    weeks = judged.weeks or (0.0,)
    most = max(1.0, float(forecast.high), position, *weeks)
    step, floor = (_WIDTH - _LEFT - 150) / len(weeks), _SMALL_HEIGHT - 14

    def height(value: float) -> float:
        return floor - (floor - 30) * max(value, 0.0) / most

    right = _WIDTH - 150
    parts = [_text(14, 18, f"{judged.need.sku} in {judged.need.warehouse}: pieces per week")]
    for place, pieces in enumerate(weeks):
        parts.append(_bar(_LEFT + place * step, height(pieces), step * 0.8, floor - height(pieces)))
    low, high = height(forecast.low), height(forecast.high)
    parts.append(
        f'<rect x="{_LEFT}" y="{high:.1f}" width="{right - _LEFT}" height="{max(low - high, 1.0):.1f}"'
        f' fill="{_BLUE}" fill-opacity="0.18"/>'
    )
    marks = ((_BLUE, forecast.point, f"reorder point {forecast.point}"), (_ORANGE, position, f"there {position:g}"))
    for place, (colour, value, name) in enumerate(marks):
        y = height(value)
        parts.append(f'<path d="M{_LEFT},{y:.1f} L{right},{y:.1f}" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(_text(right + 6, 44 + place * 18, name, size=12, colour=colour))
    parts.append(_text(_LEFT - 8, height(most) + 4, f"{most:,.0f}", anchor="end", size=11))
    return _drawing(_SMALL_HEIGHT, parts)


def _drawing(height: int, parts: Iterable[str]) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    return "".join([opening, f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>', *parts, "</svg>"])


def _bar(x: float, y: float, width: float, height: float) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0.0):.1f}" fill="{_GREY}"/>'


def _line(points: "Iterator[tuple[float, float]]", colour: str) -> str:
    path = " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 14, colour: str = _DARK) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text {place} fill="{colour}">{escape(text)}</text>'
