"""Order watch: order intake within seconds, by a run that looks at the shop every few seconds for a while."""

from datetime import UTC, datetime, timedelta

from prefect import flow, get_run_logger
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order
from tasks.order_intake.judging import Route
from tasks.order_intake.reporting import count_waiting, report, summarise
from tasks.order_intake.summary import IntakeSummary
from tasks.order_intake.watching import next_end, watch

MARGIN = timedelta(seconds=12)
"""A worker takes a scheduled run up to ten seconds early; it is turned away while the watcher before it still runs."""


class WatchRequest(BaseModel):
    """What to watch, and for how long. As it stands, the run ends just before its schedule starts the next one."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        description="The shop to watch: type and name of its block, e.g. smartstore-shop/berlin.",
    )
    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP that gets the sales: type and name of its block, e.g. tryton-erp/main.",
    )
    every: float = Field(default=3.0, ge=0.5, le=60, description="Seconds between two looks at the shop.")
    minutes: int = Field(
        default=15,
        ge=1,
        le=240,
        description="The run ends at the next multiple of so many minutes past midnight, e.g. 15: at 14:15, 14:30.",
    )


TILL_THE_NEXT_ONE = WatchRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'order-watch berlin 2026-11-21 14:00'."""
    from prefect.runtime import flow_run  # noqa: PLC0415 - read when the name is made

    request = WatchRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"order-watch {request.source.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="order-watch", flow_run_name=run_name, validate_parameters=True)
def order_watch(request: WatchRequest = TILL_THE_NEXT_ONE) -> IntakeSummary:
    """Look every few seconds, take in what came, and report at the end. Killed or missed, it loses nothing."""
    route, log = Route(request.source, request.erp), get_run_logger().info
    end = next_end(datetime.now(UTC), timedelta(minutes=request.minutes), MARGIN)
    log(f"Watching {request.source} every {request.every:g} s until {end:%H:%M:%S} UTC.")
    watched = watch(route, until=end, every=request.every, log=log)
    summary = summarise(
        route,
        stored=watched.stored,
        judged=watched.judged,
        served=watched.served,
        delivered=watched.delivered,
        waiting=count_waiting(route),
    )
    report(summary, route, watched.findings)
    log(f"Looked {watched.looks} times, {watched.silences} of them without an answer; {summary.sentence()}")
    return summary
