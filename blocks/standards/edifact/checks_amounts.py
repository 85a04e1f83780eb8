"""Whether the amounts of a message close: quantity times price, lines → totals → tax → what is to be paid."""

from decimal import Decimal
from typing import NamedTuple

from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.findings import Severity
from blocks.standards.edifact.line_items import Line

_CENT = Decimal("0.01")
_HALF = Decimal("0.005")
_CLOSE = Decimal("0.02")
_HUNDRED = Decimal(100)
_UNIT = Decimal(1)
_ZERO = Decimal(0)
_QUANTITIES = {
    "INVOIC": ("47", "46", "12", "61", "131"),
    "ORDERS": ("21", "1"),
    "ORDRSP": ("113", "21", "12", "170"),
    "DESADV": ("12", "46", "21", "1"),
}
"""Qualifiers (6063) of the quantity that is charged or moved, the likeliest first."""
_GROSS = ("77", "39", "388")
"""Invoice amount, invoice total amount, total amount including value added tax: the same amount under three names."""


class _Sum(NamedTuple):
    """One amount that is not what it should be, and where the other figure comes from."""

    what: str
    stated: Decimal
    wanted: Decimal
    source: str


def check(contents: Contents) -> None:
    """Note every amount that does not follow from the others."""
    kind = contents.message.type
    for line in contents.lines:
        _line(contents, line, kind)
    if kind == "INVOIC":
        _invoice(contents)
    elif kind in {"ORDERS", "ORDRSP"}:
        _order(contents)


def quantity_of(line: Line, message_type: str) -> Decimal | None:
    """Return the quantity a line is about; None when it gives none of the right kind."""
    quantities = line.quantities
    for qualifier in _QUANTITIES.get(message_type, ()):
        if qualifier in quantities:
            return quantities[qualifier]
    return None


def _line(contents: Contents, line: Line, message_type: str) -> None:
    """Compare a line's amount with quantity times price ÷ price basis, allowances within the price or beside it.

    A price printed with few digits times a large quantity cannot give the exact amount: that is a warning.
    """
    if line.amount is None or line.price is None:
        return
    quantity = quantity_of(line, message_type)
    if quantity is None:
        return
    product = quantity * line.price
    if product == line.amount and line.basis == 1:
        return
    product /= line.basis
    wanted = {product, product + line.allowance}
    off = min(abs(abs(line.amount) - abs(each)) for each in wanted)
    if off <= _CENT:
        return
    exponent = line.price.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    severity: Severity | None = None
    if not line.allowance_known or off <= min(
        abs(quantity / line.basis) * Decimal(5).scaleb(-digits - 1), abs(product) / 100
    ):
        severity = "warning"
    text = f"Line {line.number} has the amount {line.amount}, but {_plain(quantity)} times {_plain(line.price)}"
    text += f" is {_plain(product)}: correct amount, quantity or price."
    contents.note("line-amount", line.place, text, severity=severity)


def _order(contents: Contents) -> None:
    lines = _line_total(contents)
    if lines is None:
        return
    for qualifier in ("79", "86"):
        if qualifier in contents.sums and contents.allowance_known and not any(contents.document_allowances()):
            stated, place = contents.sums[qualifier]
            tolerance = _tolerance(contents, lines, stated)
            if abs(stated - lines) > tolerance and not contents.taxes and not contents.taxed:
                _off(contents, "line-total", place, _Sum(f"MOA {qualifier}", stated, lines, "the lines' amounts"))


def _invoice(contents: Contents) -> None:
    """Go from the lines to what is to be paid; each step uses what is stated, so that one fault gives one finding."""
    _complete(contents)
    lines = _line_total(contents)
    if lines is not None and "79" in contents.sums:
        stated, place = contents.sums["79"]
        if abs(stated - lines) > _tolerance(contents, lines, stated):
            _off(contents, "line-total", place, _Sum("MOA 79", stated, lines, "the lines' amounts"))
    _allowance_totals(contents)
    net = _net(contents, contents.sums["79"][0] if "79" in contents.sums else lines)
    tax = _tax(contents)
    if net is not None and tax is not None:
        _gross(contents, net, tax)
    _due(contents)


