"""Numbers that carry check digits: VAT identifiers of all member states, tax numbers, Leitweg-ID, IBAN, BIC.

python-stdnum knows forms and check digits of the states, schwifty those of the banks.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from blocks.documents.invoice_verdicts import FindingClass, Gravity, InputTax
from blocks.standards.en16931.rules.law.rule import EU, Case, LawRule, quoted
from blocks.standards.en16931.rules.law.tax_numbers import german_tax_number_fault
from blocks.standards.en16931.rules.rule import Breach, when

_LONGEST = 60
_TRANSFERS = frozenset({"30", "58"})
_FORM_OF_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,40}")
_FORM_OF_LEITWEG = re.compile(r"[0-9]{2,12}(?:-[0-9A-Za-z]{1,30})?-[0-9]{2}")
_PUBLIC = re.compile(r"^(?:0[1-9]|1[0-6]|99)")
_W_IDNR = re.compile(r"(DE[0-9]{9})-?[0-9]{5}")

RIGHT = ""
"""What the functions of this module return for a number that is right."""


def bare(number: str) -> str:
    """Return a number without what people put between its groups, in capitals."""
    return re.sub(r"[\s./-]", "", number).upper()[:_LONGEST]


@lru_cache(maxsize=4096)
def vat_id_fault(number: str) -> str:
    """Return ``form`` or ``check digits`` where a VAT identifier of the Union cannot be right, ``''`` where it can.

    Numbers of other states (CHE, NO, GB …) are not judged. The national Wirtschafts-Identifikationsnummer, which adds
    five digits to a German VAT identifier, counts by its first part.
    """
    from stdnum.eu import vat  # noqa: PLC0415 - loads one module for each state
    from stdnum.exceptions import InvalidChecksum, ValidationError  # noqa: PLC0415

    plain = bare(number)
    if economic := _W_IDNR.fullmatch(plain):
        plain = economic[1]
    if plain[:2] not in EU:
        return RIGHT
    plain = "EL" + plain[2:] if plain.startswith("GR") else plain
    plain = "GB" + plain[2:] if plain.startswith("XI") else plain
    try:
        if plain.startswith("GB"):
            from stdnum.gb import vat as british  # noqa: PLC0415

            british.validate(plain)
        else:
            vat.validate(plain)
    except InvalidChecksum:
        return "check digits"
    except ValidationError:
        return "form"
    return RIGHT


@lru_cache(maxsize=4096)
def leitweg_id_fault(number: str) -> str:
    """Return ``form``, ``state`` or ``check digits`` where a Leitweg-ID is wrong, ``''`` where it is right.

    Coarse address, fine address (optional) and two check digits by ISO/IEC 7064 MOD 97-10 over all letters and digits,
    as the Leitweg-ID's specification 2.0 wants.
    """
    from stdnum.de import leitweg  # noqa: PLC0415
    from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError  # noqa: PLC0415

    try:
        leitweg.validate(number)
    except InvalidChecksum:
        return "check digits"
    except InvalidComponent:
        return "state"
    except ValidationError:
        return "form"
    return RIGHT


@lru_cache(maxsize=4096)
def iban_fault(number: str) -> str:
    """Return ``form`` or ``check digits`` where an IBAN cannot be right, ``''`` where it can (ISO 13616)."""
    from schwifty import IBAN  # noqa: PLC0415 - loads the registry of banks
    from schwifty.exceptions import InvalidChecksumDigits, SchwiftyException  # noqa: PLC0415

    try:
        IBAN(bare(number))
    except InvalidChecksumDigits:
        return "check digits"
    except SchwiftyException:
        return "form"
    return RIGHT


@lru_cache(maxsize=4096)
def bic_fault(code: str) -> str:
    """Return ``form`` where a BIC is written wrongly, ``''`` where it is right (ISO 9362)."""
    from schwifty import BIC  # noqa: PLC0415 - loads the registry of banks
    from schwifty.exceptions import SchwiftyException  # noqa: PLC0415

    try:
        BIC(bare(code))
    except SchwiftyException:
        return "form"
    return RIGHT


_OF_NO_STATE = "no check digit"

_ENGLISH = {
    "form": "is not written as such a number is",
    "check digits": "has wrong check digits",
    "state": "begins with no state",
}
_GERMAN = {
    "form": "hat keine gültige Form",
    "check digits": "hat falsche Prüfziffern",
    "state": "beginnt mit keinem Land",
}


def _breach(place: str, number: str, fault: str) -> Iterable[Breach]:
    if not fault:
        return ()
    return (Breach(place, {"found": quoted(number), "why": _ENGLISH[fault], "warum": _GERMAN[fault]}),)


def _seller_vat_id(case: Case) -> Iterable[Breach]:
    """Judge the seller's VAT identifier, unless a tax number stands beside it: one of them is enough."""
    seller = case.invoice.seller
    if not seller.vat_id or (seller.tax_number and german_tax_number_fault(seller.tax_number) in {RIGHT, _OF_NO_STATE}):
        return ()
    return _breach("BG-4/BT-31", seller.vat_id, vat_id_fault(seller.vat_id))


def _other_vat_ids(case: Case) -> Iterator[Breach]:
    buyer, representative = case.invoice.buyer.vat_id, case.invoice.tax_representative
    if buyer:
        yield from _breach("BG-7/BT-48", buyer, vat_id_fault(buyer))
    if representative and representative.vat_id:
        yield from _breach("BG-11/BT-63", representative.vat_id, vat_id_fault(representative.vat_id))


