"""Stock feed: give partners the sellable stock at a set interval; a missed interval raises an alarm."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blocks.forms import in_reading_order
from tasks.stock_feed import steps
from tasks.stock_feed.records import Release
from tasks.stock_feed.reporting import FeedSummary


class FeedRequest(BaseModel):
    """Which stock feeds are looked at; as it stands, all that are declared in the stock rules."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    feeds: tuple[str, ...] = Field(default=(), max_length=1000, description="Names of feeds; none: all.")
    at_once: bool = Field(default=False, description="Deliver now, whether an interval is due or not.")
    release_reason: str = Field(
        default="",
        max_length=500,
        description="Why a picture that was stopped for having lost too many articles is right: it is delivered now.",
    )
    by: str = Field(default="", max_length=80, description="Who releases it: your own short name.")
    patience: float = Field(default=20.0, ge=0, le=600, description="Seconds to wait when a receiver cannot answer.")

    @model_validator(mode="after")
    def _names_who_releases_what(self) -> "FeedRequest":
        if self.release_reason and not (self.by and self.feeds):
            raise ValueError("a release names its feeds and who releases them")
        return self

    def release(self) -> Release | None:
        """Return a person's release, where there is one."""
        return Release(self.by, self.release_reason) if self.release_reason else None


ALL_FEEDS = FeedRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'stock-feed 2026-11-21 14:00'."""
    request = FeedRequest.model_validate(flow_run.parameters.get("request") or {})
    return " ".join(("stock-feed", *request.feeds[:3], f"{datetime.now(UTC):%Y-%m-%d %H:%M}"))


@flow(name="stock-feed", flow_run_name=run_name, validate_parameters=True)
def stock_feed(request: FeedRequest = ALL_FEEDS) -> FeedSummary:
    """See what is due and what was missed, deliver, report. Safe to run again: an interval is served once."""
    steps.plan(request.feeds, at_once=request.at_once, release=request.release())
    return steps.report(steps.deliver(request.patience))
