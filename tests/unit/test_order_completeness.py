"""When a certificate closes, what its equation says, and which numbers a source has left out."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.errors import WrongUse
from flows.order_completeness import CompletenessRequest
from tasks.order_completeness.reporting import page
from tasks.order_completeness.rules import (
    Books,
    Certificate,
    Claim,
    Counts,
    Reason,
    Window,
    as_text,
    certificate,
    day_window,
    gap_ranges,
    named,
    numbers_in,
    sorted_ids,
    yesterday,
)

WINDOW = Window(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
WHOLE = Counts(received=125, accepted=117, put_aside=2, rejected=1, duplicates=5)


def issued(claim: Claim, books: Books, fetched: tuple[str, ...] = (), *, fetching: bool = True) -> Certificate:
    return certificate("smartstore-shop/berlin", WINDOW, claim, books, fetched, fetching=fetching)


def test_a_window_in_which_everything_came_closes_with_its_equation() -> None:
    found = issued(Claim(count=120, listed=120), Books(WHOLE))
    assert (found.closes, found.alarming) == (True, False)
    assert "125 received = 117 accepted + 2 put aside + 1 rejected + 5 duplicates. Complete." in found.sentence()
    assert "# Completeness of smartstore-shop/berlin: complete" in page(found)


def test_what_was_missing_and_fetched_is_open_but_alarms_nobody() -> None:
    counts = Counts(received=120, accepted=119, unjudged=1)
    found = issued(Claim(count=120, listed=120, missing=("57",)), Books(counts), ("57",))
    assert (found.closes, found.alarming) == (False, False)
    assert "1 order was missing and fetched: 57." in found.sentence()
    assert "- 57 (fetched)" in page(found)
    assert "Heals by itself" in page(found)


@pytest.mark.parametrize(
    ("claim", "books", "says"),
    [
        (Claim(count=120, listed=120, missing=("57", "58")), Books(WHOLE), "could not all be fetched yet: 57, 58"),
        (Claim(count=121, listed=120), Books(WHOLE), "counts 121 and lists 120"),
        (Claim(count=120, listed=120), Books(Counts(received=3, accepted=2)), "3 received ≠ 2 accepted"),
        (Claim(count=120, listed=120), Books(WHOLE, without_order=("9",)), "1 record was accepted without an order"),
        (Claim(count=1, listed=1), Books(Counts(received=1, unjudged=1), stuck=1), "see whether order intake runs"),
    ],
)
def test_what_does_not_heal_by_itself_alarms_and_says_what_to_do(claim: Claim, books: Books, says: str) -> None:
    found = issued(claim, books)
    assert (found.closes, found.alarming) == (False, True)
    assert says in found.sentence()


def test_what_is_not_to_be_fetched_is_named_with_the_way_to_fetch_it() -> None:
    found = issued(Claim(count=1, listed=1, missing=("57",)), Books(Counts()), fetching=False)
    assert found.alarming
    assert "Fetch switched on" in found.sentence()


def test_orders_the_shop_has_deleted_and_numbers_it_left_out_are_worth_knowing_and_no_fault() -> None:
    claim = Claim(count=120, listed=120, gaps=("12", "17-19"), elsewhere=("18",))
    found = issued(claim, Books(WHOLE, surplus=("44",)))
    assert found.closes
    assert "the source lists no more, deleted there perhaps: 44" in page(found)
    assert "12, 17-19" in page(found)
    assert "another time: 18." in page(found)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-21", 24)])
def test_a_day_is_the_merchants_own_also_when_the_clocks_change(day: str, hours: int) -> None:
    window = day_window(date.fromisoformat(day), "Europe/Berlin")
    assert window.until - window.since == timedelta(hours=hours)
    assert window.since.astimezone(UTC).hour in (22, 23)


def test_yesterday_is_the_day_before_today_where_the_merchant_is() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert yesterday(late, "Europe/Berlin") == date(2026, 11, 20)
    assert yesterday(late, "America/New_York") == date(2026, 11, 19)


def test_what_was_before_soms_is_not_missing() -> None:
    begin = WINDOW.since + timedelta(hours=5)
    assert WINDOW.from_begin(begin) == Window(begin, WINDOW.until)
    assert WINDOW.from_begin(WINDOW.since - timedelta(days=9)) == WINDOW
    with pytest.raises(WrongUse, match="choose a later window"):
        WINDOW.from_begin(WINDOW.until)


@given(st.sets(st.integers(1, 60)), st.integers(1, 100))
def test_gaps_are_exactly_the_numbers_between_that_are_not_there(numbers: set[int], most: int) -> None:
    ranges = gap_ranges([*map(str, numbers), "x", "²"])
    absent = [str(each) for each in range(min(numbers, default=1), max(numbers, default=1)) if each not in numbers]
    assert numbers_in(ranges, 10_000) == absent
    assert numbers_in(ranges, most) == absent[:most]


def test_a_gap_of_a_billion_numbers_costs_nothing() -> None:
    ranges = gap_ranges(["1", "1000000000"])
    assert as_text(ranges) == ("2-999999999",)
    assert numbers_in(ranges, 3) == ["2", "3", "4"]


def test_ids_are_sorted_and_named_as_people_do() -> None:
    assert sorted_ids(["10", "9", "A1", "100"]) == ["9", "10", "100", "A1"]
    assert named([str(number) for number in range(30)]).endswith("18, 19 and 10 more")


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2026-11-20", "since": "2026-11-20T00:00:00Z"},
        {"until": "2026-11-20T00:00:00Z"},
        {"since": "2026-11-20T00:00:00Z", "until": "2026-11-19T00:00:00Z"},
        {"source": "tryton-erp/main"},
    ],
)
def test_a_window_that_cannot_be_is_refused_by_the_form(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"either|belongs|before|pattern"):
        CompletenessRequest.model_validate(wrong)


def test_a_certificate_can_be_printed_as_json_with_all_its_parts() -> None:
    found = issued(Claim(count=120, listed=120, missing=("57",)), Books(WHOLE), ("57",))
    told = json.loads(json.dumps(found, default=lambda value: getattr(value, "__dict__", str(value))))
    assert told["claim"]["missing"] == ["57"]
    assert told["books"]["counts"]["received"] == 125
    assert told["reasons"][0]["heals"] is True
    assert told["window"]["since"] == "2026-11-20 00:00:00+00:00"


def test_what_came_from_outside_becomes_no_markup_on_the_page() -> None:
    reason = Reason("The file 7 was not taken as it is: <img src=x> [here](http://x) `y` | z.")
    told = page(issued(Claim(count=1, open_items=(reason,)), Books(Counts(), without_order=("[a](b)",))))
    assert "<img" not in told.replace("\\<", "")
    assert "[here]" not in told.replace("\\[", "")
    assert "\\[a\\](b)" in told
