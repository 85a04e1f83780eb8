"""The frozen base of every document and the one canonical text its hash is taken from."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Document(BaseModel):
    """A document: frozen, strict about unknown fields, strings stripped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    def canonical_text(self) -> str:
        """Return the document as JSON with sorted keys and plain decimals: equal documents give equal text."""
        return canonical_json(self.model_dump(mode="python"))

    def content_hash(self) -> str:
        """Return the sha256 of the canonical text as 64 hex characters."""
        return hashlib.sha256(self.canonical_text().encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """Return JSON text with sorted keys, no white space, decimals as plain strings and UTC times ending in Z."""
    try:
        return orjson.dumps(value, _plain, _CANONICAL).decode()
    except TypeError:  # an integer beyond 64 bits, a lone surrogate, a key that is no text: rare, and slower
        return json.dumps(value, default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


@lru_cache(maxsize=1 << 16)
def plain_decimal(value: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros: 1.50 and 1.5 are the same amount.

    Kept for equal amounts, which share their text: rates, quantities and prices come again and again.
    """
    text = f"{value.normalize():f}"
    return "0" if text in {"-0", "0"} else text


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An aware point in time, kept in UTC."""
