"""The syntax of EDIFACT (ISO 9735, versions 1 to 4): octets to segments, segments to octets.

Reading goes block by block, each cut at a segment terminator, so that memory does not grow with the interchange. Within
a block everything is done in bulk: released characters are replaced by marks that no decoded text can hold, then the
text is split, and elements that were seen before come out of a table.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from blocks.standards.edifact import charsets

BLOCK = 1 << 18
MAX_SEGMENT = 1 << 20
"""Octets a segment may have. The longest that messages define holds five texts of 512 characters."""
_KNOWN_ELEMENTS = 20_000

Components = tuple[str, ...]


class Segment(NamedTuple):
    """One segment: its tag and its data elements, each a tuple of components (at least one, maybe empty).

    `number` counts from 1 within the interchange, UNB included, UNA left out. `repeats` holds what stands behind a
    repetition separator (syntax 4): pairs of the element's index and the components of one more occurrence.
    """

    tag: str
    elements: tuple[Components, ...]
    number: int = 0
    repeats: tuple[tuple[int, Components], ...] = ()

    def part(self, element: int, component: int = 0) -> str:
        """Return one component, counted from 0; empty where the segment ends before it."""
        try:
            return self.elements[element][component]
        except IndexError:
            return ""


class ServiceString(NamedTuple):
    """The six characters UNA announces. A space means that the character is not used (release, repetition)."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = " "
    terminator: str = "'"

    def fault(self) -> str:
        """Return why the characters cannot separate anything; empty when they can."""
        used = [c for c in (self.component, self.element, self.release, self.repetition, self.terminator) if c != " "]
        if len(set(used)) != len(used) or " " in (self.component, self.element, self.terminator):
            return "UNA names the same character for two purposes, or leaves out a separator."
        if any(c.isalnum() or not c.isascii() for c in used):
            return "UNA names a letter, a digit or a character beyond ASCII as separator."
        return ""


class SplitError(ValueError):
    """The octets cannot be cut into segments; the text says where and why."""


class CharsetError(ValueError):
    """A text cannot be written in the character set chosen; the text names the segment and the character."""


def segment(tag: str, *elements: str | Sequence[str]) -> Segment:
    """Build a segment as reading would return it: trailing empty elements and components left out.

    Example:
        >>> segment("NAD", "BY", ("4012345000009", "", "9"), "").elements
        (('BY',), ('4012345000009', '', '9'))
    """
    parts = [_trimmed((element,) if isinstance(element, str) else tuple(element)) for element in elements]
    while parts and parts[-1] == ("",):
        parts.pop()
    return Segment(tag, tuple(parts))


def _trimmed(components: Components) -> Components:
    end = len(components)
    while end > 1 and not components[end - 1]:
        end -= 1
    return components[:end] or ("",)


_MARKS = dict(
    zip(("component", "element", "release", "repetition", "terminator"), map(chr, range(0xDC01, 0xDC06)), strict=True)
)
"""Stand for released characters while a block is split. Lone surrogates: no strict decoder ever yields one."""


def is_released(octets: bytes, place: int, start: int, service: ServiceString) -> bool:
    """Tell whether an odd number of release characters stands right before a place."""
    if service.release == " ":
        return False
    release, window = service.release.encode(), 64  # most runs are short: look at little first
    while True:
        run = octets[max(start, place - window) : place]
        length = len(run) - len(run.rstrip(release))
        if length < len(run) or len(run) < window:
            return bool(length % 2)
        window *= 8


_SWALLOWED = re.compile(_MARKS["terminator"] + r"\s*(UN[THZ]|[A-Z]{3})([^\w\s])")


class _Elements(dict[str, Components]):
    """Every element seen before, already split. Forgets everything when it holds too many."""

    def __init__(self, service: ServiceString) -> None:
        super().__init__()
        self._separator = service.component
        self._released = {ord(mark): getattr(service, name) for name, mark in _MARKS.items()}

    def __missing__(self, element: str) -> Components:
        components = tuple(element.split(self._separator))
        if not element.isascii():
            components = tuple(text.translate(self._released) for text in components)
        if len(self) >= _KNOWN_ELEMENTS:
            self.clear()
        self[element] = components
        return components


