"""Spreadsheets (XLSX): values as they were last calculated, dates as dates, and nothing that unpacks without end."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.file_form import FileForm
from blocks.standards.order_files.rows import BrokenRow, Row, named

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_UNPACKED = 512 * 1024 * 1024
MOST_OF_A_SHEET = 384 * 1024 * 1024
MOST_OF_A_PART = 16 * 1024 * 1024
MOST_SHARED_TEXTS = 64 * 1024 * 1024
MOST_PARTS = 2000
MOST_EMPTY_ROWS = 5000
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_NEVER_CALCULATED = re.compile(
    rb"<c ([^>]{0,300})>\s{0,9}(?:<f[^>]{0,300}/>|<f[^>]{0,300}>[^<]{0,9000}</f>)\s{0,9}(?:<v\s?/>|<v></v>)?\s{0,9}</c>"
)
_BLOCK = 1024 * 1024
_OVERLAP = 16 * 1024


class XlsxTable:
    """One sheet of a workbook, read row by row."""

    encoding = "utf-8"

    def __init__(self, stream: BinaryIO, profile: FileForm) -> None:
        """Open the workbook and find the sheet and its header.

        Raises:
            Unreadable: No workbook, encrypted, larger than any order file, or without the sheet or header.
        """
        refuse_harmful_archive(stream)
        self._most_columns = profile.limits.columns
        self._book = open_workbook(stream)
        try:
            sheet = self._sheet(profile.sheet)
            sheet.reset_dimensions()  # what the file says of its size need not be true
            self._cells = sheet.iter_rows(values_only=True)
            self._number = max(profile.header - 1, 0)
            rows = islice(self._cells, self._number, None)
            first = next(rows, None)
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, EOFError, OSError) as error:
            raise Unreadable("The workbook is damaged; save it again in a spreadsheet program.") from error
        except zipfile.BadZipFile as error:
            raise Unreadable("The workbook is damaged; have it sent again.") from error
        if first is None:
            raise Unreadable(
                f"The sheet ends before row {max(profile.header, 1)}, where the profile expects the header."
            )
        self._rows = rows
        self._first = None if profile.header else first
        if profile.header:
            self._number += 1
            self.header = named([_text_of(cell) for cell in _trimmed(first)[: self._most_columns]])
        else:
            self.header = [str(place) for place in range(1, len(_trimmed(first)) + 1)]

    def _sheet(self, name: str) -> Any:
        sheets = self._book.worksheets
        found = [sheet for sheet in sheets if (sheet.title == name if name else sheet.sheet_state == "visible")]
        if not found:
            raise Unreadable(f"The workbook has no sheet '{name}'." if name else "The workbook has no visible sheet.")
        return found[0]

    def close(self) -> None:
        """Let go of the workbook."""
        self._book.close()

    def rows(self) -> Iterator[Row | BrokenRow]:
        """Yield every row below the header; trailing empty rows that a sheet merely claims to have end it."""
        if self._first is not None:
            yield self._row(self._first)
        empty: list[int] = []
        while True:
            try:
                cells = next(self._rows, None)
            except Exception as error:  # noqa: BLE001 - whatever a parser says of a damaged part, the rows before it stand
                yield BrokenRow(
                    self._number + 1,
                    "",
                    f"From here on the sheet is damaged ({type(error).__name__}).",
                    "Save the workbook again in a spreadsheet program and send it once more.",
                )
                return
            if cells is None:
                return
            row = self._row(cells)
            if isinstance(row, Row) and not any(cell != "" for cell in row.cells):
                empty.append(row.number)
                if len(empty) > MOST_EMPTY_ROWS:
                    yield BrokenRow(
                        row.number,
                        "",
                        f"More than {MOST_EMPTY_ROWS} rows in a row are empty; what may stand below was not read.",
                        "Delete the empty rows of the sheet and send it once more.",
                    )
                    return
                continue
            yield from (Row(number, []) for number in empty)
            empty.clear()
            yield row

    def _row(self, cells: tuple[Any, ...]) -> Row | BrokenRow:
        self._number += 1
        found = _trimmed(cells)
        if len(found) > self._most_columns:
            reason = f"The row has {len(found)} columns; at most {self._most_columns} are read."
            return BrokenRow(self._number, "", reason, "Delete what stands far to the right, or raise limits.columns.")
        return Row(self._number, [_cell(cell) for cell in found])


def _trimmed(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return cells[:end]


def _cell(value: Any) -> Any:
    """Return a cell as it is kept; 15 digits are what a spreadsheet program itself keeps of a number."""
    if value is None:
        return ""
    if isinstance(value, str):
        return {"$error": value} if value in _ERRORS else value
    if isinstance(value, float):
        return float(f"{value:.15g}") if value - value == 0 else {"$error": str(value)}
    return value if isinstance(value, bool | int) else _moment(value)


def _moment(value: Any) -> Any:
    """Return a spreadsheet's date or time, to the second: its days are floats."""
    if isinstance(value, datetime):
        return {"$date": (value + timedelta(milliseconds=500)).replace(microsecond=0).isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, time):
        return {"$time": value.replace(microsecond=0).isoformat()}
    return {"$error": type(value).__name__}


