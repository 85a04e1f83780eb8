"""The verdict on a received invoice, whatever it came as: format, business rules and content, and what they mean.

The three classes are those of the BMF letter of 15 October 2025. A broken format means that no e-invoice came, but
another invoice; a broken business rule matters for input tax where it hits an item that the law demands; what is wrong
or missing in content makes the invoice improper (§15(1) no. 1 with §14(4) UStG). What could not be checked is said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

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
from blocks.errors import Defect, Unreadable
from blocks.standards.en16931.rules import page_reading
from blocks.standards.en16931.rules.editions import EDITIONS
from blocks.standards.en16931.rules.law import book, e_invoice_duty
from blocks.standards.en16931.rules.law.e_invoice_duty import Duty, Form
from blocks.standards.en16931.rules.law.rule import Case
from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity
from blocks.standards.en16931.rules.vat_effects import touches_vat
from blocks.standards.en16931.rules.verdict import Examined, examine
from blocks.standards.en16931.ubl_tree import Surplus

_START = 1024
_EDIFACT = (b"UNA", b"UNB", b"UNH")
_MOST_FINDINGS = 300
"""Of one invoice: a hostile one must not fill the table of verdicts."""
_LONGEST = 1000
_BINDING = ("UBL-", "CII-")
_ALL_SETS = (RuleSet.EN16931, RuleSet.XRECHNUNG, RuleSet.USTG, RuleSet.CONTENT)
_LAW_SETS = (RuleSet.USTG, RuleSet.CONTENT)
_WITHOUT_LINES = frozenset({"USTG-14-4-5", "USTG-14-4-7", "USTG-14-4-8"})
"""Rules that an XML without lines (MINIMUM, BASIC WL) cannot keep: its page is the invoice."""


@dataclass(slots=True)
class _Open:
    """A verdict in the making."""

    format: Judged = Judged.NOT_CHECKED
    business_rules: Judged = Judged.NOT_CHECKED
    content: Judged = Judged.NOT_CHECKED
    is_e_invoice: bool | None = None
    input_tax: InputTax = InputTax.NOT_JUDGED
    sets: tuple[RuleSet, ...] = _LAW_SETS


def judge_received(data: bytes, invoice: Invoice | None, context: LegalContext) -> InvoiceVerdict:
    """Return what is to be said of a received invoice in law; never raises for what the bytes hold.

    A PDF is opened here, so that this belongs into a worker whose time and memory are bounded.

    Args:
        data: The file as it was received: XML (UBL, CII), a hybrid or plain PDF, EDIFACT, or anything else.
        invoice: What was read of it; None where nothing could be. The XML of an e-invoice is read again, for it alone
            is the invoice.
        context: What is known beside the invoice.
    """
    if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:3] in _EDIFACT:
        return _edifact(data, invoice, context)
    try:
        examined = examine(data)
    except Unreadable as error:
        if b"%PDF-" in data[:_START]:
            return _plain_pdf(data, invoice, context, str(error))
        return _broken(str(error), invoice, context)
    return _e_invoice(data, examined, context)


def _e_invoice(data: bytes, examined: Examined, context: LegalContext) -> InvoiceVerdict:
    case = Case(examined.invoice, context)
    lesser = _lesser_profile(examined)
    said = [*_of_container(examined), *_of_rules(examined, lesser), *_of_defects(examined.defects)]
    if examined.container.is_pdf:
        said += page_reading.contradictions(data, examined.invoice)
    effects = _lawful(case, without=_WITHOUT_LINES if lesser else frozenset())
    said += [finding for finding, _ in effects]
    made = _Open(sets=_ALL_SETS)
    if lesser:
        said.append(e_invoice_duty.finding_of(case, Form.PROFILE))
        made.is_e_invoice, made.format = False, _judged(said, FindingClass.FORMAT)
        made.content = Judged.FAILED if _judged(said, FindingClass.CONTENT) is Judged.FAILED else Judged.NOT_CHECKED
    else:
        made.format, made.content = _judged(said, FindingClass.FORMAT), _judged(said, FindingClass.CONTENT)
        made.business_rules = _judged(said, FindingClass.BUSINESS_RULE)
        made.is_e_invoice = True if made.format is Judged.PASSED else None
    made.input_tax = _input_tax(said, (effect for _, effect in effects), made)
    return _closed(made, said)


def _plain_pdf(data: bytes, invoice: Invoice | None, context: LegalContext, why: str) -> InvoiceVerdict:
    """Return the verdict on a page: another invoice, whose form may be enough; its content is judged as it was read."""
    page = page_reading.text_of(data)
    if page is None or invoice is None:
        return _broken(why, invoice, context) if page is None else _unread(context)
    case = Case(invoice, context, page=page)
    said = [e_invoice_duty.finding_of(case, Form.PAGE)]
    effects = _lawful(case)
    said += [finding for finding, _ in effects]
    made = _Open(is_e_invoice=False, content=_judged(said, FindingClass.CONTENT))
    if _judged(said, FindingClass.FORMAT) is Judged.FAILED:
        made.format = Judged.FAILED
    made.input_tax = _input_tax(said, (effect for _, effect in effects), made)
    return _closed(made, said)


def _edifact(data: bytes, invoice: Invoice | None, context: LegalContext) -> InvoiceVerdict:
    """Return the verdict on an invoice of an interchange: its structure is the format, its content the canonical's."""
    said = [*_of_interchange(data, invoice.number if invoice else "")]
    made = _Open(format=_judged(said, FindingClass.FORMAT))
    if invoice is None:
        return _closed(made, said)
    case = Case(invoice, context)
    said.append(e_invoice_duty.finding_of(case, Form.EDI))
    effects = _lawful(case)
    said += [finding for finding, _ in effects]
    made.format, made.content = _judged(said, FindingClass.FORMAT), _judged(said, FindingClass.CONTENT)
    if e_invoice_duty.duty_of(case, Form.EDI)[0] is Duty.DUE:
        made.is_e_invoice = False
    made.input_tax = _input_tax(said, (effect for _, effect in effects), made)
    return _closed(made, said)


