"""One record of a stock file → what its row says of stock, or every reason why it cannot be read. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from blocks.documents.till_rows import RowKind, TillRow
from blocks.errors import Defect, Unreadable
from blocks.standards.order_files.amounts import LARGEST
from blocks.standards.order_files.cells import from_body
from blocks.standards.order_files.file_form import Source
from blocks.standards.order_files.parts import Part
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.values import Case
from blocks.standards.stock_files.profile import ALWAYS_ON_SLIP, LINE_TARGETS, SLIP_TARGETS, StockProfile

SEND_AGAIN = "Fill it in and send the row again, or correct the record here."
LONGEST = 100
TOO_LONG = f"is longer than {LONGEST} characters, which no number, place or name of a store is"
_OUTWARD = frozenset({RowKind.SALE})
_SIGNED = frozenset({RowKind.ADJUSTMENT, RowKind.COUNT})
"""Kinds whose quantity has one meaning however the profile writes the others'."""


Record = Mapping[str, Any]


def record_of(body: bytes) -> Record:
    """Return what the record of a row says, with the name and version of its profile.

    Args:
        body: What :func:`splitting.split` made of the file's row.

    Raises:
        Unreadable: It is no such record.
    """
    try:
        record = from_body(body)
    except ValueError:
        record = None
    if (
        not isinstance(record, dict)
        or not isinstance(record.get("profile"), str)
        or type(record.get("version")) is not int
    ):
        raise _unreadable([Defect("record", "The record is no row of a stock file.", "Take the file in again.")])
    return record


def read_row(record: Record, profile: StockProfile) -> TillRow:
    """Translate one record of a stock file.

    Args:
        record: What :func:`record_of` found.
        profile: The mapping profile.

    Raises:
        Unreadable: With every defect found, each with the column it is in.
    """
    case = Case()
    row = _reading_of(profile).row(record, case) if _is_whole(record, case) else None
    if row is None or case.defects:
        raise _unreadable(case.defects)
    return row


def _unreadable(defects: Sequence[Defect]) -> Unreadable:
    places = ", ".join(dict.fromkeys(defect.place for defect in defects))
    return Unreadable(f"The row cannot be read: see {places}.", reasons=tuple(defects))


def _is_whole(record: Record, case: Case) -> bool:
    broken = record.get("broken")
    if isinstance(broken, dict):
        case.note(*(str(broken.get(key) or "row") for key in ("place", "reason", "remedy")))
        return False
    if not isinstance(record.get("slip"), dict) or not isinstance(record.get("line"), dict):
        case.note("record", "The record holds no row of this profile's form.", "Take the file in again.")
        return False
    return True


@lru_cache(maxsize=64)
def _reading_of(profile: StockProfile) -> "_Reading":
    return _Reading(profile)


