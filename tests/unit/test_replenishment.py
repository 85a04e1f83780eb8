"""Demand forecast, reorder points drawn from history, and what is ordered: figures that can be checked by hand."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.stock_rules import Reordering, load
from tasks.replenishment.demand import METHODS, PLAIN, YARDSTICK, Demand, Floats, Integers, Pattern, patterns, rates
from tasks.replenishment.looking_back import OURS, REPEATED, TEXTBOOK, BackTest, back_test
from tasks.replenishment.reorder import (
    Forecast,
    Judged,
    Lot,
    Need,
    Standing,
    Supply,
    in_packs,
    need,
    still_out,
    still_stands,
    up_to,
)
from tasks.replenishment.resampling import between, needed
from tasks.replenishment.summary import ReplenishmentSummary, Waiting, page
from tests.demand_histories import history, poisson

TODAY = date(2026, 11, 22)
MORNING = datetime(2026, 11, 22, 6, tzinfo=UTC)


def days(number: int) -> Integers:
    return np.array([number])


def demand(*pieces: float) -> Demand:
    row: Floats = np.array([pieces], dtype=np.float64)
    return Demand(row, np.nan_to_num(row[0]))


def rate(of: Demand, method: str, horizon: int = 7) -> float:
    return float(rates(of, method, [of.days], np.full(of.articles, horizon))[0, 0])


@pytest.mark.parametrize("method", [name for name in METHODS if name != "year before"])
def test_of_demand_that_never_changes_every_method_forecasts_just_that(method: str) -> None:
    assert rate(demand(*[3.0] * 800), method) == pytest.approx(
        3.0 * (0.95 if method == "Syntetos-Boylan" else 1.0), rel=0.001
    )


def test_the_year_before_is_the_same_weekdays_52_weeks_ago_and_nothing_where_they_are_not_known() -> None:
    row = [float(day % 7) for day in range(400)]
    row[400 - 364 : 400 - 364 + 3] = [10.0, 20.0, 30.0]
    assert rate(demand(*row), "year before", horizon=3) == 20.0
    row[400 - 363] = np.nan
    assert np.isnan(rate(demand(*row), "year before", horizon=3))
    assert np.isnan(rate(demand(*[1.0] * 300), "year before"))


def test_crostons_method_takes_sizes_by_the_days_between_them_and_the_correction_lowers_it() -> None:
    rare = demand(*([0.0] * 9 + [5.0]) * 60)
    assert rate(rare, "Croston") == pytest.approx(0.5)
    assert rate(rare, "Syntetos-Boylan") == pytest.approx(0.475)


def test_where_demand_dies_out_croston_goes_on_as_ever_and_teunter_syntetos_babai_fades() -> None:
    dying = demand(*([0.0] * 4 + [5.0]) * 60, *[0.0] * 120)
    assert rate(dying, "Croston") == pytest.approx(1.0)
    assert rate(dying, "Teunter-Syntetos-Babai") < 0.1


def test_days_on_which_nothing_could_be_sold_are_not_taken_for_days_on_which_nobody_wanted_it() -> None:
    half_sold_out = demand(*[2.0] * 100, *[np.nan] * 100)
    for method in (YARDSTICK, PLAIN, "smoothing, slow", "smoothing, fast", "Croston", "Teunter-Syntetos-Babai"):
        found = rate(half_sold_out, method)
        assert np.isnan(found) if method == YARDSTICK else found == pytest.approx(2.0), method
    assert rate(demand(*[2.0] * 100, *[0.0] * 100), PLAIN) == 1.0


def test_a_forecast_looks_at_nothing_that_came_after_its_day() -> None:
    """Whatever comes later, what was forecast before stays the same."""
    early = np.random.default_rng(3).poisson(1.5, size=(5, 700)).astype(float)
    late = early.copy()
    late[:, 600:] = 99.0
    horizons = np.full(5, 14)
    for method in METHODS:
        first, second = (rates(Demand(pieces, pieces.sum(axis=0)), method, [600], horizons) for pieces in (early, late))
        np.testing.assert_array_equal(first, second, err_msg=method)


@pytest.mark.parametrize(
    ("row", "pattern"),
    [
        ([2.0] * 400, Pattern.SMOOTH),
        ([0.0] * 400, Pattern.NONE),
        ([1.0] * 40, Pattern.NEW),
        (([1.0] + [0.0] * 20) * 19, Pattern.INTERMITTENT),
        (([1.0] + [0.0] * 20 + [1.0] + [0.0] * 20 + [30.0] + [0.0] * 20) * 6, Pattern.LUMPY),
        (([1.0] + [0.0] * 6 + [30.0] + [0.0] * 6) * 26, Pattern.ERRATIC),
    ],
)
def test_the_pattern_of_demand_is_told_by_how_often_and_how_evenly_it_comes(row: list[float], pattern: Pattern) -> None:
    assert patterns(demand(*row), len(row)) == [pattern]


def test_the_reorder_point_of_poisson_demand_is_that_of_the_books() -> None:
    past = poisson(2.0, 3650).pieces[0]
    exact = NormalDist(2.0 * 10, (2.0 * 10) ** 0.5).inv_cdf(0.95)
    assert abs(needed(past, rate=float(past.mean()), horizon=10, level=0.95, seed=1) - exact) <= 1.5


def test_rare_heaps_are_prepared_for_as_heaps_where_the_normal_curve_would_say_less() -> None:
    past = np.array(([0.0] * 59 + [30.0]) * 12)
    point = needed(past, rate=0.5, horizon=7, level=0.95, seed=1)
    textbook = 3.5 + NormalDist().inv_cdf(0.95) * float(past.std()) * 7**0.5
    assert point == 30 > textbook
    assert needed(past, rate=0.5, horizon=7, level=0.85, seed=1) == 0, "in 6 of 7 such weeks nothing is wanted"


def test_where_twice_as_much_is_expected_sizes_stay_and_orders_come_twice_as_often() -> None:
    past = np.array(([0.0] * 6 + [4.0]) * 50)
    usual = float(past.mean())
    assert needed(past, rate=usual, horizon=7, level=0.999, seed=1) == 4
    assert needed(past, rate=usual * 2, horizon=7, level=0.999, seed=1) == 8
    assert needed(past, rate=0.0, horizon=7, level=0.95, seed=1) == 0


@settings(deadline=None, max_examples=40)
@given(
    past=st.lists(st.integers(0, 20), min_size=1, max_size=60),
    horizon=st.integers(0, 30),
    factor=st.floats(0, 5),
    level=st.floats(0.5, 0.999),
)
def test_whatever_the_past_was_the_point_is_reached_by_no_more_than_the_days_could_bring(
    past: list[int], horizon: int, factor: float, level: float
) -> None:
    pieces = np.array(past, dtype=float)
    rate_now = float(pieces.mean()) * factor
    point = needed(pieces, rate=rate_now, horizon=horizon, level=level, seed=5, draws=50)
    assert 0 <= point <= max(past) * (horizon * factor + 1)
    low, high = between(pieces, rate=rate_now, horizon=horizon, level=level, seed=5)
    assert 0 <= low <= high


def test_between_the_stated_figures_lies_the_true_point_as_often_as_it_says() -> None:
    """Of 60 histories of 120 days with the same true demand, about 90 % state a range that holds the true point."""
    true = needed(poisson(0.8, 40_000).pieces[0], rate=0.8, horizon=14, level=0.95, seed=1)
    rows = poisson(0.8, 120, articles=60, seed=9).pieces
    ranges = [
        between(row, rate=float(row.mean()), horizon=14, level=0.95, seed=place) for place, row in enumerate(rows)
    ]
    assert sum(low <= true <= high for low, high in ranges) >= 60 * 0.8
    widths = [high - low for low, high in ranges]
    long_ago = poisson(0.8, 1200, articles=10, seed=9).pieces
    longer = [between(row, rate=float(row.mean()), horizon=14, level=0.95, seed=1) for row in long_ago]
    assert np.mean([high - low for low, high in longer]) < np.mean(widths), "more history, less doubt"


@pytest.fixture(scope="module")
def tried() -> BackTest:
    merchant = history(150, 730)
    return back_test(merchant, np.full(150, 15), np.full(150, 0.95))


def test_looked_back_the_chosen_methods_beat_the_naive_forecast_on_every_pattern(tried: BackTest) -> None:
    chosen = {score.pattern: score for score in tried.methods if score.chosen}
    assert set(chosen) >= {Pattern.SMOOTH, Pattern.INTERMITTENT, Pattern.LUMPY}
    assert all(score.error < 0.9 for score in chosen.values())
    assert {score.error for score in tried.methods if score.method == YARDSTICK} == {1.0}


def test_looked_back_the_drawn_points_keep_the_service_level_and_lose_less_than_the_yardsticks(
    tried: BackTest,
) -> None:
    points = {each.name: each for each in tried.points}
    assert points[OURS].covered >= 0.94
    assert points[REPEATED].covered < 0.8
    assert points[OURS].loss < min(points[TEXTBOOK].loss, points[REPEATED].loss)
    assert tried.windows == 1350, "nine looks that count, each at 150 articles"


def test_looked_back_a_day_is_judged_by_what_was_known_then() -> None:
    """With the future of the last window changed, what was forecast for it is the same."""
    calm = history(40, 600, seed=2)
    wild_pieces = calm.pieces.copy()
    wild_pieces[:, -15:] = 50.0
    wild = Demand(wild_pieces, wild_pieces.sum(axis=0))
    first, second = (back_test(each, np.full(40, 15), np.full(40, 0.9), draws=20) for each in (calm, wild))
    assert first.looks[-1].forecast == second.looks[-1].forecast
    assert first.looks[-1].came != second.looks[-1].came


def test_a_history_of_weeks_is_too_short_to_look_back_and_says_so() -> None:
    short = back_test(poisson(1.0, 40), days(8), np.array([0.95]))
    assert short.points == ()
    assert set(short.chosen.values()) == {PLAIN}
    summary = ReplenishmentSummary(articles=1, days=40, short=0)
    assert "too short to look back" in page(summary, short, [], Waiting([], [], {}))


TERMS = Reordering(lead_days=7, review_days=1, cover_days=10, service_level=0.95)


def expecting(point: int, rate_per_day: float = 1.0) -> Forecast:
    return Forecast(rate_per_day, PLAIN, "smooth", 365, point, point - 1, point + 2)


def needs(position: int, forecast: Forecast, terms: Reordering = TERMS) -> Need:
    return need(
        warehouse="EAST", sku="LAMP", today=TODAY, forecast=forecast, supply=Supply(Decimal(position)), terms=terms
    )


def test_below_the_reorder_point_so_much_is_bought_that_it_lasts_the_days_it_shall_cover() -> None:
    short = needs(11, expecting(12))
    assert (short.standing, short.quantity) == (Standing.SHORT, Decimal(11))
    assert up_to(expecting(12), TERMS) == 22
    assert needs(12, expecting(12)).standing is Standing.BETWEEN
    assert needs(17, expecting(12)).standing is Standing.ENOUGH
    assert short.needed_on == TODAY + timedelta(days=8), "what is there lasts for longer than goods need to come in"
    assert needs(3, expecting(12)).needed_on == TODAY + timedelta(days=3)
    assert needs(-2, expecting(12)).needed_on == TODAY


def test_what_is_phased_out_is_never_bought_and_what_nobody_wants_only_where_it_is_owed() -> None:
    assert needs(0, expecting(12), TERMS.model_copy(update={"never": True})).standing is Standing.ENOUGH
    nobody = Forecast(0.0, PLAIN, "none", 365, 0, 0, 0)
    assert needs(0, nobody).standing is Standing.ENOUGH
    owed = needs(-3, nobody)
    assert (owed.standing, owed.quantity) == (Standing.SHORT, Decimal(3))


@pytest.mark.parametrize(
    ("wanted", "pack", "minimum", "ordered"),
    [
        ("7", "1", "1", "7"),
        ("7", "6", "1", "12"),
        ("7", "6", "20", "24"),
        ("0.5", "1", "0", "1"),
        ("7", "2.5", "0", "7.5"),
    ],
)
def test_whole_packs_are_ordered_and_no_less_than_the_supplier_sells(
    wanted: str, pack: str, minimum: str, ordered: str
) -> None:
    terms = TERMS.model_copy(update={"pack": Decimal(pack), "minimum": Decimal(minimum)})
    assert in_packs(Decimal(wanted), terms) == Decimal(ordered)


def test_of_the_rules_the_most_particular_entry_counts() -> None:
    rules = load(
        "replenishment:\n"
        "  general: {supplier: HANSE, lead_days: 10, pack: 2}\n"
        "  suppliers: {HANSE: {minimum: 12}, ELBTAL: {lead_days: 3, minimum: 5}}\n"
        "  articles: {LAMP: {supplier: ELBTAL, pack: 6}, 'WEST:LAMP': {lead_days: 21}}\n"
    ).replenishment
    assert rules.of("BOOK", "EAST").model_dump(include={"supplier", "lead_days", "pack", "minimum"}) == {
        "supplier": "HANSE", "lead_days": 10, "pack": Decimal(2), "minimum": Decimal(12),
    }  # fmt: skip
    assert (rules.of("LAMP", "EAST").lead_days, rules.of("LAMP", "WEST").lead_days) == (3, 21)
    assert rules.of("LAMP", "WEST").pack == Decimal(6)


def test_a_proposal_stands_while_little_has_changed_and_makes_way_when_much_or_the_supplier_has() -> None:
    newer = needs(0, expecting(12))  # 22 pieces
    assert still_stands(Decimal(22), "", newer)
    assert still_stands(Decimal(17), "", newer)
    assert not still_stands(Decimal(16), "", newer)
    assert not still_stands(Decimal(22), "ELBTAL", newer)


def lot(ago: int, pieces: int) -> Lot:
    return Lot(MORNING - timedelta(days=ago), Decimal(pieces))


@pytest.mark.parametrize(
    ("ordered", "received", "out"),
    [
        ([lot(5, 10)], [], 10),
        ([lot(5, 10)], [lot(2, 4)], 6),
        ([lot(5, 10)], [lot(6, 4)], 10),
        ([lot(9, 10), lot(1, 10)], [lot(0, 10)], 10),
        ([lot(9, 10), lot(1, 10)], [lot(3, 50)], 10),
        ([lot(40, 10)], [], 0),
        ([lot(40, 10), lot(5, 3)], [lot(1, 12)], 1),
    ],
)
def test_receipts_fill_the_oldest_order_that_was_made_before_them(
    ordered: list[Lot], received: list[Lot], out: int
) -> None:
    assert still_out(ordered, received, since=MORNING - timedelta(days=21)) == out


def test_what_we_asked_for_and_what_the_erp_shows_of_it_count_once() -> None:
    assert Supply(Decimal(2), incoming=Decimal(10), asked=Decimal(10)).position == 12
    assert Supply(Decimal(2), asked=Decimal(10), later=Decimal(99)).position == 12


def test_the_figures_behind_a_proposal_are_kept_with_it() -> None:
    why = json.loads(needs(11, expecting(12)).why())
    assert (why["point"], why["low"], why["high"], why["position"], why["up_to"]) == (12, 11, 14, "11", 22)
    assert needs(1, expecting(12)).sentence() == (
        "1 piece of LAMP is there and on the way to EAST; 12 (between 11 and 14) would last 8 days in 95.0% of cases."
    )


def test_the_page_shows_what_the_past_would_have_said_and_keeps_what_came_from_outside_plain(tried: BackTest) -> None:
    named = need(
        warehouse="EAST", sku="[x](http://evil)|<b>", today=TODAY, forecast=expecting(12), supply=Supply(Decimal(1)),
        terms=TERMS,
    )  # fmt: skip
    row = {
        "id": 17, "sku": named.sku, "warehouse": "EAST", "quantity": named.quantity, "supplier": "", "why": named.why(),
        "needed_on": named.needed_on,
    }  # fmt: skip
    waiting = Waiting([row], [], {17: "http://form"})
    text = page(ReplenishmentSummary(150, 730, 1, proposed=1), tried, [Judged(named, frozenset(), (1.0, 2.0))], waiting)
    assert "[17](http://form)" in text
    assert "](http://evil)" not in text.replace("\\]\\(http", "").replace("\\]", "")
    assert text.count("data:image/svg+xml,") == 2
    assert "drawn from history" in text
    assert "%3Cb%3E" not in text, "what stands in a drawing is escaped there"
