"""Enrichment desk: people look at product data that waits, choose, approve, recognise, and take back."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from tasks.manufacturer_enrichment.desk_form import Action, DeskRequest
from tasks.manufacturer_enrichment.desk_steps import Outcome, act, report
from tasks.manufacturer_enrichment.steps import tell

PATIENCE = 20.0


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'enrichment-desk approve 2026-11-22 14:00'."""
    request = flow_run.parameters.get("request") or {}
    action = request.get("action", Action.LIST) if isinstance(request, dict) else request.action
    return f"enrichment-desk {action} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="enrichment-desk", flow_run_name=run_name, validate_parameters=True)
def enrichment_desk(request: DeskRequest) -> Outcome:
    """Do what the form says, tell the shop at once what follows, report."""
    outcome = act(request)
    if outcome.writes:
        tell(PATIENCE)
    report(request, outcome)
    return outcome
