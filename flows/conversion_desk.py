"""Conversion desk: people look at converted invoices that wait, correct, release or reject them."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from tasks.edi_conversion.desk_form import Action, DeskRequest
from tasks.edi_conversion.desk_steps import Outcome, act, forget_patch, report
from tasks.edi_conversion.steps import deliver

PATIENCE = 20.0


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'conversion-desk release 2026-11-22 14:00'; nothing of a patch."""
    request = flow_run.parameters.get("request") or {}
    action = request.get("action", Action.LIST) if isinstance(request, dict) else request.action
    return f"conversion-desk {action} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="conversion-desk", flow_run_name=run_name, validate_parameters=True)
def conversion_desk(request: DeskRequest) -> Outcome:
    """Do what the form says, deliver what was released, report. What a patch says is forgotten by Prefect."""
    try:
        outcome = act(request)
    finally:
        forget_patch()
    if request.action is Action.RELEASE and outcome.done:
        deliver(PATIENCE)
    report(outcome)
    return outcome
