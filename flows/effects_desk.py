"""Effects desk: people see what would be done outside, and have calls retried or abandoned."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from tasks.effects_desk.form import Action, EffectsRequest
from tasks.effects_desk.steps import EffectsOutcome, act


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'effects-desk preview 2026-11-21 14:00'."""
    request = flow_run.parameters.get("request") or {}
    action = request.get("action", Action.PREVIEW) if isinstance(request, dict) else request.action
    return f"effects-desk {action} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="effects-desk", flow_run_name=run_name, validate_parameters=True)
def effects_desk(request: EffectsRequest) -> EffectsOutcome:
    """Preview changes nothing; retry and abandon are done in one transaction and told to the audit trail."""
    return act(request)
