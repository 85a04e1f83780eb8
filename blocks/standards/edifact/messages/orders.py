"""ORDERS as the orders that order intake judges, and written from them (EANCOM D.96A and D.01B)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from blocks.documents import pricing
from blocks.documents.orders import Order, OrderLine, OrderStatus, PaymentStatus, PriceDisplay
from blocks.documents.parties import Address, Customer
from blocks.documents.pricing import ListPrice, Pair
from blocks.errors import Defect, Unreadable
from blocks.standards.edifact.envelope import NoInterchangeError, read_interchanges
from blocks.standards.edifact.interchange import Message
from blocks.standards.edifact.messages.figures import day_element, number_element
from blocks.standards.edifact.messages.invoic_parties_read import PartyGroup, of_role, read_party
from blocks.standards.edifact.messages.invoic_parts_read import rate_of, texts
from blocks.standards.edifact.messages.reading import Findings, groups, sections
from blocks.standards.edifact.messages.releases import D96A, Release
from blocks.standards.edifact.messages.texts import cut, joined
from blocks.standards.edifact.syntax import Segment, segment

_TRIGGERS = frozenset(["RFF", "NAD", "TAX", "CUX", "PAT", "TDT", "TOD", "PAC", "ALC", "SCC", "APR"])
_ORDERED, _CANCELLATION = "21", "1"
_REMEDY = "Ask the partner for a corrected order."


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an ORDERS leaves unsaid.

    Attributes:
        channel: Whose order it is.
        tax_rate: The rate of lines that name none.
        currency: The currency of an order that names none.
        time_zone: Where an order's day is a day.
        articles: GTIN → our own number, as far as they are known.
        hold_prices: Whether a person has to agree to the partner's prices before the order is booked.
    """

    channel: str
    tax_rate: Decimal
    currency: str
    time_zone: str
    articles: Mapping[str, str] = field(default_factory=dict)
    hold_prices: bool = False


def read_order(octets: bytes, terms: OrderTerms) -> Order:
    """Return the order of an interchange that holds one ORDERS.

    Raises:
        Unreadable: It holds none, or the order lacks what it needs; ``reasons`` names every place.
    """
    try:
        messages = [message for interchange in read_interchanges(octets) for message in interchange.messages]
    except NoInterchangeError as error:
        raise Unreadable(str(error)) from None
    if len(messages) != 1 or messages[0].type != "ORDERS":
        raise Unreadable("The record holds no ORDERS message.")
    return order_of(messages[0], terms)


def order_of(message: Message, terms: OrderTerms) -> Order:
    """Return the order that an ORDERS message says.

    Raises:
        Unreadable: It lacks what it needs, or says what cannot be; ``reasons`` names every place.
    """
    reader = _Reader(message, terms)
    try:
        order = reader.order()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        defects = (*reader.serious, Defect(place, f"{first['msg']}.", _REMEDY))
        raise Unreadable("The ORDERS makes no order.", reasons=defects) from None
    if order is None or reader.serious:
        raise Unreadable("The ORDERS makes no order.", reasons=tuple(reader.serious))
    return order


@dataclass(slots=True)
class _Found:
    """A line while its segments are read."""

    number: str
    gtin: str
    rate: Decimal
    agreed: bool
    sku: str = ""
    name: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None

    @property
    def article(self) -> str:
        """Return our own number, else the GTIN."""
        return self.sku or self.gtin

    def line(self) -> OrderLine | None:
        """Return the line at its net price; None while it lacks something."""
        if not self.article or self.quantity is None or self.quantity <= 0 or self.price is None:
            return None
        unit: Pair = pricing.seen(ListPrice(self.price, includes_tax=False, rate=self.rate), PriceDisplay.NET)
        total = pricing.times(unit, self.quantity, self.rate, PriceDisplay.NET)
        return OrderLine(
            external_id=self.number, sku=self.article, name=self.name, quantity=self.quantity, unit_net=unit.net,
            unit_gross=unit.gross, net=total.net, gross=total.gross, tax_rate=self.rate,
            agreed_price=self.agreed,
        )  # fmt: skip


