"""What people see of a run: where orders stand, what was heard, who won, what nobody has mapped, and the lags."""

from dataclasses import replace
from typing import TYPE_CHECKING

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database import effects
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from tasks.order_status import findings as found
from tasks.order_status.deciding import Taken
from tasks.order_status.ruling import PROCESS, Route
from tasks.order_status.steps import actor, ruling_for
from tasks.order_status.summary import Findings, StatusSummary, page

if TYPE_CHECKING:
    from blocks.database.engine import Connection

MOST_ROWS = 100


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(route: Route, taken: Taken, delivered: Delivered) -> StatusSummary:
    """Leave the run's page."""
    with Database.current().connect() as connection:
        ruling = ruling_for(connection, route)
        summary = StatusSummary(
            route.channel, ruling.version, taken.applied, taken.overruled, taken.unmapped, taken.moved,
            delivered.done, delivered.refused, delivered.put_off,
        )  # fmt: skip
        text = page(summary, ruling.graph, _findings(connection, route, idle=summary.idle))
    create_markdown_artifact(text, key=f"order-status-{_slug(route.channel)}", description=summary.sentence())
    return summary


def _findings(connection: "Connection", route: Route, *, idle: bool) -> Findings:
    """Read what the page shows; an idle run, of which there is one a minute, only what waits for a person."""
    failed = effects.listing(connection, states=["failed"], process=PROCESS, limit=MOST_ROWS)
    waiting = Findings(
        unmapped=found.unmapped_words(connection, limit=MOST_ROWS),
        failed=[{**row, "order": row["business_key"].split(":")[2]} for row in failed],
    )
    if idle:
        return waiting
    return replace(
        waiting,
        by_status=found.by_status(connection, route.channel),
        changes=found.heard_by(connection, run_id=actor().run_id, limit=MOST_ROWS),
        contested=found.contested(connection, run_id=actor().run_id, limit=MOST_ROWS),
        lags=found.lags(connection, systems=[route.source, route.erp]),
    )


def _slug(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text.lower())
