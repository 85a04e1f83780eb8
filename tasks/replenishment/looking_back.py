"""What forecasts and reorder points would have been worth in the past, against plain yardsticks. Pure.

Every figure is honest about time: on each day that is looked back to, only what was known by then is used, and the
method of that day is the one that had done best on the days before it. The days that only teach are not counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tasks.replenishment.demand import METHODS, PLAIN, SETTLED, YARDSTICK, Demand, Floats, Integers, Pattern
from tasks.replenishment.demand import patterns as patterns_at
from tasks.replenishment.demand import rates as rates_of
from tasks.replenishment.resampling import needed

LOOKS, APART, TEACHING = 12, 28, 3
"""How often is looked back, how many days apart, and how many of the first looks only teach."""
DRAWS = 400
LEAST_SCALE = 0.5
OURS, TEXTBOOK, REPEATED = "drawn from history", "textbook (normal)", "last window repeated"


@dataclass(frozen=True, slots=True)
class MethodScore:
    """How far a method missed on one pattern of demand; ``error`` is its squared error over the naive forecast's."""

    pattern: Pattern
    method: str
    error: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class PointScore:
    """What reorder points of one kind would have done.

    Attributes:
        name: How they are made.
        asked: Share of windows in which they were to suffice.
        covered: Share in which they did.
        pieces: Pieces per article and window they came to.
        loss: What too much and too little cost, weighed as the service level weighs them (pinball loss), per window.
    """

    name: str
    asked: float
    covered: float
    pieces: float
    loss: float


@dataclass(frozen=True, slots=True)
class Look:
    """One day looked back to: pieces of all windows from then on, as they came and as they were forecast."""

    days_ago: int
    came: float
    forecast: float
    naive: float


@dataclass(frozen=True, slots=True)
class BackTest:
    """All that was found out."""

    chosen: Mapping[Pattern, str]
    methods: tuple[MethodScore, ...] = ()
    points: tuple[PointScore, ...] = ()
    looks: tuple[Look, ...] = ()
    articles: int = 0
    windows: int = 0


def back_test(demand: Demand, horizons: Integers, levels: Floats, *, draws: int = DRAWS) -> BackTest:
    """Try all methods on the past, choose one for each pattern of demand, and say what its reorder points had done.

    Args:
        demand: What was demanded; articles without any demand may be among them.
        horizons: Days that each article's stock must last until goods come in.
        levels: Each article's service level.
        draws: How often a window is drawn for one reorder point.
    """
    at = _looks(demand.days, horizons)
    if not at:
        return BackTest(dict.fromkeys(Pattern, PLAIN))
    forecasts = {method: rates_of(demand, method, at, horizons) for method in METHODS}
    plain = np.nan_to_num(forecasts[PLAIN])
    forecasts = {method: np.where(np.isnan(found), plain, found) for method, found in forecasts.items()}
    found = _Past(demand, horizons, at, [patterns_at(demand, day) for day in at], forecasts)
    losses = np.array([found.losses(look) for look in range(len(at))])
    counted = range(min(TEACHING, len(at) - 1), len(at))
    chosen_then = [_choose(losses[:look].sum(axis=0)) for look in range(len(at))]
    chosen = _choose(losses.sum(axis=0))
    points, windows = _points(found, chosen_then, counted, levels, draws)
    return BackTest(
        chosen=chosen,
        methods=_scores(losses[counted.start :].sum(axis=0), chosen),
        points=points,
        looks=tuple(found.look(place, chosen_then[place]) for place in counted),
        articles=demand.articles,
        windows=windows,
    )


def _looks(days: int, horizons: Integers) -> list[int]:
    """Return the days looked back to, the oldest first."""
    newest = days - int(np.median(horizons)) if len(horizons) else 0
    back = (newest - look * APART for look in range(LOOKS))
    return sorted(day for day in back if day >= SETTLED)


