"""The Prefect tasks of order completeness: ask the source, certify, publish."""

from datetime import UTC, date, datetime

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.database import inbox
from blocks.database.audit import Actor
from blocks.database.audit_verification import anchor
from blocks.database.engine import Database
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.order_completeness import records, survey
from tasks.order_completeness.reporting import page
from tasks.order_completeness.rules import Certificate, Window, certificate, day_window, yesterday
from tasks.retrying import RETRYING

PROCESS = "order_completeness"


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


def window_of(source: str, day: date | None, since: datetime | None, until: datetime | None) -> Window:
    """Return the window that is asked for: the stated one, or a day, or yesterday, where the merchant is."""
    if since is not None:
        return Window(since, until or datetime.now(UTC))
    zone = str(load_system(source).time_zone)
    return day_window(day or yesterday(datetime.now(UTC), zone), zone)


@task(name="ask the source", task_run_name="ask the source", **RETRYING)
def ask_source(source: str, window: Window, *, fetch: bool) -> survey.Survey:
    """Ask what there was in the window, and fetch what SOMS never got; nothing is kept yet."""
    found = survey.survey(source, load_system(source), Database.current(), window, fetch=fetch)
    get_run_logger().info("%s counts %s, SOMS lacks %s of them.", source, found.claim.count, len(found.claim.missing))
    return found


@task(name="certify", task_run_name="certify", **RETRYING)
def certify(source: str, found: survey.Survey, *, fetch: bool) -> Certificate:
    """Keep what was fetched and write the certificate, in one transaction: both or neither."""
    database = Database.current()
    channel = getattr(load_system(source), "channel", "") or source.partition("/")[2]
    with database.audited(actor()) as (connection, trail):
        inbox.store(connection, trail, source=source, kind=records.KIND, deliveries=found.deliveries)
        said = survey.books(connection, source, channel, found)
        issued = certificate(source, found.window, found.claim, said, found.fetched, fetching=fetch)
        records.write(connection, trail, issued)
    anchor(database, settings().audit_anchor)
    return issued


def publish(issued: Certificate) -> None:
    """Leave the certificate as an artifact of the run."""
    key = "".join(letter if letter.isalnum() else "-" for letter in issued.source.partition("/")[2].lower())
    create_markdown_artifact(page(issued), key=f"order-completeness-{key}", description=issued.sentence())
