"""Entry sweep: takes in orders that a dead run of order entry left in its form, and lets Prefect forget the form."""

from prefect import flow, get_run_logger
from pydantic import BaseModel, ConfigDict

from tasks.order_entry.steps import take_in_what_was_left
from tasks.order_entry.summary import SweepSummary


class SweepRequest(BaseModel):
    """Nothing needs to be said: the sweep looks at all runs of order entry that ended within a week."""

    model_config = ConfigDict(frozen=True, extra="forbid")


EVERYTHING = SweepRequest()


@flow(name="entry-sweep", validate_parameters=True)
def entry_sweep(request: SweepRequest = EVERYTHING) -> SweepSummary:  # noqa: ARG001 - every process has one form
    """Sweep. Kept orders are judged by the next run of order entry or by releasing them; safe to run at any time."""
    summary = take_in_what_was_left()
    get_run_logger().info(summary.sentence())
    return summary
