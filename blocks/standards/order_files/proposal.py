"""A first mapping profile from a sample: its form by evidence, its columns by what they are called."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import yaml

from blocks.errors import Unreadable
from blocks.standards.order_files.csv_rows import CsvTable, delimiter_of
from blocks.standards.order_files.encodings import encoding_of, open_text
from blocks.standards.order_files.evidence import date_formats, number_style, sign_of
from blocks.standards.order_files.file_form import Format
from blocks.standards.order_files.matching import MISSING, Matching, match
from blocks.standards.order_files.profile import Profile, load_profile
from blocks.standards.order_files.rows import Row
from blocks.standards.order_files.sample_trees import json_shape, xml_shape
from blocks.standards.order_files.synonyms import line_target, order_target, plain
from blocks.standards.order_files.xlsx_rows import XlsxTable

LOOKED_AT = 200
_HEADER_WITHIN = 20
_TOTALS = ("summe", "gesamt", "total", "zwischensumme", "endsumme", "grandtotal", "subtotal")
_SKELETON = """
name: sample
format: {form}
encoding: {encoding}
delimiter: {delimiter}
header: {header}
prices: gross
order: {{external_id: "1", placed_at: "1", currency: {{constant: EUR}}}}
lines: {{sku: "1", quantity: "1", tax_rate: "1", unit_gross: "1"}}
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A first profile.

    Attributes:
        text: The profile as YAML; `load_profile` accepts it, although what could not be found is a placeholder in it.
        matched: Column → target.
        unmatched: Columns that were not understood.
        missing: Targets every order needs and no column was found for.
        notes: What was concluded from what, and what to look at, in sentences.
    """

    text: str
    matched: dict[str, str]
    unmatched: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Shape:
    """How the sample is written, and what stands in its columns."""

    keys: dict[str, Any]
    columns: dict[str, list[str]]
    line_columns: dict[str, list[str]] | None
    notes: list[str]
    rows: list[dict[str, str]]


def propose(sample: bytes, name: str) -> Proposal:
    """Return a first profile for files like the sample.

    Args:
        sample: The beginning of an order file, or all of it (spreadsheets: all of it).
        name: What the profile is to be called; made fit for a profile's name.

    Raises:
        Unreadable: The sample is of no form SOMS reads.
    """
    stream = io.BytesIO(sample)
    shape = _shape(stream, sample)
    matching = match(shape.columns, shape.line_columns)
    content: dict[str, Any] = {"name": _fit(name), "about": "Proposed from a sample; look at every line.", **shape.keys}
    content |= _styles(shape, matching)
    content["prices"] = matching.prices
    content["order"], content["lines"] = matching.order, matching.lines
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    load_profile(text)
    notes = [*shape.notes, *matching.notes]
    if matching.unmatched:
        notes.append(f"Not understood, so kept in the record but in no field: {', '.join(matching.unmatched)}.")
    return Proposal(text, matching.matched, tuple(matching.unmatched), tuple(matching.missing), tuple(notes))


def _fit(name: str) -> str:
    words = "-".join("".join(char if char.isalnum() else " " for char in name.casefold()).split())
    return "".join(plain(part) + "-" for part in words.split("-") if plain(part)).strip("-")[:60] or "proposal"


def _shape(stream: BinaryIO, sample: bytes) -> _Shape:
    start = sample[:4]
    if start in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        return _of_table(stream, Format.XLSX, {})
    encoding = encoding_of(stream)
    text = open_text(stream, encoding)
    first = text.read(4096).lstrip()
    text.detach()
    if first.startswith("<"):
        return _of_tree(Format.XML, *xml_shape(stream))
    if first.startswith(("{", "[")):
        return _of_tree(Format.JSON, *json_shape(stream))
    delimiter = max(
        (delimiter_of(line) for line in first.splitlines()[:_HEADER_WITHIN]),
        key=[delimiter_of(line) for line in first.splitlines()[:_HEADER_WITHIN]].count,
    )
    return _of_table(stream, Format.CSV, {"encoding": encoding, "delimiter": delimiter})


def _of_tree(form: Format, keys: dict[str, str], columns: dict[str, list[str]], lines: dict[str, list[str]]) -> _Shape:
    notes = [
        f"Orders stand at '{keys.get('record') or 'the top'}', their lines at '{keys['line_path']}' in each of them."
    ]
    return _Shape({"format": form.value, **keys}, columns, lines, notes, [])


def _of_table(stream: BinaryIO, form: Format, keys: dict[str, str]) -> _Shape:
    header = _header_row(stream, form, keys)
    profile = _skeleton(form, keys, header)
    table = XlsxTable(stream, profile) if form is Format.XLSX else CsvTable(stream, profile, ())
    rows = [
        {name: _text(cell) for name, cell in zip(table.header, row.cells, strict=False) if _text(cell)}
        for row in _good(table.rows())
    ]
    table.close()
    columns = {name: [row[name] for row in rows if name in row] for name in table.header}
    notes = [f"The names of the columns stand in row {header}."]
    if form is Format.CSV:
        notes.append(f"Written in {keys['encoding']}, columns separated by {keys['delimiter']!r}.")
    return _Shape({"format": form.value, **keys, "header": header}, columns, None, notes, rows)


def _skeleton(form: Format, keys: dict[str, str], header: int) -> Profile:
    return load_profile(
        _SKELETON.format(
            form=form.value,
            encoding=keys.get("encoding", "auto"),
            delimiter=repr(keys.get("delimiter", "auto")) if keys.get("delimiter") != "\t" else '"\\t"',
            header=header,
        )
    )


def _good(rows: Iterator[Any]) -> Iterator[Row]:
    return islice((row for row in rows if isinstance(row, Row)), LOOKED_AT)


def _text(cell: Any) -> str:
    if isinstance(cell, dict):
        return str(next(iter(cell.values()), ""))
    return str(cell).strip()


def _header_row(stream: BinaryIO, form: Format, keys: dict[str, str]) -> int:
    """Return the row, among the first twenty, in which the most names are understood."""
    profile = _skeleton(form, keys, 0)
    table = XlsxTable(stream, profile) if form is Format.XLSX else CsvTable(stream, profile, ())
    best, most = 1, 0
    for row in islice(table.rows(), _HEADER_WITHIN):
        if not isinstance(row, Row):
            continue
        understood = sum(bool(order_target(_text(cell)) or line_target(_text(cell))) for cell in row.cells)
        if understood > most:
            best, most = row.number, understood
    table.close()
    return best


def _styles(shape: _Shape, matching: Matching) -> dict[str, Any]:
    """Return numbers, dates and rows to be skipped, by evidence."""
    every = {**shape.columns, **(shape.line_columns or {})}
    amounts = [text for name in matching.amount_columns for text in every.get(name, ())]
    dates = [text for name in matching.date_columns for text in every.get(name, ())]
    numbers, number_note = number_style(amounts)
    formats, date_note = date_formats(dates)
    shape.notes += [number_note, date_note]
    styles: dict[str, Any] = {"numbers": numbers, "dates": {"formats": formats, "zone": "Europe/Berlin"}}
    currency = sign_of(amounts)
    if "currency" in matching.missing:
        matching.order["currency"] = {"constant": currency or "EUR"}
        matching.missing.remove("currency")
        why = "by the sign beside the amounts" if currency else "by assumption, for neither a column nor a sign says it"
        shape.notes.append(f"The currency is {currency or 'EUR'} {why}.")
    totals = sorted({first for row in shape.rows if plain(first := next(iter(row.values()), "")) in _TOTALS})
    if totals:
        styles["skip"] = [{"like": f"{word}*"} for word in totals]
        shape.notes.append(f"Rows that begin with {', '.join(totals)} are taken for totals and skipped.")
    for target in matching.missing:
        shape.notes.append(f"No column was found for {target}: put one in place of '{MISSING}…'.")
    if not shape.rows and shape.line_columns is None:
        raise Unreadable("The sample has a header but no rows; take one with orders in it.")
    return styles
