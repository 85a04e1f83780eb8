"""Invoices as JSON text that holds all of them, and back: amounts keep their places, files their bytes. Pure."""

from base64 import b64decode, b64encode
from decimal import Decimal
from typing import Any

import orjson

from blocks.documents.invoices import Invoice

_BYTES = "base64"


def invoice_text(invoice: Invoice) -> str:
    """Return the invoice as JSON text; what is as if it were not there is left out."""
    return orjson.dumps(invoice.model_dump(exclude_defaults=True), _written).decode()


def invoice_of(text: str) -> Invoice:
    """Return the invoice that ``invoice_text`` wrote."""
    return invoice_from(orjson.loads(text))


def content_of(invoice: Invoice) -> dict[str, Any]:
    """Return the invoice as plain JSON content with every field, to be changed and read by ``invoice_from``."""
    content: dict[str, Any] = orjson.loads(orjson.dumps(invoice.model_dump(), _written))
    return content


def invoice_from(content: dict[str, Any]) -> Invoice:
    """Return the invoice of JSON content.

    Raises:
        pydantic.ValidationError: A field cannot hold what stands there.
    """
    return Invoice.model_validate(_with_bytes(content))


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return {_BYTES: b64encode(value).decode("ascii")}
    raise TypeError(type(value).__name__)


def _with_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_BYTES}:
            return b64decode(value[_BYTES])
        return {name: _with_bytes(part) for name, part in value.items()}
    return [_with_bytes(part) for part in value] if isinstance(value, list) else value
