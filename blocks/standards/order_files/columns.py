"""Which columns or paths a profile reads: what they are called in a file, and where an order's number stands."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from blocks.errors import Unreadable
from blocks.standards.order_files.file_form import FileForm, Format, Source
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.rows import matchable
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.targets import (
    ALWAYS_ON_LINE,
    ALWAYS_ON_ORDER,
    PRICES,
    Kind,
    kind_on_order,
)
from blocks.standards.order_files.texts import text_reader
from blocks.standards.order_files.trees import steps_of

HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""Stands for bytes that are none of the file's encoding."""


class Columns:
    """The columns of a profile as far as cutting a file into records needs them."""

    def __init__(self, profile: Profile) -> None:
        """Note every name the profile reads."""
        self._profile = profile
        sources = [*profile.order.values(), *_numbered(profile), *profile.extra.values()]
        self.names = tuple(dict.fromkeys(name for source in sources for name in source.columns))
        self._meant = {matchable(name): name for name in self.names}
        self.identifier_names = frozenset(_identifiers(profile))
        self._id = profile.order["external_id"]

    def meant(self, name: str) -> str:
        """Return the profile's name for a column; the name itself when the profile does not read it."""
        return self._meant.get(matchable(name), name)

    def id_in_rows(self, header: list[str]) -> Callable[[dict[str, Any]], str]:
        """Return what finds the order's number in a row of a file with this header; "" when there is none."""
        slots = Slots()
        read = text_reader(self._id, slots)
        there = {matchable(name): name for name in reversed(header)}
        called = [[there[key] for key in map(matchable, names) if key in there] for names in slots.aliases]
        if any(len(names) != 1 for names in called):
            return lambda row: _usable(read(slots.cells_of_row(row)))
        single, blanks = [name for (name,) in called], [""] * len(called)
        return lambda row: _usable(read(list(map(row.get, single, blanks))))

    def id_in_trees(self) -> Callable[[Any], str]:
        """Return what finds the order's number in a tree; "" when there is none."""
        slots = Slots()
        read = text_reader(self._id, slots)
        cells = slots.cells_of_tree(separator_of(self._profile))
        return lambda tree: _usable(read(cells(tree)))

    def must_be_in(self, header: list[str]) -> None:
        """Check that every column without which no row can be an order is there.

        Raises:
            Unreadable: Names the columns that are missing.
        """
        there = {matchable(name) for name in header}
        missing = [
            f"{' or '.join(repr(name) for name in source.columns)} ({target})"
            for target, source in _needed(self._profile)
            if not any(matchable(name) in there for name in source.columns)
        ]
        prices = [self._profile.lines[target] for target in PRICES if target in self._profile.lines]
        names = [name.replace("{n}", "1") for source in prices for name in source.columns]
        if names and not any(source.constant for source in prices) and not there & set(map(matchable, names)):
            missing.append(f"{' or '.join(map(repr, dict.fromkeys(names)))} (the price)")
        if missing:
            raise Unreadable(
                f"The header (row {self._profile.header}, {len(header)} columns) lacks {', '.join(missing)}."
                " Correct the file, or name the column in the profile as the file does."
            )


def _usable(found: Any) -> str:
    return found if isinstance(found, str) and not HALF_CHARACTER.search(found) else ""


@lru_cache(maxsize=64)
def columns_of(profile: Profile) -> Columns:
    """Return the columns a profile reads."""
    return Columns(profile)


def separator_of(profile: FileForm) -> str:
    """Return what separates the names of a path in this profile's format."""
    return "/" if profile.format is Format.XML else "."


def numbered(source: Source, number: int) -> Source:
    """Return a line's source with ``{n}`` in its columns replaced by the number of the line in its row."""
    if not any("{n}" in name for name in source.columns):
        return source
    column = tuple(name.replace("{n}", str(number)) for name in source.column)
    join = tuple(name.replace("{n}", str(number)) for name in source.join)
    return source.model_copy(update={"column": column, "join": join})


def _numbered(profile: Profile) -> list[Source]:
    places = range(1, profile.lines_per_row + 1)
    return [numbered(source, place) for source in profile.lines.values() for place in places]


def _needed(profile: Profile) -> Iterable[tuple[str, Source]]:
    for target, source in profile.order.items():
        needed = target in ALWAYS_ON_ORDER or source.required
        if needed and source.columns and source.default is None:
            yield target, source
    for target, source in profile.lines.items():
        needed = target in ALWAYS_ON_LINE or source.required
        if needed and source.columns and source.default is None:
            yield target, numbered(source, 1)


NUMBERS = frozenset({"external_id", "number", "customer.external_id"})
NUMBERS_OF_LINES = frozenset({"external_id", "sku"})


def _identifiers(profile: Profile) -> Iterable[str]:
    """Yield the names whose values are numbers given to things, and moments: what looks like a card number is none.

    A GTIN or a compact time can pass the check of card numbers. All else that is text to a card reader, such as the
    method of payment, is looked through.
    """
    prefix = "/".join(steps_of(profile.line_path, separator_of(profile)))
    tree = profile.format in {Format.XML, Format.JSON}
    for target, source in profile.order.items():
        if target in NUMBERS or kind_on_order(target) is Kind.MOMENT:
            yield from (("/".join(steps_of(name, separator_of(profile))) if tree else name) for name in source.columns)
    for place in range(1, profile.lines_per_row + 1):
        for target, source in profile.lines.items():
            if target in NUMBERS_OF_LINES:
                for name in numbered(source, place).columns:
                    steps = "/".join(steps_of(name, separator_of(profile)))
                    yield (f"{prefix}/{steps}" if prefix else steps) if tree else name
