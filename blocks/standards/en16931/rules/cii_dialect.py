"""How the rules read in CII: the published artefacts are laxer there than in UBL, and receivers go by them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from blocks.documents.invoices import DirectDebit, Invoice
from blocks.standards.en16931.rules import xrechnung
from blocks.standards.en16931.rules.groups import breakdown
from blocks.standards.en16931.rules.rule import Finding, Rule
from blocks.standards.en16931.rules.sums import cents
from blocks.standards.en16931.rules.vat_categories import CATEGORIES, RULES, Category, bases

_SEPA_DEBIT = "59"

NOT_CHECKED = frozenset(
    {"BR-CO-25", "BR-DEC-13", *(f"BR-{family}-01" for family in ("S", "Z", "E", "AE", "IC", "G", "O", "AF", "AG"))}
)
"""Rules whose CII form never fires on a document that has the groups they ask for (artefacts 1.3.16, by trial)."""


def keeps(invoice: Invoice, finding: Finding) -> bool:
    """Return whether a document in CII keeps the rule of a finding after all."""
    if finding.rule in NOT_CHECKED:
        return True
    if finding.rule == "BR-CO-15":
        totals = invoice.totals
        return totals.net is not None and totals.net == totals.gross
    if finding.rule == "BR-CO-17":
        return _within_one(invoice, finding.location)
    return False


def _within_one(invoice: Invoice, location: str) -> bool:
    """Return whether a VAT amount is off by one unit at the most: CII allows the whole unit, UBL less than it."""
    for place, group in breakdown(invoice):
        if location.startswith(f"{place}/"):
            if group.amount is None or group.basis is None or group.rate is None:
                return True
            if group.rate == 0:
                return group.category == "O"
            return abs(abs(group.amount) - cents(abs(group.basis) * group.rate / 100)) <= 1
    return False


def as_in_cii(invoice: Invoice, findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Yield the findings as CII's artefacts name them, and those of its exact taxable amounts."""
    for finding in findings:
        if not keeps(invoice, finding):
            yield finding
    known = {finding.rule for finding in findings}
    for category in CATEGORIES:
        rule_id = f"BR-{category.family}-08"
        if category.taxed and rule_id not in known:
            yield from _exact(category).findings(invoice)


@cache
def _exact(category: Category) -> Rule:
    """Return the rule on the taxable amounts of a category as CII has it."""
    rule = next(one for one in RULES if one.id == f"BR-{category.family}-08")
    return replace(rule, check=bases(category, exact=True))


def xrechnung_in_cii(invoice: Invoice, findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Yield XRechnung's findings as CII's artefacts have them.

    No line is calculated whose amount is missing or whose price is below zero: other rules say so. A direct debit
    beside another means of payment counts as one without creditor and account, which are looked for beside code 59.
    """
    yield from _debit_beside_other_means(invoice, {finding.rule for finding in findings})
    left = {
        f"BG-25[{number}]/BT-131"
        for number, line in enumerate(invoice.lines, 1)
        if line.net is None or (line.price.net is not None and line.price.net < 0)
    }
    for finding in findings:
        if finding.rule == "BR-DEX-04" or (finding.rule == "PEPPOL-EN16931-R120" and finding.location in left):
            continue
        yield finding


def _debit_beside_other_means(invoice: Invoice, known: set[str]) -> Iterator[Finding]:
    payment = invoice.payment
    if payment is None or payment.debit is None or payment.means_code == _SEPA_DEBIT:
        return
    bare = invoice.model_copy(update={"payment": payment.model_copy(update={"debit": DirectDebit(mandate="-")})})
    for rule in xrechnung.RULES:
        if rule.id in {"BR-DE-30", "BR-DE-31"} - known:
            yield from rule.findings(bare)
