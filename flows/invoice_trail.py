"""Invoice trail: what links an invoice to order, receipt, verdict, approval, posting, payment, and what proves it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import in_reading_order
from tasks.invoice_trail.page import as_data
from tasks.invoice_trail.steps import follow


class Way(StrEnum):
    """From where the trail is looked up."""

    INVOICE = "invoice"
    ORDER = "order"
    RECEIPT = "receipt"
    POSTING = "posting"
    BILL = "bill"
    BATCH = "batch"


class TrailRequest(BaseModel):
    """Whose trail is shown. Nothing is changed but that links that are new are kept with their proof."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    known: str = Field(
        min_length=1,
        max_length=200,
        description="Number of the invoice (ours or the supplier's), of the order, the receipt, the posting, the ERP's"
        " bill or the batch.",
    )
    way: Way = Field(default=Way.INVOICE, description="What that number is of.")
    backwards: bool = Field(default=False, description="List from the payment back to the order.")


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'invoice-trail order 4711 2026-11-22 14:00'."""
    given = flow_run.parameters.get("request") or {}
    request = TrailRequest.model_validate(given)
    return f"invoice-trail {request.way} {request.known[:60]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="invoice-trail", flow_run_name=run_name, validate_parameters=True)
def invoice_trail(request: TrailRequest) -> list[dict[str, Any]]:
    """Show the trail in both directions with its proofs, as a picture and as a table; missing links are named."""
    return as_data(follow(request.way.value, request.known, backwards=request.backwards))
