"""Orders in JSON: one object per line, or a list, read element by element with the memory of one order."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.cells import decoder
from blocks.standards.order_files.encodings import encoding_of, open_text
from blocks.standards.order_files.file_form import FileForm
from blocks.standards.order_files.rows import BrokenRow
from blocks.standards.order_files.trees import TreeRecord, steps_of

_BLOCK = 64 * 1024
_BLANK = re.compile(r"[ \t\r\n]*")
_KEPT = 16 * 1024
REMEDY = "Have the order written as one JSON object and sent again."


def json_records(stream: BinaryIO, profile: FileForm) -> tuple[str, Iterator[TreeRecord | BrokenRow]]:
    """Return the file's encoding and its orders: objects in lines, or the elements of a list.

    Raises:
        Unreadable: Empty, or neither an object nor a list.
    """
    encoding = encoding_of(stream, profile.encoding)
    text = open_text(stream, encoding)
    window = _Window(text, profile.limits.row_bytes * 8)
    first = window.peek()
    if first not in ("{", "["):
        raise Unreadable("The file is no JSON: it begins with neither an object nor a list.")
    listed = first == "[" or bool(profile.record)
    return encoding, _closing(text, _listed(window, profile) if listed else _in_lines(window))


def _closing(text: io.TextIOWrapper, records: Iterator[TreeRecord | BrokenRow]) -> Iterator[TreeRecord | BrokenRow]:
    try:
        yield from records
    except UnicodeError:
        yield BrokenRow(0, "", "The file ends in the middle of a character.", "Have the file sent again, whole.")
    finally:
        text.detach()


class _Window:
    """The part of a text that is being read; it grows as far as one element reaches, and no further than allowed."""

    def __init__(self, text: io.TextIOWrapper, largest: int) -> None:
        self._text, self._largest = text, largest
        self._part, self._at = "", 0
        self.line = 1

    def peek(self) -> str:
        """Return the next character that is no blank, without taking it; empty at the end."""
        while True:
            blank = _BLANK.match(self._part, self._at)
            end = blank.end() if blank else self._at
            self._advance(end)
            if self._at < len(self._part):
                return self._part[self._at]
            if not self._grow():
                return ""

    def take(self, wanted: str) -> bool:
        """Take the next character if it is the one wanted."""
        if self.peek() != wanted:
            return False
        self._advance(self._at + 1)
        return True

    def value(self) -> Any:
        """Take one JSON value. Raises ValueError when there is none, or one larger than any order."""
        self.peek()
        while True:
            try:
                value, end = decoder.raw_decode(self._part, self._at)
            except RecursionError as error:
                raise ValueError("nested too deeply") from error
            except json.JSONDecodeError:
                if len(self._part) - self._at > self._largest or not self._grow(double=True):
                    raise
                continue
            if end == len(self._part) and self._grow():  # a number may go on in the next block
                continue
            self._advance(end)
            return value

    def rest_of_line(self) -> str:
        """Take the rest of the line and return its beginning."""
        kept = ""
        while True:
            end = self._part.find("\n", self._at)
            until = len(self._part) if end < 0 else end + 1
            if len(kept) < _KEPT:
                kept += self._part[self._at : until][: _KEPT - len(kept)]
            self._advance(until)
            if end >= 0 or not self._grow():
                return kept

    def begins_object(self) -> bool:
        """Return whether an object begins right here, or the text has ended."""
        return self._next() in ("{", "")

    def _next(self) -> str:
        """Return the next character, whatever it is; empty at the end."""
        if self._at >= len(self._part):
            self._grow()
        return self._part[self._at : self._at + 1]

    def rest(self) -> str:
        """Return the beginning of what has not been taken."""
        return self._part[self._at : self._at + _KEPT]

    def _advance(self, end: int) -> None:
        self.line += self._part.count("\n", self._at, end)
        self._at = end

    def _grow(self, *, double: bool = False) -> bool:
        size = max(_BLOCK, len(self._part) - self._at) if double else _BLOCK
        more = self._text.read(size)
        self._part, self._at = self._part[self._at :] + more, 0
        return bool(more)


def _in_lines(window: _Window) -> Iterator[TreeRecord | BrokenRow]:
    """Yield one object after the other; one that is broken ends where a line begins with the next."""
    while window.peek():
        first = window.line
        try:
            value = window.value()
        except ValueError:
            text = window.rest_of_line()
            while not window.begins_object():
                text += window.rest_of_line()
            yield BrokenRow(first, text[:_KEPT], "The line is no JSON object.", REMEDY)
        else:
            yield _record(value, first, window.line)


def _record(value: Any, first: int, last: int) -> TreeRecord | BrokenRow:
    if isinstance(value, dict):
        return TreeRecord(first, last, value)
    return BrokenRow(first, str(value)[:_KEPT], "The element is no JSON object.", REMEDY)


def _listed(window: _Window, profile: FileForm) -> Iterator[TreeRecord | BrokenRow]:
    try:
        _enter(window, list(steps_of(profile.record, ".")))
    except ValueError:
        raise Unreadable(
            f"The JSON has no list of orders at '{profile.record or 'its top'}'; correct 'record' in the profile."
        ) from None
    if window.take("]"):
        return
    while True:
        window.peek()
        first = window.line
        try:
            value = window.value()
        except ValueError:
            yield _broken_off(window, first)
            return
        yield _record(value, first, window.line)
        if window.take("]"):
            return
        if not window.take(","):
            yield _broken_off(window, window.line)
            return


def _broken_off(window: _Window, line: int) -> BrokenRow:
    text = f"The JSON breaks off or is malformed in the order that begins in line {line}; nothing after it was read."
    return BrokenRow(line, window.rest(), text, "Have the file written and sent again, whole.")


def _enter(window: _Window, steps: list[str]) -> None:
    """Go down to the list at the path; what stands before it is passed over. Raises ValueError when it is not there."""
    while not window.take("["):
        if not steps or not window.take("{"):
            raise ValueError("not there")
        name = steps.pop(0)
        while True:
            key = window.value()
            if not isinstance(key, str) or not window.take(":"):
                raise ValueError("no object")
            if key == name:
                break
            window.value()
            if not window.take(","):
                raise ValueError("not there")
    if steps:
        raise ValueError("the list comes too early")
