"""The picture of a trail: no arrow runs through a box, and everything that is missing has its place."""

import re
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.evidence import Edge, Evidence, Link, Node
from tasks.invoice_trail.layout import laid_out
from tasks.invoice_trail.picture import svg

INVOICE, FILE, READING = "received_invoice/1", "inbox/1", "conversion/1"


def a_trail(receipts_of: Sequence[Sequence[int]], *, direct: frozenset[int], missing: Sequence[str] = ()) -> Evidence:
    """Return a trail of orders with these receipts; the invoice bills some of them without one."""
    nodes = {INVOICE: "Invoice", FILE: "File", READING: "Reading"}
    edges = [Edge(kind=Link.READ, source=FILE, target=READING), Edge(kind=Link.TAKEN, source=READING, target=INVOICE)]
    for number, receipts in enumerate(receipts_of):
        order = f"order/erp:PO{number}"
        nodes[order] = f"Order {number}"
        if number in direct:
            edges.append(Edge(kind=Link.BILLED, source=order, target=INVOICE))
        for one in receipts:
            nodes[f"receipt/erp:R{one}"] = f"Receipt {one}"
            edges.append(Edge(kind=Link.DELIVERED, source=order, target=f"receipt/erp:R{one}"))
            edges.append(Edge(kind=Link.BILLED, source=f"receipt/erp:R{one}", target=INVOICE))
    return Evidence(
        invoice=1, state="waiting", number="RE-1", supplier="Hanse", edges=tuple(edges), missing=tuple(missing),
        nodes=tuple(Node(name=name, title=title) for name, title in nodes.items()),
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), max_size=4, unique=True), max_size=8), st.frozensets(st.integers(0, 8)))
def test_no_arrow_runs_through_what_stands_there(receipts_of: list[list[int]], direct: frozenset[int]) -> None:
    picture = svg(a_trail(receipts_of, direct=direct))
    boxes = [
        tuple(map(int, found))
        for found in re.findall(
            r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" rx="8" fill="#ffffff"/>', picture
        )
    ]
    runs = [tuple(map(int, found)) for found in re.findall(r'd="M(\d+),(\d+) H(\d+) C', picture)]
    assert len(set(boxes)) == len(boxes), "nothing stands on something else"
    for start, height, turn in runs:
        for x, y, width, tall in boxes:
            through = start < x + width and x < turn and y < height < y + tall
            assert not through, f"an arrow at {height} runs through the box at {x},{y}"


def test_what_is_missing_has_a_place_of_its_own_beside_what_is_there() -> None:
    words = ("Order: line 4.", "Receipt: PO1.", "Approval: nobody.", "ERP: no.", "Posting: no.", "Payment: no.")
    trail = a_trail([[0], []], direct=frozenset({1}), missing=words)
    layout = laid_out(trail)
    assert sorted(word for word, _ in layout.empty) == sorted(word.partition(":")[0] for word in words)
    places = [*layout.places.values(), *(place for _, place in layout.empty)]
    assert len(set(places)) == len(places)
    assert dict(layout.empty)["Receipt"] == (1, 1), "beside the order that nothing came of"
    picture = svg(trail)
    assert all(f"{word.partition(':')[0]} is missing" in picture for word in words)


def test_of_very_many_the_first_are_drawn_and_the_rest_counted() -> None:
    layout = laid_out(a_trail([[number] for number in range(20)], direct=frozenset()))
    assert layout.hidden == 18
    assert {INVOICE, FILE, READING} <= layout.places.keys()
