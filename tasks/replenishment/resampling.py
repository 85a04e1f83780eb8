"""How much may be needed until goods come in: the demand over that time drawn again and again from what happened. Pure.

A draw puts together whole weeks that were (a circular block bootstrap), so that weekdays and days that belong together
stay together, and no shape of a distribution is assumed: demand that comes rarely and in heaps is drawn so. Where the
forecast says that more or less is wanted than in the past, a draw takes more or fewer days: sizes stay what they were.
"""

import math

import numpy as np

from tasks.replenishment.demand import Floats, Integers

BLOCK = 7
DRAWS = 2000
HISTORIES, DRAWS_EACH = 60, 200
LONGEST = 20
"""A draw takes no more than so many times the days of the horizon, however fast demand has grown."""


def needed(past: Floats, *, rate: float, horizon: int, level: float, seed: int, draws: int = DRAWS) -> int:
    """Return the fewest pieces that suffice over the horizon in this share of all draws.

    Args:
        past: Pieces on each known day, the oldest first.
        rate: Pieces per day that are expected.
        horizon: Days that they must last.
        level: Share of draws in which they shall suffice, e.g. 0.95.
        seed: Equal seeds give equal figures: what has not changed shall not seem to.
        draws: How many.
    """
    days = _days(past, rate, horizon)
    if days == 0:
        return 0
    dice = np.random.default_rng(seed)
    starts = dice.integers(len(past), size=(draws, _blocks(days)))
    return _enough(_totals(_circle(past), starts, days, dice), level)


def between(past: Floats, *, rate: float, horizon: int, level: float, seed: int) -> tuple[int, int]:
    """Return between which figures ``needed`` lies with 90 % confidence.

    A history is a sample too: others that might as well have been are drawn from its weeks, and each says what would
    have been needed. That the forecast may miss what is to come is not in it: the back-test says how often it did.
    """
    days = _days(past, rate, horizon)
    if days == 0:
        return 0, 0
    dice = np.random.default_rng(seed + 1)
    circle, found = _circle(past), []
    for _ in range(HISTORIES):
        weeks = dice.integers(len(past), size=max(math.ceil(len(past) / BLOCK), 1))
        starts = weeks[dice.integers(len(weeks), size=(DRAWS_EACH, _blocks(days)))]
        found.append(_enough(_totals(circle, starts, days, dice), level))
    low, high = np.quantile(found, (0.05, 0.95), method="nearest")
    return int(low), int(high)


def _days(past: Floats, rate: float, horizon: int) -> float:
    """Return how many days of the past bring what the horizon is expected to."""
    usual = float(past.mean()) if len(past) else 0.0
    return min(horizon * rate / usual, float(horizon * LONGEST)) if usual > 0 and rate > 0 else 0.0


def _blocks(days: float) -> int:
    return int(days) // BLOCK + 1


def _circle(past: Floats) -> Floats:
    """Return the running total of the past, begun anew at its end: any day can begin a block."""
    ring = np.resize(past, len(past) + BLOCK)
    return np.concatenate(([0.0], np.cumsum(ring)))


def _totals(circle: Floats, starts: Integers, days: float, dice: np.random.Generator) -> Floats:
    """Return the pieces of each draw: whole blocks, and a last one of the days that are left.

    A part of a day is a whole one in so many of the draws.
    """
    rest = int(days) % BLOCK + (dice.random(len(starts)) < days % 1)
    whole = (circle[starts[:, :-1] + BLOCK] - circle[starts[:, :-1]]).sum(axis=1)
    last = starts[:, -1]
    return np.asarray(whole + circle[last + rest] - circle[last], dtype=np.float64)


def _enough(totals: Floats, level: float) -> int:
    return math.ceil(float(np.quantile(totals, level, method="higher")) - 1e-9)