def _tax_number(case: Case) -> Iterable[Breach]:
    number = case.invoice.seller.tax_number
    fault = german_tax_number_fault(number) if number and case.seller_country == "DE" else RIGHT
    return () if fault == _OF_NO_STATE else _breach("BG-4/BT-32", number, fault)


def _doubtful_tax_number(case: Case) -> Iterable[Breach]:
    """Remark on a number whose check digit fits no state: which gave it is not known, and states change theirs."""
    number = case.invoice.seller.tax_number
    found = bool(number) and case.seller_country == "DE" and german_tax_number_fault(number) == _OF_NO_STATE
    return when(found, "BG-4/BT-32", found=quoted(number))


def _leitweg_id(case: Case) -> Iterable[Breach]:
    """Judge a buyer reference that looks like a Leitweg-ID; in B2B any other reference is as good."""
    reference = case.invoice.buyer_reference
    if not (_FORM_OF_LEITWEG.fullmatch(reference) and _PUBLIC.match(reference)):
        return ()
    return _breach("BT-10", reference, leitweg_id_fault(reference))


def _accounts(case: Case) -> Iterator[Breach]:
    payment = case.invoice.payment
    for number, transfer in enumerate(payment.transfers if payment else (), 1):
        account = bare(transfer.account)
        if _FORM_OF_IBAN.fullmatch(account) or (account and payment and payment.means_code == "58"):
            yield from _breach(f"BG-17[{number}]/BT-84", transfer.account, iban_fault(account))


def _debited(case: Case) -> Iterable[Breach]:
    debit = case.invoice.payment.debit if case.invoice.payment else None
    account = bare(debit.account) if debit else ""
    return _breach("BG-19/BT-91", account, iban_fault(account)) if _FORM_OF_IBAN.fullmatch(account) else ()


def _banks(case: Case) -> Iterator[Breach]:
    payment = case.invoice.payment
    for number, transfer in enumerate(payment.transfers if payment else (), 1):
        if transfer.bank:
            yield from _breach(f"BG-17[{number}]/BT-86", transfer.bank, bic_fault(transfer.bank))


def _two_accounts(case: Case) -> Iterable[Breach]:
    payment = case.invoice.payment
    if payment is None or payment.means_code not in _TRANSFERS:
        return ()
    accounts = {bare(one.account) for one in payment.transfers if one.account}
    return when(len(accounts) > 1, "BG-17/BT-84", count=len(accounts))


RULES: tuple[LawRule, ...] = (
    LawRule(
        "USTG-14-4-2-FORM",
        "§14(4) no. 2, §27a UStG",
        _seller_vat_id,
        "The seller's VAT identifier {found} {why}; ask for the right one and confirm it.",
        "Die USt-ID {found} des Verkäufers {warum}; bitte die richtige anfordern und bestätigen lassen.",
    ),
    LawRule(
        "USTG-27A-FORM",
        "§27a, §14a UStG",
        _other_vat_ids,
        "The VAT identifier {found} {why}; have it corrected.",
        "Die USt-ID {found} {warum}; bitte berichtigen lassen.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14-4-2-TAX-NUMBER",
        "§14(4) no. 2 UStG",
        _tax_number,
        "The seller's tax number {found} {why}; ask for the right one.",
        "Die Steuernummer {found} des Verkäufers {warum}; bitte die richtige anfordern.",
        Gravity.WARNING,
    ),
    LawRule(
        "USTG-14-4-2-CHECK-DIGIT",
        "§14(4) no. 2 UStG",
        _doubtful_tax_number,
        "The last digit of the seller's tax number {found} is not what any state would reckon; look for a slip, and ask"
        " for the right number.",
        "Die letzte Ziffer der Steuernummer {found} passt zu keinem Land; bitte auf Tippfehler prüfen und die richtige"
        " anfordern.",
        Gravity.INFORMATION,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "LEITWEG-ID",
        "Leitweg-ID 2.0, MOD 97-10",
        _leitweg_id,
        "The Leitweg-ID {found} {why}; correct it. It has no effect on VAT.",
        "Die Leitweg-ID {found} {warum}; bitte berichtigen. Das berührt die Umsatzsteuer nicht.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
        FindingClass.BUSINESS_RULE,
    ),
    LawRule(
        "IBAN",
        "ISO 13616",
        _accounts,
        "The account to pay to, {found}, {why}; do not pay before the supplier has named the right one.",
        "Das Konto {found} für die Zahlung {warum}; bitte nicht zahlen, ehe der Lieferant das richtige genannt hat.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "IBAN-DEBITED",
        "ISO 13616",
        _debited,
        "The account to be debited, {found}, {why}; have it corrected.",
        "Das Konto {found} für die Lastschrift {warum}; bitte berichtigen lassen.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "BIC",
        "ISO 9362",
        _banks,
        "The BIC {found} {why}; have it corrected.",
        "Der BIC {found} {warum}; bitte berichtigen lassen.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "ACCOUNTS",
        "EN 16931 BG-17",
        _two_accounts,
        "{count} different accounts to pay to are given; pay to the one that is known.",
        "{count} verschiedene Konten sind angegeben; bitte auf das bekannte zahlen.",
        Gravity.INFORMATION,
        InputTax.UNAFFECTED,
    ),
)
