"""What a message says, as far as segments are compared with each other."""

from datetime import date
from decimal import Decimal

from blocks.standards.edifact.findings import Finding, Findings, Kind, Severity, shown
from blocks.standards.edifact.interchange import Message
from blocks.standards.edifact.line_items import Line, TaxGroup
from blocks.standards.edifact.structure import HEADER, SUMMARY
from blocks.standards.edifact.syntax import Segment
from blocks.standards.edifact.values import figure

_ZERO = Decimal(0)


class Contents:
    """What one message says; filled segment by segment.

    Attributes:
        grave: Severity of what is wrong: fatal where the message's guide is known, a warning elsewhere.
        guide: Severity of what EANCOM asks for beyond the directories, check digits above all.
        document: BGM, with the document's `code`, `number` and `function`.
        dates: First and last day and the place of each date of the whole document, by its qualifier (2005).
        parties: Identification by role (3035); `party_places` adds where they stand and whether they name anybody.
        sums: Amounts of the whole, by qualifier (5025), with their places.
        cents: Whether all line amounts are whole cents; None until somebody asks.
        controls: Control totals, by qualifier (6069), with their places.
        line, tax: Where the pass stands; None outside of lines and taxes.
    """

    def __init__(self, message: Message, findings: Findings, grave: Severity, guide: Severity, wrong_mark: str) -> None:
        """Begin with nothing read; `wrong_mark` is the decimal mark that must not be used, empty when any may."""
        self.message, self.findings, self.grave, self.guide = message, findings, grave, guide
        self._wrong_mark = wrong_mark
        self._marks: dict[str, list[int]] = {",": [], ".": []}
        self.code = self.number = self.function = ""
        self.document: Segment | None = None
        self.dates: dict[str, tuple[date, date, int]] = {}
        self.date_qualifiers: list[tuple[str, int]] = []
        self.reference_dates: list[tuple[date, int]] = []
        self.parties: dict[str, str] = {}
        self.party_places: list[tuple[str, int, bool]] = []
        self.currency = ""
        self.currencies: set[str] = set()
        self.uncurrencied = 0
        self.lines: list[Line] = []
        self.sums: dict[str, tuple[Decimal, int]] = {}
        self.taxes: list[TaxGroup] = []
        self.taxed = False
        self.controls: dict[str, tuple[Decimal, int]] = {}
        self.packages = _ZERO
        self.allowances: dict[int, tuple[Decimal, Decimal]] = {}
        self.allowance_known = True
        self.cents: bool | None = None
        self.scope = 0
        self.line: Line | None = None
        self.tax: TaxGroup | None = None
        self.sign: int | None = None
        self.bare_allowance: Segment | None = None

    def note(
        self, code: str, place: int | None, text: str, *, severity: Severity | None = None, kind: Kind = "semantic"
    ) -> None:
        """Add a finding about this message."""
        self.findings.add(Finding(code, kind, severity or self.grave, place, text, self.message.reference))

    def figure(self, segment: Segment, text: str, what: str) -> Decimal | None:
        """Return a figure; note where it is none or uses the wrong decimal mark."""
        value = figure(text)
        if value is None:
            said = f"is {shown(text)!r}" if text else "is empty"
            self.note(
                f"{what.replace(' ', '-')}-figure", segment[2], f"The {what} in {segment[0]} {said}: send a figure."
            )
        elif "," in text:
            self._marks[","].append(segment[2])
        elif "." in text:
            self._marks["."].append(segment[2])
        return value

    def end_figures(self) -> None:
        """Judge the decimal marks of all figures together.

        A message that writes all its figures with the mark UNA does not name has the sender's habit: its sums show what
        is meant. A single such figure, or two marks side by side, may each mean a thousand times as much.
        """
        commas, stops = self._marks[","], self._marks["."]
        if commas and stops:
            fewer = min(commas, stops, key=len)
            text = "The message writes both full stop and comma as decimal mark, so that a figure may mean another one:"
            self.note("decimal-mark", fewer[0], text + " use the one UNA names.")
        elif self._wrong_mark and (places := self._marks[self._wrong_mark]):
            severity: Severity = self.grave if len(places) == 1 else "warning"
            text = f"Figures are written with {self._wrong_mark!r}, but UNA names another decimal mark: correct UNA,"
            self.note("decimal-mark", places[0], text + " or write the announced mark.", severity=severity)

    def document_allowances(self) -> tuple[Decimal, Decimal]:
        """Return what is allowed and what is charged on the whole; the summary only repeats what the header gives."""
        return self.allowances.get(HEADER) or self.allowances.get(SUMMARY) or (_ZERO, _ZERO)

    def end_allowance(self) -> None:
        """Leave an allowance; one that ends without amount makes the sums around it unknown."""
        bare, self.bare_allowance = self.bare_allowance, None
        if self.sign is None:
            return
        if bare is not None:
            text = "ALC is followed by no amount, percentage or rate: add MOA or PCD."
            self.note("allowance-empty", bare.number, text, severity=self.guide)
        if self.line is not None:
            self.line.allowance_known = False
        else:
            self.allowance_known = False
        self.sign = None
