"""Demand per day: what is known of it, of what pattern it is, and how it can be forecast. Pure.

A forecast is a rate in pieces per day, made from what was known before a day. Days on which nothing could be sold say
nothing of demand: they are unknown (nan), not zero, or an article that was sold out would seem to be wanted by nobody.

Methods: simple exponential smoothing; Croston's method (1972) and Syntetos and Boylan's correction of its bias (2005)
and Teunter, Syntetos and Babai's (2011) for intermittent demand; the year before as it was; and smoothing that moves
with the season of the whole business. The yardstick is the naive forecast: the time to come is like the time just past.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

YEAR = 364
"""Days back to the same season: 52 whole weeks, so that weekdays meet weekdays."""
WEEK = 7
SETTLED = 56
"""Days after which a history says enough to be told apart by its pattern."""
SLOW, FAST = 0.02, 0.1
SEASON_LIMITS = 0.3, 3.0
INTERVAL_LIMIT, SPREAD_LIMIT = 1.32, 0.49
"""Weeks between weeks with demand, and squared variation of their sizes (Syntetos, Boylan and Croston 2005)."""


class Pattern(StrEnum):
    """What demand looks like."""

    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"
    NEW = "new"
    NONE = "none"


@dataclass(frozen=True)
class Demand:
    """What was demanded of some articles.

    Attributes:
        pieces: A row per article, a column per day, the oldest first; nan where nothing is known.
        market: Pieces of the whole business on these days; the season is read from it.
    """

    pieces: Floats
    market: Floats

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Return where something is known."""
        return ~np.isnan(self.pieces)

    @cached_property
    def filled(self) -> Floats:
        """Return the pieces with zeros where nothing is known."""
        return np.where(self.known, self.pieces, 0.0)

    @cached_property
    def _sums(self) -> Floats:
        return np.pad(np.cumsum(self.filled, axis=1), ((0, 0), (1, 0)))

    @cached_property
    def _counts(self) -> Integers:
        return np.pad(np.cumsum(self.known, axis=1, dtype=np.int64), ((0, 0), (1, 0)))

    @property
    def articles(self) -> int:
        """Return how many there are."""
        return int(self.pieces.shape[0])

    @property
    def days(self) -> int:
        """Return how many days there are."""
        return int(self.pieces.shape[1])

    def window(self, start: "Integers | int", stop: "Integers | int") -> tuple[Floats, Integers]:
        """Return pieces and known days of each article from one day to before another, for days that there are."""
        rows = np.arange(self.articles)
        first, last = (np.clip(np.broadcast_to(day, rows.shape), 0, self.days) for day in (start, stop))
        return self._sums[rows, last] - self._sums[rows, first], self._counts[rows, last] - self._counts[rows, first]


Method = Callable[[Demand, Sequence[int], Integers], Floats]
"""Rates made before each of some days, (days, articles), for as many days as each article's horizon has."""


def _per_day(window: tuple[Floats, Integers]) -> Floats:
    pieces, days = window
    found: Floats = np.divide(pieces, days, out=np.full(pieces.shape, np.nan), where=days > 0)
    return found


def _naive(demand: Demand, at: Sequence[int], horizons: Integers) -> Floats:
    return np.array([_per_day(demand.window(day - horizons, day)) for day in at])


def _mean(demand: Demand, at: Sequence[int], _horizons: Integers) -> Floats:
    return np.array([_per_day(demand.window(0, day)) for day in at])


def _year_before(demand: Demand, at: Sequence[int], horizons: Integers) -> Floats:
    rates = []
    for day in at:
        pieces, days = demand.window(day - YEAR, day - YEAR + horizons)
        whole = (days == horizons) & (day >= YEAR) & (horizons <= YEAR)
        rates.append(np.where(whole, pieces / np.maximum(horizons, 1), np.nan))
    return np.array(rates)


def _smoothing(weight: float) -> Method:
    def smoothed(demand: Demand, at: Sequence[int], _horizons: Integers) -> Floats:
        return _levels(demand.filled, demand.known, at, weight)

    return smoothed


def _levels(values: Floats, counts: NDArray[np.bool_], at: Sequence[int], weight: float) -> Floats:
    """Return the exponentially weighted mean of the values that count, as it stood before each of some days.

    The weights are made to sum to one, so that the first values do not outweigh the rest for months.
    """
    sums, weights = np.zeros(len(values)), np.zeros(len(values))
    found: dict[int, Floats] = {}
    wanted = set(at)
    for day in range(values.shape[1] + 1):
        if day in wanted:
            found[day] = np.divide(sums, weights, out=np.full(len(values), np.nan), where=weights > 0)
        if day < values.shape[1]:
            step = weight * counts[:, day]
            sums += step * (values[:, day] - sums)
            weights += step * (1.0 - weights)
    return np.array([found[day] for day in at])


