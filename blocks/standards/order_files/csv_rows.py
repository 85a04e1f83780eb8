"""CSV as it is found in the wild: any delimiter, quoted line breaks, ragged rows, and rows that break the rules."""

import csv
import io
from collections import deque
from collections.abc import Collection, Iterator
from typing import BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.encodings import encoding_of, open_text
from blocks.standards.order_files.file_form import FileForm
from blocks.standards.order_files.rows import BrokenRow, Row, matchable, named

DELIMITERS = (";", ",", "\t", "|")
MOST_LINES_IN_A_ROW = 200
_KEPT = 16 * 1024


class CsvTable:
    """A CSV file, read from its beginning to its end with the memory of one row."""

    def __init__(self, stream: BinaryIO, profile: FileForm, columns: Collection[str]) -> None:
        """Find encoding, delimiter and header.

        Args:
            stream: The file, open in binary, seekable.
            profile: Says how the file is written, as far as the merchant knows.
            columns: Names the profile reads, for telling the delimiter by which of them are found.

        Raises:
            Unreadable: Empty or no text.
        """
        self.encoding = encoding_of(stream, profile.encoding)
        self._text = open_text(stream, self.encoding)
        self._lines = _Lines(self._text, profile.limits.row_bytes)
        preface = max(profile.header - 1, 0)
        for _ in range(preface):
            self._lines.take()
        first = self._lines.take()
        self._lines.put_back([first])
        self._delimiter = delimiter_of(first, columns) if profile.delimiter == "auto" else profile.delimiter
        self._number = preface
        self.header = self._header(profile, first)

    def _header(self, profile: FileForm, first: str) -> list[str]:
        if not profile.header:
            return [str(place) for place in range(1, len(next(csv.reader([first], delimiter=self._delimiter), [])) + 1)]
        for row in self.rows():
            if isinstance(row, BrokenRow):
                raise Unreadable(f"The header in row {row.number} cannot be read: {row.reason}")
            return named(row.cells)
        raise Unreadable(f"The file ends before row {profile.header}, where the profile expects the header.")

    def close(self) -> None:
        """Let go of the stream without closing it."""
        self._text.detach()

    def rows(self) -> Iterator[Row | BrokenRow]:
        """Yield every row from here on; a row that breaks the rules of CSV costs none of the rows after it."""
        lines, delimiter = self._lines, self._delimiter
        try:
            while line := lines.take():
                self._number += 1
                if '"' in line or lines.cut:
                    yield self._quoted(line)
                else:
                    yield Row(self._number, line.rstrip("\r\n").split(delimiter))
        except UnicodeError:
            text = "The file ends in the middle of a character."
            yield BrokenRow(self._number + 1, "", text, "Have the file sent again, whole.")

    def _quoted(self, line: str) -> Row | BrokenRow:
        """Read one row that may go on in the next lines; of a broken one only the first line is taken."""
        lines = self._lines
        if lines.cut:
            lines.pass_over()
            reason = "The row is longer than any row may be."
            return BrokenRow(self._number, line[:_KEPT], reason, "Look whether a line end or a quote is missing.")
        ahead: list[str] = []
        try:
            cells = next(csv.reader(lines.ahead(line, ahead), delimiter=self._delimiter, strict=True), [])
        except csv.Error as error:
            lines.put_back(ahead)
            return self._broken(line, error)
        return Row(self._number, cells)

    def _broken(self, line: str, error: csv.Error) -> BrokenRow:
        endless = any(word in str(error) for word in ("end of data", "too many", "field larger"))
        reason = (
            "A quoted cell is never closed."
            if endless
            else "A quote stands inside a quoted cell without being doubled, or a cell is not what CSV allows."
        )
        return BrokenRow(
            self._number, line[:_KEPT], reason, "Write quotes inside a cell twice, and close every quoted cell."
        )


class _Lines:
    """The lines of a text, each with its end and of bounded length; lines read too far can be put back."""

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self._read, self._longest = text.readline, longest
        self._waiting: deque[str] = deque()
        self.cut = False
        """Whether the line taken last is only the beginning of one that is too long."""

    def take(self) -> str:
        """Return the next line; empty at the end."""
        line = self._waiting.popleft() if self._waiting else self._read(self._longest)
        self.cut = len(line) >= self._longest and not line.endswith(("\n", "\r"))
        return line

    def ahead(self, line: str, taken: list[str]) -> Iterator[str]:
        """Yield a line and those after it, noting them, as far as one row may reach."""
        yield line
        size = len(line)
        while more := self.take():
            taken.append(more)
            size += len(more)
            if len(taken) > MOST_LINES_IN_A_ROW or size > self._longest:
                raise csv.Error("too many lines in one row")
            yield more

    def pass_over(self) -> None:
        """Drop the rest of a line that is too long."""
        while self.cut and self.take():
            pass

    def put_back(self, lines: list[str]) -> None:
        """Let these lines come again, before all others."""
        self._waiting.extendleft(reversed(lines))


def delimiter_of(line: str, columns: Collection[str] = ()) -> str:
    """Return the delimiter by which most of the named columns are found in a line, else the one that is seen most."""
    wanted = {matchable(name) for name in columns}

    def evidence(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return len(wanted & {matchable(cell) for cell in cells}), len(cells)

    return max(DELIMITERS, key=evidence)
