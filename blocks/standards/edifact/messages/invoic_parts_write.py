"""Groups of segments that stand in the header and in the lines of an INVOIC alike: periods, texts, allowances."""

from collections.abc import Iterator

from blocks.documents.invoices import AllowanceCharge, Period
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.figures import day_element, number_element, span_element
from blocks.standards.edifact.messages.releases import Release
from blocks.standards.edifact.messages.texts import cut, text_segments
from blocks.standards.edifact.syntax import Segment, segment


def period_segments(period: Period | None) -> Iterator[Segment]:
    """Yield the DTM of a period: one for both days, or for the one that is given."""
    if period is None:
        return
    if period.start and period.end:
        yield segment("DTM", span_element(codes.PERIOD, period.start, period.end))
    elif start := day_element(codes.PERIOD_START, period.start):
        yield segment("DTM", start)
    elif end := day_element(codes.PERIOD_END, period.end):
        yield segment("DTM", end)


def text_of(subject: str, text: str, release: Release, code: str = "") -> Iterator[Segment]:
    """Yield the FTX of a running text; ``code`` goes into 4441."""
    for elements in text_segments(text, release.text) if text else ():
        yield segment("FTX", subject, "", code, elements)


def reduction_segments(each: AllowanceCharge, release: Release) -> Iterator[Segment]:
    """Yield the ALC group of an allowance or charge."""
    coded = ("", each.reason_code)
    special: tuple[str, ...] = ()
    parts = cut(each.reason, release.name_width, 2)
    if each.is_charge:
        coded, special = ("", ""), (each.reason_code, "", "", *parts)
    elif parts:
        special = ("", "", "", *parts)
    yield segment("ALC", "C" if each.is_charge else "A", coded, "", "", special)
    if percentage := number_element(each.percentage, release.percentage):
        yield segment("PCD", ("3", percentage))
    own = codes.CHARGE[0] if each.is_charge else codes.ALLOWANCE[0]
    for qualifier, value in ((own, each.amount), (codes.BASIS, each.basis)):
        if amount := number_element(value, release.amount):
            yield segment("MOA", (qualifier, amount))
    if each.vat_category or each.vat_rate is not None:
        yield segment("TAX", "7", "VAT", "", "", ("", "", "", number_element(each.vat_rate, 17)), each.vat_category)
