"""When a stock feed is due, and which of its intervals were missed. Pure: moments and intervals in, moments out.

Intervals are counted from the beginning of 1970, UTC: what divides a day begins at midnight, 60 minutes at each full
hour. A feed is missed when a whole interval, and its grace, went by after the moment it was due.
"""

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def due_at(now: datetime, every: timedelta) -> datetime:
    """Return the moment at which the interval that runs now began."""
    return BEGINNING + (now - BEGINNING) // every * every


def missed(since: datetime, now: datetime, every: timedelta, grace: timedelta = timedelta(0)) -> int:
    """Return how many moments after ``since`` went by with their whole interval and grace.

    Args:
        since: The moment that was last served, or the one from which the feed was wanted.
        now: The present.
        every: The feed's interval.
        grace: How late a delivery may be before it counts as missed.
    """
    over = due_at(now - grace, every) - every
    return max((over - due_at(since, every)) // every, 0)
