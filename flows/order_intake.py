"""Order intake: take in what one source has sold, and book each order exactly once."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from blocks.database.inbox import Stored
from blocks.documents.verdicts import QualityFinding
from blocks.forms import connection, in_reading_order
from blocks.systems.registry import is_kind, load_system
from tasks.order_intake.judging import Judged, Route
from tasks.order_intake.reporting import count_waiting, report, summarise
from tasks.order_intake.steps import (
    Window,
    answer_files,
    collect,
    deliver,
    judge_and_book,
    reading_ahead,
    rehearse,
    serve_short,
)
from tasks.order_intake.summary import IntakeSummary


class IntakeRequest(BaseModel):
    """What to take in. Nothing needs to be changed: as it stands, the run reads what came since the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops", "folders", "desks", "partners"),
        description="The shop or the folder of order files to read from, or the desk or EDI partner whose orders still"
        " wait: type and name of its block, e.g. smartstore-shop/berlin or order-folder/branch.",
    )
    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP that gets the sales: type and name of its block, e.g. tryton-erp/main.",
    )
    since: AwareDatetime | None = Field(
        default=None,
        description="Read again what changed in the shop at or after this time; None goes on where the last run ended."
        " Orders that are known already are not doubled.",
    )
    until: AwareDatetime | None = Field(
        default=None, description="Together with 'Since': read only up to this time; None reads up to now."
    )
    orders: list[str] = Field(
        default_factory=list,
        description="Only these orders, by the ids the shop gives them, e.g. 4711; an empty list takes all.",
    )
    dry_run: bool = Field(
        default=False,
        description="Rehearse: read and judge, and report what would be done, but keep nothing and call nothing.",
    )
    patience: float = Field(
        default=45.0,
        ge=0,
        le=600,
        description="Seconds to wait when the shop or the ERP cannot answer; the next run does what is left then.",
    )


WHAT_IS_NEW = IntakeRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'order-intake berlin 2026-11-21 14:00'."""
    request = IntakeRequest.model_validate(flow_run.parameters.get("request") or {})
    rehearsal = " (rehearsal)" if request.dry_run else ""
    return f"order-intake {request.source.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}{rehearsal}"


@flow(name="order-intake", flow_run_name=run_name, validate_parameters=True)
def order_intake(request: IntakeRequest = WHAT_IS_NEW) -> IntakeSummary:
    """Collect, judge, book, deliver, report. Safe to run again over the same window, and after any crash.

    A shop that does not answer fails the run at its end: what is here already is judged and delivered all the same.
    """
    route, window = route_of(request), Window(request.since, request.until, tuple(request.orders))
    if request.dry_run:
        stored, judged, findings = rehearse(route, window)
        summary = summarise(route, stored=stored, judged=judged, dry_run=True)
    else:
        collected = collect(route, window, return_state=True)  # bytes are kept before anything else
        stored = collected.result() if collected.is_completed() else Stored()
        served = serve_short(route)  # who waited longest is served first
        judged, findings = judge_all(route)
        if is_kind(route.source, "folders"):
            answer_files(route)
        delivered = deliver(request.patience)
        summary = summarise(
            route, stored=stored, judged=judged, served=served, delivered=delivered, waiting=count_waiting(route)
        )
    report(summary, route, findings)
    get_run_logger().info(summary.sentence())
    if not request.dry_run:
        collected.result()  # raises what kept the source from being read
    return summary


def route_of(request: IntakeRequest) -> Route:
    """Return where the orders go; folders and desks say themselves whose channel they belong to."""
    if not is_kind(request.source, "shops"):
        return Route.of(request.source, request.erp, load_system(request.source))
    return Route(request.source, request.erp)


def judge_all(route: Route) -> tuple[Judged, tuple[QualityFinding, ...]]:
    """Judge and book the inbox batch by batch until nothing is open."""
    judged = Judged()
    findings: tuple[QualityFinding, ...] = ()
    with reading_ahead(route) as ahead:
        while True:
            batch, found = judge_and_book(route, ahead=ahead)
            if not batch.total:
                return judged, findings
            judged, findings = judged + batch, found or findings
