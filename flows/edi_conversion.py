"""EDI conversion: take in what suppliers sent as files, read each invoice, hand on what is proven."""

from datetime import UTC, datetime
from typing import Any

from prefect import flow, get_run_logger
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from blocks.database.inbox import Stored
from tasks.edi_conversion.booking import Converted
from tasks.edi_conversion.form import ConversionRequest
from tasks.edi_conversion.reporting import report
from tasks.edi_conversion.steps import Manner, collect, convert_chunk, deliver, plan, rehearse
from tasks.edi_conversion.summary import ConversionSummary

WHAT_WAITS = ConversionRequest()
ONE_BY_ONE: Any = ThreadPoolTaskRunner(max_workers=1)
"""A chunk uses all processors by its own worker processes; on a cluster, give the flow another task runner."""


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'edi-conversion suppliers 2026-11-22 14:00'."""
    given = flow_run.parameters.get("request") or {}
    request = given if isinstance(given, dict) else given.model_dump()
    source = str(request.get("source") or WHAT_WAITS.source).partition("/")[2]
    rehearsal = " (rehearsal)" if request.get("dry_run") else ""
    return f"edi-conversion {source} {datetime.now(UTC):%Y-%m-%d %H:%M}{rehearsal}"


@flow(name="edi-conversion", flow_run_name=run_name, validate_parameters=True, task_runner=ONE_BY_ONE)
def edi_conversion(request: ConversionRequest = WHAT_WAITS) -> ConversionSummary:
    """Collect, read chunk by chunk, deliver, report. Safe to run again, also after any crash.

    A source that does not answer, or a chunk that fails, fails the run at its end: all else is done by then.
    """
    manner = Manner(request.jobs, request.supplier_memory)
    if request.dry_run:
        converted, seconds = rehearse(request.source, manner)
        return report(request.source, converted, seconds=seconds, dry_run=True)
    collected = collect(request.source, return_state=True)  # bytes are kept before anything else
    stored = collected.result() if collected.is_completed() else Stored()
    futures = [convert_chunk.submit(chunk, request.goal, manner) for chunk in plan(request.source)]
    converted, seconds, failed = gathered(futures)
    delivered = deliver(request.patience)
    summary = report(request.source, converted, seconds=seconds, stored=stored, delivered=delivered)
    get_run_logger().info(summary.sentence())
    collected.result()  # raises what kept the source from being read
    if failed is not None:
        failed.result()  # raises what kept a chunk from being booked
    return summary


def gathered(
    futures: list[PrefectFuture[tuple[Converted, float]]],
) -> tuple[Converted, float, PrefectFuture[tuple[Converted, float]] | None]:
    """Return the sums of all chunks, and one that failed, if any."""
    converted, seconds = Converted(), 0.0
    failed = None
    for future in futures:
        future.wait()
        if future.state.is_completed():
            part, took = future.result()
            converted, seconds = converted + part, seconds + took
        else:
            failed = failed or future
    return converted, seconds, failed
