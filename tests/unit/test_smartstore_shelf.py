"""The fewest fields that bring a Smartstore article to what it shall show, and who is taken to have hidden it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.hiding import HiddenBy, Told, concluded
from blocks.documents.stock import ListingChange
from blocks.systems.shops.smartstore_shelf import (
    COMBINATIONS,
    PRODUCTS,
    Combination,
    HidingBy,
    Product,
    Shelf,
    Step,
    product_fields,
    steps,
)

LAMP = Product(id=1, sku="LAMP", kind=5, published=True, listed=True, managed=1, quantity=4, least=0, rule=0)
MIDDLEWARE, SHOP = HidingBy.MIDDLEWARE, HidingBy.SHOP


def change(quantity: int | None, *, visible: bool | None, **more: Any) -> ListingChange:
    pieces = None if quantity is None else Decimal(quantity)
    return ListingChange(sku="LAMP", product_id="1", quantity=pieces, visible=visible, **more)


@pytest.mark.parametrize(
    ("lamp", "wanted", "hiding_by", "expected"),
    [
        ({}, change(4, visible=True), MIDDLEWARE, {}),
        ({}, change(3, visible=True), MIDDLEWARE, {"StockQuantity": 3}),
        ({}, change(0, visible=False), MIDDLEWARE, {"StockQuantity": 0, "Published": False}),
        (
            {"quantity": 0, "published": False}, change(5, visible=True), MIDDLEWARE,
            {"StockQuantity": 5, "Published": True},
        ),
        ({"rule": 2}, change(3, visible=True), MIDDLEWARE, {"StockQuantity": 3, "LowStockActivityId": 0}),
        ({"rule": 2}, change(4, visible=True), MIDDLEWARE, {}),
        ({"rule": 1}, change(3, visible=True), MIDDLEWARE, {"StockQuantity": 3}),
        ({"rule": 2}, change(3, visible=None), MIDDLEWARE, {"StockQuantity": 3}),
        (
            {"rule": 2, "published": False}, change(3, visible=None, expected_visible=False), MIDDLEWARE,
            {"StockQuantity": 3, "LowStockActivityId": 0},
        ),
        ({}, change(3, visible=True), SHOP, {"StockQuantity": 3, "LowStockActivityId": 2}),
        ({"rule": 2}, change(0, visible=False), SHOP, {"StockQuantity": 0, "Published": False}),
        ({"rule": 2}, change(0, visible=True), SHOP, {"StockQuantity": 0, "LowStockActivityId": 0}),
        ({"rule": 2, "least": 5}, change(3, visible=True), SHOP, {"StockQuantity": 3, "LowStockActivityId": 0}),
        ({"rule": 2, "managed": 0}, change(0, visible=False), SHOP, {"StockQuantity": 0, "Published": False}),
        ({"listed": False}, change(4, visible=True), MIDDLEWARE, {}),
    ],
)  # fmt: skip
def test_a_product_is_changed_by_the_fewest_fields(
    lamp: dict[str, Any], wanted: ListingChange, hiding_by: HidingBy, expected: dict[str, Any]
) -> None:
    assert product_fields(replace(LAMP, **lamp), wanted, hiding_by) == expected


def after_save(lamp: Product, fields: dict[str, Any]) -> Product:
    """Return the product as the shop holds it after the save and its own rule."""
    saved = replace(
        lamp,
        quantity=fields.get("StockQuantity", lamp.quantity),
        published=fields.get("Published", lamp.published),
        rule=fields.get("LowStockActivityId", lamp.rule),
    )
    if saved.quantity != lamp.quantity and saved.managed == 1 and saved.rule == 2:
        return replace(saved, published=saved.quantity > saved.least)
    return saved


def test_after_one_save_and_the_shops_own_rule_it_shows_what_it_shall() -> None:
    both = (True, False)
    for published, managed, quantity, least, rule in product(both, (0, 1, 2), (0, 3), (0, 5), (0, 1, 2)):
        lamp = replace(LAMP, published=published, managed=managed, quantity=quantity, least=least, rule=rule)
        for wanted, visible, hiding_by in product((0, 3, 7), both, HidingBy):
            saved = after_save(lamp, product_fields(lamp, change(wanted, visible=visible), hiding_by))
            assert (saved.quantity, saved.published) == (wanted, visible)
            again = product_fields(saved, change(wanted, visible=visible), hiding_by)
            assert set(again) <= {"LowStockActivityId"}
            assert product_fields(after_save(saved, again), change(wanted, visible=visible), hiding_by) == {}


def the_shelf(active: Sequence[bool], *, published: bool = True) -> Shelf:
    cap = replace(LAMP, id=9, managed=2, published=published)
    variants = {number: Combination(number, 9, f"CAP-{number}", 2, on) for number, on in enumerate(active, start=1)}
    return Shelf({9: cap}, variants)


def variant(number: int, *, visible: bool, **more: Any) -> ListingChange:
    return ListingChange(
        sku=f"CAP-{number}", product_id="9", variant_id=str(number), quantity=Decimal(2), visible=visible, **more
    )


def test_a_product_goes_before_its_first_variant_and_after_its_last() -> None:
    shown = steps(the_shelf([False, False], published=False), [variant(1, visible=True)], MIDDLEWARE)
    assert shown == [
        Step(PRODUCTS, 9, {"Published": True}, ("CAP-1",)),
        Step(COMBINATIONS, 1, {"IsActive": True}, ("CAP-1",)),
    ]
    hidden = steps(the_shelf([True, False]), [variant(1, visible=False)], MIDDLEWARE)
    assert hidden == [
        Step(COMBINATIONS, 1, {"IsActive": False}, ("CAP-1",)),
        Step(PRODUCTS, 9, {"Published": False}, ("CAP-1",)),
    ]
    assert [step.id for step in steps(the_shelf([True, True]), [variant(1, visible=False)], MIDDLEWARE)] == [1]


@given(st.lists(st.booleans(), min_size=2, max_size=4), st.booleans(), st.data())
def test_cut_off_after_any_step_and_begun_again_variants_and_product_end_alike(
    active: list[bool], published: bool, data: st.DataObject
) -> None:
    published = published and any(active)  # an unpublished product with an active variant is a person's doing
    active = active if published else [False] * len(active)
    wanted = [variant(number, visible=data.draw(st.booleans())) for number in range(1, len(active) + 1)]

    def carried_out(shelf: Shelf, most: int) -> Shelf:
        made = Shelf(dict(shelf.products), dict(shelf.combinations))
        for step in steps(shelf, wanted, MIDDLEWARE)[:most]:
            if step.entity_set == PRODUCTS:
                made.products[9] = replace(made.products[9], published=step.body["Published"])
            else:
                made.combinations[step.id] = replace(made.combinations[step.id], active=step.body["IsActive"])
        return made

    cut = carried_out(the_shelf(active, published=published), data.draw(st.integers(0, 6)))
    ended = carried_out(cut, 99)
    assert [each.active for each in ended.combinations.values()] == [bool(each.visible) for each in wanted]
    assert ended.products[9].published == any(each.visible for each in wanted)


TOLD = Told(
    hidden_by=HiddenBy.NOBODY, left_visible=True, left_quantity=4, wanted_visible=True, was_visible=True,
    is_visible=True, own_rule="", was_quantity=4, certain=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, HiddenBy.NOBODY),
        ({"is_visible": False, "was_visible": False}, HiddenBy.PERSON),
        ({"is_visible": False, "was_visible": False, "was_quantity": 0}, HiddenBy.NOBODY),
        ({"is_visible": False, "was_visible": False, "left_visible": None}, HiddenBy.NOBODY),
        ({"is_visible": False, "hidden_by": HiddenBy.SOMS}, HiddenBy.PERSON),
        ({"is_visible": False, "wanted_visible": False, "hidden_by": HiddenBy.SOMS}, HiddenBy.SOMS),
        (
            {"is_visible": False, "wanted_visible": False, "hidden_by": HiddenBy.SOMS, "was_visible": False},
            HiddenBy.PERSON,
        ),
        (
            {
                "is_visible": False, "wanted_visible": False, "hidden_by": HiddenBy.SOMS, "was_visible": False,
                "certain": False,
            },
            HiddenBy.SOMS,
        ),
        ({"is_visible": False, "wanted_visible": None, "hidden_by": HiddenBy.PERSON}, HiddenBy.PERSON),
        ({"hidden_by": HiddenBy.PERSON, "wanted_visible": None}, HiddenBy.NOBODY),
    ],
)  # fmt: skip
def test_who_hides_an_article_is_concluded_from_what_was_left_and_what_was_found(
    told: dict[str, Any], expected: HiddenBy
) -> None:
    assert concluded(replace(TOLD, **told)).hidden_by is expected
