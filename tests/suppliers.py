"""Suppliers who put invoices into a folder: files of every kind, and what SOMS makes of them."""

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database import inbox
from blocks.database.audit import Actor
from blocks.database.conversions import Goal
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.documents.invoices import (
    CreditTransfer,
    Invoice,
    InvoiceLine,
    Item,
    Party,
    Payment,
    PostalAddress,
    Price,
    Totals,
    VatBreakdown,
)
from blocks.systems.invoices.invoice_folder import InvoiceFolder
from blocks.worker_pool import Limits
from tasks.edi_conversion import chunks, delivering
from tasks.edi_conversion.booking import Converted
from tasks.edi_conversion.chunk_reading import read_each, read_one
from tests import desk
from tests.pdfs import PaperPage, pdf

SOURCE = "invoice-folder/suppliers"
ACTOR = Actor(process="edi_conversion", run_id="run-1")
INTO_RESULTS = Goal(SOURCE, "ubl")


def an_invoice(number: str = "RE-1001", *, net: str = "100.00", **changes: Any) -> Invoice:
    """Return an invoice of one line at 19 % whose arithmetic closes."""
    amount = Decimal(net)
    vat = (amount * Decimal("0.19")).quantize(Decimal("0.01"))
    gross = amount + vat
    line = InvoiceLine(
        id="1", quantity=Decimal(1), unit="H87", net=amount, price=Price(net=amount), vat_category="S",
        vat_rate=Decimal("19.00"), item=Item(name="Lamp"),
    )  # fmt: skip
    invoice = Invoice(
        number=number, issue_date=date(2026, 11, 2), type_code="380", currency="EUR", due_date=date(2026, 11, 30),
        specification="urn:cen.eu:en16931:2017", payment_terms="30 days",
        seller=Party(name="Leuchtenwerk GmbH", vat_id="DE136695976", address=PostalAddress(city="Köln", country="DE")),
        buyer=Party(name="Lampenhaus", address=PostalAddress(city="Berlin", country="DE")),
        payment=Payment(means_code="58", transfers=(CreditTransfer(account="DE89370400440532013000"),)),
        totals=Totals(line_net=amount, net=amount, vat=vat, gross=gross, payable=gross),
        vat_breakdown=(VatBreakdown(category="S", rate=Decimal("19.00"), basis=amount, amount=vat),),
        lines=(line,),
    )  # fmt: skip
    return invoice.model_copy(update=changes)


def as_ubl(invoice: Invoice) -> bytes:
    """Return it as UBL."""
    from blocks.standards.en16931.ubl_writing import write  # noqa: PLC0415 - lxml, only where needed

    return write(invoice)[0]


def printed(number: str = "RE-77", day: str = "03/04/2026", *, gross: str = "119.00") -> bytes:
    """Return an invoice as a supplier prints it; its day can be read two ways where both parts are months."""
    page = PaperPage()
    page.text(50, 800, "Leuchtenwerk GmbH", size=14).text(50, 784, "Domstrasse 1, 50668 Koeln, Germany")
    page.text(50, 768, "VAT ID: DE136695976")
    page.text(50, 730, "Lampenhaus GmbH").text(50, 716, "Kastanienallee 1").text(50, 702, "10435 Berlin")
    page.text(50, 660, "INVOICE")
    page.row(640, (50, "Invoice number:"), (180, number)).row(624, (50, "Invoice date:"), (180, day))
    page.row(590, (50, "Pos"), (90, "Description"), (300, "Quantity"), (380, "Unit price"), (480, "Amount"))
    page.row(574, (50, "1"), (90, "Lamp Bologna"), (300, "2"), (380, "50.00"), (480, "100.00"))
    page.row(540, (380, "Net total"), (480, "100.00")).row(524, (380, "VAT 19%"), (480, "19.00"))
    page.row(508, (380, "Total EUR"), (480, gross)).row(460, (50, "IBAN:"), (120, "DE89370400440532013000"))
    return pdf([page])


def a_page(*lines: str) -> bytes:
    """Return a PDF of one page with these lines."""
    page = PaperPage()
    for place, line in enumerate(lines):
        page.text(50, 780 - 16 * place, line)
    return pdf([page])


def a_picture() -> bytes:
    """Return a PDF whose only page has a drawing and no text."""
    return pdf([PaperPage().draw("0.5 g 50 50 400 600 re f")])


class Suppliers:
    """A folder on disk with its connection, and the database behind it."""

    def __init__(self, home: Path, database: Database) -> None:
        """Make the folders."""
        self.root, self.database = home / "invoices", database
        (self.root / "incoming").mkdir(parents=True)
        self.folder = InvoiceFolder(url=self.root.as_uri(), quiet_seconds=0)

    def send(self, **files: bytes) -> None:
        """Put files into the folder; their names have their first underscore for a dot."""
        for name, body in files.items():
            (self.root / "incoming" / name.replace("_", ".", 1)).write_bytes(body)

    def collect(self) -> inbox.Stored:
        """Keep what waits in the inbox."""
        return self.folder.collect(self.database, ACTOR, source=SOURCE, log=lambda _: None)

    def convert(self, *, limits: Limits | None = None, memory: bool = True, goal: Goal = INTO_RESULTS) -> Converted:
        """Read what was kept; in this process, or within limits in one of its own."""

        def reader(files: Any, known: Any) -> Any:
            if limits is None:
                return (read_one(known, file) for file in files)
            return read_each(files, known, jobs=1, limits=limits)

        converted = Converted()
        with self.database.connect() as connection:
            found = chunks.chunks_of(connection, SOURCE)
        for chunk in found:
            converted += chunks.convert(self.database, ACTOR, chunk, goal, supplier_memory=memory, reader=reader)[0]
        return converted

    def deliver(self, target: Any = None) -> Delivered:
        """Hand over what is due, into the folder itself where no other target is given."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivering, "load_system", lambda _: target or self.folder)
            deliveries = delivering.DELIVERIES
            return deliver_all(deliveries, self.database, ACTOR, lease=1, patience=0, log=lambda _: None)

    def take_in(self, **files: bytes) -> Converted:
        """Send, collect and convert files."""
        self.send(**files)
        self.collect()
        return self.convert()

    def results(self) -> dict[str, bytes]:
        """Return what was put there, by name."""
        return {path.name: path.read_bytes() for path in sorted(self.root.glob("results/*"))}

    def conversions(self) -> list[dict[str, Any]]:
        """Return all conversions, oldest first."""
        return desk.ask(self.database, "SELECT * FROM conversion ORDER BY id")

    def outcomes(self) -> dict[str, str]:
        """Return what became of each file, by name."""
        return {row["file_name"]: row["outcome"] for row in self.conversions()}


def digest(body: bytes) -> str:
    """Return the sha256 as hex."""
    return hashlib.sha256(body).hexdigest()