class _Reader:
    def __init__(self, message: Message, terms: OrderTerms) -> None:
        self.terms, self.message = terms, message
        self.findings = Findings("an order")
        self.serious: list[Defect] = []
        self.days: dict[str, date | None] = {}
        self.number = self.purpose = self.comment = ""
        self.currency = terms.currency
        self.rate = terms.tax_rate
        self.parties: list[PartyGroup] = []

    def order(self) -> Order | None:
        parts = sections(self.message.segments)
        leading, *others = groups(parts.header, _TRIGGERS, lambda tag, group: group == "NAD" and tag == "RFF")
        self._take_leading(leading)
        for group in others:
            self._take_group(group)
        lines = tuple(line for segments in parts.lines if (line := self._line(segments)) is not None)
        if not self.number:
            self._lack("BGM", "It has no number (1004 of BGM).")
        if not parts.lines:
            self._lack("LIN", "It has no lines.")
        buyer = of_role(self.parties, "BY", "IV")
        if buyer is None:
            self._lack("NAD", "It names no buyer (NAD+BY).")
            return None
        return self._built(buyer, lines) if self.number and lines else None

    def _lack(self, place: str, text: str) -> None:
        self.serious.append(Defect(place, text, _REMEDY))

    def _take_leading(self, leading: Sequence[Segment]) -> None:
        for one in leading:
            if one.tag == "BGM":
                self.number, self.purpose = one.part(1), one.part(2)
            elif one.tag == "DTM":
                self.days[one.part(0)] = self.findings.day(one)
        self.comment = "\n".join(text.text for text in texts(one for one in leading if one.tag == "FTX") if text.text)

    def _take_group(self, group: Sequence[Segment]) -> None:
        head = group[0]
        if head.tag == "NAD":
            self.parties.append(read_party(group, self.findings, frozenset()))
        elif head.tag == "CUX" and head.part(0, 1):
            self.currency = head.part(0, 1)
        elif head.tag == "TAX":
            rate = rate_of(head, self.findings)
            self.rate = self.rate if rate is None else rate

    def _line(self, segments: Sequence[Segment]) -> OrderLine | None:
        gtin = segments[0].part(2)
        found = _Found(
            segments[0].part(0), gtin=self.terms.articles.get(gtin, gtin), rate=self.rate, agreed=self.terms.hold_prices
        )
        for one in segments[1:]:
            self._take_one(one, found)
        place = f"line {found.number}"
        if not found.article:
            self._lack(place, "It names no article: neither GTIN (LIN) nor supplier's number (PIA+...:SA).")
        if found.quantity is None or found.quantity <= 0:
            self._lack(place, "It has no ordered quantity above zero (QTY+21).")
        if found.price is None:
            self._lack(place, "It has no net price (PRI+AAA).")
        return found.line()

    def _take_one(self, one: Segment, found: "_Found") -> None:
        if one.tag == "PIA":
            found.sku = found.sku or next((each[0] for each in one.elements[1:] if each[1:2] == ("SA",)), "")
        elif one.tag == "IMD" and len(one.elements) > 2:  # noqa: PLR2004 - C273 is the third element
            found.name = joined((found.name, *one.elements[2][3:5]))
        elif one.tag == "QTY" and one.part(0) == _ORDERED:
            found.quantity = self.findings.number(one, 0)
        elif one.tag == "PRI" and one.part(0) in {"AAA", "CAL", "AAE"}:
            found.price = self._price(one)
        elif one.tag == "TAX":
            rate = rate_of(one, self.findings)
            found.rate = found.rate if rate is None else rate

    def _price(self, one: Segment) -> Decimal | None:
        value = self.findings.number(one, 0)
        basis = self.findings.number(one, 0, 4) if one.part(0, 4) else Decimal(1)
        return value / basis if value is not None and basis else None

    def _built(self, buyer: PartyGroup, lines: tuple[OrderLine, ...]) -> Order:
        placed = datetime.combine(self.days.get("137") or date(1970, 1, 1), time(), ZoneInfo(self.terms.time_zone))
        if not self.days.get("137"):
            self._lack("DTM", "It has no date (DTM+137).")
        billing = _address(of_role(self.parties, "IV", "BY") or buyer)
        goods_to = of_role(self.parties, "DP", "UC")
        cancelled = self.purpose == _CANCELLATION
        identity = buyer.party.identifiers[0].value if buyer.party.identifiers else buyer.party.name
        return Order(
            channel=self.terms.channel,
            external_id=self.number,
            number=self.number,
            placed_at=placed.astimezone(UTC),
            changed_at=placed.astimezone(UTC),
            status=OrderStatus.CANCELLED if cancelled else OrderStatus.NEW,
            payment_status=PaymentStatus.PENDING,
            currency=self.currency,
            display_currency=self.currency,
            price_display=PriceDisplay.NET,
            customer=Customer(external_id=identity, company=buyer.party.name, vat_id=buyer.party.vat_id),
            billing_address=billing,
            shipping_address=_address(goods_to) if goods_to else billing,
            payment_method="invoice",
            shipping_method="delivery",
            lines=lines,
            totals=pricing.totals(lines, (), PriceDisplay.NET),
            purchase_order_number=self.number,
            comment=self.comment,
        )


