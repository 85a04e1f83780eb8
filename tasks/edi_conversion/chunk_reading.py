"""Reads many files over worker processes, each with the key of who sent it. Pure, so that a process starts quickly."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from blocks.documents.conversions import Conversion
from blocks.worker_pool import Limits, Lost, each
from tasks.edi_conversion.converting import conversions_of, unreadable

if TYPE_CHECKING:
    from blocks.standards.printed_invoices.memory import LayoutMemory

Told = tuple[Conversion, str]
"""What was read, and the key its supplier is known by."""


def read_each(
    files: Iterable[tuple[str, bytes]],
    memory: "LayoutMemory | None",
    *,
    jobs: int = 0,
    limits: Limits | None = None,
) -> Iterator[tuple[Told, ...]]:
    """Yield what was read of each file, in their order: one entry for each invoice in it, at least one.

    A file that crashes, hangs or eats memory takes only itself along: it is unreadable, and says why.
    """
    for (name, _), answer in each(partial(read_one, memory), files, jobs=jobs, limits=limits):
        yield ((unreadable(name, answer.reason), ""),) if isinstance(answer, Lost) else answer


def read_one(memory: "LayoutMemory | None", file: tuple[str, bytes]) -> tuple[Told, ...]:
    """Return what was read of one file, in a worker process."""
    return tuple((found, supplier(found)) for found in conversions_of(*file, memory))


def supplier(conversion: Conversion) -> str:
    """Return the key of who sent what was read; empty where nobody can tell."""
    if conversion.invoice is None:
        return ""
    from blocks.standards.printed_invoices.proof import supplier_key  # noqa: PLC0415 - only where something was read

    return supplier_key(conversion.invoice)
