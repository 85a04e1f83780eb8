"""Hold an invoice that came as data against the page that people see: number, date, totals, account and currency."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.page_values import (
    CURRENCIES,
    amounts_of,
    currencies_of,
    days_of,
    ibans_of,
    is_gross_label,
    is_payable_label,
)
from blocks.standards.pdf.layout import TextLayer

_LONGEST_NUMBER = 100
_Label = Callable[[str], bool]


def page_disagreements(invoice: Invoice, layer: TextLayer) -> tuple[str, ...]:
    """Return, in whole sentences, where the invoice's data and its page contradict each other; empty if nowhere.

    A value of the data must stand on the page in one of the forms people print. What the page does not show at all
    (no account, no currency) is no contradiction; a number or total that is missing is.
    """
    rows = [row.text for row in layer.rows]
    if not any(rows):
        return ("The page shows no text, so the XML inside the PDF cannot be compared with it.",)
    return (
        *_number(invoice.number, rows),
        *_day(invoice.issue_date, rows),
        *_totals(invoice, rows),
        *_account(invoice, rows),
        *_currency(invoice.currency, rows),
    )


def _number(number: str, rows: list[str]) -> tuple[str, ...]:
    """Look for the invoice number (BT-1) with spaces wherever the page puts them."""
    if not number:
        return ()
    signs = r"\s*".join(re.escape(sign) for sign in number[:_LONGEST_NUMBER] if not sign.isspace())
    form = re.compile(rf"(?<![^\W_]){signs}(?![^\W_])", re.IGNORECASE)
    if form.search("\n".join(rows)):
        return ()
    return (f"The XML's invoice number {number} does not stand on the page.",)


def _day(day: date | None, rows: list[str]) -> tuple[str, ...]:
    """Look for the date of issue (BT-2); a page without any date says nothing against it."""
    if day is None:
        return ()
    shown = set().union(*(days_of(row) for row in rows))
    if not shown or day in shown:
        return ()
    named = ", ".join(each.isoformat() for each in sorted(shown)[:4])
    return (f"The XML's date of issue {day.isoformat()} does not stand on the page, which shows {named}.",)


def _totals(invoice: Invoice, rows: list[str]) -> tuple[str, ...]:
    """Look for the totals (BT-109, 110, 112, 115), and at what the page prints beside the labels of the last two."""
    shown = [amounts_of(row) for row in rows]
    every = set().union(*shown)
    gross, payable = invoice.totals.gross, invoice.totals.payable
    found: list[str] = []
    if gross is not None:
        beside = _beside(rows, shown, is_gross_label)
        found += _total("gross total", gross, every, beside, {abs(gross), abs(payable or gross)})
    for what, value in (("net total", invoice.totals.net), ("VAT total", invoice.totals.vat)):
        if value and value != gross:
            found += _total(what, value, every, [], set())
    if payable is not None and payable not in {gross, Decimal(0)}:
        beside = _beside(rows, shown, is_payable_label)
        found += _total("amount due", payable, every, beside, {abs(payable), abs(gross or payable)})
    return tuple(found)


def _beside(rows: list[str], shown: list[frozenset[Decimal]], is_label: _Label) -> list[frozenset[Decimal]]:
    """Return the amounts of each row whose words name the total and that shows any but nought."""
    return [amounts for row, amounts in zip(rows, shown, strict=True) if any(amounts) and is_label(row)]


def _total(
    what: str, value: Decimal, every: set[Decimal], beside: list[frozenset[Decimal]], fitting: set[Decimal]
) -> list[str]:
    contradicting = [amounts for amounts in beside if not amounts & fitting]
    printed = ", ".join(f"{max(amounts):f}" for amounts in contradicting[:3])
    if abs(value) not in every:
        shows = f", which prints {printed} as a total" if printed else ""
        return [f"The XML's {what} {value:f} does not stand on the page{shows}."]
    if beside and len(contradicting) == len(beside):
        return [f"The XML's {what} is {value:f}, but the page prints {printed} beside its label."]
    return []


def _account(invoice: Invoice, rows: list[str]) -> tuple[str, ...]:
    """Compare the accounts to pay to (BT-84) with the IBANs printed; a page without any says nothing against them."""
    transfers = invoice.payment.transfers if invoice.payment else ()
    shown = ibans_of(rows)
    if not shown:
        return ()
    found: list[str] = []
    for transfer in transfers:
        account = "".join(transfer.account.split()).upper()
        if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", account) and account not in shown:
            others = ", ".join(sorted(shown)[:3])
            found.append(f"The XML's account {account} does not stand on the page, which shows {others}.")
    return tuple(found)


def _currency(currency: str, rows: list[str]) -> tuple[str, ...]:
    """Compare the currency (BT-5) with the codes and signs printed; a page without any says nothing against it."""
    shown = set().union(*(currencies_of(row) for row in rows))
    if not shown or not currency or currency in shown or currency not in CURRENCIES:
        return ()
    return (f"The XML's currency is {currency}, but the page shows amounts in {', '.join(sorted(shown))}.",)
