"""What must close before an invoice is proven: arithmetic, check digits, dates in order."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from blocks.documents.invoices import Invoice, InvoiceLine
from blocks.standards.printed_invoices.identifiers import VAT_FORMATS, valid_iban, well_formed_vat_id
from blocks.standards.printed_invoices.labels import fold
from blocks.standards.printed_invoices.lines_rounding import rounded_figure
from blocks.standards.printed_invoices.references import in_order
from blocks.standards.printed_invoices.vat import fits

_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_OFF_PER_LINE = Decimal("0.005")


def objections(invoice: Invoice, *, confirmed: frozenset[str] = frozenset(), lines: bool = True) -> tuple[str, ...]:
    """Return why an invoice does not close, in whole sentences; empty if it does.

    Args:
        invoice: As read, or as a person corrected it.
        confirmed: Folded identifiers that are as the seller printed them, though form or check digits are wrong: a
            person confirmed them, or there is no doubt about how they read. They are a remark, no objection (XRechnung
            BR-DE-19 warns of such accounts, too).
        lines: Lines must be there; False where a person confirmed that the page prints none (Factur-X BASIC WL).

    Mandatory are number, day of issue, currency, both names, the seller's VAT id or tax number, the totals and one line
    (EN 16931 BR-02 to BR-16, BR-CO-26; §14(4) UStG).
    """
    return tuple(
        chain(
            _missing(invoice, lines=lines),
            _totals(invoice),
            _breakdown(invoice),
            _lines(invoice),
            _identifiers(invoice, confirmed),
        )
    )


def remarks(invoice: Invoice) -> tuple[str, ...]:
    """Return what is odd but printed so: identifiers with wrong form or check digits, rounded quantities and prices."""
    from blocks.standards.printed_invoices.identifiers import valid_vat_id  # noqa: PLC0415 - costs time, seldom asked

    ids = (("seller", invoice.seller.vat_id), ("buyer", invoice.buyer.vat_id))
    said = [
        f"The VAT id {value} of the {who} is printed so, but its form or its check digits are wrong."
        for who, value in ids
        if value and not (well_formed_vat_id(value) and valid_vat_id(value))
    ]
    transfers = invoice.payment.transfers if invoice.payment else ()
    said += [
        f"The account number {one.account} is printed so, but is no IBAN with right check digits; ask before paying."
        for one in transfers
        if one.account and not valid_iban(one.account)
    ]
    said += [
        f"Line {line.id or line.item.name}: the {rounded_figure(line)} is printed rounded; {line.quantity} at"
        f" {line.price.net} makes {line.net} only within that rounding."
        for line in invoice.lines
        if _is_rounded(line)
    ]
    return tuple(said)


def supplier_key(invoice: Invoice) -> str:
    """Return how a supplier is known: VAT id, else tax number, IBAN, or folded name; '' where nothing was found."""
    seller = invoice.seller
    iban = invoice.payment.transfers[0].account if invoice.payment and invoice.payment.transfers else ""
    for prefix, value in (("vat", seller.vat_id), ("tax", seller.tax_number), ("iban", iban), ("name", seller.name)):
        if value:
            return f"{prefix}:{fold(value)}"
    return ""


def _missing(invoice: Invoice, *, lines: bool) -> Iterator[str]:
    totals = invoice.totals
    wanted = (
        ("The number of the invoice", invoice.number),
        ("The day of issue", invoice.issue_date),
        ("The currency", invoice.currency),
        ("The name of the seller", invoice.seller.name),
        ("The name of the buyer", invoice.buyer.name),
        ("A VAT id or tax number of the seller", invoice.seller.vat_id or invoice.seller.tax_number),
    )
    for what, value in wanted:
        if not value:
            yield f"{what} was not found."
    for what, amount in (
        ("without VAT", totals.net),
        ("of VAT", totals.vat),
        ("with VAT", totals.gross),
        ("to pay", totals.payable),
    ):
        if amount is None:
            yield f"The total {what} was not found, or the totals on the page do not close."
    if lines and not invoice.lines:
        yield "No line of the invoice was recognised."


def _totals(invoice: Invoice) -> Iterator[str]:
    totals = invoice.totals
    if None not in (totals.net, totals.vat, totals.gross) and _sum(totals.net, totals.vat) != totals.gross:
        yield f"Net {totals.net} plus VAT {totals.vat} is not the total {totals.gross}."
    if totals.gross is not None and totals.payable is not None:
        due = _sum(totals.gross, -(totals.prepaid or _ZERO), totals.rounding)
        if due != totals.payable:
            yield f"The total {totals.gross} less prepayments, rounded, is {due}, but {totals.payable} is to pay."
    if totals.line_net is not None and totals.net is not None:
        net = _sum(totals.line_net, -(totals.allowances or _ZERO), totals.charges)
        if net != totals.net:
            yield f"The lines' {totals.line_net} less allowances plus charges is {net}, but net is {totals.net}."


def _breakdown(invoice: Invoice) -> Iterator[str]:
    groups, totals = invoice.vat_breakdown, invoice.totals
    if not groups:
        yield "No rate of VAT was found that makes the net total into the VAT."
        return
    bases = _sum(*(group.basis for group in groups))
    taxes = _sum(*(group.amount for group in groups))
    if totals.net is not None and bases != totals.net:
        yield f"The bases of VAT add up to {bases}, but the net total is {totals.net}."
    if totals.vat is not None and taxes != totals.vat:
        yield f"VAT by rate adds up to {taxes}, but the total VAT is {totals.vat}."
    for group in groups:
        if None not in (group.basis, group.amount) and not fits(
            group.basis or _ZERO, group.rate or _ZERO, group.amount or _ZERO, tolerance=_rounding(invoice)
        ):
            yield f"{group.rate} % of {group.basis} is not {group.amount}."
    yield from _by_rate(invoice)
    rates = {group.rate for group in groups}
    for line in invoice.lines:
        if line.vat_rate is not None and line.vat_rate not in rates:
            yield f"Line {line.id or line.item.name} has {line.vat_rate} % VAT, which the breakdown does not have."


def _by_rate(invoice: Invoice) -> Iterator[str]:
    """Compare the lines of each rate with the basis of that rate; allowances of the document may stand between them."""
    sums: dict[Decimal, Decimal] = {}
    for line in invoice.lines:
        rate = line.vat_rate if line.vat_rate is not None else _ZERO
        sums[rate] = sums.get(rate, _ZERO) + (line.net or _ZERO)
    told = any(line.vat_rate is not None for line in invoice.lines)
    if (
        not told
        or invoice.totals.net is None
        or _sum(*sums.values()) not in {invoice.totals.net, invoice.totals.line_net}
    ):
        return
    bases: dict[Decimal, Decimal] = {}
    for group in invoice.vat_breakdown:
        rate = group.rate or _ZERO
        bases[rate] = bases.get(rate, _ZERO) + (group.basis or _ZERO)
    between = _sum(invoice.totals.allowances, invoice.totals.charges)
    for rate in sums.keys() | bases.keys():
        lines, basis = sums.get(rate, _ZERO), bases.get(rate, _ZERO)
        if abs(lines - basis) > abs(between):
            yield f"The lines with {rate} % VAT add up to {lines}, but {rate} % is taken of {basis}."


def _rounding(invoice: Invoice) -> Decimal:
    """Return by how much VAT may be off: a cent, and half a cent for each line where it is rounded line by line."""
    return max(_CENT, _OFF_PER_LINE * len(invoice.lines))


def _lines(invoice: Invoice) -> Iterator[str]:
    if not invoice.lines:
        return
    if any(line.net is None for line in invoice.lines):
        yield "A line has no amount."
        return
    total = _sum(*(line.net for line in invoice.lines))
    if invoice.totals.line_net is not None and total != invoice.totals.line_net:
        yield f"The lines add up to {total}, but their total is {invoice.totals.line_net}."
    for line in invoice.lines:
        if not multiplies(line):
            yield (
                f"Line {line.id or line.item.name}: quantity {line.quantity} at {line.price.net}"
                f" does not make {line.net}."
            )


def multiplies(line: InvoiceLine) -> bool:
    """Return whether quantity and price, with the line's allowances and charges, make its amount, within a rounding."""
    if line.quantity is None or line.price.net is None or line.net is None:
        return line.net is not None and line.quantity is None and line.price.net is None
    base = line.price.base_quantity or Decimal(1)
    made = line.quantity * line.price.net / base
    for change in line.allowances_charges:
        made += (change.amount or _ZERO) * (1 if change.is_charge else -1)
    exponent = line.price.net.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 2
    off = abs(line.quantity / base) * Decimal(5).scaleb(-places - 1) if places > 2 else _ZERO  # noqa: PLR2004 - rounded price
    if abs(line.quantity) == base and not line.allowances_charges:
        return abs(made - line.net) <= _CENT / 2  # of one piece, price and amount are rounded alike
    return abs(made - line.net) <= _CENT + off or bool(rounded_figure(line))


