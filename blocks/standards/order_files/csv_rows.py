"""CSV as it is found in the wild: any delimiter, quoted line breaks, ragged rows, and rows that break the rules."""

import csv
import io
from collections import deque
from collections.abc import Collection, Iterator
from itertools import islice
from typing import BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.encodings import encoding_of, open_text
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.rows import BrokenRow, Row, matchable, named

DELIMITERS = (";", ",", "\t", "|")
MOST_LINES_IN_A_ROW = 200
KEPT_OF_A_BROKEN_ROW = 16 * 1024


class CsvTable:
    """A CSV file, read from its beginning to its end with the memory of one row."""

    def __init__(self, stream: BinaryIO, profile: Profile, columns: Collection[str]) -> None:
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
        for _ in islice(self._lines, preface):
            pass
        first = next(self._lines, "")
        self._lines.put_back([first])
        self._delimiter = delimiter_of(first, columns) if profile.delimiter == "auto" else profile.delimiter
        self._number = preface
        self.header = self._header(profile, first)

    def _header(self, profile: Profile, first: str) -> list[str]:
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
        lines = self._lines
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while True:
            lines.taken.clear()
            lines.size = 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._number += 1
                first, *others = lines.taken or [""]
                lines.put_back(others)
                reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
                yield self._broken(first, error)
                continue
            except UnicodeError:
                self._number += 1
                yield BrokenRow(
                    self._number, "", "The file ends in the middle of a character.", "Have the file sent again, whole."
                )
                return
            self._number += 1
            yield Row(self._number, cells)

    def _broken(self, line: str, error: csv.Error) -> BrokenRow:
        kept = line[:KEPT_OF_A_BROKEN_ROW]
        if self._lines.too_long:
            self._lines.too_long = False
            reason = "The row is longer than any row may be."
            return BrokenRow(self._number, kept, reason, "Look whether a line end or a quote is missing.")
        reason = (
            "A quoted cell is never closed."
            if "end of data" in str(error) or "too many" in str(error) or "field larger" in str(error)
            else "A quote stands inside a quoted cell without being doubled, or a cell is not what CSV allows."
        )
        return BrokenRow(self._number, kept, reason, "Write quotes inside a cell twice, and close every quoted cell.")


class _Lines:
    """The lines of a text, each with its end and of bounded length; lines read too far can be put back."""

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self._text, self._longest = text, longest
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.size = 0
        self.too_long = False

    def put_back(self, lines: list[str]) -> None:
        """Let these lines come again, before all others."""
        self._waiting.extendleft(reversed(lines))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        taken = self.taken
        if len(taken) >= MOST_LINES_IN_A_ROW or self.size > self._longest:
            raise csv.Error("too many lines in one row")
        line = self._waiting.popleft() if self._waiting else self._text.readline(self._longest)
        if not line:
            raise StopIteration
        taken.append(line)
        self.size += len(line)
        if len(line) >= self._longest and not line.endswith(("\n", "\r")):
            self.too_long = True
            while (more := self._text.readline(self._longest)) and not more.endswith(("\n", "\r")):
                pass
            raise csv.Error("line too long")
        return line


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
