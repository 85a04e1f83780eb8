"""What the simpler trade messages share: BGM, dates, parties by GLN, lines by GTIN or number, both ways."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pydantic import Field

from blocks.documents.base import Document
from blocks.standards.edifact.messages.figures import day_element, number_element
from blocks.standards.edifact.messages.reading import Findings, Sections, sections
from blocks.standards.edifact.messages.releases import Release
from blocks.standards.edifact.messages.texts import cut, joined
from blocks.standards.edifact.syntax import Segment, segment

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


class Article(Document):
    """How a line names what it is about."""

    gtin: str = Field(default="", description="GTIN (LIN).")
    sku: str = Field(default="", description="The supplier's number (PIA, SA).")
    buyers_sku: str = Field(default="", description="The buyer's number (PIA, IN).")
    name: str = Field(default="", description="What it is called (IMD).")


class TradeHead(Document):
    """What every such message says of itself: number, day, references, and parties by their GLN."""

    number: str = ""
    issued_on: date | None = None
    order_number: str = Field(default="", description="The order it is about (RFF+ON).")
    buyer: str = Field(default="", description="GLN of NAD+BY.")
    supplier: str = Field(default="", description="GLN of NAD+SU.")
    delivery: str = Field(default="", description="GLN of NAD+DP.")
    currency: str = ""


@dataclass(slots=True)
class HeadFound:
    """A head while it is read, with the segments nobody has taken yet."""

    head: TradeHead
    code: str
    days: dict[str, date | None]
    rest: list[Segment] = field(default_factory=list)


def gtin_of(text: str) -> str:
    """Return a number that has the form of a GTIN, else nothing."""
    return text if text.isascii() and text.isdigit() and len(text) in _GTIN_LENGTHS else ""


def head_segments(
    kind: str, head: TradeHead, release: Release, days: Iterable[tuple[str, date | None]] = ()
) -> Iterator[Segment]:
    """Yield BGM, DTM, RFF and NAD.

    Args:
        kind: Code of the document (1001).
        head: What it says of itself.
        release: What fits where.
        days: Further dates: 2005 and day.
    """
    yield segment("BGM", kind, head.number[: release.number], "9")
    for qualifier, day in (("137", head.issued_on), *days):
        if element := day_element(qualifier, day):
            yield segment("DTM", element)
    if head.order_number:
        yield segment("RFF", ("ON", head.order_number[: release.reference]))
    for role, gln in (("BY", head.buyer), ("SU", head.supplier), ("DP", head.delivery)):
        if gln:
            yield segment("NAD", role, (gln, "", "9"))
    if head.currency:
        yield segment("CUX", ("2", head.currency, "9"))


def article_segments(place: int, article: Article, release: Release, action: str = "") -> Iterator[Segment]:
    """Yield LIN, PIA and IMD of a line; ``action`` is 1229."""
    yield segment("LIN", str(place), action, (article.gtin, release.gtin) if article.gtin else "")
    for number, kind, agency in ((article.sku, "SA", "91"), (article.buyers_sku, "IN", "92")):
        if number:
            yield segment("PIA", "1", (number[: release.name_width], kind, "", agency))
    if article.name:
        yield segment("IMD", "F", "", ("", "", "", *cut(article.name, release.item_text, 2)))


def quantity_segment(qualifier: str, quantity: Decimal, release: Release) -> Segment:
    """Return QTY."""
    return segment("QTY", (qualifier, number_element(quantity, release.quantity)))


def read_head(segments: Sequence[Segment], findings: Findings) -> tuple[HeadFound, Sections]:
    """Return a message's head and its sections."""
    parts = sections(segments)
    fields: dict[str, object] = {}
    found = HeadFound(TradeHead(), "", {})
    roles = {"BY": "buyer", "SU": "supplier", "SE": "supplier", "DP": "delivery"}
    for one in parts.header:
        if one.tag == "BGM":
            found.code, fields["number"] = one.part(0), one.part(1)
        elif one.tag == "DTM" and one.part(0) not in {"171", "36"}:
            found.days[one.part(0)] = findings.day(one)
        elif one.tag == "RFF" and one.part(0) == "ON":
            fields["order_number"] = one.part(0, 1)
        elif one.tag == "NAD" and one.part(0) in roles:
            fields[roles[one.part(0)]] = one.part(1)
        elif one.tag == "CUX":
            fields["currency"] = one.part(0, 1)
        else:
            found.rest.append(one)
    found.head = TradeHead.model_validate({**fields, "issued_on": found.days.get("137")})
    return found, parts


def read_article(segments: Sequence[Segment]) -> Article:
    """Return the article of a line; LIN comes first."""
    sku = buyers = name = ""
    gtin = segments[0].part(2)
    for one in segments[1:]:
        if one.tag == "PIA":
            for each in one.elements[1:]:
                kind = each[1] if len(each) > 1 else ""
                sku = sku or (each[0] if kind == "SA" else "")
                buyers = buyers or (each[0] if kind in {"IN", "BP"} else "")
                gtin = gtin or (each[0] if kind in {"EN", "SRV"} else "")
        elif one.tag == "IMD" and len(one.elements) > 2:  # noqa: PLR2004 - C273 is the third element
            name = joined((name, *one.elements[2][3:5]))
    return Article(gtin=gtin, sku=sku, buyers_sku=buyers, name=name)


def quantities(segments: Sequence[Segment], findings: Findings) -> dict[str, Decimal]:
    """Return the quantities of a line by their qualifier (6063)."""
    return _numbers(segments, "QTY", findings)


def prices(segments: Sequence[Segment], findings: Findings) -> dict[str, Decimal]:
    """Return the prices of a line by their qualifier (5125)."""
    return _numbers(segments, "PRI", findings)


def amounts(segments: Sequence[Segment], findings: Findings) -> dict[str, Decimal]:
    """Return the amounts of a line by their qualifier (5025)."""
    return _numbers(segments, "MOA", findings)


def _numbers(segments: Sequence[Segment], tag: str, findings: Findings) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in segments:
        if one.tag == tag and (value := findings.number(one, 0)) is not None:
            found.setdefault(one.part(0), value)
    return found


def first_of(numbers: dict[str, Decimal], *qualifiers: str) -> Decimal | None:
    """Return the number of the first qualifier that is there."""
    return next((numbers[each] for each in qualifiers if each in numbers), None)
