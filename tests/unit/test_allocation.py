"""Stock goes to whoever came first, from one warehouse, and never more than there is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.orders import Component
from tasks.order_intake.allocation import HELD_BACK, Demand, Part, Promise, Shelf, allocate, demand, shortage
from tasks.order_intake.rulebook import AllocationPolicy, BeyondStock, OrderRules, Split
from tasks.order_intake.splitting import Need
from tests.orders import a_line, an_article, an_order, known

HOUSES = ("EAST", "WEST")
NONE = Decimal(0)
APART = {("EAST", "A"): Decimal(1), ("WEST", "B"): Decimal(1)}
SPLIT = AllocationPolicy(split=Split.ALLOW)
SPRING = date(2027, 3, 1)
Stock = Mapping[tuple[str, str], Decimal]

pieces = st.dictionaries(st.sampled_from("ABC"), st.integers(1, 4).map(Decimal), max_size=3)
demands = st.lists(pieces, max_size=12).map(lambda found: [Demand(str(at), need) for at, need in enumerate(found)])
stock = st.dictionaries(
    st.tuples(st.sampled_from(HOUSES), st.sampled_from("ABC")), st.integers(-3, 12).map(Decimal), max_size=6
)


def houses_of(allocated: Mapping[str, tuple[Part, ...]]) -> dict[str, str | None]:
    """Return the one warehouse of each order that is not split."""
    assert all(len(parts) <= 1 for parts in allocated.values())
    return {order: parts[0].warehouse if parts else None for order, parts in allocated.items()}


def served_one_by_one(wanted: Sequence[Demand], available: Stock) -> dict[str, str | None]:
    """Return what a clerk would do who counts every piece on the shelf again before each order."""
    chosen: dict[str, str | None] = {}
    for now in wanted:
        chosen[now.order] = None
        for house in HOUSES:
            gone = {
                sku: sum(
                    (earlier.pieces.get(sku, Decimal(0)) for earlier in wanted if chosen.get(earlier.order) == house),
                    Decimal(0),
                )
                for sku in "ABC"
            }
            if all(available.get((house, sku), Decimal(0)) - gone[sku] >= need for sku, need in now.pieces.items()):
                chosen[now.order] = house
                break
    return chosen


@given(wanted=demands, available=stock)
def test_first_come_is_first_served_from_one_warehouse(wanted: list[Demand], available: Stock) -> None:
    assert houses_of(allocate(wanted, available, HOUSES)) == served_one_by_one(wanted, available)


@given(wanted=demands, available=stock)
def test_never_more_is_given_than_there_is(wanted: list[Demand], available: Stock) -> None:
    chosen = houses_of(allocate(wanted, available, HOUSES))
    for house in HOUSES:
        for sku in "ABC":
            given_away = sum((each.pieces.get(sku, Decimal(0)) for each in wanted if chosen[each.order] == house), NONE)
            assert given_away <= max(available.get((house, sku), NONE), NONE)


def test_t_rte_1_without_splitting_an_order_that_lies_in_two_warehouses_is_held_with_its_reason() -> None:
    wanted, shelf = Demand("1", {"A": Decimal(1), "B": Decimal(1)}), Shelf(APART, HOUSES)
    assert shelf.serve(wanted) == ()
    assert shelf.left == APART
    assert shortage(wanted, shelf) == "No single warehouse has every article of this order."


def test_t_rte_1_with_splitting_it_ships_in_two_parts() -> None:
    parts = Shelf(APART, HOUSES, SPLIT).serve(Demand("1", {"A": Decimal(1), "B": Decimal(1)}))
    assert parts == (
        Part("EAST", {"A": Decimal(1)}, {1: Decimal(1)}),
        Part("WEST", {"B": Decimal(1)}, {2: Decimal(1)}),
    )


def test_t_rte_2_one_piece_here_and_one_there_are_two_and_nothing_is_back_ordered() -> None:
    there = {("EAST", "A"): Decimal(1), ("WEST", "A"): Decimal(1)}
    wanted = Demand("1", {"A": Decimal(2)}, beyond={"A": Promise("backorder")})
    parts = Shelf(there, HOUSES, SPLIT).serve(wanted)
    assert [(part.warehouse, part.pieces, part.missing) for part in parts] == [
        ("EAST", {"A": Decimal(1)}, {}),
        ("WEST", {"A": Decimal(1)}, {}),
    ]


def test_t_rte_3_six_articles_in_three_warehouses_ship_in_two_parts_where_the_fullest_first_needs_three() -> None:
    holds = {"L1": "1234", "L2": "125", "L3": "346"}
    there = {(house, sku): Decimal(1) for house, skus in holds.items() for sku in skus}
    parts = Shelf(there, tuple(holds), SPLIT).serve(Demand("1", {sku: Decimal(1) for sku in "123456"}))
    assert [part.warehouse for part in parts] == ["L2", "L3"]
    assert sorted(sku for part in parts for sku in part.pieces) == list("123456")


def test_the_declared_order_of_warehouses_decides_and_others_follow_by_name() -> None:
    policy = AllocationPolicy(warehouses=("WEST", "GONE"))
    assert policy.preferred(["SOUTH", "EAST", "WEST"]) == ["WEST", "EAST", "SOUTH"]
    everywhere = {(house, "A"): Decimal(1) for house in HOUSES}
    (part,) = Shelf(everywhere, policy.preferred(HOUSES), policy).serve(Demand("1", {"A": Decimal(1)}))
    assert part.warehouse == "WEST"


@given(pieces=pieces, available=stock, beyond=st.sets(st.sampled_from("ABC")), split=st.booleans())
def test_every_piece_is_reserved_where_it_is_or_sold_beyond_stock_where_it_may_be(
    pieces: dict[str, Decimal], available: Stock, beyond: set[str], *, split: bool
) -> None:
    wanted = Demand("1", pieces, beyond={sku: Promise("backorder") for sku in beyond})
    shelf = Shelf(available, HOUSES, SPLIT if split else HELD_BACK)
    parts = shelf.serve(wanted)
    if not parts:
        assert shelf.left == available
        return
    for sku, need in pieces.items():
        given = sum((part.pieces.get(sku, Decimal(0)) for part in parts), Decimal(0))
        missing = sum((part.missing.get(sku, Decimal(0)) for part in parts), Decimal(0))
        assert given + missing == need
        assert not missing or sku in beyond
    assert all(left >= min(available.get(key, NONE), NONE) for key, left in shelf.left.items())
    assert split or len(parts) == 1
    by_line = {need.position: need.quantity for need in wanted.by_line()}
    if len(parts) > 1:
        spread = Counter[int]()
        for part in parts:
            assert part.pieces
            spread.update({position: int(count) for position, count in part.lines.items()})
        assert spread == {position: int(count) for position, count in by_line.items()}


def test_t_inv_2_a_bundle_and_its_part_in_one_order_are_counted_together() -> None:
    """Kit K = 1 X + 2 Y beside a single Y: with two Y there, they can never both be had."""
    kit = an_article("K", components=(Component(sku="X", quantity=Decimal(1)), Component(sku="Y", quantity=Decimal(2))))
    order = an_order(lines=(a_line("K", 1, "30.00"), a_line("Y", 1, "10.00")))
    there = {("EAST", "X"): Decimal(9), ("EAST", "Y"): Decimal(2)}
    master = known(kit, an_article("X"), an_article("Y"))
    needs = demand(order, master)
    assert needs.pieces == {"X": Decimal(1), "Y": Decimal(3)}
    assert Shelf(there, HOUSES, SPLIT).serve(needs) == ()
    rules = OrderRules(allocation=AllocationPolicy(backorder=BeyondStock.ALL))
    (part,) = Shelf(there, HOUSES, rules.allocation).serve(demand(order, replace(master, rules=rules)))
    assert (part.pieces, part.missing) == ({"X": Decimal(1), "Y": Decimal(2)}, {"Y": Decimal(1)})


def test_a_bundle_is_not_torn_apart_when_its_order_is_split() -> None:
    parts = (Component(sku="X", quantity=Decimal(1)), Component(sku="Y", quantity=Decimal(1)))
    needs = demand(an_order(lines=(a_line("K", 2, "30.00"),)), known(an_article("K", components=parts),
                   an_article("X"), an_article("Y")))  # fmt: skip
    torn = {("EAST", "X"): Decimal(2), ("WEST", "Y"): Decimal(2)}
    assert Shelf(torn, HOUSES, SPLIT).serve(needs) == ()
    whole = {(house, sku): Decimal(1) for house in HOUSES for sku in "XY"}
    assert [part.lines for part in Shelf(whole, HOUSES, SPLIT).serve(needs)] == [{1: Decimal(1)}, {1: Decimal(1)}]


def test_bundles_that_share_parts_with_single_articles_find_the_one_way_that_fits() -> None:
    """EAST would be asked first for the bundle, but then nobody could give the single Y."""
    kit = an_article("K", components=(Component(sku="X", quantity=Decimal(1)), Component(sku="Y", quantity=Decimal(1))))
    order = an_order(lines=(a_line("K", 1, "30.00"), a_line("Y", 1, "10.00"), a_line("Z", 1, "5.00")))
    needs = demand(order, known(kit, an_article("X"), an_article("Y"), an_article("Z")))
    there = {("EAST", "X"): Decimal(1), ("EAST", "Y"): Decimal(1), ("WEST", "X"): Decimal(1), ("WEST", "Y"): Decimal(1),
             ("EAST", "Z"): Decimal(1)}  # fmt: skip
    parts = Shelf(there, HOUSES, SPLIT).serve(needs)
    assert sum((part.lines.get(1, Decimal(0)) for part in parts), Decimal(0)) == 1
    assert {part.warehouse for part in parts} == set(HOUSES)


def test_millions_of_bundles_over_many_warehouses_end_soon_with_an_answer() -> None:
    kit = Need(1, Decimal(9_999_999), {"X": Decimal(1), "Y": Decimal(1)})
    houses = [f"H{number}" for number in range(8)]
    there = {(house, sku): Decimal(2_000_000) for house in houses for sku in "XY"}
    torn = {key: count * (1 if (key[0] in houses[:4]) == (key[1] == "X") else 0) * 2 for key, count in there.items()}
    wanted = Demand("1", {"X": kit.quantity, "Y": kit.quantity}, (kit,))
    assert len(Shelf(there, houses, SPLIT).serve(wanted)) == 5
    assert Shelf(torn, houses, SPLIT).serve(wanted) == ()


def test_more_warehouses_than_can_be_tried_are_dropped_one_by_one() -> None:
    houses = [f"H{number:02}" for number in range(30)]
    there = {(house, "A"): Decimal(1) for house in houses} | {("H29", "B"): Decimal(1)}
    parts = Shelf(there, houses, SPLIT).serve(Demand("1", {"A": Decimal(3), "B": Decimal(1)}))
    assert sum((part.pieces.get("A", Decimal(0)) for part in parts), Decimal(0)) == 3
    assert len(parts) == 3


@pytest.mark.parametrize(
    ("marks", "policy", "promise"),
    [
        ({}, {"backorder": "flagged"}, None),
        ({"backorder": True}, {"backorder": "flagged"}, Promise("backorder")),
        ({"backorder": True}, {}, None),
        ({}, {"backorder": "all"}, Promise("backorder")),
        ({"preorder": True, "available_on": SPRING}, {"preorder": "flagged"}, Promise("preorder", SPRING)),
        ({"preorder": True, "available_on": SPRING}, {"backorder": "flagged"}, None),
        ({"backorder": True, "preorder": True}, {"backorder": "all", "preorder": "flagged"}, Promise("preorder")),
    ],
)
def test_what_may_be_sold_beyond_stock_is_the_merchants_and_the_articles_word(
    marks: dict[str, Any], policy: dict[str, Any], promise: Promise | None
) -> None:
    rules = OrderRules(allocation=AllocationPolicy.model_validate(policy))
    master = replace(known(an_article("NEW", **marks)), rules=rules)
    beyond = demand(an_order(lines=(a_line("NEW", 1, "10.00"),)), master).beyond
    assert beyond == ({"NEW": promise} if promise else {})


def test_the_warehouse_that_lacks_least_serves_what_is_sold_beyond_stock() -> None:
    there = {("EAST", "A"): Decimal(1), ("WEST", "A"): Decimal(2)}
    wanted = Demand("1", {"A": Decimal(3)}, beyond={"A": Promise("backorder")})
    (part,) = Shelf(there, HOUSES).serve(wanted)
    assert (part.warehouse, part.pieces, part.missing) == ("WEST", {"A": Decimal(2)}, {"A": Decimal(1)})


def test_a_shortage_names_what_is_missing() -> None:
    wanted = Demand("1", {"A": Decimal(3), "B": Decimal(1)})
    text = shortage(wanted, Shelf({("EAST", "A"): Decimal(2), ("WEST", "B"): Decimal(1)}, HOUSES))
    assert text == "Not enough stock in any one warehouse (A: 3 wanted, 2 there)."


def test_an_order_without_demand_ships_from_the_first_warehouse() -> None:
    assert houses_of(allocate([Demand("1", {})], {}, HOUSES)) == {"1": "EAST"}


def test_a_bundle_needs_its_parts_and_not_itself() -> None:
    parts = (Component(sku="PART", quantity=Decimal(2)), Component(sku="LAMP", quantity=Decimal(1)))
    order = an_order(lines=(a_line("SET", 3, "30.00"), a_line("LAMP", 1, "10.00")))
    needs = demand(order, known(an_article("SET", components=parts), an_article("PART")))
    assert needs.pieces == {"PART": Decimal(6), "LAMP": Decimal(4)}


def test_a_bundle_of_which_a_part_was_never_seen_is_short_and_does_not_stop_the_others() -> None:
    parts = (Component(sku="NEVER-SEEN", quantity=Decimal(1)),)
    needs = demand(an_order(lines=(a_line("SET", 1, "30.00"),)), known(an_article("SET", components=parts)))
    assert needs.pieces == {"NEVER-SEEN": Decimal(1)}


def test_a_service_needs_no_stock() -> None:
    order = an_order(lines=(a_line("GIFT-WRAP", 1, "3.00"),))
    assert demand(order, known(an_article("GIFT-WRAP", stock_managed=False))).pieces == {}
