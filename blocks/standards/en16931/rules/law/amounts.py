"""Amounts that must fit each other (§14(4) nos. 7 and 8 UStG), and the rates of §12 UStG."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from blocks.documents.invoice_verdicts import Gravity
from blocks.standards.en16931.rules.groups import breakdown
from blocks.standards.en16931.rules.law.particulars import time_of_supply
from blocks.standards.en16931.rules.law.rule import Case, LawRule
from blocks.standards.en16931.rules.rule import Breach, when
from blocks.standards.en16931.rules.sums import cents

_CENT = Decimal("0.01")
_LOWERED = (date(2020, 7, 1), date(2020, 12, 31))
_RATES = frozenset({Decimal(19), Decimal(7)})
_LOWERED_RATES = frozenset({Decimal(16), Decimal(5)})


def _slack(case: Case) -> Decimal:
    """Return what VAT may be off: it may be rounded line by line."""
    return _CENT * max(2, len(case.invoice.lines))


def _vat_of_groups(case: Case) -> Iterator[Breach]:
    for place, group in breakdown(case.invoice):
        if group.basis is None or group.rate is None or group.amount is None:
            continue
        expected = cents(group.basis * group.rate / 100)
        if abs(group.amount - expected) > _slack(case):
            yield Breach(f"{place}/BT-117", {"found": group.amount, "expected": expected, "rate": group.rate})


def _gross(case: Case) -> Iterable[Breach]:
    totals = case.invoice.totals
    if totals.net is None or totals.gross is None:
        return ()
    expected = totals.net + (totals.vat if totals.vat is not None else case.vat_shown)
    return when(abs(totals.gross - expected) > _CENT, "BG-22/BT-112", found=totals.gross, expected=expected)


def _rates(case: Case) -> Iterator[Breach]:
    if case.domestic is not True:
        return
    day = time_of_supply(case) or case.invoice.issue_date
    allowed = _RATES
    if day is None or _LOWERED[0] <= day <= _LOWERED[1] or (day.year == _LOWERED[1].year + 1):
        allowed = _RATES | _LOWERED_RATES  # invoices over supplies of 2020 came the year after as well
    for place, group in breakdown(case.invoice):
        if group.category == "S" and group.rate is not None and group.rate not in allowed:
            yield Breach(f"{place}/BT-119", {"rate": group.rate})


RULES: tuple[LawRule, ...] = (
    LawRule(
        "USTG-14-4-8-AMOUNT",
        "§14(4) no. 8, §14c(1) UStG",
        _vat_of_groups,
        "The VAT amount is {found}, but {rate} percent of the taxable amount make {expected}; have it corrected, for"
        " VAT shown too high cannot be deducted.",
        "Der Steuerbetrag ist {found}, {rate} Prozent des Entgelts ergeben aber {expected}; bitte berichtigen lassen,"
        " denn zu hoch ausgewiesene Steuer ist nicht abziehbar.",
    ),
    LawRule(
        "USTG-14-4-7-SUM",
        "§14(4) nos. 7 and 8 UStG",
        _gross,
        "The total is {found}, but net amount and VAT make {expected}; have it corrected.",
        "Der Gesamtbetrag ist {found}, Entgelt und Steuer ergeben aber {expected}; bitte berichtigen lassen.",
    ),
    LawRule(
        "USTG-12",
        "§12(1) and (2) UStG",
        _rates,
        "A rate of {rate} percent is none of Germany's (19 and 7); ask which rate is meant.",
        "Ein Steuersatz von {rate} Prozent ist keiner der deutschen (19 und 7); bitte klären, welcher gemeint ist.",
        Gravity.WARNING,
    ),
)
