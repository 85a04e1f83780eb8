"""Check an invoice against the business rules of EN 16931."""

from functools import cache

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules import coded, conditions, presence, sums, vat_categories
from blocks.standards.en16931.rules.rule import Finding, Rule


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule in the order in which findings are mended: first what is missing, then what is wrong."""
    return (*presence.RULES, *coded.RULES, *conditions.RULES, *vat_categories.RULES, *sums.RULES)


def check(invoice: Invoice) -> tuple[Finding, ...]:
    """Return every breach of the business rules; empty where the invoice keeps them all."""
    return tuple(finding for rule in rules() for finding in rule.findings(invoice))
