"""Inventory reconciliation: compare every system's stock with our books, name each difference's cause, repair it."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blocks.database.effect_delivery import Delivered
from blocks.errors import Refused
from blocks.forms import connection, in_reading_order
from blocks.people import person
from tasks.inventory_reconciliation.scoping import Wanted
from tasks.inventory_reconciliation.shelves import Release
from tasks.inventory_reconciliation.steps import channel_of, narrow, reconcile_levels, reconcile_listings, report
from tasks.inventory_reconciliation.summary import ReconciliationSummary
from tasks.shop_listing.steps import look, tell


class ReconciliationRequest(BaseModel):
    """What to compare. Nothing needs to be changed: then everything is."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops"),
        title="Shop",
        description="The shop: type and name of its block, e.g. smartstore-shop/berlin.",
    )
    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP that knows the stock: type and name of its block, e.g. tryton-erp/main.",
    )
    articles: list[str] = Field(
        default_factory=list, description="Only these SKUs, with the parts of bundles among them; empty: all."
    )
    supplier: str = Field(default="", description="Only what is bought from this supplier, as the stock rules say.")
    category: str = Field(
        default="", description="Only articles of this category of the shop and those below it, e.g. Rings > Gold."
    )
    warehouse: str = Field(default="", description="Only this warehouse, and what shops show of its articles.")
    rehearsal: bool = Field(
        default=False, description="Compare and report, but keep nothing, change nothing and tell the shop nothing."
    )
    release: int | None = Field(
        default=None, ge=1, description="Number of a comparison the guard stopped that shall be carried out after all."
    )
    by: str = Field(default="", max_length=80, description="Who releases it: your name, e.g. anna.berg.")
    reason: str = Field(default="", max_length=500, description="Why it is released; goes into the audit trail.")
    patience: float = Field(
        default=60.0,
        ge=0,
        le=3600,
        description="Seconds to wait when the shop cannot answer; the next run does what is left then.",
    )

    @model_validator(mode="after")
    def _releases_with_a_reason(self) -> "ReconciliationRequest":
        if self.release is not None and not (self.by.strip() and self.reason.strip()):
            raise ValueError("say who releases the comparison (by) and why (reason)")
        return self

    def wanted(self) -> Wanted:
        """Return which articles are meant."""
        articles = tuple(dict.fromkeys(sku.strip() for sku in self.articles if sku.strip()))
        return Wanted(articles, self.supplier.strip(), self.category.strip(), self.warehouse.strip())


EVERYTHING = ReconciliationRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'inventory-reconciliation berlin 2026-11-22 02:00'."""
    request = ReconciliationRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"inventory-reconciliation {channel_of(request.source)} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="inventory-reconciliation", flow_run_name=run_name, validate_parameters=True)
def inventory_reconciliation(request: ReconciliationRequest = EVERYTHING) -> ReconciliationSummary:
    """Compare, explain, repair, report. Safe to run again at any time, and after any crash: what agrees is left alone.

    An ERP that does not answer fails the run at its end: the shop is brought into line with our books all the same. A
    run that a guard stopped fails, too, because it waits for a person.
    """
    release = Release(request.release, person(request.by), request.reason.strip()) if request.release else None
    scope = narrow(request.source, request.wanted())
    erp = reconcile_levels(request.erp, scope, rehearsal=request.rehearsal, return_state=True)
    looked = look(request.source, sorted(scope.skus or ()), again=True)
    shop = reconcile_listings(request.source, scope, looked=looked, release=release, rehearsal=request.rehearsal)
    delivered = Delivered() if request.rehearsal else tell(request.patience)
    levels = erp.result() if erp.is_completed() else None
    summary = report(scope, levels, shop, delivered, rehearsal=request.rehearsal)
    get_run_logger().info(summary.sentence())
    erp.result()  # raises what kept the ERP from being compared
    if summary.stopped and not request.rehearsal:
        raise Refused(f"A guard stopped what might be a mistake. {summary.sentence()}")
    return summary
