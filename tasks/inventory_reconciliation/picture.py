"""Drawings (SVG) of a reconciliation: its differences by cause, and how many there were over time. Pure."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from tasks.inventory_reconciliation.rules import Fate

_DARK, _GRID = "#334155", "#cbd5e1"
_COLOURS = {Fate.REPAIR: "#16a34a", Fate.WAIT: "#d97706", Fate.RESPECT: "#64748b", Fate.STOP: "#dc2626"}
_WORDS = {Fate.REPAIR: "repaired", Fate.WAIT: "waiting", Fate.RESPECT: "left as it is", Fate.STOP: "stopped"}
_WIDTH, _ROW, _LABEL, _EDGE = 720, 30, 170, 16


def data_address(drawing: str) -> str:
    """Return a drawing as an address that needs no fetching."""
    return f"data:image/svg+xml,{quote(drawing, safe='')}"


def by_cause(causes: Mapping[tuple[str, str], int]) -> str:
    """Return a bar for each cause, in the colours of what became of its differences."""
    names = sorted({cause for cause, _ in causes}, key=lambda name: -sum(_of(causes, name).values()))
    longest = max((sum(_of(causes, name).values()) for name in names), default=1)
    room = _WIDTH - _LABEL - 4 * _EDGE - 50
    parts = []
    for place, name in enumerate(names):
        top, left, counts = _EDGE + place * _ROW, _LABEL, _of(causes, name)
        parts.append(_text(_LABEL - 8, top + 17, name, "end"))
        for fate, count in counts.items():
            width = max(round(room * count / longest), 2)
            parts.append(f'<rect x="{left}" y="{top}" width="{width}" height="22" fill="{_COLOURS[fate]}"/>')
            left += width
        parts.append(_text(left + 6, top + 17, f"{sum(counts.values()):,}", "start"))
    return _drawing(len(names) * _ROW + 2 * _EDGE + 24, [*parts, _legend(len(names) * _ROW + _EDGE + 18)])


def _of(causes: Mapping[tuple[str, str], int], name: str) -> dict[Fate, int]:
    return {fate: causes[name, fate.value] for fate in Fate if causes.get((name, fate.value))}


def _legend(top: int) -> str:
    parts, left = [], _LABEL
    for fate, colour in _COLOURS.items():
        parts.append(f'<rect x="{left}" y="{top - 10}" width="12" height="12" fill="{colour}"/>')
        parts.append(_text(left + 18, top, _WORDS[fate], "start"))
        left += 120
    return "".join(parts)


def over_time(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return a column for each comparison, oldest first: how many articles differed, and how many were repaired."""
    height, bottom = 200, 160
    most = max((run["differing"] for run in runs), default=0) or 1
    step = (_WIDTH - 90) / max(len(runs), 1)
    parts = [f'<line x1="60" y1="{bottom}" x2="{_WIDTH - 20}" y2="{bottom}" stroke="{_GRID}"/>']
    parts += [_text(54, 26, f"{most:,}", "end"), _text(54, bottom + 4, "0", "end")]
    for place, run in enumerate(runs):
        left, width = 64 + place * step, max(step * 0.7, 2)
        rest = run["differing"]
        for count, colour in ((rest, _colour(run)), (min(run["repaired"], rest), _COLOURS[Fate.REPAIR])):
            tall = round(140 * count / most)
            parts.append(
                f'<rect x="{left:.0f}" y="{bottom - tall}" width="{width:.0f}" height="{tall}" fill="{colour}"/>'
            )
    if runs:
        parts.append(_text(64, bottom + 20, f"{runs[0]['at']:%Y-%m-%d %H:%M}", "start"))
        parts.append(_text(_WIDTH - 20, bottom + 20, f"{runs[-1]['at']:%Y-%m-%d %H:%M} UTC", "end"))
    return _drawing(height, parts)


def _colour(run: Mapping[str, Any]) -> str:
    return _COLOURS[Fate.STOP] if run["state"] == "stopped" else _COLOURS[Fate.WAIT]


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{_DARK}">{escape(text)}</text>'


def _drawing(height: int, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">'
    return "".join([opening, f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>', *parts, "</svg>"])
