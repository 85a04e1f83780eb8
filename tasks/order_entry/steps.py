"""The Prefect tasks of order entry: keep the form, let Prefect forget it, report; and sweep up after dead runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import inbox
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.errors import SomsError, WrongUse
from blocks.systems.registry import load_system
from tasks.order_entry import forgetting, records
from tasks.order_entry.entering import Known, entry, entry_id, masked
from tasks.order_entry.form import OrderForm
from tasks.order_entry.summary import EntrySummary, SweepSummary, page
from tasks.retrying import RETRYING

PROCESS = "order_entry"


@dataclass(frozen=True, slots=True)
class Entered:
    """An order that is kept: what it is called, the channel it belongs to, and whether it was new."""

    name: str
    channel: str
    fresh: bool


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


def channel_of(desk: Any, name: str) -> str:
    """Return the channel a desk's orders belong to."""
    return str(desk.channel or name.partition("/")[2])


@task(name="keep the order", task_run_name="keep the order", **RETRYING)
def enter(form: OrderForm) -> Entered:
    """Keep what was entered in the inbox, once however often the same form is sent."""
    sent_at = flow_run.scheduled_start_time
    entered = keep(Database.current(), actor(), form, sent_at if isinstance(sent_at, datetime) else datetime.now(UTC))
    get_run_logger().info("Order %s is %s.", entered.name, "kept" if entered.fresh else "known already")
    return entered


def keep(database: Database, who: Actor, form: OrderForm, sent_at: datetime) -> Entered:
    """Keep one form as an inbox record with the prices and the customer as they are known now.

    Raises:
        WrongUse: The form says that it was kept before, and it was not.
    """
    desk, form = load_system(form.desk), masked(form)
    channel = channel_of(desk, form.desk)
    if form.kept_as:
        with database.connect() as connection:
            if records.fate(connection, source=form.desk, channel=channel, name=form.kept_as):
                return Entered(form.kept_as, channel, fresh=False)
        raise WrongUse(f"There is no order '{form.kept_as}' at {form.desk}: leave the field 'Kept As' empty.")
    name = entry_id(form, sent_at, desk.time_zone)
    with database.audited(who) as (connection, trail):
        inbox.hold_source(connection, source=form.desk, kind=records.KIND)
        last, asked = None, [line.sku for line in form.lines]
        if form.customer_number:
            last = records.last_order(connection, [channel, desk.assortment], form.customer_number)
        known = Known(last, records.price_list(connection, desk.assortment, asked))
        typed = entry(form, known, name=name, sent_at=sent_at)
        return Entered(name, channel, records.keep(connection, trail, source=form.desk, entry=typed))


@task(name="forget the form", task_run_name="forget the form", **RETRYING)
def forget_form(kept_as: str) -> None:
    """Blank what is personal in this run's own parameters."""
    if flow_run.id:
        forgetting.forget(flow_run.id, kept_as)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(source: str, entered: Entered) -> EntrySummary:
    """Say in an artifact what became of the order, without anything personal."""
    with Database.current().connect() as connection:
        found = records.fate(connection, source=source, channel=entered.channel, name=entered.name)
    summary = EntrySummary.of(entered.name, found, fresh=entered.fresh)
    key = f"order-entry-{''.join(letter if letter.isalnum() else '-' for letter in entered.channel.lower())}"
    create_markdown_artifact(page(summary), key=key, description=summary.sentence())
    get_run_logger().info(summary.sentence())
    return summary


@task(name="take in what was left", task_run_name="take in what was left", **RETRYING)
def take_in_what_was_left() -> SweepSummary:
    """Keep the orders of runs that died before they kept them, and let Prefect forget every form that is left."""
    return sweep(Database.current(), actor(), get_run_logger().info)


def sweep(database: Database, who: Actor, log: Callable[[str], None]) -> SweepSummary:
    """Keep and forget each form that an ended run left; one that cannot be kept stays for the next sweep."""
    kept = forgotten = failed = 0
    for left in forgetting.left_behind():
        name = "nothing"
        if left.form is not None:
            try:
                entered = keep(database, who, left.form, left.sent_at)
            except SomsError as error:
                log(f"The form of run {left.run_id} could not be kept: {error}")
                failed += 1
                continue
            name, kept = entered.name, kept + entered.fresh
        forgetting.forget(left.run_id, name)
        forgotten += 1
    return SweepSummary(kept, forgotten, failed)
