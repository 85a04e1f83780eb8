"""The Prefect tasks of the stock feeds."""

from collections.abc import Sequence
from datetime import UTC, datetime

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.database import stock_alerts, stock_rules
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.errors import WrongUse
from tasks.retrying import RETRYING
from tasks.stock_feed import records
from tasks.stock_feed.delivering import DELIVERY
from tasks.stock_feed.records import ALERT, PROCESS, Planned, Release
from tasks.stock_feed.reporting import FeedSummary, page, standing

LEASE = 120.0


def actor() -> Actor:
    """Return this run as the one who acts."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


@task(name="see what is due", task_run_name="see what is due", **RETRYING)
def plan(names: Sequence[str], *, at_once: bool, release: Release | None) -> list[Planned]:
    """Open alarms for missed intervals and make due what is to be delivered now, feed by feed."""
    database, now = Database.current(), datetime.now(UTC)
    with database.audited(actor()) as (connection, trail):
        rules = stock_rules.in_force(connection)
        records.close_undeclared(connection, trail, rules)
    unknown = sorted(set(names) - rules.feeds.keys())
    if unknown:
        raise WrongUse(f"No stock feed '{unknown[0]}' is declared in the stock rules.")
    found = []
    for name in names or sorted(rules.feeds):
        with database.audited(actor()) as (connection, trail):
            found.append(records.plan(connection, trail, rules, name, now, at_once=at_once, release=release))
    for each in found:
        if each.missed:
            get_run_logger().warning(f"Stock feed '{each.feed}' missed {each.missed} of its intervals.")
    return found


@task(name="deliver", task_run_name="deliver", **RETRYING)
def deliver(patience: float) -> Delivered:
    """Give the receivers what is due."""
    log = get_run_logger().info
    return deliver_all(DELIVERY, Database.current(), actor(), lease=LEASE, patience=patience, log=log, outlive=False)


@task(name="report", task_run_name="report", **RETRYING)
def report(delivered: Delivered) -> FeedSummary:
    """Leave the page: how every feed stands."""
    with Database.current().connect() as connection:
        rules = stock_rules.in_force(connection)
        open_alarms = stock_alerts.open_now(connection, kind=ALERT)
        summary = FeedSummary(len(rules.feeds), delivered.done, delivered.refused, delivered.put_off, len(open_alarms))
        text = page(summary, rules, standing(connection, rules))
    create_markdown_artifact(text, key="stock-feed", description=summary.sentence())
    get_run_logger().info(summary.sentence())
    return summary
