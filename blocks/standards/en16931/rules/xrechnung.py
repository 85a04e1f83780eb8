"""The rules of XRechnung 3.0 over the canonical invoice: BR-DE-* and those that it takes over from Peppol."""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from blocks.documents.invoices import Invoice, Payment
from blocks.standards.en16931.rules.groups import allowances, charges, line_allowances, line_charges, lines
from blocks.standards.en16931.rules.presence import required
from blocks.standards.en16931.rules.rule import Breach, Rule, RuleSet, Severity, when
from blocks.standards.en16931.rules.sums import cents

SPECIFICATION = "urn:xeinkauf.de:kosit:xrechnung_3.0"
SOURCE = "XRechnung 3.0"
_TYPES = frozenset({"326", "380", "384", "389", "381", "875", "876", "877"})
_TAXED = frozenset({"S", "Z", "E", "AE", "K", "G", "L", "M"})
_TRANSFER, _CARD, _DEBIT = {"30", "58"}, {"48", "54", "55"}, {"59"}
_SKONTO = re.compile(r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(?:#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#")
_MAIL = re.compile(r"[^@\s]+@([^@.\s]|[^@.\s][^@\s]*[^@.\s])")
_SLACK = Decimal("0.02")
_SLACK_WITHOUT_CENTS = Decimal("0.5")
"""What a product may be off: two hundredths; half a unit in forints, which have no cents."""

Check = Callable[[Invoice], Iterable[Breach]]


def demanded(rule_id: str, places: Any, term: str, get: Callable[[Any], Any], *names: str) -> Rule:
    """Return the rule that a term stands at each of the places, as XRechnung's."""
    rule = required(rule_id, places, term, get, *names)
    return Rule(rule.id, rule.check, rule.english, rule.german, rule_set=RuleSet.XRECHNUNG, source=SOURCE)


def ruled(rule_id: str, check: Check, english: str, german: str, severity: Severity = Severity.FATAL) -> Rule:
    """Return a rule of XRechnung."""
    return Rule(rule_id, check, english, german, severity, RuleSet.XRECHNUNG, SOURCE)


def skonto_faults(terms: str) -> Iterator[str]:
    """Yield each line of payment terms (BT-20) that begins like Skonto and is not written as XRechnung wants it.

    Args:
        terms: As the document has them; the last line of Skonto must end in a line break (BR-DE-18).
    """
    marked = [line for line in terms.split("\n") if line.strip().startswith("#")]
    for line in marked:
        if not _SKONTO.fullmatch(" ".join(line.split())):
            yield line.strip()
    if marked and not re.match(r"\s*\n", re.split(r"#.+#", terms)[-1]):
        yield marked[-1].strip()


def _document(invoice: Invoice) -> Iterator[tuple[str, Any]]:
    yield "", invoice


def _seller_contact(invoice: Invoice) -> Iterator[tuple[str, Any]]:
    if invoice.seller.contact:
        yield "BG-6", invoice.seller.contact


def _address(group: str, get: Callable[[Invoice], Any]) -> Any:
    def places(invoice: Invoice) -> Iterator[tuple[str, Any]]:
        if found := get(invoice):
            yield group, found

    return places


def _groups(invoice: Invoice) -> Iterator[tuple[str, Any]]:
    for number, group in enumerate(invoice.vat_breakdown, 1):
        yield f"BG-23[{number}]", group


def _debits(invoice: Invoice) -> Iterator[tuple[str, Any]]:
    if invoice.payment and invoice.payment.debit:
        yield "BG-19", invoice.payment.debit


def _untaxed_seller(invoice: Invoice) -> Iterable[Breach]:
    seller = invoice.seller
    used = {line.vat_category for line in invoice.lines} | {one.vat_category for one in invoice.allowances_charges}
    known = seller.vat_id or seller.tax_number or invoice.tax_representative
    return when(bool(used & _TAXED) and not known, "BG-4/BT-31")


def _same_file_names(invoice: Invoice) -> Iterable[Breach]:
    names = [one.file_name.lower() for one in invoice.supporting_documents if one.content is not None]
    return when(len(names) != len(set(names)), "BG-24/BT-125")


def _present(payment: Payment) -> tuple[bool, bool, bool]:
    return bool(payment.transfers), payment.card is not None, payment.debit is not None


def _means(codes: set[str], wanted: int, *, missing: bool) -> Check:
    """Return the check that a payment means has its own group, or has no other's."""

    def check(invoice: Invoice) -> Iterable[Breach]:
        payment = invoice.payment
        if payment is None or payment.means_code not in codes:
            return ()
        present = _present(payment)
        others = any(given for place, given in enumerate(present) if place != wanted)
        return when(not present[wanted] if missing else others, "BG-16", code=payment.means_code)

    return check


def _calculated(invoice: Invoice) -> Iterator[tuple[str, Any]]:
    for find in (allowances, charges, line_allowances, line_charges):
        yield from find(invoice)


def _slack(invoice: Invoice) -> Decimal:
    return _SLACK_WITHOUT_CENTS if invoice.currency == "HUF" else _SLACK


def _percentages(invoice: Invoice) -> Iterator[Breach]:
    for place, one in _calculated(invoice):
        if one.basis is not None and one.percentage is not None and one.amount is not None:
            expected = one.basis * one.percentage / 100
            if abs(one.amount - expected) > _slack(invoice):
                yield Breach(place, {"found": one.amount, "expected": cents(expected)})


def _no_basis(invoice: Invoice) -> Iterator[Breach]:
    for place, one in _calculated(invoice):
        if one.percentage is not None and one.basis is None:
            yield Breach(place)


def _no_percentage(invoice: Invoice) -> Iterator[Breach]:
    for place, one in _calculated(invoice):
        if one.basis is not None and one.percentage is None:
            yield Breach(place)


def _net_prices(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        price = line.price
        if price.gross is not None and price.net is not None and price.net != price.gross - (price.discount or 0):
            yield Breach(f"{place}/BT-146", {"found": price.net})


def _opposite_signs(invoice: Invoice) -> Iterable[Breach]:
    vat, other = invoice.totals.vat, invoice.totals.vat_accounting
    return when(vat is not None and other is not None and vat * other < 0, "BG-22/BT-111")


def _outside(start: bool) -> Check:
    def check(invoice: Invoice) -> Iterator[Breach]:
        whole = invoice.period
        for place, line in lines(invoice):
            period = line.period
            if not (whole and period):
                continue
            day, limit = (period.start, whole.start) if start else (period.end, whole.end)
            if day and limit and (day < limit if start else day > limit):
                yield Breach(f"{place}/{'BT-134' if start else 'BT-135'}", {"found": day, "limit": limit})

    return check


def _line_amounts(invoice: Invoice) -> Iterator[Breach]:
    slack = _slack(invoice)
    for place, line in lines(invoice):
        price = line.price
        if line.quantity is None or price.net is None or price.base_quantity == 0:
            continue
        expected = line.quantity * price.net / (price.base_quantity or 1)
        if line.allowances_charges:
            expected += sum((one.amount or 0) * (1 if one.is_charge else -1) for one in line.allowances_charges)
        if line.net is None or abs(line.net - expected) > slack:
            yield Breach(
                f"{place}/BT-131",
                {"found": "nothing" if line.net is None else line.net, "expected": cents(expected)},
            )


def _base_quantities(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        if line.price.base_quantity is not None and line.price.base_quantity <= 0:
            yield Breach(f"{place}/BT-149", {"found": line.price.base_quantity})


def _base_units(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        if line.price.base_unit and line.price.base_unit != line.unit:
            yield Breach(f"{place}/BT-150", {"found": line.price.base_unit})


def _line_documents(invoice: Invoice) -> Iterator[Breach]:
    if "extension" not in invoice.specification:
        for place, line in lines(invoice):
            if line.supporting_documents:
                yield Breach(f"{place}/BT-128")


def _type(invoice: Invoice) -> Iterable[Breach]:
    return when(invoice.type_code not in _TYPES, "BT-3", found=invoice.type_code)


def _correction(invoice: Invoice) -> Iterable[Breach]:
    return when(invoice.type_code == "384" and not invoice.preceding_invoices, "BG-3")


def _phone(invoice: Invoice) -> Iterable[Breach]:
    phone = invoice.seller.contact.phone if invoice.seller.contact else ""
    return when(bool(phone) and len(re.findall(r"[0-9]", phone)) < 3, "BG-6/BT-42")  # noqa: PLR2004 - BR-DE-27


def _mail(invoice: Invoice) -> Iterable[Breach]:
    mail = invoice.seller.contact.email if invoice.seller.contact else ""
    return when(bool(mail) and not _MAIL.fullmatch(mail), "BG-6/BT-43")


_SELLER = _address("BG-5", lambda i: i.seller.address)
_BUYER = _address("BG-8", lambda i: i.buyer.address)
_DELIVERY = _address("BG-15", lambda i: i.delivery and i.delivery.address)

RULES: tuple[Rule, ...] = (
    demanded("BR-DE-1", _document, "BG-16", lambda i: i.payment, "How to pay", "Die Angabe zur Zahlung"),
    demanded("BR-DE-2", _document, "BG-6", lambda i: i.seller.contact, "The seller's contact", "Der Kontakt"),
    demanded("BR-DE-3", _SELLER, "BT-37", lambda a: a.city, "The seller's city", "Der Ort des Verkäufers"),
    demanded("BR-DE-4", _SELLER, "BT-38", lambda a: a.postcode, "The seller's postcode", "Die PLZ des Verkäufers"),
    demanded("BR-DE-5", _seller_contact, "BT-41", lambda c: c.name, "The contact's name", "Der Ansprechpartner"),
    demanded("BR-DE-6", _seller_contact, "BT-42", lambda c: c.phone, "The contact's phone", "Die Telefonnummer"),
    demanded("BR-DE-7", _seller_contact, "BT-43", lambda c: c.email, "The contact's e-mail", "Die E-Mail-Adresse"),
    demanded("BR-DE-8", _BUYER, "BT-52", lambda a: a.city, "The buyer's city", "Der Ort des Käufers"),
    demanded("BR-DE-9", _BUYER, "BT-53", lambda a: a.postcode, "The buyer's postcode", "Die PLZ des Käufers"),
    demanded("BR-DE-10", _DELIVERY, "BT-77", lambda a: a.city, "The city delivered to", "Der Lieferort"),
    demanded("BR-DE-11", _DELIVERY, "BT-78", lambda a: a.postcode, "The postcode of delivery", "Die PLZ der Lieferung"),
    demanded("BR-DE-14", _groups, "BT-119", lambda g: g.rate, "The VAT rate", "Der Umsatzsteuersatz"),
    demanded("BR-DE-15", _document, "BT-10", lambda i: i.buyer_reference, "The buyer reference", "Die Leitweg-ID"),
    ruled(
        "BR-DE-16",
        _untaxed_seller,
        "The seller has neither VAT identifier nor tax number nor tax representative; add one.",
        "Der Verkäufer hat weder USt-ID noch Steuernummer noch Steuervertreter; bitte angeben.",
    ),
    ruled(
        "BR-DE-17",
        _type,
        "The type {found} is none that XRechnung foresees; choose 380, 381, 384, 389, 326 or 875 to 877.",
        "Der Typ {found} ist in XRechnung nicht vorgesehen; bitte 380, 381, 384, 389, 326 oder 875 bis 877 wählen.",
        Severity.WARNING,
    ),
    ruled(
        "BR-DE-22",
        _same_file_names,
        "Two attachments have the same file name; rename one.",
        "Zwei Anhänge haben denselben Dateinamen; bitte einen umbenennen.",
    ),
    *(
        ruled(
            f"BR-DE-{number}-{'a' if missing else 'b'}",
            _means(codes, wanted, missing=missing),
            f"Payment by code {{code}} needs {english}; add it."
            if missing
            else f"Payment by code {{code}} takes {english} only; leave the other means out.",
            f"Zahlung mit Code {{code}} braucht {german}; bitte ergänzen."
            if missing
            else f"Zur Zahlung mit Code {{code}} gehört nur {german}; bitte die anderen Angaben weglassen.",
        )
        for number, codes, wanted, english, german in (
            (23, _TRANSFER, 0, "an account", "ein Konto"),
            (24, _CARD, 1, "a card", "eine Karte"),
            (25, _DEBIT, 2, "a direct debit", "eine Lastschrift"),
        )
        for missing in (True, False)
    ),
    ruled(
        "BR-DE-26",
        _correction,
        "A corrected invoice (384) should name the invoice it corrects; add it.",
        "Eine Rechnungskorrektur (384) soll die berichtigte Rechnung nennen; bitte ergänzen.",
        Severity.WARNING,
    ),
    ruled(
        "BR-DE-27",
        _phone,
        "The phone number has fewer than three digits; correct it.",
        "Die Telefonnummer hat weniger als drei Ziffern; bitte berichtigen.",
        Severity.WARNING,
    ),
    ruled(
        "BR-DE-28",
        _mail,
        "This is no e-mail address; correct it.",
        "Das ist keine E-Mail-Adresse; bitte berichtigen.",
        Severity.WARNING,
    ),
    demanded("BR-DE-30", _debits, "BT-90", lambda d: d.creditor, "The creditor identifier", "Die Gläubiger-ID"),
    demanded("BR-DE-31", _debits, "BT-91", lambda d: d.account, "The debited account", "Das belastete Konto"),
    demanded("PEPPOL-EN16931-R001", _document, "BT-23", lambda i: i.process, "The process", "Der Geschäftsprozess"),
    ruled(
        "PEPPOL-EN16931-R005",
        lambda i: when(bool(i.accounting_currency) and i.accounting_currency == i.currency, "BT-6"),
        "The accounting currency is that of the invoice; leave it out.",
        "Die Abrechnungswährung ist die Rechnungswährung; bitte weglassen.",
    ),
    demanded(
        "PEPPOL-EN16931-R010",
        _document,
        "BT-49",
        lambda i: i.buyer.electronic_address,
        "The buyer's electronic address",
        "Die elektronische Adresse des Käufers",
    ),
    demanded(
        "PEPPOL-EN16931-R020",
        _document,
        "BT-34",
        lambda i: i.seller.electronic_address,
        "The seller's electronic address",
        "Die elektronische Adresse des Verkäufers",
    ),
    ruled(
        "PEPPOL-EN16931-R040",
        _percentages,
        "The amount {found} is not base amount times percentage, {expected}; correct one of them.",
        "Der Betrag {found} ist nicht Grundbetrag mal Prozentsatz, {expected}; bitte berichtigen.",
    ),
    ruled(
        "PEPPOL-EN16931-R041",
        _no_basis,
        "A percentage stands without its base amount; add it.",
        "Ein Prozentsatz steht ohne Grundbetrag; bitte ergänzen.",
    ),
    ruled(
        "PEPPOL-EN16931-R042",
        _no_percentage,
        "A base amount stands without its percentage; add it.",
        "Ein Grundbetrag steht ohne Prozentsatz; bitte ergänzen.",
    ),
    ruled(
        "PEPPOL-EN16931-R046",
        _net_prices,
        "The net price {found} is not the gross price less the discount; correct one of them.",
        "Der Nettopreis {found} ist nicht Bruttopreis minus Nachlass; bitte berichtigen.",
    ),
    ruled(
        "PEPPOL-EN16931-R055",
        _opposite_signs,
        "The VAT totals in both currencies have opposite signs; correct one.",
        "Die Steuerbeträge beider Währungen haben verschiedene Vorzeichen; bitte berichtigen.",
    ),
    ruled(
        "PEPPOL-EN16931-R061",
        lambda i: when(
            bool(i.payment and i.payment.means_code in {"49", "59"})
            and not (i.payment and i.payment.debit and i.payment.debit.mandate),
            "BG-19/BT-89",
        ),
        "A direct debit needs the reference of its mandate; add it.",
        "Eine Lastschrift braucht die Mandatsreferenz; bitte ergänzen.",
    ),
    ruled(
        "PEPPOL-EN16931-R101",
        _line_documents,
        "A line refers to a document that is no invoiced object; leave it out, or use the extension.",
        "Eine Position verweist auf ein Dokument, das kein Objekt der Rechnung ist; bitte weglassen.",
    ),
    ruled(
        "PEPPOL-EN16931-R110",
        _outside(start=True),
        "The line's period begins on {found}, before the invoice's on {limit}; correct one.",
        "Der Zeitraum der Position beginnt am {found}, vor dem der Rechnung am {limit}; bitte berichtigen.",
    ),
    ruled(
        "PEPPOL-EN16931-R111",
        _outside(start=False),
        "The line's period ends on {found}, after the invoice's on {limit}; correct one.",
        "Der Zeitraum der Position endet am {found}, nach dem der Rechnung am {limit}; bitte berichtigen.",
    ),
    ruled(
        "PEPPOL-EN16931-R120",
        _line_amounts,
        "The line's net amount is {found}, quantity times price with charges and allowances is {expected}; correct it.",
        "Der Nettobetrag ist {found}, Menge mal Preis mit Zu- und Abschlägen ergibt {expected}; bitte berichtigen.",
    ),
    ruled(
        "PEPPOL-EN16931-R121",
        _base_quantities,
        "The quantity that the price is for is {found}; it must be above zero.",
        "Die Menge, für die der Preis gilt, ist {found}; sie muss über null liegen.",
    ),
    ruled(
        "PEPPOL-EN16931-R130",
        _base_units,
        "The price is for the unit {found}, another than the line's; give both in one unit.",
        "Der Preis gilt für die Einheit {found}, eine andere als die der Position; bitte angleichen.",
    ),
)
