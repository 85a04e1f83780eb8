"""The rules of XRechnung's extension (BR-DEX-*): wider code lists, sub lines, what is collected for third parties."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from blocks.documents.invoices import Identifier, Invoice, InvoiceLine
from blocks.standards.en16931.code_lists import SEPA
from blocks.standards.en16931.rules.groups import lines, lines_with_sub_lines
from blocks.standards.en16931.rules.lists import codes
from blocks.standards.en16931.rules.rule import Breach, Rule, Severity, when
from blocks.standards.en16931.rules.sums import cents, total
from blocks.standards.en16931.rules.xrechnung import ruled

SPECIFICATION = "urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
MORE_SCHEMES = frozenset({"XR01", "XR02", "XR03"})
"""Schemes of identifiers that the extension adds to the lists of EN 16931."""

_MORE_FILES = frozenset({"application/xml"})


def _files(invoice: Invoice) -> Iterator[Breach]:
    allowed = codes("attachment") | _MORE_FILES
    documents = [("BG-24", one) for one in invoice.supporting_documents]
    documents += [
        ("BG-25/BG-DEX", one) for line in lines_with_sub_lines(invoice.lines) for one in line.supporting_documents
    ]
    for place, document in documents:
        if document.content is not None and document.mime_type not in allowed:
            yield Breach(f"{place}/BT-125", {"found": document.mime_type or "nothing"})


def _sub_lines(invoice: Invoice) -> Iterator[tuple[str, InvoiceLine]]:
    for place, line in lines(invoice):
        for sub_line in lines_with_sub_lines(line.sub_lines):
            yield f"{place}/BG-DEX-01", sub_line


def _untaxed(invoice: Invoice) -> Iterator[Breach]:
    for place, line in _sub_lines(invoice):
        if not line.vat_category:
            yield Breach(f"{place}/BG-DEX-06")


def _sums_of_sub_lines(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        for one in lines_with_sub_lines((line,)):
            expected = total(sub_line.net for sub_line in one.sub_lines)
            if one.sub_lines and one.net != expected:
                yield Breach(f"{place}/BT-131", {"found": "nothing" if one.net is None else one.net, "sum": expected})


def _schemes(
    find: Callable[[Invoice], Iterable[tuple[str, Identifier | None]]], name: str
) -> Callable[..., Iterator[Breach]]:
    def check(invoice: Invoice) -> Iterator[Breach]:
        allowed = codes(name) | MORE_SCHEMES
        for place, identifier in find(invoice):
            if identifier is not None and identifier.scheme and identifier.scheme not in allowed:
                yield Breach(f"{place}/scheme", {"found": identifier.scheme})

    return check


def _parties(invoice: Invoice) -> Iterator[tuple[str, Identifier | None]]:
    for place, party in (("BT-29", invoice.seller), ("BT-46", invoice.buyer)):
        yield from ((place, one) for one in party.identifiers if one.scheme != SEPA)
    if invoice.payee:
        yield "BT-60", invoice.payee.identifier


def _registrations(invoice: Invoice) -> Iterator[tuple[str, Identifier | None]]:
    yield "BT-30", invoice.seller.legal_registration
    yield "BT-47", invoice.buyer.legal_registration
    if invoice.payee:
        yield "BT-61", invoice.payee.legal_registration


def _items(invoice: Invoice) -> Iterator[tuple[str, Identifier | None]]:
    for place, line in lines(invoice):
        for one in lines_with_sub_lines((line,)):
            yield f"{place}/BT-157", one.item.standard_id


def _addresses(invoice: Invoice) -> Iterator[tuple[str, Identifier | None]]:
    yield "BT-34", invoice.seller.electronic_address
    yield "BT-49", invoice.buyer.electronic_address


def _locations(invoice: Invoice) -> Iterator[tuple[str, Identifier | None]]:
    if invoice.delivery:
        yield "BT-71", invoice.delivery.location


def _payable(invoice: Invoice) -> Iterable[Breach]:
    totals = invoice.totals
    if totals.gross is None or totals.payable is None:
        return when(broken=True, place="BG-22/BT-115", found="nothing", expected="?")
    others = total(one.amount for one in invoice.third_party_payments)
    expected = cents(totals.gross - (totals.prepaid or 0) + (totals.rounding or 0) + others)
    return when(totals.payable != expected, "BG-22/BT-115", found=totals.payable, expected=expected)


def _third_parties(term: str, missing: Callable[[str, Decimal | None, str], bool]) -> Callable[..., Iterator[Breach]]:
    def check(invoice: Invoice) -> Iterator[Breach]:
        for number, one in enumerate(invoice.third_party_payments, 1):
            if missing(one.kind, one.amount, one.description):
                yield Breach(f"BG-DEX-09[{number}]/{term}")

    return check


def _fraction(amount: Decimal | None) -> bool:
    return amount is not None and int(amount.as_tuple().exponent) < -2  # noqa: PLR2004 - cents


_SCHEME = (
    "'{found}' is no scheme that XRechnung's extension knows; give a code of the list.",
    "'{found}' ist kein Schema, das die XRechnung-Extension kennt; bitte einen Code der Liste angeben.",
)

RULES: tuple[Rule, ...] = (
    ruled(
        "BR-DEX-01",
        _files,
        "A file of type {found} must not be attached; send PDF, PNG, JPEG, CSV, XLSX, ODS or XML.",
        "Eine Datei vom Typ {found} darf nicht angehängt werden; bitte PDF, PNG, JPEG, CSV, XLSX, ODS oder XML senden.",
    ),
    ruled(
        "BR-DEX-02",
        _sums_of_sub_lines,
        "The net amount is {found}, the sub lines below make {sum}; correct the line or its sub lines.",
        "Der Nettobetrag ist {found}, die Unterpositionen ergeben {sum}; bitte Position oder Unterpositionen"
        " berichtigen.",
        Severity.WARNING,
    ),
    ruled(
        "BR-DEX-03",
        _untaxed,
        "A sub line has no VAT category; add it.",
        "Eine Unterposition hat keine Umsatzsteuerkategorie; bitte ergänzen.",
    ),
    ruled("BR-DEX-04", _schemes(_parties, "scheme"), *_SCHEME),
    ruled("BR-DEX-05", _schemes(_registrations, "scheme"), *_SCHEME),
    ruled("BR-DEX-06", _schemes(_items, "scheme"), *_SCHEME),
    ruled("BR-DEX-07", _schemes(_addresses, "electronic_address"), *_SCHEME),
    ruled("BR-DEX-08", _schemes(_locations, "scheme"), *_SCHEME),
    ruled(
        "BR-DEX-09",
        _payable,
        "The amount due is {found}; with what is collected for third parties it is {expected}: correct it.",
        "Der fällige Betrag ist {found}; mit den Beträgen für Dritte ergibt sich {expected}: bitte berichtigen.",
    ),
    ruled(
        "BR-DEX-10",
        _third_parties("BT-DEX-001", lambda kind, _amount, _text: not kind),
        "What is collected for a third party has no kind; add it.",
        "Der Betrag für einen Dritten hat keine Art; bitte ergänzen.",
    ),
    ruled(
        "BR-DEX-11",
        _third_parties("BT-DEX-002", lambda _kind, amount, _text: amount is None),
        "What is collected for a third party has no amount; add it.",
        "Zur Zahlung an einen Dritten fehlt der Betrag; bitte ergänzen.",
    ),
    ruled(
        "BR-DEX-12",
        _third_parties("BT-DEX-003", lambda _kind, _amount, text: not text),
        "What is collected for a third party is not described; add a description.",
        "Der Betrag für einen Dritten ist nicht beschrieben; bitte eine Beschreibung ergänzen.",
    ),
    ruled(
        "BR-DEX-13",
        _third_parties("BT-DEX-002", lambda _kind, amount, _text: _fraction(amount)),
        "The amount collected for a third party has more than two decimals; round it.",
        "Der Betrag für einen Dritten hat mehr als zwei Nachkommastellen; bitte runden.",
    ),
    ruled(
        "BR-DEX-14",
        _third_parties("BT-DEX-002", lambda _kind, amount, _text: amount is None),
        "The amount collected for a third party is not in the currency of the invoice; correct it.",
        "Der Betrag für einen Dritten steht nicht in der Rechnungswährung; bitte berichtigen.",
    ),
)
