"""Corrections and credit notes (381, 384) against self-billing (389), which German law alone calls Gutschrift."""

import re
from collections.abc import Iterable
from decimal import Decimal

from blocks.documents.invoice_verdicts import Gravity, InputTax
from blocks.standards.en16931.rules.law.rule import Case, LawRule
from blocks.standards.en16931.rules.rule import Breach, when

SELF_BILLED = frozenset({"389", "261", "527"})
"""Types of UNTDID 1001 that the buyer issues (261: credited again, 527: debited again)."""

CORRECTION = "384"
CREDIT_NOTES = frozenset({"381", "83", "261"})
_WORD = re.compile(
    r"\bgutschrift\b|self-?billing|autofacturation|autofatturazione|facturación por el destinatario", re.IGNORECASE
)
_GERMAN_WORD = re.compile(r"\bgutschrift\b", re.IGNORECASE)
_REFERS = re.compile(r"(?:rechnung|invoice|storno|korrektur)\D{0,40}[A-Z0-9/-]*\d", re.IGNORECASE)


def _word_missing(case: Case) -> Iterable[Breach]:
    """Look for the word where people read: an e-invoice says it by its type as well, so only a page must have it."""
    return when(case.invoice.type_code in SELF_BILLED and not case.says(_WORD), "BT-3", code=case.invoice.type_code)


def _word_of_another_kind(case: Case) -> Iterable[Breach]:
    credited = case.invoice.type_code in CREDIT_NOTES - SELF_BILLED
    return when(credited and case.page is None and case.says(_GERMAN_WORD), "BT-3", code=case.invoice.type_code)


def _unreferred(case: Case) -> Iterable[Breach]:
    invoice = case.invoice
    corrects = invoice.type_code == CORRECTION and not invoice.preceding_invoices
    return when(corrects and not _REFERS.search(case.notes), "BG-3/BT-25")


def _credit_without_reference(case: Case) -> Iterable[Breach]:
    invoice = case.invoice
    return when(
        invoice.type_code == "381" and not invoice.preceding_invoices and not _REFERS.search(case.notes), "BG-3/BT-25"
    )


def _billed_by_the_wrong_side(case: Case) -> Iterable[Breach]:
    ours = {one.upper() for one in (case.context.buyer_vat_ids if case.context else ())}
    we_buy = case.invoice.buyer.vat_id.upper() in ours
    return when(case.invoice.type_code in SELF_BILLED and we_buy, "BT-3", code=case.invoice.type_code)


def _negative_invoice(case: Case) -> Iterable[Breach]:
    gross = case.invoice.totals.gross
    negative = gross is not None and gross < Decimal(0) and case.invoice.type_code == "380"
    return when(negative, "BG-22/BT-112", gross=gross)


def _negative_credit(case: Case) -> Iterable[Breach]:
    gross = case.invoice.totals.gross
    negative = gross is not None and gross < Decimal(0) and case.invoice.type_code in CREDIT_NOTES - SELF_BILLED
    return when(negative, "BG-22/BT-112", gross=gross)


def _advances_deducted(case: Case) -> Iterable[Breach]:
    prepaid = case.invoice.totals.prepaid
    return when(prepaid is not None and prepaid > Decimal(0) and case.vat_shown > Decimal(0), "BG-22/BT-113")


RULES: tuple[LawRule, ...] = (
    LawRule(
        "USTG-17-CREDIT-NEGATIVE",
        "§17(1) UStG",
        _negative_credit,
        "A credit note over {gross} asks for money, as it reduces what is negative; ask the supplier what is meant.",
        "Eine Korrektur über {gross} fordert Geld, weil sie Negatives mindert; bitte beim Lieferanten klären, was"
        " gemeint ist.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14-5",
        "§14(5) sentence 2 UStG",
        _advances_deducted,
        "Something was paid before: where invoices with VAT were issued for it, the VAT in them must be deducted here"
        " as well; see that it is not deducted as input tax twice.",
        "Es wurde schon gezahlt: gab es darüber Rechnungen mit Umsatzsteuer, ist auch diese hier abzusetzen; bitte"
        " prüfen, dass keine Vorsteuer doppelt abgezogen wird.",
        Gravity.INFORMATION,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14-4-10",
        "§14(4) no. 10 UStG",
        _word_missing,
        "An invoice that the buyer issues (type {code}) must say 'Gutschrift' (self-billing); have the word added.",
        "Eine Rechnung, die der Leistungsempfänger ausstellt (Typ {code}), muss 'Gutschrift' heißen; bitte ergänzen"
        " lassen.",
        Gravity.WARNING,
    ),
    LawRule(
        "USTG-14-4-10-WORD",
        "§14(4) no. 10 UStG",
        _word_of_another_kind,
        "A credit note of the seller (type {code}) calls itself 'Gutschrift', a word the law keeps for self-billing;"
        " call it 'Stornorechnung' or 'Rechnungskorrektur'.",
        "Eine Korrektur des Verkäufers (Typ {code}) nennt sich 'Gutschrift'; das Wort meint die Abrechnung durch den"
        " Leistungsempfänger. Besser: 'Stornorechnung' oder 'Rechnungskorrektur'.",
        Gravity.INFORMATION,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14-2-SIDE",
        "§14(2) sentence 5 UStG",
        _billed_by_the_wrong_side,
        "Type {code} says that the buyer issued the invoice, but it came from the seller and the buyer is us; have the"
        " type corrected.",
        "Typ {code} besagt, dass der Leistungsempfänger abrechnet; die Rechnung kam aber vom Verkäufer an uns als"
        " Käufer. Bitte den Typ berichtigen lassen.",
    ),
    LawRule(
        "USTDV-31-5",
        "§31(5) sentence 2 UStDV",
        _unreferred,
        "A corrected invoice must name the one it corrects; have its number added.",
        "Eine Rechnungsberichtigung muss die berichtigte Rechnung nennen; bitte deren Nummer ergänzen lassen.",
    ),
    LawRule(
        "USTDV-31-5-CREDIT",
        "§31(5) sentence 2 UStDV, §17(1) UStG",
        _credit_without_reference,
        "The credit note names no invoice; ask which supply it reduces, so that the input tax can be corrected.",
        "Die Korrektur nennt keine Rechnung; bitte klären, welche Leistung sie mindert, damit die Vorsteuer berichtigt"
        " werden kann.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-17-NEGATIVE",
        "§17(1) UStG",
        _negative_invoice,
        "An invoice (type 380) over {gross} is a reduction; it should be a credit note (381) that names its invoice.",
        "Eine Rechnung (Typ 380) über {gross} ist eine Minderung; sie sollte eine Korrektur (381) sein, die ihre"
        " Rechnung nennt.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
)
