"""Read an e-invoice of either syntax of EN 16931 (or ZUGFeRD 1), known by its root element."""

from enum import StrEnum
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.errors import Defect, Unreadable
from blocks.standards.en16931 import ubl
from blocks.standards.en16931.xml import parse, short_name

_CII = "rsm:CrossIndustryInvoice"
_ZUGFERD_1 = "rsm:CrossIndustryDocument"


class Syntax(StrEnum):
    """How an invoice is written."""

    UBL = "ubl"
    CII = "cii"


def read_einvoice(data: bytes) -> tuple[Syntax, Invoice, tuple[Defect, ...]]:
    """Return syntax, invoice and what is doubtful about it; a value that cannot be is left out and among the doubts.

    Raises:
        Unreadable: No well-formed XML within limits, or no invoice; the text says which, in a sentence.
    """
    root = parse(data)
    syntax = syntax_of(root)
    invoice, defects = read_root(root)
    return syntax, invoice, defects


def syntax_of(root: Any) -> Syntax:
    """Return the syntax of a parsed document.

    Raises:
        Unreadable: Its root element is no invoice's.
    """
    name = short_name(root.tag)
    if name in ubl.ROOTS:
        return Syntax.UBL
    if name in {_CII, _ZUGFERD_1}:
        return Syntax.CII
    local = root.tag.rpartition("}")[2][:60]
    raise Unreadable(
        f"The XML is a '{local}', not an invoice of EN 16931: "
        "send a UBL Invoice or CreditNote, or a CrossIndustryInvoice (CII, Factur-X, ZUGFeRD)."
    )


def read_root(root: Any) -> tuple[Invoice, tuple[Defect, ...]]:
    """Return the invoice of a parsed document of a known syntax, and what is doubtful about it."""
    name = short_name(root.tag)
    if name in ubl.ROOTS:
        return ubl.read(root)
    if name == _CII:
        from blocks.standards.en16931 import cii  # noqa: PLC0415 - only the reader that is needed

        return cii.read(root)
    from blocks.standards.en16931 import zugferd_1  # noqa: PLC0415 - only the reader that is needed

    return zugferd_1.read(root)
