"""The envelope: interchanges, groups and messages, and whether their references and counts agree (ISO 9735, part 1)."""

import re
from collections.abc import Iterator

from blocks.standards.edifact import charsets
from blocks.standards.edifact.dates import is_date, is_time
from blocks.standards.edifact.findings import Severity, shown
from blocks.standards.edifact.heads import Head, heads, why_not
from blocks.standards.edifact.interchange import Interchange, Message
from blocks.standards.edifact.objects import without_objects
from blocks.standards.edifact.syntax import Segment, SplitError, Splitter

MAX_FILE = 128 << 20
"""Octets of one file that are read; more is said to be too large."""
MAX_MESSAGE = 500_000
"""Segments of one message that are kept in memory."""
MAX_INTERCHANGES = 5_000
MAX_STRAY = 10_000
"""Segments outside of any message after which reading ends."""

_COUNT = re.compile(r"[0-9]{1,10}")
_TAG = re.compile(r"[A-Z][A-Z0-9]{2}")
_PLAIN: set[str] = set()
"""Tags of data segments met so far, at most as many as there can be: they are told from others by one look-up."""
_SERVICE = frozenset({"UNB", "UNG", "UNH", "UNT", "UNE", "UNZ", "UNO", "UNP"})


class NoInterchangeError(ValueError):
    """The file is not EDIFACT, or too large; the text says which."""


def read_interchanges(octets: bytes) -> tuple[Interchange, ...]:
    """Return all interchanges of a file with all their messages.

    Raises:
        NoInterchangeError: there is none, or the file is too large or holds too many.
    """
    found = []
    for interchange, messages in walk(octets):
        interchange.messages = list(messages)
        found.append(interchange)
    return tuple(found)


def walk(octets: bytes) -> Iterator[tuple[Interchange, Iterator[Message]]]:
    """Yield each interchange with its messages, one message in memory at a time.

    The messages of one must be consumed before the next is asked for; only then are its findings and trailer complete.

    Raises:
        NoInterchangeError: there is none, or the file is too large.
    """
    if len(octets) > MAX_FILE:
        size, most = len(octets) >> 20, MAX_FILE >> 20
        raise NoInterchangeError(f"The file has {size} MB, more than the {most} MB that are read: split it.")
    references: dict[tuple[str, str], int] = {}
    read = 0
    for head in heads(octets):
        read += 1
        if read > MAX_INTERCHANGES:
            raise NoInterchangeError(f"The file holds more than {MAX_INTERCHANGES:,} interchanges: split it.")
        walker = _Walker(octets, head)
        yield walker.interchange, walker.messages()
        _repeated_reference(walker.interchange, references)
        walker.interchange.findings.close()
    if not read:
        raise NoInterchangeError(why_not(octets))


def _repeated_reference(interchange: Interchange, references: dict[tuple[str, str], int]) -> None:
    key = (interchange.sender, interchange.reference)
    if interchange.reference and key in references:
        text = f"Interchange {shown(key[1])} stands in the file more than once: the sender must number each anew."
        interchange.note("interchange-repeated", 1, text)
    references[key] = 1