@lru_cache(maxsize=8)
def _known(service: ServiceString) -> _Elements:
    """Return the elements seen so far: qualifiers and codes come again in every message of every file."""
    return _Elements(service)


class Splitter:
    """Cuts the octets of one interchange (behind UNA) into segments.

    Attributes:
        empty: Segments without any content that were passed over.
        undecodable: Number of the block's first segment whose octets are not in the declared character set, 0 if none.
        swallowed: Number of the first segment that seems to have swallowed the next, 0 if none: its text holds a
            released terminator, a tag and a separator in a row.
        unfinished: Whether text without a terminator stood at the end.
    """

    def __init__(self, service: ServiceString, codec: str) -> None:
        """Read with these service characters and this codec of Python's."""
        self.service = service
        self.codec = codec
        self.empty = 0
        self.undecodable = 0
        self.unfinished = False
        self.swallowed = 0
        self.count = 0
        self._elements = _known(service)

    def batches(self, octets: bytes, start: int = 0, end: int | None = None) -> Iterator[list[Segment]]:
        """Yield the segments, some thousand at a time.

        Raises:
            SplitError: a segment is longer than `MAX_SEGMENT` octets.
        """
        stop = len(octets) if end is None else end
        while start < stop:
            cut = self._cut(octets, start, stop)
            yield self._split(octets[start:cut])
            start = cut

    def _cut(self, octets: bytes, start: int, stop: int) -> int:
        """Return where the block ends: behind a terminator that is not released, or at the end."""
        if stop - start <= BLOCK:
            return stop
        terminator, reach = self.service.terminator.encode(), start + BLOCK
        found = octets.rfind(terminator, start, reach)
        while found >= 0 and is_released(octets, found, start, self.service):
            found = octets.rfind(terminator, start, found)
        if found >= 0:
            return found + 1
        limit = min(stop, start + MAX_SEGMENT)
        found = octets.find(terminator, reach, limit)
        while found >= 0 and is_released(octets, found, start, self.service):
            found = octets.find(terminator, found + 1, limit)
        if found >= 0:
            return found + 1
        if limit == stop:
            return stop
        msg = (
            f"Segment {self.count + 1} is longer than {MAX_SEGMENT:,} characters: a segment terminator is missing, or "
            "UNA names another one than the sender used."
        )
        raise SplitError(msg)

    def _split(self, block: bytes) -> list[Segment]:
        """Return the segments of a block that ends behind a terminator, or at the interchange's end."""
        service = self.service
        text = self._decoded(block)
        if service.release != " " and service.release in text:
            text = self._marked(text)
            self._look_for_swallowed(text)
        raws = text.split(service.terminator)
        last = raws.pop()
        if last.strip():
            raws.append(last)
            self.unfinished = True
        raws = list(map(str.lstrip, raws))
        if "" in raws:
            self.empty += raws.count("")
            raws = [raw for raw in raws if raw]
        first, self.count = self.count + 1, self.count + len(raws)
        if service.repetition != " " and service.repetition in text:
            return [self._repeating(raw, number) for number, raw in enumerate(raws, first)]
        separator, get, new = service.element, self._elements.__getitem__, tuple.__new__
        return [
            new(Segment, ((parts := raw.split(separator))[0], tuple(map(get, parts[1:])), number, ()))
            for number, raw in enumerate(raws, first)
        ]

    def _decoded(self, block: bytes) -> str:
        try:
            return block.decode(self.codec)
        except UnicodeDecodeError as error:
            if not self.undecodable:
                before = block.count(self.service.terminator.encode(), 0, error.start)
                self.undecodable = self.count + before + 1
            return block.decode(charsets.FALLBACK)

    def _marked(self, text: str) -> str:
        """Replace what is released by marks. Pairs of release characters first: they release themselves."""
        release = self.service.release
        text = text.replace(release + release, _MARKS["release"])
        if release not in text:
            return text
        for name, mark in _MARKS.items():
            text = text.replace(release + getattr(self.service, name), mark)
        return text.replace(release, "")

    def _look_for_swallowed(self, text: str) -> None:
        found = None if self.swallowed else _SWALLOWED.search(text)
        if found and found[2] == self.service.element:
            self.swallowed = self.count + text.count(self.service.terminator, 0, found.start()) + 1

    def _repeating(self, raw: str, number: int) -> Segment:
        tag, *elements = raw.split(self.service.element)
        get, firsts, repeats = self._elements.__getitem__, [], []
        for index, element in enumerate(elements):
            first, *others = element.split(self.service.repetition)
            firsts.append(get(first))
            repeats += [(index, get(other)) for other in others]
        return Segment(tag, tuple(firsts), number, tuple(repeats))


