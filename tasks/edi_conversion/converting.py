"""One file → what was read of it as an invoice: recognised by its content, whatever its name says. Pure."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from blocks.documents.conversions import Conversion, Outcome
from blocks.errors import Defect, Unreadable
from blocks.garbage import held_back
from blocks.worker_pool import Limits, Lost, each

if TYPE_CHECKING:
    from blocks.documents.invoices import Invoice
    from blocks.standards.pdf.layout import TextLayer
    from blocks.standards.printed_invoices.memory import LayoutMemory

MOST_BYTES = 64 * 2**20
"""Larger files are refused: no invoice is, and a worker's memory is bounded."""
_PDF_WITHIN = 1024
"""Readers of PDF accept its mark within so many bytes."""
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def convert_many(
    files: Iterable[tuple[str, bytes]],
    *,
    memory: "LayoutMemory | None" = None,
    jobs: int = 0,
    limits: Limits | None = None,
) -> Iterator[Conversion]:
    """Yield what was read of many files, in their order, in worker processes that may die.

    An interchange with several invoices yields one conversion for each; every file yields at
    least one, and never raises.
    """
    for (name, _), answer in each(partial(_convert_one, memory), files, jobs=jobs, limits=limits):
        if isinstance(answer, Lost):
            yield unreadable(name, answer.reason)
        else:
            yield from answer


def _convert_one(memory: "LayoutMemory | None", file: tuple[str, bytes]) -> tuple[Conversion, ...]:
    return conversions_of(*file, memory)


def convert(name: str, data: bytes, memory: "LayoutMemory | None" = None) -> Conversion:
    """Return what was read of a file that holds one invoice.

    Args:
        name: The file's name, without folders; for the report only.
        data: Its bytes: a PDF with a text layer, a hybrid PDF, UBL, CII or EDIFACT INVOIC.
        memory: What people confirmed for suppliers before.

    Returns:
        Never raises for what a file holds: it is `unreadable` then, or `review`, with the reasons.
    """
    found = conversions_of(name, data, memory)
    if len(found) == 1:
        return found[0]
    return unreadable(name, f"The interchange holds {len(found)} invoices; it must be split or read as several.")


def conversions_of(name: str, data: bytes, memory: "LayoutMemory | None" = None) -> tuple[Conversion, ...]:
    """Return what was read of a file, one conversion for each invoice in it, at least one; as `convert` does."""
    try:
        kind = kind_of(data)
        with held_back():
            if kind == "edifact":
                return _interchange(name, data)
            return (_pdf(name, data, memory) if kind == "pdf" else _xml(name, data),)
    except Unreadable as error:
        return (unreadable(name, str(error)),)


def kind_of(data: bytes) -> str:
    """Return ``pdf``, ``xml`` or ``edifact``, by the content alone.

    Raises:
        Unreadable: It is none of these, or too large.
    """
    if len(data) > MOST_BYTES:
        text = f"The file has {len(data) >> 20} MB; at most {MOST_BYTES >> 20} MB are read as one invoice."
        raise Unreadable(text)
    start = data[:_PDF_WITHIN]
    if b"%PDF-" in start:
        return "pdf"
    bare = start
    for mark in _MARKS:
        bare = bare.removeprefix(mark)
    bare = bare.replace(b"\0", b"").lstrip()
    if bare.startswith(b"<"):
        return "xml"
    if bare.startswith((b"UNA", b"UNB", b"UNH")):
        return "edifact"
    if not data.strip():
        text = "The file is empty."
        raise Unreadable(text)
    text = "The file is neither a PDF nor an XML invoice nor an EDIFACT interchange."
    raise Unreadable(text)


def unreadable(name: str, reason: str) -> Conversion:
    """Return the conversion of a file that could not be read."""
    return Conversion(file=name, outcome=Outcome.UNREADABLE, reasons=(reason,))


def _xml(name: str, data: bytes) -> Conversion:
    from blocks.standards.en16931.reading import read_einvoice  # noqa: PLC0415 - lxml costs a tenth of a second

    _, invoice, defects = read_einvoice(data)
    return _judged(name, invoice, (), defects)


