"""What XRechnung advises without refusing an invoice: accounts that are IBANs, its exact name, the day of supply."""

import re
from collections.abc import Iterable, Iterator

from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules.rule import Breach, Rule, Severity, when
from blocks.standards.en16931.rules.xrechnung import SPECIFICATION, ruled

_SEPA_TRANSFER, _SEPA_DEBIT = "58", "59"
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_SPECIFICATIONS = frozenset(
    f"urn:cen.eu:en16931:2017#compliant#{SPECIFICATION}{more}"
    for more in (
        "",
        "#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0",
        "#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_0.9",
    )
)


def _is_iban(account: str) -> bool:
    """Return whether an account has the form of an IBAN and its check digits are right (ISO 13616, MOD 97-10)."""
    bare = "".join(account.split()).upper()
    return bool(_IBAN.fullmatch(bare)) and int("".join(str(int(one, 36)) for one in bare[4:] + bare[:4])) % 97 == 1


def _paid_to(invoice: Invoice) -> Iterator[Breach]:
    payment = invoice.payment
    if payment and payment.means_code == _SEPA_TRANSFER:
        for number, transfer in enumerate(payment.transfers, 1):
            if not _is_iban(transfer.account):
                yield Breach(f"BG-17[{number}]/BT-84")


def _debited(invoice: Invoice) -> Iterable[Breach]:
    payment = invoice.payment
    if not payment or payment.means_code != _SEPA_DEBIT:
        return ()
    return when(not _is_iban(payment.debit.account if payment.debit else ""), "BG-19/BT-91")


def _no_day_of_supply(invoice: Invoice) -> Iterable[Breach]:
    told = (invoice.delivery and invoice.delivery.delivered_on) or invoice.period
    return when(not told and not all(line.period for line in invoice.lines), "BG-13/BT-72")


def _no_addresses(invoice: Invoice) -> Iterator[Breach]:
    for number, document in enumerate(invoice.supporting_documents, 1):
        if document.location and not _ADDRESS.search(document.location):
            yield Breach(f"BG-24[{number}]/BT-124")


RULES: tuple[Rule, ...] = (
    ruled(
        "BR-TMP-2",
        _no_addresses,
        "The place of a supporting document is no whole address; give one with its scheme, e.g. https://…",
        "Der Ort einer Unterlage ist keine vollständige Adresse; bitte mit Schema angeben, etwa https://…",
        Severity.WARNING,
    ),
    ruled(
        "BR-DE-19",
        _paid_to,
        "The account to pay to is no IBAN with right check digits; correct it.",
        "Das Konto für die Überweisung ist keine IBAN mit richtiger Prüfziffer; bitte berichtigen.",
        Severity.WARNING,
    ),
    ruled(
        "BR-DE-20",
        _debited,
        "The account that is debited is no IBAN with right check digits; correct it.",
        "Das Konto der Lastschrift ist keine IBAN mit richtiger Prüfziffer; bitte berichtigen.",
        Severity.WARNING,
    ),
    ruled(
        "BR-DE-21",
        lambda i: when(i.specification not in _SPECIFICATIONS, "BT-24"),
        "The specification is not named exactly as XRechnung 3.0 or one of its extensions; correct it.",
        "Die Spezifikation ist nicht genau als XRechnung 3.0 oder eine Erweiterung benannt; bitte berichtigen.",
        Severity.WARNING,
    ),
    ruled(
        "BR-DE-TMP-32",
        _no_day_of_supply,
        "No day or period of supply is given, as §14(4) no. 6 UStG wants; add one.",
        "Tag oder Zeitraum der Leistung fehlt (§14 Abs. 4 Nr. 6 UStG); bitte angeben.",
        Severity.INFORMATION,
    ),
)
