"""Stock history: everything that happened to the stock of one article, as a list and as a picture."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from blocks.forms import in_reading_order
from tasks.stock_history.steps import tell


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("write it as Europe/Berlin") from error
    return name


class HistoryRequest(BaseModel):
    """Which article to tell about. Nothing is changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    sku: str = Field(min_length=1, max_length=300, title="Article", description="Its SKU, e.g. LAMP.")
    warehouse: str = Field(default="", max_length=300, description="One warehouse by its code; empty: all of them.")
    zone: Annotated[str, AfterValidator(_is_zone)] = Field(
        default="Europe/Berlin", description="The merchant's time zone, shown beside UTC."
    )
    limit: int = Field(default=500, ge=1, le=10_000, description="At most so many events, the newest ones.")


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'stock-history LAMP 2026-11-22 14:00'."""
    request = flow_run.parameters.get("request") or {}
    sku = str(request.get("sku", "") if isinstance(request, dict) else request.sku)
    return f"stock-history {sku[:60]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="stock-history", flow_run_name=run_name, validate_parameters=True)
def stock_history(request: HistoryRequest) -> str:
    """Tell every movement, count and reservation of an article; returns where it stands in a sentence."""
    found = tell(request.sku, request.warehouse or None, ZoneInfo(request.zone), request.limit)
    get_run_logger().info(found.sentence())
    return found.sentence()