def _complete(contents: Contents) -> None:
    for line in contents.lines:
        if line.amount is None and not line.sub:
            text = f"Line {line.number} has no amount: add MOA 203."
            contents.note("line-amount-missing", line.place, text, severity=contents.guide)
    if contents.lines and not contents.sums.keys() & {*_GROSS, "86", "9"}:
        text = "The invoice amount is missing: add MOA 77 to the totals."
        contents.note("total-missing", None, text, severity=contents.guide)


def _line_total(contents: Contents) -> Decimal | None:
    """Return the sum of the line amounts, sublines left out; None when a line has none."""
    amounts = [line.amount for line in contents.lines if not line.sub]
    return None if not amounts or None in amounts else sum((each for each in amounts if each is not None), _ZERO)


def _net(contents: Contents, lines: Decimal | None) -> Decimal | None:
    """Compare what is taxed (125, 389) with lines less allowances plus charges; return the stated net amount."""
    allowed, charged = contents.document_allowances()
    computed = None if lines is None or not contents.allowance_known else lines - allowed + charged
    net = None
    for qualifier in ("125", "389"):
        if qualifier not in contents.sums:
            continue
        stated, place = contents.sums[qualifier]
        partly = qualifier == "125" and _exempt(contents)
        if computed is not None and not partly and abs(stated - computed) > _tolerance(contents, computed, stated):
            _off(
                contents,
                "net-total",
                place,
                _Sum(f"MOA {qualifier}", stated, computed, "lines, allowances and charges"),
            )
        net = net if net is not None else stated
    bases = [tax.basis for tax in contents.taxes]
    if bases and None not in bases:
        total = sum((each for each in bases if each is not None), _ZERO)
        _bases(contents, total, computed)
        net = net if net is not None else total
    return net if net is not None else computed


def _exempt(contents: Contents) -> bool:
    """Tell whether part of the invoice may stand outside of the taxable amount."""
    return any(line.rate is None or line.rate == 0 for line in contents.lines) or any(
        not tax.rate for tax in contents.taxes
    )


def _bases(contents: Contents, total: Decimal, computed: Decimal | None) -> None:
    place = contents.taxes[-1].place
    if "125" in contents.sums:
        stated = contents.sums["125"][0]
        if abs(stated - total) > _HALF:
            _off(
                contents, "tax-basis", place, _Sum("MOA 125 of all taxes together", total, stated, "the taxable amount")
            )
    elif (
        computed is not None and abs(total - computed) > _tolerance(contents, computed, total) and not _exempt(contents)
    ):
        _off(contents, "tax-basis", place, _Sum("MOA 125 of all taxes together", total, computed, "the lines"))
    if any(contents.document_allowances()) or not contents.allowance_known:
        return
    by_rate: dict[Decimal, Decimal] = {}
    for line in contents.lines:
        if line.amount is None or line.rate is None:
            return
        by_rate[line.rate] = by_rate.get(line.rate, _ZERO) + (_ZERO if line.sub else line.amount)
    for tax in contents.taxes:
        wanted = by_rate.get(tax.rate or _ZERO)
        alone = sum(1 for other in contents.taxes if other.rate == tax.rate) == 1
        if alone and tax.basis is not None and wanted is not None and abs(tax.basis - wanted) > _CLOSE:
            _off(contents, "tax-basis", tax.place, _Sum(f"The basis of {tax.rate} %", tax.basis, wanted, "its lines"))


