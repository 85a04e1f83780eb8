"""Invoices of the sandbox's suppliers, as they write them: XRechnung, and a PDF page with the invoice inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from blocks.documents.invoices import (
    Contact,
    CreditTransfer,
    Delivery,
    Identifier,
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
from deployments.sandbox.erp import SUPPLIERS

XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
RATE, _CENT = Decimal(19), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Billed:
    """One line of an invoice: our article number, its name, pieces, price."""

    sku: str
    name: str
    quantity: int
    price: Decimal


def bill(supplier: str, number: str, order: str, lines: Sequence[Billed], *, today: date, iban: str = "") -> Invoice:
    """Return an invoice of a supplier of the sandbox, right in form and law."""
    about = SUPPLIERS[supplier]
    net = sum((line.quantity * line.price for line in lines), Decimal(0)).quantize(_CENT)
    vat = (net * RATE / 100).quantize(_CENT, ROUND_HALF_UP)
    address = PostalAddress(
        line_1=f"{about['street_name']} {about['building_number']}", postcode=about["postal_code"], city=about["city"],
        country=about["country"],
    )  # fmt: skip
    contact = Contact(name="Buchhaltung", phone="+49 40 1234567", email=about["mail"])
    return Invoice(
        number=number,
        issue_date=today,
        due_date=today + timedelta(days=30),
        type_code="380",
        currency="EUR",
        specification=XRECHNUNG,
        process=PROCESS,
        buyer_reference=order,
        sales_order_reference=order,
        purchase_order_reference=order,
        payment_terms="30 Tage netto",
        seller=Party(
            name=about["name"], vat_id=about["vat_id"], address=address, contact=contact,
            electronic_address=Identifier(value=about["mail"], scheme="EM"),
        ),
        buyer=Party(
            name="Lampenhaus Berlin GmbH",
            address=PostalAddress(line_1="Kastanienallee 1", postcode="10435", city="Berlin", country="DE"),
            electronic_address=Identifier(value="rechnung@lampenhaus.example", scheme="EM"),
        ),
        delivery=Delivery(delivered_on=today - timedelta(days=3)),
        payment=Payment(means_code="58", transfers=(CreditTransfer(account=iban or about["iban"]),)),
        totals=Totals(line_net=net, net=net, vat=vat, gross=net + vat, payable=net + vat),
        vat_breakdown=(VatBreakdown(category="S", rate=RATE, basis=net, amount=vat),),
        lines=tuple(_line(place, line) for place, line in enumerate(lines, 1)),
    )  # fmt: skip


def _line(place: int, line: Billed) -> InvoiceLine:
    return InvoiceLine(
        id=str(place), quantity=Decimal(line.quantity), unit="H87", net=(line.quantity * line.price).quantize(_CENT),
        price=Price(net=line.price), vat_category="S", vat_rate=RATE, item=Item(name=line.name, buyer_id=line.sku),
    )  # fmt: skip


def xrechnung(invoice: Invoice) -> bytes:
    """Return an invoice as XRechnung (UBL)."""
    from blocks.standards.en16931.ubl_writing import write  # noqa: PLC0415 - lxml, only where invoices are written

    return write(invoice)[0]


def hybrid(invoice: Invoice) -> bytes:
    """Return an invoice as a PDF page that says the same as the invoice inside."""
    from blocks.standards.en16931.hybrid_writing import embed  # noqa: PLC0415 - as above

    totals, seller = invoice.totals, invoice.seller
    lines = [
        seller.name, f"USt-IdNr. {seller.vat_id}", "", f"Rechnung {invoice.number} vom {invoice.issue_date:%d.%m.%Y}",
        f"Bestellung {invoice.purchase_order_reference}", "",
        *(f"{line.quantity:f} x {line.item.name} {line.price.net:f} = {line.net:f} EUR" for line in invoice.lines
          if line.quantity is not None and line.price.net is not None and line.net is not None),
        "", f"Netto {totals.net} EUR", f"19 % USt. {totals.vat} EUR", f"Gesamtbetrag {totals.gross} EUR",
    ]  # fmt: skip
    return embed(_page(lines), invoice)


def _page(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page with these lines."""
    said = [f"1 0 0 1 60 {780 - 18 * place} Tm <{text.encode('cp1252').hex()}> Tj" for place, text in enumerate(lines)]
    content = ("BT /F1 11 Tf " + " ".join(said) + " ET").encode()
    bodies = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    )
    file, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    head, tail = b"xref\n0 %d\n0000000000 65535 f \n" % size, b"trailer\n<< /Size %d /Root 1 0 R >>\n" % size
    return file + head + table + tail + b"startxref\n%d\n%%%%EOF\n" % len(file)
