"""All rules of law together, in the order in which people look at an invoice."""

from collections.abc import Iterator

from blocks.documents.invoice_verdicts import InvoiceFinding
from blocks.standards.en16931.rules.law import (
    amounts,
    credit_notes,
    cross_border,
    numbers,
    particulars,
    reverse_charge,
    skonto,
    small_business,
)
from blocks.standards.en16931.rules.law.rule import Case, LawRule

RULES: tuple[LawRule, ...] = (
    *particulars.RULES,
    *amounts.RULES,
    *credit_notes.RULES,
    *reverse_charge.RULES,
    *cross_border.RULES,
    *small_business.RULES,
    *numbers.RULES,
    *skonto.RULES,
)


def broken(case: Case) -> Iterator[tuple[LawRule, InvoiceFinding]]:
    """Yield every breach with its rule, which says what it means for input tax."""
    for rule in RULES:
        for finding in rule.findings(case):
            yield rule, finding