class _Walker:
    """Goes through one interchange and compares what its service segments say with what is there."""

    def __init__(self, octets: bytes, head: Head) -> None:
        self.head = head
        self.interchange = Interchange(head.service, head.una)
        self._octets = octets
        self._current: Message | None = None
        self._group: Segment | None = None
        self._groups = self._group_messages = self._messages = self._stray = 0
        self._references: set[str] = set()
        self._message_references: set[tuple[int, str]] = set()
        self._ended: list[Message] = []

    def messages(self) -> Iterator[Message]:
        note = self.interchange.note
        if self.head.strange:
            note(
                "text-before", None, f"{self.head.strange:,} octets of other text stand before UNA or UNB: remove them."
            )
        if self.head.fault:
            note("service-characters", None, self.head.fault)
        identifier = _identifier(self._octets, self.head)
        splitter = Splitter(self.head.service, charsets.codec(identifier))
        octets, start, end = self._octets, self.head.start, self.head.end
        if identifier == "UNOX" or octets.find(b"UNO" + self.head.service.element.encode(), start, end) >= 0:
            plain = charsets.plain_octets(octets[start:end], identifier)
            octets = without_objects(plain, self.head.service)
            start, end = 0, len(octets)
        try:
            for batch in splitter.batches(octets, start, end):
                self._restrict(batch, identifier)
                yield from self._cut(batch)
        except SplitError as error:
            note("reading-ended", splitter.count + 1, str(error))
        if self._current is not None:
            self._unclosed(self._current)
            yield from self._taken()
        self._finish(splitter)

    def _cut(self, batch: list[Segment]) -> Iterator[Message]:
        """Add the segments to messages; yield the messages that end."""
        plain = _PLAIN
        for segment in batch:
            current = self._current
            if current is not None and segment[0] in plain:
                current.segments.append(segment)
                continue
            self._take(segment)
            if self._ended:
                yield from self._taken()
            if self._stray > MAX_STRAY:
                raise SplitError(f"More than {MAX_STRAY:,} segments stand outside of any message: reading ended here.")
            current = self._current
        if self._current is not None and len(self._current.segments) > MAX_MESSAGE:
            self._current = None
            raise SplitError(f"The message has more than {MAX_MESSAGE:,} segments: the sender must split it.")

    def _taken(self) -> list[Message]:
        ended, self._ended = self._ended, []
        return ended

    def _take(self, segment: Segment) -> None:
        """Take a service segment, or one that comes for the first time or at a wrong place."""
        tag = segment.tag
        if self.interchange.trailer is not None:
            self._outside(segment, "behind UNZ")
        elif tag in _SERVICE:
            getattr(self, f"_{tag.lower()}")(segment)
        elif not _TAG.fullmatch(tag):
            self._bad_tag(segment)
        elif self._current is None:
            self._outside(segment, "outside of any message")
        else:
            _PLAIN.add(tag)
            self._current.segments.append(segment)

    def _bad_tag(self, segment: Segment) -> None:
        plain = segment.tag.split(self.head.service.component)[0]
        if _TAG.fullmatch(plain) and self._current is not None:  # explicit nesting: a tag with counters behind it
            self._current.segments.append(segment._replace(tag=plain))
            return
        text = f"A segment begins with {shown(segment.tag)!r}, which is no tag of three capital letters or digits."
        text += " Probably a terminator stands in its text without a release character before it."
        self.interchange.note("segment-tag", segment.number, text, message=self._reference)
        if self._current is not None:
            self._current.segments.append(segment)
        else:
            self._stray += 1

    @property
    def _reference(self) -> str:
        return self._current.reference if self._current else ""

    def _outside(self, segment: Segment, where: str) -> None:
        self._stray += 1
        if self._stray == 1 or segment.tag in _SERVICE:
            text = (
                f"Segment {shown(segment.tag)} stands {where}: only UNH to UNT may carry data; check where it belongs."
            )
            self.interchange.note("segment-outside", segment.number, text)

    def _unb(self, segment: Segment) -> None:
        if self.interchange.header is not None or self._messages or self._current:
            self.interchange.note("unb-place", segment.number, "UNB stands within the interchange: it must begin it.")
            return
        self.interchange.header = segment
        check_header(self.interchange)

    def _ung(self, segment: Segment) -> None:
        self._close_open(segment)
        if self._group is not None:
            text = f"Group {shown(self._group.part(4))} has no UNE: the next group begins before it ends."
            self.interchange.note("une-missing", segment.number, text)
        self._group, self._group_messages = segment, 0
        self._groups += 1
        if self._messages and self._groups == 1:
            self.interchange.note("group-mixed", segment.number, "Messages stand before the first group: use one form.")

    def _une(self, segment: Segment) -> None:
        self._close_open(segment)
        if self._group is None:
            self.interchange.note("ung-missing", segment.number, "UNE ends a group that no UNG began: add UNG.")
            return
        self._count("une-count", segment, self._group_messages, "messages stand in the group")
        self._same("une-reference", segment, self._group.part(4), "UNG")
        self._group = None

    def _unh(self, segment: Segment) -> None:
        self._close_open(segment)
        self._current = Message([segment], self._group)
        self._messages += 1
        self._group_messages += 1
        reference = segment.part(0)
        if not reference or not segment.part(1):
            text = "UNH must name a message reference and a message type: one of them is empty."
            self.interchange.note("unh-incomplete", segment.number, text, message=reference)
        key = (self._groups, reference)
        if reference and key in self._message_references:
            text = f"Message reference {shown(reference)} is used twice: each message of an interchange needs its own."
            self.interchange.note("message-repeated", segment.number, text, message=reference)
        self._message_references.add(key)
        if self._groups and self._group is None:
            self.interchange.note("group-mixed", segment.number, "A message stands behind UNE, outside of any group.")

    def _unt(self, segment: Segment) -> None:
        current = self._current
        if current is None:
            self.interchange.note("unh-missing", segment.number, "UNT ends a message that no UNH began: add UNH.")
            return
        current.segments.append(segment)
        self._count("unt-count", segment, len(current.segments), "segments stand in the message, UNH and UNT included")
        self._same("unt-reference", segment, current.reference, "UNH")
        self._ended.append(current)
        self._current = None

    def _unz(self, segment: Segment) -> None:
        self._close_open(segment)
        if self._group is not None:
            self.interchange.note("une-missing", segment.number, "The last group has no UNE: add it before UNZ.")
        self.interchange.trailer = segment
        what = "groups stand in the interchange" if self._groups else "messages stand in the interchange"
        self._count("unz-count", segment, self._groups or self._messages, what)
        if self.interchange.header is not None:
            self._same("unz-reference", segment, self.interchange.reference, "UNB")

    def _uno(self, segment: Segment) -> None:
        """Pass over a package's header: its object was taken out before, and no message holds it."""

    def _unp(self, segment: Segment) -> None:
        """Pass over a package's trailer."""

    def _close_open(self, segment: Segment) -> None:
        if self._current is not None:
            self._unclosed(self._current, f", before {segment.tag}")

    def _unclosed(self, message: Message, where: str = "") -> None:
        text = f"Message {shown(message.reference)} has no UNT{where}: it was cut off, or its last segment is missing."
        self.interchange.note("unt-missing", message.segments[-1].number, text, message=message.reference)
        self._ended.append(message)
        self._current = None

    def _count(self, code: str, segment: Segment, actual: int, what: str) -> None:
        stated = segment.part(0)
        if not (_COUNT.fullmatch(stated) and int(stated) == actual):
            text = (
                f"{segment.tag} states {shown(stated) or 'nothing'}, but {actual} {what}: something was lost or added."
            )
            self.interchange.note(code, segment.number, text, message=self._reference)

    def _same(self, code: str, segment: Segment, expected: str, where: str) -> None:
        stated = segment.part(1)
        if stated != expected:
            said = shown(expected) or "nothing"
            text = f"{segment.tag} refers to {shown(stated) or 'nothing'}, but {where} says {said}:"
            text += " both must be the same, else parts of two transmissions were mixed."
            self.interchange.note(code, segment.number, text, message=self._reference)

    def _restrict(self, batch: list[Segment], identifier: str) -> None:
        """Look at the repertoire of level A and B, where the interchange declares one of them."""
        if identifier not in {"UNOA", "UNOB"}:
            return
        for segment in batch:
            text = "".join(["".join(components) for components in segment.elements])
            if foreign := charsets.foreign_character(text, identifier):
                severity: Severity = "warning" if foreign.isascii() else "fatal"
                said = f"Segment {shown(segment.tag)} holds {foreign!r}, which {identifier} does not allow:"
                self.interchange.note("character", segment.number, said + " declare UNOC or UNOY.", severity)
                return

    def _finish(self, splitter: Splitter) -> None:
        interchange, note = self.interchange, self.interchange.note
        interchange.message_count, interchange.segment_count = self._messages, splitter.count
        if splitter.empty:
            text = f"{splitter.empty:,} segments are empty: two terminators follow each other; remove one."
            note("segment-empty", None, text)
        if splitter.swallowed:
            text = f"Segment {splitter.swallowed} seems to hold the next one: its terminator was released by mistake."
            note("terminator-released", splitter.swallowed, text)
        if splitter.undecodable:
            text = (
                f"The octets are not {self.interchange.syntax_identifier or 'UTF-8'}, which UNB declares: send them in"
            )
            note("character-set", splitter.undecodable, text + " that character set, or declare the one they are in.")
        if splitter.unfinished:
            text = "The last segment has no terminator: the interchange was cut off; send it again."
            note("cut-off", splitter.count, text)
        if interchange.header is None:
            note("unb-missing", None, "UNB is missing: without it sender, receiver and character set are unknown.")
        if interchange.trailer is None:
            note("unz-missing", None, "UNZ is missing: the interchange was cut off, or its last segment was lost.")
        if not self._messages:
            note("no-message", None, "The interchange holds no message: UNH is missing.")


