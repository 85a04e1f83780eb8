"""Cuts an order file into one record per order, losing nothing: what cannot be told apart is a record of its own."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.cells import SHORTEST_CARD, masked, masked_tree, to_body
from blocks.standards.order_files.columns import Columns, columns_of
from blocks.standards.order_files.csv_rows import CsvTable
from blocks.standards.order_files.file_form import Format
from blocks.standards.order_files.json_records import json_records
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.rows import BrokenRow, Row, matchable
from blocks.standards.order_files.trees import TreeRecord
from blocks.standards.order_files.xlsx_rows import XlsxTable
from blocks.standards.order_files.xml_records import xml_records

MOST_HARMLESS = 2000
CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """What a file says of one order.

    Attributes:
        external_id: The order's number; ``row-…`` for rows that belong to no order.
        first_row: First row in the file, counted from 1 as people see it there (XML, JSON: line).
        last_row: Last row.
        body: Canonical JSON of what the rows say, with the profile's name and version. Neither file name nor row
            numbers are in it: the same order in another file is the same bytes.
        content_type: Always ``application/json``.
    """

    external_id: str
    first_row: int
    last_row: int
    body: bytes
    content_type: str = CONTENT_TYPE


@dataclass(slots=True)
class Tally:
    """What became of a file's rows; complete when the records have been read to the end."""

    rows: int = 0
    records: int = 0
    ungrouped: int = 0
    empty: int = 0
    skipped: int = 0
    skipped_rows: list[int] = field(default_factory=list)

    def skip(self, number: int) -> None:
        """Count a row that a pattern of the profile passes over; the first thousand by number."""
        self.skipped += 1
        if len(self.skipped_rows) < 1000:  # noqa: PLR2004 - enough to look at, and bounded
            self.skipped_rows.append(number)

    def sentence(self) -> str:
        """Return the tally in one sentence."""
        shown = ", ".join(map(str, self.skipped_rows[:10])) + (" …" if self.skipped > 10 else "")  # noqa: PLR2004
        skipped = f"{self.skipped} skipped by pattern" + (f" (row {shown})" if self.skipped else "")
        return (
            f"{self.rows} rows: {self.records} orders, {self.ungrouped} rows that belong to no order, {skipped},"
            f" {self.empty} empty."
        )


class Records(Iterator[RawRecord]):
    """A file's records, with the tally of its rows."""

    def __init__(self, records: Iterator[RawRecord], tally: Tally) -> None:
        """Wrap the records; the tally grows as they are read."""
        self._records, self.tally = records, tally

    def __next__(self) -> RawRecord:
        """Return the next record."""
        return next(self._records)


def split(stream: BinaryIO, profile: Profile) -> Records:
    """Yield one record per order, in the order of the file.

    Rows of one order must be adjacent, which keeps the memory flat: an order number that comes again after another
    one is another record of the same order, which the intake shows as a conflict and never adds up.

    Args:
        stream: The file, open in binary and seekable; it is not closed.
        profile: How the file is written.

    Raises:
        Unreadable: While the first record is read, when nothing of the file can be: not of the profile's format,
            encrypted, empty, or without a column that every order needs.
    """
    tally = Tally()
    return Records(_records(stream, profile, tally), tally)


def _records(stream: BinaryIO, profile: Profile, tally: Tally) -> Iterator[RawRecord]:
    head = {"profile": profile.name, "version": profile.version}
    columns = columns_of(profile)
    if profile.format in {Format.CSV, Format.XLSX}:
        yield from _of_table(_table(stream, profile, columns), profile, columns, _Writer(head, tally))
    elif profile.format is Format.XML:
        yield from _of_trees(xml_records(stream, profile), columns, _Writer(head, tally))
    else:
        encoding, records = json_records(stream, profile)
        yield from _of_trees(records, columns, _Writer(head, tally, encoding))


def _table(stream: BinaryIO, profile: Profile, columns: Columns) -> CsvTable | XlsxTable:
    if profile.format is Format.XLSX:
        return XlsxTable(stream, profile)
    return CsvTable(stream, profile, columns.names)


@dataclass(slots=True)
class _Writer:
    """Makes records and counts them."""

    head: dict[str, Any]
    tally: Tally
    encoding: str = "utf-8"

    def order(self, external_id: str, first: int, last: int, content: dict[str, Any]) -> RawRecord:
        self.tally.records += 1
        return RawRecord(external_id, first, last, to_body({**self.head, **content}, self.encoding))

    def stray(self, first: int, last: int, content: dict[str, Any]) -> RawRecord:
        """Return a record for rows that belong to no order; its id follows from what they say."""
        self.tally.ungrouped += 1
        body = to_body({**self.head, **content}, self.encoding)
        said = to_body(content, self.encoding)
        return RawRecord(f"row-{hashlib.sha256(said).hexdigest()[:16]}", first, last, body)

    def broken(self, row: BrokenRow) -> RawRecord:
        broken = {"reason": row.reason, "remedy": row.remedy, "text": masked(row.text)}
        return self.stray(row.number, row.number, {"broken": broken})


def _of_table(table: CsvTable | XlsxTable, profile: Profile, columns: Columns, writer: _Writer) -> Iterator[RawRecord]:
    writer.encoding = table.encoding
    try:
        columns.must_be_in(table.header)
        yield from _Grouping(table.header, profile, columns, writer).records(table.rows())
    finally:
        table.close()


