"""The Prefect task of the invoice trail."""

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.database import invoice_evidence
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.documents.evidence import Evidence
from tasks.invoice_trail.page import page
from tasks.retrying import RETRYING

PROCESS = "invoice_trail"
MOST = 20
"""Invoices on one page."""


@task(name="follow the trail", task_run_name="follow the trail", **RETRYING)
def follow(way: str, text: str, *, backwards: bool) -> list[Evidence]:
    """Gather the trail of every invoice that leads through something, keep new links, leave it as an artifact."""
    database = Database.current()
    with database.connect() as connection:
        ids = invoice_evidence.find(connection, way, text)[:MOST]
        found = invoice_evidence.gather(connection, ids)
    with database.audited(Actor(PROCESS, run_id=str(flow_run.id or ""))) as (connection, trail):
        for evidence in found:
            invoice_evidence.keep(connection, trail, evidence)
    said = " ".join(evidence.sentence() for evidence in found[:3])
    create_markdown_artifact(page(found, backwards=backwards), key="invoice-trail", description=said)
    get_run_logger().info(said)
    return found