def _broken(why: str, invoice: Invoice | None, context: LegalContext) -> InvoiceVerdict:
    """Return the verdict on what should have been an invoice and cannot be read: another invoice, if one at all."""
    said = [
        InvoiceFinding(
            rule="FORMAT",
            rule_set=RuleSet.CONTENT.value,
            kind=FindingClass.FORMAT,
            gravity=Gravity.FATAL,
            text=f"{why} For VAT this is no e-invoice, but another invoice: have it sent again.",
            text_de="Die Datei ist keine lesbare E-Rechnung und gilt umsatzsteuerlich als sonstige Rechnung; bitte neu"
            " senden lassen.",
        )
    ]
    made = _Open(format=Judged.FAILED, is_e_invoice=False, input_tax=InputTax.AT_RISK)
    if invoice is not None:
        case = Case(invoice, context)
        said += [e_invoice_duty.finding_of(case, Form.BROKEN), *(finding for finding, _ in _lawful(case))]
        made.content = _judged(said, FindingClass.CONTENT)
    return _closed(made, said)


def _unread(context: LegalContext) -> InvoiceVerdict:
    """Return the verdict on a page of which nothing could be read, a picture for instance."""
    finding = e_invoice_duty.finding_of(Case(Invoice(), context), Form.PAGE)
    said = [
        InvoiceFinding(
            rule="NOT-READ",
            rule_set=RuleSet.CONTENT.value,
            kind=FindingClass.CONTENT,
            gravity=Gravity.WARNING,
            text="Nothing could be read of the page, so that its content was not checked; a person must look.",
            text_de="Die Seite war nicht lesbar, ihr Inhalt wurde nicht geprüft; bitte ansehen.",
        ),
        finding,
    ]
    formed = Judged.FAILED if finding.gravity is Gravity.FATAL else Judged.NOT_CHECKED
    return _closed(_Open(format=formed, is_e_invoice=False), said)


def _lesser_profile(examined: Examined) -> bool:
    """Return whether an XML follows a profile that is no e-invoice: without lines, or ZUGFeRD 1 (before 2.0.1)."""
    named = examined.invoice.specification.lower()
    return named.endswith((":minimum", ":basicwl")) or "urn:ferd:crossindustrydocument:invoice:1p0" in named


def _of_container(examined: Examined) -> Iterator[InvoiceFinding]:
    for rule, severity, _, text in examined.container.findings:
        yield InvoiceFinding(
            rule=rule.upper(),
            rule_set=RuleSet.CONTENT.value,
            kind=FindingClass.FORMAT,
            gravity=Gravity(severity.value),
            text=text[:_LONGEST],
            text_de=f"Der PDF-Behälter der Rechnung ist nicht in Ordnung: {text}"[:_LONGEST],
        )


