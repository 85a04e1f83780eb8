"""Weights and lengths as a Smartstore shop keeps them: in units of its own, with four places."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from blocks.documents.base import plain_decimal

MEASURES: Mapping[str, str] = {"weight": "Weight", "length": "Length", "width": "Width", "height": "Height"}
"""Field → property that holds its number."""
GRAMS: Mapping[str, Decimal] = {
    "kg": Decimal(1000), "g": Decimal(1), "lb": Decimal("453.59237"), "oz": Decimal("28.349523125"),
}  # fmt: skip
MILLIMETRES: Mapping[str, Decimal] = {
    "m": Decimal(1000), "cm": Decimal(10), "mm": Decimal(1), "in": Decimal("25.4"), "ft": Decimal("304.8"),
}  # fmt: skip
MOST_MEASURE = Decimal(10) ** 14
"""Of the shop's decimals, ``decimal(18, 4)``."""
_KEPT = Decimal("0.0001")
"""Places of the shop's numbers."""


@dataclass(frozen=True, slots=True)
class Measures:
    """In which units the shop keeps weights and lengths."""

    weight: str = "kg"
    length: str = "m"

    def factor(self, measure: str) -> Decimal:
        """Return how many grams or millimetres one of the shop's units is."""
        return GRAMS[self.weight] if measure == "weight" else MILLIMETRES[self.length]

    def shown(self, measure: str, value: Any) -> str:
        """Return the shop's number in grams or millimetres; '' for none or nought."""
        try:
            number = Decimal(str(value)) if value is not None else Decimal(0)
        except InvalidOperation:
            return ""
        return plain_decimal(number * self.factor(measure)) if number else ""

    def kept(self, measure: str, value: str) -> Decimal:
        """Return grams or millimetres in the shop's unit and with its places."""
        return (Decimal(value or 0) / self.factor(measure)).quantize(_KEPT)
