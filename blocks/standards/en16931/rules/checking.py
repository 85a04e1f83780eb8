"""Check an invoice, or the document it stands in, against the business rules of EN 16931."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.errors import Defect
from blocks.garbage import held_back
from blocks.standards.en16931.reading import Syntax, read_root, syntax_of
from blocks.standards.en16931.rules import (
    cii_binding,
    cii_dialect,
    cii_document,
    clean_vehicles,
    coded,
    coded_elements,
    conditions,
    presence,
    sums,
    ubl_binding,
    ubl_document,
    unused_elements,
    vat_categories,
    xrechnung_advice,
    xrechnung_document,
    xrechnung_extension,
)
from blocks.standards.en16931.rules import xrechnung as xrechnung_rules
from blocks.standards.en16931.rules.document_rules import Seen
from blocks.standards.en16931.rules.rule import Finding, Rule, Severity
from blocks.standards.en16931.rules.traits import Choice, traits
from blocks.standards.en16931.ubl_tree import Surplus
from blocks.standards.en16931.xml import parse


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule in the order in which findings are mended: first what is missing, then what is wrong."""
    return (*presence.RULES, *coded.RULES, *conditions.RULES, *vat_categories.RULES, *sums.RULES)


@cache
def _without_codes() -> Choice:
    return Choice((*presence.RULES, *conditions.RULES, *sums.RULES))


@cache
def _of_the_cius() -> Choice:
    return Choice((*xrechnung_rules.RULES, *xrechnung_advice.RULES))


def tried(invoice: Invoice) -> tuple[Rule, ...]:
    """Return the rules of EN 16931, but those on codes, that an invoice can break at all."""
    return (*_without_codes().of(traits(invoice)), *vat_categories.rules_for(invoice))


def check_xrechnung(invoice: Invoice, found: frozenset[str] | None = None) -> tuple[Finding, ...]:
    """Return every breach of XRechnung's own rules; those of the extension only where the invoice names it (BT-24).

    Args:
        invoice: The invoice.
        found: Its traits, where they are known already.
    """
    extended = xrechnung_extension.SPECIFICATION in invoice.specification
    vehicles = clean_vehicles.SPECIFICATION in invoice.specification
    chosen = (
        *_of_the_cius().of(traits(invoice) if found is None else found),
        *(xrechnung_extension.RULES if extended else ()),
        *(clean_vehicles.RULES if vehicles else ()),
    )
    return tuple(rule.finding(breach) for rule in chosen for breach in rule.check(invoice))


def check(invoice: Invoice) -> tuple[Finding, ...]:
    """Return every breach of the business rules; empty where the invoice keeps them all."""
    return tuple(finding for rule in rules() for finding in rule.findings(invoice))


def check_document(
    data: bytes, *, xrechnung: bool | None = None
) -> tuple[Syntax, Invoice, tuple[Defect, ...], tuple[Finding, ...]]:
    """Return syntax, invoice, defects and findings of an e-invoice, judged as its syntax is by the artefacts of CEN.

    Args:
        data: The XML.
        xrechnung: Whether XRechnung's rules count; None where the document claims to keep them (BT-24).

    Raises:
        Unreadable: No well-formed XML within limits, or no invoice.
    """
    with held_back():
        return _checked(parse(data), xrechnung)


def _checked(root: Any, xrechnung: bool | None) -> tuple[Syntax, Invoice, tuple[Defect, ...], tuple[Finding, ...]]:
    syntax = syntax_of(root)
    seen = Seen(root)
    invoice, defects = read_root(root)
    document = cii_document if syntax is Syntax.CII else ubl_document
    found = [
        *(_weighed(one, syntax) for one in _of_vat(seen, document, invoice, syntax) if document.breaks(seen, one.rule)),
        *coded_elements.shown(seen, syntax),
    ]
    known = {finding.rule for finding in found}
    found += [one for one in document.shown(seen) if one.rule not in known]
    attributes = seen.attributes()
    found += (cii_binding if syntax is Syntax.CII else ubl_binding).shown(seen, attributes)
    surplus = any(isinstance(defect, Surplus) for defect in defects)
    found += unused_elements.shown(seen, syntax, attributes, surplus=surplus)
    if xrechnung is None:
        xrechnung = _CLAIMED in invoice.specification.lower()
    if xrechnung:
        found += _of_xrechnung(seen, syntax, invoice)
    return syntax, invoice, defects, tuple(found)


_ADVICE_IN_UBL = frozenset({"BR-CO-25", "BR-DEC-13", "BR-DEC-15"})
"""Rules that the published artefacts for UBL leave out, or write so that no document breaks them: advice there."""


def _weighed(finding: Finding, syntax: Syntax) -> Finding:
    """Return a finding with the weight it has in documents of a syntax."""
    advice = syntax is Syntax.UBL and finding.rule in _ADVICE_IN_UBL
    return replace(finding, severity=Severity.WARNING) if advice else finding


_CLAIMED = "xrechnung"
"""Part of every specification identifier (BT-24) of XRechnung, of whatever version."""


def _of_vat(seen: Seen, document: ModuleType, invoice: Invoice, syntax: Syntax) -> Iterator[Finding]:
    """Yield the breaches of all rules but those on codes, each by the categories of tax that it knows.

    Most know those of VAT alone; the sums of taxable amounts ask for VAT in the breakdown only, BR-S-01 nowhere.
    """
    if not document.has_other_taxes(seen):
        yield from _uncoded(invoice, syntax)
        return
    strict, _ = read_root(document.with_vat_only(seen, breakdown_only=False))
    summed, _ = read_root(document.with_vat_only(seen, breakdown_only=True))
    yield from (one for one in _uncoded(invoice, syntax) if one.rule == "BR-S-01")
    yield from (one for one in _uncoded(summed, syntax) if one.rule in _SUMMED)
    yield from (one for one in _uncoded(strict, syntax) if one.rule != "BR-S-01" and one.rule not in _SUMMED)


_SUMMED = frozenset(f"BR-{category.family}-08" for category in vat_categories.CATEGORIES)


def _uncoded(invoice: Invoice, syntax: Syntax) -> Iterable[Finding]:
    """Return the breaches of all rules but those on codes, as the syntax has them."""
    found = tuple(rule.finding(breach) for rule in tried(invoice) for breach in rule.check(invoice))
    return cii_dialect.as_in_cii(invoice, found) if syntax is Syntax.CII else found


def _of_xrechnung(seen: Seen, syntax: Syntax, invoice: Invoice) -> list[Finding]:
    calculated = cii_document.with_bases_of_gross(seen.root, invoice) if syntax is Syntax.CII else invoice
    own = check_xrechnung(calculated)
    if syntax is Syntax.CII:
        own = tuple(cii_dialect.xrechnung_in_cii(invoice, own))
        if xrechnung_extension.SPECIFICATION in invoice.specification:
            own = (*own, *cii_document.schemes_of_extension(seen.root))
    shown = tuple(xrechnung_document.shown(seen))
    covered = {rule for one in shown for rule in xrechnung_document.COVERS.get(one.rule, ())}
    return [*(one for one in own if one.rule not in covered), *shown]
