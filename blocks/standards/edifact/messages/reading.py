"""Taking a message apart: its sections, its groups, and what nobody took."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from blocks.errors import Defect
from blocks.standards.edifact.messages.figures import read_day, read_number
from blocks.standards.edifact.syntax import Segment

_SERVICE = frozenset({"UNH", "UNT", "UNS", "CNT"})


@dataclass(slots=True)
class Findings:
    """What reading a message found wrong, and which segments had no place in the document."""

    document: str
    defects: list[Defect] = field(default_factory=list)

    def wrong(self, segment: Segment, what: str, remedy: str) -> None:
        """Note a segment whose content cannot be used."""
        self.defects.append(Defect(place(segment), what, remedy))

    def left_out(self, segment: Segment) -> None:
        """Note a segment that the document has no place for."""
        text = f"It says something {self.document} has no place for, so it was left out: {_shown(segment)}."
        self.defects.append(Defect(place(segment), text, "Look it up in the archived message if it matters."))

    def number(self, segment: Segment, element: int, component: int = 1) -> Decimal | None:
        """Return the figure of a component; a defect and None where there is none."""
        text = segment.part(element, component).strip()
        value = read_number(text)
        if value is None:
            self.wrong(segment, f'"{text}" is no number.', "Ask the sender for a corrected message.")
        return value

    def day(self, segment: Segment) -> date | None:
        """Return the day of a DTM; a defect and None where there is none."""
        text, form = segment.part(0, 1), segment.part(0, 2)
        day = read_day(text, form)
        if day is None:
            self.wrong(segment, f'"{text}" is no date in the form {form}.', "Ask the sender for a corrected message.")
        return day


@dataclass(frozen=True, slots=True)
class Sections:
    """A message in its three sections; lines are lists that begin with LIN."""

    header: list[Segment]
    lines: list[list[Segment]]
    summary: list[Segment]


def place(segment: Segment) -> str:
    """Return how a segment is named to people."""
    return f"segment {segment.number} ({segment.tag}{'+' + segment.part(0) if segment.part(0) else ''})"


def sections(segments: Iterable[Segment], begin: str = "LIN") -> Sections:
    """Cut a message: before the first line, the lines, and what stands behind UNS (or is left at the end)."""
    header: list[Segment] = []
    lines: list[list[Segment]] = []
    summary: list[Segment] = []
    current = header
    for one in segments:
        if one.tag == "UNS":
            current = summary if lines or one.part(0) == "S" else header
        elif one.tag == begin and current is not summary:
            current = [one]
            lines.append(current)
        elif one.tag not in _SERVICE:
            current.append(one)
    return Sections(header, lines, summary)


def groups(
    segments: Iterable[Segment], triggers: frozenset[str], within: Callable[[str, str], bool] = lambda _t, _g: False
) -> list[list[Segment]]:
    """Cut a section into its leading segments and one list for each trigger segment with what follows it.

    Args:
        segments: Of one section.
        triggers: Tags that begin a group.
        within: Tells whether a trigger (first) belongs to the group (second) it stands in all the same.
    """
    found: list[list[Segment]] = [[]]
    for one in segments:
        if one.tag in triggers and not (found[-1] and within(one.tag, found[-1][0].tag)):
            found.append([])
        found[-1].append(one)
    return found


def _shown(segment: Segment) -> str:
    elements = "+".join(":".join(components) for components in segment.elements)
    return f"{segment.tag}+{elements}"[:60]
