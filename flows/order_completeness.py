"""Order completeness: certify for one source and one window that nothing was lost, and fetch what was."""

from datetime import date
from typing import Self

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from blocks.errors import Refused
from blocks.forms import connection, in_reading_order
from tasks.order_completeness.rules import Certificate
from tasks.order_completeness.steps import ask_source, certify, publish, window_of


class CompletenessRequest(BaseModel):
    """What to certify. Nothing needs to be changed: as it stands, yesterday is certified, by the merchant's clock."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="smartstore-shop/berlin",
        pattern=connection("shops", "folders", "desks"),
        description="The shop, the folder of order files or the desk: type and name of its block, e.g."
        " smartstore-shop/berlin.",
    )
    day: date | None = Field(
        default=None,
        description="The day to certify, from midnight to midnight where the merchant is; None: yesterday.",
    )
    since: AwareDatetime | None = Field(
        default=None,
        description="Certify from this time instead of a day: orders placed, or files that came, from then.",
    )
    until: AwareDatetime | None = Field(
        default=None, description="Together with 'Since': certify what came before this time; None: up to now."
    )
    fetch: bool = Field(
        default=True, description="Bring in what the source has and SOMS never got; the next order intake judges it."
    )
    fail_when_open: bool = Field(
        default=True,
        description="End the run as failed when something is open that does not heal by itself, so that an alarm can"
        " follow. What was missing and could be fetched fails no run.",
    )

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.since is not None and self.day is not None:
            raise ValueError("say either a day or a time since when, not both")
        if self.until is not None and self.since is None:
            raise ValueError("'until' belongs to 'since': say from when as well")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("'since' must lie before 'until'")
        return self


YESTERDAY = CompletenessRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'order-completeness berlin yesterday'."""
    request = CompletenessRequest.model_validate(flow_run.parameters.get("request") or {})
    window = request.day or (f"{request.since:%Y-%m-%d %H:%M}" if request.since else "yesterday")
    return f"order-completeness {request.source.partition('/')[2]} {window}"


@flow(name="order-completeness", flow_run_name=run_name, validate_parameters=True)
def order_completeness(request: CompletenessRequest = YESTERDAY) -> Certificate:
    """Compare what came with what the source says there was; fetch what is missing. Safe to run again.

    Raises:
        Refused: Something is open that does not heal by itself.
    """
    window = window_of(request.source, request.day, request.since, request.until)
    found = ask_source(request.source, window, fetch=request.fetch)
    issued = certify(request.source, found, fetch=request.fetch)
    publish(issued)
    log = get_run_logger()
    (log.info if issued.closes else log.warning)(issued.sentence())
    if issued.alarming and request.fail_when_open:
        raise Refused(issued.sentence())
    return issued
