"""Order intake: take in what one source has sold, and book each order exactly once."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import AwareDatetime, BaseModel, Field

from blocks.documents.verdicts import QualityFinding
from tasks.order_intake.judging import Judged, Route
from tasks.order_intake.reporting import IntakeSummary, count_waiting, report, summarise
from tasks.order_intake.steps import Window, collect, deliver, judge_and_book, rehearse, serve_short


class IntakeRequest(BaseModel):
    """What to take in. Everything has a default: without any, the run reads what came since the last one."""

    source: str = Field(
        default="smartstore-shop/berlin", description="The shop to read from, as '<block type>/<block name>'."
    )
    erp: str = Field(default="tryton-erp/main", description="The ERP that gets the sales, as '<block type>/<name>'.")
    since: AwareDatetime | None = Field(
        default=None, description="Read again what changed at or after this time. Orders known already are not doubled."
    )
    until: AwareDatetime | None = Field(default=None, description="Together with 'since': read only up to this time.")
    orders: list[str] = Field(default_factory=list, description="Only these orders, by the shop's order ids.")
    dry_run: bool = Field(
        default=False, description="Rehearse: read and judge, but keep nothing and call nothing outside."
    )
    patience: float = Field(
        default=45.0, ge=0, le=600, description="Seconds to wait for an ERP or shop that answers 'later'."
    )


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'order-intake berlin 2026-11-21 14:00'."""
    request = IntakeRequest.model_validate(flow_run.parameters.get("request") or {})
    rehearsal = " (rehearsal)" if request.dry_run else ""
    return f"order-intake {request.source.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}{rehearsal}"


@flow(name="order-intake", flow_run_name=run_name, validate_parameters=True)
def order_intake(request: IntakeRequest | None = None) -> IntakeSummary:
    """Collect, judge, book, deliver, report. Safe to run again over the same window, and after any crash."""
    request = request or IntakeRequest()
    route, window = Route(request.source, request.erp), Window(request.since, request.until, tuple(request.orders))
    if request.dry_run:
        stored, judged, findings = rehearse(route, window)
        summary = summarise(route, stored=stored, judged=judged, dry_run=True)
    else:
        stored = collect(route, window)  # bytes are kept before anything else
        served = serve_short(route)  # who waited longest is served first
        judged, findings = judge_all(route)
        delivered = deliver(request.patience)
        summary = summarise(
            route, stored=stored, judged=judged, served=served, delivered=delivered, waiting=count_waiting(route)
        )
    report(summary, route, findings)
    get_run_logger().info(summary.sentence())
    return summary


def judge_all(route: Route) -> tuple[Judged, tuple[QualityFinding, ...]]:
    """Judge and book the inbox batch by batch until nothing is open."""
    judged = Judged()
    findings: tuple[QualityFinding, ...] = ()
    while True:
        batch, found = judge_and_book(route)
        if not batch.total:
            return judged, findings
        judged, findings = judged + batch, found or findings
