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
        self._learnt: dict[str, int] = {}

    def add(self, name: str) -> int:
        """Return the slot of a column, a new one for a new name."""
        key = matchable(name)
        if key not in self._by_name:
            self._by_name[key] = len(self.names)
            self.names.append(name)
        return self._by_name[key]

    def of(self, name: str) -> int:
        """Return the slot of a name as it stands in a file; -1 when nothing reads it."""
        slot = self._learnt.get(name)
        if slot is None:
            if len(self._learnt) >= MOST_LEARNT:  # files with ever new headers must not fill the memory
                self._learnt.clear()
            slot = self._learnt[name] = self._by_name.get(matchable(name), -1)
        return slot

    def cells_of_row(self, row: dict[str, Any]) -> list[Any]:
        """Return a row's cells by slot, "" where the row has none."""
        cells: list[Any] = [""] * len(self.names)
        learnt = self._learnt
        for name, cell in row.items():
            slot = learnt.get(name)
            if slot is None:
                slot = self.of(name)
            if slot >= 0:
                cells[slot] = cell
        return cells

    def cells_of_tree(self, separator: str) -> Callable[[Any], list[Any]]:
        """Return what takes a tree's values by slot."""
        paths = [steps_of(name, separator) for name in self.names]
        return lambda tree: [value_at(tree, steps) for steps in paths]
