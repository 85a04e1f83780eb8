"""The sheets of a price list as rows of cells, whether it is a CSV of any dialect or a workbook (XLSX)."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from blocks.errors import Unreadable
from blocks.standards.order_files.csv_rows import DELIMITERS, CsvTable
from blocks.standards.order_files.encodings import encoding_of
from blocks.standards.order_files.file_form import FileForm, Format, Limits
from blocks.standards.order_files.rows import BrokenRow
from blocks.standards.product_data.findings import Findings

MOST_COLUMNS = 500
_SAMPLE = 128 * 1024
_SAMPLE_ROWS = 60
_LONGEST_ROW = 1024 * 1024
_PROTECTED = re.compile(r'="([^"]*)"')
_OTHER_BYTE = re.compile("[\ud800-\udfff]")
_LEAST_TEXT = 0.95
"""Part of a beginning that must be printable for it to be a text."""


class Cell(NamedTuple):
    """What a cell says; ``number`` tells a figure from a text that looks like one, ``currency`` is its format's."""

    text: str
    number: bool = False
    currency: str = ""


BLANK = Cell("")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row; ``number`` counts from 1 as a spreadsheet program shows it."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its rows, read once."""

    name: str
    rows: Iterator[SheetRow]


def sheets_of(source: BinaryIO, findings: Findings) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook, or the one table of a text file.

    Raises:
        Unreadable: Neither a text nor a workbook, encrypted, or larger than it may be.
    """
    source.seek(0)
    start = source.read(8)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        from blocks.standards.product_data.price_lists_workbook import workbook_sheets  # noqa: PLC0415 - slow to import

        yield from workbook_sheets(source, findings)
        return
    yield Sheet("", _text_rows(source, findings))


def looks_like_a_table(head: bytes) -> bool:
    """Tell whether the beginning of a file is text in columns; for files that are neither XML nor HTML."""
    with suppress(Unreadable):
        text = _sample(io.BytesIO(head))
        printable = sum(sign.isprintable() or sign in "\r\n\t" for sign in text)
        if not text.strip() or printable < _LEAST_TEXT * len(text):
            return False
        delimiter, width = _dialect(text)
        widths = _widths(text, delimiter)
        return width > 1 and widths.count(width) * 2 > len(widths)
    return False


def _text_rows(source: BinaryIO, findings: Findings) -> Iterator[SheetRow]:
    delimiter, _ = _dialect(_sample(source))
    form = FileForm(
        name="price-list", format=Format.CSV, delimiter=delimiter, header=0, limits=Limits(row_bytes=_LONGEST_ROW)
    )
    table = CsvTable(source, form, ())
    cut = broken = 0
    for row in table.rows():
        if isinstance(row, BrokenRow):
            broken += 1
            findings.lost(f"Row {row.number:,} was not read: {row.reason} {row.remedy}")
            continue
        cut += len(row.cells) > MOST_COLUMNS
        yield SheetRow(row.number, [_text_cell(str(cell)) for cell in row.cells[:MOST_COLUMNS]])
    if cut:
        findings.lost(f"{cut:,} rows have more than {MOST_COLUMNS} columns; those further right were not read.")


def _sample(source: BinaryIO) -> str:
    """Return the beginning as text, without a line cut off at its end."""
    encoding = encoding_of(source)
    raw = source.read(_SAMPLE)
    text = raw.decode({"windows-1252": "cp1252"}.get(encoding, encoding), "replace")
    return text if len(raw) < _SAMPLE else text.rpartition("\n")[0] or text


def _dialect(text: str) -> tuple[str, int]:
    """Return the delimiter by which most rows have the same number of columns, and that number."""
    told = re.match(r"\ufeff?sep=([;,\t|])\r?\n", text)
    best = (0.0, ";", 1)
    for delimiter in DELIMITERS:
        widths = Counter(_widths(text, delimiter))
        width, rows = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        filled = sum(number for each, number in widths.items() if each > 1)
        score = 0.0 if width < 2 else (rows + filled / 2) * min(width, 8)  # noqa: PLR2004 - a table has two columns
        if told and told[1] == delimiter:
            score += 1000
        best = max(best, (score, delimiter, width), key=lambda one: one[0])
    return best[1], best[2]


def _widths(text: str, delimiter: str) -> list[int]:
    """Return how many cells the first lines have; lines within a quoted cell do not count."""
    widths = []
    for line in text[:_SAMPLE].splitlines():
        if line.count('"') % 2 or not line.strip(" \t,;|"):
            continue
        with suppress(csv.Error):
            widths.append(len(next(csv.reader([line], delimiter=delimiter), [])))
        if len(widths) >= _SAMPLE_ROWS:
            break
    return widths


def _text_cell(text: str) -> Cell:
    if not text:
        return BLANK
    if not text.isascii() and _OTHER_BYTE.search(text):
        text = _OTHER_BYTE.sub(_as_windows, text)
    plain = text.strip().strip("\ufeff\0")
    if plain[:1] in {"=", "'"}:
        protected = _PROTECTED.fullmatch(plain)
        plain = protected[1] if protected else plain.removeprefix("'")
    return Cell(plain) if plain else BLANK


def _as_windows(found: re.Match[str]) -> str:
    code = ord(found[0]) - 0xDC00
    if not 0x80 <= code <= 0xFF:  # noqa: PLR2004 - the bytes that surrogates stand for
        return "\N{REPLACEMENT CHARACTER}"
    return bytes([code]).decode("cp1252", "replace")
