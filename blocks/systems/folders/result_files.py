"""The answer to a file: what became of each of its rows, as a file for its sender. Pure."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO

from blocks.standards.order_files.formulas import neutral

Fate = Callable[[Mapping[str, Any]], tuple[str, str, str, str]]
"""Says what became of one record: the word for it, rule ids, reasons and remedies."""


def result_name(archived_as: str, number: int) -> str:
    """Return the name of a file's answer; the second and later ones are numbered."""
    return f"{archived_as}.result.csv" if number == 1 else f"{archived_as}.result-{number}.csv"


def write(
    stream: TextIO, file: Mapping[str, Any], fates: Iterable[Mapping[str, Any]], fate: Fate, *, record: str
) -> None:
    """Write the answer: one row for each record, and one at the end where the file could not be read (to its end).

    Args:
        stream: A text stream opened with ``newline=""``.
        file: The file's ``name`` and ``refusal``.
        fates: What became of its records: ``first_row, last_row, external_id`` and what ``fate`` looks at.
        fate: Says what became of one record.
        record: What a record is called in the header, e.g. 'order'.
    """
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(("file", "rows", record, "fate", "rules", "reason", "remedy"))
    for row in _rows(file, fates, fate):
        writer.writerow([neutral(cell) for cell in row])


def _rows(file: Mapping[str, Any], fates: Iterable[Mapping[str, Any]], fate: Fate) -> Iterator[tuple[str, ...]]:
    for row in fates:
        first, last = row["first_row"], row["last_row"]
        rows = f"row {first}" if first == last else f"rows {first} to {last}"
        yield file["name"], rows, row["external_id"], *fate(row)
    if file["refusal"]:
        remedy = "Correct the file and put it in again: rows that were taken already are not taken twice."
        yield file["name"], "", "", "refused", "FILE-UNREADABLE", file["refusal"], remedy
