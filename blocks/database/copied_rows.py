"""Rows as COPY's text, many at a time: bulk writes carry thousands, and a call for each takes longer than its text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_AT_ONCE = 500
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(connection: "Connection", statement: LiteralString, rows: Iterable[Sequence[object]]) -> None:
    """Carry out a ``COPY table (columns) FROM STDIN`` with these rows.

    Values are texts, numbers, truth values, moments and None; all but texts are what ``str`` makes of them.
    """
    with connection.cursor().copy(statement) as copy:
        for block in copy_text(rows):
            copy.write(block)


def copy_text(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the rows as COPY text, some hundred at a time."""
    lines = map(_line, rows)
    while block := list(islice(lines, _AT_ONCE)):
        yield "".join(block).encode()


def _line(row: Sequence[object]) -> str:
    text = "\t".join(map(str, row))
    if "\\" in text or "\n" in text or "\r" in text or text.count("\t") != len(row) - 1 or None in row:
        text = "\t".join(["\\N" if value is None else str(value).translate(_ESCAPED) for value in row])
    return text + "\n"
