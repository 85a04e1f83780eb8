"""Values read from texts as a profile says they are written: numbers, moments, codes. What does not fit is a defect."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from blocks.documents.orders import OrderStatus, PaymentStatus
from blocks.errors import Defect
from blocks.standards.order_files.countries import COUNTRIES
from blocks.standards.order_files.profile import Dates, Numbers, Profile, Source
from blocks.standards.order_files.rows import matchable
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.targets import Kind
from blocks.standards.order_files.texts import Cells, cell_reader, text_of, text_reader

LARGEST = Decimal(10) ** 10
MOST_PLACES, MOST_QUANTITY_PLACES, MOST_RATE_PLACES = -8, -4, -4
MOST_KEPT = 20_000
_FIRST_YEAR, _LAST_YEAR = 1990, 9998
_HARMLESS = re.compile(r"[-+0-9.,:;'/ %€$]{1,24}")


class Case:
    """The record that is being read: where we are in it, and every defect found."""

    __slots__ = ("defects", "names", "prefix")

    def __init__(self) -> None:
        """Begin without defects."""
        self.defects: list[Defect] = []
        self.prefix = ""
        self.names: Iterable[str] = ()

    def object_to(self, source: Source, text: str, remedy: str) -> None:
        """Note a defect at a source's column; ``text`` continues the sentence that begins with the place."""
        self.object_at(next(iter(self._columns(source)), "(constant)"), text, remedy)

    def object_at(self, column: str, text: str, remedy: str) -> None:
        """Note a defect at a column."""
        place = self.prefix + self._as_named(column)
        self.note(place, f"{place} {text}.", remedy)

    def miss(self, source: Source) -> None:
        """Note that a source is empty, unless it was read and objected to."""
        columns = [self.prefix + self._as_named(name) for name in source.columns]
        if not any(defect.place in columns for defect in self.defects):
            self.object_to(source, "is empty", "Fill it in and send the order again, or correct the record here.")

    def note(self, place: str, text: str, remedy: str) -> None:
        """Note a defect in a whole sentence."""
        self.defects.append(Defect(place, text, remedy))

    def _columns(self, source: Source) -> list[str]:
        """Return the source's columns, those first that the record has."""
        there = {matchable(name) for name in self.names}
        return sorted(source.columns, key=lambda name: matchable(name) not in there)

    def _as_named(self, column: str) -> str:
        """Return the column as the file calls it."""
        wanted = matchable(column)
        return next((name for name in self.names if matchable(name) == wanted), column)


Read = Callable[[Cells, Case], Any]


def shown(text: Any) -> str:
    """Return a text for a sentence: numbers and dates as they stand, anything else by its length alone."""
    if isinstance(text, str):
        return f"'{text}'" if _HARMLESS.fullmatch(text) else f"a text of {len(text)} characters"
    return "not a single text or number"


def value_reader(source: Source, kind: Kind, slots: Slots, profile: Profile) -> Read:
    """Return what reads a source as a kind of value; an empty source gives "" for texts and None for all else."""
    if kind is Kind.MOMENT:
        return _moment(source, slots, source.dates or profile.dates)
    if kind in {Kind.AMOUNT, Kind.RATE, Kind.QUANTITY}:
        return _number(source, kind, slots, profile)
    text = _text(source, slots)
    if kind in {Kind.TEXT, Kind.IDENTIFIER}:
        return text
    return _code(source, kind, text)


def _text(source: Source, slots: Slots) -> Read:
    get = text_reader(source, slots)

    def read(cells: Cells, case: Case) -> str:
        found = get(cells)
        if isinstance(found, str):
            return found
        _object_to_cell(source, found, case)
        return ""

    return read


def _object_to_cell(source: Source, cell: Any, case: Case) -> None:
    """Say why a cell is no text at all."""
    if isinstance(cell, dict) and "$bytes" in cell:
        text, remedy = "contains bytes that are none of the file's encoding", "Export the file again in one encoding."
    elif isinstance(cell, dict) and "$error" in cell:
        text, remedy = "is an error of the spreadsheet", "Correct the formula in the spreadsheet and send it again."
    else:
        text, remedy = "is not a single text or number", "Correct the path in the profile, or the file."
    case.object_to(source, text, remedy)


