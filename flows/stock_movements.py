"""Stock movements: hear what happened to stock, and keep it in the ledger, each event once."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order
from tasks.stock_movements.steps import hear_source, note_goods_due, report
from tasks.stock_movements.summary import MovementSummary


class MovementsRequest(BaseModel):
    """Whose movements to hear. Nothing needs to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        description="Who knows what moved: type and name of its block, e.g. tryton-erp/main.",
    )
    goods_due: bool = Field(
        default=True,
        title="Goods on their way",
        description="Also take over what is on its way to the warehouses, and for when.",
    )


WHAT_IS_NEW = MovementsRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'stock-movements tryton-erp/main 2026-11-22 14:00'."""
    request = MovementsRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"stock-movements {request.source} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="stock-movements", flow_run_name=run_name, validate_parameters=True)
def stock_movements(request: MovementsRequest = WHAT_IS_NEW) -> MovementSummary:
    """Hear what moved since the last run, and what is on its way. Safe to run again, also after any crash."""
    heard = hear_source(request.source)
    on_its_way = note_goods_due(request.source) if request.goods_due else None
    summary = report(request.source, heard, on_its_way)
    get_run_logger().info(summary.sentence())
    return summary
