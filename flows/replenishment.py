"""Replenishment: learn what is wanted, say what will not last, propose what to buy, order what was approved."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field, field_validator

from blocks.forms import in_reading_order
from tasks.replenishment.history import Scope
from tasks.replenishment.reporting import report
from tasks.replenishment.steps import hear_goods_due, look_back, order, plan
from tasks.replenishment.summary import ReplenishmentSummary


class ReplenishmentRequest(BaseModel):
    """What to look at. Nothing needs to be changed; how each article is bought stands in the stock rules."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    warehouses: list[str] = Field(
        default_factory=list, max_length=1000, description="Codes of warehouses; empty: those that the rules name."
    )
    articles: list[str] = Field(
        default_factory=list, max_length=10_000, description="Only these articles, by SKU; empty: all."
    )
    dry_run: bool = Field(
        default=False, description="Only say what would be proposed: nothing is booked, nothing is ordered."
    )
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's zone: a day of demand is a day there.")
    patience: float = Field(
        default=20.0,
        ge=0,
        le=600,
        description="Seconds to wait when the ERP cannot take orders; the next run does what is left then.",
    )

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"'{zone}' is no time zone, e.g. Europe/Berlin") from error
        return zone


EVERYTHING = ReplenishmentRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'replenishment 2026-11-21 05:15'."""
    request = ReplenishmentRequest.model_validate(flow_run.parameters.get("request") or {})
    dry = " dry run" if request.dry_run else ""
    return f"replenishment{dry} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="replenishment", flow_run_name=run_name, validate_parameters=True)
def replenishment(request: ReplenishmentRequest = EVERYTHING) -> ReplenishmentSummary:
    """Hear, look back, plan, order, report. Safe to run again at any time, and after any crash.

    An ERP that does not answer fails the run at its end: proposals are made by what was known of goods on their way.
    """
    scope = Scope(request.time_zone, tuple(request.warehouses), tuple(request.articles))
    heard = hear_goods_due(return_state=True)
    tried = look_back(scope)
    planned = plan(scope, tried.chosen, dry_run=request.dry_run)
    ordered = None if request.dry_run else order(request.patience)
    summary = report(planned, tried, ordered)
    get_run_logger().info(summary.sentence())
    heard.result()  # raises what kept the ERP from being heard
    return summary
