"""Converts one chunk of a source's files: reads them over worker processes, books them in one transaction.

A chunk depends on nothing but what it is given and Postgres, so that any task runner can carry it.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database import conversions, supplier_layouts
from blocks.database.conversions import Goal, Read, Waiting
from tasks.edi_conversion.booking import Converted, book
from tasks.edi_conversion.chunk_reading import Told, read_each

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.standards.printed_invoices.memory import LayoutMemory, Lesson

SIZE, MOST_CHUNKS = 500, 100
"""Files of a chunk, so that starting its processes weighs little; more where a run would have too many chunks."""

Reader = Callable[[Iterable[tuple[str, bytes]], "LayoutMemory | None"], Iterator[tuple[Told, ...]]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Files of the inbox of one source, by their first and last id; ``files`` is how many there are."""

    source: str
    first: int
    last: int
    files: int


def chunks_of(connection: "Connection", source: str) -> list[Chunk]:
    """Return the files that nobody has read yet, in chunks."""
    ids = [file.inbox_id for file in conversions.waiting(connection, source=source)]
    size = max(SIZE, -(-len(ids) // MOST_CHUNKS))
    parts = [ids[first : first + size] for first in range(0, len(ids), size)]
    return [Chunk(source, part[0], part[-1], len(part)) for part in parts]


def convert(
    database: "Database",
    actor: "Actor",
    chunk: Chunk,
    goal: Goal,
    *,
    supplier_memory: bool = True,
    jobs: int = 0,
    reader: Reader | None = None,
) -> tuple[Converted, float]:
    """Read a chunk's files and book them in one transaction; returns the seconds that reading took."""
    with database.connect() as connection:
        files = conversions.waiting(connection, source=chunk.source, first=chunk.first, last=chunk.last)
        memory = memory_of(connection) if supplier_memory else None
    begun = time.monotonic()
    contents = _contents(database, files)
    told = reader(contents, memory) if reader else read_each(contents, memory, jobs=jobs)
    reads = [
        Read(file, conversion, supplier, part)
        for file, parts in zip(files, told, strict=True)
        for part, (conversion, supplier) in enumerate(parts, 1)
    ]
    seconds = time.monotonic() - begun
    with database.audited(actor) as (connection, trail):
        converted = book(connection, trail, source=chunk.source, goal=goal, reads=reads)
    return converted, seconds


def _contents(database: "Database", files: Sequence[Waiting]) -> Iterator[tuple[str, bytes]]:
    """Yield the files one by one, as processes take them."""
    with database.connect(autocommit=True) as connection:
        for file in files:
            yield file.name, conversions.body(connection, file.inbox_id)


def memory_of(connection: "Connection") -> "LayoutMemory | None":
    """Return what is known of suppliers' layouts; a lesson that cannot be read any more is left out."""
    from blocks.standards.printed_invoices.memory import LayoutMemory  # noqa: PLC0415 - only where something is read

    lessons: dict[tuple[str, str], Lesson] = {}
    for row in supplier_layouts.in_force(connection):
        try:
            lessons |= LayoutMemory.of([row]).lessons
        except ValueError:  # written by another version of SOMS
            continue
    return LayoutMemory(lessons) if lessons else None
