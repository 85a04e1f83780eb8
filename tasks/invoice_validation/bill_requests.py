"""What the ERP is asked to book of an approved invoice. Pure: the invoice and its match with the orders in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from blocks.database.invoice_matches import MatchRow
from blocks.documents.bills import BillLine, BillRequest, BillTax
from blocks.documents.invoices import Invoice, InvoiceLine
from blocks.errors import Refused
from tasks.invoice_validation.billing import CREDITS

LONGEST_DESCRIPTION = 200
_NOTHING, _ONE, _CENT = Decimal(0), Decimal(1), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked: our reference, the supplier's code in the ERP, the ERP's connection."""

    reference: str
    supplier: str
    system: str


def bill_request(invoice: Invoice, to: Booked, matches: Sequence[MatchRow]) -> BillRequest:
    """Return what the ERP is asked to book.

    Raises:
        Refused: The invoice lacks what a booking needs; says what, and what to do.
    """
    sign = -_ONE if invoice.type_code in CREDITS else _ONE
    totals = invoice.totals
    if not to.supplier:
        raise Refused(
            "The supplier has no code of the ERP: enter its VAT id or tax number there, let the next run read the"
            " suppliers from the ERP, and try this call again."
        )
    if totals.gross is None or not invoice.issue_date or not invoice.number:
        raise Refused("The invoice lacks its number, its day of issue or its total, and cannot be booked: correct it.")
    lines = tuple(_lines(invoice, sign, to.system, matches))
    if not lines:
        raise Refused("The invoice bills nothing that could be booked: neither lines nor a VAT breakdown.")
    return BillRequest(
        reference=to.reference,
        supplier=to.supplier,
        number=invoice.number,
        issued_on=invoice.issue_date,
        due_on=invoice.due_date,
        currency=invoice.currency,
        lines=lines,
        taxes=tuple(
            BillTax(vat_category=each.category, vat_rate=each.rate or _NOTHING, amount=sign * (each.amount or _NOTHING))
            for each in invoice.vat_breakdown
        ),
        total=sign * (totals.gross + (totals.rounding or _NOTHING)),
    )


def reversal_of(booked: BillRequest, on: date | None) -> BillRequest:
    """Return what takes a bill back: the same lines and taxes the other way round, under a reference of its own."""
    return BillRequest(
        reference=f"{booked.reference}-reversal",
        supplier=booked.supplier,
        number=f"{booked.number} (Storno)",
        issued_on=max(on or booked.issued_on, booked.issued_on),
        currency=booked.currency,
        lines=tuple(line.model_copy(update={"quantity": -line.quantity, "net": -line.net}) for line in booked.lines),
        taxes=tuple(tax.model_copy(update={"amount": -tax.amount}) for tax in booked.taxes),
        total=-booked.total,
    )


def _lines(invoice: Invoice, sign: Decimal, system: str, matches: Sequence[MatchRow]) -> Iterator[BillLine]:
    if not invoice.lines:
        yield from _sums(invoice, sign)
        return
    for place, line in enumerate(invoice.lines, 1):
        found = _claimed(matches, line.id or str(place), system)
        yield from _parts(line, sign, found) if found else [_whole(line, sign)]
    for each in invoice.allowances_charges:
        amount = (each.amount or _NOTHING) * (_ONE if each.is_charge else -_ONE)
        if amount:
            said = each.reason or ("Charge" if each.is_charge else "Allowance")
            yield BillLine(
                description=said[:LONGEST_DESCRIPTION],
                quantity=sign if each.is_charge else -sign,
                net=sign * amount,
                vat_category=each.vat_category,
                vat_rate=each.vat_rate or _NOTHING,
            )


def _sums(invoice: Invoice, sign: Decimal) -> Iterator[BillLine]:
    """Yield one line per rate, for an invoice that shows no lines."""
    for each in invoice.vat_breakdown:
        if each.basis:
            yield BillLine(
                description=f"Invoice {invoice.number}"[:LONGEST_DESCRIPTION],
                quantity=sign,
                net=sign * each.basis,
                vat_category=each.category,
                vat_rate=each.rate or _NOTHING,
            )


def _claimed(matches: Sequence[MatchRow], line: str, system: str) -> dict[str, Decimal]:
    """Return the pieces of a line by the order line they belong to; none where one of them has no quantity."""
    found: dict[str, Decimal] = {}
    for row in matches:
        if row.line == line and row.order_line and row.system == system:
            if row.quantity is None:
                return {}
            found[row.order_line] = found.get(row.order_line, _NOTHING) + row.quantity
    return found if all(found.values()) else {}


def _whole(line: InvoiceLine, sign: Decimal) -> BillLine:
    return BillLine(
        description=_named(line),
        quantity=sign * (line.quantity or _ONE),
        net=sign * (line.net or _NOTHING),
        vat_category=line.vat_category,
        vat_rate=line.vat_rate or _NOTHING,
    )


def _parts(line: InvoiceLine, sign: Decimal, claimed: dict[str, Decimal]) -> Iterator[BillLine]:
    """Yield a line for each order line, of the net in proportion; the last takes what is left of it."""
    net, pieces = sign * (line.net or _NOTHING), sum(claimed.values(), _NOTHING)
    left = net
    for place, (order_line, quantity) in enumerate(claimed.items(), 1):
        share = (net * quantity / pieces).quantize(_CENT) if pieces and place < len(claimed) else left
        left -= share
        yield BillLine(
            description=_named(line),
            quantity=quantity,
            net=share,
            order_line=order_line,
            vat_category=line.vat_category,
            vat_rate=line.vat_rate or _NOTHING,
        )


def _named(line: InvoiceLine) -> str:
    return (line.item.name or line.item.description or line.id or "Line")[:LONGEST_DESCRIPTION]
