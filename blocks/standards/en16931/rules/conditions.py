"""What must hold between terms that are not sums: BR-17, 27 to 30, 50, 51, 53, 61 and BR-CO-03, 09, 25, 26."""

from collections.abc import Iterable, Iterator

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules.groups import lines
from blocks.standards.en16931.rules.lists import vat_prefixes
from blocks.standards.en16931.rules.rule import Breach, Rule, Severity, when

_TO_AN_ACCOUNT = {"30", "58"}
_SHORTENED_CARD = 10


def _payee_differs(invoice: Invoice) -> Iterable[Breach]:
    payee, seller = invoice.payee, invoice.seller
    if payee is None:
        return ()
    same_id = payee.identifier is not None and payee.identifier.value in {one.value for one in seller.identifiers}
    same_name = bool(payee.name) and payee.name == seller.trading_name
    return when(not payee.name or same_name or same_id, "BG-10/BT-59")


def _negative_prices(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        if line.price.net is None or line.price.net < 0:
            yield Breach(f"{place}/BT-146", {"found": "nothing" if line.price.net is None else line.price.net})


def _negative_gross_prices(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        if line.price.gross is not None and line.price.gross < 0:
            yield Breach(f"{place}/BT-148", {"found": line.price.gross})


def _period(invoice: Invoice) -> Iterable[Breach]:
    period = invoice.period
    return when(bool(period and period.start and period.end and period.end < period.start), "BG-14/BT-74")


def _line_periods(invoice: Invoice) -> Iterator[Breach]:
    for place, line in lines(invoice):
        period = line.period
        if period and period.start and period.end and period.end < period.start:
            yield Breach(f"{place}/BT-135")


def _nameless_accounts(invoice: Invoice) -> Iterator[Breach]:
    if invoice.payment and invoice.payment.means_code in _TO_AN_ACCOUNT:
        for number, transfer in enumerate(invoice.payment.transfers, 1):
            if not transfer.account:
                yield Breach(f"BG-17[{number}]/BT-84")


def _no_account(invoice: Invoice) -> Iterable[Breach]:
    payment = invoice.payment
    if payment is None or payment.means_code not in _TO_AN_ACCOUNT:
        return ()
    return when(not any(one.account for one in payment.transfers), "BG-17/BT-84", code=payment.means_code)


def _whole_card_number(invoice: Invoice) -> Iterable[Breach]:
    card = invoice.payment.card if invoice.payment else None
    return when(card is not None and len(card.number) > _SHORTENED_CARD, "BG-18/BT-87")


def _accounting_vat(invoice: Invoice) -> Iterable[Breach]:
    totals = invoice.totals
    given = totals.vat if invoice.accounting_currency == invoice.currency else totals.vat_accounting
    return when(
        bool(invoice.accounting_currency) and given is None, "BG-22/BT-111", currency=invoice.accounting_currency
    )


def _two_tax_points(invoice: Invoice) -> Iterable[Breach]:
    return when(invoice.tax_point_date is not None and invoice.tax_point_code != "", "BT-7")


def _vat_prefixes(invoice: Invoice) -> Iterator[Breach]:
    allowed = vat_prefixes()
    representative = invoice.tax_representative.vat_id if invoice.tax_representative else ""
    for place, number in (
        ("BG-4/BT-31", invoice.seller.vat_id),
        ("BG-7/BT-48", invoice.buyer.vat_id),
        ("BG-11/BT-63", representative),
    ):
        if number and number[:2] not in allowed:
            yield Breach(place, {"found": number[:2]})


def _no_due_date(invoice: Invoice) -> Iterable[Breach]:
    payable = invoice.totals.payable
    return when(payable is not None and payable > 0 and not (invoice.due_date or invoice.payment_terms), "BT-9")


def _nameless_seller(invoice: Invoice) -> Iterable[Breach]:
    seller = invoice.seller
    debit = invoice.payment.debit if invoice.payment else None
    known = seller.identifiers or seller.legal_registration or seller.vat_id or (debit and debit.creditor)
    return when(not known, "BG-4/BT-29")


RULES: tuple[Rule, ...] = (
    Rule(
        "BR-17",
        _payee_differs,
        "A payee is given only where it is not the seller, and then with its name; name it, or leave the payee out.",
        "Ein Zahlungsempfänger steht nur, wenn er nicht der Verkäufer ist, und dann mit Namen; bitte nennen oder "
        "weglassen.",
    ),
    Rule(
        "BR-27",
        _negative_prices,
        "The net price is {found}; give a price of zero or more, and a negative quantity where goods go back.",
        "Der Nettopreis ist {found}; bitte einen Preis ab null angeben, bei Rückgaben eine negative Menge.",
    ),
    Rule(
        "BR-28",
        _negative_gross_prices,
        "The gross price {found} is negative; give a price of zero or more.",
        "Der Bruttopreis {found} ist negativ; bitte einen Preis ab null angeben.",
    ),
    Rule(
        "BR-29",
        _period,
        "The invoicing period ends before it begins; correct one of its days.",
        "Der Abrechnungszeitraum endet vor seinem Beginn; bitte einen der Tage berichtigen.",
    ),
    Rule(
        "BR-30",
        _line_periods,
        "The period of the line ends before it begins; correct one of its days.",
        "Der Zeitraum der Position endet vor seinem Beginn; bitte einen der Tage berichtigen.",
    ),
    Rule(
        "BR-50",
        _nameless_accounts,
        "An account to pay to has no number; add the IBAN.",
        "Ein Konto, auf das zu zahlen ist, hat keine Nummer; bitte die IBAN ergänzen.",
    ),
    Rule(
        "BR-51",
        _whole_card_number,
        "The card number is longer than the last 4 to 6 digits that may be shown; shorten it.",
        "Die Kartennummer ist länger als die letzten 4 bis 6 Stellen, die gezeigt werden dürfen; bitte kürzen.",
        severity=Severity.WARNING,
    ),
    Rule(
        "BR-53",
        _accounting_vat,
        "VAT is accounted for in {currency}, but its total in that currency is missing; add it, or leave BT-6 out.",
        "Die Steuer wird in {currency} abgerechnet, ihr Gesamtbetrag in dieser Währung fehlt; bitte ergänzen.",
    ),
    Rule(
        "BR-61",
        _no_account,
        "Payment by transfer (code {code}) needs an account; add the IBAN.",
        "Eine Überweisung (Code {code}) braucht ein Konto; bitte die IBAN ergänzen.",
    ),
    Rule(
        "BR-CO-03",
        _two_tax_points,
        "Date (BT-7) and code (BT-8) of the tax point exclude each other; give one of them.",
        "Datum (BT-7) und Code (BT-8) der Steuerfälligkeit schließen einander aus; bitte nur eines angeben.",
    ),
    Rule(
        "BR-CO-09",
        _vat_prefixes,
        "The VAT identifier begins with '{found}', which is no country; begin it with the code of the country.",
        "Die Umsatzsteuer-ID beginnt mit '{found}', keinem Land; bitte mit dem Ländercode beginnen.",
    ),
    Rule(
        "BR-CO-25",
        _no_due_date,
        "An amount is due, but neither when (BT-9) nor how to pay (BT-20) is said; add one of them.",
        "Ein Betrag ist fällig, aber weder Fälligkeit (BT-9) noch Zahlungsbedingungen (BT-20) stehen da."
        " Bitte ergänzen.",
    ),
    Rule(
        "BR-CO-26",
        _nameless_seller,
        "Nothing identifies the seller; add its identifier (BT-29), registration (BT-30) or VAT identifier (BT-31).",
        "Nichts kennzeichnet den Verkäufer; bitte Kennung (BT-29), Registernummer (BT-30) oder USt-ID (BT-31) angeben.",
    ),
)
