"""Cuts a stock file into one record per row, losing none: what cannot be told apart is a record of its own."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from blocks.documents.till_rows import RowKind
from blocks.errors import Unreadable
from blocks.standards.order_files.cells import masked_tree, to_body
from blocks.standards.order_files.columns import HALF_CHARACTER, separator_of
from blocks.standards.order_files.csv_rows import CsvTable
from blocks.standards.order_files.file_form import Format, Source
from blocks.standards.order_files.json_records import json_records
from blocks.standards.order_files.rows import BrokenRow, Row, matchable
from blocks.standards.order_files.splitting import RawRecord, skipping
from blocks.standards.order_files.trees import TreeRecord, list_at, steps_of, value_at
from blocks.standards.order_files.xlsx_rows import XlsxTable
from blocks.standards.order_files.xml_records import xml_records
from blocks.standards.stock_files.naming import Namer
from blocks.standards.stock_files.profile import ALWAYS_ON_SLIP, StockProfile

Part = dict[str, Any]
_NEVER_MASKED = frozenset({"number", "voids", "sku", "gtin", "quantity", "happened_at"})
"""Targets whose texts are numbers given to things, amounts and moments: what looks like a card number there is none."""


def split(stream: BinaryIO, profile: StockProfile) -> Iterator[RawRecord]:
    """Yield one record per row, in the order of the file; of a slip with lines, one per line.

    A record holds only what the profile reads, so that a till's payments and customers never leave its file. Neither
    file name nor row numbers are in it: the same row in another file is the same bytes.

    Args:
        stream: The file, open in binary and seekable; it is not closed.
        profile: How the file is written.

    Raises:
        Unreadable: While the first record is read, when nothing of the file can be: not of the profile's format,
            encrypted, empty, or without a column that every row needs.
    """
    if profile.format in {Format.CSV, Format.XLSX}:
        yield from _of_table(stream, profile)
        return
    if profile.format is Format.XML:
        yield from _of_trees(xml_records(stream, profile), profile, "utf-8")
    else:
        encoding, records = json_records(stream, profile)
        yield from _of_trees(records, profile, encoding)


class _Writer:
    """Makes records of rows and of what is no row."""

    def __init__(self, profile: StockProfile, encoding: str) -> None:
        self._head = {"profile": profile.name, "version": profile.version}
        self._encoding = encoding
        self._namer = Namer(profile)
        self._unmasked = {target: _names(profile, target) for target in ("slip", "line")}

    def row(self, first: int, last: int, slip: Part, line: Part, broken: Mapping[str, str] | None = None) -> RawRecord:
        """Return the record of one row; one that belongs to no slip is named after what it says."""
        content: Part = {"slip": masked_tree(slip, self._unmasked["slip"])}
        content["line"] = masked_tree(line, self._unmasked["line"])
        name = self._namer.name(slip, line)
        if broken:
            content["broken"] = broken
        if not name or HALF_CHARACTER.search(name):
            return self._stray(first, last, content)
        return RawRecord(name, first, last, self._body(content))

    def broken(self, row: BrokenRow) -> RawRecord:
        """Return the record of a row that cannot be taken apart; its text stays in the file, which is kept."""
        said = hashlib.sha256(row.text.encode(errors="backslashreplace")).hexdigest()[:16]
        broken = {"place": "row", "reason": row.reason, "remedy": row.remedy, "sha256": said}
        return self._stray(row.number, row.number, {"broken": broken})

    def _stray(self, first: int, last: int, content: Part) -> RawRecord:
        said = to_body(content, self._encoding)
        return RawRecord(f"row-{hashlib.sha256(said).hexdigest()[:16]}", first, last, self._body(content))

    def _body(self, content: Part) -> bytes:
        return to_body({**self._head, **content}, self._encoding)


def _names(profile: StockProfile, part: str) -> frozenset[str]:
    sources = profile.slip if part == "slip" else profile.lines
    return frozenset(name for target, source in sources.items() if target in _NEVER_MASKED for name in source.columns)


def _of_table(stream: BinaryIO, profile: StockProfile) -> Iterator[RawRecord]:
    names = [name for source in _sources(profile) for name in source.columns]
    table = XlsxTable(stream, profile) if profile.format is Format.XLSX else CsvTable(stream, profile, names)
    try:
        _must_be_in(table.header, profile)
        yield from _rows_of(table, profile, _Writer(profile, table.encoding))
    finally:
        table.close()


def _rows_of(table: CsvTable | XlsxTable, profile: StockProfile, writer: _Writer) -> Iterator[RawRecord]:
    header, width = table.header, len(table.header)
    skips = [skipping(rule.column, rule.like, header) for rule in profile.skip]
    of_slip, of_line = _places(profile.slip.values(), header), _places(profile.lines.values(), header)
    for row in table.rows():
        if isinstance(row, BrokenRow):
            yield writer.broken(row)
            continue
        cells = row.cells
        if all(cell == "" for cell in cells):
            continue
        if skips and _is_skipped(skips, header, cells):
            continue
        broken = _too_wide(row, width) if len(cells) > width else None
        yield writer.row(row.number, row.number, _taken(of_slip, cells), _taken(of_line, cells), broken)


def _is_skipped(skips: list[Callable[[Part], bool]], header: list[str], cells: list[Any]) -> bool:
    content = dict(zip(header, cells, strict=False))
    return any(skip(content) for skip in skips)


def _places(sources: Iterable[Source], header: list[str]) -> list[tuple[str, int]]:
    """Return which cells are read: what the profile calls their column first, and their place in the row."""
    wanted = {matchable(name): name for source in sources for name in source.columns}
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        said = wanted.get(matchable(name))
        if said is not None and said not in found:
            found[said] = place
    return list(found.items())


def _taken(places: list[tuple[str, int]], cells: list[Any]) -> Part:
    width = len(cells)
    return {name: cells[place] for name, place in places if place < width and cells[place] != ""}


def _too_wide(row: Row, width: int) -> dict[str, str] | None:
    if all(cell == "" for cell in row.cells[width:]):
        return None
    return {
        "place": "row",
        "reason": f"The row has {len(row.cells)} cells, the header only {width}.",
        "remedy": "Put texts that contain the delimiter in quotes; every cell may stand in a wrong column.",
    }


def _must_be_in(header: list[str], profile: StockProfile) -> None:
    """Check that every column without which no row can be read is there.

    Raises:
        Unreadable: Names the columns that are missing.
    """
    there = {matchable(name) for name in header}
    missing = [
        f"{' or '.join(repr(name) for name in source.columns)} ({target})"
        for target, source in _needed(profile)
        if source.columns and source.default is None and not any(matchable(n) in there for n in source.columns)
    ]
    if missing:
        raise Unreadable(
            f"The header (row {profile.header}, {len(header)} columns) lacks {', '.join(missing)}."
            " Correct the file, or name the column in the profile as the file does."
        )


def _needed(profile: StockProfile) -> Iterator[tuple[str, Source]]:
    always = {*ALWAYS_ON_SLIP, "kind"} | ({"number"} if profile.only_kind != RowKind.COUNT else set())
    for target, source in profile.slip.items():
        if source.required or target in always:
            yield f"slip.{target}", source
    for target, source in profile.lines.items():
        if source.required or target in {"quantity", "kind"}:
            yield f"lines.{target}", source
    article = [profile.lines[name] for name in ("sku", "gtin") if name in profile.lines]
    yield "lines.sku", Source(column=tuple(name for source in article for name in source.columns))


def _sources(profile: StockProfile) -> Iterator[Source]:
    yield from profile.slip.values()
    yield from profile.lines.values()


def _of_trees(records: Iterator[TreeRecord | BrokenRow], profile: StockProfile, encoding: str) -> Iterator[RawRecord]:
    writer, separator, any_read = _Writer(profile, encoding), separator_of(profile), False
    line_steps = steps_of(profile.line_path, separator)
    of_slip, of_line = _paths(profile.slip.values(), separator), _paths(profile.lines.values(), separator)
    for record in records:
        if isinstance(record, BrokenRow):
            if not any_read and not record.text:
                raise Unreadable(record.reason)
            yield writer.broken(record)
            continue
        any_read = True
        slip = _values(of_slip, record.tree)
        for node in list_at(record.tree, line_steps) or [{}]:  # a void may name its slip alone
            yield writer.row(record.first_row, record.last_row, slip, _values(of_line, node))


def _paths(sources: Iterable[Source], separator: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(name, steps_of(name, separator)) for source in sources for name in source.columns]


def _values(paths: list[tuple[str, tuple[str, ...]]], tree: Any) -> Part:
    return {name: value for name, steps in paths if (value := value_at(tree, steps)) != ""}
