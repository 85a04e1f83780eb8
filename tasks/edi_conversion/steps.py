"""The Prefect tasks of EDI conversion: collect, plan, convert a chunk, deliver, rehearse.

A chunk's task depends on nothing but its own parameters and Postgres, so that any task runner can carry it: the flow's
own thread, or a Dask cluster by ``edi_conversion.with_options(task_runner=DaskTaskRunner(...))`` where prefect-dask is
installed.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks.database import conversions, inbox, supplier_layouts
from blocks.database.audit import Actor
from blocks.database.conversions import Goal, Read, Waiting
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.edi_conversion.booking import PROCESS, Converted, book
from tasks.edi_conversion.chunk_reading import read_each
from tasks.edi_conversion.delivering import DELIVERIES
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.standards.printed_invoices.memory import LayoutMemory

CHUNK, MOST_CHUNKS = 500, 100
"""Files of a task, so that starting its processes weighs little; more of them where a run would have too many tasks."""
MOST_REHEARSED = 1000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Files of the inbox of one source, by their first and last id; ``files`` is how many there are."""

    source: str
    first: int
    last: int
    files: int


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
        ids = [file.inbox_id for file in conversions.waiting(connection, source=source)]
    size = max(CHUNK, -(-len(ids) // MOST_CHUNKS))
    parts = [ids[first : first + size] for first in range(0, len(ids), size)]
    return [Chunk(source, part[0], part[-1], len(part)) for part in parts]


@task(name="convert a chunk", task_run_name="convert {chunk.files} files", **RETRYING)
def convert_chunk(chunk: Chunk, goal: Goal, manner: Manner) -> tuple[Converted, float]:
    """Read a chunk's files over worker processes and book them in one transaction; returns the seconds reading took."""
    database = Database.current()
    with database.connect() as connection:
        files = conversions.waiting(connection, source=chunk.source, first=chunk.first, last=chunk.last)
        memory = memory_of(connection) if manner.supplier_memory else None
    begun = time.monotonic()
    reads = read(database, files, memory, jobs=manner.jobs)
    seconds = time.monotonic() - begun
    with database.audited(actor()) as (connection, trail):
        converted = book(connection, trail, source=chunk.source, goal=goal, reads=reads)
    get_run_logger().info(
        f"Read {converted.files} files in {seconds:.1f} seconds: {converted.proven} proven, {converted.review} for"
        f" review, {converted.unreadable} unreadable."
    )
    return converted, seconds


def memory_of(connection: "Connection") -> "LayoutMemory | None":
    """Return what is known of suppliers' layouts; a lesson that cannot be read any more is left out."""
    from blocks.standards.printed_invoices.memory import LayoutMemory, Lesson  # noqa: PLC0415 - only where read

    lessons: dict[tuple[str, str], Lesson] = {}
    for row in supplier_layouts.in_force(connection):
        try:
            lessons |= LayoutMemory.of([row]).lessons
        except ValueError:  # written by another version of SOMS
            continue
    return LayoutMemory(lessons) if lessons else None


def read(database: Database, files: Sequence[Waiting], memory: "LayoutMemory | None", *, jobs: int) -> list[Read]:
    """Read files of the inbox; their bytes are fetched one by one as processes take them."""
    found = read_each(_contents(database, files), memory, jobs=jobs)
    return [
        Read(file, conversion, supplier, part)
        for file, told in zip(files, found, strict=True)
        for part, (conversion, supplier) in enumerate(told, 1)
    ]


def _contents(database: Database, files: Sequence[Waiting]) -> Iterator[tuple[str, bytes]]:
    with database.connect(autocommit=True) as connection:
        for file in files:
            yield file.name, conversions.body(connection, file.inbox_id)


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
        memory = memory_of(connection) if manner.supplier_memory else None
    waiting = ((file.name, file.body) for file in islice(load_system(source).peek(log), MOST_REHEARSED))
    begun, converted = time.monotonic(), Converted()
    for told in read_each(waiting, memory, jobs=manner.jobs):
        converted += Converted.of([conversion.outcome for conversion, _ in told])
    return converted, time.monotonic() - begun
