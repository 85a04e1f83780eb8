"""What a version changes is told field by field, in money, and without a word about the person."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.orders import Order, OrderStatus, PaymentStatus
from tasks.order_intake.changes import Change, Decision, conflict, decide, differences, money_delta
from tests.orders import ADDRESS, LINES, PLACED, a_line, an_order, shipping


def places(before: Order, after: Order) -> dict[str, tuple[str | None, str | None]]:
    return {change.place: (change.before, change.after) for change in differences(before, after)}


def decided(changes: dict[str, Any], *, cancelled: bool = False) -> Decision:
    before = an_order()
    after = before.model_copy(update={"changed_at": PLACED + timedelta(hours=1), **changes})
    return decide(after, differences(before, after), cancelled=cancelled)


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, Decision.FOLLOWED),
        ({"payment_status": PaymentStatus.REFUNDED}, Decision.FOLLOWED),
        ({"status": OrderStatus.PROCESSING}, Decision.FOLLOWED),
        ({"status": OrderStatus.COMPLETE}, Decision.FOLLOWED),
        ({"status": OrderStatus.CANCELLED}, Decision.CANCELLED),
        ({"shipping_address": ADDRESS.model_copy(update={"city": "Bonn"})}, Decision.CHANGED),
        ({"shipping_address": None}, Decision.CHANGED),
        ({"lines": LINES[:1]}, Decision.CHANGED),
        ({"charges": ()}, Decision.CHANGED),
        ({"comment": "Please ring"}, Decision.CHANGED),
    ],
)
def test_a_booked_order_follows_progress_but_no_commercial_change(changes: dict[str, Any], decision: Decision) -> None:
    assert decided(changes) is decision


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        (OrderStatus.CANCELLED, Decision.FOLLOWED),
        (OrderStatus.NEW, Decision.CHANGED),
        (OrderStatus.COMPLETE, Decision.FOLLOWED),
    ],
)
def test_a_cancelled_order_is_taken_up_again_when_the_shop_does(status: OrderStatus, decision: Decision) -> None:
    assert decided({"status": status}, cancelled=True) is decision


def test_a_line_is_told_apart_by_its_article_wherever_it_stands() -> None:
    before = an_order(lines=LINES)
    after = an_order(lines=(LINES[1], a_line("LAMP", 3, "47.55")))
    told = places(before, after)
    assert told["lines[LAMP].quantity"] == ("2", "3")
    assert not any(place.startswith("lines[BOOK]") for place in told)


def test_a_line_that_came_or_went_is_shown_whole() -> None:
    more = an_order(lines=(*LINES, a_line("LAMP", 1, "10.00")))
    assert places(an_order(), more)["lines[LAMP#2]"] == (None, "1 pieces, 8.4034 net, 10 gross")
    assert places(more, an_order())["lines[LAMP#2]"] == ("1 pieces, 8.4034 net, 10 gross", None)


def test_equal_amounts_written_otherwise_are_no_change() -> None:
    order = an_order()
    lines = (LINES[0].model_copy(update={"quantity": Decimal("2.000")}), LINES[1])
    assert differences(order, order.model_copy(update={"lines": lines})) == ()


@given(lamps=st.integers(1, 50), books=st.integers(0, 3), cost=st.sampled_from(["0.00", "4.90"]), gone=st.booleans())
def test_there_and_back_again_comes_to_nothing(*, lamps: int, books: int, cost: str, gone: bool) -> None:
    lines = [a_line("LAMP", lamps, "47.55"), *([a_line("BOOK", books, "12.80", 7)] if books else [])]
    there = an_order(lines=lines, charges=(shipping(cost),))
    there = there.model_copy(update={"status": OrderStatus.CANCELLED}) if gone else there
    start = an_order()
    assert money_delta(start, there) + money_delta(there, start) == 0
    back = {change.place: (change.after, change.before) for change in differences(there, start)}
    assert back == places(start, there)


def test_a_conflict_shows_the_first_fields_and_counts_the_rest() -> None:
    changes = tuple(Change(place=f"lines[{number}].quantity", before="1", after="2") for number in range(30))
    fault = conflict(
        version=3, decision=Decision.CHANGED, changes=changes, delta=Decimal(-5), currency="EUR", sale="S17"
    )
    assert "(version 3)" in fault.text
    assert "sale S17" in fault.text
    assert "Amount to pay -5.00 EUR" in fault.text
    assert fault.text.endswith("lines[9].quantity: 1 → 2; and 20 more.")


def test_no_personal_word_stands_in_a_conflict() -> None:
    before, secret = an_order(), "Geheim"
    address = ADDRESS.model_copy(update={"street": secret, "first_name": secret})
    lines = (LINES[0].model_copy(update={"variant": secret}), LINES[1])
    customer = before.customer.model_copy(update={"email": f"{secret}@example.com", "name": secret})
    after = before.model_copy(
        update={"billing_address": address, "shipping_address": address, "customer": customer, "lines": lines,
                "comment": secret, "purchase_order_number": secret},
    )  # fmt: skip
    told = differences(before, after)
    fault = conflict(version=1, decision=Decision.CHANGED, changes=told, delta=Decimal(0), currency="EUR", sale="")
    assert secret not in fault.model_dump_json()
    assert "lines[LAMP].variant has changed" in fault.text
