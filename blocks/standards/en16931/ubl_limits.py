"""What UBL cannot hold of an invoice, as whole sentences."""

import re
from collections.abc import Iterator

from blocks.documents.invoices import Identifier, Invoice, InvoiceLine, Note, Price, SupportingDocument
from blocks.standards.en16931.code_lists import NO_ORDER, SEPA

_CODE = re.compile(r"[A-Z]{3}")
_LOOKS_CODED = re.compile(r"#[A-Z]{3}#")


def not_held(invoice: Invoice, *, credit_note: bool) -> Iterator[str]:
    """Yield a sentence for each thing that is lost or altered when the invoice is written as UBL."""
    if credit_note:
        yield from _not_in_credit_notes(invoice)
    if invoice.totals.vat_accounting is not None and not invoice.accounting_currency:
        yield "The VAT total in the accounting currency (BT-111) was left out: that currency (BT-6) is not given."
    if invoice.purchase_order_reference == NO_ORDER and invoice.sales_order_reference:
        yield "The purchase order reference 'NA' (BT-13) means in UBL that there is none."
    if invoice.payment and invoice.payment.means_text and not invoice.payment.means_code:
        yield "The text of the payment means (BT-82) was left out: their code (BT-81) is not given."
    yield from filter(None, map(_note, invoice.notes))
    if (
        invoice.third_party_payments
        and not any(one.description for one in invoice.third_party_payments)
        and "extension" not in invoice.specification
    ):
        yield (
            "Third party payments (BG-DEX-09) will be read as what was paid before: none is described (BT-DEX-003), "
            "and the specification (BT-24) does not name the extension."
        )
    payee = invoice.payee.identifier if invoice.payee else None
    yield from filter(None, map(_identifier, (*invoice.seller.identifiers, *invoice.buyer.identifiers, payee)))
    yield from filter(None, map(_document, invoice.supporting_documents))
    for line in invoice.lines:
        yield from _line(line)


def _not_in_credit_notes(invoice: Invoice) -> Iterator[str]:
    if invoice.due_date and not invoice.payment:
        yield (
            "The due date (BT-9) was left out: a UBL credit note keeps it with the payment means (BG-16), "
            "and none are given."
        )
    if invoice.third_party_payments:
        yield "Third party payments (BG-DEX-09) were left out: a UBL credit note has no place for them."


def _note(note: Note) -> str:
    if note.subject_code and not _CODE.fullmatch(note.subject_code):
        return f"The note's subject code '{note.subject_code}' (BT-21) stays in its text: UBL marks three letters only."
    if not note.subject_code and _LOOKS_CODED.match(note.text):
        return "A note (BT-22) begins like a subject code, '#…#', and will be read as one."
    return ""


def _identifier(identifier: Identifier | None) -> str:
    if identifier is None or identifier.scheme != SEPA:
        return ""
    return "An identifier of a party has the scheme SEPA; UBL takes it for the creditor identifier (BT-90)."


def _document(document: SupportingDocument) -> str:
    if document.content is None and (document.mime_type or document.file_name):
        name = document.reference or "without reference"
        return f"File name and type of the supporting document {name} were left out: it has no file (BT-125)."
    return ""


def _line(line: InvoiceLine) -> Iterator[str]:
    if line.quantity is None and line.unit:
        yield f"The unit of line {line.id} (BT-130) was left out: it has no quantity."
    yield from (f"{sentence} (line {line.id})" for sentence in _price(line.price))
    yield from filter(None, map(_document, line.supporting_documents))
    for inner in line.sub_lines:
        yield from _line(inner)


def _price(price: Price) -> Iterator[str]:
    if price.base_quantity is None and price.base_unit:
        yield "The unit of the price (BT-150) was left out: its quantity (BT-149) is not given."
    if price.gross is not None and price.discount is None:
        yield (
            "UBL gives a gross price (BT-148) only with its discount (BT-147): "
            "what lies between gross and net price was written."
        )
