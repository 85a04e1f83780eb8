"""The text of a source: one column or several, a part of it, what it stands for."""

from collections.abc import Callable
from decimal import Decimal
from operator import itemgetter
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.standards.order_files.file_form import Source
from blocks.standards.order_files.slots import Slots

Cells = list[Any]
Get = Callable[[Cells], Any]


def cell_reader(source: Source, slots: Slots) -> Get:
    """Return what takes the source's cell as it is; an empty text when none of its names is filled."""
    return itemgetter(slots.add(*source.column))


def is_plain(source: Source) -> bool:
    """Return whether the source is one column's cell as it stands."""
    changed = source.split or source.pad or source.values or source.default is not None
    return bool(source.column) and not changed


def text_reader(source: Source, slots: Slots) -> Get:
    """Return what reads the source as a text; it returns the cell itself when that is no text."""
    if source.constant is not None:
        constant = source.constant
        return lambda _: constant
    get = _joined(source, slots) if source.join else cell_reader(source, slots)
    steps = [step for step in (_part(source), _padded(source), _default(source), _meaning(source)) if step]
    if not steps:

        def plain(cells: Cells) -> Any:
            found = text_of(get(cells))
            return found.strip() if isinstance(found, str) else found

        return plain

    def read(cells: Cells) -> Any:
        found = text_of(get(cells))
        if isinstance(found, str):
            found = found.strip()
            for step in steps:
                found = step(found)
        return found

    return read


def text_of(cell: Any) -> Any:
    """Return a cell as a text without control characters; one that is no text, number or date as it is."""
    if isinstance(cell, str):
        if cell.isprintable():
            return cell
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
        return "".join(char for char in cell if char.isprintable() or char in "\n\t" or char > "\x9f").strip()
    if isinstance(cell, dict) and len(cell) == 1:
        ((key, inner),) = cell.items()
        return inner if key in {"$date", "$time", "$number"} and isinstance(inner, str) else cell
    return _number_as_text(cell)


def _number_as_text(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return plain_decimal(Decimal(repr(cell)))
    return "" if cell is None else cell


def _joined(source: Source, slots: Slots) -> Get:
    places = [slots.add(name) for name in source.join]
    by = source.by

    def join(cells: Cells) -> Any:
        parts = [text_of(cells[place]) for place in places]
        for part in parts:
            if not isinstance(part, str):
                return part
        return by.join(part.strip() for part in parts if part.strip())

    return join


def _part(source: Source) -> Callable[[str], str] | None:
    if source.split is None:
        return None
    at, part = source.split, source.part

    def cut(text: str) -> str:
        if part in {"first", "rest"}:
            first, _, rest = text.partition(at)
            return (first if part == "first" else rest).strip()
        before, _, last = text.rpartition(at)
        return (last if part == "last" else before).strip()

    return cut


def _padded(source: Source) -> Callable[[str], str] | None:
    width = source.pad
    return (lambda text: text.zfill(width) if text.isdecimal() else text) if width else None


def _default(source: Source) -> Callable[[str], str] | None:
    default = source.default
    return (lambda text: text or default) if default is not None else None


def _meaning(source: Source) -> Callable[[str], str] | None:
    meanings = {text.casefold().strip(): meaning for text, meaning in source.values.items()}
    return (lambda text: meanings.get(text.casefold(), text)) if meanings else None
