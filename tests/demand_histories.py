"""Histories of demand as merchants have them, by seeded dice: even, rare, in heaps, with season, dying out."""

import numpy as np

from tasks.replenishment.demand import Demand

WEEKDAYS = np.array([1.0, 0.8, 0.9, 1.0, 1.3, 1.6, 0.4])
CHRISTMAS = 342
"""Days into a year of 364 days at which demand is highest."""


def history(articles: int, days: int, *, seed: int = 7) -> Demand:
    """Return a merchant's articles: a fifth each even, rare, in heaps, seasonal, and changing for good half-way."""
    dice = np.random.default_rng(seed)
    day = np.arange(days)
    week = np.resize(WEEKDAYS, days)
    season = 1 + 2.0 * np.exp(-(((day % 364) - CHRISTMAS) ** 2) / (2 * 14.0**2))
    pieces = np.zeros((articles, days))
    for row in range(articles):
        kind = row % 5
        rate = dice.gamma(2.0, 1.0 if kind in (0, 3) else 0.06)
        level = rate * week * (season if kind in (0, 1, 3) else 1.0)
        if kind == 4:
            turn = days // 2 + int(dice.integers(days // 4))
            level = level * np.where(day < turn, 1.0, dice.choice([0.1, 3.0]))
        orders = dice.poisson(level)
        if kind == 2:
            orders = orders * dice.geometric(0.25, size=days)
        pieces[row] = orders
    return Demand(pieces, pieces.sum(axis=0))


def poisson(rate: float, days: int, *, articles: int = 1, seed: int = 1) -> Demand:
    """Return articles whose demand is Poisson at one rate per day."""
    pieces = np.random.default_rng(seed).poisson(rate, size=(articles, days)).astype(float)
    return Demand(pieces, pieces.sum(axis=0))
