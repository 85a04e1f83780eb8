"""Corrections by the supplier: which invoice one replaces, what that means for both, and what is given back. Pure.

A corrected invoice (384) bills anew what an earlier one billed wrongly, and names it (BG-3, §31(5) UStDV). It takes the
place of that one: a person decides on both at once. One whose amounts are negative gives back, as a credit note does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from blocks.documents.invoice_verdicts import CORRECTS, Gravity, InvoiceFinding
from tasks.invoice_validation.billing import Billed
from tasks.invoice_validation.supply_wording import comma, finding, listed, money

CORRECTION = "384"
_NOTHING, _CENT = Decimal(0), Decimal("0.01")
REPLACES = "`soms invoices replaces {number} --of NUMBER`"


@dataclass(frozen=True, slots=True)
class Correction:
    """What is known of an invoice as a correction, and as what others correct.

    Attributes:
        corrected: The invoice it replaces, with its figures; None for none.
        is_said: Whether a person has said what it replaces, be it none.
        waiting: An undecided correction of it: ``id, number``; None for none.
    """

    corrected: Mapping[str, Any] | None = None
    is_said: bool = False
    waiting: Mapping[str, Any] | None = None


def bills_anew(billed: Billed) -> bool:
    """Tell whether an invoice is a correction that takes the place of another: one that gives back does not."""
    return billed.type_code == CORRECTION and billed.net > 0


def judge(number: int, billed: Billed, gross: Decimal | None, known: Correction) -> Iterator[InvoiceFinding]:
    """Yield what a correction means, and what it lacks; and that an invoice is corrected by one that waits."""
    if known.corrected is not None and known.corrected["state"] != "rejected":
        yield _corrects(number, gross, billed.currency, known.corrected)
    elif known.corrected is None and not known.is_said and bills_anew(billed):
        yield _names_none(number, billed)
    if known.waiting is not None:
        yield _is_corrected(known.waiting)


def _corrects(number: int, gross: Decimal | None, currency: str, one: Mapping[str, Any]) -> InvoiceFinding:
    waits = one["state"] in {"received", "waiting"}
    more = (gross or _NOTHING) - (one["gross"] or _NOTHING)
    difference = f"{more:+.2f} {currency}".strip()
    what = "withdraws that one" if waits else "takes back what was booked of that one"
    what_de = "zieht jene zurück" if waits else "storniert, was von jener gebucht ist"
    return finding(
        CORRECTS,
        f"This invoice corrects invoice {one['number']} (received invoice {one['id']}, {one['state']}) and takes its"
        f" place: {difference}. Who approves it {what}. If it is to be paid beside that one, say so first:"
        f" {REPLACES.format(number=number).replace('NUMBER', '0')}.",
        f"Diese Rechnung berichtigt die Rechnung {one['number']} (Eingangsrechnung {one['id']}) und tritt an deren"
        f" Stelle: {comma(difference)}. Wer sie freigibt, {what_de}. Ist sie neben jener zu zahlen, sagen Sie das"
        " zuerst.",
        location="BG-3",
        gravity=Gravity.WARNING,
    )


def _names_none(number: int, billed: Billed) -> InvoiceFinding:
    said = REPLACES.format(number=number)
    named = listed(billed.preceding)
    if not named:
        return finding(
            "correction-names-none",
            f"This corrected invoice (type 384) does not name the invoice it corrects. Ask the supplier, or say which"
            f" one it is: {said}.",
            "Diese Rechnungskorrektur (Typ 384) nennt die Rechnung nicht, die sie berichtigt. Fragen Sie den"
            " Lieferanten oder geben Sie an, welche es ist.",
            location="BG-3",
        )
    return finding(
        "corrected-unknown",
        f"This corrected invoice names invoice {named}, which has not come from this supplier. Wait for it, ask the"
        f" supplier, or say which one it is: {said}; 0 for none.",
        f"Diese Rechnungskorrektur nennt die Rechnung {named}, die von diesem Lieferanten nicht eingegangen ist. Warten"
        " Sie auf sie, fragen Sie den Lieferanten oder geben Sie an, welche es ist.",
        location="BG-3",
    )


def _is_corrected(by: Mapping[str, Any]) -> InvoiceFinding:
    return finding(
        "corrected-by-another",
        f"Invoice {by['number']} (received invoice {by['id']}) corrects this one and waits for a decision. Decide that"
        " one: who approves it withdraws this one with it; who rejects it leaves this one as it is.",
        f"Die Rechnung {by['number']} (Eingangsrechnung {by['id']}) berichtigt diese und wartet auf eine Entscheidung."
        " Entscheiden Sie über jene: Ihre Freigabe zieht diese zurück, ihre Ablehnung lässt diese, wie sie ist.",
        location="BT-1",
    )


def judge_credit(
    billed: Billed, gross: Decimal | None, one: Mapping[str, Any], before: Sequence[Decimal]
) -> Iterator[InvoiceFinding]:
    """Yield that more is given back of an invoice than it came to.

    Args:
        billed: What the credit note gives back.
        gross: What it comes to.
        one: The invoice it names.
        before: What other credit notes that name the same invoice come to.
    """
    given, whole = abs(gross or _NOTHING), abs(one["gross"] or _NOTHING)
    earlier = sum(map(abs, before), _NOTHING)
    if one["currency"] != billed.currency or given + earlier <= whole + _CENT:
        return
    also = f", {money(earlier)} of it by others" if earlier else ""
    also_de = f", davon {comma(money(earlier))} mit anderen" if earlier else ""
    yield finding(
        "credit-above-invoice",
        f"With this credit note {money(given + earlier)} {billed.currency} are given back of invoice {one['number']}"
        f"{also}, which came to {money(whole)} only. Ask the supplier what it belongs to.",
        f"Mit dieser Gutschrift werden {comma(money(given + earlier))} {billed.currency} der Rechnung"
        f" {one['number']} gutgeschrieben{also_de}, die nur {comma(money(whole))} betrug. Fragen Sie den Lieferanten,"
        " wozu sie gehört.",
        location="BG-3",
    )