def read_segments(octets: bytes, service: ServiceString | None = None, identifier: str = "UNOY") -> list[Segment]:
    """Return all segments of a short text without looking at its envelope.

    Raises:
        SplitError: a segment is longer than `MAX_SEGMENT` octets.
    """
    splitter = Splitter(service or ServiceString(), charsets.codec(identifier))
    return [found for batch in splitter.batches(octets) for found in batch]


def write_segments(
    segments: Iterable[Segment],
    identifier: str,
    service: ServiceString | None = None,
    *,
    una: bool = True,
    line_end: str = "",
) -> bytes:
    r"""Write segments as octets, releasing what the service characters would cut.

    Args:
        segments: From UNB to UNZ, numbers are not looked at.
        identifier: The syntax identifier whose character set is written, e.g. ``UNOC``.
        service: The service characters; the usual ones without it.
        una: Whether UNA stands in front. Needed where the characters are not the default ones.
        line_end: Written behind each terminator, e.g. ``"\r\n"``; for people, no standard asks for it.

    Raises:
        CharsetError: a character is not in the character set, or a separator cannot be released.
    """
    service = service or ServiceString()
    escapes = _escapes(service)
    lines = ["UNA" + "".join(service[:5]) + service.terminator] if una else []
    lines += [_written(one, service, escapes) + service.terminator for one in segments]
    text = line_end.join((*lines, ""))
    try:
        octets = text.encode(charsets.codec(identifier))
    except UnicodeEncodeError as error:
        tag = text[text.rfind(service.terminator, 0, error.start) + 1 :].lstrip()[:3]
        msg = f"Segment {tag} holds {text[error.start]!r}, which {identifier} cannot express: write it in UNOY or UNOW."
        raise CharsetError(msg) from error
    if foreign := charsets.foreign_character("".join(lines[1:] if una else lines), identifier):
        msg = f"The text holds {foreign!r}, which {identifier} does not allow: write it in UNOC or UNOY."
        raise CharsetError(msg)
    return octets


def _escapes(service: ServiceString) -> dict[int, str] | None:
    if service.release == " ":
        return None
    special = {service.component, service.element, service.release, service.terminator, service.repetition} - {" "}
    return {ord(character): service.release + character for character in special}


def _written(one: Segment, service: ServiceString, escapes: dict[int, str] | None) -> str:
    occurrences: dict[int, list[Components]] = {}
    for index, components in one.repeats:
        occurrences.setdefault(index, []).append(components)
    parts = [one.tag]
    for index, components in enumerate(one.elements):
        repeated = (components, *occurrences.get(index, ()))
        parts.append(service.repetition.join(_joined(each, one.tag, service, escapes) for each in repeated))
    return service.element.join(parts)


def _joined(components: Components, tag: str, service: ServiceString, escapes: dict[int, str] | None) -> str:
    if escapes is not None:
        return service.component.join([text.translate(escapes) for text in components])
    specials = {service.component, service.element, service.terminator, service.repetition} - {" "}
    if any(special in text for text in components for special in specials):
        msg = f"Segment {tag} holds a separator, and UNA names no release character: name one."
        raise CharsetError(msg)
    return service.component.join(components)
