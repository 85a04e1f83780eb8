"""Check an invoice, or the document it stands in, against the business rules of EN 16931."""

from functools import cache

from blocks.documents.invoices import Invoice
from blocks.errors import Defect
from blocks.standards.en16931.reading import Syntax, read_root, syntax_of
from blocks.standards.en16931.rules import (
    cii_binding,
    cii_dialect,
    cii_document,
    clean_vehicles,
    coded,
    conditions,
    presence,
    sums,
    ubl_binding,
    ubl_document,
    vat_categories,
    xrechnung_advice,
    xrechnung_document,
    xrechnung_extension,
)
from blocks.standards.en16931.rules import xrechnung as xrechnung_rules
from blocks.standards.en16931.rules.rule import Finding, Rule
from blocks.standards.en16931.xml import parse


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule in the order in which findings are mended: first what is missing, then what is wrong."""
    return (*presence.RULES, *coded.RULES, *conditions.RULES, *vat_categories.RULES, *sums.RULES)


def check_xrechnung(invoice: Invoice) -> tuple[Finding, ...]:
    """Return every breach of XRechnung's own rules; those of the extension only where the invoice names it (BT-24)."""
    extended = xrechnung_extension.SPECIFICATION in invoice.specification
    vehicles = clean_vehicles.SPECIFICATION in invoice.specification
    chosen = (
        *xrechnung_rules.RULES,
        *xrechnung_advice.RULES,
        *(xrechnung_extension.RULES if extended else ()),
        *(clean_vehicles.RULES if vehicles else ()),
    )
    return tuple(finding for rule in chosen for finding in rule.findings(invoice))


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
    root = parse(data)
    syntax = syntax_of(root)
    invoice, defects = read_root(root)
    document = cii_document if syntax is Syntax.CII else ubl_document
    kept = document.not_broken(root)
    found = tuple(finding for finding in check(invoice) if finding.rule not in kept)
    if syntax is Syntax.CII:
        found = tuple(cii_dialect.as_in_cii(invoice, found))
    known = {finding.rule for finding in found}
    found = (*found, *(one for one in document.shown(root) if one.rule not in known))
    found = (*found, *(cii_binding if syntax is Syntax.CII else ubl_binding).shown(root))
    if xrechnung is None:
        xrechnung = xrechnung_rules.SPECIFICATION in invoice.specification
    if xrechnung:
        calculated = cii_document.with_bases_of_gross(root, invoice) if syntax is Syntax.CII else invoice
        own = check_xrechnung(calculated)
        if syntax is Syntax.CII:
            own = tuple(cii_dialect.xrechnung_in_cii(invoice, own))
            if xrechnung_extension.SPECIFICATION in invoice.specification:
                own = (*own, *cii_document.schemes_of_extension(root))
        seen = tuple(xrechnung_document.shown(root))
        covered = {rule for one in seen for rule in xrechnung_document.COVERS.get(one.rule, ())}
        found = (*found, *(one for one in own if one.rule not in covered), *seen)
    return syntax, invoice, defects, found
