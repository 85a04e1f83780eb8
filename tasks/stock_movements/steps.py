"""The Prefect tasks of stock movements: hear a source, note what is on its way, report."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import incoming_goods
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.database.stock_hearing import Heard, hear
from blocks.errors import Unsupported
from blocks.systems.registry import load_system
from tasks.retrying import RETRYING
from tasks.stock_movements.records import findings
from tasks.stock_movements.summary import Findings, MovementSummary, page

PROCESS = "stock_movements"
MOST_ROWS = 50


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


@task(name="hear what moved", task_run_name="hear what moved at {source}", **RETRYING)
def hear_source(source: str) -> Heard:
    """Book what a source says has moved since it was heard last, page by page."""
    return hear(Database.current(), actor(), source=source, system=load_system(source))


@task(name="note goods on their way", task_run_name="note goods on their way to {source}", **RETRYING)
def note_goods_due(source: str) -> int | None:
    """Take over what a source says is on its way; None when it does not tell."""
    try:
        pages = load_system(source).goods_due()
        with Database.current().connect() as connection, connection.transaction():
            return incoming_goods.replace(connection, source, pages)
    except Unsupported:
        return None


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(source: str, heard: Heard, on_its_way: int | None) -> MovementSummary:
    """Leave the run's page; a run that heard nothing new leaves a short one."""
    booked = heard.booked
    summary = MovementSummary(
        source, booked.events, booked.repeated, booked.late, len(booked.skus), booked.contradicting, on_its_way
    )
    found = Findings()
    if booked.events:
        with Database.current().connect() as connection:
            found = findings(connection, source=source, run_id=actor().run_id, limit=MOST_ROWS)
    create_markdown_artifact(page(summary, found), key=_key(source), description=summary.sentence())
    return summary


def _key(source: str) -> str:
    return "stock-movements-" + "".join(letter if letter.isalnum() else "-" for letter in source.lower())
