"""From the lines to what is to pay: which table, allowances, charges, prepayment and rounding make the totals close."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations as subsets
from itertools import islice, product

from blocks.documents.invoices import AllowanceCharge
from blocks.standards.printed_invoices import vat
from blocks.standards.printed_invoices.lines_found import LineTable
from blocks.standards.printed_invoices.sheet import Sheet
from blocks.standards.printed_invoices.totals import Amount, Closed, changes, combinations, is_amount
from blocks.standards.printed_invoices.vat import VatGroup

_ZERO = Decimal(0)
_WAYS = 24


@dataclass(slots=True)
class Account:
    """Everything about money that was found, and whether it closes."""

    totals: Closed
    groups: tuple[VatGroup, ...] = ()
    table: LineTable | None = None
    allowances: tuple[Amount, ...] = ()
    charges: tuple[Amount, ...] = ()
    table_charges: tuple[AllowanceCharge, ...] = ()
    prepaid: Amount | None = None
    rounding: Amount | None = None
    payable: Amount | None = None
    unsettled: Amount | None = None
    line_net: Amount | None = None
    score: float = 0.0
    doubts: list[str] = field(default_factory=list)

    @property
    def net(self) -> Decimal | None:
        """Return the total without VAT."""
        return self.totals.value("net")


def settle(sheet: Sheet, amounts: dict[str, list[Amount]], tables: Sequence[LineTable]) -> Account | None:
    """Return the account that closes best, None if no net, VAT and gross close at all."""
    groups = vat.groups(sheet)
    sums = set(_sums(groups))
    ways = sorted((*combinations(amounts, vat_sums=sums), *_from_tax(amounts, groups)), key=lambda way: -way.score)
    best: Account | None = None
    seen: set[tuple[Decimal | None, Decimal | None]] = set()
    for way in islice(_distinct(ways, seen), _WAYS):
        account = _account(sheet, way, groups, amounts, tables)
        if best is None or account.score > best.score:
            best = account
    return best


def _distinct(ways: Sequence[Closed], seen: set[tuple[Decimal | None, Decimal | None]]) -> Iterator[Closed]:
    for way in ways:
        key = way.value("net"), way.value("gross")
        if key not in seen:
            seen.add(key)
            yield way


def _sums(groups: Sequence[VatGroup]) -> Iterator[tuple[Decimal, Decimal]]:
    few = groups[-10:]
    for size in (1, 2, 3):
        for chosen in subsets(few, size):
            if len({group.rate for group in chosen}) == size:
                yield sum((g.basis for g in chosen), _ZERO), sum((g.amount for g in chosen), _ZERO)


def _from_tax(amounts: dict[str, list[Amount]], groups: Sequence[VatGroup]) -> list[Closed]:
    """Close from gross and the VAT it holds, where no net total is printed (prices with VAT)."""
    found = []
    grosses = [*amounts.get("gross", []), *amounts.get("total", []), *amounts.get("payable", [])]
    rates = {group.rate for group in groups} | {Decimal(rate) for rate in (4, 5, 7, 8, 9, 10, 19, 20, 21, 22, 25)}
    for gross, tax in product(grosses, amounts.get("vat", [])):
        net = gross.value - tax.value
        if tax.value and any(vat.fits(net, rate, tax.value) for rate in rates):
            found.append(Closed({"gross": gross, "vat": tax}, {"net": net}, gross.score + tax.score - 0.5))
    return sorted(found, key=lambda way: -way.score)


def _account(
    sheet: Sheet, way: Closed, groups: Sequence[VatGroup], amounts: dict[str, list[Amount]], tables: Sequence[LineTable]
) -> Account:
    account = Account(way, score=way.score)
    _settle_lines(sheet, account, amounts, tables)
    net, tax = way.value("net") or _ZERO, way.value("vat") or _ZERO
    account.groups = vat.breakdown(groups, net, tax) or vat.with_untaxed(groups, net, tax, _untaxed(account.table))
    account.groups = account.groups or vat.implied(sheet, net, tax, _by_rate(account.table))
    if not account.groups and tax == _ZERO:
        account.groups = (VatGroup(_ZERO, net, _ZERO),)
        account.score -= 0.4
    if account.groups:
        account.score += 1.0 + 0.3 * (len(account.groups) - 1)
    _settle_payment(account, amounts)
    return account


def _untaxed(table: LineTable | None) -> Decimal:
    return sum((one.line.net or _ZERO for one in table.lines if not one.line.vat_rate), _ZERO) if table else _ZERO


def _by_rate(table: LineTable | None) -> dict[Decimal, Decimal]:
    found: dict[Decimal, Decimal] = {}
    for printed in table.lines if table else ():
        line = printed.line
        if line.vat_rate is None or line.net is None:
            return {}
        found[line.vat_rate] = found.get(line.vat_rate, _ZERO) + line.net
    return found


def _settle_lines(
    sheet: Sheet, account: Account, amounts: dict[str, list[Amount]], tables: Sequence[LineTable]
) -> None:
    """Choose the table whose sum, less allowances, plus charges, is the net total (or with VAT, the gross total)."""
    net = account.totals.value("net") or _ZERO
    for table in tables:
        hit = _reach(sheet, table, net)
        if hit is not None:
            account.table, account.allowances, account.charges, account.table_charges = table, *hit
            account.score += 1.5 - 0.05 * (len(hit[0]) + len(hit[1]))
            account.line_net = next((one for one in amounts.get("line_net", []) if one.value == table.net), None)
            return
    gross = account.totals.value("gross")
    for table in tables:
        if table.net == gross and net != gross:
            account.table = table
            account.score += 1.2
            return
    account.table = tables[0] if tables else None
    account.line_net = next((one for one in amounts.get("line_net", []) if one.value == net), None)


_Change = tuple[Amount, ...]


def _reach(sheet: Sheet, table: LineTable, net: Decimal) -> tuple[_Change, _Change, tuple[AllowanceCharge, ...]] | None:
    """Return the allowances and charges that lead from the lines to the net total; None if none do."""
    if table.net == net:
        return (), (), ()
    lines = rows_of(sheet, table)
    options = [_options(changes(sheet, role, lines)) for role in ("allowances", "charges")]
    for less, more in sorted(product(*options), key=lambda pair: pair[0][0] + pair[1][0]):
        taken, added = sum((abs(one.value) for one in less[1]), _ZERO), sum((one.value for one in more[1]), _ZERO)
        if table.net - taken + added == net:
            return tuple(replace(one, value=abs(one.value)) for one in less[1]), more[1], ()
        if table.net < 0 and table.net + taken + added == net:
            return tuple(replace(one, value=-abs(one.value)) for one in less[1]), more[1], ()
    within = sum((_signed(one.charge) for one in table.charges), _ZERO)
    for sign in (1, -1):  # what lessens an invoice adds to a credit that is written with minus signs
        if table.charges and table.net + sign * within == net:
            return (), (), tuple(_times(one.charge, sign) for one in table.charges)
    return _across(sheet, table, net, lines[1])


def _across(
    sheet: Sheet, table: LineTable, net: Decimal, last: int
) -> tuple[_Change, _Change, tuple[AllowanceCharge, ...]] | None:
    """Return what one row of totals, side by side, says: the lines' sum, each change with its sign, the net total."""
    for row in reversed(sheet.rows[last + 1 :]):
        read = [(f, sheet.style.read(f)) for f in row.figures if f.places == 2 and is_amount(row, f)]  # noqa: PLR2004 - cents
        printed = [(figure, value) for figure, value in read if value is not None]
        values = [value for _, value in printed]
        if len(values) < 3 or table.net not in values or net not in values:  # noqa: PLR2004 - sum, change, net
            continue
        start, end = values.index(table.net), len(values) - 1 - values[::-1].index(net)
        if start + 1 < end and table.net + sum(values[start + 1 : end], _ZERO) == net:
            found = [
                Amount("changes", abs(value) if table.net >= 0 else -abs(value), figure.place, 1.0, row.index)
                for figure, value in printed[start + 1 : end]
            ]
            less = [(value < 0) == (table.net >= 0) for value in values[start + 1 : end]]
            return (
                tuple(one for one, lessens in zip(found, less, strict=True) if lessens and one.value),
                tuple(one for one, lessens in zip(found, less, strict=True) if not lessens and one.value),
                (),
            )
    return None


