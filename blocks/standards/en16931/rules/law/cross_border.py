"""Supplies across borders: §14a(3) UStG on intra-Community supplies, and VAT of another state on an invoice."""

from collections.abc import Iterable
from decimal import Decimal

from blocks.documents.invoice_verdicts import Gravity, InputTax
from blocks.standards.en16931.rules.law.rule import EU, Case, LawRule
from blocks.standards.en16931.rules.rule import Breach, when

CATEGORY = "K"
_GERMAN_RATES = frozenset({Decimal(19), Decimal(7), Decimal(16), Decimal(5), Decimal(0)})
"""Rates of §12 UStG; 16 and 5 percent held in the second half of 2020."""


def _identifiers(case: Case) -> Iterable[Breach]:
    if CATEGORY not in case.categories:
        return ()
    representative = case.invoice.tax_representative
    seller = case.invoice.seller.vat_id or (representative and representative.vat_id)
    buyer = case.invoice.buyer.vat_id
    place = "BG-4/BT-31" if not seller else "BG-7/BT-48"
    return when(not (seller and buyer), place)


def _same_state(case: Case) -> Iterable[Breach]:
    seller, buyer = (one[:2].upper() for one in (case.invoice.seller.vat_id, case.invoice.buyer.vat_id))
    return when(CATEGORY in case.categories and bool(seller) and seller == buyer, "BG-7/BT-48", state=seller)


def _outside(case: Case) -> Iterable[Breach]:
    buyer = case.invoice.buyer.vat_id[:2].upper()
    return when(CATEGORY in case.categories and bool(buyer) and buyer not in EU, "BG-7/BT-48", state=buyer)


def _vat_shown(case: Case) -> Iterable[Breach]:
    shown = sum(
        (group.amount or Decimal(0) for group in case.invoice.vat_breakdown if group.category in {"K", "G"}), Decimal(0)
    )
    return when(bool(shown), "BG-23/BT-117", vat=shown)


def _foreign_vat(case: Case) -> Iterable[Breach]:
    """Find VAT of another state: from a seller established there, at a rate that is none of Germany's."""
    if case.domestic is not False or not case.vat_shown or case.context is None:
        return ()
    rates = {group.rate for group in case.invoice.vat_breakdown if group.category == "S" and group.amount}
    foreign = sorted(rate for rate in rates if rate is not None and rate not in _GERMAN_RATES)
    return when(bool(foreign), "BG-23/BT-119", rate=foreign[0] if foreign else "", state=case.seller_country or "?")


RULES: tuple[LawRule, ...] = (
    LawRule(
        "USTG-14A-3",
        "§14a(3) sentence 2 UStG",
        _identifiers,
        "An intra-Community supply needs the VAT identifiers of seller and buyer; have the missing one added.",
        "Eine innergemeinschaftliche Lieferung braucht die USt-ID von Verkäufer und Käufer; bitte ergänzen lassen.",
        input_tax=InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-6A-SAME-STATE",
        "§6a(1) no. 4 UStG",
        _same_state,
        "Seller and buyer both use a VAT identifier of {state}, so this is no intra-Community supply; have category or"
        " identifier corrected.",
        "Verkäufer und Käufer verwenden beide eine USt-ID aus {state}; das ist keine innergemeinschaftliche Lieferung."
        " Bitte Kategorie oder USt-ID berichtigen lassen.",
    ),
    LawRule(
        "USTG-6A-OUTSIDE",
        "§6a(1) no. 4 UStG",
        _outside,
        "The buyer's VAT identifier is of {state}, outside the Union, so this is no intra-Community supply; have"
        " category or identifier corrected.",
        "Die USt-ID des Käufers ist aus {state}, außerhalb der Union; das ist keine innergemeinschaftliche Lieferung."
        " Bitte Kategorie oder USt-ID berichtigen lassen.",
    ),
    LawRule(
        "USTG-14C-EXEMPT",
        "§14c(1) UStG",
        _vat_shown,
        "VAT of {vat} is shown on a supply that is exempt across the border: it is owed by the seller and cannot be"
        " deducted; have the invoice corrected.",
        "Umsatzsteuer von {vat} ist auf einer grenzüberschreitend steuerfreien Lieferung ausgewiesen: sie wird"
        " geschuldet und ist nicht abziehbar; bitte berichtigen lassen.",
        input_tax=InputTax.NOT_DEDUCTIBLE,
    ),
    LawRule(
        "USTG-18-FOREIGN",
        "§15(1) no. 1, §18(9) UStG",
        _foreign_vat,
        "VAT at {rate} percent is that of another state ({state}): it cannot be deducted here, only be refunded there.",
        "Umsatzsteuer von {rate} Prozent ist die eines anderen Staates ({state}): sie ist hier nicht abziehbar und nur"
        " dort zu vergüten.",
        Gravity.WARNING,
        InputTax.NOT_DEDUCTIBLE,
    ),
)