@dataclass(frozen=True)
class _Past:
    """What was forecast and what came, at each look; only windows whose every day is known are counted."""

    demand: Demand
    horizons: Integers
    at: Sequence[int]
    patterns: Sequence[Sequence[Pattern]]
    forecasts: Mapping[str, Floats]

    def came(self, look: int) -> tuple[Floats, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
        """Return the pieces that came, and which articles' windows count."""
        pieces, days = self.demand.window(self.at[look], self.at[look] + self.horizons)
        any_before = np.array([pattern is not Pattern.NONE for pattern in self.patterns[look]])
        return pieces, (days == self.horizons) & any_before & (self.horizons > 0)

    def losses(self, look: int) -> Floats:
        """Return each method's loss on each pattern: squares over the usual demand, as for counts (patterns, methods).

        A square counts the less the more is usually wanted, so that no single bestseller chooses for all.
        """
        came, counts = self.came(look)
        usual = np.maximum(self.forecasts[PLAIN][look] * self.horizons, LEAST_SCALE)
        table = np.zeros((len(Pattern), len(METHODS)))
        for column, method in enumerate(METHODS):
            missed = (self.forecasts[method][look] * self.horizons - came) ** 2 / usual
            for row, pattern in enumerate(Pattern):
                fits = counts & np.array([found is pattern for found in self.patterns[look]])
                table[row, column] = missed[fits].sum()
        return table

    def rates(self, look: int, chosen: Mapping[Pattern, str]) -> Floats:
        """Return the rates that would have been forecast with these methods."""
        rows = enumerate(self.patterns[look])
        return np.array([self.forecasts[chosen[pattern]][look][row] for row, pattern in rows])

    def look(self, look: int, chosen: Mapping[Pattern, str]) -> Look:
        """Return the sums over all articles."""
        came, counts = self.came(look)
        ours, naive = (
            float((rate * self.horizons)[counts].sum())
            for rate in (self.rates(look, chosen), self.forecasts[YARDSTICK][look])
        )
        return Look(self.demand.days - self.at[look], float(came[counts].sum()), ours, naive)


def _choose(losses: Floats) -> dict[Pattern, str]:
    """Return for each pattern the method with the least loss; the plain mean where nothing speaks for another."""
    names = list(METHODS)
    best = {pattern: names[int(losses[row].argmin())] for row, pattern in enumerate(Pattern) if losses[row].any()}
    return dict.fromkeys(Pattern, PLAIN) | best


def _scores(losses: Floats, chosen: Mapping[Pattern, str]) -> tuple[MethodScore, ...]:
    yardstick = list(METHODS).index(YARDSTICK)
    return tuple(
        MethodScore(pattern, method, float(losses[row, column] / losses[row, yardstick]), chosen[pattern] == method)
        for row, pattern in enumerate(Pattern)
        if losses[row, yardstick] > 0
        for column, method in enumerate(METHODS)
    )


def _points(
    past: _Past, chosen: Sequence[Mapping[Pattern, str]], counted: range, levels: Floats, draws: int
) -> tuple[tuple[PointScore, ...], int]:
    """Return what reorder points would have done at the looks that count, and in how many windows."""
    rows: list[tuple[float, float, float, float, float]] = []
    for look in counted:
        came, counts = past.came(look)
        rates, day = past.rates(look, chosen[look]), past.at[look]
        for article in np.flatnonzero(counts):
            known = past.demand.pieces[article, :day]
            known, horizon, level = known[~np.isnan(known)], int(past.horizons[article]), float(levels[article])
            ours = needed(
                known, rate=float(rates[article]), horizon=horizon, level=level, seed=int(article), draws=draws
            )
            spread = NormalDist().inv_cdf(level) * float(known.std()) * horizon**0.5
            textbook = np.ceil(float(known.mean()) * horizon + spread)
            repeated = past.forecasts[YARDSTICK][look][article] * horizon
            rows.append((level, float(came[article]), float(ours), float(textbook), float(repeated)))
    if not rows:
        return (), 0
    level_column, came_column, *kinds = (np.array(column) for column in zip(*rows, strict=True))
    names = (OURS, TEXTBOOK, REPEATED)
    return tuple(
        _point_score(name, kind, came_column, level_column) for name, kind in zip(names, kinds, strict=True)
    ), len(rows)


def _point_score(name: str, points: Floats, came: Floats, levels: Floats) -> PointScore:
    short = np.maximum(came - points, 0.0)
    over = np.maximum(points - came, 0.0)
    loss = float((levels * short + (1 - levels) * over).mean())
    covered = float((came <= points + 1e-9).mean())
    return PointScore(name, float(levels.mean()), covered, float(points.mean()), loss)
