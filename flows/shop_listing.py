"""Shop listing: show in a shop what can be sold, hide what cannot, and show it again when it can."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order
from tasks.shop_listing.reporting import report
from tasks.shop_listing.steps import begin, channel_of, look, refresh, tell
from tasks.shop_listing.summary import ListingSummary


class ListingRequest(BaseModel):
    """Which shop to bring up to date. Nothing needs to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        title="Shop",
        description="The shop: type and name of its block, e.g. smartstore-shop/berlin.",
    )
    skus: list[str] = Field(
        default_factory=list,
        title="SKUs",
        description="Bring only these articles up to date; an empty list takes all that differ.",
    )
    look_again: bool = Field(
        default=False,
        description="Read first what the shop shows now, instead of trusting what it last confirmed; that finds what"
        " was changed in the shop itself.",
    )
    patience: float = Field(
        default=20.0,
        ge=0,
        le=3600,
        description="Seconds to wait when the shop cannot answer; the next run does what is left then.",
    )


WHAT_DIFFERS = ListingRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'shop-listing berlin 2026-11-21 14:00'."""
    request = ListingRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"shop-listing {channel_of(request.source)} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="shop-listing", flow_run_name=run_name, validate_parameters=True)
def shop_listing(request: ListingRequest = WHAT_DIFFERS) -> ListingSummary:
    """Look, work out, tell, report. Safe to run again at any time, and after any crash: the last value wins."""
    since = begin()
    looked = look(request.source, request.skus, again=request.look_again)
    refreshed = refresh(request.source, request.skus)
    delivered = tell(request.patience)
    summary = report(channel_of(request.source), since=since, looked=looked, refreshed=refreshed, delivered=delivered)
    get_run_logger().info(summary.sentence())
    return summary
