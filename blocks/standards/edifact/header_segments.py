"""What BGM, DTM, RFF, NAD, LOC, CUX and UNS say, and whether their values are possible."""

from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.dates import moment
from blocks.standards.edifact.findings import shown
from blocks.standards.edifact.structure import LINE, Node
from blocks.standards.edifact.syntax import Segment
from blocks.standards.edifact.values import CURRENCIES, gln_fault

GS1 = "9"
"""The code list agency (3055) of GLNs."""
_DATE_GROUPS = dict.fromkeys(("137", "2", "11", "17", "35", "63", "64", "69"), "") | {"13": "PAT"}
"""Dates (2005) of the whole document, which stand in no group or in one alone; within lines they mean the line."""
_DOCUMENT_REFERENCES = {"ON", "DQ", "OP", "AAK"}
CODE_LENGTH = 3
_LENGTHS = {8: "102", 12: "203", 6: "101"}


def bgm(contents: Contents, segment: Segment, _node: Node) -> None:
    """Take the document's code, number and function."""
    if contents.document is None:
        contents.document = segment
        contents.code, contents.number = segment.part(0), segment.part(1).strip()
        contents.function = segment.part(2)


def dtm(contents: Contents, segment: Segment, node: Node) -> None:
    """Judge a date by the calendar; keep those of the whole document."""
    qualifier, value, form = segment.part(0), segment.part(0, 1), segment.part(0, 2)
    if not form:
        text = f"DTM {shown(qualifier)} does not say in which form {shown(value)} is written: add it, e.g. 102."
        contents.note("date-form", segment.number, text, severity=contents.guide)
        form = _LENGTHS.get(len(value), "")
    found = moment(value, form)
    if found is None:
        if form:
            text = f"DTM {shown(qualifier)} names the form {shown(form)!r}, which is not known: use 102 or 203."
            contents.note("date-form", segment.number, text, severity="warning")
    elif not found.possible:
        text = f"DTM {shown(qualifier)} says {shown(value)!r}, which does not exist as date of form {form}: correct it."
        contents.note("date-impossible", segment.number, text)
    group = node.group[0] if node.group else ""
    if group not in {"", "LIN", "CPS", "PGI"} and _DATE_GROUPS.get(qualifier, group) != group:
        text = f"DTM {qualifier} stands behind {group}, where it says nothing about the document: move it."
        contents.note("date-place", segment.number, text, severity=contents.guide, kind="structural")
    if not group:
        contents.date_qualifiers.append((qualifier, segment.number))
    if found is None or found.first is None or found.last is None:
        return
    if group in {"", "PAT"}:
        contents.dates.setdefault(qualifier, (found.first, found.last, segment.number))
    elif group == "RFF" and qualifier == "171":
        contents.reference_dates.append((found.first, segment.number))


def rff(contents: Contents, segment: Segment, node: Node) -> None:
    """Look whether a document is referred to where only a party's own numbers belong."""
    if node.group and node.group[0] == "NAD" and segment.part(0) in _DOCUMENT_REFERENCES:
        text = f"RFF {segment.part(0)} stands behind NAD, but refers to a document: move it before the parties."
        contents.note("reference-place", segment.number, text, severity=contents.guide, kind="structural")


def nad(contents: Contents, segment: Segment, node: Node) -> None:
    """Judge a party's GLN; keep the parties of the whole document."""
    role, identifier = segment.part(0), segment.part(1)
    agency = segment.part(1, 2)
    if agency == GS1 and (fault := gln_fault(identifier)):
        gs1(contents, "gln", segment, f"GLN {shown(identifier) or '(empty)'} of {shown(role)} {fault}")
    if len(agency) > CODE_LENGTH:
        too_long(contents, segment, agency)
    if node.area != LINE and contents.line is None:
        contents.parties.setdefault(role, identifier)
        named = bool(identifier or segment.part(2) or segment.part(3))
        contents.party_places.append((role, segment.number, named))


def loc(contents: Contents, segment: Segment, node: Node) -> None:
    """Judge a location's GLN; a location of reports numbers its lines anew."""
    if node.group == ("LOC",) or not node.group:
        contents.scope += 1
    if segment.part(1, 2) == GS1 and (fault := gln_fault(segment.part(1))):
        gs1(contents, "gln", segment, f"GLN {shown(segment.part(1))} of a location {fault}")


def cux(contents: Contents, segment: Segment, _node: Node) -> None:
    """Judge a currency."""
    use, currency = segment.part(0), segment.part(0, 1)
    if currency not in CURRENCIES:
        contents.note("currency", segment.number, f"{shown(currency)!r} is no currency of ISO 4217: correct it.")
    if use in contents.currencies:
        contents.note("currency-repeated", segment.number, f"CUX {shown(use)} is given twice: send it once.")
    contents.currencies.add(use)
    contents.currency = contents.currency or currency


def uns(contents: Contents, segment: Segment, _node: Node) -> None:
    """Leave the lines."""
    contents.end_allowance()
    contents.line = contents.tax = None
    if segment.part(0) not in {"S", "D"}:
        text = f"UNS says {shown(segment.part(0))!r}: D begins the details, S the summary; write one of them."
        contents.note("uns", segment.number, text, kind="structural")


def too_long(contents: Contents, segment: Segment, code: str) -> None:
    """Note a code that is longer than codes are (an..3): what follows was swallowed."""
    text = f"{segment.tag} carries the code {shown(code)!r}, longer than three characters: a terminator was lost."
    contents.note("code-too-long", segment.number, text, kind="structural")


def gs1(contents: Contents, code: str, segment: Segment, fault: str) -> None:
    """Note a GS1 number that cannot be right."""
    contents.note(code, segment.number, f"The {fault}: correct it.", severity=contents.guide)
