"""What a row is called, so that it is known again when it comes in another file: by kind, store, slip and line."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from blocks.documents.till_rows import RowKind
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.texts import text_reader
from blocks.standards.stock_files.profile import StockProfile

LONGEST = 200
MOST_REMEMBERED = 200_000
"""Rows of the newest slips whose names are remembered, to count rows that say the same of one slip."""

Values = Mapping[str, Any]


def whole_void(warehouse: str, slip: str) -> str:
    """Return what the void of a whole slip is called; a slip can be taken back as a whole but once."""
    return _bounded(f"{RowKind.VOID}:{warehouse}:{slip}")


class Namer:
    """Names a file's rows in their order.

    A till prints an article on a slip as often as it was scanned: rows without a line number are numbered among their
    like within their slip. In a whole count each place is named once; one that stands twice has its name twice.
    """

    def __init__(self, profile: StockProfile) -> None:
        """Prepare what reads the parts of a name."""
        self._slip, self._line = Slots(), Slots()
        self._slip_readers = {name: text_reader(source, self._slip) for name, source in profile.slip.items()}
        self._line_readers = {name: text_reader(source, self._line) for name, source in profile.lines.items()}
        self._numbered = profile.picture == "partial"
        self._seen: OrderedDict[tuple[str, str], dict[str, int]] = OrderedDict()
        self._remembered = 0

    def name(self, slip: Values, line: Values) -> str:
        """Return the name of the next row; empty when it belongs to no slip."""
        slip_cells, line_cells = self._slip.cells_of_row(dict(slip)), self._line.cells_of_row(dict(line))
        of_slip = {name: _text(read(slip_cells)) for name, read in self._slip_readers.items()}
        of_line = {name: _text(read(line_cells)) for name, read in self._line_readers.items()}
        kind = of_line.get("kind") or of_slip.get("kind", "")
        number = of_slip.get("number", "")
        if kind == RowKind.COUNT:
            number = number or of_slip["happened_at"]
        warehouse, voided = of_slip["warehouse"], of_slip.get("voids") or number
        article = of_line.get("sku") or of_line.get("gtin", "")
        if kind == RowKind.VOID and voided and not article:
            return whole_void(warehouse, voided)
        if not number:
            return ""
        begin = f"{voided}/{number}" if kind == RowKind.VOID else number
        place = f"#{of_line['number']}" if of_line.get("number") else article
        if kind == RowKind.COUNT and of_line.get("location"):
            place = f"{place}@{of_line['location']}"
        return self._told_apart((warehouse, number), f"{kind}:{warehouse}:{begin}/{place}")

    def _told_apart(self, slip: tuple[str, str], name: str) -> str:
        if not self._numbered:
            return _bounded(name)
        seen = self._seen.setdefault(slip, {})
        self._seen.move_to_end(slip)
        seen[name] = again = seen.get(name, 0) + 1
        if again > 1:
            return _bounded(f"{name}~{again}")
        self._remembered += 1
        while self._remembered > MOST_REMEMBERED:
            _, forgotten = self._seen.popitem(last=False)
            self._remembered -= len(forgotten)
        return _bounded(name)


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _bounded(name: str) -> str:
    """Return the name, or a stand-in for one that is longer than any honest one."""
    if len(name) <= LONGEST and name.isprintable():
        return name
    kind = name.partition(":")[0][:20]
    return f"{kind}:?{hashlib.sha256(name.encode(errors='backslashreplace')).hexdigest()[:32]}"
