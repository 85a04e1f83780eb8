"""What CII cannot hold of an invoice, in whole sentences."""

from collections import Counter
from collections.abc import Iterator

from blocks.documents.invoices import CreditTransfer, Identifier, Invoice, InvoiceLine, SupportingDocument

_OWN_TAX_POINTS = frozenset({"5", "29", "72"})


def not_held(invoice: Invoice) -> tuple[str, ...]:
    """Return a sentence for each value that is lost when the invoice is written as CII."""
    return (
        *_header(invoice),
        *_identifiers(invoice),
        *_lines(invoice.lines),
        *(_attachment(each, "the invoice") for each in invoice.supporting_documents if _homeless(each)),
    )


def _header(invoice: Invoice) -> Iterator[str]:
    if not invoice.vat_breakdown:
        if invoice.tax_point_date:
            yield "CII writes the tax point date (BT-7) in the VAT breakdown; the invoice has none, so it is left out."
        if invoice.tax_point_code:
            yield "CII writes the tax point code (BT-8) in the VAT breakdown; the invoice has none, so it is left out."
    if invoice.tax_point_code in _OWN_TAX_POINTS:
        yield (
            f"The tax point code {invoice.tax_point_code} (BT-8) is no code of UNTDID 2005 and means something else "
            "in CII; check it."
        )
    if invoice.totals.vat_accounting is not None and invoice.accounting_currency in {"", invoice.currency}:
        yield (
            "The VAT total in accounting currency (BT-111) is left out: CII tells it by an accounting currency "
            "(BT-6) other than that of the invoice."
        )
    for payment in invoice.third_party_payments:
        yield f"CII has no place for the amount collected for a third party ({payment.kind or 'BG-DEX-09'})."
    if any(not each.account and not each.name and not each.bank for each in _transfers(invoice)):
        yield "A credit transfer without account, name and bank (BG-17) is left out."


def _transfers(invoice: Invoice) -> tuple[CreditTransfer, ...]:
    return invoice.payment.transfers if invoice.payment else ()


def _identifiers(invoice: Invoice) -> Iterator[str]:
    named: list[tuple[str, Identifier | None]] = [
        ("the invoiced object (BT-18)", invoice.object_identifier),
        ("the deliver-to location (BT-71)", invoice.delivery.location if invoice.delivery else None),
    ]
    for who, party in (("the seller", invoice.seller), ("the buyer", invoice.buyer)):
        named += [(who, each) for each in party.identifiers]
        named += [(f"{who}'s registration", party.legal_registration)]
        named += [(f"{who}'s electronic address", party.electronic_address)]
    if invoice.payee:
        named += [("the payee", invoice.payee.identifier), ("the payee", invoice.payee.legal_registration)]
    for what, identifier in named:
        yield from _version(what, identifier)


def _version(what: str, identifier: Identifier | None) -> Iterator[str]:
    if identifier is not None and identifier.scheme_version:
        yield f"CII has no place for the version of the scheme of an identifier of {what}; it is left out."


def _lines(lines: tuple[InvoiceLine, ...]) -> Iterator[str]:
    every = list(_all(lines))
    times = Counter(line.id for line in every)
    for line in every:
        name = f"line {line.id or '(without number)'}"
        if line.sub_lines and (not line.id or times[line.id] > 1):
            yield f"CII ties sub-lines to the number of their line, but that of {name} is missing or stands twice."
        if line.price.discount is not None and line.price.gross is None:
            yield f"The price discount (BT-147) of {name} is left out: CII writes it with the gross price (BT-148)."
        if line.price.base_unit and line.price.base_quantity is None:
            yield f"The unit of the base quantity (BT-150) of {name} is left out, since it has no base quantity."
        if line.unit and line.quantity is None:
            yield f"The unit {line.unit} (BT-130) of {name} is left out, since it has no quantity."
        yield from _version(name, line.object_identifier)
        yield from _version(name, line.item.standard_id)
        yield from (_attachment(each, name) for each in line.supporting_documents if _homeless(each))


def _all(lines: tuple[InvoiceLine, ...]) -> Iterator[InvoiceLine]:
    for line in lines:
        yield line
        yield from _all(line.sub_lines)


def _homeless(document: SupportingDocument) -> bool:
    return document.content is None and bool(document.mime_type or document.file_name)


def _attachment(document: SupportingDocument, where: str) -> str:
    named = document.file_name or document.reference
    return f"File name and type of the attachment {named} of {where} are left out, since its content is not there."
