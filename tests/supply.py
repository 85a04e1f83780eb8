"""A merchant who buys: suppliers, orders and receipts as the ERP told them, and the invoices that came for them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from blocks.database import received_invoices, supply
from blocks.database.engine import Connection, Database
from blocks.documents.invoice_limits import InvoiceLimits
from blocks.documents.invoice_text import invoice_text
from blocks.documents.invoice_verdicts import InvoiceFinding
from blocks.documents.invoices import (
    AllowanceCharge,
    CreditTransfer,
    Identifier,
    Invoice,
    InvoiceLine,
    Item,
    Party,
    Payment,
    Price,
    Totals,
)
from blocks.documents.supply import PurchaseLine, ReceiptLine, SupplierParty
from tasks.invoice_validation.holding import hold_against_supply
from tasks.invoice_validation.learning_supply import keep_suppliers
from tests import desk

ERP = "tryton-erp/main"
HANSE = SupplierParty(code="HANSE", name="Hanse GmbH", vat_ids=("DE273180941",), ibans=("DE34200505501234567890",))
ELBTAL = SupplierParty(code="ELBTAL", name="Elbtal KG", vat_ids=("DE305147268",), ibans=("DE46850503003120456781",))
OTHER_ACCOUNT = "DE02120300000000202051"
_numbers = count(1)
CENT = Decimal("0.01")


def figure(value: Any) -> Decimal:
    """Return a figure."""
    return Decimal(str(value))


def ordered(order: str, line: str, sku: str, quantity: Any, price: Any, **changes: Any) -> PurchaseLine:
    """Return a line of an order to Hanse."""
    usual = {"supplier": "HANSE", "description": f"Article {sku}", "ordered_on": date(2026, 10, 1), "currency": "EUR"}
    values = {"order": order, "line": line, "sku": sku, "quantity": figure(quantity), "unit_price": figure(price)}
    return PurchaseLine(**{**usual, **values, **changes})


def came(receipt: str, line: str, order_line: str, quantity: Any, **changes: Any) -> ReceiptLine:
    """Return what came of an order line."""
    usual = {"received_on": date(2026, 10, 8)}
    return ReceiptLine(
        **{**usual, "receipt": receipt, "line": line, "order_line": order_line, "quantity": figure(quantity), **changes}
    )


def billed(sku: str, quantity: Any, price: Any, **changes: Any) -> InvoiceLine:
    """Return an invoice line with our article number."""
    item = Item(name=changes.pop("name", f"Article {sku}"), buyer_id=changes.pop("buyer_id", sku))
    for name in ("seller_id", "gtin"):
        if name in changes:
            value = changes.pop(name)
            item = item.model_copy(
                update={"standard_id": Identifier(value=value, scheme="0160")} if name == "gtin" else {name: value}
            )
    net = changes.pop("net", (figure(quantity) * figure(price)).quantize(CENT))
    usual = {"quantity": figure(quantity), "unit": "C62", "net": net, "price": Price(net=figure(price)), "item": item}
    return InvoiceLine(**{**usual, "vat_rate": Decimal(19), "vat_category": "S", **changes})


def bill(*lines: InvoiceLine, order: str = "", number: str = "", **changes: Any) -> Invoice:
    """Return an invoice of Hanse over lines, numbered from 1, with totals that agree."""
    several = tuple(line.model_copy(update={"id": line.id or str(at)}) for at, line in enumerate(lines, 1))
    charges = sum(
        (one.amount or Decimal(0) for one in changes.get("allowances_charges", ()) if one.is_charge), Decimal(0)
    )
    net = sum((line.net or Decimal(0) for line in several), charges)
    gross = (net * Decimal("1.19")).quantize(CENT)
    seller = changes.pop("seller", HANSE)
    account = changes.pop("iban", seller.ibans[0] if seller.ibans else "")
    usual: dict[str, Any] = {
        "number": number or f"X{next(_numbers) * 7919}",
        "issue_date": date(2026, 10, 10),
        "type_code": "380",
        "currency": "EUR",
        "purchase_order_reference": order,
        "seller": Party(name=seller.name, vat_id=seller.vat_ids[0] if seller.vat_ids else ""),
        "payment": Payment(means_code="58", transfers=(CreditTransfer(account=account),) if account else ()),
        "totals": Totals(line_net=net - charges, net=net, vat=gross - net, gross=gross, payable=gross),
        "lines": several,
    }
    return Invoice(**{**usual, **changes})


def charge(amount: Any, reason: str = "Versandkosten") -> AllowanceCharge:
    """Return a charge of the document."""
    return AllowanceCharge(is_charge=True, amount=figure(amount), reason=reason, vat_category="S", vat_rate=Decimal(19))


def know(
    database: Database,
    lines: Sequence[PurchaseLine] = (),
    receipts: Sequence[ReceiptLine] = (),
    *,
    suppliers: Sequence[SupplierParty] = (HANSE, ELBTAL),
) -> None:
    """Let the ERP have told of suppliers, orders and receipts."""
    with database.audited(desk.ACTOR) as (connection, trail):
        keep_suppliers(connection, trail, suppliers, system=ERP)
        supply.keep_purchases(connection, system=ERP, lines=lines)
        supply.keep_receipts(connection, system=ERP, lines=receipts)
        for kind in (supply.PURCHASES, supply.RECEIPTS):
            supply.note_read(connection, system=ERP, kind=kind, newest=datetime(2026, 10, 1, tzinfo=UTC))


def receive(database: Database, *invoices: Invoice) -> list[int]:
    """Let invoices have come, each as a file that was read; returns the ids of the received invoices."""
    with database.audited(desk.ACTOR) as (connection, trail):
        numbers = [_convert(connection, invoice) for invoice in invoices]
        for inbox, conversion in numbers:
            touched = [("inbox", inbox), ("conversion", conversion)]
            trail.add("conversion.booked", f"conversion/{conversion}", touched)
        conversions = [conversion for _, conversion in numbers]
        return received_invoices.take(
            connection, trail, conversions, limits=InvoiceLimits(), destination=received_invoices.Destination(ERP)
        )


def _convert(connection: Connection, invoice: Invoice) -> tuple[int, int]:
    name = f"{next(_numbers)}.xml"
    inbox = connection.execute(
        "INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id, state)"
        " VALUES ('invoice-folder/hanse', 'invoice', %s, %s, 'application/xml', '', 'r', 'accepted') RETURNING id",
        (name, name),
    ).fetchone()
    assert inbox is not None
    conversion = connection.execute(
        "INSERT INTO conversion (inbox_id, source, file_name, sha256, size, outcome, read_as, invoice, number)"
        " VALUES (%s, 'invoice-folder/hanse', %s, %s, 1, 'proven', 'proven', %s, %s) RETURNING id",
        (inbox["id"], name, name, invoice_text(invoice), invoice.number),
    ).fetchone()
    assert conversion is not None
    return inbox["id"], conversion["id"]


def hold(database: Database, *ids: int) -> dict[int, tuple[InvoiceFinding, ...]]:
    """Hold received invoices against the supply."""
    with database.audited(desk.ACTOR) as (connection, trail):
        return hold_against_supply(connection, trail, ids)


def judged(database: Database, *invoices: Invoice) -> list[list[str]]:
    """Let invoices come one after the other and return the rules that found something in each."""
    found = []
    for invoice in invoices:
        (number,) = receive(database, invoice)
        found.append([one.rule for one in hold(database, number)[number]])
    return found
