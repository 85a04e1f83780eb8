"""Invoices that came before: the same number, the same content, or nearly so. Pure: what is known in, findings out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from blocks.documents.invoice_verdicts import NEAR_DUPLICATE, Gravity, InvoiceFinding
from blocks.documents.supply import number_key
from tasks.invoice_validation.billing import CREDITS
from tasks.invoice_validation.supply_wording import comma, finding, money

SAME_NUMBER, SAME_CONTENT, NEARLY, SAME_ELSEWHERE = "same-number", "same-content", "nearly", "other-supplier"

_CONFUSED = str.maketrans("OQDILZSBGT", "0001125867")
"""Letters that reading machines and people take for digits; applied to numbers as they are compared."""
_DIGITS_CONFUSED = ("08", "17", "38", "56", "68", "49", "27", "35", "69")
"""Digits that are taken for each other."""


@dataclass(frozen=True, slots=True)
class Known:
    """An invoice that came, as far as doubles are found by it."""

    id: int
    supplier: int | None
    number: str
    type_code: str
    issued_on: date | None
    currency: str
    gross: Decimal | None
    content: str
    state: str


def is_same_direction(one: str, other: str) -> bool:
    """Tell whether two types of document both bill, or both give back: a credit note is no double of its invoice."""
    return (one in CREDITS) == (other in CREDITS)


def double_of(new: Known, earlier: Sequence[Known], *, names_order: bool, near_days: int) -> InvoiceFinding | None:
    """Return what an invoice doubles, the surest first; None where nothing that came before is like it.

    Args:
        new: The invoice.
        earlier: What came before it and is not rejected: with its number, its content or its amount.
        names_order: Whether it names an order: then the same content is the same supply, however far apart.
        near_days: Within so many days of issue the same content, or a like number, is suspicious.
    """
    alike = [one for one in earlier if is_same_direction(new.type_code, one.type_code) and one.id != new.id]
    own = [one for one in alike if one.supplier == new.supplier]
    for one in own:
        if number_key(one.number) == number_key(new.number) and number_key(new.number):
            return _same_number(new, one)
    same = [one for one in own if new.content and one.content == new.content]
    if same:  # what recurs month by month is held against its neighbour, not against the first there ever was
        one = min(same, key=lambda each: (_days(new, each), each.id))
        near = names_order or _days(new, one) <= near_days
        return _same_content(new, one, gravity=Gravity.FATAL if near else Gravity.WARNING)
    for one in alike:
        if _same_amount(new, one) and _days(new, one) <= near_days and _is_near(new, one):
            return _nearly(new, one)
    return None


def _days(one: Known, other: Known) -> int:
    if one.issued_on is None or other.issued_on is None:
        return 0
    return abs((one.issued_on - other.issued_on).days)


def _same_amount(one: Known, other: Known) -> bool:
    return one.gross is not None and one.gross == other.gross and one.currency == other.currency and one.gross != 0


def _is_near(new: Known, one: Known) -> bool:
    """Tell whether two numbers look alike; under another supplier's name the same number is."""
    if new.supplier != one.supplier:
        return bool(number_key(new.number)) and number_key(new.number) == number_key(one.number)
    return looks_like(new.number, one.number)


def looks_like(one: str, other: str) -> bool:
    """Tell whether one number is likely the other one misread or mistyped; a number that merely follows is not."""
    left, right = (number_key(text).translate(_CONFUSED) for text in (one, other))
    if not left or not right or abs(len(left) - len(right)) > 1:
        return False
    if left == right or number_key(one) == number_key(other):
        return True
    if len(left) != len(right):
        shorter, longer = sorted((left, right), key=len)
        dropped = any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
        return dropped and len(shorter) >= 4  # noqa: PLR2004 - a short number is like too many
    differ = [at for at, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(differ) == 1:
        pair = "".join(sorted(left[differ[0]] + right[differ[0]]))
        return pair in _DIGITS_CONFUSED and not _follows(left, right)
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1  # noqa: PLR2004 - two neighbours
    return swapped and left[differ[0]] == right[differ[1]] and left[differ[1]] == right[differ[0]]


def _follows(one: str, other: str) -> bool:
    """Tell whether a number is one of the next few after another."""
    first, second = (re.search(r"(\d+)$", text) for text in (one, other))
    return bool(first and second) and abs(int(first[1]) - int(second[1])) <= 3  # type: ignore[index] # noqa: PLR2004 - both matched


def _when(one: Known) -> tuple[str, str]:
    if one.issued_on is None:
        return "", ""
    return f" of {one.issued_on.isoformat()}", f" vom {one.issued_on.strftime('%d.%m.%Y')}"


def _same_number(new: Known, one: Known) -> InvoiceFinding:
    when, when_de = _when(one)
    return finding(
        "double-number",
        f"This supplier's invoice {new.number} has come before{when} (received invoice {one.id}, {one.state})."
        f" Reject this one; if it replaces the other, say so: `soms invoices replaces {new.id} --of {one.id}`.",
        f"Die Rechnung {new.number} dieses Lieferanten liegt schon vor{when_de} (Eingangsrechnung {one.id})."
        f" Weisen Sie diese zurück; ersetzt sie die andere, geben Sie das an: `soms invoices replaces {new.id} --of"
        f" {one.id}`.",
        location="BT-1",
    )


def _same_content(new: Known, one: Known, *, gravity: Gravity) -> InvoiceFinding:
    when, when_de = _when(one)
    return finding(
        "double-content",
        f"Invoice {new.number} bills exactly what invoice {one.number}{when} billed (received invoice {one.id}), only"
        " number and date differ. Reject it, unless the same was supplied twice.",
        f"Die Rechnung {new.number} berechnet genau dasselbe wie die Rechnung {one.number}{when_de} (Eingangsrechnung"
        f" {one.id}), nur Nummer und Datum weichen ab. Weisen Sie sie zurück, es sei denn, es wurde zweimal dasselbe"
        " geliefert.",
        location="BT-1",
        gravity=gravity,
    )


def _nearly(new: Known, one: Known) -> InvoiceFinding:
    when, when_de = _when(one)
    amount = money(new.gross or Decimal(0))
    elsewhere = new.supplier != one.supplier
    who, who_de = (" of another supplier", " eines anderen Lieferanten") if elsewhere else ("", "")
    return finding(
        NEAR_DUPLICATE,
        f"Invoice {new.number} over {amount} {new.currency} looks like invoice {one.number}{who}{when} over the same"
        f" amount (received invoice {one.id}): a digit may be misread, or the supplier kept twice. Compare the two"
        " before you approve.",
        f"Die Rechnung {new.number} über {comma(amount)} {new.currency} gleicht der Rechnung"
        f" {one.number}{who_de}{when_de} über denselben Betrag (Eingangsrechnung {one.id}): Vielleicht ist eine Ziffer"
        " falsch gelesen oder der Lieferant doppelt angelegt. Vergleichen Sie beide vor der Freigabe.",
        location="BT-1",
        gravity=Gravity.WARNING,
    )
