"""Values read from texts as a profile says they are written: numbers, moments, codes. What does not fit is a defect."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import accumulate
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from blocks.documents.orders import OrderStatus, PaymentStatus
from blocks.errors import Defect
from blocks.standards.order_files.amounts import LARGEST
from blocks.standards.order_files.countries import COUNTRIES
from blocks.standards.order_files.file_form import Dates, FileForm, Numbers, Source
from blocks.standards.order_files.rows import matchable
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.targets import Kind
from blocks.standards.order_files.texts import Cells, cell_reader, is_plain, text_of, text_reader

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


def value_reader(source: Source, kind: Kind, slots: Slots, profile: FileForm) -> Read:
    """Return what reads a source as a kind of value; an empty source gives "" for texts and None for all else."""
    if kind is Kind.MOMENT:
        return _moment(source, slots, source.dates or profile.dates)
    if kind in {Kind.AMOUNT, Kind.RATE, Kind.QUANTITY, Kind.PIECES}:
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


def _number(source: Source, kind: Kind, slots: Slots, profile: FileForm) -> Read:
    form = source.numbers or profile.numbers
    if source.constant is not None:  # a profile is YAML: its own numbers have a decimal point
        form = Numbers()
    parse = _Parser(form, kind, whole=profile.whole_pieces)
    get = cell_reader(source, slots) if is_plain(source) else text_reader(source, slots)
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
        example = {Kind.AMOUNT: "1234.50", Kind.RATE: "19", Kind.QUANTITY: "2", Kind.PIECES: "2"}[kind].replace(
            ".", form.decimal
        )
        self.remedy = f"Write it like {example}, or correct numbers in the profile."

    def text(self, cell: str) -> Decimal | str | None:
        """Return a text's number, None for an empty one, or what is wrong."""
        text = cell.strip()
        if not text:
            self.known[cell] = None
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
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            return "is not a number"
        number = Decimal(repr(cell))
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
        if number <= 0 and self._kind is Kind.QUANTITY:
            return f"is {number:f}; only positive quantities can be ordered"
        if self._whole and places < 0:
            return f"is {number:f}; this article is sold in whole pieces"
        return "has more than 4 decimal places" if places < MOST_QUANTITY_PLACES else None


def _country(text: str) -> str | None:
    code = text.upper()
    return COUNTRIES.get(text.casefold()) or (code if re.fullmatch("[A-Z]{2}", code) else None)


def _currency(text: str) -> str | None:
    code = text.upper()
    return code if re.fullmatch("[A-Z]{3}", code) else None


_CODES: dict[Kind, tuple[Callable[[str], Any], str]] = {
    Kind.COUNTRY: (_country, "is no country SOMS knows by this name"),
    Kind.CURRENCY: (_currency, "is no currency code of three letters (ISO 4217)"),
    Kind.STATUS: (
        lambda text: {str(status): status for status in OrderStatus}.get(text.lower()),
        f"is no order status ({', '.join(OrderStatus)})",
    ),
    Kind.PAYMENT_STATUS: (
        lambda text: {str(status): status for status in PaymentStatus}.get(text.lower()),
        f"is no payment status ({', '.join(PaymentStatus)})",
    ),
}


def _code(source: Source, kind: Kind, text: Read) -> Read:
    mean, wrong = _CODES[kind]
    known: dict[str, Any] = {"": None}

    def read(cells: Cells, case: Case) -> Any:
        found = text(cells, case)
        if found in known:
            return known[found]
        code = mean(found)
        if code is None:
            case.object_to(source, wrong, "Say in the profile under 'values' what it stands for, or correct the file.")
        elif len(known) < MOST_KEPT:
            known[found] = code
        return code

    return read


def _moment(source: Source, slots: Slots, dates: Dates) -> Read:
    text = text_reader(source, slots)
    typed = _typed_moment(source, slots)
    clock = _Clock(ZoneInfo(dates.zone))
    own = [_parser(form) for form in dates.formats]
    iso = [datetime.fromisoformat, *own]

    place = slots.add(*source.column) if is_plain(source) else -1

    def read(cells: Cells, case: Case) -> datetime | None:
        parsers = own
        if place >= 0 and type(cells[place]) is str:
            found = cells[place].strip()
        elif found := typed(cells):
            parsers = iso
        else:
            found = text(cells)
        if not isinstance(found, str):
            _object_to_cell(source, found, case)
            return None
        if not found:
            return None
        moment = _parsed(found, parsers)
        used = clock.in_utc(moment) if moment else "which is no date as the profile writes dates"
        if isinstance(used, str):
            remedy = f"Write it like {', '.join(dates.formats)}, or correct dates in the profile."
            case.object_to(source, f"is {shown(found)}, {used}", remedy)
            return None
        return used

    return read


