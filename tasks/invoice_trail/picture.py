"""The trail of an invoice as a drawing (SVG): from the order on the left to the payment on the right. Pure."""

from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from blocks.documents.evidence import Edge, Evidence, Node
from tasks.invoice_trail.layout import COLUMNS, Place, laid_out

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 168, 58, 64, 26, 24
_DARK, _GOOD, _BAD, _ERP = "#334155", "#0f766e", "#b91c1c", "#4338ca"
_LONGEST, _LONGEST_TEXT = 22, 28
_NAMES = ("Order", "Receipt, file", "Reading", "Invoice", "Verdict", "Decision", "ERP, posting", "Payment, batch")


def image(evidence: Evidence) -> str:
    """Return the picture as a Markdown image."""
    return f"![Trail of invoice {evidence.invoice}](data:image/svg+xml,{quote(svg(evidence), safe='')})"


def svg(evidence: Evidence) -> str:
    """Return the picture: proven links in green, those that are not in red and dashed, missing ones as empty places."""
    layout = laid_out(evidence)
    rows = max(row for _, row in (*layout.places.values(), *(place for _, place in layout.empty), (0, 0)))
    width = _EDGE * 2 + len(COLUMNS) * _WIDTH + (len(COLUMNS) - 1) * _GAP_X
    height = _y(rows) + _HEIGHT + _EDGE + (24 if layout.hidden else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_marker(name, colour) for name, colour in (("good", _GOOD), ("bad", _BAD))),
        *(_heading(place, name) for place, name in enumerate(_NAMES)),
    ]
    places = layout.places
    parts += [_arrow(edge, places) for edge in evidence.forwards() if {edge.source, edge.target} <= places.keys()]
    unproven = set(evidence.unproven)
    for node in evidence.nodes:
        if node.name in places:
            parts += _box(node, places[node.name], wrong=node.name in unproven)
    parts += [part for word, place in layout.empty for part in _empty(word, place)]
    if layout.hidden:
        said = f"… and {layout.hidden} more, in the table."
        parts.append(f'<text x="{_EDGE}" y="{height - 10}" fill="{_DARK}">{said}</text>')
    return "".join([*parts, "</svg>"])


def _marker(name: str, colour: str) -> str:
    return (
        f'<defs><marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        f' orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{colour}"/></marker></defs>'
    )


def _x(column: int) -> int:
    return _EDGE + column * (_WIDTH + _GAP_X)


def _heading(column: int, name: str) -> str:
    return f'<text x="{_x(column)}" y="{_EDGE}" fill="{_DARK}" font-weight="600">{escape(name)}</text>'


def _y(row: int) -> int:
    return _EDGE + 16 + row * (_HEIGHT + _GAP_Y)


def _arrow(edge: Edge, places: dict[str, Place]) -> str:
    """Return an arrow: along its own row past all columns between, then to its end in the gap before that."""
    colour, mark, dash = (_GOOD, "good", "") if edge.holds else (_BAD, "bad", ' stroke-dasharray="6 5"')
    (column, row), (last, end_row) = places[edge.source], places[edge.target]
    y1, y2 = _y(row) + _HEIGHT // 2, _y(end_row) + _HEIGHT // 2
    start, end, bend = _x(column) + _WIDTH, _x(last) - 2, _GAP_X // 2
    if column == last:  # in one column: a bow in the gap beside it
        path = f"M{start},{y1} C{start + bend},{y1} {start + bend},{y2} {start + 2},{y2}"
    else:
        turn = _x(last) - _GAP_X
        path = f"M{start},{y1} H{turn} C{turn + bend},{y1} {end - bend},{y2} {end},{y2}"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dash} marker-end="url(#{mark})">'
        f"<title>{escape(edge.kind.value)}</title></path>"
    )


def _box(node: Node, place: Place, *, wrong: bool) -> Iterator[str]:
    outside = node.name.startswith(("order/", "receipt/", "payment/"))
    colour = _BAD if wrong else _ERP if outside else _GOOD
    x, y = _x(place[0]), _y(place[1])
    frame = f'x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"'
    yield f'<rect {frame} fill="#ffffff"/><rect {frame} fill="{colour}" fill-opacity="0.08" stroke="{colour}"'
    yield ' stroke-width="1.6"/>'
    title, text = escape(_short(node.title, _LONGEST)), escape(_short(node.text, _LONGEST_TEXT))
    yield f'<text x="{x + 10}" y="{y + 24}" fill="{_DARK}" font-weight="600">{title}</text>'
    yield f'<text x="{x + 10}" y="{y + 43}" fill="{_DARK}" font-size="11">{text}</text>'


def _empty(word: str, place: Place) -> Iterator[str]:
    """Yield a dashed place with the word for what is missing there."""
    x, y = _x(place[0]), _y(place[1])
    frame = f'x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"'
    yield f'<rect {frame} fill="#ffffff" stroke="{_BAD}" stroke-dasharray="6 5"/>'
    yield f'<text x="{x + 10}" y="{y + 33}" fill="{_BAD}">{escape(word)} is missing</text>'


def _short(text: str, longest: int) -> str:
    said = "".join(letter if letter.isprintable() else " " for letter in text)
    return said if len(said) <= longest else f"{said[: longest - 1]}…"
