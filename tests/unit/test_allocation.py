"""Stock goes to whoever came first, from one warehouse, and never more than there is."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.orders import Component
from tasks.order_intake.allocation import Demand, allocate, demand, shortage
from tests.orders import a_line, an_article, an_order, known

HOUSES = ("EAST", "WEST")
Stock = Mapping[tuple[str, str], Decimal]

pieces = st.dictionaries(st.sampled_from("ABC"), st.integers(1, 4).map(Decimal), max_size=3)
demands = st.lists(pieces, max_size=12).map(lambda found: [Demand(str(at), need) for at, need in enumerate(found)])
stock = st.dictionaries(
    st.tuples(st.sampled_from(HOUSES), st.sampled_from("ABC")), st.integers(-3, 12).map(Decimal), max_size=6
)


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
    assert allocate(wanted, available, HOUSES) == served_one_by_one(wanted, available)


@given(wanted=demands, available=stock)
def test_never_more_is_given_than_there_is(wanted: list[Demand], available: Stock) -> None:
    chosen = allocate(wanted, available, HOUSES)
    for house in HOUSES:
        for sku in "ABC":
            given_away = sum((each.pieces.get(sku, Decimal(0)) for each in wanted if chosen[each.order] == house), 0)
            assert given_away <= max(available.get((house, sku), Decimal(0)), 0)


def test_an_order_is_never_split_between_warehouses() -> None:
    available = {("EAST", "A"): Decimal(1), ("WEST", "B"): Decimal(1)}
    wanted = Demand("1", {"A": Decimal(1), "B": Decimal(1)})
    assert allocate([wanted], available, HOUSES) == {"1": None}
    assert shortage(wanted, available, HOUSES) == "No single warehouse has every article of this order."


def test_a_shortage_names_what_is_missing() -> None:
    wanted = Demand("1", {"A": Decimal(3), "B": Decimal(1)})
    text = shortage(wanted, {("EAST", "A"): Decimal(2), ("WEST", "B"): Decimal(1)}, HOUSES)
    assert text == "Not enough stock in any one warehouse (A: 3 wanted, 2 there)."


def test_an_order_without_demand_ships_from_the_first_warehouse() -> None:
    assert allocate([Demand("1", {})], {}, HOUSES) == {"1": "EAST"}


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
