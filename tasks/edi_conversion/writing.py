"""An invoice that was read → a file in the form that is wanted, read back and compared before it may go out. Pure."""

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from blocks.documents.conversions import Conversion, Outcome
from blocks.errors import SomsError

if TYPE_CHECKING:
    from blocks.documents.invoices import Invoice

FORMS = ("json", "ubl", "cii", "zugferd", "edifact")
SUFFIXES = {"json": ".json", "ubl": ".xml", "cii": ".xml", "zugferd": ".pdf", "edifact": ".edi"}
_CATEGORIES = frozenset({"S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"})
"""VAT categories of EN 16931; B is Italy's split payment (article 17-ter DPR 633/1972)."""
_NAMES = {"ubl": "UBL", "cii": "CII", "zugferd": "ZUGFeRD", "edifact": "INVOIC"}


class Written(NamedTuple):
    """A conversion in the form that was wanted.

    Attributes:
        content: The file; empty where there is no invoice to write.
        suffix: Of its name, e.g. ``.xml``.
        conversion: With what the form does not hold; for review where what was written does not read back as it was.
    """

    content: bytes
    suffix: str
    conversion: Conversion


def write(conversion: Conversion, to: str, *, original: bytes = b"") -> Written:
    """Return an invoice as JSON, UBL, CII, hybrid PDF or EDIFACT INVOIC.

    Args:
        conversion: What was read; an unreadable one has no content in any form but JSON.
        to: One of `FORMS`.
        original: The PDF that was read: the XML is embedded in it for ``zugferd``; without it a plain page is made.
    """
    suffix = SUFFIXES[to]
    if to == "json":
        return Written(orjson.dumps(conversion.as_json(), option=orjson.OPT_INDENT_2), suffix, conversion)
    if conversion.invoice is None or conversion.outcome is Outcome.UNREADABLE:
        return Written(b"", suffix, conversion)
    try:
        content, not_held = _WRITERS[to](conversion.invoice, original)
        against = (
            *unfit(conversion.invoice, to),
            *_disagreements(conversion, content, to, reported=bool(not_held)),
        )
    except SomsError as error:
        return Written(b"", suffix, _for_review(conversion, (f"It cannot be written as {_NAMES[to]}: {error}",), ()))
    return Written(content, suffix, _for_review(conversion, against, not_held))


def _for_review(conversion: Conversion, against: tuple[str, ...], not_held: tuple[str, ...]) -> Conversion:
    outcome = Outcome.REVIEW if against and conversion.outcome is Outcome.PROVEN else conversion.outcome
    return conversion.model_copy(
        update={
            "outcome": outcome,
            "reasons": (*conversion.reasons, *against),
            "not_held": (*conversion.not_held, *not_held),
        }
    )


def unfit(invoice: "Invoice", to: str) -> tuple[str, ...]:
    """Return why an invoice, as it is, must not go out in a form: receivers would refuse it, or read another one.

    EN 16931 wants one line at least (BR-16) and has ten of the VAT categories of UNTDID 5305 (BR-CL-17, BR-CL-18);
    EDIFACT has them all, so that an invoice that came as EDIFACT may bring others.
    """
    if to == "json":
        return ()
    found = [f"{_NAMES[to]} wants at least one line (EN 16931 BR-16), and the invoice has none."] * (not invoice.lines)
    if to != "edifact":
        named = [*(group.category for group in invoice.vat_breakdown), *(line.vat_category for line in invoice.lines)]
        found += [
            f"The VAT category {category} (UNTDID 5305) is none of EN 16931, which {_NAMES[to]} follows;"
            " correct it to the category that holds, e.g. S with its rate."
            for category in sorted({*named} - _CATEGORIES - {""})
        ]
    return tuple(found)


def _disagreements(conversion: Conversion, content: bytes, to: str, *, reported: bool) -> tuple[str, ...]:
    """Return what is another value once the file is read: any, or of the main values where a loss was reported."""
    from blocks.standards.edifact.messages.differences import not_held  # noqa: PLC0415 - not for JSON

    back = _READERS[to](content)
    if back == conversion.invoice or conversion.invoice is None:
        return ()
    if reported and _core(conversion.model_copy(update={"invoice": back})) == _core(conversion):
        return ()
    differences = not_held(conversion.invoice, back, _NAMES[to])
    return (f"What was written as {_NAMES[to]} does not read back as it was.", *differences)


def _core(conversion: Conversion) -> dict[str, Any]:
    """Return what must come back even where a loss was reported: all but the numbering and wording of lines."""
    invoice: dict[str, Any] = conversion.as_json()["invoice"]
    lines = [{name: value for name, value in line.items() if name not in {"id", "name"}} for line in invoice["lines"]]
    return {**invoice, "lines": lines}


def _ubl(invoice: "Invoice", _: bytes) -> tuple[bytes, tuple[str, ...]]:
    from blocks.standards.en16931.ubl_writing import write as write_ubl  # noqa: PLC0415 - lxml costs a tenth of a second

    return write_ubl(invoice)


def _cii(invoice: "Invoice", _: bytes) -> tuple[bytes, tuple[str, ...]]:
    from blocks.standards.en16931.cii_writing import write as write_cii  # noqa: PLC0415 - as above

    return write_cii(invoice)


def _zugferd(invoice: "Invoice", original: bytes) -> tuple[bytes, tuple[str, ...]]:
    from blocks.standards.en16931.cii_limits import not_held  # noqa: PLC0415
    from blocks.standards.en16931.hybrid_writing import archive_gaps, embed  # noqa: PLC0415 - half a second of import
    from blocks.standards.en16931.invoice_page import page_of  # noqa: PLC0415 - as above

    page = original if original[:1024].find(b"%PDF-") >= 0 else page_of(invoice)
    return embed(page, invoice), (*not_held(invoice), *archive_gaps(page))


def _edifact(invoice: "Invoice", _: bytes) -> tuple[bytes, tuple[str, ...]]:
    from blocks.standards.edifact.messages.invoic import write_invoic  # noqa: PLC0415 - not for every file

    return write_invoic(invoice)


def _back_from_xml(content: bytes) -> "Invoice":
    from blocks.standards.en16931.reading import read_einvoice  # noqa: PLC0415 - as above

    invoice: Invoice = read_einvoice(content)[1]
    return invoice


def _back_from_pdf(content: bytes) -> "Invoice":
    from blocks.standards.en16931.hybrid import find  # noqa: PLC0415 - as above

    hybrid = find(content)
    return _back_from_xml(hybrid.xml if hybrid else b"")


def _back_from_edifact(content: bytes) -> "Invoice":
    from blocks.standards.edifact.envelope import read_interchanges  # noqa: PLC0415 - as above
    from blocks.standards.edifact.messages.invoic import read_invoic  # noqa: PLC0415

    [interchange] = read_interchanges(content)
    [message] = interchange.messages
    return read_invoic(message)[0]


_WRITERS = {"ubl": _ubl, "cii": _cii, "zugferd": _zugferd, "edifact": _edifact}
_READERS = {"ubl": _back_from_xml, "cii": _back_from_xml, "zugferd": _back_from_pdf, "edifact": _back_from_edifact}
