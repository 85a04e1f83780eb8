"""Books interchanges that came: verdict, what is handed on, acknowledgements in and out, all in one transaction."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from blocks.database import inbox, interchanges
from blocks.documents.edi_partners import EdiPartners
from blocks.standards.edifact.findings import Finding
from blocks.standards.edifact.interchange import Interchange, Message
from blocks.standards.edifact.messages.aperak import read_aperak
from blocks.standards.edifact.messages.contrl import Acknowledgement, contrl, read_contrl
from blocks.standards.edifact.syntax import segment, write_segments
from blocks.systems.shops.contract import Received
from tasks.edi_exchange import rules
from tasks.edi_exchange.rules import ACCEPTED, CONFLICT, REJECTED, UNKNOWN, Examined, Known, Verdict

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

KIND, ORDER, INVOICE = "interchange", "order", "invoice"
"""Kinds of inbox records: what comes, and what order intake and the conversion of invoices take on."""
_STATES = {ACCEPTED: "accepted", REJECTED: "rejected", CONFLICT: "rejected", UNKNOWN: "put_aside"}


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of interchanges: counts."""

    accepted: int = 0
    rejected: int = 0
    unknown_partner: int = 0
    conflict: int = 0
    gaps: int = 0
    orders: int = 0
    invoices: int = 0
    acknowledged: int = 0
    answered: int = 0

    def __add__(self, other: "Booked") -> "Booked":
        """Return the sums."""
        return Booked(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Booked)))

    @property
    def total(self) -> int:
        """Return how many interchanges were judged."""
        return self.accepted + self.rejected + self.unknown_partner + self.conflict


def book(
    connection: "Connection", trail: "Trail", *, source: str, assortment: str, limit: int
) -> tuple[Booked, tuple[Finding, ...]]:
    """Judge and book up to ``limit`` interchanges nobody has judged yet; returns counts and what people should see."""
    inbox.hold_source(connection, source=source, kind=KIND)
    partners = interchanges.partners_in_force(connection)
    booked, findings = Booked(), list[Finding]()
    for record in inbox.open_records(connection, source=source, kind=KIND, limit=limit):
        one = _One(connection, trail, partners, source, assortment, record)
        booked += one.book()
        findings += one.findings
    return booked, tuple(findings)


