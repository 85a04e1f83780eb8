"""Reading Smartstore's JSON: rows cut out of a page byte for byte, and typed fields that collect their defects."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from blocks.errors import Defect

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
_BLANK = re.compile(r"[ \t\n\r]*")
_LARGEST = Decimal(10) ** 10
_PLACES = Decimal("1E-8")
_NOISE = Decimal("1E-10")
_LONGEST_INTEGER = 30
_FIRST_YEAR, _NEVER = 1990, 9999

REMEDY = "Look at the record in the shop; if it is right there, its Web API has changed and the connector must follow."


@dataclass(frozen=True, slots=True)
class Row:
    """One element of a page's ``value`` list: its text as it came and what it says."""

    text: str
    value: Any


def decode(text: str) -> Any:
    """Parse JSON without losing a digit: fractions become Decimal; what is no JSON number becomes text.

    Raises:
        ValueError: The text is not JSON, or is nested deeper than any order.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def encode_text(text: str) -> str:
    """Return a JSON string literal, in ASCII so that half characters survive."""
    return json.dumps(text)


def split_page(text: str) -> tuple[tuple[Row, ...], dict[str, Any]]:
    """Cut a page into its rows, each exactly as it came, and the rest of the envelope.

    Raises:
        ValueError: The text is not one JSON object with a ``value`` list.
    """
    try:
        return _split(text)
    except (IndexError, RecursionError) as error:
        raise ValueError("cut off or nested too deeply") from error


def _split(text: str) -> tuple[tuple[Row, ...], dict[str, Any]]:
    at, rows, envelope = _expect(text, 0, "{"), None, {}
    while True:
        key, at = _DECODER.raw_decode(text, _skip(text, at))
        at = _skip(text, _expect(text, at, ":"))
        if key == "value" and text[at] == "[":
            rows, at = _rows(text, at + 1)
        else:
            envelope[str(key)], at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == "}":
            break
        at = _expect(text, at, ",")
    if rows is None or _skip(text, at + 1) != len(text):
        raise ValueError("not a page")
    return rows, envelope


def _rows(text: str, at: int) -> tuple[tuple[Row, ...], int]:
    rows: list[Row] = []
    at = _skip(text, at)
    if text[at] == "]":
        return (), at + 1
    while True:
        start = _skip(text, at)
        value, at = _DECODER.raw_decode(text, start)
        rows.append(Row(text[start:at], value))
        at = _skip(text, at)
        if text[at] == "]":
            return tuple(rows), at + 1
        at = _expect(text, at, ",")


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _expect(text: str, at: int, char: str) -> int:
    at = _skip(text, at)
    if text[at] != char:
        raise ValueError(f"'{char}' expected")
    return at + 1


def _fraction(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_INTEGER else text


_DECODER = json.JSONDecoder(parse_float=_fraction, parse_int=_integer, parse_constant=str)


def instant(text: object) -> tuple[datetime, str] | None:
    """Return a shop time as whole UTC seconds and nine fraction digits, which order finer than a datetime can.

    None when the text is no time with a zone.
    """
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    base, fraction, sign, hours, minutes = match.groups()
    try:
        seconds = datetime.fromisoformat(base).replace(tzinfo=UTC)
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            seconds = seconds - offset if sign == "+" else seconds + offset
    except (ValueError, OverflowError):
        return None
    return seconds, (fraction or "").ljust(9, "0")


def moment(text: object) -> datetime | None:
    """Return a shop time (0 to 9 fraction digits) as an aware datetime, cut to microseconds; None when it is none."""
    found = instant(text)
    return found[0].replace(microsecond=int(found[1][:6])) if found else None


@dataclass(slots=True)
class Fields:
    """One JSON object whose fields are read by type; every defect is collected, none is raised."""

    values: Mapping[str, Any]
    place: str = ""
    defects: list[Defect] = field(default_factory=list)

    def at(self, name: str) -> str:
        """Return where a field stands, e.g. ``OrderItems[0].Sku``."""
        return f"{self.place}.{name}" if self.place else name

    def object_to(self, name: str, text: str, remedy: str = REMEDY) -> None:
        """Note a defect; ``text`` continues the sentence that begins with the place."""
        self.defects.append(Defect(self.at(name), f"{self.at(name)} {text}.", remedy))

    def text(self, name: str) -> str:
        """Return a text without control characters; empty when missing or null."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.object_to(name, "is not a text")
            return ""
        if any(unicodedata.category(char) == "Cs" for char in value):
            self.object_to(name, "contains half a character (a lone surrogate)")
            return ""
        return "".join(char for char in value if char in "\n\t" or unicodedata.category(char) != "Cc").strip()

    def integer(self, name: str) -> int:
        """Return a whole number; 0 and a defect when it is none."""
        value = self.values.get(name)
        if isinstance(value, Decimal) and value.is_finite() and abs(value) < _LARGEST and value == int(value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
            return value
        self.object_to(name, "is missing" if value is None else "is not a whole number")
        return 0

    def amount(self, name: str) -> Decimal:
        """Return a decimal with up to 8 places; 0 and a defect when it is none.

        Shops on SQLite pass decimals through a double, so noise beyond the 8th place is rounded away.
        """
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            self.object_to(name, "is missing" if value is None else "is not a number")
            return Decimal(0)
        number = Decimal(value)
        if number and (number.adjusted() > _LARGEST.adjusted() - 1):
            self.object_to(name, "is larger than any amount SOMS books")
            return Decimal(0)
        rounded = number.quantize(_PLACES)
        if abs(number - rounded) > _NOISE:
            self.object_to(name, "has more than 8 decimal places")
        return rounded.normalize() + 0

    def rate(self, name: str) -> Decimal:
        """Return a tax rate in per cent, from 0 to under 100 with up to 4 places."""
        rate = self.amount(name)
        if rate.is_signed() or rate >= 100 or rate != round(rate, 4):  # noqa: PLR2004 - per cent
            self.object_to(name, "is no tax rate in per cent (0 to under 100, at most 4 decimal places)")
            return Decimal(0)
        return rate

    def moment(self, name: str) -> datetime:
        """Return a point in time in UTC; a defect when it is missing, without zone, or never set (year 1 or 9999)."""
        found = moment(self.values.get(name))
        if found is None or not _FIRST_YEAR <= found.year < _NEVER:
            self.object_to(name, "is not a date and time with a zone that was ever set")
            return datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
        return found

    def flag(self, name: str) -> bool:
        """Return true or false; a defect when it is neither."""
        value = self.values.get(name)
        if not isinstance(value, bool):
            self.object_to(name, "is neither true nor false")
            return False
        return value

    def inner(self, name: str, *, required: bool) -> "Fields | None":
        """Return an expanded single entity, sharing this object's defects; None when it is null or missing."""
        value = self.values.get(name)
        if isinstance(value, Mapping):
            return Fields(value, self.at(name), self.defects)
        if value is not None or required:
            self.object_to(name, "is missing or not an object")
        return None

    def each(self, name: str) -> list["Fields"]:
        """Return an expanded list's objects, sharing this object's defects; a missing list is a defect."""
        value = self.values.get(name)
        if not isinstance(value, list):
            self.object_to(name, "is missing or not a list")
            return []
        found: list[Fields] = []
        for number, item in enumerate(value):
            entry = Fields(item if isinstance(item, Mapping) else {}, f"{self.at(name)}[{number}]", self.defects)
            if isinstance(item, Mapping):
                found.append(entry)
            else:
                self.object_to(f"{name}[{number}]", "is not an object")
        return found
