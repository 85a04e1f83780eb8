"""The verdict on a received invoice, whatever it came as: format, business rules and content, and what they mean.

The three classes are those of the BMF letter of 15 October 2025. A broken format means that no e-invoice came, but
another invoice; a broken business rule matters for input tax where it hits an item that the law demands; what is wrong
or missing in content makes the invoice improper (§15(1) no. 1 with §14(4) UStG). What could not be checked is said.
"""

from collections.abc import Iterable
from typing import Any

from blocks.documents.invoice_verdicts import (
    FindingClass,
    Gravity,
    InputTax,
    InvoiceFinding,
    InvoiceVerdict,
    Judged,
    LegalContext,
)
from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules import ustg
from blocks.standards.en16931.rules.editions import EDITIONS
from blocks.standards.en16931.rules.rule import RuleSet
from blocks.standards.en16931.rules.vat_effects import touches_vat
from blocks.standards.en16931.rules.verdict import judge

_START = 1024
_EDIFACT = (b"UNA", b"UNB", b"UNH")


def judge_received(data: bytes, invoice: Invoice | None, context: LegalContext) -> InvoiceVerdict:
    """Return what is to be said of a received invoice in law; never raises for what the bytes hold.

    Args:
        data: The file as it was received: XML (UBL, CII), a hybrid or plain PDF, EDIFACT, or anything else.
        invoice: What was read of it; None where nothing could be. The XML of an e-invoice is read again, for it alone
            is the invoice.
        context: What is known beside the invoice.
    """
    del context
    is_pdf = b"%PDF-" in data[:_START]
    is_edifact = data.lstrip()[:3] in _EDIFACT
    if is_edifact:
        return _by_content(invoice)
    entry = judge(data)
    if entry["verdict"] == "unreadable":
        if is_pdf and invoice is not None:
            return _by_content(invoice).model_copy(update={"is_e_invoice": False})
        return _not_read(entry, invoice)
    return _of_entry(entry)


def _by_content(invoice: Invoice | None) -> InvoiceVerdict:
    found = () if invoice is None else tuple(map(_lawful, ustg.check(invoice)))
    content = Judged.NOT_CHECKED if invoice is None else _judged(found, FindingClass.CONTENT)
    return InvoiceVerdict(
        format=Judged.NOT_CHECKED,
        business_rules=Judged.NOT_CHECKED,
        content=content,
        input_tax=_input_tax(found, content),
        findings=found,
        rule_sets={RuleSet.USTG.value: EDITIONS[RuleSet.USTG]},
    )


def _not_read(entry: dict[str, Any], invoice: Invoice | None) -> InvoiceVerdict:
    said = tuple(_finding(one) for one in entry["findings"])
    verdict = _by_content(invoice)
    return verdict.model_copy(
        update={
            "format": Judged.FAILED,
            "is_e_invoice": False,
            "findings": (*said, *verdict.findings),
            "input_tax": InputTax.AT_RISK,
        }
    )


def _of_entry(entry: dict[str, Any]) -> InvoiceVerdict:
    found = tuple(_finding(one) for one in entry["findings"])
    content = _judged(found, FindingClass.CONTENT)
    formed = _judged(found, FindingClass.FORMAT)
    return InvoiceVerdict(
        format=formed,
        business_rules=_judged(found, FindingClass.BUSINESS_RULE),
        content=content,
        input_tax=_input_tax(found, content),
        is_e_invoice=True if formed is Judged.PASSED else None,
        findings=found,
        rule_sets={each.value: edition for each, edition in EDITIONS.items()},
    )


def _finding(one: dict[str, Any]) -> InvoiceFinding:
    gravity = Gravity(one["severity"].value)
    if one["rule_set"] is RuleSet.USTG:
        gravity = Gravity.FATAL
    elif one["class"] == "business-rule" and one["rule_set"] is RuleSet.XRECHNUNG and not touches_vat(one["rule"]):
        gravity = Gravity.WARNING
    return InvoiceFinding(
        rule=one["rule"],
        rule_set=one["rule_set"].value,
        kind=FindingClass(one["class"]),
        gravity=gravity,
        location=one["location"],
        text=one["text"],
    )


def _lawful(finding: Any) -> InvoiceFinding:
    return InvoiceFinding(
        rule=finding.rule,
        rule_set=finding.rule_set.value,
        kind=FindingClass.CONTENT,
        gravity=Gravity.FATAL,
        location=finding.location,
        text=finding.english,
        text_de=finding.german,
    )


def _judged(found: Iterable[InvoiceFinding], kind: FindingClass) -> Judged:
    fatal = any(one.kind is kind and one.gravity is Gravity.FATAL for one in found)
    return Judged.FAILED if fatal else Judged.PASSED


def _input_tax(found: tuple[InvoiceFinding, ...], content: Judged) -> InputTax:
    if content is Judged.NOT_CHECKED:
        return InputTax.NOT_JUDGED
    if any(one.rule == "USTG-14C" for one in found):
        return InputTax.NOT_DEDUCTIBLE
    fatal = [one for one in found if one.gravity is Gravity.FATAL]
    at_risk = any(one.kind is not FindingClass.BUSINESS_RULE or touches_vat(one.rule) for one in fatal)
    return InputTax.AT_RISK if at_risk else InputTax.UNAFFECTED
