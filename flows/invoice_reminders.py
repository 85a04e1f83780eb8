"""Invoice reminders: every day, what people must decide before the law's days are over, and who sends no e-invoices."""

from datetime import UTC, datetime

from prefect import flow

from tasks.invoice_validation.form import ReminderRequest
from tasks.invoice_validation.reporting import ready, remind
from tasks.invoice_validation.steps import deliver

ALL = ReminderRequest()
PATIENCE = 20.0


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'invoice-reminders 2026-11-22'."""
    return f"invoice-reminders {datetime.now(UTC):%Y-%m-%d}"


@flow(name="invoice-reminders", flow_run_name=run_name, validate_parameters=True)
def invoice_reminders(request: ReminderRequest = ALL) -> int:
    """Leave ageing and readiness, send reminders; returns of how many invoices people were reminded for the first time.

    A mailbox that does not answer leaves its mails to the next run.
    """
    new = remind()
    deliver(PATIENCE)
    if request.readiness:
        ready()
    return new
