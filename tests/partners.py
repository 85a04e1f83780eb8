"""An EDI partner with a folder of its own, and what it sends."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database import rulebooks
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.database.inbox import Stored
from blocks.documents.edi_partners import KIND as PARTNERS
from blocks.documents.edi_partners import NAME
from blocks.standards.edifact.findings import Finding
from blocks.standards.edifact.messages.envelopes import Envelope, Outgoing, write_interchange
from blocks.standards.edifact.messages.releases import D96A
from blocks.standards.edifact.syntax import segment
from blocks.systems.folders.collecting import Collector
from blocks.systems.partners.edi_folder import EdiFolder
from tasks.edi_exchange import answering, booking, delivering
from tasks.edi_exchange.booking import KIND, Booked

ACTOR = Actor(process="edi_exchange", run_id="run-edi")
SOURCE = "edi-folder/acme"
ACME, OURS, STRANGER = "4012345000009", "4098765000003", "4011111000007"
GTIN = "4012345000016"
RULES = f"""
partners:
  acme:
    identities: [{{id: "{ACME}"}}]
    own: {{id: "{OURS}"}}
    connection: {SOURCE}
    wants_acknowledgement: true
    invoices_to: invoice-folder/suppliers
"""
_AT = datetime(2025, 11, 21, 12, tzinfo=UTC)


def orders(number: str, *, article: str = GTIN, pieces: Decimal | int = 2, price: str = "10.00") -> Outgoing:
    """Return an ORDERS of one line."""
    named = (segment("LIN", "1", "", (article, "EN")),)
    if not article.isdigit():
        named = (segment("LIN", "1"), segment("PIA", "1", (article, "SA")))
    parts = (
        segment("BGM", "220", number, "9"),
        segment("DTM", ("137", "20251121", "102")),
        segment("NAD", "BY", (ACME, "", "9"), "", "Acme Handels GmbH", "Am Markt 1", "Köln", "", "50667", "DE"),
        segment("NAD", "SU", (OURS, "", "9")),
        segment("CUX", ("2", "EUR", "9")),
        *named,
        segment("QTY", ("21", str(pieces))),
        segment("PRI", ("AAA", price)),
        segment("UNS", "S"),
        segment("CNT", ("2", "1")),
    )
    return Outgoing("ORDERS", parts, D96A)


def interchange(reference: str, *messages: Outgoing, sender: str = ACME, **more: Any) -> bytes:
    """Return an interchange of the partner's that asks for a CONTRL."""
    envelope = Envelope((sender, "14"), (OURS, "14"), reference, _AT, acknowledge=True)
    return write_interchange(replace(envelope, **more), messages)


@dataclass
class Acme:
    """The partner's side of the exchange, and ours without the engine around it."""

    root: Path
    database: Database
    known: bool = True
    folder: EdiFolder = field(init=False)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the folder, and agree on what is usual."""
        (self.root / "incoming").mkdir(parents=True, exist_ok=True)
        self.folder = EdiFolder(url=self.root.as_uri(), quiet_seconds=0, tax_rate=Decimal(19), assortment="berlin")
        if self.known:
            self.agree()

    def agree(self, rules: str = RULES) -> None:
        """Put the partners in force."""
        with self.database.audited(ACTOR) as (connection, trail):
            rulebooks.activate(connection, trail, kind=PARTNERS, name=NAME, content=rules, by="ada", reason="agreed")

    def put(self, name: str, octets: bytes) -> None:
        """Put a file into the folder."""
        (self.root / "incoming" / name).write_bytes(octets)

    def collect(self) -> Stored:
        """Take files in."""
        return Collector(self.folder, self.database, ACTOR, source=SOURCE, kind=KIND).collect(lambda _: None)

    def book(self) -> Booked:
        """Judge and book what came."""
        with self.database.audited(ACTOR) as (connection, trail):
            booked, found = booking.book(connection, trail, source=SOURCE, assortment="berlin", limit=100)
        self.findings += found
        return booked

    def answer(self) -> int:
        """Answer the orders that were decided; returns how many."""
        with self.database.audited(ACTOR) as (connection, trail):
            answered, failed = answering.answer_orders(
                connection, trail, source=SOURCE, folder=self.folder, today=_AT.date()
            )
        assert failed == ()
        return answered

    def send(self) -> Delivered:
        """Put what is due into the folder."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivering, "load_system", lambda _name: self.folder)
            return deliver_all(delivering.DELIVERY, self.database, ACTOR, lease=2, patience=0, log=lambda _: None)

    def exchange(self) -> Booked:
        """Do what one run does."""
        self.collect()
        booked = self.book()
        self.send()
        return booked

    def results(self) -> dict[str, bytes]:
        """Return what was sent: octets by file name."""
        place = self.root / "results"
        return {path.name: path.read_bytes() for path in sorted(place.glob("*"))} if place.is_dir() else {}

    def said(self, code: str) -> Sequence[str]:
        """Return the sentences of the findings of one code."""
        return [finding.text for finding in self.findings if finding.code == code]
