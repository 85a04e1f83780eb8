"""A plain page people can read, made of an invoice that came without one (UBL, CII, EDIFACT)."""

from collections.abc import Iterator
from decimal import Decimal

from blocks.documents.invoices import Invoice, InvoiceLine, Party
from blocks.standards.en16931.code_lists import CREDIT_NOTES
from blocks.standards.en16931.plain_pdf import BOLD, HEIGHT, REGULAR, TextPage, wrapped, written

_LEFT, _MIDDLE, _RIGHT = 50.0, 310.0, 545.0
_TOP, _BOTTOM = HEIGHT - 50, 60.0
_STEP = 12.0
_COLUMNS = (("Quantity", 350.0), ("Unit", 390.0), ("Price", 445.0), ("VAT %", 485.0), ("Net", _RIGHT))
_ITEM_ROOM = 235.0


class _Paper:
    """Pages filled from top to bottom."""

    def __init__(self) -> None:
        self.pages = [TextPage()]
        self.y = _TOP

    def need(self, room: float = _STEP) -> TextPage:
        """Go down by that much, to a new page where the old one is full, and return the page."""
        if self.y - room < _BOTTOM:
            self.pages.append(TextPage())
            self.y = _TOP
        self.y -= room
        return self.pages[-1]

    def paragraph(self, text: str, x: float = _LEFT, *, face: str = REGULAR, room: float = _RIGHT - _LEFT) -> None:
        """Write a text, broken into lines."""
        for line in wrapped(text, room, face=face):
            self.need().text(x, self.y, line, face=face)


def page_of(invoice: Invoice) -> bytes:
    """Return a PDF that shows what a person needs: parties, references, lines, VAT, totals, payment and notes.

    Texts in characters outside Western European writing show as question marks, which the page says itself.
    """
    paper = _Paper()
    title = f"{_kind(invoice)} {invoice.number}".strip()
    paper.need(18).text(_LEFT, paper.y, title, face=BOLD, size=14)
    paper.y -= 8
    _parties(paper, invoice)
    for label, value in _references(invoice):
        page = paper.need()
        page.text(_LEFT, paper.y, f"{label}:")
        page.text(_LEFT + 130, paper.y, value)
    _lines(paper, invoice)
    _totals(paper, invoice)
    _below(paper, invoice)
    if any(page.lacking for page in paper.pages):
        paper.y -= _STEP
        paper.paragraph("Characters that this page cannot show stand as '?'; the data inside the document holds them.")
    return written(paper.pages, title)


def _kind(invoice: Invoice) -> str:
    return "Credit note" if invoice.type_code in CREDIT_NOTES else "Invoice"


def _parties(paper: _Paper, invoice: Invoice) -> None:
    left, right = list(_party("Seller", invoice.seller)), list(_party("Buyer", invoice.buyer))
    for index in range(max(len(left), len(right))):
        page = paper.need()
        face = BOLD if index == 0 else REGULAR
        for x, texts in ((_LEFT, left), (_MIDDLE, right)):
            if index < len(texts):
                page.text(x, paper.y, texts[index], face=face)
    paper.y -= _STEP


def _party(role: str, party: Party) -> Iterator[str]:
    yield role
    room = _MIDDLE - _LEFT - 15
    address = party.address
    texts = [party.name]
    if address:
        town = f"{address.postcode} {address.city}".strip()
        texts += [address.line_1, address.line_2, address.line_3, town, address.region, address.country]
    texts += [f"VAT ID: {party.vat_id}" if party.vat_id else ""]
    texts += [f"Tax number: {party.tax_number}" if party.tax_number else ""]
    for text in texts:
        yield from wrapped(text, room)


