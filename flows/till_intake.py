"""Till intake: take in what the tills of the stores sold, took back, voided and counted, each row exactly once."""

from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field

from blocks.database.inbox import Stored
from blocks.forms import connection, in_reading_order
from tasks.stock_movements.pos_judging import Judged
from tasks.stock_movements.pos_steps import answer_files, collect, judge_and_book, judge_counts, report
from tasks.stock_movements.pos_summary import TillSummary


class TillRequest(BaseModel):
    """Whose files to take in. Nothing needs to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="pos-folder/store",
        pattern=connection("tills"),
        description="The folder of the tills' files: type and name of its block, e.g. pos-folder/store.",
    )
    patience: float = Field(
        default=30.0,
        ge=0,
        le=600,
        description="Seconds to wait when the folder's server cannot take the answers; the next run writes them then.",
    )


WHAT_IS_NEW = TillRequest()


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'till-intake store 2026-11-22 14:00'."""
    request = TillRequest.model_validate(flow_run.parameters.get("request") or {})
    return f"till-intake {request.source.partition('/')[2]} {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="till-intake", flow_run_name=run_name, validate_parameters=True)
def till_intake(request: TillRequest = WHAT_IS_NEW) -> TillSummary:
    """Collect, judge, book, answer, report. Safe to run again, also after any crash.

    A folder that does not answer fails the run at its end: what is here already is judged all the same.
    """
    collected = collect(request.source, return_state=True)  # bytes are kept before anything else
    stored = collected.result() if collected.is_completed() else Stored()
    counted, stopped = judge_counts(request.source)
    judged = counted + judge_all(request.source)
    delivered = answer_files(request.source, request.patience)
    summary = report(request.source, stored, judged, stopped, delivered)
    get_run_logger().info(summary.sentence())
    collected.result()  # raises what kept the folder from being read
    return summary


def judge_all(source: str) -> Judged:
    """Judge and book row by row, batch after batch, until nothing is open."""
    judged = Judged()
    while (batch := judge_and_book(source)).rows:
        judged += batch
    return judged
