"""Groups of segments that stand in the header and in the lines of an INVOIC alike, read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from blocks.documents.invoices import AllowanceCharge, Period
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.figures import read_span
from blocks.standards.edifact.messages.reading import Findings
from blocks.standards.edifact.messages.texts import TEXTS_PER_SEGMENT, joined, running_text
from blocks.standards.edifact.syntax import Segment


@dataclass(slots=True)
class Days:
    """First and last day of a period while its DTM are read."""

    start: date | None = None
    end: date | None = None

    def take(self, segment: Segment, findings: Findings) -> bool:
        """Take a DTM that gives a period or one end of it; tell whether it was one."""
        qualifier = segment.part(0)
        if qualifier == codes.PERIOD:
            self.start, self.end = read_span(segment.part(0, 1), segment.part(0, 2))
            if self.start is None or self.end is None:
                findings.wrong(segment, "Its value is no period.", "Ask the sender for a corrected message.")
        elif qualifier == codes.PERIOD_START:
            self.start = findings.day(segment)
        elif qualifier == codes.PERIOD_END:
            self.end = findings.day(segment)
        else:
            return False
        return True

    def period(self) -> Period | None:
        """Return the period; None where nothing was given."""
        return Period(start=self.start, end=self.end) if self.start or self.end else None


@dataclass(frozen=True, slots=True)
class Text:
    """A running text with the code of its subject (4451) and of its content (4441)."""

    subject: str
    code: str
    elements: tuple[str, ...]
    segment: Segment

    @property
    def text(self) -> str:
        """Return the text with its line breaks."""
        return running_text(self.elements)


@dataclass(slots=True)
class _Open:
    subject: str
    code: str
    segment: Segment
    elements: list[str] = field(default_factory=list)


def texts(segments: Iterable[Segment]) -> list[Text]:
    """Return the texts of some FTX; one whose five elements are all used goes on in the next of its subject."""
    found: list[_Open] = []
    for one in segments:
        subject, code = one.part(0), one.part(2)
        elements = one.elements[3] if len(one.elements) > 3 else ("",)  # noqa: PLR2004 - C108 is the fourth element
        last = found[-1] if found else None
        full = last is not None and len(last.elements) > 0 and len(last.elements) % TEXTS_PER_SEGMENT == 0
        if last is not None and full and (last.subject, last.code) == (subject, code):
            last.elements += elements
        else:
            found.append(_Open(subject, code, one, list(elements)))
    return [Text(each.subject, each.code, tuple(each.elements), each.segment) for each in found]


def rate_of(segment: Segment, findings: Findings) -> Decimal | None:
    """Return the rate of a TAX; None where it names none."""
    return findings.number(segment, 4, 3) if segment.part(4, 3) else None


def reduction(group: Sequence[Segment], findings: Findings) -> AllowanceCharge:
    """Return the allowance or charge of an ALC group."""
    head = group[0]
    is_charge = head.part(0) == "C"
    special = head.elements[4] if len(head.elements) > 4 else ()  # noqa: PLR2004 - C214 is the fifth element
    reason = joined(special[3:5]) or head.part(1)
    coded = first_of(special[:1], head.part(1, 1)) if is_charge else first_of((head.part(1, 1),), *special[:1])
    amounts: dict[str, Decimal | None] = {}
    percentage = rate = None
    category = ""
    for one in group[1:]:
        if one.tag == "PCD":
            percentage = findings.number(one, 0)
        elif one.tag == "MOA":
            amounts[one.part(0)] = findings.number(one, 0)
        elif one.tag == "TAX":
            rate, category = rate_of(one, findings), one.part(5)
        else:
            findings.left_out(one)
    own = codes.CHARGE if is_charge else codes.ALLOWANCE
    return AllowanceCharge(
        is_charge=is_charge,
        amount=next((amounts[code] for code in own if code in amounts), None),
        basis=amounts.get(codes.BASIS),
        percentage=percentage,
        vat_category=category,
        vat_rate=rate,
        reason=reason,
        reason_code=coded,
    )


def first_of(values: Sequence[str], *others: str) -> str:
    """Return the first value that is not empty."""
    return next((value for value in (*values, *others) if value), "")
