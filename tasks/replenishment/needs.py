"""What a page of articles needs: their histories, what is there and on its way, and the merchant's terms together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np

from tasks.replenishment import history
from tasks.replenishment.demand import METHODS, PLAIN, WEEK, Demand, Floats, Pattern, patterns, rates
from tasks.replenishment.history import Article, OnItsWay, Span
from tasks.replenishment.reorder import Forecast, Judged, Lot, Supply, horizon, need, still_out
from tasks.replenishment.resampling import between, needed

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.documents.stock_rules import Reordering, StockRules

LEAST_KNOWN = 14
"""Days of history below which nothing is said of demand: two weeks tell a weekday from a Sunday."""
LONGEST_LEAD = timedelta(days=1400)
"""Orders of ours that are older are not looked at: no rule can state so long a lead time."""
WEEKS_SHOWN = 52


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is the same for all articles of a run: the days looked at, the whole business on them, the methods."""

    of: Span
    market: Sequence[float]
    chosen: Mapping[Pattern, str]
    rules: "StockRules"


def judge(connection: "Connection", articles: Sequence[Article], outlook: Outlook) -> list[Judged]:
    """Return how each of these articles stands, by one picture of the database.

    Args:
        connection: At the beginning of a transaction.
        articles: A page of them, without repetition.
        outlook: What is the same for all.
    """
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    rules, of = outlook.rules.replenishment, outlook.of
    coming = history.on_its_way(connection, articles, since=_midnight(of) - LONGEST_LEAD)
    there = history.positions(connection, articles, outlook.rules)
    demand = history.demand(connection, articles, of, outlook.market, there)
    terms = [rules.of(sku, warehouse) for warehouse, sku in articles]
    expected = _expected(demand, np.array([horizon(each) for each in terms], dtype=np.int64), outlook.chosen)
    found = []
    for row, article in enumerate(articles):
        if article not in there:  # its stock row went away since the page was read
            continue
        way = coming.get(article, OnItsWay())
        supply = _supply(there[article].available, way, terms[row], of, overdue_days=rules.overdue_days)
        forecast = _forecast(demand.pieces[row], article, expected[row], terms[row], supply)
        warehouse, sku = article
        needed_now = need(
            warehouse=warehouse, sku=sku, today=of.today, forecast=forecast, supply=supply, terms=terms[row]
        )
        found.append(Judged(needed_now, way.counted, _by_week(demand.filled[row])))
    return found


def _expected(
    demand: Demand, horizons: "np.ndarray[tuple[int], np.dtype[np.int64]]", chosen: Mapping[Pattern, str]
) -> list[tuple[Pattern, str, float]]:
    """Return each article's pattern, the method that fits it, and its rate; the plain mean where that cannot say."""
    at = [demand.days]
    made = {method: rates(demand, method, at, horizons)[0] for method in {PLAIN, *chosen.values()} if method in METHODS}
    found = []
    for row, pattern in enumerate(patterns(demand, demand.days)):
        method = chosen.get(pattern, PLAIN)
        method = method if method in made and not np.isnan(made[method][row]) else PLAIN
        found.append((pattern, method, float(np.nan_to_num(made[method][row]))))
    return found


def _forecast(
    pieces: Floats, article: Article, expected: tuple[Pattern, str, float], terms: "Reordering", supply: Supply
) -> Forecast:
    """Return what is expected; between which figures the reorder point lies is drawn only where it decides."""
    pattern, method, rate = expected
    past = pieces[~np.isnan(pieces)]
    if len(past) < LEAST_KNOWN:
        return Forecast(0.0, method, pattern, len(past), 0, 0, 0)
    seed, days, level = crc32(":".join(article).encode()), horizon(terms), terms.service_level
    point = needed(past, rate=rate, horizon=days, level=level, seed=seed)
    low, high = point, point
    if supply.position < point:
        low, high = between(past, rate=rate, horizon=days, level=level, seed=seed)
    return Forecast(round(rate, 4), method, pattern, len(past), point, min(low, point), max(high, point))


def _supply(available: Decimal, way: OnItsWay, terms: "Reordering", of: Span, *, overdue_days: int) -> Supply:
    """Return what is there and on its way; goods count that are due before goods ordered now would come in."""
    last = of.today + timedelta(days=horizon(terms))
    since = _midnight(of) - timedelta(days=terms.lead_days + overdue_days)
    return Supply(
        available=available,
        incoming=sum((pieces for day, pieces in way.due if day is None or day <= last), Decimal(0)),
        later=sum((pieces for day, pieces in way.due if day is not None and day > last), Decimal(0)),
        asked=still_out([Lot(*lot) for lot in way.ordered], [Lot(*lot) for lot in way.received], since=since),
    )


def _midnight(of: Span) -> datetime:
    return datetime.combine(of.today, time(), ZoneInfo(of.zone)).astimezone(UTC)


def _by_week(pieces: Floats) -> tuple[float, ...]:
    """Return the pieces of each whole week up to yesterday, the oldest first."""
    weeks = min(len(pieces) // WEEK, WEEKS_SHOWN)
    return tuple(pieces[len(pieces) - weeks * WEEK :].reshape(weeks, WEEK).sum(axis=1).tolist())
