"""The money of a draft: totals, allowances and charges, VAT by rate, lines."""

from decimal import Decimal

from blocks.documents.invoices import AllowanceCharge, Totals, VatBreakdown
from blocks.standards.printed_invoices import vat
from blocks.standards.printed_invoices.closing import Account
from blocks.standards.printed_invoices.draft import Draft
from blocks.standards.printed_invoices.lines_found import LineTable
from blocks.standards.printed_invoices.sheet import Sheet

_ZERO = Decimal(0)
_PLAIN = 1.0
"""Score of an amount that stands right of a label which means nothing else."""


def draft_money(
    draft: Draft, sheet: Sheet, values: dict[str, object], account: Account | None, tables: tuple[LineTable, ...]
) -> None:
    """Put the money that closes best into the draft; without any, the lines that look best."""
    if account is None:
        if tables:
            _lines(draft, values, tables[0])
        return
    amounts: dict[str, Decimal | None] = {role: account.totals.value(role) for role in ("net", "vat", "gross")}
    for role, one in account.totals.amounts.items():
        draft.put(f"totals.{role}", one)
    _due(draft, amounts, account)
    _allowances(values, amounts, account)
    if account.table:
        _lines(draft, values, account.table)
        draft.doubts += account.table.open_doubts
    _line_net(draft, amounts, account)
    if _holds_vat(account):
        draft.doubts.append("The amounts of the lines include VAT; check their net amounts.")
    if not account.totals.value("vat") and "vat" not in account.totals.amounts and not vat.zero_category(sheet)[0]:
        draft.doubts.append("No VAT is printed, and no sentence says why the document is without VAT.")
    values["totals"] = Totals.model_validate(amounts)
    _groups(draft, sheet, values, account)
    draft.zone = _zone(account)


def _due(draft: Draft, amounts: dict[str, Decimal | None], account: Account) -> None:
    """Put in what is to pay: as printed, else the gross total less what was paid before."""
    if account.prepaid:
        amounts["prepaid"] = abs(account.prepaid.value)
        draft.put("totals.prepaid", account.prepaid)
    if account.rounding:
        amounts["rounding"] = account.rounding.value
        draft.put("totals.rounding", account.rounding)
    if account.payable:
        amounts["payable"] = account.payable.value
        draft.put("totals.payable", account.payable)
    else:
        amounts["payable"] = (amounts["gross"] or _ZERO) - (amounts.get("prepaid") or _ZERO)
        if "gross" in account.totals.amounts:
            draft.places["totals.payable"] = account.totals.amounts["gross"].place
        if account.unsettled and account.unsettled.score >= _PLAIN:
            draft.doubts.append(
                f"{account.unsettled.place.text} on page {account.unsettled.place.page} is said to be what is to pay,"
                f" but that does not follow from the total {amounts['gross']}."
            )
        if (amounts["gross"] or _ZERO) < 0:
            draft.doubts.append("The total is negative, and the document does not say what is to be paid out.")


def _line_net(draft: Draft, amounts: dict[str, Decimal | None], account: Account) -> None:
    if account.line_net:
        amounts["line_net"] = account.line_net.value
        draft.put("totals.line_net", account.line_net)
    elif account.table:
        amounts["line_net"] = amounts["net"] if _holds_vat(account) else account.table.net
        if account.table.net == amounts["net"] and "net" in account.totals.amounts:
            draft.places["totals.line_net"] = account.totals.amounts["net"].place


def _zone(account: Account) -> int:
    """Return the row with which the totals begin: above it, but under the first line, figures belong to the lines."""
    rows = [one.row for one in (*account.totals.amounts.values(), account.line_net, account.payable) if one]
    rows += [group.row for group in account.groups if group.row >= 0]
    return min(rows, default=0)


def _holds_vat(account: Account) -> bool:
    return (
        account.table is not None
        and account.table.net == account.totals.value("gross")
        and bool(account.totals.value("vat"))
    )


def _allowances(values: dict[str, object], amounts: dict[str, Decimal | None], account: Account) -> None:
    changes = [AllowanceCharge(is_charge=False, amount=one.value) for one in account.allowances]
    changes += [AllowanceCharge(is_charge=True, amount=one.value) for one in account.charges]
    changes += account.table_charges
    if changes:
        amounts["allowances"] = sum((c.amount or _ZERO for c in changes if not c.is_charge), _ZERO)
        amounts["charges"] = sum((c.amount or _ZERO for c in changes if c.is_charge), _ZERO)
        values["allowances_charges"] = tuple(changes)


def _groups(draft: Draft, sheet: Sheet, values: dict[str, object], account: Account) -> None:
    category, reason = vat.zero_category(sheet) if any(group.rate == 0 for group in account.groups) else ("", "")
    taxed = "B" if vat.is_split(sheet) else "S"
    made = []
    for index, group in enumerate(account.groups):
        untaxed = group.rate == 0
        made.append(
            VatBreakdown(
                category=(category or "Z") if untaxed else taxed,
                rate=group.rate,
                basis=group.basis,
                amount=group.amount,
                exemption_reason=reason if untaxed and category not in {"", "Z"} else "",
            )
        )
        for name, place in (("rate", group.rate_place), ("basis", group.basis_place), ("amount", group.amount_place)):
            if place:
                draft.places[f"vat_breakdown[{index}].{name}"] = place
    values["vat_breakdown"] = tuple(made)


def _lines(draft: Draft, values: dict[str, object], table: LineTable) -> None:
    for index, printed in enumerate(table.lines):
        for name, place in printed.places.items():
            draft.places[f"lines[{index}].{name}"] = place
    values["lines"] = tuple(printed.line for printed in table.lines)
