"""EDI exchange: take interchanges in from a partner, acknowledge or explain each, and hand over what goes out."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.database.inbox import Stored
from blocks.forms import connection, in_reading_order
from tasks.edi_exchange import steps
from tasks.edi_exchange.reporting import ExchangeSummary


class ExchangeRequest(BaseModel):
    """With whom to exchange. Nothing else needs to be changed: as it stands, the run takes in what waits."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="edi-folder/partner",
        pattern=connection("partners"),
        description="The partner's connection: type and name of its block, e.g. edi-folder/partner.",
    )
    send_again: list[int] = Field(
        default_factory=list,
        max_length=1000,
        description="Interchanges to be handed over once more under their own control numbers, by the ids that"
        " `soms edi list` shows, e.g. because the partner has lost them.",
    )
    patience: float = Field(
        default=20.0, ge=0, le=600, description="Seconds to wait when the partner's server cannot answer."
    )


WHAT_WAITS = ExchangeRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'edi-exchange partner 2026-11-21 14:00'."""
    request = ExchangeRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"edi-exchange {request.source.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="edi-exchange", flow_run_name=run_name, validate_parameters=True)
def edi_exchange(request: ExchangeRequest = WHAT_WAITS) -> ExchangeSummary:
    """Collect, judge, book, send, report. Safe to run again, and after any crash.

    A server that does not answer fails the run at its end: what is here already is judged and sent all the same.
    """
    collected = steps.collect(request.source, return_state=True)  # octets are kept before anything else
    stored = collected.result() if collected.is_completed() else Stored()
    booked = steps.judge_and_book(request.source)
    answered = steps.answer_orders(request.source)
    if request.send_again:
        steps.send_again(request.send_again)
    summary = steps.report(request.source, stored, booked, answered, steps.deliver(request.patience))
    collected.result()  # raises what kept the folder from being read
    return summary
