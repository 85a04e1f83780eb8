"""Slots: numbered places for the cells a profile reads, whatever the file calls their columns."""

from collections.abc import Callable
from typing import Any

from blocks.standards.order_files.rows import matchable
from blocks.standards.order_files.trees import steps_of, value_at

MOST_LEARNT = 5000


class Slots:
    """Numbered places for the columns that are read, filled from a record under whatever name its file gives them."""

    def __init__(self) -> None:
        """Begin without columns."""
        self.names: list[str] = []
        self._by_name: dict[str, int] = {}
        self._known: set[str] = set()
        self._as_called: list[str] = []
        self._blanks: list[str] = []

    def add(self, name: str) -> int:
        """Return the slot of a column, a new one for a new name."""
        key = matchable(name)
        if key not in self._by_name:
            self._by_name[key] = len(self.names)
            self.names.append(name)
            self._known.clear()
        return self._by_name[key]

    def of(self, name: str) -> int:
        """Return the slot of a name as it stands in a file; -1 when nothing reads it."""
        return self._by_name.get(matchable(name), -1)

    def cells_of_row(self, row: dict[str, Any]) -> list[Any]:
        """Return a row's cells by slot, "" where the row has none.

        What files call the columns is learnt, so that the next row with the same names is one pass in C.
        """
        if row.keys() <= self._known or self._learn(row):
            return list(map(row.get, self._as_called, self._blanks))
        cells: list[Any] = [""] * len(self.names)
        for name, cell in row.items():
            slot = self.of(name)
            if slot >= 0:
                cells[slot] = cell
        return cells

    def _learn(self, row: dict[str, Any]) -> bool:
        """Learn the row's names; False when it calls a column other than the rows before it."""
        if not self._known or len(self._known) > MOST_LEARNT:  # ever new headers must not fill the memory
            self._known = set()
            self._as_called, self._blanks = list(self.names), [""] * len(self.names)
        fixed = {slot for name in self._known if (slot := self.of(name)) >= 0}
        for name in row.keys() - self._known:
            slot = self.of(name)
            if slot in fixed:
                return False
            if slot >= 0:
                self._as_called[slot] = name
                fixed.add(slot)
            self._known.add(name)
        return True

    def cells_of_tree(self, separator: str) -> Callable[[Any], list[Any]]:
        """Return what takes a tree's values by slot."""
        paths = [steps_of(name, separator) for name in self.names]
        return lambda tree: [value_at(tree, steps) for steps in paths]
