"""From histories to proposals: the back-test over a sample of articles, then all articles in pages of one size."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from blocks.database import stock_rules
from tasks.replenishment import history, records
from tasks.replenishment.demand import PLAIN, Pattern
from tasks.replenishment.history import Scope
from tasks.replenishment.looking_back import BackTest, back_test
from tasks.replenishment.needs import Outlook, judge
from tasks.replenishment.reorder import Judged, Standing, horizon

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.documents.stock_rules import StockRules

PAGE = 500
SAMPLE = 1000
MOST_SHOWN = 20


@dataclass(slots=True)
class Plan:
    """What a run found and booked; ``shown`` are the most urgent needs."""

    days: int
    articles: int = 0
    short: int = 0
    booked: records.Booked = field(default_factory=records.Booked)
    shown: list[Judged] = field(default_factory=list)


def look_back(database: "Database", scope: Scope) -> BackTest:
    """Try the methods on the past of a sample of articles, always the same ones as long as there are no others."""
    with database.connect() as connection:
        rules = stock_rules.in_force(connection)
        houses = scope.warehouses or rules.replenishment.warehouses
        articles = history.sample(connection, most=SAMPLE, warehouses=houses)
        outlook = _outlook(connection, scope, {}, rules)
        if not articles or not outlook.of.days:
            return BackTest(dict.fromkeys(Pattern, PLAIN))
        there = history.positions(connection, articles, rules)
        demand = history.demand(connection, articles, outlook.of, outlook.market, there)
    terms = [rules.replenishment.of(sku, warehouse) for warehouse, sku in articles]
    horizons = np.array([horizon(each) for each in terms], dtype=np.int64)
    return back_test(demand, horizons, np.array([each.service_level for each in terms]))


def plan(
    database: "Database",
    actor: "Actor",
    scope: Scope,
    chosen: Mapping[Pattern, str],
    *,
    log: Callable[[str], None],
    dry_run: bool = False,
) -> Plan:
    """Say of every article whether it is to be bought, and book it page by page; safe to begin again.

    Args:
        database: Where everything is.
        actor: Who acts.
        scope: What is looked at.
        chosen: The method for each pattern of demand.
        log: Told of progress.
        dry_run: Compute, and book nothing.
    """
    with database.connect() as connection:
        outlook = _outlook(connection, scope, chosen, stock_rules.in_force(connection))
    found = Plan(outlook.of.days)
    if not dry_run:
        with database.audited(actor) as (connection, trail):
            houses = outlook.rules.replenishment.warehouses
            found.booked += records.leave_other_warehouses(connection, trail, houses)
    for articles in _pages(database, scope, outlook.rules):
        with database.connect() as connection:
            judged = judge(connection, articles, outlook)
        if not dry_run:
            with database.audited(actor) as (connection, trail):
                days = outlook.rules.replenishment.ask_again_days
                found.booked += records.book(connection, trail, judged, ask_again_days=days)
        short = [each for each in judged if each.need.standing is Standing.SHORT]
        found.articles += len(articles)
        found.short += len(short)
        found.shown = sorted([*found.shown, *short], key=_urgency)[:MOST_SHOWN]
        log(f"{found.articles} articles looked at, {found.short} to be bought.")
    return found


def _outlook(connection: "Connection", scope: Scope, chosen: Mapping[Pattern, str], rules: "StockRules") -> Outlook:
    of = history.span(connection, zone=scope.zone, history_days=rules.replenishment.history_days)
    return Outlook(of, history.market(connection, of), chosen, rules)


def _pages(database: "Database", scope: Scope, rules: "StockRules") -> Iterator[list[history.Article]]:
    houses, after = scope.warehouses or rules.replenishment.warehouses, ("", "")
    while True:
        with database.connect() as connection:
            articles = history.page(connection, after=after, warehouses=houses, skus=scope.skus, limit=PAGE)
        if articles:
            yield articles
        if len(articles) < PAGE:
            return
        after = articles[-1]


def _urgency(judged: Judged) -> tuple[date, float]:
    return judged.need.needed_on, -judged.need.forecast.rate
