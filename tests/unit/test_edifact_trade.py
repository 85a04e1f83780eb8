"""ORDERS, ORDRSP, DESADV, INVRPT, PRICAT, SLSRPT, APERAK: written, read back, and read as partners write them."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.orders import Order
from blocks.errors import Unreadable
from blocks.standards.edifact.envelope import read_interchanges
from blocks.standards.edifact.interchange import Message
from blocks.standards.edifact.messages.aperak import aperak, read_aperak
from blocks.standards.edifact.messages.contrl import read_contrl
from blocks.standards.edifact.messages.envelopes import Envelope, Outgoing, write_interchange
from blocks.standards.edifact.messages.invoic import read_invoic
from blocks.standards.edifact.messages.orders import OrderTerms, order_of, order_segments
from blocks.standards.edifact.messages.ordrsp import LineFate, OrderFate, answer_segments, answer_to, read_answer
from blocks.standards.edifact.messages.releases import RELEASES, Release
from blocks.standards.edifact.messages.reports import FORMS, Report, ReportedLine, read_report, report_segments
from blocks.standards.edifact.messages.trade_parts import Article, TradeHead

BUYER, SUPPLIER = "4012345000009", "4098765000003"
TERMS = OrderTerms("acme", Decimal(19), "EUR", "Europe/Berlin")
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "edifact"

_words = st.text("abcdefgh ÄÖ+:'?-", min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool)
_numbers = st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True)
_pieces = st.decimals(0, 10**6, places=3)
_articles = st.builds(
    Article,
    gtin=st.sampled_from(["4012345000016", "40123455", ""]),
    sku=_numbers,
    buyers_sku=_numbers | st.just(""),
    name=_words,
)
_days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
_heads = st.builds(
    TradeHead,
    number=_numbers,
    issued_on=_days,
    order_number=_numbers | st.just(""),
    buyer=st.just(BUYER),
    supplier=st.just(SUPPLIER),
    currency=st.sampled_from(["EUR", ""]),
)


def sent(kind: str, segments: Any, release: Release) -> Message:
    """Return a message as it comes out of the octets that were written."""
    envelope = Envelope((BUYER, "14"), (SUPPLIER, "14"))
    (found,) = read_interchanges(write_interchange(envelope, [Outgoing(kind, tuple(segments), release)]))
    assert list(found.findings) == []
    return found.messages[0]


@pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
@pytest.mark.parametrize("kind", FORMS)
@settings(max_examples=15, deadline=None)
@given(head=_heads, day=st.none() | _days, articles=st.lists(_articles, min_size=1, max_size=3), pieces=_pieces)
def test_a_report_comes_back_as_it_was(  # noqa: PLR0917 - what is drawn
    kind: str, release: Release, head: TradeHead, day: date | None, articles: list[Article], pieces: Decimal
) -> None:
    form = FORMS[kind]
    lines = tuple(
        ReportedLine(
            article=article,
            quantity=pieces if form.quantity else None,
            price=pieces if form.price else None,
            amount=pieces if form.amount else None,
        )
        for article in articles
    )
    report = Report(kind=kind, head=head, day=day, place=BUYER if form.place else "", lines=lines)
    assert read_report(kind, sent(kind, report_segments(report, release), release).segments) == (report, ())


def an_order(*, pieces: tuple[int, ...] = (2, 1)) -> Order:
    """Return an order as it comes from a partner."""
    lines = "".join(
        f"LIN+{place}++401234500001{place}:EN'IMD+F++:::Lampe {place}'QTY+21:{count}'PRI+AAA:10.50'"
        for place, count in enumerate(pieces, 1)
    )
    octets = (
        f"UNB+UNOC:3+{BUYER}:14+{SUPPLIER}:14+251121:1200+1'UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+PO1+9'"
        f"DTM+137:20251121:102'NAD+BY+{BUYER}::9++Acme'NAD+SU+{SUPPLIER}::9'CUX+2:EUR:9'{lines}"
        f"UNS+S'CNT+2:{len(pieces)}'UNT+{9 + 4 * len(pieces)}+1'UNZ+1+1'"
    )
    ((message,),) = [found.messages for found in read_interchanges(octets.encode())]
    return order_of(message, TERMS)


def test_an_order_is_read_with_totals_that_close_and_written_back_the_same() -> None:
    order = an_order()
    assert (order.number, order.customer.company, order.totals.total) == ("PO1", "Acme", Decimal("37.49"))
    assert [(line.sku, line.quantity, line.unit_net) for line in order.lines] == [
        ("4012345000011", Decimal(2), Decimal("10.50")),
        ("4012345000012", Decimal(1), Decimal("10.50")),
    ]
    again = order_of(sent("ORDERS", order_segments(order, BUYER, SUPPLIER), RELEASES["96A"]), TERMS)
    assert (again.lines, again.totals, again.number) == (order.lines, order.totals, order.number)


@pytest.mark.parametrize(
    ("spoilt", "place"),
    [("QTY+21:2'", "line 1"), ("PRI+AAA:10.50'", "line 1"), ("NAD+BY+4012345000009::9++Acme'", "NAD")],
)
def test_an_order_that_lacks_something_says_where(spoilt: str, place: str) -> None:
    octets = write_interchange(
        Envelope((BUYER, "14"), (SUPPLIER, "14")),
        [Outgoing("ORDERS", tuple(order_segments(an_order(), BUYER, SUPPLIER)), RELEASES["96A"])],
    ).decode("latin-1")
    octets = octets.replace(f"NAD+BY+{BUYER}::9'", f"NAD+BY+{BUYER}::9++Acme'")
    assert spoilt in octets
    ((message,),) = [found.messages for found in read_interchanges(octets.replace(spoilt, "").encode("latin-1"))]
    with pytest.raises(Unreadable) as caught:
        order_of(message, TERMS)
    assert place in {defect.place for defect in caught.value.reasons}


@pytest.mark.parametrize(
    ("confirmed", "whole", "fates"),
    [
        ((2, 1), OrderFate.ACCEPTED, (LineFate.ACCEPTED, LineFate.ACCEPTED)),
        ((1, 1), OrderFate.CHANGED, (LineFate.CHANGED, LineFate.ACCEPTED)),
        ((0, 0), OrderFate.REJECTED, (LineFate.REJECTED, LineFate.REJECTED)),
    ],
)
def test_the_answer_to_an_order_tells_of_each_line(
    confirmed: tuple[int, int], whole: OrderFate, fates: tuple[LineFate, LineFate]
) -> None:
    order = an_order()
    head = TradeHead(number="A1", issued_on=date(2025, 11, 22), buyer=BUYER, supplier=SUPPLIER)
    pieces = {str(place): Decimal(count) for place, count in enumerate(confirmed, 1)}
    answer = answer_to(order, head, pieces, {"1": "Only one is left."})
    assert (answer.fate, tuple(line.fate for line in answer.lines)) == (whole, fates)
    assert read_answer(sent("ORDRSP", answer_segments(answer), RELEASES["96A"]).segments) == (answer, ())


def test_an_aperak_comes_back_with_its_reasons() -> None:
    at = datetime(2025, 11, 22, 12, tzinfo=UTC)
    wrong = aperak("A1", at, "PO1", ["The article is unknown: send another."], accepted=False)
    said = read_aperak(sent("APERAK", wrong.segments, RELEASES["96A"]))
    assert said is not None
    assert (said.reference, said.accepted, said.reasons) == ("PO1", False, ("The article is unknown: send another.",))
    right = read_aperak(sent("APERAK", aperak("A2", at, "PO2", [], accepted=True).segments, RELEASES["96A"]))
    assert right is not None
    assert (right.reference, right.accepted) == ("PO2", True)


def _items() -> list[dict[str, Any]]:
    if not CORPUS.is_dir():
        return []
    items = json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8"))["items"]
    return [item for item in items if item["kind"] == "synthetic-valid"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="The corpus of EDIFACT messages is not here.")
def test_what_partners_write_is_read_line_by_line() -> None:
    wrong = []
    for item in _items():
        ((message,),) = [found.messages for found in read_interchanges((CORPUS / item["file"]).read_bytes())]
        truth = item["truth"]
        said = _said(message)
        told = [
            (
                line["gtin"],
                _figure(line.get("qty")),
                _figure(line.get("price")),
                _figure(line.get("net") or line.get("amount")),
            )
            for line in truth["lines"]
        ]
        if said != (truth["number"], truth["date"], told):
            wrong.append((item["file"], said, told))
    assert wrong == []


def _net(line: dict[str, str]) -> Decimal | None:
    return _figure(line.get("net", line.get("amount")))


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _said(message: Message) -> tuple[str, str, list[Any]]:
    if message.type == "INVOIC":
        invoice, _ = read_invoic(message)
        lines = [
            (line.item.standard_id.value if line.item.standard_id else "", line.quantity, line.price.net, line.net)
            for line in invoice.lines
        ]
        return invoice.number, str(invoice.issue_date), lines
    if message.type == "ORDERS":
        order = order_of(message, TERMS)
        return order.number, str(_day(order)), [(line.sku, line.quantity, line.unit_net, None) for line in order.lines]
    if message.type == "ORDRSP":
        answer, _ = read_answer(message.segments)
        return (
            answer.head.number,
            str(answer.head.issued_on),
            [(line.article.gtin, line.confirmed, line.price, None) for line in answer.lines],
        )
    report, _ = read_report(message.type, message.segments)
    return (
        report.head.number,
        str(report.head.issued_on),
        [(line.article.gtin, line.quantity, line.price, line.amount) for line in report.lines],
    )


def _day(order: Order) -> date:
    return order.placed_at.astimezone(ZoneInfo("Europe/Berlin")).date()


@settings(max_examples=60, deadline=None)
@given(octets=st.binary(max_size=300), place=st.integers(0, 600))
def test_no_message_however_spoilt_breaks_a_reader(octets: bytes, place: int) -> None:
    whole = write_interchange(
        Envelope((BUYER, "14"), (SUPPLIER, "14")),
        [Outgoing("ORDERS", tuple(order_segments(an_order(), BUYER, SUPPLIER)), RELEASES["96A"])],
    )
    for found in read_interchanges(whole[:place] + octets + whole[place + len(octets) :] + whole):
        for message in found.messages:
            read_invoic(message)
            read_answer(message.segments)
            read_contrl(message)
            read_aperak(message)
            for kind in FORMS:
                read_report(kind, message.segments)
            with suppress(Unreadable):
                order_of(message, TERMS)
