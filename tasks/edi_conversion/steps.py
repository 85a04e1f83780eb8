"""The Prefect tasks of EDI conversion: collect, plan, convert a chunk, deliver, rehearse.

Chunks are submitted, so that any task runner can carry them: the flow's own thread, or a Dask cluster by
``edi_conversion.with_options(task_runner=DaskTaskRunner(...))`` where prefect-dask is installed.
"""

import time
from dataclasses import dataclass
from itertools import islice

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks.database import inbox
from blocks.database.audit import Actor
from blocks.database.conversions import Goal
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.edi_conversion import chunks
from tasks.edi_conversion.booking import PROCESS, Converted
from tasks.edi_conversion.chunk_reading import read_each
from tasks.edi_conversion.chunks import Chunk
from tasks.edi_conversion.delivering import DELIVERIES
from tasks.retrying import RETRYING

MOST_REHEARSED = 1000


@dataclass(frozen=True, slots=True)
class Manner:
    """How files are read: by how many processes, with or without what is known of suppliers' layouts."""

    jobs: int = 0
    supplier_memory: bool = True


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


@task(name="collect files", task_run_name="collect files of {source}", **RETRYING)
def collect(source: str) -> inbox.Stored:
    """Keep the bytes of every file that waits at the source, each once."""
    log = get_run_logger().info
    stored: inbox.Stored = load_system(source).collect(Database.current(), actor(), source=source, log=log)
    log(f"Collected from {source}: {stored.new} new files, {stored.duplicates} known before.")
    return stored


@task(name="plan", task_run_name="plan the chunks of {source}", **RETRYING)
def plan(source: str) -> list[Chunk]:
    """Return the files that nobody has read yet, in chunks."""
    with Database.current().connect() as connection:
        return chunks.chunks_of(connection, source)


@task(name="convert a chunk", task_run_name="convert {chunk.files} files", **RETRYING)
def convert_chunk(chunk: Chunk, goal: Goal, manner: Manner) -> tuple[Converted, float]:
    """Read a chunk's files over worker processes and book them in one transaction; returns the seconds reading took."""
    converted, seconds = chunks.convert(
        Database.current(), actor(), chunk, goal, supplier_memory=manner.supplier_memory, jobs=manner.jobs
    )
    get_run_logger().info(
        f"Read {converted.files} files in {seconds:.1f} seconds: {converted.proven} proven, {converted.review} for"
        f" review, {converted.unreadable} unreadable."
    )
    return converted, seconds


@task(name="deliver", task_run_name="deliver", **RETRYING)
def deliver(patience: float) -> Delivered:
    """Hand over what is due: proven and released invoices, each once."""
    log, lease = get_run_logger().info, settings().effect_lease
    return deliver_all(DELIVERIES, Database.current(), actor(), lease=lease, patience=patience, log=log)


@task(name="rehearse", task_run_name="rehearse", **RETRYING)
def rehearse(source: str, manner: Manner) -> tuple[Converted, float]:
    """Read what waits at the source and leave it there: nothing is kept, nothing is called."""
    log = get_run_logger().info
    with Database.current().connect() as connection:
        memory = chunks.memory_of(connection) if manner.supplier_memory else None
    waiting = ((file.name, file.body) for file in islice(load_system(source).peek(log), MOST_REHEARSED))
    begun, converted = time.monotonic(), Converted()
    for told in read_each(waiting, memory, jobs=manner.jobs):
        converted += Converted.of([conversion.outcome for conversion, _ in told])
    return converted, time.monotonic() - begun
