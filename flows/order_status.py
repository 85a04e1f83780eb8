"""Order statuses: hear what shop and ERP say of each order, decide by the merchant's graph, tell the other."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order
from tasks.order_status.deciding import Taken
from tasks.order_status.reporting import report
from tasks.order_status.ruling import Route
from tasks.order_status.steps import hear_again, hear_erp, hear_shop, tell
from tasks.order_status.summary import StatusSummary


class StatusRequest(BaseModel):
    """Whose statuses to bring together. Nothing needs to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        description="The shop: type and name of its block, e.g. smartstore-shop/berlin.",
    )
    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP that has the sales: type and name of its block, e.g. tryton-erp/main.",
    )
    orders: list[str] = Field(
        default_factory=list,
        description="Ask shop and ERP about these orders now, by the ids the shop gives them, e.g. 4711;"
        " an empty list takes what changed since the last run.",
    )
    patience: float = Field(
        default=20.0,
        ge=0,
        le=600,
        description="Seconds to wait when the shop or the ERP cannot answer; the next run does what is left then.",
    )


WHAT_IS_NEW = StatusRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'order-status berlin 2026-11-21 14:00'."""
    request = StatusRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"order-status {request.source.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="order-status", flow_run_name=run_name, validate_parameters=True)
def order_status(request: StatusRequest = WHAT_IS_NEW) -> StatusSummary:
    """Hear, decide, tell, report. Safe to run again at any time, and after any crash.

    A system that does not answer fails the run at its end: the other one is heard and told all the same.
    """
    route = Route(request.source, request.erp)
    shop = hear_shop(route, request.orders, return_state=True)
    erp = hear_erp(route, request.orders, return_state=True)
    taken = hear_again(route)
    for state in (shop, erp):
        taken += state.result() if state.is_completed() else Taken()
    delivered = tell(request.patience)
    summary = report(route, taken, delivered)
    get_run_logger().info(summary.sentence())
    for state in (shop, erp):
        state.result()  # raises what kept a system from being heard
    return summary