def _identifier(octets: bytes, head: Head) -> str:
    """Return the syntax identifier UNB names, before anything is decoded."""
    service = head.service
    first = octets[head.start : head.start + 64].lstrip().decode("latin-1").split(service.terminator)[0]
    parts = first.split(service.element)
    return parts[1].split(service.component)[0] if parts[0] == "UNB" and len(parts) > 1 else "UNOY"


def check_header(interchange: Interchange) -> None:
    """Judge what UNB says."""
    note, identifier, version = interchange.note, interchange.syntax_identifier, interchange.syntax_version
    if identifier not in charsets.CODECS:
        severity: Severity = "fatal" if identifier.startswith("UNO") or not identifier else "warning"
        note("syntax-identifier", 1, f"UNB names the character set {shown(identifier)!r}: use UNOA to UNOY.", severity)
    if version not in {"1", "2", "3", "4"}:
        note("syntax-version", 1, f"UNB names syntax version {shown(version)!r}: there are 1 to 4.")
    for name, value in (
        ("sender", interchange.sender),
        ("recipient", interchange.receiver),
        ("control reference", interchange.reference),
    ):
        if not value.strip():
            note("unb-incomplete", 1, f"UNB names no {name}: it must, else the interchange cannot be answered.")
    date, time = interchange.prepared
    if not is_date(date):
        note(
            "unb-date",
            1,
            f"UNB was prepared on {shown(date)!r}, which is no date: write YYMMDD (CCYYMMDD in syntax 4).",
        )
    elif time and not is_time(time):
        note("unb-date", 1, f"UNB was prepared at {shown(time)!r}, which is no time: write HHMM.")
