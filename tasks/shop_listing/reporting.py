"""The page that a run of shop listing leaves for people."""

from datetime import datetime

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database import effects
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.database.listings import PROCESS, Refreshed
from tasks.shop_listing import records
from tasks.shop_listing.summary import Findings, ListingSummary, page

MOST_ROWS = 100


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(channel: str, *, since: datetime, looked: int, refreshed: Refreshed, delivered: Delivered) -> ListingSummary:
    """Leave the run's page."""
    with Database.current().connect() as connection:
        waiting = records.waiting(connection, channel)
        failed = effects.listing(connection, states=["failed"], process=PROCESS, limit=MOST_ROWS)
        findings = Findings(
            counts=records.counts(connection, channel),
            turned=records.turned(connection, channel, since, limit=MOST_ROWS),
            by_person=records.hidden_by_person(connection, channel, limit=MOST_ROWS),
            lag=records.lag(connection, channel),
            failed=[row for row in failed if row["subject"].startswith(f"listing/{channel}:")],
        )
    summary = ListingSummary(
        channel, looked, refreshed.changed, refreshed.due, delivered.done, delivered.adopted, delivered.refused,
        waiting.get("due", 0),
    )  # fmt: skip
    name = "".join(letter if letter.isalnum() else "-" for letter in channel.lower())
    create_markdown_artifact(page(summary, findings), key=f"shop-listing-{name}", description=summary.sentence())
    return summary
