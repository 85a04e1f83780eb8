"""What people see of a run: what came and what became of it, what waits for a person, the data-quality table."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.utilities.urls import url_for

from blocks.database import effects, quarantine
from blocks.database.audit_verification import anchor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Connection, Database
from blocks.documents.verdicts import QualityFinding
from blocks.form_links import filled_in, form_of
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.order_intake import records
from tasks.order_intake.judging import PROCESS, Judged, Route
from tasks.order_intake.mailing import without_mails
from tasks.order_intake.steps import actor
from tasks.order_intake.summary import IntakeSummary, page

DESK = "quarantine-desk/desk"
MOST_ROWS = 200


def summarise(
    route: Route,
    *,
    stored: Any,
    judged: Judged,
    served: int = 0,
    delivered: Delivered | None = None,
    waiting: dict[str, int] | None = None,
    dry_run: bool = False,
) -> IntakeSummary:
    """Put a run's figures together."""
    outside = delivered or Delivered()
    return IntakeSummary(
        route.source, dry_run, stored.new, stored.duplicates, **asdict(judged), served_from_short=served,
        effects_done=outside.done, effects_adopted=outside.adopted, effects_refused=outside.refused,
        effects_put_off=outside.put_off, waiting=waiting or {},
    )  # fmt: skip


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(summary: IntakeSummary, route: Route, findings: Sequence[QualityFinding]) -> None:
    """Anchor the audit chain and leave the run's artifacts; an idle run leaves only the page with its figures."""
    database, key = Database.current(), f"order-intake-{_slug(route.channel)}"
    source, unsent = load_system(route.source), ""
    orders: list[dict[str, Any]] = []
    waiting: list[dict[str, str]] = []
    if not summary.dry_run:
        anchor(database, settings().audit_anchor)
        with database.connect() as connection:
            waiting = _waiting(connection, route)
            orders = records.recent_orders(connection, run_id=actor().run_id, limit=MOST_ROWS)
            unsent = without_mails(connection, source)
    told = page(summary, _with_forms(waiting), url_for(source) or "")
    create_markdown_artifact(f"{told}\n\n{unsent}".strip(), key=key, description=summary.sentence())
    if findings:
        create_table_artifact(
            [_finding_row(finding) for finding in findings], key=f"{key}-quality", description=_quality(findings)
        )
    if orders:
        create_table_artifact(
            [_order_row(row) for row in orders], key=f"{key}-orders",
            description=f"What became of the orders that this run brought in (at most the newest {MOST_ROWS}).",
        )  # fmt: skip
    if waiting and not summary.idle:
        create_table_artifact(
            waiting, key=f"{key}-waiting",
            description="What waits, why, and what to do about it. Commands are for a terminal.",
        )  # fmt: skip


def _with_forms(waiting: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what waits, each record that was put aside with the address of the desk's form for it."""
    form = form_of(DESK) if any(row["record"] for row in waiting) else ""
    return [
        {**row, "form": filled_in(form, {"action": "show", "records": [int(row["record"])]}) if row["record"] else ""}
        for row in waiting
    ]


def _waiting(connection: Connection, route: Route) -> list[dict[str, str]]:
    """Return what waits: calls that were refused, records put aside, orders held because stock is short."""
    failed = effects.listing(connection, states=["failed"], process=PROCESS, limit=MOST_ROWS)
    aside = quarantine.waiting(connection, source=route.source, limit=MOST_ROWS)
    short = records.short_orders(connection, channel=route.channel, limit=MOST_ROWS)
    return [*map(_failed_row, failed), *map(_aside_row, aside), *map(_short_row, short)]


def _quality(findings: Sequence[QualityFinding]) -> str:
    failed = sum(not finding.passed for finding in findings)
    outcome = f"{failed} of {len(findings)} expectations not met" if failed else "every expectation met"
    return (
        f"Data quality of the last batch that came in: {outcome}. 'fatal' stops a batch before anything is booked;"
        " 'warning' is for its owner to look into."
    )


@task(name="count what waits", task_run_name="count what waits", cache_policy=NO_CACHE)
def count_waiting(route: Route) -> dict[str, int]:
    """Return how many records are put aside, short, refused outside, or still to be carried out."""
    with Database.current().connect() as connection:
        return records.count_waiting(connection, source=route.source, channel=route.channel, process=PROCESS)


def _slug(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text.lower())


def _finding_row(finding: QualityFinding) -> dict[str, Any]:
    return {
        "result": "met" if finding.passed else "NOT MET", "expected": finding.text, "checked": finding.checked,
        "not as expected": finding.unexpected, "e.g. orders": ", ".join(map(str, finding.examples[:5])),
        "severity": finding.severity, "owner": finding.owner, "id": finding.expectation,
    }  # fmt: skip


def _order_row(row: dict[str, Any]) -> dict[str, Any]:
    faults = json.loads(row["faults"]) if row["faults"] else []
    return {
        "order": row["number"] or row["external_id"],
        "became": row["status"] or row["state"].replace("_", " "),
        "total": f"{row['total']:.2f} {row['currency']}" if row["total"] is not None else "",
        "warehouse": row["warehouse"] or "",
        "ERP number": row["erp_number"] or "",
        "reason": row["hold_reason"] or "; ".join(fault["text"] for fault in faults[:3]),
    }


def _aside_row(row: dict[str, Any]) -> dict[str, str]:
    first, others = row["faults"][0], len(row["faults"]) - 1
    more = f" (and {others} more)" if others else ""
    return {
        "order": row["external_id"], "state": "put aside", "record": str(row["id"]),
        "next": f"soms quarantine show {row['id']}", "why": f"{first['text']}{more}", "remedy": first["remedy"],
        "rule": first["rule"],
    }  # fmt: skip


def _short_row(row: dict[str, Any]) -> dict[str, str]:
    return {
        "order": row["external_id"], "state": "short", "record": "", "next": "", "why": row["hold_reason"],
        "remedy": "Served by itself when stock comes in.", "rule": "",
    }  # fmt: skip


def _failed_row(row: dict[str, Any]) -> dict[str, str]:
    return {
        "order": row["business_key"].rpartition(":")[2], "state": f"refused by {row['system']}",
        "record": "", "next": f"soms effects retry {row['id']}", "why": row["last_error"],
        "remedy": "Mend the cause in that system, then retry.", "rule": "",
    }  # fmt: skip
