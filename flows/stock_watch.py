"""Stock watch: what moves in the ERP is in the ledger, and in the shop, within seconds; for a while."""

from datetime import UTC, datetime, timedelta

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.database.engine import Database
from blocks.forms import connection, in_reading_order
from blocks.settings import settings
from tasks.order_intake.watching import next_end
from tasks.shop_listing.watching import Following
from tasks.stock_movements.steps import actor, report
from tasks.stock_movements.summary import MovementSummary
from tasks.stock_movements.watching import Listening, watch

MARGIN = timedelta(seconds=12)
"""A worker takes a scheduled run up to ten seconds early; it is turned away while the watcher before it still runs."""


class StockWatchRequest(BaseModel):
    """What to watch, and for how long. As it stands, the run ends just before its schedule starts the next one."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP whose stock moves: type and name of its block, e.g. tryton-erp/main.",
    )
    shop: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        description="The shop that is to show it: type and name of its block, e.g. smartstore-shop/berlin.",
    )
    every: float = Field(default=2.0, ge=0.5, le=60, description="Seconds between two questions to the ERP.")
    minutes: int = Field(
        default=15,
        ge=1,
        le=240,
        description="The run ends at the next multiple of so many minutes past midnight, e.g. 15: at 14:15, 14:30.",
    )


TILL_THE_NEXT_ONE = StockWatchRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'stock-watch berlin 2026-11-22 14:00'."""
    request = StockWatchRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"stock-watch {request.shop.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="stock-watch", flow_run_name=run_name, validate_parameters=True)
def stock_watch(request: StockWatchRequest = TILL_THE_NEXT_ONE) -> MovementSummary:
    """Ask the ERP every few seconds what moved, and tell the shop at once. Killed or missed, it loses nothing."""
    log, database = get_run_logger().info, Database.current()
    end = next_end(datetime.now(UTC), timedelta(minutes=request.minutes), MARGIN)
    listening = Listening(database, actor(), request.erp, request.every)
    following = Following(database, actor(), request.shop, settings().effect_lease)
    log(f"Watching {request.erp} for {request.shop} every {request.every:g} s until {end:%H:%M:%S} UTC.")
    watch(listening, following.once, until=end, log=log)
    summary = report(request.erp, listening.heard, None)
    log(
        f"Asked {listening.looks} times, {listening.silences} of them without an answer;"
        f" {following.refreshed.changed} listings changed, {following.delivered.done} told. {summary.sentence()}"
    )
    return summary
