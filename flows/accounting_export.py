"""Accounting export: post approved invoices, hand what is new to the accountants as one batch with control totals."""

from datetime import UTC, date, datetime, timedelta

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field, model_validator

from blocks.forms import in_reading_order
from tasks.accounting_export import steps
from tasks.accounting_export.summary import ExportSummary


class ExportRequest(BaseModel):
    """Which days are exported; as it stands, the month before this one. What a batch holds already is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    first_day: date | None = Field(default=None, description="First day of issue of the invoices; none: last month.")
    last_day: date | None = Field(default=None, description="Last day, included.")
    by: str = Field(default="soms", max_length=80, description="Who exports: your own short name.")

    @model_validator(mode="after")
    def _names_both_days_or_none(self) -> "ExportRequest":
        if (self.first_day is None) != (self.last_day is None):
            raise ValueError("give both days, or none for last month")
        return self

    def days(self) -> tuple[date, date]:
        """Return the first and the last day."""
        if self.first_day and self.last_day:
            return self.first_day, self.last_day
        last = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last


LAST_MONTH = ExportRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'accounting-export 2026-10-01 2026-11-02 06:00'."""
    request = ExportRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"accounting-export {request.days()[0]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="accounting-export", flow_run_name=run_name, validate_parameters=True)
def accounting_export(request: ExportRequest = LAST_MONTH) -> ExportSummary:
    """Post, export what is new, report. Safe to run again: a posting is made once and exported once."""
    first_day, last_day = request.days()
    posted = steps.post()
    return steps.report(first_day, last_day, posted, steps.export(first_day, last_day, by=request.by))
