"""Quarantine desk: people look at records that were put aside, correct, release or reject them, and teach rules."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from blocks.database.engine import Database
from tasks.order_intake.answering import Answering, by_mail
from tasks.order_intake.teaching import teach
from tasks.quarantine_desk.form import Action, DeskRequest
from tasks.quarantine_desk.reporting import Outcome
from tasks.quarantine_desk.steps import act, actor, forget_patch, report


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'quarantine-desk release 2026-11-21 14:00'; nothing of a patch."""
    request = flow_run.parameters.get("request") or {}
    action = request.get("action", Action.SHOW) if isinstance(request, dict) else request.action
    return f"quarantine-desk {action} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="quarantine-desk", flow_run_name=run_name, validate_parameters=True)
def quarantine_desk(request: DeskRequest) -> Outcome:
    """Do what the form says and report it. What a patch says is forgotten by Prefect, whatever becomes of it."""
    try:
        if request.action is Action.LEARN:
            record = request.one_record()
            outcome = Outcome(request.action, request.who, teach(actor(request), record, request.reason), (record,))
        else:
            outcome = act(request, _answering(request))
    finally:
        forget_patch()
    report(outcome)
    return outcome


def _answering(request: DeskRequest) -> Answering | None:
    """Return how senders of rejected records are answered; None where nobody is."""
    if request.action is not Action.REJECT or not request.answer:
        return None
    with Database.current().connect() as connection:
        return by_mail(connection)
