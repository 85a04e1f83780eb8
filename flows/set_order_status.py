"""Set an order's status by hand: one step along the merchant's graph, with who and why, then told to shop and ERP."""

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order
from tasks.order_status.ruling import Route
from tasks.order_status.steps import set_status, tell


class SetStatusRequest(BaseModel):
    """Which order is to have which status, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    order: str = Field(min_length=1, max_length=80, description="The order, by the id the shop gives it, e.g. 4711.")
    status: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="Code of the status, e.g. complete. The page of the last order-status run shows what may follow.",
    )
    reason: str = Field(
        min_length=3,
        max_length=500,
        description="Why, for whoever asks later. Names of customers do not belong here.",
    )
    by: str = Field(min_length=1, max_length=80, description="Who decides it: your own short name.")
    source: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        description="The shop the order came from: type and name of its block.",
    )
    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP that has its sale: type and name of its block.",
    )
    patience: float = Field(
        default=20.0, ge=0, le=600, description="Seconds to wait when the shop or the ERP cannot answer."
    )


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'set-order-status 4711 complete'."""
    request = SetStatusRequest.model_validate(flow_run.parameters.get("request"))
    return f"set-order-status {request.order} {request.status}"


@flow(name="set-order-status", flow_run_name=run_name, validate_parameters=True)
def set_order_status(request: SetStatusRequest) -> str:
    """Set the status, tell the systems. Safe to run again: an order that stands there already is left alone."""
    route = Route(request.source, request.erp)
    sentence = set_status(route, request.order, request.status, by=request.by, reason=request.reason)
    told = tell(request.patience)
    sentence += f" Told: {told.done}, refused: {told.refused}, put off: {told.put_off}."
    get_run_logger().info(sentence)
    return sentence
