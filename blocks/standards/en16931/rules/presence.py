"""What an invoice must hold: BR-01 to BR-65, BR-CO-04 and BR-CO-18 to BR-CO-26."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules.groups import (
    allowances,
    breakdown,
    charges,
    line_allowances,
    line_charges,
    lines,
)
from blocks.standards.en16931.rules.rule import Breach, Rule

Places = Callable[[Invoice], Iterable[tuple[str, Any]]]


def _document(invoice: Invoice) -> Iterator[tuple[str, Any]]:
    yield "", invoice


def _some(group: str, get: Callable[[Invoice], Any]) -> Places:
    """Return the places of a group that may be absent."""

    def places(invoice: Invoice) -> Iterator[tuple[str, Any]]:
        found = get(invoice)
        if found is not None:
            yield group, found

    return places


def _each(group: str, get: Callable[[Invoice], Iterable[Any]]) -> Places:
    """Return the places of a repeated group."""

    def places(invoice: Invoice) -> Iterator[tuple[str, Any]]:
        for number, found in enumerate(get(invoice), 1):
            yield f"{group}[{number}]", found

    return places


def _in_lines(group: str, get: Callable[[Any], Iterable[Any]]) -> Places:
    """Return the places of a repeated group within each line."""

    def places(invoice: Invoice) -> Iterator[tuple[str, Any]]:
        for place, line in lines(invoice):
            for number, found in enumerate(get(line), 1):
                yield f"{place}/{group}[{number}]", found

    return places


def required(rule_id: str, places: Places, term: str, get: Callable[[Any], Any], *names: str) -> Rule:
    """Return the rule that a term, by its English and its German name, stands at each of the places."""
    english, german = names

    def check(invoice: Invoice) -> Iterator[Breach]:
        for place, found in places(invoice):
            value = get(found)
            if not value and not isinstance(value, Decimal):  # nothing is given; a figure of zero is
                yield Breach(f"{place}/{term}" if place else term)

    return Rule(rule_id, check, f"{english} is missing; add it.", f"{german} fehlt; bitte ergänzen.")


_ADDRESSED = _some("BG-5", lambda i: i.seller.address)
_BUYER_ADDRESS = _some("BG-8", lambda i: i.buyer.address)
_REPRESENTATIVE = _some("BG-11", lambda i: i.tax_representative)
_REPRESENTATIVE_ADDRESS = _some("BG-12", lambda i: i.tax_representative and i.tax_representative.address)
_DELIVERY_ADDRESS = _some("BG-15", lambda i: i.delivery and i.delivery.address)
_PAYMENT = _some("BG-16", lambda i: i.payment)
_DOCUMENTS = _each("BG-24", lambda i: i.supporting_documents)
_PRECEDING = _each("BG-3", lambda i: i.preceding_invoices)
_ATTRIBUTES = _in_lines("BG-32", lambda line: line.item.attributes)
_CLASSES = _in_lines("BT-158", lambda line: line.item.classifications)


def _reason(found: Any) -> str:
    return str(found.reason or found.reason_code)


RULES: tuple[Rule, ...] = (
    required(
        "BR-01", _document, "BT-24", lambda i: i.specification, "The specification identifier", "Die Spezifikation"
    ),
    required("BR-02", _document, "BT-1", lambda i: i.number, "The invoice number", "Die Rechnungsnummer"),
    required("BR-03", _document, "BT-2", lambda i: i.issue_date, "The issue date", "Das Rechnungsdatum"),
    required("BR-04", _document, "BT-3", lambda i: i.type_code, "The type code of the invoice", "Der Rechnungstyp"),
    required("BR-05", _document, "BT-5", lambda i: i.currency, "The currency of the invoice", "Die Rechnungswährung"),
    required("BR-06", _document, "BG-4/BT-27", lambda i: i.seller.name, "The seller's name", "Der Name des Verkäufers"),
    required("BR-07", _document, "BG-7/BT-44", lambda i: i.buyer.name, "The buyer's name", "Der Name des Käufers"),
    required(
        "BR-08", _document, "BG-5", lambda i: i.seller.address, "The seller's address", "Die Anschrift des Verkäufers"
    ),
    required(
        "BR-09",
        _ADDRESSED,
        "BT-40",
        lambda a: a.country,
        "The country of the seller's address",
        "Das Land des Verkäufers",
    ),
    required("BR-10", _document, "BG-8", lambda i: i.buyer.address, "The buyer's address", "Die Anschrift des Käufers"),
    required(
        "BR-11",
        _BUYER_ADDRESS,
        "BT-55",
        lambda a: a.country,
        "The country of the buyer's address",
        "Das Land des Käufers",
    ),
    required(
        "BR-12",
        _document,
        "BG-22/BT-106",
        lambda i: i.totals.line_net,
        "The sum of the net amounts of all lines",
        "Die Summe der Nettobeträge aller Positionen",
    ),
    required(
        "BR-13",
        _document,
        "BG-22/BT-109",
        lambda i: i.totals.net,
        "The total without VAT",
        "Der Gesamtbetrag ohne Umsatzsteuer",
    ),
    required(
        "BR-14",
        _document,
        "BG-22/BT-112",
        lambda i: i.totals.gross,
        "The total with VAT",
        "Der Gesamtbetrag mit Umsatzsteuer",
    ),
    required(
        "BR-15",
        _document,
        "BG-22/BT-115",
        lambda i: i.totals.payable,
        "The amount due for payment",
        "Der fällige Betrag",
    ),
    required("BR-16", _document, "BG-25", lambda i: i.lines, "Every invoice line", "Jede Rechnungsposition"),
    required(
        "BR-18",
        _REPRESENTATIVE,
        "BT-62",
        lambda r: r.name,
        "The tax representative's name",
        "Der Name des Steuervertreters",
    ),
    required(
        "BR-19",
        _REPRESENTATIVE,
        "BG-12",
        lambda r: r.address,
        "The tax representative's address",
        "Die Anschrift des Steuervertreters",
    ),
    required(
        "BR-20",
        _REPRESENTATIVE_ADDRESS,
        "BT-69",
        lambda a: a.country,
        "The country of the tax representative's address",
        "Das Land des Steuervertreters",
    ),
    required("BR-21", lines, "BT-126", lambda one: one.id, "The line's identifier", "Die Positionsnummer"),
    required("BR-22", lines, "BT-129", lambda one: one.quantity, "The invoiced quantity", "Die berechnete Menge"),
    required("BR-23", lines, "BT-130", lambda one: one.unit, "The unit of the quantity", "Die Einheit der Menge"),
    required("BR-24", lines, "BT-131", lambda one: one.net, "The line's net amount", "Der Nettobetrag der Position"),
    required("BR-25", lines, "BT-153", lambda one: one.item.name, "The item's name", "Der Artikelname"),
    required(
        "BR-26", lines, "BT-146", lambda one: one.price.net, "The item's net price", "Der Nettopreis des Artikels"
    ),
    required("BR-31", allowances, "BT-92", lambda a: a.amount, "The allowance's amount", "Der Betrag des Nachlasses"),
    required(
        "BR-32",
        allowances,
        "BT-95",
        lambda a: a.vat_category,
        "The VAT category of the allowance",
        "Die Umsatzsteuerkategorie des Nachlasses",
    ),
    required("BR-33", allowances, "BT-97", _reason, "The allowance's reason or its code", "Der Grund des Nachlasses"),
    required("BR-36", charges, "BT-99", lambda a: a.amount, "The charge's amount", "Der Betrag des Zuschlags"),
    required(
        "BR-37",
        charges,
        "BT-102",
        lambda a: a.vat_category,
        "The VAT category of the charge",
        "Die Umsatzsteuerkategorie des Zuschlags",
    ),
    required("BR-38", charges, "BT-104", _reason, "The charge's reason or its code", "Der Grund des Zuschlags"),
    required("BR-41", line_allowances, "BT-136", lambda a: a.amount, "The allowance's amount", "Der Nachlassbetrag"),
    required("BR-42", line_allowances, "BT-139", _reason, "The allowance's reason or its code", "Der Nachlassgrund"),
    required("BR-43", line_charges, "BT-141", lambda a: a.amount, "The charge's amount", "Der Zuschlagsbetrag"),
    required("BR-44", line_charges, "BT-144", _reason, "The charge's reason or its code", "Der Zuschlagsgrund"),
    required("BR-45", breakdown, "BT-116", lambda g: g.basis, "The taxable amount", "Der steuerpflichtige Betrag"),
    required("BR-46", breakdown, "BT-117", lambda g: g.amount, "The VAT amount", "Der Umsatzsteuerbetrag"),
    required("BR-47", breakdown, "BT-118", lambda g: g.category, "The VAT category", "Die Umsatzsteuerkategorie"),
    required(
        "BR-48",
        breakdown,
        "BT-119",
        lambda g: "no rate" if g.category == "O" else g.rate,
        "The VAT rate",
        "Der Umsatzsteuersatz",
    ),
    required(
        "BR-49", _PAYMENT, "BT-81", lambda p: p.means_code, "The code of the payment means", "Der Code der Zahlungsart"
    ),
    required(
        "BR-52",
        _DOCUMENTS,
        "BT-122",
        lambda d: d.reference,
        "The reference of the supporting document",
        "Die Kennung der Unterlage",
    ),
    required("BR-54", _ATTRIBUTES, "BT-160", lambda a: a.name, "The attribute's name", "Der Name der Eigenschaft"),
    required("BR-54", _ATTRIBUTES, "BT-161", lambda a: a.value, "The attribute's value", "Der Wert der Eigenschaft"),
    required(
        "BR-55",
        _PRECEDING,
        "BT-25",
        lambda p: p.number,
        "The number of the preceding invoice",
        "Die Nummer der vorausgegangenen Rechnung",
    ),
    required(
        "BR-56",
        _REPRESENTATIVE,
        "BT-63",
        lambda r: r.vat_id,
        "The tax representative's VAT identifier",
        "Die Umsatzsteuer-ID des Steuervertreters",
    ),
    required(
        "BR-57",
        _DELIVERY_ADDRESS,
        "BT-80",
        lambda a: a.country,
        "The country delivered to",
        "Das Land der Lieferanschrift",
    ),
    required(
        "BR-62",
        _some("BT-34", lambda i: i.seller.electronic_address),
        "scheme",
        lambda e: e.scheme,
        "The scheme of the seller's electronic address",
        "Das Schema der elektronischen Adresse des Verkäufers",
    ),
    required(
        "BR-63",
        _some("BT-49", lambda i: i.buyer.electronic_address),
        "scheme",
        lambda e: e.scheme,
        "The scheme of the buyer's electronic address",
        "Das Schema der elektronischen Adresse des Käufers",
    ),
    required(
        "BR-64",
        _in_lines("BT-157", lambda line: [line.item.standard_id] if line.item.standard_id else []),
        "scheme",
        lambda e: e.scheme,
        "The scheme of the item's standard identifier",
        "Das Schema der Artikelkennung",
    ),
    required(
        "BR-65",
        _CLASSES,
        "scheme",
        lambda c: c.scheme,
        "The scheme of the item's classification",
        "Das Schema der Artikelklassifizierung",
    ),
    required(
        "BR-CO-04",
        lines,
        "BT-151",
        lambda one: one.vat_category,
        "The line's VAT category",
        "Die Umsatzsteuerkategorie",
    ),
    required(
        "BR-CO-18", _document, "BG-23", lambda i: i.vat_breakdown, "The VAT breakdown", "Die Aufschlüsselung der Steuer"
    ),
    required(
        "BR-CO-21", allowances, "BT-97", _reason, "The allowance's reason or its code", "Der Grund des Nachlasses"
    ),
    required("BR-CO-22", charges, "BT-104", _reason, "The charge's reason or its code", "Der Grund des Zuschlags"),
    required("BR-CO-23", line_allowances, "BT-139", _reason, "The allowance's reason or its code", "Der Nachlassgrund"),
    required("BR-CO-24", line_charges, "BT-144", _reason, "The charge's reason or its code", "Der Zuschlagsgrund"),
)
