"""What people confirmed about the invoices of one supplier: hints for the next one of the same layout, never proof."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
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
        marks: Labels with the column they stand in: by them a layout is known again though some are missing.
        without_lines: The confirmed invoice prints no lines, and the page has none.
    """

    supplier: str
    layout: str
    hints: tuple[FieldHint, ...] = ()
    values: dict[str, str] = Field(default_factory=dict)
    day_first: bool | None = None
    marks: tuple[str, ...] = ()
    without_lines: bool = False


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

    def recall(self, layout: Sequence[str], marks: Iterable[str]) -> Lesson | None:
        """Return the lesson of the supplier whose confirmed marks a document shows.

        Args:
            layout: The labels of the document with their columns (see ``layout_marks`` in ``reader``).
            marks: Folded VAT ids, tax numbers and accounts that stand in the document.

        Returns:
            That of the same layout, or of one that shares most of its labels; else one of another layout of this
            supplier without what it says of places; None if no supplier, or more than one, is recognised.
        """
        known = {lesson.supplier: lesson for mark in set(marks) for lesson in self._by_mark.get(mark, ())}
        if len(known) != 1:
            return None
        supplier, other = next(iter(known.items()))
        if (same := self.lesson(supplier, fingerprint(layout))) is not None:
            return same
        own = [lesson for lesson in self.lessons.values() if lesson.supplier == supplier]
        alike = [(_shared(lesson.marks, layout), lesson) for lesson in own]
        share, nearest = max(alike, key=lambda pair: (pair[0], pair[1].layout))
        return nearest if share >= _ALIKE else other.model_copy(update={"hints": ()})

    @cached_property
    def _by_mark(self) -> dict[str, list[Lesson]]:
        found: dict[str, list[Lesson]] = {}
        for lesson in self.lessons.values():
            for path in MARKS:
                if lesson.values.get(path):
                    found.setdefault(fold(lesson.values[path]), []).append(lesson)
        return found


_ALIKE = 0.6
"""Share of their labels that two layouts have in common to count as one: an order or a due date may be missing."""


def _shared(one: Iterable[str], other: Iterable[str]) -> float:
    """Return which part of the labels of two layouts both have."""
    first, second = set(one), set(other)
    return len(first & second) / len(first | second) if first and second else 0.0


MARKS = ("seller.vat_id", "seller.tax_number", "payment.iban")
"""What a supplier is recognised by."""


def fingerprint(labels: Iterable[str]) -> str:
    """Return which layout a document has: its labels in order of appearance, as 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(labels).encode()).hexdigest()[:16]
