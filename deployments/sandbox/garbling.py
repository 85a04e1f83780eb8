"""What faults do to an answer: rows twice, rows in another order, half a document, a field less, a wrong clock."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from deployments.sandbox.fault_plan import Fault

_CLOCK = b"smartstore-api-date"


def garbled(fault: Fault, body: bytes) -> bytes:
    """Return the body as the fault leaves it; what is not JSON stays as it is."""
    if fault.kind == "malformed_json":
        return body[: len(body) // 2]
    try:
        document = json.loads(body, parse_float=Decimal)
    except ValueError:
        return body
    if fault.kind == "drop_field":
        return exact_json(_without(document, fault.name)).encode()
    for name in ("value", "result"):
        if isinstance(document, dict) and isinstance(document.get(name), list):
            rows = document[name]
            document[name] = [row for row in rows for _ in "12"] if fault.kind == "duplicate_rows" else rows[::-1]
    return exact_json(document).encode()


def _without(document: Any, name: str) -> Any:
    if isinstance(document, list):
        return [_without(each, name) for each in document]
    if isinstance(document, dict):
        return {key: _without(value, name) for key, value in document.items() if key != name}
    return document


def exact_json(document: Any) -> str:
    """Write JSON in which decimals keep their digits."""
    if isinstance(document, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{exact_json(value)}" for key, value in document.items()) + "}"
    if isinstance(document, list):
        return "[" + ",".join(exact_json(each) for each in document) + "]"
    return f"{document:f}" if isinstance(document, Decimal) else json.dumps(document, ensure_ascii=False)


def skewed(headers: list[tuple[bytes, bytes]], seconds: float) -> list[tuple[bytes, bytes]]:
    """Return the headers with the shop's clock put forward, or back for negative seconds."""
    return [(name, _shifted(value, seconds) if name.lower() == _CLOCK else value) for name, value in headers]


def _shifted(value: bytes, seconds: float) -> bytes:
    text = value.decode()
    at = datetime.fromisoformat(text[:26]).replace(tzinfo=UTC) + timedelta(seconds=seconds)
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}{text[26:]}".encode()
