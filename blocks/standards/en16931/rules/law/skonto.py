"""Reductions agreed in advance (§14(4) no. 7 UStG): Skonto, in words or as XRechnung writes it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from blocks.documents.invoice_verdicts import FindingClass, Gravity, InputTax
from blocks.standards.en16931.rules.law.rule import Case, LawRule, quoted
from blocks.standards.en16931.rules.rule import Breach, when

_LINE = re.compile(
    r"#SKONTO#TAGE=([0-9]{1,4})#PROZENT=([0-9]{1,3}\.[0-9]{2})(?:#BASISBETRAG=(-?[0-9]{1,18}\.[0-9]{2}))?#"
)
_WORD = re.compile(r"skonto|cash discount|early payment|escompte", re.IGNORECASE)
_PERCENT = re.compile(r"\d\s*(?:%|prozent|percent|v\.\s?h\.)", re.IGNORECASE)
_HOW_LONG = re.compile(
    r"\d+\s*(?:kalender|werk|arbeits|bank)?-?\s*(?:tag|day|jour|wochen?|weeks?)|bis\s+(?:zum\s+)?\d", re.IGNORECASE
)
_NONE = re.compile(
    r"(?:ohne|kein(?:en|erlei)?|nicht|no|without)\s+(?:\w+\s+){0,2}(?:skonto|cash discount)|skonto\w*\s+nicht",
    re.IGNORECASE,
)
_MOST_PERCENT = Decimal(20)
_MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Skonto:
    """A reduction for paying early: within so many days, so many percent, of the gross amount or of ``basis``."""

    days: int
    percent: Decimal
    basis: Decimal | None = None


def skonto_of(terms: str) -> tuple[Skonto, ...]:
    """Return the reductions that payment terms (BT-20) give in XRechnung's notation, in the order they stand."""
    found = []
    for line in terms.splitlines()[:_MOST_LINES]:
        told = _LINE.fullmatch("".join(line.split()))
        if told:
            found.append(Skonto(int(told[1]), Decimal(told[2]), Decimal(told[3]) if told[3] else None))
    return tuple(found)


def _malformed(case: Case) -> Iterator[Breach]:
    for line in case.invoice.payment_terms.splitlines()[:_MOST_LINES]:
        written = "".join(line.split())
        if written.upper().startswith("#SKONTO") and not _LINE.fullmatch(written):
            yield Breach("BT-20", {"found": quoted(line)})


def _odd(case: Case) -> Iterator[Breach]:
    gross = case.invoice.totals.gross
    for one in skonto_of(case.invoice.payment_terms):
        beyond = one.basis is not None and gross is not None and abs(one.basis) > abs(gross)
        if one.percent > _MOST_PERCENT or one.percent == 0 or beyond:
            yield Breach("BT-20", {"percent": one.percent, "days": one.days, "basis": one.basis or gross or "?"})


def _half_said(case: Case) -> Iterable[Breach]:
    """Find Skonto in words that say not how much, or not until when."""
    for line in case.notes.splitlines():
        if _WORD.search(line) and not line.lstrip().startswith("#") and not _NONE.search(line):
            around = case.notes
            return when(not (_PERCENT.search(around) and _HOW_LONG.search(around)), "BT-20", found=quoted(line))
    return ()


RULES: tuple[LawRule, ...] = (
    LawRule(
        "SKONTO-NOTATION",
        "XRechnung 3.0, BT-20",
        _malformed,
        "The Skonto '{found}' is not written as #SKONTO#TAGE=14#PROZENT=2.00#, so that no program can use it; have it"
        " corrected.",
        "Das Skonto '{found}' ist nicht als #SKONTO#TAGE=14#PROZENT=2.00# geschrieben und maschinell nicht nutzbar;"
        " bitte berichtigen lassen.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
        FindingClass.BUSINESS_RULE,
    ),
    LawRule(
        "SKONTO-ODD",
        "§14(4) no. 7 UStG",
        _odd,
        "A Skonto of {percent} percent within {days} days on {basis} is unusual; ask before using it.",
        "Skonto von {percent} Prozent binnen {days} Tagen auf {basis} ist ungewöhnlich; bitte vor dem Abzug klären.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14-4-7-SKONTO",
        "§14(4) no. 7 UStG",
        _half_said,
        "Skonto is mentioned ('{found}'), but not how much or until when; ask for the agreement, which counts as well.",
        "Skonto ist erwähnt ('{found}'), aber nicht, wie viel oder bis wann; bitte die Vereinbarung klären, die auch"
        " genügt.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
)
