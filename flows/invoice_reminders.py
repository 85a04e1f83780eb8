"""Invoice reminders: every day, what people must decide before the law's days are over, and who sends no e-invoices."""

from prefect import flow

from tasks.invoice_validation.reporting import ready, remind


@flow(name="invoice-reminders")
def invoice_reminders() -> int:
    """Leave ageing and readiness; returns of how many invoices people were reminded for the first time."""
    new = remind()
    ready()
    return new