def _text_of(value: Any) -> str:
    return "" if value is None else str(value)


def open_workbook(stream: BinaryIO) -> "Workbook":
    """Open a workbook for reading row by row, with the values as they were last calculated.

    Raises:
        Unreadable: No workbook a spreadsheet program would open.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - takes a quarter of a second
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    stream.seek(0)
    try:
        return load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
    ) as error:
        raise Unreadable("The file is no workbook a spreadsheet program would open; export it again.") from error
    except Exception as error:  # a damaged part ends in whatever its parser says
        raise Unreadable(f"The workbook is damaged ({type(error).__name__}); export it again.") from error


def refuse_harmful_archive(stream: BinaryIO, *, formulas: bool = False) -> None:
    """Look at the archive before anything unpacks it: its sizes, its parts, document types, uncalculated formulas.

    Args:
        stream: The workbook, seekable.
        formulas: Let formulas without a value pass; they read as empty cells.

    Raises:
        Unreadable: It is no workbook, encrypted, or holds what no spreadsheet program writes.
    """
    stream.seek(0)
    start = stream.read(8)
    if not start:
        raise Unreadable("The file is empty.")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("The workbook is encrypted or of the old form XLS; save it as XLSX without a password.")
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Unreadable("The workbook unpacks to more than any honest one holds; split it.")
            for part in parts:
                _is_harmless(archive, part, formulas=formulas)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, EOFError) as error:
        raise Unreadable("The file is no XLSX workbook, or is damaged; export it again.") from error


def _is_harmless(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, formulas: bool) -> None:
    if part.flag_bits & 0x1:
        raise Unreadable("The workbook is encrypted; save it without a password.")
    name = part.filename.lower()
    sheet = "worksheets/" in name
    bound = MOST_OF_A_SHEET if sheet else MOST_SHARED_TEXTS if name.endswith("sharedstrings.xml") else MOST_OF_A_PART
    if part.file_size > bound:
        raise Unreadable(f"A part of the workbook unpacks to {part.file_size // 1024 // 1024} MB; split the file.")
    if not name.endswith((".xml", ".rels")):
        return
    with archive.open(part) as content:
        kept = b""
        while block := content.read(_BLOCK):
            kept = kept[-_OVERLAP:] + block
            plain = kept if b"\0" not in kept else kept.replace(b"\0", b"")
            if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
                raise Unreadable("The workbook has a document type, which no spreadsheet program writes.")
            if sheet and not formulas:
                _was_calculated(kept)


def _was_calculated(text: bytes) -> None:
    """Refuse formulas without a value: they would read as empty cells."""
    for found in _NEVER_CALCULATED.finditer(text):
        if b't="str"' in found[1]:  # an empty text is a value
            continue
        place = re.search(rb'r="([A-Z]{1,3}\d{1,7})"', found[1])
        where = f" in cell {place[1].decode()}" if place else ""
        raise Unreadable(
            f"The formula{where} was never calculated; open the file in a spreadsheet program and save it there."
        )
