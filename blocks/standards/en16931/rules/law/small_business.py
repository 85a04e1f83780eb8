"""Small businesses (§19 UStG): no VAT on their invoices (§14c), and the note of the exemption (§34a UStDV)."""

import re
from collections.abc import Iterable

from blocks.documents.invoice_verdicts import Gravity, InputTax
from blocks.standards.en16931.rules.law.rule import Case, LawRule
from blocks.standards.en16931.rules.rule import Breach, when

NOTE = re.compile(
    r"§\s*19\b|kleinunternehm|small (?:business|undertaking|enterprise)|franchise en base|régimen de franquicia",
    re.IGNORECASE,
)


def _known(case: Case) -> bool:
    return case.context is not None and case.context.supplier.small_business is True


def _vat_shown(case: Case) -> Iterable[Breach]:
    small = _known(case) or case.says(NOTE)
    return when(small and bool(case.vat_shown), "BG-22/BT-110", vat=case.vat_shown)


def _no_note(case: Case) -> Iterable[Breach]:
    return when(_known(case) and not case.vat_shown and not case.says(NOTE), "BG-23/BT-120")


RULES: tuple[LawRule, ...] = (
    LawRule(
        "USTG-14C",
        "§14c(2) with §19(1) UStG",
        _vat_shown,
        "VAT of {vat} is shown by a small business, which is exempt: it owes what it shows, and you cannot deduct it;"
        " ask for an invoice without VAT.",
        "Ein Kleinunternehmer weist Umsatzsteuer von {vat} aus: er schuldet sie, und sie ist nicht abziehbar; bitte"
        " eine Rechnung ohne Umsatzsteuer anfordern.",
        Gravity.WARNING,
        InputTax.NOT_DEDUCTIBLE,
    ),
    LawRule(
        "USTDV-34A-5",
        "§34a sentence 1 no. 5 UStDV",
        _no_note,
        "The seller is a small business, but does not say that the supply is exempt for it; have a note added.",
        "Der Verkäufer ist Kleinunternehmer, weist aber nicht auf die Steuerbefreiung hin; bitte ergänzen lassen.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
)
