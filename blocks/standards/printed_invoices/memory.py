"""What people confirmed about the invoices of one supplier: hints for the next one of the same layout, never proof."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import Field

from blocks.documents.base import Document
from blocks.standards.printed_invoices.labels import fold


class FieldHint(Document):
    """Where a field stood on an invoice that a person confirmed; shares of the page hold for any size of page."""

    field: str = Field(description="Path of the published form, e.g. number or totals.gross.")
    label: str = Field(default="", description="Folded label the value was found by.")
    side: str = Field(default="", description="Where the value stood, seen from its label: right, below, in, or ''.")
    page: int = Field(default=1, description="1-based; negative counts from the last page.")
    x: float = Field(default=0.0, description="Left edge, share of the width.")
    y: float = Field(default=0.0, description="Lower edge, share of the height.")
    confirmations: int = 1


class Lesson(Document):
    """What one layout of one supplier taught.

    Attributes:
        supplier: How the supplier is known (see ``supplier_key`` in ``proof``).
        layout: Fingerprint of the layout.
        hints: By field.
        values: What is the supplier's own and stays, e.g. ``seller.name`` or ``seller.vat_id``.
        day_first: Whether the day is written before the month; None where dates did not tell.
    """

    supplier: str
    layout: str
    hints: tuple[FieldHint, ...] = ()
    values: dict[str, str] = Field(default_factory=dict)
    day_first: bool | None = None


@dataclass(frozen=True)
class LayoutMemory:
    """All lessons a reader may look at, by supplier and layout."""

    lessons: Mapping[tuple[str, str], Lesson] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, Mapping[str, Any]]]) -> "LayoutMemory":
        """Build it from (supplier, layout, ``Lesson.model_dump(mode="json")``)."""
        return cls({(supplier, layout): Lesson.model_validate(dict(hints)) for supplier, layout, hints in rows})

    def lesson(self, supplier: str, layout: str) -> Lesson | None:
        """Return what this layout of this supplier taught, if anything."""
        return self.lessons.get((supplier, layout))

    def recall(self, layout: str, marks: Iterable[str]) -> Lesson | None:
        """Return the lesson of the supplier whose confirmed marks a document shows.

        Args:
            layout: Fingerprint of the document.
            marks: Folded VAT ids, tax numbers and accounts that stand in the document.

        Returns:
            That of the same layout, else one of another layout of this supplier without its hints on places; None if no
            supplier, or more than one, is recognised.
        """
        known = {lesson.supplier: lesson for mark in set(marks) for lesson in self._by_mark.get(mark, ())}
        if len(known) != 1:
            return None
        supplier, other = next(iter(known.items()))
        return self.lesson(supplier, layout) or other.model_copy(update={"hints": ()})

    @cached_property
    def _by_mark(self) -> dict[str, list[Lesson]]:
        found: dict[str, list[Lesson]] = {}
        for lesson in self.lessons.values():
            for path in MARKS:
                if lesson.values.get(path):
                    found.setdefault(fold(lesson.values[path]), []).append(lesson)
        return found


MARKS = ("seller.vat_id", "seller.tax_number", "payment.iban")
"""What a supplier is recognised by."""


def fingerprint(labels: Iterable[str]) -> str:
    """Return which layout a document has: its labels in order of appearance, as 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(labels).encode()).hexdigest()[:16]