def _croston(correction: float) -> Method:
    def smoothed(demand: Demand, at: Sequence[int], _horizons: Integers) -> Floats:
        """Forecast sizes and the days between them apart; where nothing was ever demanded the rate is zero."""
        wanted_at = demand.known & (demand.filled > 0)
        sizes = _levels(demand.filled, wanted_at, at, FAST)
        between = _levels(_days_since_last(demand, wanted_at), wanted_at, at, FAST)
        rates = np.divide(sizes, between, out=np.zeros_like(sizes), where=between > 0)
        return np.where(_anything_known(demand, at), rates * correction, np.nan)

    return smoothed


def _days_since_last(demand: Demand, wanted_at: NDArray[np.bool_]) -> Floats:
    """Return for each day the known days since the demand before it, the day itself counted."""
    counted = np.cumsum(demand.known, axis=1).astype(float)
    marks = np.where(wanted_at, counted, 0.0)
    before = np.pad(np.maximum.accumulate(marks, axis=1)[:, :-1], ((0, 0), (1, 0)))
    return np.asarray(counted - before, dtype=np.float64)


def _fading(demand: Demand, at: Sequence[int], _horizons: Integers) -> Floats:
    """Forecast sizes, and the chance of any demand with each day: it fades where demand dies out."""
    wanted_at = demand.known & (demand.filled > 0)
    sizes = np.nan_to_num(_levels(demand.filled, wanted_at, at, FAST))
    chances = _levels(wanted_at.astype(float), demand.known, at, SLOW)
    return np.asarray(sizes * chances, dtype=np.float64)


def _with_season(demand: Demand, at: Sequence[int], horizons: Integers) -> Floats:
    """Move the smoothed rate as the whole business moved from this day on a year before; nan without such a year."""
    rates = _levels(demand.filled, demand.known, at, SLOW)
    back = [max(day - YEAR, 0) for day in at]
    market = demand.market[np.newaxis, :]
    usual = _levels(market, np.ones_like(market, dtype=bool), back, SLOW)[:, 0]
    sums = np.pad(np.cumsum(demand.market), (1, 0))
    factors = np.full(rates.shape, np.nan)
    for place, day in enumerate(at):
        start = day - YEAR
        if start >= SETTLED and usual[place] > 0:
            then = (sums[np.minimum(start + horizons, demand.days)] - sums[start]) / np.maximum(horizons, 1)
            factors[place] = np.clip(then / usual[place], *SEASON_LIMITS)
    return np.where(horizons <= YEAR, rates * factors, np.nan)


def _anything_known(demand: Demand, at: Sequence[int]) -> NDArray[np.bool_]:
    return np.array([demand.window(0, day)[1] > 0 for day in at])


YARDSTICK, PLAIN = "naive", "mean"
METHODS: Mapping[str, Method] = {
    YARDSTICK: _naive,
    PLAIN: _mean,
    "smoothing, slow": _smoothing(SLOW),
    "smoothing, fast": _smoothing(FAST),
    "Croston": _croston(1.0),
    "Syntetos-Boylan": _croston(1.0 - FAST / 2),
    "Teunter-Syntetos-Babai": _fading,
    "year before": _year_before,
    "smoothing with season": _with_season,
}


def rates(demand: Demand, method: str, at: Sequence[int], horizons: Integers) -> Floats:
    """Return a method's rates before each of some days, (days, articles); nan where it cannot say."""
    return METHODS[method](demand, at, horizons)


def patterns(demand: Demand, at: int) -> list[Pattern]:
    """Return of what pattern each article's demand was in the year before a day, looked at by weeks."""
    weeks = min(at, YEAR) // WEEK
    totals, known = np.zeros((demand.articles, weeks)), np.zeros((demand.articles, weeks), dtype=bool)
    for week in range(weeks):
        pieces, days = demand.window(at - (week + 1) * WEEK, at - week * WEEK)
        totals[:, week], known[:, week] = pieces, days > 0
    some = totals > 0
    with_demand = np.maximum(some.sum(axis=1), 1)
    between = known.sum(axis=1) / with_demand
    mean = totals.sum(axis=1) / with_demand
    squares = np.where(some, (totals - mean[:, np.newaxis]) ** 2, 0.0).sum(axis=1) / with_demand
    spread = np.divide(squares, mean**2, out=np.zeros_like(mean), where=mean > 0)
    seen, days_known = demand.window(0, at)
    rows = zip(seen > 0, days_known >= SETTLED, between > INTERVAL_LIMIT, spread > SPREAD_LIMIT, strict=True)
    return [_pattern(*map(bool, row)) for row in rows]


def _pattern(any_demand: bool, settled: bool, rare: bool, uneven: bool) -> Pattern:
    if not any_demand:
        return Pattern.NONE
    if not settled:
        return Pattern.NEW
    if rare:
        return Pattern.LUMPY if uneven else Pattern.INTERMITTENT
    return Pattern.ERRATIC if uneven else Pattern.SMOOTH
