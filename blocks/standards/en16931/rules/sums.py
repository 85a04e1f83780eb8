"""Sums and decimals of an invoice: BR-CO-10 to BR-CO-17 and BR-DEC-*."""

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules.groups import (
    Placed,
    allowances,
    breakdown,
    charges,
    line_allowances,
    line_charges,
    lines,
)
from blocks.standards.en16931.rules.rule import Breach, Rule

_HALF = Decimal("0.005")
_CENT = Decimal("0.01")
_WIDE = Context(prec=200)
"""Wide enough for any product of two figures, so that no invoice can break the arithmetic."""


def cents(value: Decimal) -> Decimal:
    """Return an amount rounded to two places, halves towards the greater (the rounding that EN 16931's rules use)."""
    return _WIDE.add(value, _HALF).quantize(_CENT, rounding=ROUND_FLOOR, context=_WIDE)


def too_fine(amount: Decimal) -> bool:
    """Return whether an amount is written with more than two decimals."""
    return not amount.same_quantum(_CENT) and int(amount.as_tuple().exponent) < -2  # noqa: PLR2004 - cents


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """Return the sum of the amounts that are given."""
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def _closes(place: str, found: Decimal | None, expected: Decimal | None) -> Iterable[Breach]:
    """Return the breach of a sum that must be there and be as expected."""
    if found is not None and expected is not None and found == cents(expected):
        return ()
    shown = "?" if expected is None else cents(expected)
    return (Breach(place, {"found": "nothing" if found is None else found, "expected": shown}),)


def _line_net(invoice: Invoice) -> Iterable[Breach]:
    return _closes("BG-22/BT-106", invoice.totals.line_net, total(line.net for line in invoice.lines))


def _reductions(term: str, given: Callable[[Invoice], Decimal | None], places: Callable[[Invoice], Placed]) -> Any:
    def check(invoice: Invoice) -> Iterable[Breach]:
        found = [one for _, one in places(invoice)]
        if given(invoice) is None and not found:
            return ()
        return _closes(f"BG-22/{term}", given(invoice), total(one.amount for one in found))

    return check


def _net(invoice: Invoice) -> Iterable[Breach]:
    totals = invoice.totals
    expected = None
    if totals.line_net is not None:
        expected = totals.line_net - (totals.allowances or 0) + (totals.charges or 0)
    return _closes("BG-22/BT-109", totals.net, expected)


def _vat(invoice: Invoice) -> Iterable[Breach]:
    if not invoice.vat_breakdown or invoice.totals.vat is None:
        return ()
    return _closes("BG-22/BT-110", invoice.totals.vat, total(group.amount for group in invoice.vat_breakdown))


def _gross(invoice: Invoice) -> Iterable[Breach]:
    totals = invoice.totals
    expected = None if totals.net is None or totals.vat is None else totals.net + totals.vat
    return _closes("BG-22/BT-112", totals.gross, expected)


def _payable(invoice: Invoice) -> Iterable[Breach]:
    totals = invoice.totals
    expected = None
    if totals.gross is not None:
        expected = totals.gross - (totals.prepaid or 0) + (totals.rounding or 0)
    return _closes("BG-22/BT-115", totals.payable, expected)


def _vat_of_groups(invoice: Invoice) -> Iterator[Breach]:
    for place, group in breakdown(invoice):
        amount, basis = group.amount, group.basis
        if amount is None or (basis is None and group.rate):
            yield Breach(f"{place}/BT-117", {"found": "nothing", "expected": "?"})
            continue
        expected = cents(abs(basis or Decimal(0)) * (group.rate or Decimal(0)) / 100)
        if abs(abs(amount) - expected) >= 1:
            yield Breach(f"{place}/BT-117", {"found": amount, "expected": expected})


