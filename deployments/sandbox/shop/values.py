"""Values on their way in and out: exact decimals, UTC times of seven digits, JSON text."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from deployments.sandbox.shop.model import Column, Kind

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?)?$",
)
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")


class Refusal(Exception):  # noqa: N818 - it is an answer to the client, not a failure of the shop
    """A request that the shop answers with an error status."""

    def __init__(self, status: int, message: str, details: tuple[tuple[str, str, str], ...] = ()) -> None:
        """Keep the HTTP status, a message for people and details as (code, target, message)."""
        super().__init__(message)
        self.status, self.message, self.details = status, message, details


def time_text(moment: datetime, ticks: int = 0) -> str:
    """Return a moment as the shop keeps it; ``ticks`` are further steps of 100 ns."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond * 10 + ticks:07d}Z"


def moment(text: str) -> datetime:
    """Return a kept time as a datetime, to the microsecond."""
    return datetime.fromisoformat(text[:26]).replace(tzinfo=UTC)


def read_time(text: str) -> str:
    """Normalise an OData time or date literal to UTC with seven digits.

    Raises:
        ValueError: It is none.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is not a time")
    day, minutes, seconds, fraction, zone = found.groups()
    at = datetime.fromisoformat(f"{day}T{minutes or '00:00'}:{seconds or '00'}")
    if zone and zone != "Z":
        hours, rest = int(zone[1:3]), int(zone[4:6])
        at -= (1 if zone[0] == "+" else -1) * timedelta(hours=hours, minutes=rest)
    return f"{at.isoformat()}.{(fraction or '').ljust(7, '0')}Z"


def _write_time(value: str) -> str:
    return '"' + value[:-1].rstrip("0").rstrip(".") + 'Z"'


def _write_decimal(value: Decimal) -> str:
    return f"{value:f}"


WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.INTEGER: str,
    Kind.DECIMAL: _write_decimal,
    Kind.TEXT: encode_basestring,
    Kind.BOOLEAN: lambda value: "true" if value else "false",
    Kind.TIME: _write_time,
    Kind.GUID: encode_basestring,
    Kind.ENUM: encode_basestring,
}
"""How each kind is written as JSON text; decimals keep their column's scale, which floats could not."""


def _integer(value: Any, _: Column) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number is expected")  # noqa: TRY004 - all of these become one 400
    return value


def _decimal(value: Any, column: Column) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("a number is expected")  # noqa: TRY004 - all of these become one 400
    return round(Decimal(value), column.size)


def _text(value: Any, column: Column) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is expected")  # noqa: TRY004 - all of these become one 400
    if column.size and len(value) > column.size:
        raise ValueError(f"at most {column.size} characters are allowed")
    return value


def _boolean(value: Any, _: Column) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")  # noqa: TRY004 - all of these become one 400
    return value


def _time(value: Any, column: Column) -> str:
    return read_time(_text(value, column))


def _guid(value: Any, column: Column) -> str:
    if not _GUID.fullmatch(_text(value, column)):
        raise ValueError("a Guid is expected")
    return str(value).lower()


def _member(value: Any, column: Column) -> str:
    if value not in column.members:
        raise ValueError(f"one of {', '.join(column.members)} is expected")
    return str(value)


_READERS: dict[Kind, Callable[[Any, Column], Any]] = {
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.TEXT: _text,
    Kind.BOOLEAN: _boolean,
    Kind.TIME: _time,
    Kind.GUID: _guid,
    Kind.ENUM: _member,
}


def read_value(value: Any, column: Column) -> Any:
    """Take one value of a request body into the kind of its column.

    Raises:
        Refusal: 400, it does not fit.
    """
    if value is None:
        if column.nullable:
            return None
        raise Refusal(400, f"The property '{column.name}' must not be null.")
    try:
        return _READERS[column.kind](value, column)
    except ValueError as error:
        raise Refusal(400, f"The value of '{column.name}' does not fit: {error}.") from None


def read_body(body: bytes) -> dict[str, Any]:
    """Read a JSON object exactly; an empty body is an empty object.

    Raises:
        Refusal: 400, it is not a JSON object.
    """
    if not body.strip():
        return {}
    try:
        found = json.loads(body, parse_float=Decimal)
    except ValueError as error:
        raise Refusal(400, f"The body is not valid JSON: {error}.") from None
    if not isinstance(found, dict):
        raise Refusal(400, "The body must be a JSON object.")
    return found
