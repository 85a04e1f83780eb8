"""The repeated groups of an invoice, each with its place as business terms."""

from collections.abc import Iterable, Iterator

from blocks.documents.invoices import AllowanceCharge, Invoice, InvoiceLine, VatBreakdown

Placed = Iterator[tuple[str, AllowanceCharge]]


_PLACES = tuple(f"BG-25[{number}]" for number in range(1, 1001))
"""The places of the first lines, which nearly all invoices stay within."""


def lines(invoice: Invoice) -> Iterable[tuple[str, InvoiceLine]]:
    """Return the lines (BG-25) with their places; sub lines stand under rules of their own."""
    found = invoice.lines
    if len(found) <= len(_PLACES):
        return zip(_PLACES, found, strict=False)
    return ((f"BG-25[{number}]", line) for number, line in enumerate(found, 1))


def lines_with_sub_lines(found: tuple[InvoiceLine, ...]) -> Iterator[InvoiceLine]:
    """Yield lines and everything under them."""
    for line in found:
        yield line
        if line.sub_lines:
            yield from lines_with_sub_lines(line.sub_lines)


def breakdown(invoice: Invoice) -> Iterator[tuple[str, VatBreakdown]]:
    """Yield the groups of the VAT breakdown (BG-23)."""
    for number, group in enumerate(invoice.vat_breakdown, 1):
        yield f"BG-23[{number}]", group


def allowances(invoice: Invoice) -> Placed:
    """Yield the document's allowances (BG-20)."""
    return _of(invoice.allowances_charges, "BG-20", is_charge=False)


def charges(invoice: Invoice) -> Placed:
    """Yield the document's charges (BG-21)."""
    return _of(invoice.allowances_charges, "BG-21", is_charge=True)


def line_allowances(invoice: Invoice) -> Placed:
    """Yield the allowances of all lines (BG-27)."""
    for place, line in lines(invoice):
        if line.allowances_charges:
            yield from _of(line.allowances_charges, f"{place}/BG-27", is_charge=False)


def line_charges(invoice: Invoice) -> Placed:
    """Yield the charges of all lines (BG-28)."""
    for place, line in lines(invoice):
        if line.allowances_charges:
            yield from _of(line.allowances_charges, f"{place}/BG-28", is_charge=True)


def _of(found: tuple[AllowanceCharge, ...], group: str, *, is_charge: bool) -> Placed:
    chosen = (one for one in found if one.is_charge is is_charge)
    for number, one in enumerate(chosen, 1):
        yield f"{group}[{number}]", one
