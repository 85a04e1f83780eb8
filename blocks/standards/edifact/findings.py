"""What is wrong with an interchange: one finding is one sentence with its place, class and severity."""

from typing import Literal, NamedTuple

Kind = Literal["structural", "semantic"]
Severity = Literal["fatal", "warning", "information"]

MOST = 500
"""Findings kept of one interchange; a file of nothing but faults must not fill memory with sentences."""


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes:
        code: A stable name, e.g. ``unt-count``.
        kind: structural (syntax, envelope, order of segments) or semantic (what the message says).
        severity: fatal findings make the interchange invalid.
        segment: Number within the interchange from 1 (UNB); None when it concerns the whole.
        text: A whole sentence: what is wrong, and what to do.
        message: Reference of the message concerned (UNH 0062), empty for the interchange itself.
    """

    code: str
    kind: Kind
    severity: Severity
    segment: int | None
    text: str
    message: str = ""

    def as_json(self) -> dict[str, str | int | None]:
        """Return the published form."""
        return {
            "code": self.code,
            "class": self.kind,
            "severity": self.severity,
            "segment": self.segment,
            "message": self.message or None,
            "text": self.text,
        }


class Findings(list[Finding]):
    """Findings in the order they were made; beyond `MOST` they are counted, not kept."""

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.left_out = 0
        self._fatal = False

    def add(self, found: Finding) -> None:
        """Keep one finding, or count it; the first fatal one is always kept, because it decides the verdict."""
        fatal = found.severity == "fatal"
        if len(self) < MOST:
            self.append(found)
        else:
            self.left_out += 1
            if fatal and not self._fatal:
                self[-1] = found
        self._fatal = self._fatal or fatal

    def close(self) -> None:
        """Say how many were left out."""
        if self.left_out:
            text = f"{self.left_out:,} more findings were left out: mend the first ones and read the file again."
            self.append(Finding("more-findings", "structural", "information", None, text))
            self.left_out = 0


def shown(text: str, longest: int = 40) -> str:
    """Return what came from outside, short and printable, for a sentence."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[: longest + 1])
    return plain if len(plain) <= longest else plain[:longest] + "…"
