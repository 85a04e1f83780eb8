"""What German VAT law wants an invoice to say, as ``soms check`` publishes it: without knowledge of the parties."""

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules.law.book import broken
from blocks.standards.en16931.rules.law.rule import Case
from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity


def check(invoice: Invoice) -> tuple[Finding, ...]:
    """Return a warning for each particular that the law demands and the invoice lacks or gives wrongly."""
    return tuple(
        Finding(
            rule=found.rule,
            rule_set=RuleSet.USTG,
            severity=Severity.INFORMATION if found.gravity == "information" else Severity.WARNING,
            location=found.location,
            english=found.text,
            german=found.text_de,
        )
        for _, found in broken(Case(invoice))
    )
