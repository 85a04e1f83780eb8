"""DESADV, INVRPT, PRICAT and SLSRPT: what is on its way, in stock, at which price, and sold; EANCOM, both ways.

They differ in little: the code of the document, and what a line counts. So each is a row of a table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.invoices import Figure
from blocks.errors import Defect
from blocks.standards.edifact.messages.figures import number_element
from blocks.standards.edifact.messages.reading import Findings
from blocks.standards.edifact.messages.releases import D96A, Release
from blocks.standards.edifact.messages.trade_parts import (
    Article,
    TradeHead,
    amounts,
    article_segments,
    first_of,
    head_segments,
    prices,
    quantities,
    quantity_segment,
    read_article,
    read_head,
)
from blocks.standards.edifact.syntax import Segment, segment


@dataclass(frozen=True, slots=True)
class Form:
    """How one of these messages is written.

    Attributes:
        code: Code of the document (1001).
        quantity: Qualifiers of a line's quantity (6063), the written one first; empty where it has none.
        price: Qualifiers of a line's price (5125).
        amount: Qualifiers of a line's amount (5025).
        day: Qualifier of the date that counts (2005): delivery, stock taking, validity.
        place: Qualifier of the place (LOC 3227).
        before: Segments that stand before the lines.
        closed: Whether UNS and CNT close it.
    """

    code: str
    quantity: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    amount: tuple[str, ...] = ()
    day: str = ""
    place: str = ""
    before: tuple[Segment, ...] = ()
    closed: str = ""


FORMS = MappingProxyType(
    {
        "DESADV": Form("351", quantity=("12",), day="11", before=(segment("CPS", "1"),), closed="CNT"),
        "INVRPT": Form("35", quantity=("145", "17"), day="366", place="18"),
        "PRICAT": Form("9", price=("AAB", "AAA"), day="157", before=(segment("PGI", "11"),)),
        "SLSRPT": Form("73E", quantity=("153",), amount=("5",), day="356", place="162"),
    }
)


class ReportedLine(Document):
    """One article with what is said of it."""

    article: Article
    quantity: Figure | None = Field(default=None, description="Pieces on their way, in stock, or sold.")
    price: Figure | None = None
    amount: Figure | None = None


class Report(Document):
    """One of these messages."""

    kind: str = Field(description="DESADV, INVRPT, PRICAT or SLSRPT.")
    head: TradeHead
    day: date | None = Field(default=None, description="Despatch, stock taking, beginning of validity, sale.")
    place: str = Field(default="", description="GLN of the warehouse or the store.")
    lines: tuple[ReportedLine, ...] = ()


def report_segments(report: Report, release: Release = D96A) -> Iterator[Segment]:
    """Yield the segments between UNH and UNT."""
    form = FORMS[report.kind]
    yield from head_segments(form.code, report.head, release, ((form.day, report.day),))
    if form.place and report.place:
        yield segment("LOC", form.place, (report.place, "", "9"))
    yield from form.before
    for place, line in enumerate(report.lines, 1):
        yield from article_segments(place, line.article, release)
        if form.quantity and line.quantity is not None:
            yield quantity_segment(form.quantity[0], line.quantity, release)
        if form.amount and line.amount is not None:
            yield segment("MOA", (form.amount[0], number_element(line.amount, release.amount)))
        if form.price and line.price is not None:
            yield segment("PRI", (form.price[0], number_element(line.price, release.price)))
    if form.closed:
        yield segment("CNT", ("2", str(len(report.lines))))


def read_report(kind: str, segments: Sequence[Segment]) -> tuple[Report, tuple[Defect, ...]]:
    """Return what such a message says, and its defects."""
    form, findings = FORMS[kind], Findings("a report")
    found, parts = read_head(segments, findings)
    place = next((one.part(1) for one in found.rest if one.tag == "LOC" and one.part(0) == form.place), "")
    lines = tuple(
        ReportedLine(
            article=read_article(line),
            quantity=first_of(quantities(line, findings), *form.quantity),
            price=first_of(prices(line, findings), *form.price),
            amount=first_of(amounts(line, findings), *form.amount),
        )
        for line in parts.lines
    )
    report = Report(kind=kind, head=found.head, day=found.days.get(form.day), place=place, lines=lines)
    return report, tuple(findings.defects)
