"""Slots: numbered places for the cells a profile reads, whatever the file calls their columns."""

from collections.abc import Callable
from typing import Any

from blocks.standards.order_files.rows import matchable
from blocks.standards.order_files.trees import steps_of, value_at

MOST_LEARNT = 5000


class Slots:
    """Numbered places for the columns that are read, filled from a record under whatever name its file gives them.

    A column with other names it may have is one slot; of several that are filled the name that comes first counts.
    """

    def __init__(self) -> None:
        """Begin without columns."""
        self.names: list[str] = []
        self.aliases: list[tuple[str, ...]] = []
        self._by_aliases: dict[tuple[str, ...], int] = {}
        self._by_name: dict[str, list[tuple[int, int]]] = {}
        self._known: set[str] = set()
        self._fixed: dict[int, str] = {}
        self._as_called: list[str] = []
        self._blanks: list[str] = []

    def add(self, *names: str) -> int:
        """Return the slot of a column by the names it may have, a new one for new names."""
        keys = tuple(dict.fromkeys(matchable(name) for name in names))
        if keys not in self._by_aliases:
            slot = self._by_aliases[keys] = len(self.names)
            self.names.append(names[0])
            self.aliases.append(names)
            for rank, key in enumerate(keys):
                self._by_name.setdefault(key, []).append((slot, rank))
            self._known = set()
        return self._by_aliases[keys]

    def of_source(self, column: tuple[str, ...], join: tuple[str, ...]) -> list[int]:
        """Return the slots of a source: one for its column, or one for each that is joined."""
        return [self.add(*column)] if column else [self.add(name) for name in join]

    def cells_of_row(self, row: dict[str, Any]) -> list[Any]:
        """Return a row's cells by slot, "" where the row has none.

        What files call the columns is learnt, so that the next row with the same names is one pass in C.
        """
        if row and (row.keys() <= self._known or self._learn(row)):
            return list(map(row.get, self._as_called, self._blanks))
        cells: list[Any] = [""] * len(self.names)
        ranks = [MOST_LEARNT] * len(self.names)
        for name, cell in row.items():
            for slot, rank in self._by_name.get(matchable(name), ()):
                if rank < ranks[slot] and cell != "" and not (type(cell) is str and cell.isspace()):
                    cells[slot], ranks[slot] = cell, rank
        return cells

    def _learn(self, row: dict[str, Any]) -> bool:
        """Learn the row's names; False when it calls a column other than the rows before it."""
        if not self._known or len(self._known) > MOST_LEARNT:  # ever new headers must not fill the memory
            self._known, self._fixed = set(), {}
            self._as_called, self._blanks = list(self.names), [""] * len(self.names)
        for name in row.keys() - self._known:
            slots = [slot for slot, _ in self._by_name.get(matchable(name), ())]
            if any(slot in self._fixed for slot in slots):
                return False
            for slot in slots:
                self._as_called[slot] = self._fixed[slot] = name
            self._known.add(name)
        return True

    def cells_of_tree(self, separator: str) -> Callable[[Any], list[Any]]:
        """Return what takes a tree's values by slot."""
        paths = [[steps_of(name, separator) for name in names] for names in self.aliases]

        def cells(tree: Any) -> list[Any]:
            return [
                next((value for steps in ways if (value := value_at(tree, steps)) != ""), "")
                if len(ways) > 1
                else value_at(tree, ways[0])
                for ways in paths
            ]

        return cells