def _number(source: Source, kind: Kind, slots: Slots, profile: Profile) -> Read:
    form = source.numbers or profile.numbers
    if source.constant is not None:  # a profile is YAML: its own numbers have a decimal point
        form = Numbers()
    parse = _Parser(form, kind, whole=profile.whole_pieces)
    plain = not (source.join or source.split or source.values or source.default or source.constant is not None)
    get = cell_reader(source, slots) if plain else text_reader(source, slots)
    known = parse.known

    def read(cells: Cells, case: Case) -> Decimal | None:
        cell = get(cells)
        if type(cell) is str:
            if cell in known:
                return known[cell]
            outcome = parse.text(cell)
        else:
            outcome = parse.cell(cell)
        if isinstance(outcome, str):
            case.object_to(source, outcome, parse.remedy)
            return None
        return outcome

    return read


class _Parser:
    """Numbers of one kind in one notation, kept once read: prices, rates and quantities come again and again."""

    def __init__(self, form: Numbers, kind: Kind, *, whole: bool) -> None:
        self._kind, self._whole, self._form = kind, whole, form
        thousands = re.escape(form.thousands)
        groups = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|" if thousands else ""
        self._pattern = re.compile(
            rf"([-+]?)({groups}\d{{1,15}})(?:{re.escape(form.decimal)}(\d{{1,15}}))?(-?)", re.ASCII
        )
        self._signs = (*form.signs, "%") if kind is Kind.RATE else form.signs
        self.known: dict[str, Decimal | None] = {}
        example = {Kind.AMOUNT: "1234.50", Kind.RATE: "19", Kind.QUANTITY: "2"}[kind].replace(".", form.decimal)
        self.remedy = f"Write it like {example}, or correct numbers in the profile."

    def text(self, cell: str) -> Decimal | str | None:
        """Return a text's number, None for an empty one, or what is wrong."""
        text = cell.strip()
        if not text:
            return None
        if self._form.thousands == " ":
            text = text.replace("\u00a0", " ").replace("\u202f", " ")
        for sign in self._signs:
            text = text.removeprefix(sign).removesuffix(sign).strip()
        match = self._pattern.fullmatch(text)
        if match is None or (match[1] and match[4]):
            return f"is {shown(cell)}, which is no {self._kind.value} as the profile writes numbers"
        whole = match[2].replace(self._form.thousands, "") if self._form.thousands else match[2]
        number = Decimal(f"{match[1] or match[4]}{whole}.{match[3] or ''}")
        wrong = self._wrong(number)
        if wrong:
            return wrong
        if len(self.known) >= MOST_KEPT:
            self.known.clear()
        self.known[cell] = number
        return number

    def cell(self, cell: Any) -> Decimal | str | None:
        """Return the number of a cell that is no text."""
        if cell is None:
            return None
        if isinstance(cell, dict) and isinstance(cell.get("$number"), str):
            return "is larger, or has more digits, than any number SOMS books"
        if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
            return "is not a number"
        number = Decimal(cell)
        if not number.is_finite() or abs(number) >= LARGEST:
            return "is larger than any number SOMS books"
        return self._wrong(number) or number

    def _wrong(self, number: Decimal) -> str | None:
        places = number.normalize().as_tuple().exponent
        if not isinstance(places, int) or abs(number) >= LARGEST:
            return "is larger than any number SOMS books"
        if self._kind is Kind.AMOUNT:
            return "has more than 8 decimal places" if places < MOST_PLACES else None
        if self._kind is Kind.RATE:
            in_range = 0 <= number < 100 and places >= MOST_RATE_PLACES  # noqa: PLR2004 - per cent
            return None if in_range else f"is {number:f}; a tax rate is from 0 to under 100 per cent"
        if number <= 0:
            return f"is {number:f}; only positive quantities can be ordered"
        if self._whole and places < 0:
            return f"is {number:f}; this article is sold in whole pieces"
        return "has more than 4 decimal places" if places < MOST_QUANTITY_PLACES else None


