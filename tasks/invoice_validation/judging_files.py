"""Judges single invoices in form and in law, over worker processes that may die. Pure, so that one starts quickly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from blocks.documents.invoice_text import invoice_of
from blocks.documents.invoice_verdicts import (
    FindingClass,
    Gravity,
    InputTax,
    InvoiceFinding,
    InvoiceVerdict,
    Judged,
    LegalContext,
)
from blocks.worker_pool import Limits, Lost, each

MOST_REASONS = 5
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class ToJudge:
    """One invoice: the bytes as they came, what was read of them, how far that is proven.

    ``read`` is the invoice in force as text; None where nothing was read. ``doubts`` are why a person must look at
    what was read; ``came_as_data`` says that nothing was read off a page, so that there is nothing to be misread.
    """

    invoice: int
    conversion: int
    data: bytes
    read: str | None
    context: LegalContext
    came_as_data: bool = True
    doubts: tuple[str, ...] = ()


def judge_each(
    items: Iterable[ToJudge], *, jobs: int = 0, limits: Limits | None = None
) -> Iterator[tuple[int, InvoiceVerdict]]:
    """Yield the verdict on each invoice. One that crashes, hangs or eats memory takes only itself along."""
    for item, answer in each(judge_one, items, jobs=jobs, limits=limits or LIMITS):
        yield item.invoice, lost(answer.reason) if isinstance(answer, Lost) else answer


def judge_one(item: ToJudge) -> InvoiceVerdict:
    """Return the verdict on one invoice; what was read off a page and not confirmed is not judged by its content."""
    from blocks.standards.en16931.rules.received import judge_received  # noqa: PLC0415 - lxml, where something is read

    verdict = judge_received(item.data, invoice_of(item.read) if item.read else None, item.context)
    if not item.doubts:
        return verdict
    told = _with(verdict, doubted(item))
    return told if item.came_as_data else _unread(told)


def doubted(item: ToJudge) -> InvoiceFinding:
    """Return the finding that says why what was read is not proven."""
    why = " ".join(item.doubts[:MOST_REASONS])
    return InvoiceFinding(
        rule="reading-unproven",
        rule_set="content",
        kind=FindingClass.CONTENT,
        gravity=Gravity.WARNING,
        text=f"Conversion {item.conversion} waits for a person: {why} Compare it with the file at the conversion desk"
        f" (`soms conversions show {item.conversion}`).",
        text_de=f"Umwandlung {item.conversion} wartet auf eine Person: {why} Vergleichen Sie sie am"
        f" Umwandlungs-Arbeitsplatz mit der Datei (`soms conversions show {item.conversion}`).",
    )


def lost(reason: str) -> InvoiceVerdict:
    """Return the verdict on an invoice that could not be judged at all."""
    finding = InvoiceFinding(
        rule="not-judged", rule_set="content", kind=FindingClass.FORMAT, gravity=Gravity.FATAL,
        text=f"{reason} Nothing was checked: ask the supplier for another file.",
        text_de=f"{reason} Nichts wurde geprüft: Bitten Sie den Lieferanten um eine andere Datei.",
    )  # fmt: skip
    none = Judged.NOT_CHECKED
    return InvoiceVerdict(
        format=none, business_rules=none, content=none, input_tax=InputTax.NOT_JUDGED, findings=(finding,)
    )


def _with(verdict: InvoiceVerdict, finding: InvoiceFinding) -> InvoiceVerdict:
    return verdict.model_copy(update={"findings": (*verdict.findings, finding)})


def _unread(verdict: InvoiceVerdict) -> InvoiceVerdict:
    """Return the verdict without what depends on values that nobody has confirmed."""
    own = tuple(one for one in verdict.findings if one.kind is FindingClass.FORMAT or one.rule == "reading-unproven")
    update = {
        "business_rules": Judged.NOT_CHECKED, "content": Judged.NOT_CHECKED, "input_tax": InputTax.NOT_JUDGED,
        "findings": own,
    }  # fmt: skip
    return verdict.model_copy(update=update)