def _address(group: PartyGroup) -> Address:
    """A partner's address; one named by GLN alone keeps it as its company, for people to see."""
    party, place = group.party, group.party.address
    named = party.name or next((f"GLN {each.value}" for each in party.identifiers), "")
    contact = party.contact
    country = place.country if place and len(place.country) == 2 and place.country.isalpha() else ""  # noqa: PLR2004
    return Address(
        company=named,
        street=place.line_1 if place else "",
        street_extra=joined((place.line_2, place.line_3)) if place else "",
        postal_code=place.postcode if place else "",
        city=place.city if place else "",
        state=place.region if place else "",
        country=country.upper() or None,
        email=contact.email if contact else "",
        phone=contact.phone if contact else "",
    )


def order_segments(
    order: Order, buyer: str, supplier: str, delivery: str = "", release: Release = D96A
) -> Iterator[Segment]:
    """Yield the segments of the ORDERS that orders the same: BGM to CNT, net prices.

    Args:
        order: The order.
        buyer: GLN of who orders.
        supplier: GLN of who is to deliver.
        delivery: GLN of where it goes.
        release: What fits where.
    """
    yield segment("BGM", "220", order.number[: release.number], "9")
    yield segment("DTM", day_element("137", order.placed_at.date()) or "")
    for role, gln in (("BY", buyer), ("SU", supplier), ("DP", delivery)):
        if gln:
            yield segment("NAD", role, (gln, "", "9"))
    yield segment("CUX", ("2", order.currency, "9"))
    for position, line in enumerate(order.lines, 1):
        gtin = line.sku if line.sku.isdigit() and len(line.sku) in {8, 12, 13, 14} else ""
        yield segment("LIN", str(position), "", (gtin, release.gtin) if gtin else "")
        if not gtin:
            yield segment("PIA", "1", (line.sku, "SA", "", "91"))
        if line.name:
            yield segment("IMD", "F", "", ("", "", "", *cut(line.name, release.item_text, 2)))
        yield segment("QTY", (_ORDERED, number_element(line.quantity, release.quantity)))
        yield segment("PRI", ("AAA", number_element(line.unit_net, release.price)))
        yield segment("TAX", "7", "VAT", "", "", ("", "", "", f"{line.tax_rate:f}"), "S" if line.tax_rate else "Z")
    yield segment("UNS", "S")
    yield segment("CNT", ("2", str(len(order.lines))))
