"""Rows of a table, whatever the file: read, or broken with the reason in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from blocks.standards.order_files.cells import replaced


@dataclass(slots=True)
class Row:
    """One row as it stands in the file; ``number`` counts from 1, as a spreadsheet program shows it."""

    number: int
    cells: list[Any]


@dataclass(slots=True)
class BrokenRow:
    """One row that cannot be taken apart; ``text`` is its beginning as it came."""

    number: int
    text: str
    reason: str
    remedy: str


class Table(Protocol):
    """A file's rows below its header."""

    header: list[str]
    encoding: str

    def rows(self) -> Iterator[Row | BrokenRow]:
        """Yield every row below the header, empty ones included."""


def named(cells: list[Any]) -> list[str]:
    """Return a header's names: stripped, numbered where a name is missing, told apart where one stands twice."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for place, cell in enumerate(cells, 1):
        name = " ".join(replaced(str(cell)).split()) if cell not in ("", None) else f"#{place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def matchable(name: str) -> str:
    """Return a column's name as names are compared: without regard to case, blanks and soft signs."""
    return " ".join(name.replace("\ufeff", "").casefold().split())
