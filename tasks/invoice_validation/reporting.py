"""What people see of invoice validation: verdicts, what waits with links to the desk's form, ages, readiness."""

from datetime import UTC, datetime
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database import invoice_limits, invoice_reports, quality_results
from blocks.database.audit_verification import anchor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Connection, Database
from blocks.database.inbox import Stored
from blocks.form_links import filled_in, form_of
from blocks.settings import settings
from tasks.invoice_validation import ageing, readiness, reminding
from tasks.invoice_validation.booking import Tally
from tasks.invoice_validation.steps import actor
from tasks.invoice_validation.summary import Tables, ValidationSummary, page
from tasks.retrying import RETRYING

DESK = "invoice-desk/desk"
MOST_WAITING, MOST_FINDINGS = 100, 50
OPEN = ("received", "waiting")


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(
    source: str,
    tally: Tally,
    *,
    seconds: float,
    files: int = 0,
    stored: Stored | None = None,
    delivered: Delivered | None = None,
    dry_run: bool = False,
) -> ValidationSummary:
    """Anchor the audit chain and leave the run's page and tables."""
    tables, waiting = Tables(), 0
    stopped: tuple[str, ...] = ()
    if not dry_run:
        anchor(Database.current(), settings().audit_anchor)
        with Database.current().connect() as connection:
            tables = _tables(connection, source)
            waiting = invoice_reports.count_waiting(connection, source=source)
            stopped = quality_results.stopped(connection, run_id=actor().run_id)
    came, outside = stored or Stored(), delivered or Delivered()
    summary = ValidationSummary(
        source=source, dry_run=dry_run, received=came.new, duplicates=came.duplicates, files=files, taken=tally.taken,
        judged=tally.judged, again=tally.again, approved=tally.approved, rejected=tally.rejected, left=tally.left,
        waiting=waiting, delivered=outside.done, not_delivered=outside.refused + outside.put_off, seconds=seconds,
        stopped=stopped,
    )  # fmt: skip
    key = "invoice-validation-" + "".join(letter if letter.isalnum() else "-" for letter in source.lower())
    create_markdown_artifact(page(summary, tables), key=key, description=summary.sentence())
    if tables.classes:
        told = "How many invoices of this run passed, failed or were not checked, by class."
        create_table_artifact([dict(row) for row in tables.classes], key=f"{key}-verdicts", description=told)
    if tables.waiting:
        rows = [_for_table(dict(row)) for row in tables.waiting]
        create_table_artifact(rows, key=f"{key}-waiting", description="What waits for a person, and why.")
    return summary


def _tables(connection: Connection, source: str) -> Tables:
    run = actor().run_id
    limits = invoice_limits.in_force(connection)
    aged = invoice_reports.ages(connection, zone=limits.time_zone, now=datetime.now(UTC))
    return Tables(
        classes=invoice_reports.verdict_table(connection, run_id=run),
        input_tax=invoice_reports.input_tax_table(connection, run_id=run),
        findings=invoice_reports.findings_table(connection, run_id=run, limit=MOST_FINDINGS),
        waiting=waiting(connection, source=source),
        ageing=ageing.bands(aged) if aged else (),
    )


def waiting(connection: Connection, *, source: str | None = None, limit: int = MOST_WAITING) -> list[dict[str, Any]]:
    """Return what waits, those to be decided first at the top, each with the address of the desk's form for it."""
    rows = invoice_reports.listing(connection, states=OPEN, source=source, limit=limit)
    form = form_of(DESK) if rows else ""
    return [{**row, "form": filled_in(form, {"action": "show", "invoices": [row["id"]]})} for row in rows]


def _for_table(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "no": row["id"], "supplier": row["supplier"], "number": row["number"],
        "gross": "" if row["gross"] is None else f"{row['gross']:.2f} {row['currency']}",
        "decide by": str(row["decide_by"]), "why": " ".join(row["why"][:3]), "form": row["form"],
    }  # fmt: skip


@task(name="remind", task_run_name="remind", **RETRYING)
def remind(now: datetime | None = None) -> int:
    """Note what people must decide before the law's days are over, each reminder once; leave ageing and readiness."""
    moment = now or datetime.now(UTC)
    new, told = reminding.remind(Database.current(), actor(), moment)
    form = form_of(DESK) if told.reminders else ""
    forms = {one.invoice: filled_in(form, {"action": "show", "invoices": [one.invoice]}) for one in told.reminders}
    description = (
        f"{len(told.reminders)} invoices must be decided now; people were reminded of {new} for the first time."
    )
    create_markdown_artifact(
        ageing.page(told.rows, told.reminders, forms), key="invoice-ageing", description=description
    )
    log = get_run_logger()
    (log.warning if told.reminders else log.info)(description)
    return new


@task(name="readiness", task_run_name="readiness", **RETRYING)
def ready() -> str:
    """Leave the report on which suppliers still send no e-invoices, and from when they must."""
    with Database.current().connect() as connection:
        today = datetime.now(invoice_limits.in_force(connection).zone).date()
        found = [readiness.readiness(row, today) for row in invoice_reports.forms_by_supplier(connection)]
    text = readiness.page(found, today)
    late = sum(one.late for one in found)
    create_markdown_artifact(
        text, key="invoice-readiness", description=f"{len(found)} suppliers, {late} of them late with e-invoices."
    )
    return text