def _of_rules(examined: Examined, lesser: bool) -> Iterator[InvoiceFinding]:
    """Yield what EN 16931 and XRechnung found; a lesser profile cannot keep the former and never claims the latter."""
    for finding in () if lesser else examined.findings[:_MOST_FINDINGS]:
        format_ = finding.rule.startswith(_BINDING)
        untouched = not format_ and not touches_vat(finding.rule)
        fatal = finding.severity is Severity.FATAL and not (untouched and finding.rule_set is RuleSet.XRECHNUNG)
        more = (
            (" It leaves the input tax untouched.", " Der Vorsteuerabzug bleibt unberührt.") if untouched else ("", "")
        )
        yield InvoiceFinding(
            rule=finding.rule,
            rule_set=finding.rule_set.value,
            kind=FindingClass.FORMAT if format_ else FindingClass.BUSINESS_RULE,
            gravity=_gravity(finding, fatal=fatal),
            location=finding.location[:_LONGEST],
            text=finding.english[:_LONGEST] + more[0],
            text_de=finding.german[:_LONGEST] + more[1],
        )


def _gravity(finding: Finding, *, fatal: bool) -> Gravity:
    """Return how much a finding matters here: XRechnung binds towards authorities, so what it adds is a remark."""
    if fatal:
        return Gravity.FATAL
    return Gravity.INFORMATION if finding.severity is Severity.INFORMATION else Gravity.WARNING


def _of_defects(defects: Iterable[Defect]) -> Iterator[InvoiceFinding]:
    for defect in defects:
        if not isinstance(defect, Surplus):
            yield InvoiceFinding(
                rule="VALUE",
                rule_set=RuleSet.CONTENT.value,
                kind=FindingClass.CONTENT,
                gravity=Gravity.WARNING,
                location=defect.place[:_LONGEST],
                text=f"{defect.text} {defect.remedy}"[:_LONGEST],
                text_de=f"Ein Wert ist nicht lesbar und wurde ausgelassen: {defect.text}"[:_LONGEST],
            )


@lru_cache(maxsize=2)
def _interchange_findings(data: bytes) -> tuple[tuple[str, str, str, str], ...]:
    """Return (message, number, severity, text) of an interchange; kept, for one file holds many invoices."""
    from blocks.standards.edifact.report import report  # noqa: PLC0415 - only for EDIFACT

    made = report(data)
    numbers = {one["reference"] or "": one["document_number"] or "" for one in made.messages}
    return tuple((one.message, numbers.get(one.message, ""), one.severity, f"{one.text}") for one in made.findings)


def _of_interchange(data: bytes, number: str) -> Iterator[InvoiceFinding]:
    for message, of_number, severity, text in _interchange_findings(data):
        if message and number and of_number and of_number != number:
            continue
        yield InvoiceFinding(
            rule="EDIFACT",
            rule_set=RuleSet.CONTENT.value,
            kind=FindingClass.FORMAT,
            gravity=Gravity(severity),
            location=message,
            text=text[:_LONGEST],
            text_de=f"Der EDIFACT-Austausch ist nicht in Ordnung: {text}"[:_LONGEST],
        )


def _lawful(case: Case, without: frozenset[str] = frozenset()) -> list[tuple[InvoiceFinding, InputTax]]:
    return [(finding, rule.input_tax) for rule, finding in book.broken(case) if rule.id not in without]


def _judged(found: Iterable[InvoiceFinding], kind: FindingClass) -> Judged:
    fatal = any(one.kind is kind and one.gravity is Gravity.FATAL for one in found)
    return Judged.FAILED if fatal else Judged.PASSED


_WORST = (InputTax.NOT_DEDUCTIBLE, InputTax.AT_RISK)


def _input_tax(found: Iterable[InvoiceFinding], effects: Iterable[InputTax], made: _Open) -> InputTax:
    """Return the worst of what the findings mean; an unread content cannot be called harmless."""
    every = set(effects)
    if any(_endangers(one) for one in found):
        every.add(InputTax.AT_RISK)
    worst = next((one for one in _WORST if one in every), None)
    if worst is None:
        return InputTax.NOT_JUDGED if made.content is Judged.NOT_CHECKED else InputTax.UNAFFECTED
    return worst


def _endangers(finding: InvoiceFinding) -> bool:
    """Return whether a finding that is no rule of law puts the input tax at risk."""
    if finding.gravity is not Gravity.FATAL or finding.rule_set == RuleSet.USTG.value:
        return finding.gravity is Gravity.FATAL and finding.kind is FindingClass.FORMAT
    return finding.kind is not FindingClass.BUSINESS_RULE or touches_vat(finding.rule)


def _closed(made: _Open, said: list[InvoiceFinding]) -> InvoiceVerdict:
    order = list(Gravity)
    ranked = sorted(said, key=lambda one: order.index(one.gravity))
    return InvoiceVerdict(
        format=made.format,
        business_rules=made.business_rules,
        content=made.content,
        input_tax=made.input_tax,
        is_e_invoice=made.is_e_invoice,
        findings=tuple(ranked[:_MOST_FINDINGS]),
        rule_sets={each.value: EDITIONS[each] for each in made.sets},
    )
