"""Lets Prefect forget what a patch says: a form is kept with its run, and that is no place for addresses."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tasks.quarantine_desk.form import blanked, holds_values

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

FLOW = "quarantine-desk"
OLDEST = timedelta(days=30)
MOST = 200
ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


def forget(run_id: UUID | str) -> None:
    """Blank the values of the patch in a run's parameters, and in those of runs that died before they could."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - only where Prefect is asked

    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(str(run_id)))
        if holds_values(run.parameters):
            client.update_flow_run(run.id, parameters=blanked(run.parameters)).raise_for_status()
        for left in _left_behind(client):
            client.update_flow_run(left[0], parameters=left[1]).raise_for_status()


def _left_behind(client: "SyncPrefectClient") -> list[tuple[UUID, dict[str, object]]]:
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter  # noqa: PLC0415 - as above
    from prefect.client.schemas.sorting import FlowRunSort  # noqa: PLC0415

    since = datetime.now(UTC) - OLDEST
    runs = client.read_flow_runs(
        flow_filter=FlowFilter.model_validate({"name": {"any_": [FLOW]}}),
        flow_run_filter=FlowRunFilter.model_validate(
            {"state": {"type": {"any_": ENDED}}, "expected_start_time": {"after_": since}}
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=MOST,
    )
    return [(run.id, blanked(run.parameters)) for run in runs if holds_values(run.parameters)]