def _interchange(name: str, data: bytes) -> tuple[Conversion, ...]:
    from blocks.standards.edifact.envelope import (  # noqa: PLC0415 - not for every file
        NoInterchangeError,
        read_interchanges,
    )
    from blocks.standards.edifact.messages.invoic import read_invoic  # noqa: PLC0415

    try:
        interchanges = read_interchanges(data)
    except NoInterchangeError as error:
        raise Unreadable(str(error)) from error
    found = []
    for interchange in interchanges:
        faults = [finding for finding in interchange.findings if finding.severity == "fatal"]
        for message in interchange.messages:
            if message.type == "INVOIC":
                own = tuple(fault.text for fault in faults if fault.message in {"", message.reference})
                found.append((*read_invoic(message), own))
    if not found:
        text = "The interchange holds no invoice (INVOIC)."
        raise Unreadable(text)
    names = [name] if len(found) == 1 else [f"{name}#{number}" for number in range(1, len(found) + 1)]
    return tuple(
        _judged(one, invoice, faults, defects) for one, (invoice, defects, faults) in zip(names, found, strict=True)
    )


def _pdf(name: str, data: bytes, memory: "LayoutMemory | None") -> Conversion:
    from blocks.standards.pdf.reading import read_text_layer  # noqa: PLC0415 - PDFium and numpy cost a tenth of a second

    try:
        layer = read_text_layer(data)
    except Unreadable as error:
        return _hybrid_without_page(name, data, str(error))
    return (_hybrid(name, data, layer, memory) if layer.attachments else None) or _printed(name, layer, memory)


def _printed(name: str, layer: "TextLayer", memory: "LayoutMemory | None", against: tuple[str, ...] = ()) -> Conversion:
    """Return what the page says; whatever speaks against it or is not to be seen sends it to a person."""
    from blocks.standards.printed_invoices.reader import read_printed  # noqa: PLC0415 - not for every file

    printed = read_printed(layer, memory)
    outcome, reasons = printed.outcome, printed.reasons
    doubts = tuple(doubt for doubt in (*against, *layer.doubts) if doubt not in reasons)
    if doubts and outcome is Outcome.PROVEN:
        outcome = Outcome.REVIEW
    return Conversion(
        file=name,
        outcome=outcome,
        reasons=(*doubts, *reasons),
        invoice=printed.invoice,
        provenance=dict(printed.provenance),
        not_held=printed.remarks,
    )


def _hybrid(name: str, data: bytes, layer: "TextLayer", memory: "LayoutMemory | None") -> Conversion | None:
    """Return what the XML inside a PDF says, held against the page; the page where that cannot be read."""
    from blocks.standards.en16931.hybrid import find  # noqa: PLC0415 - pypdf costs a tenth of a second
    from blocks.standards.en16931.page_check import page_disagreements  # noqa: PLC0415
    from blocks.standards.en16931.reading import read_einvoice  # noqa: PLC0415

    hybrid = find(data)
    if hybrid is None:
        return None
    try:
        _, invoice, defects = read_einvoice(hybrid.xml)
    except Unreadable as error:
        return _printed(name, layer, memory, (f"The invoice inside the PDF cannot be read: {error}",))
    return _judged(
        name, invoice, (*hybrid.findings, *layer.doubts, *page_disagreements(invoice, layer)), defects, hybrid.remarks
    )


def _hybrid_without_page(name: str, data: bytes, why: str) -> Conversion:
    """Return what the XML inside a PDF says whose page cannot be read, for a person to compare."""
    from blocks.standards.en16931.hybrid import find  # noqa: PLC0415 - pypdf costs a tenth of a second
    from blocks.standards.en16931.reading import read_einvoice  # noqa: PLC0415

    hybrid = find(data) if b"EmbeddedFile" in data else None
    if hybrid is None:
        return unreadable(name, why)
    _, invoice, defects = read_einvoice(hybrid.xml)
    reason = f"The invoice inside the PDF cannot be compared with its page. {why}"
    return _judged(name, invoice, (reason, *hybrid.findings), defects, hybrid.remarks)


def _judged(
    name: str, invoice: "Invoice", reasons: tuple[str, ...], defects: Iterable[Defect], remarks: tuple[str, ...] = ()
) -> Conversion:
    """Return an invoice that came as data: proven when nothing was said against it and its arithmetic closes.

    What it says beyond EN 16931 is not taken over and told as not held; it breaks nothing.
    """
    from blocks.standards.en16931.ubl_tree import Surplus  # noqa: PLC0415 - not for every file
    from blocks.standards.printed_invoices.proof import objections  # noqa: PLC0415

    told = [(isinstance(one, Surplus), f"{one.place}: {one.text} {one.remedy}".strip()) for one in defects]
    against = (*reasons, *(text for surplus, text in told if not surplus), *objections(invoice))
    return Conversion(
        file=name,
        outcome=Outcome.REVIEW if against else Outcome.PROVEN,
        reasons=against,
        invoice=invoice,
        not_held=(*remarks, *(text for surplus, text in told if surplus)),
    )
