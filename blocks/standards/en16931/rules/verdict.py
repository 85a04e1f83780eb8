"""The verdict on an e-invoice, as ``soms check`` publishes it: XML or hybrid PDF in, findings by class out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.errors import Defect, Unreadable
from blocks.standards.en16931.hybrid_metadata import profile_of
from blocks.standards.en16931.reading import Syntax
from blocks.standards.en16931.rules import ustg
from blocks.standards.en16931.rules.checking import check_document
from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity
from blocks.standards.en16931.ubl_tree import Surplus

CHOICES = (RuleSet.EN16931, RuleSet.XRECHNUNG, RuleSet.USTG)
"""The rule sets that may be chosen."""

_PDF_WITHIN = 1024
"""A PDF begins within so many bytes."""
_MOST_FINDINGS = 1_000
"""Of one document: a hostile one must not fill the report."""
_LONGEST = 600
_ORDER = {severity: place for place, severity in enumerate(Severity)}
_BINDING = ("UBL-", "CII-")
"""How the ids of rules begin that are about the syntax, not the business."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Container:
    """What a document came in: what is wrong with the PDF around it, as (rule, severity, class, text)."""

    findings: tuple[tuple[str, Severity, str, str], ...] = ()
    is_pdf: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """What the rules of EN 16931 and XRechnung found in an e-invoice."""

    syntax: Syntax
    invoice: Invoice
    defects: tuple[Defect, ...]
    findings: tuple[Finding, ...]
    container: Container


def examine(data: bytes, *, xrechnung: bool | None = None) -> Examined:
    """Return what was found in an e-invoice.

    Args:
        data: UBL, CII, or a PDF with one of them inside.
        xrechnung: Whether XRechnung's rules count; None where the document claims to keep them.

    Raises:
        Unreadable: There is no e-invoice in it, or none that can be read.
    """
    xml, container = _inside(data)
    return Examined(*check_document(xml, xrechnung=xrechnung), container)


def judge(data: bytes, rule_sets: frozenset[RuleSet] | None = None) -> Entry:
    """Return syntax, profile, verdict and findings of an e-invoice in the published form, without its file.

    Args:
        data: UBL, CII, or a PDF with one of them inside.
        rule_sets: Those that count; None for EN 16931, XRechnung where the document claims it, and UStG as warnings.
    """
    try:
        examined = examine(data, xrechnung=_wanted(rule_sets))
    except Unreadable as error:
        return unreadable(str(error))
    chosen = rule_sets or frozenset(CHOICES)
    invoice, container = examined.invoice, examined.container
    rules = (*examined.findings, *(ustg.check(invoice) if RuleSet.USTG in chosen else ()))
    findings = [
        *(_entry(rule, RuleSet.CONTENT, severity, kind, text) for rule, severity, kind, text in container.findings),
        *(_published(finding) for finding in rules if finding.rule_set in chosen),
        *_doubts(examined.defects, invoice, container),
    ]
    findings.sort(key=lambda one: _ORDER[one["severity"]])
    fatal = any(one["severity"] is Severity.FATAL for one in findings)
    return {
        "syntax": examined.syntax.value,
        "profile": profile_of(invoice.specification) or invoice.specification[:_LONGEST] or None,
        "verdict": "invalid" if fatal else "valid",
        "findings": findings[:_MOST_FINDINGS],
    }


def unreadable(reason: str) -> Entry:
    """Return the verdict on what is no e-invoice: for VAT it is an invoice of another kind, if one at all."""
    finding = _entry("format", RuleSet.CONTENT, Severity.FATAL, "format", reason)
    return {"syntax": None, "profile": None, "verdict": "unreadable", "findings": [finding]}


def _wanted(rule_sets: frozenset[RuleSet] | None) -> bool | None:
    return None if rule_sets is None else RuleSet.XRECHNUNG in rule_sets


def _inside(data: bytes) -> tuple[bytes, Container]:
    """Return the XML to check, and what is wrong with the PDF that it was in."""
    if not data.strip():
        raise Unreadable("The file is empty.")
    if b"%PDF-" not in data[:_PDF_WITHIN]:
        return data, Container()
    from blocks.standards.en16931 import hybrid  # noqa: PLC0415 - only for PDFs

    found = hybrid.find(data)
    if found is None:
        raise Unreadable(
            "The PDF has no invoice as XML inside, or cannot be opened: a plain PDF is no e-invoice; ask for one."
        )
    return found.xml, Container(
        (
            *(("hybrid-invoice", Severity.FATAL, "format", text) for text in found.findings),
            *(("hybrid-container", _gravity(text), "format", text) for text in found.remarks),
        ),
        is_pdf=True,
    )


def _gravity(remark: str) -> Severity:
    """Return how much a remark on the PDF matters: a hybrid must be PDF/A-3 and tie the XML to the document."""
    return Severity.FATAL if "PDF/A" in remark or "is not given" in remark else Severity.WARNING


def _doubts(defects: Iterable[Defect], invoice: Invoice, container: Container) -> Iterable[Entry]:
    """Yield what could not be read.

    The published artefacts do not look at the calendar, so that an impossible date leaves an XML valid, with a warning;
    in a hybrid, whose page people read, an impossible date of issue is an error.
    """
    for defect in defects:
        if isinstance(defect, Surplus):
            continue
        fatal = container.is_pdf and invoice.issue_date is None and "IssueDate" in defect.place
        severity = Severity.FATAL if fatal else Severity.WARNING
        text = f"{defect.text} {defect.remedy}"
        yield _entry("content", RuleSet.CONTENT, severity, "content", text, defect.place)


def _published(finding: Finding) -> Entry:
    if finding.rule_set is RuleSet.USTG:
        kind = "content"
    else:
        kind = "format" if finding.rule.startswith(_BINDING) else "business-rule"
    return _entry(finding.rule, finding.rule_set, finding.severity, kind, finding.english, finding.location)


def _entry(rule: str, rule_set: RuleSet, severity: Severity, kind: str, text: str, location: str = "") -> Entry:  # noqa: PLR0917 - the published order
    return {
        "rule": rule,
        "rule_set": rule_set,
        "severity": severity,
        "class": kind,
        "location": location[:_LONGEST],
        "text": text[:_LONGEST],
    }
