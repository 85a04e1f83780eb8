"""Lets Prefect forget what a person typed: a form in its UI is kept with the run, and that is no place for addresses.

Prefect writes the form down before SOMS sees it. So the run blanks its own parameters as soon as the order is kept,
and a sweep does it for runs that died before, after it has kept their orders.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import ValidationError

from tasks.order_entry.form import OrderForm, blanked, holds_something_personal

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

FLOW = "order-entry"
OLDEST = timedelta(days=7)
PAGE = 100
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
TURNED_AWAY = "concurrency limit"
"""In the message of a run that was cancelled because too many ran; all other cancellations are a person's wish."""


@dataclass(frozen=True, slots=True)
class LeftForm:
    """A form that an ended run left behind; ``form`` is None when nothing is to be kept of it."""

    run_id: UUID
    sent_at: datetime
    form: OrderForm | None


def forget(run_id: UUID, kept_as: str) -> None:
    """Blank what is personal in a run's parameters; the same again changes nothing."""
    with _client() as client:
        run = client.read_flow_run(run_id)
        _blank(client, run, kept_as)


def left_behind(now: datetime | None = None) -> Iterator[LeftForm]:
    """Yield the forms that ended runs of the last week still hold, oldest first."""
    since = (now or datetime.now(UTC)) - OLDEST
    with _client() as client:
        for run in _ended(client, since):
            if holds_something_personal(run.parameters):
                yield LeftForm(run.id, run.expected_start_time or since, _wanted(run))


def _wanted(run: "FlowRun") -> OrderForm | None:
    message = (run.state.message or "") if run.state else ""
    by_a_person = run.state is not None and run.state.is_cancelled() and TURNED_AWAY not in message
    request: dict[str, Any] = run.parameters.get("request") or {}
    if by_a_person or request.get("kept_as"):
        return None
    try:
        return OrderForm.model_validate(request)
    except ValidationError:
        return None  # it never was an order: Prefect refused to run it


def _ended(client: "SyncPrefectClient", since: datetime) -> "list[FlowRun]":
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter  # noqa: PLC0415 - as below
    from prefect.client.schemas.sorting import FlowRunSort  # noqa: PLC0415

    flows = FlowFilter.model_validate({"name": {"any_": [FLOW]}})
    runs = FlowRunFilter.model_validate(
        {"state": {"type": {"any_": list(ENDED)}}, "expected_start_time": {"after_": since}}
    )
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            flow_filter=flows, flow_run_filter=runs, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=PAGE,
            offset=len(found),
        )  # fmt: skip
        found += page
        if len(page) < PAGE:
            return found


def _blank(client: "SyncPrefectClient", run: "FlowRun", kept_as: str) -> None:
    if holds_something_personal(run.parameters):
        client.update_flow_run(run.id, parameters=blanked(run.parameters, kept_as)).raise_for_status()


def _client() -> "SyncPrefectClient":
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - only where Prefect is asked

    return get_client(sync_client=True)
