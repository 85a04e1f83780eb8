"""What an envelope holds: messages, and the interchange around them as UNB and UNZ state it."""

from dataclasses import dataclass, field

from blocks.standards.edifact.findings import Finding, Findings, Severity
from blocks.standards.edifact.syntax import Segment, ServiceString


@dataclass(slots=True)
class Message:
    """One message with all its segments, UNH and UNT included (UNT may be missing in a broken one)."""

    segments: list[Segment]
    group: Segment | None = None

    @property
    def header(self) -> Segment:
        """Return UNH."""
        return self.segments[0]

    @property
    def reference(self) -> str:
        """Return the message reference (0062)."""
        return self.segments[0].part(0)

    @property
    def type(self) -> str:
        """Return the message type, e.g. ``INVOIC`` (0065)."""
        return self.segments[0].part(1, 0)

    @property
    def version(self) -> str:
        """Return the version of the directory, e.g. ``D`` (0052)."""
        return self.segments[0].part(1, 1)

    @property
    def release(self) -> str:
        """Return the release of the directory, e.g. ``96A`` (0054)."""
        return self.segments[0].part(1, 2)

    @property
    def agency(self) -> str:
        """Return who keeps the message, e.g. ``UN`` (0051)."""
        return self.segments[0].part(1, 3)

    @property
    def association(self) -> str:
        """Return the guide it follows, e.g. ``EAN008`` (0057)."""
        return self.segments[0].part(1, 4)

    def place(self, segment: Segment) -> int:
        """Return a segment's place within the message; UNH is 1, as CONTRL counts (0096)."""
        return segment.number - self.segments[0].number + 1


@dataclass(slots=True)
class Interchange:
    """One interchange as its envelope states it.

    `announced` tells whether UNA named the service characters; `messages` is filled by `read_interchanges` only;
    `findings` are those of syntax and envelope, and of messages once they are judged.
    """

    service: ServiceString = field(default_factory=ServiceString)
    announced: bool = False
    header: Segment | None = None
    trailer: Segment | None = None
    messages: list[Message] = field(default_factory=list)
    message_count: int = 0
    segment_count: int = 0
    findings: Findings = field(default_factory=Findings)

    def _part(self, element: int, component: int = 0) -> str:
        return self.header.part(element, component) if self.header else ""

    @property
    def syntax_identifier(self) -> str:
        """Return the character set, e.g. ``UNOC`` (0001)."""
        return self._part(0)

    @property
    def syntax_version(self) -> str:
        """Return the version of the syntax, ``1`` to ``4`` (0002)."""
        return self._part(0, 1)

    @property
    def sender(self) -> str:
        """Return the sender's identification (0004)."""
        return self._part(1)

    @property
    def sender_qualifier(self) -> str:
        """Return what kind of identification it is; 14 is a GLN (0007)."""
        return self._part(1, 1)

    @property
    def receiver(self) -> str:
        """Return the recipient's identification (0010)."""
        return self._part(2)

    @property
    def receiver_qualifier(self) -> str:
        """Return what kind of identification it is (0007)."""
        return self._part(2, 1)

    @property
    def prepared(self) -> tuple[str, str]:
        """Return date and time of preparation as sent (0017, 0019)."""
        return self._part(3), self._part(3, 1)

    @property
    def reference(self) -> str:
        """Return the interchange control reference (0020)."""
        return self._part(4)

    @property
    def application_reference(self) -> str:
        """Return the application reference (0026)."""
        return self._part(6)

    @property
    def acknowledgement_requested(self) -> bool:
        """Tell whether the sender wants CONTRL (0031 is 1)."""
        return self._part(8) == "1"

    @property
    def agreement(self) -> str:
        """Return the interchange agreement (0032)."""
        return self._part(9)

    @property
    def test(self) -> bool:
        """Tell whether it is a test (0035)."""
        return self._part(10) in {"1", "2", "3", "4"}

    def note(self, code: str, place: int | None, text: str, severity: Severity = "fatal", message: str = "") -> None:
        """Add a structural finding."""
        self.findings.add(Finding(code, "structural", severity, place, text, message))
