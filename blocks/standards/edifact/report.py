"""One file's verdict: what stands in it, what is wrong with it, in the published form."""

import re
from typing import Any

from blocks.standards.edifact.checks import judge
from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.envelope import NoInterchangeError, walk
from blocks.standards.edifact.findings import Finding, Findings, Severity, shown
from blocks.standards.edifact.interchange import Interchange, Message
from blocks.standards.edifact.values import gln_fault

_GLN = "14"
_QUALIFIER = re.compile(r"[0-9]{1,3}[A-Z]?|ZZZ?")
_LISTED_MESSAGES = 100_000
_GUIDE = "EAN"


class Report:
    """What the interchanges of one file say; a file may hold several, `interchange` is the first.

    Attributes:
        verdict: valid, invalid (at least one fatal finding) or unreadable (no interchange was found, or none of it
            could be read).
        segments: How many were read, all interchanges together.
    """

    def __init__(self) -> None:
        """Begin without anything read."""
        self.interchanges: list[Interchange] = []
        self.messages: list[dict[str, Any]] = []
        self.findings: list[Finding] = []
        self.segments = 0
        self.readable = False

    @property
    def verdict(self) -> str:
        """Return valid, invalid or unreadable."""
        if not self.readable:
            return "unreadable"
        return "invalid" if any(found.severity == "fatal" for found in self.findings) else "valid"

    def as_json(self, name: str) -> dict[str, Any]:
        """Return the published form of one file's entry."""
        first = self.interchanges[0] if self.interchanges else None
        entry = {
            "file": name,
            "verdict": self.verdict,
            "interchange": _interchange_json(first),
            "messages": self.messages,
            "findings": [found.as_json() for found in self.findings],
        }
        if len(self.interchanges) > 1:
            entry["interchanges"] = [_interchange_json(each) for each in self.interchanges]
        return entry


def report(octets: bytes) -> Report:
    """Read and judge all interchanges of a file; never raises for what the file holds."""
    made = Report()
    try:
        for interchange, messages in walk(octets):
            made.interchanges.append(interchange)
            glns = _Glns(interchange)
            for message in messages:
                contents = judge(message, interchange)
                glns.meet(message)
                if len(made.messages) < _LISTED_MESSAGES:
                    made.messages.append(_message_json(message, contents))
            glns.check()
            made.segments += interchange.segment_count
            made.readable = made.readable or interchange.header is not None or interchange.message_count > 0
    except NoInterchangeError as error:
        made.findings.append(Finding("no-interchange", "structural", "fatal", None, str(error)))
    kept = Findings()
    for found in made.findings:
        kept.add(found)
    for interchange in made.interchanges:
        for found in interchange.findings:
            kept.add(found)
    kept.close()
    made.findings = kept
    return made


def unreadable(why: str) -> Report:
    """Return the report of a file that could not even be opened or judged."""
    made = Report()
    made.findings.append(Finding("file", "structural", "fatal", None, why))
    return made


class _Glns:
    """Judges the GLNs of UNB, fatally only where all its messages follow EANCOM."""

    def __init__(self, interchange: Interchange) -> None:
        self._interchange = interchange
        self._guided = True

    def meet(self, message: Message) -> None:
        self._guided = self._guided and message.association.startswith(_GUIDE)

    def check(self) -> None:
        interchange = self._interchange
        severity: Severity = "fatal" if self._guided and interchange.message_count else "warning"
        for what, number, qualifier in (
            ("sender", interchange.sender, interchange.sender_qualifier),
            ("recipient", interchange.receiver, interchange.receiver_qualifier),
        ):
            if qualifier == _GLN and (fault := gln_fault(number)):
                text = f"The GLN {shown(number)} of the {what} in UNB {fault}: correct it."
                interchange.findings.add(Finding("unb-gln", "semantic", severity, 1, text))
            elif qualifier and not _QUALIFIER.fullmatch(qualifier):
                text = f"The {what} in UNB is qualified by {shown(qualifier)!r}, which no code list knows: 14 is a GLN."
                interchange.findings.add(Finding("unb-qualifier", "structural", severity, 1, text))


def _interchange_json(interchange: Interchange | None) -> dict[str, Any]:
    if interchange is None or interchange.header is None:
        return {"reference": None, "sender": None, "receiver": None, "syntax": None}
    return {
        "reference": interchange.reference or None,
        "sender": interchange.sender or None,
        "receiver": interchange.receiver or None,
        "syntax": f"{interchange.syntax_identifier}:{interchange.syntax_version}",
        "test": interchange.test,
        "acknowledgement_requested": interchange.acknowledgement_requested,
    }


def _message_json(message: Message, contents: Contents) -> dict[str, Any]:
    dated = contents.dates.get("137")
    return {
        "reference": message.reference or None,
        "type": message.type or None,
        "release": f"{message.version}.{message.release}" if message.release else None,
        "document_number": contents.number or None,
        "document_date": dated[0].isoformat() if dated else None,
        "line_count": len(contents.lines),
        "parties": contents.parties,
    }
