"""What people see of a run: what came and what became of it, what waits for a person, the data-quality table."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from blocks.database import effects, quarantine
from blocks.database.audit_verification import anchor
from blocks.database.engine import Database
from blocks.documents.verdicts import QualityFinding
from blocks.settings import settings
from tasks.order_intake import records
from tasks.order_intake.delivery import Delivered
from tasks.order_intake.judging import PROCESS, Judged, Route
from tasks.order_intake.steps import actor

MOST_ROWS = 200


@dataclass(frozen=True)
class IntakeSummary:
    """The figures of one run; also what the flow returns."""

    source: str
    dry_run: bool = False
    received: int = 0
    duplicates: int = 0
    accepted: int = 0
    short: int = 0
    put_aside: int = 0
    followed: int = 0
    superseded: int = 0
    ignored: int = 0
    served_from_short: int = 0
    effects_done: int = 0
    effects_adopted: int = 0
    effects_refused: int = 0
    effects_put_off: int = 0
    waiting: dict[str, int] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        """Return whether nothing came and nothing was done."""
        return not any((self.received, self.accepted, self.put_aside, self.followed, self.served_from_short,
                        self.effects_done, self.effects_refused, self.effects_put_off))  # fmt: skip

    def sentence(self) -> str:
        """Return the run in one sentence, for the log and the run's final state."""
        if self.idle:
            return f"{self.source}: nothing new; {self.waiting_sentence()}"
        verb = "would be accepted" if self.dry_run else "accepted"
        return (
            f"{self.source}: {self.received} received ({self.duplicates} known before), {self.accepted} {verb}, "
            f"{self.short} short, {self.put_aside} put aside, {self.followed} followed; "
            f"{self.effects_done} calls made outside; {self.waiting_sentence()}"
        )

    def waiting_sentence(self) -> str:
        """Return what waits for a person."""
        people = {name: count for name, count in self.waiting.items() if count}
        return "waiting: " + (", ".join(f"{count} {name}" for name, count in people.items()) or "nothing")


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


@task(name="report", cache_policy=NO_CACHE)
def report(summary: IntakeSummary, route: Route, findings: Sequence[QualityFinding]) -> None:
    """Anchor the audit chain and leave the run's artifacts; an idle run leaves only the short summary."""
    database, key = Database.current(), f"order-intake-{_slug(route.channel)}"
    if not summary.dry_run:
        anchor(database, settings().audit_anchor)
    create_markdown_artifact(_summary_page(summary), key=key, description=summary.sentence())
    if findings:
        create_table_artifact(
            [_finding_row(finding) for finding in findings], key=f"{key}-quality",
            description="Data quality of the last batch that came in.",
        )  # fmt: skip
    if summary.idle or summary.dry_run:
        return
    with database.connect() as connection:
        orders = records.recent_orders(connection, run_id=actor().run_id, limit=MOST_ROWS)
        aside = quarantine.waiting(connection, source=route.source, limit=MOST_ROWS)
        short = records.short_orders(connection, channel=route.channel, limit=MOST_ROWS)
        failed = effects.listing(connection, states=["failed"], process=PROCESS, limit=MOST_ROWS)
    create_table_artifact(
        [_order_row(row) for row in orders], key=f"{key}-orders",
        description=f"What became of the orders of this run (the newest {MOST_ROWS}).",
    )  # fmt: skip
    create_table_artifact(
        [_aside_row(row) for row in aside] + [_short_row(row) for row in short] + [_failed_row(row) for row in failed],
        key=f"{key}-waiting", description="What waits for a person, and what to do about it.",
    )  # fmt: skip


@task(name="count what waits", cache_policy=NO_CACHE)
def count_waiting(route: Route) -> dict[str, int]:
    """Return how many records are put aside, short, refused outside, or still to be carried out."""
    with Database.current().connect() as connection:
        return records.count_waiting(connection, source=route.source, channel=route.channel, process=PROCESS)


def _slug(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text.lower())


def _summary_page(summary: IntakeSummary) -> str:
    title = "Rehearsal: nothing was kept or called" if summary.dry_run else "Order intake"
    figures = (
        ("Received from the shop", summary.received), ("Known before (duplicates)", summary.duplicates),
        ("Accepted, stock reserved", summary.accepted), ("Held: stock is short", summary.short),
        ("Put aside with reasons", summary.put_aside), ("Followed (payment or status)", summary.followed),
        ("Outdated versions", summary.superseded), ("Ignored (cancelled or complete before)", summary.ignored),
        ("Short before, served now", summary.served_from_short), ("Calls made outside", summary.effects_done),
        ("… of them found already done", summary.effects_adopted), ("Calls refused", summary.effects_refused),
        ("Calls put off to the next run", summary.effects_put_off),
    )  # fmt: skip
    table = "\n".join(f"| {name} | {count} |" for name, count in figures if count)
    waits = "\n".join(f"| {name} | {count} |" for name, count in summary.waiting.items())
    advice = (
        "Records put aside: `soms quarantine list`, `soms quarantine show N`, and after the remedy"
        " `soms quarantine release N --reason ...`. Refused calls: `soms effects list --state failed`,"
        " then `soms effects retry N`."
    )
    return "\n\n".join((
        f"# {title}: {summary.source}",
        summary.sentence(),
        f"## What came and what became of it\n\n| | orders |\n|---|---|\n{table or '| nothing new | 0 |'}",
        f"## What waits\n\n| | number |\n|---|---|\n{waits or '| nothing | 0 |'}",
        advice,
    ))  # fmt: skip


def _finding_row(finding: QualityFinding) -> dict[str, Any]:
    return {
        "id": finding.expectation, "expected": finding.text, "severity": finding.severity, "owner": finding.owner,
        "result": "passed" if finding.passed else "failed", "checked": finding.checked,
        "unexpected": finding.unexpected, "examples": ", ".join(map(str, finding.examples[:5])),
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


def _aside_row(row: dict[str, Any]) -> dict[str, Any]:
    first = row["faults"][0]
    more = f" (+{len(row['faults']) - 1} more)" if len(row["faults"]) > 1 else ""
    return {
        "what": "put aside", "record": f"quarantine {row['id']}", "order": row["external_id"],
        "reason": f"{first['rule']}: {first['text']}{more}", "remedy": first["remedy"],
        "next": f"soms quarantine show {row['id']}",
    }  # fmt: skip


def _short_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "what": "short", "record": "", "order": row["external_id"], "reason": row["hold_reason"],
        "remedy": "Served by itself when stock comes in.", "next": "",
    }  # fmt: skip


def _failed_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "what": f"refused by {row['system']}", "record": f"effect {row['id']}",
        "order": row["business_key"].rpartition(":")[2], "reason": row["last_error"],
        "remedy": "Mend the cause in that system, then retry.", "next": f"soms effects retry {row['id']}",
    }  # fmt: skip
