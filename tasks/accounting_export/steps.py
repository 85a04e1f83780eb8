"""The Prefect tasks of the accounting export."""

from datetime import date

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.database import accounting, invoice_evidence
from blocks.database.audit import Actor
from blocks.database.engine import Database
from tasks.accounting_export import exporting
from tasks.accounting_export.exporting import PROCESS, Exported, Posted
from tasks.accounting_export.summary import ExportSummary, page
from tasks.retrying import RETRYING


def actor(name: str = "") -> Actor:
    """Return this run as the one who acts."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""), name=name or "soms")


@task(name="post approved invoices", task_run_name="post approved invoices", **RETRYING)
def post() -> Posted:
    """Make the postings of approved invoices that have none."""
    posted = exporting.post(Database.current(), actor())
    for number, why in posted.held_back.items():
        get_run_logger().warning(f"Invoice {number} is not posted: {why}")
    return posted


@task(name="export what is new", task_run_name="export {first_day} to {last_day}", **RETRYING)
def export(first_day: date, last_day: date, *, by: str) -> Exported:
    """Make one batch of the days' postings that no batch holds yet."""
    exported = exporting.export(Database.current(), actor(), first_day, last_day, by=by)
    with Database.current().audited(actor()) as (connection, trail):
        invoice_evidence.keep_new(connection, trail)
    return exported


@task(name="report", task_run_name="report", **RETRYING)
def report(first_day: date, last_day: date, posted: Posted, exported: Exported) -> ExportSummary:
    """Leave the page: control totals, what was held back, the batches so far."""
    summary = ExportSummary(
        batch=exported.number,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
        documents=exported.documents,
        postings=exported.postings,
        made=posted.made,
        held_back=dict(posted.held_back),
        totals=dict(exported.totals),
        left=dict(exported.left),
    )
    with Database.current().connect() as connection:
        text = page(summary, accounting.batches(connection))
    create_markdown_artifact(text, key="accounting-export", description=summary.sentence())
    get_run_logger().info(summary.sentence())
    return summary
