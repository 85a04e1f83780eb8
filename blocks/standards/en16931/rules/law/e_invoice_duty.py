"""The duty to issue e-invoices (§14(2), §27(38) UStG): from when, for whom, and what is still allowed instead.

Until 31 December 2026 any domestic business may send paper, or a PDF with the buyer's consent; until 31 December 2027
one whose turnover of the year before was 800,000 euros at the most, and whoever sends EDI. The day of issue decides,
and the day of supply where it is later.
"""

from datetime import date
from enum import StrEnum

from blocks.documents.invoice_verdicts import FindingClass, Gravity, InvoiceFinding
from blocks.standards.en16931.rules.law.particulars import time_of_supply
from blocks.standards.en16931.rules.law.rule import Case
from blocks.standards.en16931.rules.law.small_business import NOTE

FREE_UNTIL = date(2026, 12, 31)
FREE_FOR_SMALL_TURNOVER_UNTIL = date(2027, 12, 31)
EDI_UNTIL = date(2027, 12, 31)
BEGUN = date(2025, 1, 1)
SOURCE = "§14(2), §27(38) UStG"


class Form(StrEnum):
    """What an invoice came as, if not as an e-invoice."""

    PAGE = "page"
    EDI = "edi"
    BROKEN = "broken"
    PROFILE = "profile"


class Duty(StrEnum):
    """Whether an e-invoice had to be issued."""

    EXEMPT = "exempt"
    NOT_YET = "not-yet"
    DUE = "due"
    UNKNOWN = "unknown"


def duty_of(case: Case, form: Form = Form.PAGE) -> tuple[Duty, str, str]:
    """Return whether an invoice had to be an e-invoice, and why, in English and German."""
    if exempt := _exemption(case):
        return Duty.EXEMPT, *exempt
    day = _day(case)
    if day < BEGUN:
        return Duty.NOT_YET, "the duty began on 2025-01-01", "die Pflicht begann am 01.01.2025"
    if day <= FREE_UNTIL:
        return Duty.NOT_YET, *_until(FREE_UNTIL)
    if form is Form.EDI and day <= EDI_UNTIL:
        return Duty.NOT_YET, *_until(EDI_UNTIL)
    if day <= FREE_FOR_SMALL_TURNOVER_UNTIL:
        return _by_turnover(case)
    return Duty.DUE, "it is due from all businesses since 2028-01-01", "seit 01.01.2028 gilt sie für alle Unternehmer"


def _by_turnover(case: Case) -> tuple[Duty, str, str]:
    above = case.context.supplier.turnover_above_limit if case.context else None
    if above is None:
        return (
            Duty.UNKNOWN,
            "note at the supplier whether its turnover of the year before was above 800,000 euros",
            "bitte beim Lieferanten vermerken, ob sein Vorjahresumsatz über 800.000 Euro lag",
        )
    if above:
        return (
            Duty.DUE,
            "it is due since 2027-01-01 from suppliers with a turnover above 800,000 euros",
            "seit 01.01.2027 gilt sie für Lieferanten mit mehr als 800.000 Euro Vorjahresumsatz",
        )
    return Duty.NOT_YET, *_until(FREE_FOR_SMALL_TURNOVER_UNTIL)


def _until(day: date) -> tuple[str, str]:
    return f"another form is allowed until {day.isoformat()}", f"eine andere Form ist bis {day:%d.%m.%Y} zulässig"


def _day(case: Case) -> date:
    received = case.context.received_on if case.context else date.max
    issued = case.invoice.issue_date or received
    return max(issued, time_of_supply(case) or issued)


def _exemption(case: Case) -> tuple[str, str] | None:
    """Return why nobody had to issue an e-invoice, whatever the day; None where no exemption is to be seen."""
    if case.to_consumer:
        return "the buyer is no business here", "der Käufer handelt hier nicht als Unternehmer"
    if case.domestic is False:
        return "the supplier is not established in Germany", "der Lieferant ist nicht in Deutschland ansässig"
    if case.is_small:
        return "it is an invoice over 250 euros at the most", "es ist eine Kleinbetragsrechnung bis 250 Euro"
    small = case.context.supplier.small_business if case.context else None
    if small or (small is None and case.says(NOTE)):
        return "the supplier is a small business", "der Lieferant ist Kleinunternehmer"
    if case.categories == {"E"}:
        return (
            "the supply is exempt under §4 nos. 8 to 29 UStG",
            "die Leistung ist nach § 4 Nr. 8 bis 29 UStG steuerfrei",
        )
    return None


_CAME_AS = {
    Form.PAGE: (
        "This is no e-invoice, but another invoice",
        "Das ist keine E-Rechnung, sondern eine sonstige Rechnung",
    ),
    Form.EDI: (
        "This is EDI, which is an e-invoice only where both sides agreed on it and EN 16931 can be drawn from it",
        "Das ist EDI, eine E-Rechnung nur, wenn beide es vereinbart haben und EN 16931 sich daraus ergibt",
    ),
    Form.PROFILE: (
        "The XML follows a profile without lines, or one before ZUGFeRD 2.0.1: its page is the invoice",
        "Das XML folgt einem Profil ohne Positionen oder vor ZUGFeRD 2.0.1: die Seite ist die Rechnung",
    ),
    Form.BROKEN: (
        "The e-invoice is broken, so that it counts as another invoice",
        "Die E-Rechnung ist defekt und gilt als sonstige Rechnung",
    ),
}
_GRAVITY = {
    Duty.EXEMPT: Gravity.INFORMATION,
    Duty.NOT_YET: Gravity.INFORMATION,
    Duty.UNKNOWN: Gravity.WARNING,
    Duty.DUE: Gravity.FATAL,
}
_SO = {
    Duty.EXEMPT: (", which is enough: ", "; das genügt: "),
    Duty.NOT_YET: (", which is enough with our consent: ", "; das genügt mit unserer Zustimmung: "),
    Duty.UNKNOWN: ("; whether that is enough is open: ", "; ob das genügt, ist offen: "),
    Duty.DUE: ("; ask for an e-invoice, for ", "; bitte eine E-Rechnung anfordern, denn "),
}


def finding_of(case: Case, form: Form) -> InvoiceFinding:
    """Return what is to be said of an invoice that came as something else than an e-invoice."""
    duty, english, german = duty_of(case, form)
    came, kam = _CAME_AS[form]
    so, also = _SO[duty]
    return InvoiceFinding(
        rule=f"E-INVOICE-{duty.value.upper()}",
        rule_set="ustg",
        kind=FindingClass.FORMAT,
        gravity=_GRAVITY[duty],
        text=f"{came}{so}{english} ({SOURCE}).",
        text_de=f"{kam}{also}{german} (§ 14 Abs. 2, § 27 Abs. 38 UStG).",
    )