def _tax(contents: Contents) -> Decimal | None:
    """Compare each tax with its basis and rate, and the tax total with all of them; return the stated total."""
    for tax in contents.taxes:
        if tax.amount is None and tax.rate:
            text = f"The tax of {_plain(tax.rate)} % has no amount among the totals: add MOA 124."
            contents.note("tax-missing", tax.place, text, severity=contents.guide)
        if tax.basis is None or tax.amount is None or tax.rate is None:
            continue
        wanted = tax.basis * tax.rate / _HUNDRED
        off = abs(tax.amount - wanted)
        if off > _CENT:
            rounded = len(contents.lines) > 1 and off <= _HALF * (len(contents.lines) + 2)
            whole = tax.amount % 1 == 0 and off <= _UNIT / 2  # forint and yen have no smaller coin
            severity: Severity | None = "warning" if rounded or whole else None
            what = f"{_plain(tax.rate)} % of {tax.basis}"
            _off(contents, "tax-amount", tax.place, _Sum("The tax", tax.amount, wanted, what), severity)
    amounts = [tax.amount for tax in contents.taxes]
    known = bool(amounts) and None not in amounts
    total = sum((each for each in amounts if each is not None), _ZERO)
    stated = None
    for qualifier in ("124", "176", "150"):
        if qualifier in contents.sums:
            stated, place = contents.sums[qualifier]
            if known and abs(stated - total) > _HALF:
                _off(contents, "tax-total", place, _Sum(f"MOA {qualifier}", stated, total, "the taxes of all rates"))
            break
    if stated is not None:
        return stated
    if known:
        return total
    return None if contents.taxed or contents.taxes else _ZERO


def _gross(contents: Contents, net: Decimal, tax: Decimal) -> None:
    for qualifier in _GROSS:
        if qualifier in contents.sums:
            stated, place = contents.sums[qualifier]
            if abs(stated - net - tax) > _tolerance(contents, stated, net, tax):
                _off(contents, "total", place, _Sum(f"MOA {qualifier}", stated, net + tax, f"{net} net and {tax} tax"))
    if "86" in contents.sums:
        stated, place = contents.sums["86"]
        if min(abs(stated - net - tax), abs(stated - net)) > _CENT:
            _off(contents, "total", place, _Sum("MOA 86", stated, net + tax, f"{net} net and {tax} tax"))


def _due(contents: Contents) -> None:
    """Compare the amount due (9) with the invoice amount less what was paid before (113)."""
    gross = next((contents.sums[each][0] for each in _GROSS if each in contents.sums), None)
    if gross is None or "9" not in contents.sums:
        return
    stated, place = contents.sums["9"]
    paid = contents.sums.get("113", (_ZERO, 0))[0]
    other = [contents.sums[each][0] for each in ("165", "366", "64", "130") if each in contents.sums]
    if abs(stated - gross + paid) > _CENT and not other:
        _off(contents, "amount-due", place, _Sum("MOA 9", stated, gross - paid, f"{gross} less {paid} already paid"))


def _allowance_totals(contents: Contents) -> None:
    allowed, charged = contents.document_allowances()
    if not contents.allowance_known or not contents.allowances:
        return
    for qualifier, wanted in (("260", allowed), ("259", charged), ("131", charged - allowed)):
        if qualifier in contents.sums:
            stated, place = contents.sums[qualifier]
            if abs(abs(stated) - abs(wanted)) > _HALF:
                _off(
                    contents,
                    "allowance-total",
                    place,
                    _Sum(f"MOA {qualifier}", stated, wanted, "allowances and charges"),
                )


def _tolerance(contents: Contents, *amounts: Decimal) -> Decimal:
    """Return next to nothing where all amounts are whole cents; else half a cent for each line."""
    if contents.cents is None:
        contents.cents = all(line.amount is None or _whole_cents(line.amount) for line in contents.lines)
    exact = contents.cents and all(map(_whole_cents, amounts))
    return _HALF if exact else _HALF * (len(contents.lines) + 1)


def _whole_cents(amount: Decimal) -> bool:
    return amount * 100 % 1 == 0


def _off(contents: Contents, code: str, place: int, off: _Sum, severity: Severity | None = None) -> None:
    text = f"{off.what} is {_plain(off.stated)}, but by {off.source} it should be {_plain(off.wanted)}:"
    contents.note(code, place, text + " correct the amount, or what it is made of.", severity=severity)


def _plain(value: Decimal) -> str:
    """Return a figure without exponent and with four digits behind the mark at most."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text or "0"