_TOTAL_WORDS = (
    "gesamt",
    "summe",
    "total",
    "sum",
    "totaal",
    "totale",
    "allowances",
    "charges",
    "remises",
    "zuschlage",
    "abschlage",
)


def _options(rows: list[Amount]) -> list[tuple[int, _Change]]:
    """Return what may count, ranked: all single rows, the printed total, or nothing; no subset that happens to fit."""
    whole = [one for one in rows if any(word in one.label for word in _TOTAL_WORDS)]
    single = [one for one in rows if one not in whole]
    options: list[tuple[int, _Change]] = [(3, ())]
    if single:
        options.append((0, tuple(single)))
    options += [(1, (one,)) for one in whole]
    options += [(2, (one,)) for one in single if len(single) > 1]
    return options


def rows_of(sheet: Sheet, table: LineTable) -> tuple[int, int]:
    """Return the rows of the first and the last line of a table, (-1, -1) where their places do not tell."""
    places = [line.places["net"] for line in (table.lines[0], table.lines[-1]) if "net" in line.places]
    rows = [
        row.index
        for row in sheet.rows
        for p in places
        if row.page == p.page and row.bottom - 1 <= p.box[1] and p.box[3] <= row.top + 1
    ]
    return (min(rows), max(rows)) if rows else (-1, -1)


def _times(charge: AllowanceCharge, sign: int) -> AllowanceCharge:
    if sign == 1 or charge.amount is None:
        return charge
    basis = None if charge.basis is None else -abs(charge.basis)
    return charge.model_copy(update={"amount": -charge.amount, "basis": basis})


def _signed(charge: AllowanceCharge) -> Decimal:
    amount = charge.amount or _ZERO
    return amount if charge.is_charge else -amount


def _settle_payment(account: Account, amounts: dict[str, list[Amount]]) -> None:
    """Find prepayment, rounding and what is to pay; without a printed one the gross total is to pay."""
    gross = account.totals.value("gross") or _ZERO
    prepaids: list[Amount | None] = [None, *(one for one in amounts.get("prepaid", []) if one.value)]
    roundings: list[Amount | None] = [
        None,
        *(one for one in amounts.get("rounding", []) if one.value and abs(one.value) < 1),
    ]
    payables = amounts.get("payable", [])
    for payable, prepaid, rounding in product(payables, prepaids, roundings):
        made = gross - (abs(prepaid.value) if prepaid else _ZERO) + (rounding.value if rounding else _ZERO)
        if made == payable.value:
            account.payable, account.prepaid, account.rounding = payable, prepaid, rounding
            account.score += 0.5 if prepaid or rounding else 0.4
            return
    if payables:
        account.score -= 0.2
        account.unsettled = payables[0]
    elif len(prepaids) == 2:  # noqa: PLR2004 - none, and the one that is printed
        account.prepaid = prepaids[1]
