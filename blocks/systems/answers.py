"""What a system answered to one call that changes it: done, refused, or come again."""

from dataclasses import dataclass, field
from typing import Any

from blocks.errors import Refused, TryAgainLater


@dataclass(frozen=True, slots=True)
class Done:
    """The outside system holds the result; ``facts`` carry its ids and numbers, never personal data."""

    reference: str
    facts: dict[str, Any] = field(default_factory=dict)
    adopted: bool = False


Answer = Done | Refused | TryAgainLater
"""Exactly one per request, in the order of the requests."""
