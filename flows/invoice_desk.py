"""Invoice desk: people look at incoming invoices that wait, approve, reject, ask, and confirm accounts."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from tasks.invoice_validation.desk_form import Action, DeskRequest
from tasks.invoice_validation.desk_steps import DECIDING, Outcome, act, report
from tasks.invoice_validation.reporting import ready
from tasks.invoice_validation.steps import deliver

PATIENCE = 20.0


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'invoice-desk approve 2026-11-22 14:00'."""
    request = flow_run.parameters.get("request") or {}
    action = request.get("action", Action.LIST) if isinstance(request, dict) else request.action
    return f"invoice-desk {action} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="invoice-desk", flow_run_name=run_name, validate_parameters=True)
def invoice_desk(request: DeskRequest) -> Outcome:
    """Do what the form says, hand on what was decided, report."""
    outcome = act(request)
    if request.action is Action.READINESS:
        ready()
        return outcome
    if request.action in DECIDING and outcome.done:
        deliver(PATIENCE)
    report(outcome)
    return outcome