class _Grouping:
    """Groups adjacent rows of one order number, and passes over what is no order."""

    def __init__(self, header: list[str], profile: Profile, columns: Columns, writer: _Writer) -> None:
        self._header, self._profile, self._columns, self._writer = header, profile, columns, writer
        self._width = len(header)
        self._skips = [skipping(rule.column, rule.like, header) for rule in profile.skip]
        self._id_of = columns.id_in_rows(header)
        self._harmless: set[str] = set()
        kept = columns.identifier_names
        self._maskable = [name for name in header if columns.meant(name) not in kept]
        self._several = profile.rows == "several"
        self._rows: list[dict[str, Any]] = []
        self._id, self._first, self._last = "", 0, 0
        self._fault: dict[str, str] | None = None
        self._doubtful = ""

    def records(self, rows: Iterator[Row | BrokenRow]) -> Iterator[RawRecord]:
        """Yield the records of all rows."""
        tally, most, several = self._writer.tally, self._profile.limits.rows_per_order, self._several
        for row in rows:
            tally.rows += 1
            if isinstance(row, BrokenRow):
                self._doubtful = row.text
                yield from self._flushed()
                self._doubtful = row.text
                yield self._writer.broken(row)
                continue
            content = self._content(row.cells)
            if not content:
                tally.empty += 1
                continue
            if self._skips and any(skip(content) for skip in self._skips):
                tally.skip(row.number)
                continue
            external_id = self._id_of(content)
            if not external_id:
                if not (self._profile.continued and self._rows):
                    yield from self._flushed()
                    yield self._writer.stray(row.number, row.number, {"rows": [content]})
                    continue
            elif external_id != self._id or not several:
                yield from self._flushed()
                self._id, self._first = external_id, row.number
            if len(self._rows) >= most:
                again, fault = self._id, _too_many_rows(most)
                yield from self._flushed(fault)
                self._id, self._first, self._fault = again, row.number, fault
            self._rows.append(content)
            self._last = row.number
            if len(row.cells) > self._width and self._fault is None:
                self._fault = self._too_wide(row.cells)
        yield from self._flushed()

    def _content(self, cells: list[Any]) -> dict[str, Any]:
        """Return the filled cells by the names of their columns; cells beyond the header under their number."""
        content = {name: cell for name, cell in zip(self._header, cells, strict=False) if cell != ""}
        for place, cell in enumerate(cells[self._width :], self._width + 1):
            if cell != "":
                content[f"(beyond the header, {place})"] = masked_tree(cell, ())
        harmless = self._harmless
        for name in self._maskable:
            cell = content.get(name, "")
            if type(cell) is not str:
                content[name] = masked_tree(cell, ())
            elif len(cell) >= SHORTEST_CARD and cell not in harmless:
                self._mask(name, cell, content)
        return content

    def _mask(self, name: str, text: str, content: dict[str, Any]) -> None:
        content[name] = hidden = masked(text)
        if hidden == text:
            if len(self._harmless) >= MOST_HARMLESS:
                self._harmless.clear()
            self._harmless.add(text)

    def _too_wide(self, cells: list[Any]) -> dict[str, str] | None:
        if all(cell == "" for cell in cells[self._width :]):
            return None
        return {
            "place": f"rows[{len(self._rows)}]",
            "reason": f"The row has {len(cells)} cells, the header only {self._width}.",
            "remedy": "Put texts that contain the delimiter in quotes; every cell may stand in a wrong column.",
        }

    def _flushed(self, fault: dict[str, str] | None = None) -> Iterator[RawRecord]:
        """Yield the order that was gathered; one next to a broken row that names it may lack that row."""
        if not self._rows:
            return
        content: dict[str, Any] = {"rows": self._rows}
        fault = fault or self._fault
        if self._doubtful and self._several and self._id in self._doubtful:
            fault = fault or _BESIDE_BROKEN
        if fault:
            content["broken"] = fault
        yield self._writer.order(self._id, self._first, self._last, content)
        self._rows, self._id, self._fault, self._doubtful = [], "", None, ""


_BESIDE_BROKEN = {
    "place": "rows",
    "reason": "A row next to this order cannot be read and names the order's number: the order would be incomplete.",
    "remedy": "Correct that row and send the order again, whole.",
}


def _too_many_rows(most: int) -> dict[str, str]:
    return {
        "place": "rows",
        "reason": f"The order has more than {most} rows.",
        "remedy": "Split the order, or raise limits.rows_per_order in the profile.",
    }


def skipping(column: str | None, like: str, header: list[str]) -> Callable[[dict[str, Any]], bool]:
    """Return what tells a row to be skipped; most rows are told apart by the first characters alone."""
    pattern = like.casefold()
    start = re.split(r"[*?\[]", pattern, maxsplit=1)[0]

    def matches(value: Any) -> bool:
        if type(value) is not str:
            return False
        text = value.strip().casefold()
        return text.startswith(start) and fnmatchcase(text, pattern)

    if column is None:
        return lambda content: any(map(matches, content.values()))
    names = [name for name in header if matchable(name) == matchable(column)]
    return lambda content: any(matches(content.get(name)) for name in names)


def _of_trees(records: Iterator[TreeRecord | BrokenRow], columns: Columns, writer: _Writer) -> Iterator[RawRecord]:
    id_of = columns.id_in_trees()
    for record in records:
        writer.tally.rows += 1
        if isinstance(record, BrokenRow):
            if not writer.tally.records and not writer.tally.ungrouped and not record.text:
                raise Unreadable(record.reason)
            yield writer.broken(record)
            continue
        try:
            tree = masked_tree(record.tree, columns.identifier_names)
        except ValueError as error:
            yield writer.broken(BrokenRow(record.first_row, "", f"The order is {error}.", "Have it written plainly."))
            continue
        external_id = id_of(tree)
        if external_id:
            yield writer.order(external_id, record.first_row, record.last_row, {"order": tree})
        else:
            yield writer.stray(record.first_row, record.last_row, {"order": tree})
