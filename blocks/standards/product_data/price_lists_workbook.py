"""Workbooks (XLSX) as sheets of cells: figures as the sheet shows them, merged cells filled, nothing calculated."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.xlsx_rows import open_workbook, refuse_harmful_archive
from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.price_lists_sheets import BLANK, MOST_COLUMNS, Cell, Sheet, SheetRow
from blocks.standards.product_data.price_texts import currency_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_EMPTY_ROWS = 5000
MOST_SHEETS = 50
_MOST_MERGED = 100_000
_MOST_FILLED = 2000
"""Cells that one merged area may fill: whoever merges a whole column means no value in each row."""
_BLOCK = 1024 * 1024
_OVERLAP = 200
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,60}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(
    rb"<c ([^>]{0,300})>\s{0,9}(?:<f[^>]{0,300}/>|<f[^>]{0,300}>[^<]{0,9000}</f>)\s{0,9}(?:<v\s?/>|<v></v>)?\s{0,9}</c>"
)
_SIGN_OF_FORMAT = re.compile(r'\[\$([^\]\-]{1,5})[^\]]{0,8}\]|"([^"]{1,5})"|([€£¥$])')
_ZEROS = re.compile(r"0{2,20}")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})

Merged = dict[tuple[int, int], tuple[int, int]]
"""Row and column of a covered cell (from 1) → row and column of the cell whose value it shows."""


def workbook_sheets(source: BinaryIO, findings: Findings) -> Iterator[Sheet]:
    """Yield the visible sheets; formulas that were never calculated are empty and said to be so.

    Raises:
        Unreadable: No workbook, encrypted, damaged, or one that unpacks without end.
    """
    refuse_harmful_archive(source, formulas=True)
    book = open_workbook(source)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            raise Unreadable("The workbook has no visible sheet; show the one with the price list.")
        if len(visible) > MOST_SHEETS:
            findings.lost(f"The workbook has {len(visible)} sheets; the first {MOST_SHEETS} were read.")
        for sheet in visible[:MOST_SHEETS]:
            merged, formulas = _scanned(source, sheet)
            if formulas:
                findings.lost(
                    f"Sheet '{sheet.title[:60]}' has {formulas:,} formulas that were never calculated: they read as "
                    "empty. Open the workbook in a spreadsheet program and save it there."
                )
            yield Sheet(sheet.title, _rows(sheet, merged, findings))
    finally:
        book.close()


def _scanned(source: BinaryIO, sheet: Any) -> tuple[Merged, int]:
    """Return what is merged and how many formulas have no value; the reader of rows tells neither."""
    path = sheet._worksheet_path  # noqa: SLF001 - no public name for the part a sheet is read from
    merged: Merged = {}
    formulas = 0
    try:
        with zipfile.ZipFile(source) as archive, archive.open(path) as content:
            kept = b""
            while block := content.read(_BLOCK):
                kept += block
                formulas += sum(
                    b't="str"' not in each[1] for each in _FORMULA.finditer(kept)
                )  # an empty text is a value
                for found in _MERGED.finditer(kept):
                    _cover(merged, *found.groups())
                cut = max(kept.rfind(b"</c>") + 4, kept.rfind(b"/>") + 2, len(kept) - _OVERLAP - 9000)
                kept = kept[cut:]
    except (KeyError, zipfile.BadZipFile, zlib.error, OSError, EOFError):
        return merged, formulas
    return merged, formulas


def _cover(merged: Merged, left: bytes, top: bytes, right: bytes, bottom: bytes) -> None:
    first, last = _column(left), min(_column(right), MOST_COLUMNS)
    upper, lower = int(top), int(bottom)
    if (lower - upper + 1) * (last - first + 1) > _MOST_FILLED or len(merged) > _MOST_MERGED:
        return
    for row in range(upper, lower + 1):
        for column in range(first, last + 1):
            merged[row, column] = (upper, first)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _rows(sheet: Any, merged: Merged, findings: Findings) -> Iterator[SheetRow]:
    sheet.reset_dimensions()  # what the file says of its size need not be true
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows()
    iterator = iter(rows)
    shown: dict[tuple[int, int], Cell] = {}
    origins = frozenset(merged.values())
    empty = number = cut = 0
    while True:
        try:
            found = next(iterator, None)
        except Exception as error:  # noqa: BLE001 - whatever a parser says of a damaged part, the rows before it stand
            findings.lost(
                f"Sheet '{sheet.title[:60]}' is damaged from row {number + 1:,} on ({type(error).__name__}); "
                "save the workbook again in a spreadsheet program and send it once more."
            )
            return
        if found is None or empty > MOST_EMPTY_ROWS:
            break
        number += 1
        cut += len(found) > MOST_COLUMNS and any(cell.value is not None for cell in found[MOST_COLUMNS:])
        cells = [_cell(each) for each in found[:MOST_COLUMNS]]
        if merged:
            cells = _filled(number, cells, merged, origins, shown)
        empty = 0 if any(cell.text for cell in cells) else empty + 1
        yield SheetRow(number, cells)
    if empty > MOST_EMPTY_ROWS:
        findings.lost(
            f"More than {MOST_EMPTY_ROWS:,} rows in a row are empty in sheet '{sheet.title[:60]}'; what may "
            "stand below was not read."
        )
    if cut:
        findings.lost(f"{cut:,} rows have more than {MOST_COLUMNS} columns; those further right were not read.")


def _filled(
    number: int,
    cells: list[Cell],
    merged: Merged,
    origins: frozenset[tuple[int, int]],
    shown: dict[tuple[int, int], Cell],
) -> list[Cell]:
    """Return a row with the values of merged cells in every cell they cover."""
    result = list(cells)
    for column in range(1, MOST_COLUMNS + 1):
        if column > len(result) and (number, column) not in merged:
            break
        if column > len(result):
            result.append(BLANK)
        if (number, column) in origins:
            shown[number, column] = result[column - 1]
        elif origin := merged.get((number, column)):
            result[column - 1] = shown.get(origin, BLANK)
    return result


def _cell(found: Any) -> Cell:
    value = found.value
    if value is None or (isinstance(value, str) and value in _ERRORS):
        return BLANK
    if isinstance(value, str):
        plain = value.strip().removeprefix("'")
        return Cell(plain) if plain else BLANK
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, int | float):
        return _figure(value, found.number_format or "")
    if isinstance(value, datetime):
        return Cell(value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds"))
    return Cell(value.isoformat() if isinstance(value, date | time) else str(value))


def _figure(value: float, form: str) -> Cell:
    """Return a figure in plain notation; zeros and the currency of its format are shown with it."""
    if value - value != 0:
        return BLANK
    text = str(value) if isinstance(value, int) else f"{Decimal(f'{value:.15g}'):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if form == "General":
        return Cell(text, number=True)
    if _ZEROS.fullmatch(form) and text.isdecimal():
        return Cell(text.zfill(len(form)), number=True)
    if form.rstrip("; @").endswith("%"):
        return Cell(f"{Decimal(text) * 100:f}".rstrip("0").rstrip(".") + " %" if value else "0 %")
    return Cell(text, number=True, currency=_currency(form))


def _currency(form: str) -> str:
    for found in _SIGN_OF_FORMAT.finditer(form):
        if known := currency_of(next(filter(None, found.groups()))):
            return known
    return ""
