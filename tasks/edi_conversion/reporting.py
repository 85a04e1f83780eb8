"""What people see of a run of EDI conversion: its page, and what waits with links to the desk's form."""

from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database import conversion_remarks, conversions
from blocks.database.audit_verification import anchor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Connection, Database
from blocks.database.inbox import Stored
from blocks.form_links import filled_in, form_of
from blocks.settings import settings
from tasks.edi_conversion.booking import Converted
from tasks.edi_conversion.steps import actor
from tasks.edi_conversion.summary import ConversionSummary, page

DESK = "conversion-desk/desk"
MOST_SUPPLIERS, MOST_WAITING, MOST_REFUSED, MOST_REMARKS = 200, 100, 50, 100


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(
    source: str,
    converted: Converted,
    *,
    seconds: float,
    stored: Stored | None = None,
    delivered: Delivered | None = None,
    dry_run: bool = False,
) -> ConversionSummary:
    """Anchor the audit chain and leave the run's page and tables."""
    suppliers: list[dict[str, Any]] = []
    queue: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    remarks: list[dict[str, Any]] = []
    waiting = 0
    if not dry_run:
        anchor(Database.current(), settings().audit_anchor)
        with Database.current().connect() as connection:
            suppliers = conversions.by_supplier(connection, run_id=actor().run_id, limit=MOST_SUPPLIERS)
            waiting = conversions.count_waiting(connection, source=source)
            queue = _queue(connection, source)
            remarks = conversion_remarks.of_run(connection, run_id=actor().run_id, limit=MOST_REMARKS)
            refused = conversions.refused_files(connection, source=source, run_id=actor().run_id, limit=MOST_REFUSED)
    summary = summarise(source, converted, seconds, stored, delivered, waiting=waiting, dry_run=dry_run)
    key = "edi-conversion-" + "".join(letter if letter.isalnum() else "-" for letter in source.lower())
    create_markdown_artifact(page(summary, suppliers, queue, refused, remarks), key=key, description=summary.sentence())
    if suppliers:
        told = "What became of the files of this run, by supplier."
        create_table_artifact(suppliers, key=f"{key}-suppliers", description=told)
    if queue:
        rows = [{**row, "reasons": " ".join(row["reasons"])} for row in queue]
        create_table_artifact(rows, key=f"{key}-review", description="What waits for a person, and why.")
    return summary


def summarise(
    source: str,
    converted: Converted,
    seconds: float,
    stored: Stored | None,
    delivered: Delivered | None,
    *,
    waiting: int,
    dry_run: bool,
) -> ConversionSummary:
    """Put a run's figures together."""
    came, outside = stored or Stored(), delivered or Delivered()
    return ConversionSummary(
        source, dry_run, came.new, came.duplicates, converted.files - converted.left, converted.proven,
        converted.review, converted.unreadable, outside.done, outside.refused + outside.put_off, waiting, seconds,
    )  # fmt: skip


def _queue(connection: Connection, source: str) -> list[dict[str, Any]]:
    """Return what waits, each with the address of the desk's form for it."""
    rows = conversions.listing(connection, source=source, limit=MOST_WAITING)
    form = form_of(DESK) if rows else ""
    return [
        {
            "id": row["id"], "file_name": row["file_name"], "outcome": row["outcome"], "reasons": row["reasons"],
            "form": filled_in(form, {"action": "show", "conversions": [row["id"]]}),
        }
        for row in rows
    ]  # fmt: skip
