"""What people see of a run of replenishment: proposals with links to decide on them, pictures, the back-test."""

from datetime import date
from typing import TYPE_CHECKING

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database.engine import Database
from blocks.form_links import filled_in, form_of
from tasks.replenishment import deciding
from tasks.replenishment.summary import ReplenishmentSummary, Waiting, page

if TYPE_CHECKING:
    from blocks.database.effect_delivery import Delivered
    from tasks.replenishment.looking_back import BackTest
    from tasks.replenishment.planning import Plan

DESK = "purchase-desk/desk"
MOST_SHOWN = 100


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(planned: "Plan", tried: "BackTest", delivered: "Delivered | None") -> ReplenishmentSummary:
    """Leave the run's page; ``delivered`` is None for a dry run."""
    booked = planned.booked
    summary = ReplenishmentSummary(
        articles=planned.articles,
        days=planned.days,
        short=planned.short,
        proposed=booked.proposed,
        outdated=booked.outdated,
        alerts=booked.alerts,
        closed=booked.closed,
        ordered=delivered.done if delivered else 0,
        refused=delivered.refused if delivered else 0,
        put_off=delivered.put_off if delivered else 0,
        dry_run=delivered is None,
    )
    with Database.current().connect() as connection:
        proposals = deciding.listing(connection, states=["proposed"], limit=MOST_SHOWN)
        approved = deciding.listing(connection, states=["approved"], limit=MOST_SHOWN)
    proposals.sort(key=lambda row: (row["needed_on"] or date.max, row["id"]))
    form = form_of(DESK) if proposals else ""
    links = {row["id"]: filled_in(form, {"action": "approve", "proposals": [row["id"]]}) for row in proposals}
    waiting = Waiting(proposals, [row for row in approved if row["call_state"] == "failed"], links)
    text = page(summary, tried, planned.shown, waiting)
    create_markdown_artifact(text, key="replenishment", description=summary.sentence())
    return summary
