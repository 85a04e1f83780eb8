"""Who sends an invoice and where it wants to be paid: what stops a payment. Pure: what is known in, findings out."""

from collections.abc import Iterable, Mapping

from blocks.documents.invoice_verdicts import Gravity, InvoiceFinding
from tasks.invoice_validation.supply_wording import finding, listed

_SHOWN = 4


def masked(account: str) -> str:
    """Return an account as it may be shown: country, check digits and the last four signs."""
    return account if len(account) <= 2 * _SHOWN else f"{account[:_SHOWN]}…{account[-_SHOWN:]}"


def judge_supplier(*, known: bool, state: str, name: str) -> InvoiceFinding | None:
    """Return that an invoice is of nobody known, or of somebody who is blocked; None where it is neither."""
    if state == "blocked":
        return finding(
            "supplier-blocked",
            f"Supplier {name} is blocked: nothing may be paid. Reject the invoice, or have the supplier unblocked.",
            f"Der Lieferant {name} ist gesperrt: Es darf nichts bezahlt werden. Weisen Sie die Rechnung zurück oder"
            " lassen Sie die Sperre aufheben.",
            location="BG-4",
        )
    if known:
        return None
    return finding(
        "unknown-supplier",
        f"Nobody has dealt with {name or 'this supplier'} so far: neither the ERP nor anybody here knows the company,"
        " nor its bank account. Find out who ordered, enter the supplier in the ERP or mark it as known, and have its"
        " account confirmed.",
        f"Mit {name or 'diesem Lieferanten'} hatte bisher niemand zu tun: Weder das ERP noch sonst jemand hier kennt"
        " das Unternehmen und sein Bankkonto. Klären Sie, wer bestellt hat, legen Sie den Lieferanten im ERP an oder"
        " kennzeichnen Sie ihn als bekannt, und lassen Sie sein Konto bestätigen.",
        location="BG-4",
    )


def judge_accounts(accounts: Iterable[str], states: Mapping[str, str], *, known: bool) -> InvoiceFinding | None:
    """Return what is wrong with the accounts an invoice wants to be paid to; None where all are confirmed.

    Args:
        accounts: As compared; empty where an invoice names none, as with direct debits.
        states: What is known of the supplier's accounts: proposed, confirmed or declined, by account.
        known: Whether the supplier is known; the first account of an unknown one is part of its being unknown.
    """
    open_ones = [account for account in accounts if states.get(account) != "confirmed"]
    declined = [account for account in open_ones if states.get(account) == "declined"]
    if declined:
        return _declined(declined)
    if not open_ones or not known:
        return None
    confirmed = [account for account, state in states.items() if state == "confirmed"]
    return _changed(open_ones, confirmed) if confirmed else _unconfirmed(open_ones)


def _changed(new: list[str], confirmed: list[str]) -> InvoiceFinding:
    to, usual = listed(map(masked, new)), listed(map(masked, sorted(confirmed)))
    return finding(
        "bank-account-changed",
        f"The invoice wants to be paid to {to}; so far this supplier was paid to {usual}. Nothing is paid there before"
        " a second person has confirmed the account: call the supplier by a number you know, never by one from this"
        " invoice.",
        f"Die Rechnung nennt das Konto {to}; bisher wurde dieser Lieferant auf {usual} bezahlt. Dorthin wird nichts"
        " gezahlt, bevor eine zweite Person das Konto bestätigt hat: Rufen Sie den Lieferanten unter einer bekannten"
        " Nummer an, nie unter einer aus dieser Rechnung.",
        location="BT-84",
    )


def _unconfirmed(new: list[str]) -> InvoiceFinding:
    to = listed(map(masked, new))
    return finding(
        "bank-account-unconfirmed",
        f"Nobody has confirmed an account of this supplier yet; the invoice names {to}. Have it confirmed by two"
        " persons before it is paid.",
        f"Für diesen Lieferanten ist noch kein Konto bestätigt; die Rechnung nennt {to}. Lassen Sie es vor der Zahlung"
        " von zwei Personen bestätigen.",
        location="BT-84",
    )


def _declined(accounts: list[str]) -> InvoiceFinding:
    to = listed(map(masked, accounts))
    return finding(
        "bank-account-declined",
        f"The account {to} was declined as none of this supplier's. Do not pay; the invoice may be a fraud: call the"
        " supplier by a number you know.",
        f"Das Konto {to} wurde als nicht zu diesem Lieferanten gehörig abgelehnt. Zahlen Sie nicht; die Rechnung kann"
        " ein Betrug sein: Rufen Sie den Lieferanten unter einer bekannten Nummer an.",
        location="BT-84",
    )


def judge_payee(payee: str, seller: str) -> InvoiceFinding | None:
    """Return that somebody else than the seller is to be paid (BG-10), as with factoring; None for the seller."""
    if not payee or payee.casefold() == seller.casefold():
        return None
    return finding(
        "payee-differs",
        f"Not the seller but {payee} is to be paid. Make sure that the claim was assigned, and note the account as the"
        " supplier's.",
        f"Nicht der Verkäufer, sondern {payee} soll bezahlt werden. Vergewissern Sie sich, dass die Forderung"
        " abgetreten ist, und hinterlegen Sie das Konto beim Lieferanten.",
        location="BT-59",
        gravity=Gravity.WARNING,
    )