def _references(invoice: Invoice) -> Iterator[tuple[str, str]]:
    delivered = invoice.delivery.delivered_on if invoice.delivery else None
    given = (
        ("Number", invoice.number),
        ("Date of issue", invoice.issue_date and invoice.issue_date.isoformat()),
        ("Date of delivery", delivered and delivered.isoformat()),
        ("Due date", invoice.due_date and invoice.due_date.isoformat()),
        ("Buyer reference", invoice.buyer_reference),
        ("Purchase order", invoice.purchase_order_reference),
        ("Sales order", invoice.sales_order_reference),
        ("Contract", invoice.contract_reference),
        ("Currency", invoice.currency),
        *(("Preceding invoice", each.number) for each in invoice.preceding_invoices),
    )
    yield from ((label, str(value)) for label, value in given if value)


def _lines(paper: _Paper, invoice: Invoice) -> None:
    paper.y -= _STEP
    page = paper.need()
    page.text(_LEFT, paper.y, "Item", face=BOLD)
    for label, x in _COLUMNS:
        page.right(x, paper.y, label, face=BOLD)
    for line, depth in _all(invoice.lines, 0):
        _line(paper, line, depth)


def _all(lines: tuple[InvoiceLine, ...], depth: int) -> Iterator[tuple[InvoiceLine, int]]:
    for line in lines:
        yield line, depth
        yield from _all(line.sub_lines, depth + 1)


def _line(paper: _Paper, line: InvoiceLine, depth: int) -> None:
    indent = _LEFT + 10 * min(depth, 5)
    texts = wrapped(f"{line.id}  {line.item.name}".strip(), _ITEM_ROOM - (indent - _LEFT)) or [""]
    values = (_shown(line.quantity), line.unit, _shown(line.price.net), _shown(line.vat_rate), _shown(line.net))
    page = paper.need()
    page.text(indent, paper.y, texts[0])
    for value, (_, x) in zip(values, _COLUMNS, strict=True):
        page.right(x, paper.y, value)
    for text in texts[1:]:
        paper.need().text(indent, paper.y, text)


def _shown(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _totals(paper: _Paper, invoice: Invoice) -> None:
    paper.y -= _STEP
    for each in invoice.allowances_charges:
        label = f"{'Charge' if each.is_charge else 'Allowance'}: {each.reason or each.reason_code}"
        _total(paper, label, each.amount, "")
    for group in invoice.vat_breakdown:
        label = f"VAT {group.category} {_shown(group.rate)} % on {_shown(group.basis)}"
        _total(paper, label, group.amount, "")
        if group.exemption_reason:
            paper.paragraph(group.exemption_reason, _MIDDLE - 60, room=_RIGHT - _MIDDLE + 60)
    totals, currency = invoice.totals, invoice.currency
    _total(paper, "Sum of lines, net", totals.line_net, currency)
    _total(paper, "Total, net", totals.net, currency)
    _total(paper, "VAT", totals.vat, currency)
    _total(paper, "VAT in accounting currency", totals.vat_accounting, invoice.accounting_currency)
    _total(paper, "Grand total", totals.gross, currency, face=BOLD)
    _total(paper, "Prepaid", totals.prepaid, currency)
    _total(paper, "Rounding", totals.rounding, currency)
    _total(paper, "Amount due", totals.payable, currency, face=BOLD)


def _total(paper: _Paper, label: str, value: Decimal | None, currency: str, *, face: str = REGULAR) -> None:
    if value is None:
        return
    page = paper.need()
    for text in wrapped(label, 220, face=face)[:1]:
        page.text(_MIDDLE - 60, paper.y, text, face=face)
    page.right(_RIGHT, paper.y, f"{_shown(value)} {currency}".strip(), face=face)


def _below(paper: _Paper, invoice: Invoice) -> None:
    """Write terms, accounts and notes."""
    paper.y -= _STEP
    paid = invoice.payment
    texts = [invoice.payment_terms]
    for transfer in paid.transfers if paid else ():
        parts = (transfer.name, transfer.account, f"BIC {transfer.bank}" if transfer.bank else "")
        texts.append("Pay to: " + ", ".join(part for part in parts if part))
    texts += [f"Payment reference: {paid.remittance}" if paid and paid.remittance else ""]
    texts += [note.text for note in invoice.notes]
    for text in texts:
        if text:
            paper.paragraph(text)
            paper.y -= 4