class _Reading:
    """How records of one profile are read."""

    def __init__(self, profile: StockProfile) -> None:
        self._profile = profile
        self._slip_slots, self._line_slots = Slots(), Slots()
        self._slip = Part(profile.slip, SLIP_TARGETS.__getitem__, self._slip_slots, profile, ALWAYS_ON_SLIP)
        self._line = Part(profile.lines, LINE_TARGETS.__getitem__, self._line_slots, profile)
        number = profile.slip.get("number")
        self._number_parts = [self._slip_slots.add(name) for name in number.join] if number else []
        self._units = {unit.casefold(): Decimal(pieces) for unit, pieces in profile.units.items()}
        self._zone = ZoneInfo(profile.dates.zone)

    def row(self, record: Record, case: Case) -> TillRow | None:
        case.names = record["slip"]
        cells = self._slip_slots.cells_of_row(record["slip"])
        slip = self._slip.read(cells, case)
        self._check_number(cells, case)
        case.names = record["line"]
        line = self._line.read(self._line_slots.cells_of_row(record["line"]), case)
        kind = self._kind(slip, line, case)
        if case.defects or kind is None:
            return None
        row = TillRow(
            kind=kind,
            slip=slip.get("number") or "",
            voids=(slip.get("voids") or slip.get("number") or "") if kind is RowKind.VOID else "",
            sku=line.get("sku") or "",
            gtin=line.get("gtin") or "",
            quantity=self._pieces(kind, line, case),
            warehouse=slip["warehouse"],
            location=line.get("location") or "",
            happened_at=self._moment(slip["happened_at"]),
            whole=self._profile.picture == "whole",
            adds_up=self._profile.counted_again == "add",
        )
        self._check(row, case)
        return row

    def _check_number(self, cells: list[Any], case: Case) -> None:
        """Note the columns of a joined number that are empty: what is left of it would be another slip's number."""
        empty = [place for place in self._number_parts if cells[place] in ("", None)]
        if empty and len(empty) < len(self._number_parts):
            for place in empty:
                case.object_at(self._slip_slots.names[place], "is empty", SEND_AGAIN)

    def _kind(self, slip: dict[str, Any], line: dict[str, Any], case: Case) -> RowKind | None:
        word = line.get("kind") or slip.get("kind") or ""
        if word in set(RowKind):
            return RowKind(word)
        source = self._profile.lines.get("kind") or self._profile.slip["kind"]
        if not word:
            case.miss(source)
        else:
            text = f"is no kind of row the profile knows ({', '.join(RowKind)})"
            case.object_to(source, text, "Say in the profile under 'values' what it stands for, or correct the file.")
        return None

    def _pieces(self, kind: RowKind, line: dict[str, Any], case: Case) -> Decimal | None:
        """Return the quantity in pieces: plus came in, minus went out; of a count what is there."""
        quantity: Decimal | None = line["quantity"]
        if quantity is None:
            return None
        unit = line.get("unit") or ""
        pieces = self._units.get(unit.casefold(), None if unit and self._units else Decimal(1))
        if pieces is None:
            source = self._profile.lines["unit"]
            case.object_to(source, "is no unit the profile knows", "Say in the profile under 'units' how many it is.")
            return None
        quantity *= pieces
        if abs(quantity) >= LARGEST:
            self._object(case, "quantity", "is larger than any number SOMS books")
            return None
        if kind in _SIGNED or self._profile.quantities == "change":
            return quantity
        if quantity < 0 and self._profile.quantities == "unsigned":
            self._object(case, "quantity", f"is {quantity:f}; this profile's quantities are never below zero")
        return -quantity if kind in _OUTWARD else quantity

    def _moment(self, moment: datetime) -> datetime:
        """Return the moment; a date without a time stands for the profile's time of day."""
        if not self._profile.without_time:
            return moment
        local = moment.astimezone(self._zone)
        if local.time() != time():
            return moment
        named = time.fromisoformat(self._profile.without_time)
        return datetime.combine(local.date(), named, tzinfo=self._zone).astimezone(UTC)

    def _check(self, row: TillRow, case: Case) -> None:
        """Note what is missing or impossible in a row of its kind."""
        self._check_lengths(row, case)
        if row.kind is not RowKind.COUNT and not row.slip:
            self._missing(case, "number", self._profile.slip)
        if row.takes_back_all:
            return
        if not row.sku and not row.gtin:
            self._missing(case, "sku" if "sku" in self._profile.lines else "gtin", self._profile.lines)
        if row.quantity is None:
            self._missing(case, "quantity", self._profile.lines)
        elif row.kind is RowKind.COUNT and row.quantity < 0:
            self._object(case, "quantity", f"is {row.quantity:f}; nobody counts less than nothing")
        elif row.kind is not RowKind.COUNT and row.quantity == 0:
            self._object(case, "quantity", "is 0: nothing moved")

    def _check_lengths(self, row: TillRow, case: Case) -> None:
        lines, slip = self._profile.lines, self._profile.slip
        texts = (
            (row.sku, lines.get("sku")), (row.gtin, lines.get("gtin")), (row.location, lines.get("location")),
            (row.slip, slip.get("number")), (row.voids, slip.get("voids")), (row.warehouse, slip["warehouse"]),
        )  # fmt: skip
        for text, source in texts:
            if source is not None and len(text) > LONGEST:
                case.object_to(source, TOO_LONG, SEND_AGAIN)

    def _object(self, case: Case, target: str, text: str) -> None:
        case.object_to(self._profile.lines[target], text, "Correct the quantity, or 'quantities' in the profile.")

    @staticmethod
    def _missing(case: Case, target: str, sources: dict[str, Source]) -> None:
        source = sources.get(target)
        if source is None:
            case.defects.append(Defect(target, f"{target} is not mapped.", "Map it in the profile."))
        else:
            case.miss(source)
