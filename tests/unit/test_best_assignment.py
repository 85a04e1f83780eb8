"""Lines are assigned to order lines in the best way there is, the reason is said, and what is unclear a person sees."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.invoice_limits import InvoiceLimits
from blocks.documents.invoice_verdicts import (
    ORDER_LINE_UNCLEAR,
    FindingClass,
    Gravity,
    InputTax,
    InvoiceVerdict,
    Judged,
)
from blocks.documents.supply_tolerances import load
from tasks.invoice_validation import best_assignment
from tasks.invoice_validation.best_assignment import Pair, assign
from tests.supply import bill, billed, came, ordered
from tests.unit.test_supply_matching import World

MOST = 3


def every_way(asked: list[int], room: list[int], pairs: list[Pair]) -> Iterator[dict[Pair, int]]:
    """Yield every way to place whole pieces."""
    for several in product(*(range(min(asked[line], room[place]) + 1) for line, place in pairs)):
        way = dict(zip(pairs, several, strict=True))
        fits = all(sum(n for (one, _), n in way.items() if one == line) <= asked[line] for line in range(len(asked)))
        if fits and all(sum(n for (_, one), n in way.items() if one == at) <= room[at] for at in range(len(room))):
            yield way


def worth(way: Mapping[Pair, Any], costs: Mapping[Pair, int]) -> tuple[Any, Any]:
    """Return how much a way places, and less what it costs: the larger the better."""
    return sum(way.values()), -sum(costs[pair] * quantity for pair, quantity in way.items())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_other_way_places_more_or_as_much_at_less_cost(data: st.DataObject) -> None:
    lines, places = data.draw(st.integers(1, MOST)), data.draw(st.integers(1, MOST))
    asked = data.draw(st.lists(st.integers(1, 3), min_size=lines, max_size=lines))
    room = data.draw(st.lists(st.integers(1, 3), min_size=places, max_size=places))
    all_pairs = [(line, place) for line in range(lines) for place in range(places)]
    costs = data.draw(st.dictionaries(st.sampled_from(all_pairs), st.integers(0, 9), max_size=6))
    placed = assign([Decimal(one) for one in asked], [Decimal(one) for one in room], costs)
    best = max(worth(way, costs) for way in every_way(asked, room, list(costs)))
    assert worth(placed, costs) == best
    assert all(quantity > 0 for quantity in placed.values())
    for line in range(lines):
        assert sum(quantity for (one, _), quantity in placed.items() if one == line) <= asked[line]
    for place in range(places):
        assert sum(quantity for (_, one), quantity in placed.items() if one == place) <= room[place]


def test_what_is_too_much_to_be_weighed_exactly_is_placed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best_assignment, "MOST_PAIRS", 1)
    costs = {(line, place): line + place for line in range(3) for place in range(3)}
    placed = assign([Decimal(2)] * 3, [Decimal(2)] * 3, costs)
    assert sum(placed.values()) == 6


def kept(house: World) -> list[tuple[object, object, object]]:
    """Return line, order line and quantity of the invoice that was held last."""
    return [(row["line"], row["order_line"], row["quantity"]) for row in house.kept[-1]]


def test_a_line_that_fits_two_order_lines_makes_way_for_one_that_fits_only_the_first() -> None:
    """Each line by itself would take the order line at 50.00: its price is nearer to both."""
    orders = [ordered("PO-1", "1", "LAMP", 10, "50.00"), ordered("PO-1", "2", "LAMP", 10, "50.60")]
    house = World(orders, [came("R-1", "1", "1", 10), came("R-1", "2", "2", 10)])
    found = house.hold(bill(billed("LAMP", 10, "50.10"), billed("LAMP", 10, "49.80"), order="PO-1"))
    assert [one.rule for one in found] == []
    assert kept(house) == [("1", "2", 10), ("2", "1", 10)]
    assert "which other lines of the invoice take up" in str(house.kept[-1][0]["why"])


def test_the_very_quantity_is_found_among_order_lines_of_one_price() -> None:
    orders = [ordered("PO-1", str(at), "LAMP", pieces, "50") for at, pieces in enumerate((5, 10, 3), 1)]
    house = World(orders, [came("R-1", str(at), str(at), pieces) for at, pieces in enumerate((5, 10, 3), 1)])
    lines = (billed("LAMP", 3, "50"), billed("LAMP", 10, "50"), billed("LAMP", 5, "50"))
    assert house.hold(bill(*lines, order="PO-1")) == []
    assert kept(house) == [("1", "3", 3), ("2", "2", 10), ("3", "1", 5)]
    assert [row["why"] for row in house.kept[-1]] == [
        "its article number agrees, price as ordered, 3 C62 due; before PO-1, of which 5 C62 are due",
        "its article number agrees, price as ordered, 10 C62 due; before PO-1, of which only 5 C62 are due",
        "its article number agrees, price as ordered, 5 C62 due; before PO-1, of which 10 C62 are due",
    ]


def test_what_the_invoice_names_itself_is_not_moved_for_others() -> None:
    orders = [ordered("PO-1", "1", "LAMP", 10, "50"), ordered("PO-1", "2", "LAMP", 10, "50")]
    house = World(orders, [came("R-1", "1", "1", 10)])
    lines = (billed("LAMP", 10, "50"), billed("LAMP", 10, "50", order_line="1"))
    rules = [one.rule for one in house.hold(bill(*lines, order="PO-1"))]
    assert ("2", "1", 10) in kept(house)
    assert rules == ["not-received-yet"]


TWO_ORDERS = [ordered("PO-1", "1", "LAMP", 10, "50"), ordered("PO-2", "2", "LAMP", 10, "50")]
BOTH_CAME = [came("R-1", "1", "1", 10), came("R-2", "2", "2", 10)]


def passed(finding: Any) -> InvoiceVerdict:
    """Return a verdict that passes everything, with one finding."""
    return InvoiceVerdict(
        format=Judged.PASSED, business_rules=Judged.PASSED, content=Judged.PASSED, supply=Judged.PASSED,
        input_tax=InputTax.UNAFFECTED, is_e_invoice=True, findings=(finding,),
    )  # fmt: skip


def test_a_line_of_either_of_two_orders_waits_for_a_person_unless_the_merchant_takes_the_oldest() -> None:
    house = World(TWO_ORDERS, BOTH_CAME)
    unclear, _ = house.hold(bill(billed("LAMP", 10, "50")))
    assert (unclear.rule, unclear.gravity, unclear.kind) == (ORDER_LINE_UNCLEAR, Gravity.WARNING, FindingClass.SUPPLY)
    assert "order PO-1 and order PO-2 equally well" in unclear.text
    assert kept(house) == [("1", "1", 10)]
    assert not InvoiceLimits().approved_by_rule(passed(unclear), Decimal(500), "EUR")
    lenient = World(TWO_ORDERS, BOTH_CAME, tolerances=load("general: {unclear_order: oldest}"))
    noted, _ = lenient.hold(bill(billed("LAMP", 10, "50")))
    assert (noted.rule, noted.gravity) == (ORDER_LINE_UNCLEAR, Gravity.INFORMATION)
    assert InvoiceLimits().approved_by_rule(passed(noted), Decimal(500), "EUR")


@pytest.mark.parametrize(
    "lines",
    [
        (billed("LAMP", 10, "50"), billed("LAMP", 10, "50")),
        (billed("LAMP", 20, "50"),),
        (billed("LAMP", 12, "50"),),
    ],
    ids=["both orders whole", "both in one line", "more than either"],
)
def test_where_nothing_is_left_of_the_others_nothing_is_unclear(lines: Any) -> None:
    rules = [one.rule for one in World(TWO_ORDERS, BOTH_CAME).hold(bill(*lines))]
    assert ORDER_LINE_UNCLEAR not in rules
