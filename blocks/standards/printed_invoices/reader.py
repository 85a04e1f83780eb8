"""Reads an invoice from the text layer of a PDF, whoever sent it: candidates compete, arithmetic decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from blocks.documents.conversions import Outcome, Place
from blocks.documents.invoices import Invoice
from blocks.standards.pdf.layout import TextLayer
from blocks.standards.printed_invoices import doubts, identifiers, proof
from blocks.standards.printed_invoices.assembly import assemble
from blocks.standards.printed_invoices.draft import Draft
from blocks.standards.printed_invoices.kinds import kind_of
from blocks.standards.printed_invoices.labels import fold
from blocks.standards.printed_invoices.lines import find_lines, has_empty_table
from blocks.standards.printed_invoices.lines_found import LineTable
from blocks.standards.printed_invoices.memory import LayoutMemory, Lesson, fingerprint
from blocks.standards.printed_invoices.sheet import Sheet, sheet_of
from blocks.standards.printed_invoices.taught import with_labels

_NO_TEXT = "The document has no text layer; ask the sender for a PDF that holds text, not a picture."


@dataclass(frozen=True, slots=True)
class Printed:
    """What was read of a printed invoice; the same parts as a ``Conversion`` has.

    Attributes:
        invoice: What was found; None where nothing could be read.
        provenance: Path in the published form → place.
        outcome: What may be done with it.
        reasons: Whole sentences: why it is not proven.
        remarks: Whole sentences that do not stop it, e.g. a VAT id that is printed with wrong check digits.
        supplier: Key of the supplier; '' where none was found.
        layout: Fingerprint of the layout: what a ``Lesson`` is kept under.
        labels: Path → folded label the value was found by.
    """

    invoice: Invoice | None
    provenance: Mapping[str, Place]
    outcome: Outcome
    reasons: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    supplier: str = ""
    layout: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def read_printed(layer: TextLayer, memory: LayoutMemory | None = None) -> Printed:
    """Read an invoice from a text layer.

    Args:
        layer: What the PDF says in text.
        memory: What people confirmed for suppliers and layouts, if anything.

    Returns:
        What was found, where it stands, and whether it is proven; never raises for what a document says.
    """
    sheet = sheet_of(layer)
    if not sheet.rows:
        return Printed(None, {}, Outcome.UNREADABLE, (_NO_TEXT,))
    kind = kind_of(sheet)
    tables = find_lines(layer, sheet.style)
    draft = assemble(sheet, kind, tables)
    labels = layout_marks(sheet)
    layout = fingerprint(labels)
    supplier = proof.supplier_key(draft.invoice)
    lesson = memory.recall(labels, marks_of(sheet) - draft.others) if memory else None
    if lesson:
        sheet = with_labels(sheet, lesson)
        draft = assemble(sheet, kind, tables, lesson)
        supplier = lesson.supplier
    about_invoices = kind is not None and kind.code in {"reminder", "statement"}
    if kind is not None and not kind.is_invoice and (about_invoices or doubts.lacks_an_invoice(draft)):
        reason = f"The document calls itself '{kind.title}': it is {_article(kind.code)} {kind.code}, not an invoice."
        return Printed(draft.invoice, draft.places, Outcome.UNREADABLE, (reason,), supplier=supplier, layout=layout)
    return _judged(
        sheet, draft, tables, lesson, Printed(None, {}, Outcome.REVIEW, (), supplier=supplier, layout=layout)
    )


def _judged(
    sheet: Sheet, draft: Draft, tables: Sequence[LineTable], lesson: Lesson | None, printed: Printed
) -> Printed:
    confirmed = draft.sound | ({fold(value) for value in lesson.values.values()} if lesson else set())
    lines = bool(tables) or not (lesson and _prints_none(sheet, lesson))
    reasons = (
        *sheet.layer.doubts,
        *draft.doubts,
        *proof.objections(draft.invoice, confirmed=frozenset(confirmed), lines=lines),
        *doubts.unexplained(sheet, draft, tables),
    )
    return replace(
        printed,
        invoice=draft.invoice,
        provenance=draft.places,
        outcome=Outcome.REVIEW if reasons else Outcome.PROVEN,
        reasons=tuple(dict.fromkeys(reasons)),
        remarks=(*draft.remarks, *proof.remarks(draft.invoice)),
        labels=draft.labels,
    )


def _prints_none(sheet: Sheet, lesson: Lesson) -> bool:
    """Tell whether a document prints no lines as the confirmed one did: the same layout, or an empty table of lines."""
    alike = bool(lesson.hints)
    return lesson.without_lines and (alike or has_empty_table(sheet.layer, sheet.style))


def marks_of(sheet: Sheet) -> set[str]:
    """Return the folded VAT ids, tax numbers and accounts of a document: what a supplier is recognised by."""
    found = (*identifiers.vat_ids(sheet), *identifiers.tax_numbers(sheet), *identifiers.ibans(sheet))
    return {fold(one.value) for one in found}


def layout_marks(sheet: Sheet) -> list[str]:
    """Return what a document's layout is known by: its labels with the column they stand in."""
    width = sheet.page_size(1)[0] or 1.0
    kinds = ("number", "issue_date", "due_date", "order", "net", "vat", "gross", "payable")
    marks = {
        f"{label.key}@{round(label.box[0] / width * 20)}"
        for kind in kinds
        for label in sheet.labels.get(kind, [])
        if not label.weak
    }
    return sorted(marks)


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