class _One:
    """One interchange on its way into the books."""

    def __init__(  # noqa: PLR0917 - the books, the rules, and the record
        self,
        connection: "Connection",
        trail: "Trail",
        partners: EdiPartners,
        source: str,
        assortment: str,
        record: dict[str, Any],
    ) -> None:
        """Take one record of the inbox."""
        self.connection, self.trail, self.partners = connection, trail, partners
        self.source, self.assortment, self.record = source, assortment, record
        self.findings: tuple[Finding, ...] = ()

    def book(self) -> Booked:
        before = interchanges.known(self.connection, self.record["id"])
        if before and before["verdict"] != UNKNOWN:
            inbox.settle(self.connection, {self.record["id"]: _STATES[before["verdict"]]})
            self.trail.add("edi.duplicate", f"edi_interchange/{before['id']}", [("inbox", self.record["id"])])
            return Booked()
        examined = rules.examine(bytes(self.record["body"]))
        verdict = rules.decide(examined, self.partners, self.source, self._known(examined))
        counts, remarks = self._hand_on(examined, verdict)
        self.findings = (*verdict.findings, *remarks)
        number = self._write(examined, verdict, before["id"] if before else None)
        answered = self._answer(examined, verdict, number)
        return counts + Booked(
            **{verdict.verdict: 1}, gaps=rules.counted(self.findings, "control-number-gap"), answered=answered
        )

    def _known(self, examined: Examined) -> Known:
        name = rules.partner_of(examined, self.partners)
        if not name:
            return Known()
        interchange = examined.interchange
        used = interchanges.same_reference(
            self.connection, name, interchange.sender, interchange.reference, self.record["id"]
        )
        return Known(interchanges.highest_number(self.connection, name), used)

    def _write(self, examined: Examined, verdict: Verdict, again: int | None) -> int:
        interchange = examined.interchange
        inbox.settle(self.connection, {self.record["id"]: _STATES[verdict.verdict]})
        received = interchanges.Received(
            partner=verdict.partner, source=self.source, sender=_storable(interchange.sender),
            receiver=_storable(interchange.receiver), reference=_storable(interchange.reference),
            number=examined.number, test=interchange.test, messages=_storable(", ".join(examined.types)),
            inbox_id=self.record["id"], content_hash=self.record["content_hash"], verdict=verdict.verdict,
            findings=self.findings, partners_version=self.partners.version,
        )  # fmt: skip
        return interchanges.book_received(self.connection, self.trail, received, again=again)

    def _answer(self, examined: Examined, verdict: Verdict, number: int) -> int:
        partner = self.partners.partners.get(verdict.partner)
        if partner is None or not rules.wants_contrl(examined, partner):
            return 0
        answer = contrl(examined.interchange, self.findings, accepted=verdict.verdict == ACCEPTED)
        interchanges.send(self.connection, self.trail, verdict.partner, partner, [answer], answers=number)
        return 1

    def _hand_on(self, examined: Examined, verdict: Verdict) -> tuple[Booked, list[Finding]]:
        """Give accepted messages to whom they belong; a test's are judged and acknowledged, but booked nowhere."""
        if verdict.verdict != ACCEPTED or examined.interchange.test:
            return Booked(), []
        remarks: list[Finding] = []
        counts = Booked()
        orders, invoices = list[Received](), list[Received]()
        for message in examined.interchange.messages:
            invoices_to = self.partners.partners[verdict.partner].invoices_to
            if message.type == "ORDERS":
                orders.append(self._order(examined.interchange, message))
            elif message.type == "INVOIC" and invoices_to:
                invoices.append(_alone(examined.interchange, message))
            elif message.type in {"CONTRL", "APERAK"}:
                acknowledged, remark = self._acknowledgement(message, verdict.partner)
                counts += Booked(acknowledged=acknowledged)
                remarks += remark
            else:
                text = f"No process takes {message.type} of {verdict.partner}: it is kept in the archive, unread."
                remarks.append(rules.remark("not-taken", text, message.reference))
        self._keep(self.source, ORDER, orders)
        self._keep(self.partners.partners[verdict.partner].invoices_to, INVOICE, invoices)
        return counts + Booked(orders=len(orders), invoices=len(invoices)), remarks

    def _keep(self, source: str, kind: str, deliveries: Sequence[Received]) -> None:
        if deliveries:
            inbox.keep(self.connection, self.trail, source=source, kind=kind, deliveries=deliveries)

    def _order(self, interchange: Interchange, message: Message) -> Received:
        """An order with what its GTINs are called here: order intake knows articles by our own numbers."""
        alone = _alone(interchange, message)
        gtins = [one.part(2) for one in message.segments if one.tag == "LIN" and one.part(2)]
        rows = self.connection.execute(
            "SELECT gtin, min(sku) AS sku FROM article WHERE channel = %s AND gtin = ANY(%s) GROUP BY gtin"
            " HAVING count(DISTINCT sku) = 1",
            (self.assortment, gtins),
        )
        content = {
            "interchange": base64.b64encode(alone.body).decode(),
            "articles": {row["gtin"]: row["sku"] for row in rows},
        }
        body = json.dumps(content, sort_keys=True).encode()
        return Received(message.segments[1].part(1) or alone.external_id, body, "application/json")

    def _acknowledgement(self, message: Message, partner: str) -> tuple[int, list[Finding]]:
        said = read_contrl(message) if message.type == "CONTRL" else read_aperak(message)
        if said is None:
            return 0, [rules.remark("acknowledges-nothing", f"This {message.type} names no interchange of ours.")]
        found = interchanges.acknowledge(
            self.connection, self.trail, partner, _storable(said.reference), accepted=said.accepted
        )
        return int(found is not None), list(_about(said, partner, found is not None))


def _about(said: Acknowledgement, partner: str, found: bool) -> Iterable[Finding]:
    if not found:
        text = f"{partner} acknowledges our interchange {_storable(said.reference)}, which was never sent."
        yield rules.remark("acknowledges-unsent", text)
    elif not said.accepted:
        reasons = " ".join(said.reasons)
        text = f"{partner} has rejected our interchange {_storable(said.reference)}. {_storable(reasons)}"
        yield rules.remark("partner-rejected", text)


def _alone(interchange: Interchange, message: Message) -> Received:
    """One message in an interchange of its own, as its reader wants it; written in Unicode."""
    header = interchange.header
    assert header is not None  # noqa: S101 - accepted interchanges have one
    unb = segment("UNB", ("UNOY", "4"), *header.elements[1:5])
    whole = (unb, *message.segments, segment("UNZ", "1", interchange.reference))
    name = f"{interchange.sender}:{interchange.reference}:{message.reference}"
    return Received(name, write_segments(whole, "UNOY"), "application/edifact")


def _storable(text: str) -> str:
    """Postgres holds no NUL, and nobody wants to read a thousand characters of a sender's name."""
    return text.replace("\0", "")[:500]
