"""Master data: know what the shop sells and what the ERP has in stock, before any order is judged."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order
from tasks.master_data.documents import MasterDataSummary
from tasks.master_data.steps import channel_of, count_stock, publish, take_articles


class MasterDataRequest(BaseModel):
    """Which systems to read. Nothing needs to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    shop: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        description="The shop whose articles are taken in: type and name of its block, e.g. smartstore-shop/berlin.",
    )
    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP whose stock and article codes are read: type and name of its block, e.g. tryton-erp/main.",
    )


AS_USUAL = MasterDataRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'master-data berlin 2026-11-21 14:00'."""
    request = MasterDataRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"master-data {channel_of(request.shop)} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="master-data", flow_run_name=run_name, validate_parameters=True)
def master_data(request: MasterDataRequest = AS_USUAL) -> MasterDataSummary:
    """Take in articles and stock, report. Safe to run again at any time: what has not changed is not written."""
    articles = take_articles(request.shop, request.erp)
    stock = count_stock(request.erp)
    summary = MasterDataSummary(articles=articles, stock=stock)
    publish(summary, channel_of(request.shop))
    get_run_logger().info(summary.sentence())
    return summary
