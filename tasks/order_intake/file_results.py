"""The answer to a file of orders: what became of each of its rows, as a file for its sender. Pure."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from blocks.standards.order_files.formulas import neutral

COLUMNS = ("file", "rows", "order", "fate", "rules", "reason", "remedy")
_WORDS = {"put_aside": "put aside", "received": "waiting"}
_NEWER = ("superseded", "A newer version of this order came in.")
_KNOWN = "The order was known already, with the same content."
_PLAIN_FATES = {
    ("accepted", True): ("accepted", ""),
    ("accepted", False): ("followed", "The order was known; what changed was taken over."),
    ("superseded", True): _NEWER,
    ("superseded", False): _NEWER,
    ("ignored", True): ("duplicate", _KNOWN),
    ("ignored", False): ("ignored", "The order was cancelled or complete when it came: nothing is done for it."),
}
"""By the record's state, and whether its order is booked (for accepted ones: from this very record)."""


def result_name(archived_as: str, number: int) -> str:
    """Return the name of a file's answer; the second and later ones are numbered."""
    return f"{archived_as}.result.csv" if number == 1 else f"{archived_as}.result-{number}.csv"


def write(stream: TextIO, file: Mapping[str, Any], fates: Iterable[Mapping[str, Any]]) -> None:
    """Write the answer: one row for each record, and one at the end where the file could not be read (to its end).

    Args:
        stream: A text stream opened with ``newline=""``.
        file: The file's ``name`` and ``refusal``.
        fates: What became of its records; see ``file_records.fates``.
    """
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(file, fates):
        writer.writerow([neutral(cell) for cell in row])


def _rows(file: Mapping[str, Any], fates: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for row in fates:
        first, last = row["first_row"], row["last_row"]
        rows = f"row {first}" if first == last else f"rows {first} to {last}"
        yield file["name"], rows, row["external_id"], *fate(row)
    if file["refusal"]:
        remedy = "Correct the file and put it in again: rows that were taken already are not taken twice."
        yield file["name"], "", "", "refused", "FILE-UNREADABLE", file["refusal"], remedy


def fate(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return what became of one record: the word for it, rule ids, reasons and remedies."""
    state = str(row["state"])
    if not row["fresh"]:
        return "duplicate", "", f"The same record had come before; that one is {_WORDS.get(state, state)}.", ""
    if state == "put_aside":
        return "put aside", *_reasons(row)
    if state == "rejected":
        rules, reasons, _ = _reasons(row)
        return "rejected", rules, str(row["closing_reason"] or reasons), ""
    if state == "accepted" and not row["own"] and not row["versioned"]:
        return "duplicate", "", _KNOWN, ""
    word, reason = _PLAIN_FATES.get((state, row["own" if state == "accepted" else "booked"]), (state, ""))
    if word == "accepted" and row["hold_reason"]:
        reason = str(row["hold_reason"])
    return _WORDS.get(word, word), "", reason, ""


def _reasons(row: Mapping[str, Any]) -> tuple[str, str, str]:
    faults = json.loads(row["faults"] or "[]")
    rules = " ".join(dict.fromkeys(fault["rule"] for fault in faults))
    reasons = " ".join(dict.fromkeys(f"{fault['place']}: {fault['text']}" for fault in faults))
    return rules, reasons, " ".join(dict.fromkeys(fault["remedy"] for fault in faults))