_CODES: dict[Kind, tuple[Callable[[str], str | None], str]] = {
    Kind.COUNTRY: (
        lambda text: (
            COUNTRIES.get(text.casefold()) or (code if re.fullmatch("[A-Z]{2}", code := text.upper()) else None)
        ),
        "is no country SOMS knows by this name",
    ),
    Kind.CURRENCY: (
        lambda text: code if re.fullmatch("[A-Z]{3}", code := text.upper()) else None,
        "is no currency code of three letters (ISO 4217)",
    ),
    Kind.STATUS: (
        lambda text: text.lower() if text.lower() in set(OrderStatus) else None,
        f"is no order status ({', '.join(OrderStatus)})",
    ),
    Kind.PAYMENT_STATUS: (
        lambda text: text.lower() if text.lower() in set(PaymentStatus) else None,
        f"is no payment status ({', '.join(PaymentStatus)})",
    ),
}


def _code(source: Source, kind: Kind, text: Read) -> Read:
    mean, wrong = _CODES[kind]
    known: dict[str, str] = {"": ""}

    def read(cells: Cells, case: Case) -> str | None:
        found = text(cells, case)
        code = known.get(found)
        if code is None:
            code = mean(found.strip()) if found.strip() else ""
            if code is None:
                case.object_to(
                    source, wrong, "Say in the profile under 'values' what it stands for, or correct the file."
                )
                return None
            if len(known) >= MOST_KEPT:
                known.clear()
            known[found] = code
        return code or None

    return read


def _moment(source: Source, slots: Slots, dates: Dates) -> Read:
    text = text_reader(source, slots)
    raw = _typed_moment(source, slots)
    zone = ZoneInfo(dates.zone)
    formats = tuple(dates.formats)

    def read(cells: Cells, case: Case) -> datetime | None:
        found = raw(cells) or text(cells)
        if not isinstance(found, str):
            _object_to_cell(source, found, case)
            return None
        found = found.strip()
        if not found:
            return None
        moment = _parsed(found, formats, typed=bool(raw(cells)))
        wrong = _unusable(moment, zone)
        if wrong or moment is None:
            text_, remedy = wrong or "", f"Write it like {', '.join(formats)}, or correct dates in the profile."
            case.object_to(source, f"is {shown(found)}, {text_}", remedy)
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

    return read


def _typed_moment(source: Source, slots: Slots) -> Callable[[Cells], str]:
    """Return what reads a spreadsheet's own dates, a date and a time in two columns included; empty for texts."""
    places = [slots.add(name) for name in source.columns]

    def read(cells: Cells) -> str:
        first = next((cell for place in places if (cell := cells[place]) != ""), "")
        if type(first) is str or not isinstance(first, dict) or not isinstance(first.get("$date"), str):
            return ""
        day: str = first["$date"]
        times = [text_of(cells[place]) for place in places if cells[place] is not first] if source.join else []
        clock = next((time for time in times if isinstance(time, str) and time.strip()), "")
        return f"{day[:10]}T{clock.strip()}" if clock else day

    return read


def _parsed(text: str, formats: tuple[str, ...], *, typed: bool) -> datetime | None:
    for form in ("iso", *formats) if typed else formats:
        try:
            return datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007 - zone follows
        except ValueError:
            continue
    return None


def _unusable(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """Say why a moment cannot be used; of a time that was twice (clocks set back), the earlier is meant."""
    if moment is None:
        return "which is no date as the profile writes dates"
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return "which is no date of an order"
    if moment.tzinfo is None:
        there = moment.replace(tzinfo=zone)
        if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            return f"a time that never was in {zone.key} (clocks were set forward)"
    return None