def _parsed(text: str, parsers: list[Callable[[str], datetime]]) -> datetime | None:
    for parse in parsers:
        try:
            return parse(text)
        except (ValueError, OverflowError):
            continue
    return None


_WIDTHS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}


def _parser(form: str) -> Callable[[str], datetime]:
    """Return what reads a format; one of fixed places without strptime, which takes ten times as long."""
    if form == "iso":
        return datetime.fromisoformat
    slow = partial(_by_strptime, form)
    parts = re.findall("%.|[^%]", form)
    numbers = [part for part in parts if part.startswith("%")]
    wanted = list(_WIDTHS)[: len(numbers)]
    if sorted(numbers) != sorted(wanted) or len(numbers) < len(("%Y", "%m", "%d")):
        return slow
    ends = list(accumulate(_WIDTHS.get(part, 1) for part in parts))
    place = {part: slice(end - _WIDTHS[part], end) for part, end in zip(parts, ends, strict=True) if part in _WIDTHS}
    take = itemgetter(*(place[part] for part in wanted))
    signs = [(end - 1, part) for part, end in zip(parts, ends, strict=True) if part not in _WIDTHS]
    take_signs = (
        itemgetter(*(at for at, _ in signs)) if len(signs) > 1 else lambda text: tuple(text[at] for at, _ in signs)
    )
    between, length = tuple(part for _, part in signs), ends[-1]

    def quick(text: str) -> datetime:
        if len(text) == length and text.isascii() and take_signs(text) == between:
            found = take(text)
            if "".join(found).isdecimal():
                return datetime(*map(int, found))  # type: ignore[arg-type]  # noqa: DTZ001 - the zone follows
        return slow(text)

    return quick


def _by_strptime(form: str, text: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows


def _typed_moment(source: Source, slots: Slots) -> Callable[[Cells], str]:
    """Return what reads a spreadsheet's own dates, a date and a time in two columns included; empty for texts."""
    places = slots.of_source(source.column, source.join)

    def read(cells: Cells) -> str:
        first = next((cell for place in places if (cell := cells[place]) != ""), "")
        if type(first) is str or not isinstance(first, dict) or not isinstance(first.get("$date"), str):
            return ""
        day: str = first["$date"]
        times = [text_of(cells[place]) for place in places if cells[place] is not first] if source.join else []
        clock = next((time for time in times if isinstance(time, str) and time.strip()), "")
        return f"{day[:10]}T{clock.strip()}" if clock else day

    return read


class _Clock:
    """A zone's wall clock. Offsets are kept by the hour: looking one up twice takes longer than all else of a date."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[datetime, timedelta] = {}

    def in_utc(self, moment: datetime) -> datetime | str:
        """Return the moment in UTC, or why it cannot be used; of a time that was twice, the earlier (PEP 495)."""
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            return "which is no date of an order"
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        hour = moment.replace(minute=0, second=0, microsecond=0)
        offset = self._offsets.get(hour)
        if offset is None:
            found = self._offset(moment)
            if found is None:
                return f"a time that never was in {self._zone.key} (clocks were set forward)"
            if found == self._offset(hour) == self._offset(hour + timedelta(minutes=59, seconds=59)):
                if len(self._offsets) >= MOST_KEPT:
                    self._offsets.clear()
                self._offsets[hour] = found
            offset = found
        return (moment - offset).replace(tzinfo=UTC)

    def _offset(self, moment: datetime) -> timedelta | None:
        """Return the offset from UTC, None for a time that never was."""
        utc = moment.replace(tzinfo=self._zone).astimezone(UTC)
        if utc.astimezone(self._zone).replace(tzinfo=None) != moment:
            return None
        return moment - utc.replace(tzinfo=None)
