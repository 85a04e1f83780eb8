"""Where everything on an invoice's trail stands: columns from order to payment, rows that no arrow crosses. Pure.

An arrow that skips columns runs along the row it comes from. So what it comes from has that row for itself in all the
columns between: every receipt and every order that was billed without one, the file and its reading below them.
"""

from dataclasses import dataclass, field

from blocks.documents.evidence import Evidence, Link

COLUMNS = (
    ("order",), ("receipt", "inbox"), ("conversion",), ("received_invoice",), ("invoice_verdict",),
    ("invoice_decision",), ("erp_bill", "accounting_posting"), ("payment", "accounting_export"),
)  # fmt: skip
"""What stands below one another, from left to right."""
MOST_ROWS = 12
_BELOW = frozenset({"inbox", "conversion"})
_KINDS = {
    "Order": "order", "File": "inbox", "Verdict": "invoice_verdict", "Approval": "invoice_decision", "ERP": "erp_bill",
    "Posting": "accounting_posting", "Payment": "payment", "Export": "accounting_export",
}  # fmt: skip
"""What is missing, by the word that begins the sentence; receipts are missing order by order."""

Place = tuple[int, int]
"""Column and row."""


@dataclass(slots=True)
class Layout:
    """Places of what is there, by name; words and places of what is missing; how many found no room."""

    places: dict[str, Place] = field(default_factory=dict)
    empty: list[tuple[str, Place]] = field(default_factory=list)
    hidden: int = 0


def laid_out(evidence: Evidence) -> Layout:
    """Return where everything stands."""
    layout = Layout()
    supply = _lay_supply(evidence, layout)
    used = dict.fromkeys(range(len(COLUMNS)), 0)
    used[0] = supply
    kinds = [kind for kinds in COLUMNS for kind in kinds]
    for node in sorted(evidence.nodes, key=lambda node: kinds.index(_kind(node.name))):
        kind = _kind(node.name)
        if kind in {"order", "receipt"}:
            continue
        column = column_of(kind)
        row = supply if kind in _BELOW else used[column]
        if row >= MOST_ROWS:
            layout.hidden += 1
            continue
        layout.places[node.name] = column, row
        used[column] = row + 1
    _name_missing(evidence, layout, used)
    return layout


def _kind(name: str) -> str:
    """Return what kind of thing a node is; what is unknown stands with the orders."""
    kind = name.partition("/")[0]
    return kind if any(kind in kinds for kinds in COLUMNS) else COLUMNS[0][0]


def column_of(kind: str) -> int:
    """Return the column in which things of a kind stand."""
    return next((place for place, kinds in enumerate(COLUMNS) if kind in kinds), 0)


def _lay_supply(evidence: Evidence, layout: Layout) -> int:
    """Place orders and what came of them; returns the first row that none of them needs."""
    delivered: dict[str, list[str]] = {}
    for edge in evidence.edges:
        if edge.kind is Link.DELIVERED:
            delivered.setdefault(edge.source, []).append(edge.target)
    direct = {edge.source for edge in evidence.edges if edge.kind is Link.BILLED and edge.source.startswith("order/")}
    row, most = 0, MOST_ROWS - 1
    for node in evidence.nodes:
        if not node.name.startswith("order/"):
            continue
        receipts = [name for name in dict.fromkeys(delivered.get(node.name, ())) if name not in layout.places]
        first = row
        if row >= most:
            layout.hidden += 1 + len(receipts)
            continue
        layout.places[node.name] = 0, row
        if node.name in direct:
            layout.empty.append(("Receipt", (1, row)))
            row += 1
        for name in receipts:
            if row >= most:
                layout.hidden += 1
                continue
            layout.places[name] = 1, row
            row += 1
        row = max(row, first + 1)
    return row


def _name_missing(evidence: Evidence, layout: Layout, used: dict[int, int]) -> None:
    """Give what is missing a place in its column, below all that is there."""
    there = {name.partition("/")[0] for name in layout.places}
    for word in dict.fromkeys(text.partition(":")[0] for text in evidence.missing):
        kind = _KINDS.get(word)
        if kind is None or (kind in there and word != "Order"):
            continue
        column = column_of(kind)
        if used[column] < MOST_ROWS:
            layout.empty.append((word, (column, used[column])))
            used[column] += 1
