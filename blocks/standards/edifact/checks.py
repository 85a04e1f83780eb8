"""Judges one message: its type, its structure, and what it says."""

from blocks.standards.edifact import checks_amounts, checks_header, checks_lines, reading
from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.directories import (
    CHECKED_RELEASES,
    EANCOM_RELEASES,
    MESSAGE_TYPES,
    is_release,
)
from blocks.standards.edifact.findings import Finding, Findings, Severity, shown
from blocks.standards.edifact.grammars import MESSAGES
from blocks.standards.edifact.interchange import Interchange, Message

_SERVICE_TYPES = {"CONTRL", "AUTACK", "KEYMAN"}
_GUIDE = "EAN"


def judge(message: Message, interchange: Interchange, findings: Findings | None = None) -> Contents:
    """Judge one message; its faults go to `findings`, by default to the interchange's.

    What is judged, and how severely, follows from what UNH names:

    * D.96A and D.01B: structure and contents, faults are fatal. What only EANCOM asks for (check digits, parties,
      numbers of lines) is fatal where UNH names an EANCOM guide, a warning elsewhere.
    * Other releases: the same, as warnings: their structure is near but not known here.
    * Another association's guide (0057): its type and envelope only; it may redefine everything within.
    """
    kept = interchange.findings if findings is None else findings
    eancom = message.association.startswith(_GUIDE)
    known = _header(message, kept, eancom=eancom)
    foreign = bool(message.association) and not eancom
    grave: Severity = "fatal" if known and message.release in CHECKED_RELEASES | EANCOM_RELEASES else "warning"
    guide: Severity = grave if eancom else "warning"
    contents = Contents(message, kept, grave, guide, _wrong_mark(interchange))
    if foreign or message.type not in MESSAGES:
        reading.glance(contents)
        return contents
    reading.read(contents)
    checks_header.check(contents)
    checks_lines.check(contents)
    checks_amounts.check(contents)
    return contents


def _wrong_mark(interchange: Interchange) -> str:
    """Return the mark figures must not use: the one UNA does not name. Syntax 4 allows both (ISO 9735-1, 10.5)."""
    if not interchange.announced or interchange.syntax_version == "4":
        return ""
    return {".": ",", ",": "."}.get(interchange.service.decimal, "")


def _header(message: Message, findings: Findings, *, eancom: bool) -> bool:
    """Judge what UNH names; return whether it is a type and release of the directories."""
    place, kind, release = message.header.number, message.type, message.release

    def note(code: str, text: str, severity: Severity = "fatal") -> None:
        findings.add(Finding(code, "structural", severity, place, text, message.reference))

    if message.agency not in {"UN", ""}:
        note(
            "message-agency",
            f"{shown(kind)} is kept by {shown(message.agency)}: only its envelope was checked.",
            "information",
        )
        return False
    if kind and kind not in MESSAGE_TYPES:
        note("message-type", f"{shown(kind)!r} is no message type of UN/EDIFACT: correct UNH, or agree on the type.")
        return False
    if kind in _SERVICE_TYPES:
        return True
    if not is_release(message.version, release):
        text = f"{shown(message.version)}.{shown(release)} is no directory of UN/EDIFACT: write e.g. D:96A or D:01B."
        note("message-release", text)
        return False
    if message.version not in {"D", "S", "1", "2"}:
        note("message-release", f"Version {shown(message.version)!r} is unusual: directories are named D.", "warning")
    if eancom and release not in EANCOM_RELEASES:
        text = (
            f"{shown(message.association)} is an EANCOM guide, but there is none of D.{shown(release)}: use 96A or 01B."
        )
        note("message-release", text)
    return True
