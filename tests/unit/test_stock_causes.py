"""Each difference gets its cause from history, and a replay proves it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.documents.base import canonical_json
from tasks.inventory_reconciliation.causes import Cause, Explained, Gap, Told, explain
from tasks.inventory_reconciliation.replaying import (
    LEVEL,
    QUANTITY,
    VISIBILITY,
    Change,
    Holding,
    View,
    moved,
    replay,
    without,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ERP, TILL, SHOP = "tryton-erp/main", "pos-folder/branch", "smartstore-shop/berlin"


def change(number: int, delta: int, **fields: Any) -> Change:
    """Return the change of a number; the higher it is, the newer."""
    at = NOON - timedelta(days=10) + timedelta(hours=number)
    known: dict[str, Any] = {
        "ref": f"stock_event/{number}", "kind": "sale" if delta < 0 else "receipt", "source": TILL, "sku": "RING",
        "warehouse": "EAST", "delta": Decimal(delta), "quantity": Decimal(delta), "document": f"D{number}",
        "happened_at": at, "heard_at": at,
    }  # fmt: skip
    return Change(**{**known, **fields})


def level(expected: int, found: int, *newest_first: Change, **fields: Any) -> Gap:
    holdings = (Holding("RING", "EAST", Decimal(expected)),)
    known: dict[str, Any] = {
        "sku": "RING", "system": ERP, "view": View(LEVEL), "expected": str(expected), "found": str(found),
        "found_at": NOON, "warehouse": "EAST", "holdings": holdings, "changes": newest_first,
    }  # fmt: skip
    return Gap(**{**known, **fields})


def listed(expected: int, found: int, *newest_first: Change, **fields: Any) -> Gap:
    return replace(level(expected, found, *newest_first, system=SHOP, view=View(QUANTITY), warehouse=""), **fields)


def seen(expected: int, found: str, *newest_first: Change, **fields: Any) -> Gap:
    gap = listed(expected, 0, *newest_first, view=View(VISIBILITY))
    return replace(gap, expected="visible" if expected > 0 else "hidden", found=found, **fields)


def cause_of(gap: Gap) -> Cause:
    """Return the cause, after replaying its proof as it is written down."""
    explained = explain(gap)
    proof = json.loads(canonical_json(explained.proof))
    holds = replay(proof, expected=gap.expected, found=gap.found)
    assert holds is (explained.cause is not Cause.UNKNOWN), (explained, gap)
    return explained.cause


def test_an_event_the_system_never_heard_is_lost() -> None:
    assert cause_of(level(4, 5, change(3, -1), change(2, 3))) is Cause.LOST
    assert cause_of(level(4, 1, change(3, -1), change(2, 3))) is Cause.LOST, "also one that is not the newest"
    explained = explain(level(4, 1, change(3, -1), change(2, 3)))
    assert explained.proof["moves"] == [["stock_event/2", "RING", "EAST", "-3"]]


def test_a_system_that_stopped_listening_lost_all_events_since() -> None:
    gap = level(3, 10, change(4, -2), change(3, -4), change(2, -1), change(1, 50))
    assert cause_of(gap) is Cause.LOST
    assert [move[0] for move in explain(gap).proof["moves"]] == ["stock_event/4", "stock_event/3", "stock_event/2"]


def test_an_event_that_came_too_late_to_be_booked_is_a_late_one() -> None:
    late = change(3, 0, quantity=Decimal(6), ignored="a newer count was booked")
    assert cause_of(level(4, 10, late)) is Cause.LATE
    assert cause_of(level(4, 6, replace(late, kind="count"))) is Cause.MANUAL, "somebody counted, too late to be heard"


def test_what_happened_after_the_reading_explains_it_without_repair() -> None:
    gap = level(4, 5, change(3, -1, happened_at=NOON + timedelta(minutes=1)))
    assert (cause_of(gap), explain(gap).passing) == (Cause.LATE, True)


def test_an_erp_that_does_not_know_what_it_said_an_hour_ago_answers_stale_data() -> None:
    told = change(3, 20, source=ERP, heard_at=NOON - timedelta(minutes=30))
    assert (cause_of(level(24, 4, told)), explain(level(24, 4, told)).passing) == (Cause.LATE, True)
    old = replace(told, heard_at=NOON - timedelta(days=1))
    assert (cause_of(level(24, 4, old)), explain(level(24, 4, old)).passing) == (Cause.LOST, False)


def test_the_same_slip_under_two_ids_is_booked_twice_here() -> None:
    first = change(1, -1, document="B-17")
    again = change(2, -1, document="B-17")
    gap = level(3, 4, change(3, 5), again, first)
    assert cause_of(gap) is Cause.TWICE
    assert (explain(gap).proof["first"], explain(gap).proof["moves"][0][0]) == ("stock_event/1", "stock_event/2")


def test_a_system_that_took_a_sale_off_twice_booked_it_twice() -> None:
    assert cause_of(level(7, 5, change(3, -2), change(2, 9))) is Cause.TWICE
    told = Told(Decimal(7), visible=True, at=change(3, 0).heard_at)
    assert cause_of(listed(7, 5, change(3, -2), told=told)) is Cause.TWICE


def test_a_count_in_our_books_that_the_erp_lacks_was_made_by_hand() -> None:
    assert cause_of(level(8, 5, change(3, 3, kind="adjustment"))) is Cause.MANUAL


def test_packs_taken_for_pieces_are_a_unit_error() -> None:
    six = (Decimal(6),)
    assert cause_of(level(24, 4, factors=six)) is Cause.UNIT
    assert cause_of(level(4, 24, factors=six)) is Cause.UNIT
    assert cause_of(level(17, 7, change(2, 12), factors=six)) is Cause.UNIT, "a receipt of 12 booked as 2 there"
    assert cause_of(level(24, 4)) is Cause.UNKNOWN, "a ratio nobody named proves nothing"


def test_what_a_shop_confirmed_and_no_event_changed_was_changed_by_hand() -> None:
    told = Told(Decimal(5), visible=True, at=NOON - timedelta(days=1))
    assert cause_of(listed(5, 99, change(3, -1), told=told)) is Cause.MANUAL
    assert cause_of(seen(5, "hidden", change(3, -1), told=told)) is Cause.MANUAL


def test_what_a_shop_was_read_to_show_before_anything_was_told_counts_as_known() -> None:
    read = Told(Decimal(5), visible=True, at=NOON - timedelta(days=10, hours=-2))
    first = change(3, 5, kind="count", first=True)
    assert cause_of(listed(5, 0, first)) is Cause.LOST, "a shop that nobody read may never have heard of it"
    assert cause_of(listed(5, 0, first, read=read)) is Cause.MANUAL
    assert cause_of(seen(5, "hidden", first, read=read)) is Cause.MANUAL
    assert cause_of(listed(4, 5, change(4, -1), first, read=read)) is Cause.LOST


def test_what_was_hidden_already_when_the_shop_was_told_was_hidden_by_whom_history_says() -> None:
    """Being told of its quantity, the shop answers that the article is hidden: that is no word of ours."""
    read = Told(Decimal(5), visible=True, at=NOON - timedelta(days=9))
    told = Told(Decimal(5), visible=False, at=NOON - timedelta(days=1))
    assert cause_of(seen(5, "hidden", told=told)) is Cause.UNKNOWN
    assert cause_of(seen(5, "hidden", told=told, read=read)) is Cause.MANUAL
    came = change(230, 5)
    assert cause_of(seen(5, "hidden", came, told=told, read=read)) is Cause.LOST, "it sold out and came back since"
    assert cause_of(seen(5, "hidden", came, told=told, read=read, hidden_by="soms")) is Cause.LOST


def test_a_shop_that_never_showed_what_came_in_lost_the_receipt() -> None:
    gap = seen(5, "hidden", change(3, -1), change(2, 6), change(1, -4))
    assert cause_of(gap) is Cause.LOST
    assert [move[0] for move in explain(gap).proof["moves"]] == ["stock_event/3", "stock_event/2"]
    assert cause_of(seen(0, "visible", change(2, -1), change(1, -4))) is Cause.LOST
    assert cause_of(seen(5, "hidden")) is Cause.UNKNOWN
    assert explain(seen(5, "hidden", shop_rule="unpublish")).proof == {"shop_rule": "unpublish"}


def test_a_call_that_is_due_and_a_sale_just_made_need_no_second_correction() -> None:
    gap = listed(5, 6, change(2, -1), calls=(7,))
    assert (cause_of(gap), explain(gap).passing) == (Cause.LATE, True)
    gap = listed(5, 4, changed_at=NOON - timedelta(seconds=5))
    assert (cause_of(gap), explain(gap).passing) == (Cause.LATE, True)
    assert cause_of(listed(4, 5, changed_at=NOON - timedelta(seconds=5))) is Cause.UNKNOWN


def test_stock_that_moved_during_the_comparison_is_left_to_the_next_one() -> None:
    gap = replace(level(5, 4), holdings=(Holding("RING", "EAST", Decimal(4)),))
    assert (cause_of(gap), explain(gap).passing) == (Cause.LATE, True)


def test_a_bundle_is_rewound_through_its_parts() -> None:
    holdings = (
        Holding("RING", "EAST", Decimal(5), Decimal(1), Decimal(2)),
        Holding("BOX", "EAST", Decimal(9)),
        Holding("BOX", "WEST", Decimal(-3)),
    )
    gap = replace(listed(2, 0, change(2, 4)), sku="SET", holdings=holdings)
    assert cause_of(gap) is Cause.LOST


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    deltas=st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=12),
    start=st.integers(0, 50),
    missing=st.data(),
)
def test_whatever_a_system_misses_is_explained_and_the_proof_replays(
    deltas: list[int], start: int, missing: st.DataObject
) -> None:
    """Drop any event, or all after some moment, or book one twice: history explains it, and the proof holds."""
    history = tuple(change(number, delta) for number, delta in enumerate(deltas))[::-1]
    holdings = (Holding("RING", "EAST", Decimal(start + sum(deltas))),)
    place = missing.draw(st.integers(0, len(history) - 1))
    view = View(LEVEL)
    one, suffix = without(holdings, [history[place]]), without(holdings, history[: place + 1])
    twice = moved(holdings, [("RING", "EAST", history[place].delta)])
    for said in (one, suffix, twice):
        gap = replace(level(0, 0, *history), holdings=holdings, expected=view.of(holdings), found=view.of(said))
        if gap.expected != gap.found:
            assert cause_of(gap) in {Cause.LOST, Cause.TWICE}


def test_unknown_stays_unknown() -> None:
    assert explain(level(5, 99, change(1, -1))) == Explained(Cause.UNKNOWN, {"looked_at": 1})
