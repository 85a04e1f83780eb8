"""The trail of an invoice as a drawing (SVG): from the order on the left to the payment on the right. Pure."""

from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from blocks.documents.evidence import Edge, Evidence, Node

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 168, 58, 64, 26, 24
_DARK, _GOOD, _BAD, _ERP = "#334155", "#0f766e", "#b91c1c", "#4338ca"
_LONGEST, _LONGEST_TEXT, _MOST_ROWS = 22, 28, 12
_COLUMNS = (
    ("order",), ("receipt", "inbox"), ("conversion",), ("received_invoice",), ("invoice_verdict",),
    ("invoice_decision",), ("erp_bill", "accounting_posting"), ("payment", "accounting_export"),
)  # fmt: skip
"""What stands below one another, from left to right."""
_NAMES = ("Order", "Receipt, file", "Reading", "Invoice", "Verdict", "Decision", "ERP, posting", "Payment, batch")


def image(evidence: Evidence) -> str:
    """Return the picture as a Markdown image."""
    return f"![Trail of invoice {evidence.invoice}](data:image/svg+xml,{quote(svg(evidence), safe='')})"


def svg(evidence: Evidence) -> str:
    """Return the picture: proven links in green, those that are not in red and dashed, missing ones as empty places."""
    places, hidden = _places(evidence)
    rows = max((y for _, y in places.values()), default=_EDGE)
    width = _EDGE * 2 + len(_COLUMNS) * _WIDTH + (len(_COLUMNS) - 1) * _GAP_X
    height = rows + _HEIGHT + _EDGE + (24 if hidden else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_marker(name, colour) for name, colour in (("good", _GOOD), ("bad", _BAD))),
        *(_heading(place, name) for place, name in enumerate(_NAMES)),
    ]
    parts += [_arrow(edge, places) for edge in evidence.forwards() if {edge.source, edge.target} <= places.keys()]
    unproven = set(evidence.unproven)
    for node in evidence.nodes:
        if node.name in places:
            parts += _box(node, *places[node.name], wrong=node.name in unproven)
    parts += _empty_places(evidence, places)
    if hidden:
        parts.append(f'<text x="{_EDGE}" y="{height - 10}" fill="{_DARK}">… and {hidden} more, in the table.</text>')
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


def _column(node: str) -> int:
    kind = node.partition("/")[0]
    return next((place for place, kinds in enumerate(_COLUMNS) if kind in kinds), 0)


def _places(evidence: Evidence) -> tuple[dict[str, tuple[int, int]], int]:
    """Place each node in its column, from the top; returns how many found no room."""
    used: dict[int, int] = {}
    places, hidden = {}, 0
    for node in evidence.nodes:
        column = _column(node.name)
        row = used.get(column, 0)
        if row >= _MOST_ROWS:
            hidden += 1
            continue
        used[column] = row + 1
        places[node.name] = (_x(column), _EDGE + 16 + row * (_HEIGHT + _GAP_Y))
    return places, hidden


def _arrow(edge: Edge, places: dict[str, tuple[int, int]]) -> str:
    colour, mark, dash = (_GOOD, "good", "") if edge.holds else (_BAD, "bad", ' stroke-dasharray="6 5"')
    (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
    middle, bend = _HEIGHT // 2, _GAP_X // 2
    start, end = x1 + _WIDTH, x2 - 2
    path = f"M{start},{y1 + middle} C{start + bend},{y1 + middle} {end - bend},{y2 + middle} {end},{y2 + middle}"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dash} marker-end="url(#{mark})">'
        f"<title>{escape(edge.kind.value)}</title></path>"
    )


def _box(node: Node, x: int, y: int, *, wrong: bool) -> Iterator[str]:
    outside = node.name.startswith(("order/", "receipt/", "payment/"))
    colour = _BAD if wrong else _ERP if outside else _GOOD
    frame = f'x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"'
    yield f'<rect {frame} fill="#ffffff"/><rect {frame} fill="{colour}" fill-opacity="0.08" stroke="{colour}"'
    yield ' stroke-width="1.6"/>'
    title, text = escape(_short(node.title, _LONGEST)), escape(_short(node.text, _LONGEST_TEXT))
    yield f'<text x="{x + 10}" y="{y + 24}" fill="{_DARK}" font-weight="600">{title}</text>'
    yield f'<text x="{x + 10}" y="{y + 43}" fill="{_DARK}" font-size="11">{text}</text>'


def _empty_places(evidence: Evidence, places: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Yield a dashed place with the word for each column that has nothing in it though something belongs there."""
    taken = {_column(name) for name in places}
    words = [text.partition(":")[0] for text in evidence.missing]
    wanted = {"Order": 0, "Receipt": 1, "Verdict": 4, "Approval": 5, "ERP": 6, "Posting": 6, "Payment": 7}
    for word in dict.fromkeys(words):
        column = wanted.get(word)
        if column is None or column in taken:
            continue
        taken.add(column)
        x, y = _x(column), _EDGE + 16
        frame = f'x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"'
        yield f'<rect {frame} fill="none" stroke="{_BAD}" stroke-dasharray="6 5"/>'
        yield f'<text x="{x + 10}" y="{y + 33}" fill="{_BAD}">{escape(word)} is missing</text>'


def _short(text: str, longest: int) -> str:
    said = "".join(letter if letter.isprintable() else " " for letter in text)
    return said if len(said) <= longest else f"{said[: longest - 1]}…"