def _is_rounded(line: InvoiceLine) -> bool:
    if line.quantity is None or line.price.net is None or line.net is None:
        return False
    made = line.quantity * line.price.net / (line.price.base_quantity or Decimal(1))
    return abs(made - line.net) > _CENT and bool(rounded_figure(line))


def _identifiers(invoice: Invoice, confirmed: frozenset[str]) -> Iterator[str]:
    for transfer in invoice.payment.transfers if invoice.payment else ():
        if transfer.account and fold(transfer.account) not in confirmed and not valid_iban(transfer.account):
            yield f"The account number {transfer.account} is no IBAN with right check digits; ask before paying."
    for who, value in (("seller", invoice.seller.vat_id), ("buyer", invoice.buyer.vat_id)):
        foreign = who == "buyer" and value[:2].upper() not in VAT_FORMATS and value[:3].upper() not in VAT_FORMATS
        if value and fold(value) not in confirmed and not foreign and not well_formed_vat_id(value):
            yield f"The VAT id {value} of the {who} does not have the form of any state's VAT ids."
    if invoice.issue_date and invoice.due_date and not in_order(invoice.issue_date, invoice.due_date):
        yield f"Payment is due on {invoice.due_date}, which does not follow the day of issue {invoice.issue_date}."


def _sum(*amounts: Decimal | None) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), _ZERO)
