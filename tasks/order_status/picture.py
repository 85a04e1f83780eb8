"""A status graph as people see it: a drawing (SVG), and as Mermaid text for pages that draw themselves. Pure."""

from collections.abc import Iterator
from html import escape

from blocks.documents.statuses import Status, StatusGraph, StatusKind

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 150, 46, 90, 34, 24
_DARK = "#334155"


def mermaid(graph: StatusGraph) -> str:
    """Return the graph in Mermaid's words."""
    lines = ["flowchart LR"]
    for status in graph.statuses:
        left, right = ("([", "])") if status.kind is StatusKind.OPEN else ("[[", "]]")
        label = status.label.en.replace('"', "'")
        lines.append(f'  {status.code}{left}"{label}"{right}')
        lines.append(f"  style {status.code} stroke:{status.colour},stroke-width:2px")
    lines += [f"  {start} --> {end}" for start, ends in graph.ways.items() for end in ends]
    lines += [f"  {start} -.-> {end}" for start, ends in graph.ways_back.items() for end in ends]
    return "\n".join(lines)


def svg(graph: StatusGraph) -> str:
    """Return the graph as a drawing: from left to right in steps, ends with a double frame, ways back dashed."""
    places = _places(graph)
    width = max(x for x, _ in places.values()) + _WIDTH + _EDGE
    height = max(y for _, y in places.values()) + _HEIGHT + _EDGE + _GAP_Y
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"',
        f' height="{height}" font-family="sans-serif" font-size="14">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">',
        f'<path d="M0,0 L8,4 L0,8 z" fill="{_DARK}"/></marker></defs>',
    ]
    for ways, dashed in ((graph.ways, False), (graph.ways_back, True)):
        for start, ends in ways.items():
            parts += [_arrow(places[start], places[end], dashed=dashed) for end in ends]
    for status in graph.statuses:
        parts += _box(status, *places[status.code])
    return "".join([*parts, "</svg>"])


def _places(graph: StatusGraph) -> dict[str, tuple[int, int]]:
    """Place each status by the longest way that leads to it, those of the same step below one another."""
    steps = {status.code: 0 for status in graph.statuses}
    for _ in graph.statuses:  # no way without a circle is longer than there are statuses
        for start, ends in graph.ways.items():
            for end in ends:
                steps[end] = min(max(steps[end], steps[start] + 1), len(steps))
    rows: dict[int, int] = {}
    places = {}
    for status in graph.statuses:
        step = steps[status.code]
        row = rows.get(step, 0)
        rows[step] = row + 1
        places[status.code] = (_EDGE + step * (_WIDTH + _GAP_X), _EDGE + row * (_HEIGHT + _GAP_Y))
    return places


def _arrow(start: tuple[int, int], end: tuple[int, int], *, dashed: bool) -> str:
    """Draw a way; one over more than a step bends below what stands between."""
    dash = ' stroke-dasharray="6 5"' if dashed else ""
    (x1, y1), (x2, y2) = start, end
    forward, middle = x2 > x1, _HEIGHT // 2
    if forward and x2 - x1 == _WIDTH + _GAP_X:
        bend = _GAP_X // 2
        path = f"M{x1 + _WIDTH},{y1 + middle} C{x1 + _WIDTH + bend},{y1 + middle} {x2 - bend},{y2 + middle}"
        path += f" {x2 - 2},{y2 + middle}"
    else:
        low, out, into = max(y1, y2) + _HEIGHT + _GAP_Y, x1 + _WIDTH * 2 // 3, x2 + _WIDTH // 3
        path = f"M{out},{y1 + _HEIGHT} C{out},{low} {into},{low} {into},{y2 + _HEIGHT + 2}"
    return f'<path d="{path}" fill="none" stroke="{_DARK}" stroke-width="1.5"{dash} marker-end="url(#end)"/>'


def _box(status: Status, x: int, y: int) -> Iterator[str]:
    frame = f'x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"'
    yield f'<rect {frame} fill="#ffffff"/>'
    yield f'<rect {frame} fill="{status.colour}" fill-opacity="0.14" stroke="{status.colour}" stroke-width="2"/>'
    if status.kind is not StatusKind.OPEN:
        inner = f'x="{x + 4}" y="{y + 4}" width="{_WIDTH - 8}" height="{_HEIGHT - 8}" rx="5"'
        yield f'<rect {inner} fill="none" stroke="{status.colour}"/>'
    centre, label = x + _WIDTH // 2, escape(_short(status.label.en))
    yield f'<text x="{centre}" y="{y + _HEIGHT // 2 + 5}" text-anchor="middle" fill="{_DARK}">{label}</text>'


def _short(label: str) -> str:
    longest = 20
    return label if len(label) <= longest else f"{label[: longest - 1]}…"
