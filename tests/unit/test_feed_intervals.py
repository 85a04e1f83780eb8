"""A feed's intervals: when one begins, and how many went by without a delivery."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tasks.stock_feed.intervals import due_at, missed

HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 1, 10, hour, minute, tzinfo=UTC)


def test_an_hourly_feed_is_due_at_each_full_hour() -> None:
    assert due_at(at(14, 59), HOUR) == at(14)
    assert due_at(at(15), HOUR) == at(15)
    assert due_at(at(14, 59), timedelta(days=1)) == at(0)


def test_t_inv_11_an_interval_is_missed_when_all_of_it_went_by() -> None:
    assert missed(at(14), at(15, 59), HOUR) == 0, "the one that runs may still be served"
    assert missed(at(14), at(16), HOUR) == 1
    assert missed(at(14), at(18, 30), HOUR) == 3
    assert missed(at(14, 20), at(16), HOUR) == 1, "a delivery between two intervals serves the one that ran"


def test_grace_puts_the_alarm_off() -> None:
    assert missed(at(14), at(16, 9), HOUR, timedelta(minutes=10)) == 0
    assert missed(at(14), at(16, 10), HOUR, timedelta(minutes=10)) == 1


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    st.integers(0, 10**6),
    st.integers(5, 10080),
    st.integers(0, 1440),
)
def test_moments_that_went_by_are_those_counted_one_by_one(since: datetime, later: int, every: int, grace: int) -> None:
    now, step, late = since + timedelta(seconds=later), timedelta(minutes=every), timedelta(minutes=grace)
    moment, count = due_at(since, step) + step, 0
    while moment + step + late <= now:
        moment, count = moment + step, count + 1
    assert missed(since, now, step, late) == count
