"""ORDRSP: what became of an order, line by line, in the manner of EANCOM, both ways."""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.invoices import Figure
from blocks.documents.orders import Order
from blocks.errors import Defect
from blocks.standards.edifact.messages.figures import number_element
from blocks.standards.edifact.messages.reading import Findings
from blocks.standards.edifact.messages.releases import D96A, Release
from blocks.standards.edifact.messages.trade_parts import (
    Article,
    TradeHead,
    article_segments,
    first_of,
    gtin_of,
    head_segments,
    prices,
    quantities,
    quantity_segment,
    read_article,
    read_head,
)
from blocks.standards.edifact.syntax import Segment, segment

_CONFIRMED, _ORDERED, _PRICE, _ON = "113", "21", "AAA", "67"


class LineFate(StrEnum):
    """What became of a line (1229)."""

    ACCEPTED = "5"
    CHANGED = "3"
    REJECTED = "7"


class OrderFate(StrEnum):
    """What became of the whole order (1225)."""

    ACCEPTED = "29"
    CHANGED = "4"
    REJECTED = "27"


class AnsweredLine(Document):
    """One line of the answer."""

    number: str
    article: Article
    fate: LineFate
    ordered: Figure | None = None
    confirmed: Figure | None = Field(default=None, description="Pieces that will be delivered.")
    price: Figure | None = None
    reason: str = ""


class OrderAnswer(Document):
    """An answer to an order; ``head.order_number`` is the buyer's number."""

    head: TradeHead
    fate: OrderFate
    deliver_on: date | None = None
    lines: tuple[AnsweredLine, ...] = ()


def answer_to(
    order: Order, head: TradeHead, confirmed: dict[str, Figure], reasons: dict[str, str] | None = None
) -> OrderAnswer:
    """Return the answer to an order of which so many pieces of each line are confirmed.

    Args:
        order: The order as intake has booked it.
        head: Number, day and parties of the answer.
        confirmed: Line's id → pieces that will be delivered; a line that is missing is rejected.
        reasons: Line's id → why it is changed or rejected.
    """
    told = reasons or {}
    lines = []
    for line in order.lines:
        pieces = confirmed.get(line.external_id)
        fate = LineFate.ACCEPTED if pieces == line.quantity else LineFate.CHANGED if pieces else LineFate.REJECTED
        gtin = gtin_of(line.sku)
        article = Article(gtin=gtin, sku="" if gtin else line.sku, name=line.name)
        lines.append(
            AnsweredLine(
                number=line.external_id, article=article, fate=fate, ordered=line.quantity, confirmed=pieces,
                price=line.unit_net, reason=told.get(line.external_id, ""),
            )
        )  # fmt: skip
    fates = {line.fate for line in lines}
    whole = OrderFate.CHANGED
    if fates == {LineFate.ACCEPTED}:
        whole = OrderFate.ACCEPTED
    elif fates <= {LineFate.REJECTED}:
        whole = OrderFate.REJECTED
    named = head.model_copy(update={"order_number": order.number, "currency": order.currency})
    return OrderAnswer(head=named, fate=whole, lines=tuple(lines))


def answer_segments(answer: OrderAnswer, release: Release = D96A) -> Iterator[Segment]:
    """Yield the segments between UNH and UNT."""
    begin, *more = head_segments("231", answer.head, release, ((_ON, answer.deliver_on),))
    yield segment("BGM", begin.part(0), begin.part(1), answer.fate)
    yield from more
    for place, line in enumerate(answer.lines, 1):
        yield from article_segments(place, line.article, release, line.fate)
        for qualifier, quantity in ((_ORDERED, line.ordered), (_CONFIRMED, line.confirmed)):
            if quantity is not None:
                yield quantity_segment(qualifier, quantity, release)
        if line.reason:
            yield segment("FTX", "AAI", "", "", line.reason[: release.text])
        if line.price is not None:
            yield segment("PRI", (_PRICE, number_element(line.price, release.price)))
        yield segment("RFF", ("LI", line.number[: release.reference]))
    yield segment("UNS", "S")
    yield segment("CNT", ("2", str(len(answer.lines))))


def read_answer(segments: Sequence[Segment]) -> tuple[OrderAnswer, tuple[Defect, ...]]:
    """Return the answer that an ORDRSP says, and its defects."""
    findings = Findings("an answer to an order")
    found, parts = read_head(segments, findings)
    said = next((one.part(2) for one in parts.header if one.tag == "BGM"), "")
    lines = tuple(_line(line, findings) for line in parts.lines)
    fates = {line.fate for line in lines}
    whole = OrderFate(said) if said in set(OrderFate) else _whole(fates)
    answer = OrderAnswer(head=found.head, fate=whole, deliver_on=found.days.get(_ON), lines=lines)
    return answer, tuple(findings.defects)


def _whole(fates: set[LineFate]) -> OrderFate:
    if fates == {LineFate.ACCEPTED}:
        return OrderFate.ACCEPTED
    return OrderFate.REJECTED if fates == {LineFate.REJECTED} else OrderFate.CHANGED


def _line(segments: Sequence[Segment], findings: Findings) -> AnsweredLine:
    action = segments[0].part(1)
    pieces = quantities(segments, findings)
    fate = LineFate(action) if action in set(LineFate) else LineFate.CHANGED
    number = next((one.part(0, 1) for one in segments if one.tag == "RFF" and one.part(0) == "LI"), "")
    reason = next((one.part(3) for one in segments if one.tag == "FTX"), "")
    return AnsweredLine(
        number=number or segments[0].part(0),
        article=read_article(segments),
        fate=fate,
        ordered=first_of(pieces, _ORDERED),
        confirmed=first_of(pieces, _CONFIRMED, "12"),
        price=first_of(prices(segments, findings), _PRICE),
        reason=reason,
    )
