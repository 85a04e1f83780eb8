"""Values of articles: what is believed of each, what a shop shows of it, and the changes that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = tuple[str, str, str]
"""SKU, attribute, language."""


@dataclass(frozen=True, slots=True)
class Believed:
    """What is believed of one value, and what the shop shows of it."""

    sku: str
    attribute: str
    language: str
    value: str
    unit: str
    claim_id: int | None
    losers: Sequence[Mapping[str, Any]]
    conflict: bool
    why: str
    rules_version: int
    shop_value: str
    shop_by: str
    seen: bool

    @property
    def key(self) -> Value:
        """Return which value it is."""
        return self.sku, self.attribute, self.language


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that shall be: its state says whether it goes out or waits."""

    sku: str
    attribute: str
    language: str
    old: str
    new: str
    unit: str
    claim_id: int | None
    why: str
    rules_version: int
    state: str
    undoes: int | None = None

    @property
    def key(self) -> Value:
        """Return which value it changes."""
        return self.sku, self.attribute, self.language
