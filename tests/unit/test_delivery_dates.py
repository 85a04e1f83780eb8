"""Working days and delivery dates: weekends, holidays, cut-offs, promises."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.working_days import easter, holidays, is_working_day, working_days_after
from tasks.order_intake.delivery_dates import DeliveryTimes, delivery_date

WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def on(moment: datetime = WEDNESDAY, times: DeliveryTimes | None = None, **changes: Any) -> date | None:
    fields: dict[str, Any] = {"zone": "Europe/Berlin", "warehouses": ["EAST"], "country": "DE", "method": "parcel"}
    return delivery_date(times or DeliveryTimes(), moment, **{**fields, **changes})


@pytest.mark.parametrize(
    ("year", "day"),
    [(1818, date(1818, 3, 22)), (1943, date(1943, 4, 25)), (2024, date(2024, 3, 31)), (2026, date(2026, 4, 5))],
)
def test_easter_falls_on_the_known_sundays(year: int, day: date) -> None:
    assert easter(year) == day


def test_the_holidays_of_germany_are_nine() -> None:
    assert len(holidays("DE", 2026)) == 9
    assert {date(2026, 4, 3), date(2026, 5, 14), date(2026, 10, 3)} <= holidays("DE", 2026)
    assert holidays("FR", 2026) == frozenset()


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 30), st.sampled_from(["DE", "AT", "CH", "FR"]))
def test_so_many_working_days_lie_between(day: date, count: int, country: str) -> None:
    end = working_days_after(day, count, country)
    between = [date.fromordinal(number) for number in range(day.toordinal(), end.toordinal())]
    assert is_working_day(end, country)
    assert sum(is_working_day(each, country) for each in between) == count


def test_an_order_of_a_morning_leaves_the_next_day_and_is_there_three_days_later() -> None:
    assert on() == date(2026, 11, 24)


def test_the_cut_off_is_by_the_merchants_clock() -> None:
    before, after = datetime(2026, 11, 18, 10, 59, tzinfo=UTC), datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
    assert on(before) == date(2026, 11, 24)
    assert on(after) == date(2026, 11, 25)
    assert on(after, zone="Europe/London") == date(2026, 11, 24)


def test_weekends_and_holidays_do_not_count() -> None:
    christmas_eve = datetime(2026, 12, 24, 9, tzinfo=UTC)
    assert on(christmas_eve) == date(2026, 12, 31)
    assert on(datetime(2026, 11, 21, 20, tzinfo=UTC)) == date(2026, 11, 27)  # Saturday: begins on Monday


def test_the_slowest_warehouse_the_country_and_the_method_count() -> None:
    times = DeliveryTimes(
        handling_by_warehouse={"WEST": 3}, transit_by_country={"AT": 5}, transit_by_method={"express": 1, "pickup": 0}
    )
    assert on(times=times, warehouses=["EAST", "WEST"]) == date(2026, 11, 26)
    assert on(times=times, country="AT") == date(2026, 11, 26)
    assert on(times=times, country="AT", method="express") == date(2026, 11, 20)
    assert on(times=times, method="pickup") == date(2026, 11, 19)


def test_what_is_missing_leaves_after_the_day_it_was_promised_for_or_has_no_date() -> None:
    assert on(promised=[date(2026, 12, 1), date(2026, 11, 20)]) == date(2026, 12, 7)
    assert on(promised=[date(2026, 12, 1), None]) is None


def test_a_merchant_who_is_always_closed_is_told_so() -> None:
    times = DeliveryTimes(closed=tuple(date.fromordinal(date(2026, 11, 1).toordinal() + day) for day in range(500)))
    with pytest.raises(ValueError, match="no working day"):
        on(times=times)
