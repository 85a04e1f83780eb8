"""Invoice validation: take in what suppliers bill, check it in form, in law, against the supply; hand on what holds."""

from datetime import UTC, datetime
from typing import Any

from prefect import flow, get_run_logger
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from blocks.database.conversions import Goal
from blocks.database.inbox import Stored
from tasks.edi_conversion import steps as conversion
from tasks.invoice_validation.booking import Tally
from tasks.invoice_validation.form import ValidationRequest
from tasks.invoice_validation.reporting import report
from tasks.invoice_validation.steps import Manner, deliver, hear, judge_chunk, learn, plan, rehearse, take
from tasks.invoice_validation.summary import ValidationSummary

WHAT_WAITS = ValidationRequest()
NOWHERE = Goal()
"""An invoice that is checked is delivered nowhere as a file: it goes on as a bill."""
ONE_BY_ONE: Any = ThreadPoolTaskRunner(max_workers=1)
"""A chunk uses all processors by its own worker processes; on a cluster, give the flow another task runner."""


def run_name() -> str:
    """Return what the run is called in the UI, e.g. 'invoice-validation suppliers 2026-11-22 14:00'."""
    given = flow_run.parameters.get("request") or {}
    request = given if isinstance(given, dict) else given.model_dump()
    source = str(request.get("source") or WHAT_WAITS.source).partition("/")[2]
    rehearsal = " (rehearsal)" if request.get("dry_run") else ""
    return f"invoice-validation {source} {datetime.now(UTC):%Y-%m-%d %H:%M}{rehearsal}"


@flow(name="invoice-validation", flow_run_name=run_name, validate_parameters=True, task_runner=ONE_BY_ONE)
def invoice_validation(request: ValidationRequest = WHAT_WAITS) -> ValidationSummary:
    """Collect, read, take, judge chunk by chunk, hand on, report. Safe to run again, also after any crash.

    A system that does not answer, or a chunk that fails, fails the run at its end: all else is done by then.
    """
    reading, manner = conversion.Manner(request.jobs, request.supplier_memory), Manner(request.jobs, request.again)
    if request.dry_run:
        return rehearsed(request, reading, manner)
    collected = conversion.collect(request.source, return_state=True)  # bytes are kept before anything else
    stored = collected.result() if collected.is_completed() else Stored()
    chunks = conversion.plan(request.source)
    read = [conversion.convert_chunk.submit(chunk, NOWHERE, reading) for chunk in chunks]
    _, unread = gathered(read)
    learnt = learn(request.erp, return_state=True) if request.erp else None
    taken = take(request.source, request.destination, request.since)
    judged = [judge_chunk.submit(chunk, manner) for chunk in plan(request.source)]
    results, unjudged = gathered(judged)
    delivered = deliver(request.patience)
    heard = hear(return_state=True) if request.erp else None
    tally = sum((tally for tally, _ in results), Tally(taken=taken))
    seconds = sum(took for _, took in results)
    summary = report(request.source, tally, seconds=seconds, stored=stored, delivered=delivered)
    get_run_logger().info(summary.sentence())
    for state in (collected, learnt, heard):
        if state is not None:
            state.result()  # raises what kept the source or the ERP from being read
    for future in (*unread, *unjudged):
        future.result()  # raises what kept a chunk from being booked
    return summary


def rehearsed(request: ValidationRequest, reading: conversion.Manner, manner: Manner) -> ValidationSummary:
    """Say what would become of what waits: files are read, invoices judged, nothing is kept or called."""
    converted, _ = conversion.rehearse(request.source, reading)
    tally, seconds = rehearse(request.source, request.destination, manner)
    return report(request.source, tally, seconds=seconds, files=converted.files, dry_run=True)


def gathered(futures: list[PrefectFuture[Any]]) -> tuple[list[Any], list[PrefectFuture[Any]]]:
    """Return the results of what went well, and what failed."""
    for future in futures:
        future.wait()
    well = [future.result() for future in futures if future.state.is_completed()]
    return well, [future for future in futures if not future.state.is_completed()]
