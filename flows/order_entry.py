"""Order entry: an order by phone, letter or over the counter, typed into one form, goes the way of every order."""

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from tasks.order_entry.form import OrderForm
from tasks.order_entry.steps import enter, forget_form, report
from tasks.order_entry.summary import EntrySummary
from tasks.order_intake.judging import Route
from tasks.order_intake.steps import deliver, judge_and_book

PATIENCE = 5.0
"""Seconds to wait for an ERP that cannot answer: a person waits for the form, and the next intake does the rest."""


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'order-entry phone 2026-11-21 14:00'; nothing of the form."""
    request = flow_run.parameters.get("request") or {}
    desk = str(request.get("desk", "") if isinstance(request, dict) else request.desk)
    return f"order-entry {desk.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="order-entry", flow_run_name=run_name, validate_parameters=True)
def order_entry(request: OrderForm) -> EntrySummary:
    """Keep the order, let Prefect forget the form, then judge, book and deliver it like an order of any other source.

    Safe to send and to run again: the same form is the same order.
    """
    entered = enter(request)
    forget_form(entered.name)
    judge_and_book(Route(request.desk, request.erp, entered.channel), (entered.name,))
    deliver(PATIENCE)
    return report(request.desk, entered)