_DECIMALS: tuple[tuple[str, str, Callable[[Invoice], Iterable[tuple[str, Any]]], str], ...] = (
    ("BR-DEC-01", "BT-92", allowances, "amount"),
    ("BR-DEC-02", "BT-93", allowances, "basis"),
    ("BR-DEC-05", "BT-99", charges, "amount"),
    ("BR-DEC-06", "BT-100", charges, "basis"),
    ("BR-DEC-09", "BT-106", lambda i: [("BG-22", i.totals)], "line_net"),
    ("BR-DEC-10", "BT-107", lambda i: [("BG-22", i.totals)], "allowances"),
    ("BR-DEC-11", "BT-108", lambda i: [("BG-22", i.totals)], "charges"),
    ("BR-DEC-12", "BT-109", lambda i: [("BG-22", i.totals)], "net"),
    ("BR-DEC-13", "BT-110", lambda i: [("BG-22", i.totals)], "vat"),
    ("BR-DEC-14", "BT-112", lambda i: [("BG-22", i.totals)], "gross"),
    ("BR-DEC-15", "BT-111", lambda i: [("BG-22", i.totals)], "vat_accounting"),
    ("BR-DEC-16", "BT-113", lambda i: [("BG-22", i.totals)], "prepaid"),
    ("BR-DEC-17", "BT-114", lambda i: [("BG-22", i.totals)], "rounding"),
    ("BR-DEC-18", "BT-115", lambda i: [("BG-22", i.totals)], "payable"),
    ("BR-DEC-19", "BT-116", breakdown, "basis"),
    ("BR-DEC-20", "BT-117", breakdown, "amount"),
    ("BR-DEC-23", "BT-131", lines, "net"),
    ("BR-DEC-24", "BT-136", line_allowances, "amount"),
    ("BR-DEC-25", "BT-137", line_allowances, "basis"),
    ("BR-DEC-27", "BT-141", line_charges, "amount"),
    ("BR-DEC-28", "BT-142", line_charges, "basis"),
)
"""Amounts of at most two decimals: rule, term, where it stands, and its name in the canonical invoice."""


def _two_places(rule_id: str, term: str, places: Callable[[Invoice], Iterable[tuple[str, Any]]], name: str) -> Rule:
    def check(invoice: Invoice) -> Iterator[Breach]:
        for place, group in places(invoice):
            amount = getattr(group, name)
            if amount is not None and too_fine(amount):
                yield Breach(f"{place}/{term}", {"found": amount})

    return Rule(
        rule_id,
        check,
        "The amount {found} has more than two decimals; round it.",
        "Der Betrag {found} hat mehr als zwei Nachkommastellen; bitte runden.",
    )


def _sum(rule_id: str, check: Callable[[Invoice], Iterable[Breach]], english: str, german: str) -> Rule:
    return Rule(
        rule_id,
        check,
        f"{{found}} is given, {english} is {{expected}}; correct the total or what it sums up.",
        f"{{found}} steht da, {german} ist {{expected}}; bitte die Summe oder ihre Teile berichtigen.",
    )


_ALLOWANCES = _reductions("BT-107", lambda i: i.totals.allowances, allowances)
_CHARGES = _reductions("BT-108", lambda i: i.totals.charges, charges)

RULES: tuple[Rule, ...] = (
    _sum("BR-CO-10", _line_net, "the sum of all lines", "die Summe aller Positionen"),
    _sum("BR-CO-11", _ALLOWANCES, "the sum of the document's allowances", "die Summe der Nachlässe"),
    _sum("BR-CO-12", _CHARGES, "the sum of the document's charges", "die Summe der Zuschläge"),
    _sum(
        "BR-CO-13",
        _net,
        "the sum of the lines less allowances plus charges",
        "die Summe der Positionen minus Nachlässe plus Zuschläge",
    ),
    _sum("BR-CO-14", _vat, "the sum of the VAT amounts of all rates", "die Summe der Steuerbeträge aller Sätze"),
    _sum("BR-CO-15", _gross, "the total without VAT plus VAT", "der Betrag ohne Umsatzsteuer plus Umsatzsteuer"),
    _sum(
        "BR-CO-16",
        _payable,
        "the total with VAT less what was paid plus rounding",
        "der Betrag mit Umsatzsteuer minus Gezahltes plus Rundung",
    ),
    _sum("BR-CO-17", _vat_of_groups, "the taxable amount times the rate", "der steuerpflichtige Betrag mal Satz"),
    *(_two_places(*row) for row in _DECIMALS),
)
