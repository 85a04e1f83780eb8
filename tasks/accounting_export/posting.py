"""What an approved invoice means for the books: one posting for each case of VAT, freight and rounding. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from blocks.documents.accounting_plan import AccountingPlan, Treatment
from blocks.documents.invoices import Invoice
from blocks.errors import Refused

CREDITS = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
"""Types (UNTDID 1001) of invoices whose amounts are given back."""
FREIGHT = frozenset({"FC", "PC", "DL", "ABL", "SAA", "FI"})
"""Reasons (UNTDID 7161) of charges for freight, packing and delivery."""
_NOTHING, _ONE, _CENT, _HUNDRED = Decimal(0), Decimal(1), Decimal("0.01"), Decimal(100)


@dataclass(frozen=True, slots=True)
class Approved:
    """An approved invoice with what the books need to know of its supplier."""

    id: int
    invoice: Invoice
    supplier_id: int
    supplier: str
    erp_code: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One posting: a positive amount in ``currency`` on one side of ``account``, S for debit, H for credit."""

    invoice_id: int
    entry: int
    account: str
    contra_account: str
    side: str
    amount: Decimal
    currency: str
    exchange_rate: Decimal | None
    tax_key: str
    vat_category: str
    vat_rate: Decimal | None
    number: str
    supplier: str
    supplier_vat_id: str
    posted_on: date
    supplied_on: date | None
    due_on: date | None
    said: str
    plan_version: int

    @property
    def signed(self) -> Decimal:
        """Return the amount, negative on the credit side."""
        return self.amount if self.side == "S" else -self.amount


def document_total(invoice: Invoice) -> Decimal:
    """Return what an invoice comes to with VAT and declared rounding; negative for a credit note."""
    return _sign(invoice) * ((invoice.totals.gross or _NOTHING) + (invoice.totals.rounding or _NOTHING))


def postings(approved: Approved, plan: AccountingPlan) -> tuple[Posting, ...]:
    """Return the postings of an invoice; their sum is the invoice's total.

    Raises:
        Refused: The invoice lacks what a posting needs, its sums do not close, or the plan says nothing of it.
    """
    invoice = approved.invoice
    if invoice.issue_date is None or not invoice.number or invoice.totals.gross is None:
        raise Refused(f"Invoice {approved.id} lacks its number, its day of issue or its total.")
    contra = plan.creditor(approved.supplier_id, approved.erp_code)
    rate = exchange_rate(invoice, plan)
    made: list[Posting] = []
    for account, key, category, vat, value in _values(invoice, plan, approved.erp_code):
        signed = _sign(invoice) * value
        if not signed:
            continue
        if signed != signed.quantize(_CENT, ROUND_HALF_UP):
            raise Refused(f"Invoice {approved.id} bills fractions of a cent ({signed:f}), which no posting can have.")
        made.append(
            Posting(
                invoice_id=approved.id,
                entry=len(made) + 1,
                account=account,
                contra_account=contra,
                side="S" if signed > 0 else "H",
                amount=abs(signed),
                currency=invoice.currency or plan.currency,
                exchange_rate=rate,
                tax_key=key,
                vat_category=category,
                vat_rate=vat,
                number=invoice.number,
                supplier=approved.supplier,
                supplier_vat_id=invoice.seller.vat_id,
                posted_on=invoice.issue_date,
                supplied_on=invoice.delivery.delivered_on if invoice.delivery else None,
                due_on=invoice.due_date,
                said=f"{approved.supplier} {invoice.number}".strip(),
                plan_version=plan.version,
            )
        )
    if sum((one.signed for one in made), _NOTHING) != document_total(invoice):
        raise Refused(
            f"Invoice {approved.id} does not close: its VAT breakdown comes to"
            f" {sum((one.signed for one in made), _NOTHING):f} and its total to {document_total(invoice):f}."
        )
    return tuple(made)


def _sign(invoice: Invoice) -> Decimal:
    return -_ONE if invoice.type_code in CREDITS else _ONE


def _values(
    invoice: Invoice, plan: AccountingPlan, supplier: str
) -> Iterator[tuple[str, str, str, Decimal | None, Decimal]]:
    """Yield account, tax key, category, rate and amount with tax, unsigned by the document's type."""
    freight = _freight(invoice)
    for each in invoice.vat_breakdown:
        rate = each.rate or _NOTHING
        how: Treatment = plan.treatment(each.category, rate, supplier)
        whole = (each.basis or _NOTHING) + (each.amount or _NOTHING)
        carriage = (freight.get((each.category, rate), _NOTHING) * (_ONE + rate / _HUNDRED)).quantize(
            _CENT, ROUND_HALF_UP
        )
        yield how.account, how.key, each.category, each.rate, whole - carriage
        yield plan.freight_account(), how.key, each.category, each.rate, carriage
    if not invoice.vat_breakdown:
        how = plan.treatment("O", _NOTHING, supplier)
        yield how.account, how.key, "O", None, invoice.totals.gross or _NOTHING
    yield plan.rounding_account(), "", "", None, invoice.totals.rounding or _NOTHING


def _freight(invoice: Invoice) -> Mapping[tuple[str, Decimal], Decimal]:
    found: dict[tuple[str, Decimal], Decimal] = {}
    for each in invoice.allowances_charges:
        if each.is_charge and each.reason_code in FREIGHT and each.amount:
            case = (each.vat_category, each.vat_rate or _NOTHING)
            found[case] = found.get(case, _NOTHING) + each.amount
    return found


def exchange_rate(invoice: Invoice, plan: AccountingPlan) -> Decimal | None:
    """Return how many units of the invoice's currency one of the books' is: by the invoice's own VAT, or the plan's.

    Raises:
        Refused: Neither says so.
    """
    if invoice.currency in {"", plan.currency}:
        return None
    totals = invoice.totals
    if invoice.accounting_currency == plan.currency and totals.vat and totals.vat_accounting:
        return abs(totals.vat / totals.vat_accounting).quantize(Decimal("0.000001"))
    if invoice.currency in plan.exchange_rates:
        return plan.exchange_rates[invoice.currency]
    raise Refused(
        f"Nobody says how many {invoice.currency} one {plan.currency} is: name it under exchange_rates in the"
        " accounting plan and activate it (`soms accounting plan activate`)."
    )
