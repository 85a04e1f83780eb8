"""Order story: everything that happened to one order, in time order, in one artifact."""

from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect import flow
from prefect.runtime import flow_run
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from blocks.forms import in_reading_order
from tasks.order_story.steps import tell


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("write it as Europe/Berlin") from error
    return name


class StoryRequest(BaseModel):
    """Which order to tell about. The story is read only; nothing is changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    order: str = Field(
        min_length=1,
        max_length=200,
        description="Its number, the shop's or the ERP's id, or channel and number, e.g. BERLIN-4711.",
    )
    zone: Annotated[str, AfterValidator(_is_zone)] = Field(
        default="Europe/Berlin", description="The merchant's time zone, shown beside UTC."
    )


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'order-story BERLIN-4711 2026-11-21 14:00'."""
    request = flow_run.parameters.get("request") or {}
    order = str(request.get("order", "") if isinstance(request, dict) else request.order)
    return f"order-story {order[:60]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="order-story", flow_run_name=run_name, validate_parameters=True)
def order_story(request: StoryRequest) -> dict[str, Any]:
    """Tell every event, version, call, correction, status, reservation and mail, and where they do not agree."""
    return tell(request.order, ZoneInfo(request.zone)).as_data()
