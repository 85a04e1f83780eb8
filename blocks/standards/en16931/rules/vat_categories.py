"""The rules of each VAT category: BR-S, Z, E, AE, IC, G, O, AF (IGIC), AG (IPSI) and B (Italian split payment)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from blocks.documents.invoices import Invoice, VatBreakdown
from blocks.standards.en16931.rules.groups import allowances, breakdown, charges, lines, lines_with_sub_lines
from blocks.standards.en16931.rules.rule import Breach, Rule, when
from blocks.standards.en16931.rules.sums import cents, total


@dataclass(frozen=True, slots=True)
class Category:
    """A VAT category of UNTDID 5305 and what distinguishes its rules.

    Attributes:
        code: Its code in the invoice.
        family: Its letters in the ids of the rules.
        english: What it is called.
        german: The same in German.
        rate: What the rate must be: ``positive``, ``any``, ``zero`` or ``none``.
        reason: Whether a reason for exemption must be given; False: must not.
    """

    code: str
    family: str
    english: str
    german: str
    rate: str
    reason: bool

    @property
    def taxed(self) -> bool:
        """Whether there is a group for each rate, and tax to be paid."""
        return self.rate in {"positive", "any"}


CATEGORIES = (
    Category("S", "S", "standard rate", "Normalsatz", "positive", reason=False),
    Category("Z", "Z", "zero rate", "Nullsatz", "zero", reason=False),
    Category("E", "E", "exempt from VAT", "steuerbefreit", "zero", reason=True),
    Category("AE", "AE", "reverse charge", "Umkehrung der Steuerschuldnerschaft", "zero", reason=True),
    Category("K", "IC", "intra-community supply", "innergemeinschaftliche Lieferung", "zero", reason=True),
    Category("G", "G", "export outside the EU", "Ausfuhr", "zero", reason=True),
    Category("O", "O", "not subject to VAT", "nicht steuerbar", "none", reason=True),
    Category("L", "AF", "IGIC (Canary Islands)", "IGIC (Kanaren)", "any", reason=False),
    Category("M", "AG", "IPSI (Ceuta and Melilla)", "IPSI (Ceuta und Melilla)", "any", reason=False),
)

_LINE, _ALLOWANCE, _CHARGE = 0, 1, 2


def _used(invoice: Invoice, code: str) -> tuple[bool, bool, bool]:
    """Return whether a category stands in lines, allowances and charges."""
    return (
        any(line.vat_category == code for line in lines_with_sub_lines(invoice.lines)),
        any(one.vat_category == code for _, one in allowances(invoice)),
        any(one.vat_category == code for _, one in charges(invoice)),
    )


def _groups(invoice: Invoice, code: str) -> list[tuple[str, VatBreakdown]]:
    return [(place, group) for place, group in breakdown(invoice) if group.category == code]


def _in_breakdown(category: Category) -> Callable[[Invoice], Iterable[Breach]]:
    def check(invoice: Invoice) -> Iterable[Breach]:
        used, groups = any(_used(invoice, category.code)), len(_groups(invoice, category.code))
        wrong = (used != (groups > 0)) if category.taxed else ((used or groups > 0) and groups != 1)
        return when(wrong, "BG-23", groups=groups)

    return check


def _parties_wrong(category: Category, invoice: Invoice) -> str:
    """Return the term of a party's identifier that a category demands and that is missing, or that it forbids."""
    seller, buyer = invoice.seller, invoice.buyer
    representative = invoice.tax_representative.vat_id if invoice.tax_representative else ""
    if category.code == "O":
        return "BT-31" if seller.vat_id or representative or buyer.vat_id else ""
    seller_known = seller.vat_id or representative
    if category.code not in {"K", "G"}:
        seller_known = seller_known or seller.tax_number
    if not seller_known:
        return "BT-31"
    if category.code == "AE" and not (buyer.vat_id or buyer.legal_registration):
        return "BT-48"
    if category.code == "K" and not buyer.vat_id:
        return "BT-48"
    return ""


def _parties(category: Category, part: int) -> Callable[[Invoice], Iterable[Breach]]:
    def check(invoice: Invoice) -> Iterable[Breach]:
        term = _parties_wrong(category, invoice)
        wrong = bool(term) and _used(invoice, category.code)[part]
        return when(wrong, f"BG-7/{term}" if term == "BT-48" else f"BG-4/{term}")

    return check


def _rate_fits(category: Category, rate: Decimal | None) -> bool:
    if category.rate == "none" or rate is None:
        return category.rate == "none" and rate is None
    if category.rate == "zero":
        return rate == 0
    return rate > 0 or (rate == 0 and category.rate == "any")


def _rates(category: Category, places: Callable[[Invoice], Iterable[tuple[str, Any]]], term: str) -> Any:
    def check(invoice: Invoice) -> Iterator[Breach]:
        for place, one in places(invoice):
            if one.vat_category == category.code and not _rate_fits(category, one.vat_rate):
                yield Breach(f"{place}/{term}", {"found": "nothing" if one.vat_rate is None else one.vat_rate})

    return check


def bases(category: Category, *, exact: bool = False) -> Callable[[Invoice], Iterable[Breach]]:
    """Return the check of BT-116; taxed categories go by rate, in UBL to within one unit, in CII exactly."""

    def check(invoice: Invoice) -> Iterator[Breach]:
        for place, group in _groups(invoice, category.code):
            if category.taxed and group.rate is None:
                continue
            rate = group.rate if category.taxed else None
            amounts = list(_amounts(invoice, category.code, rate))
            expected = cents(total(amounts))
            basis = group.basis
            fits = basis is not None and (
                (bool(amounts) and abs(basis - expected) < 1) if category.taxed and not exact else basis == expected
            )
            if not fits:
                shown = "nothing" if basis is None else basis
                yield Breach(f"{place}/BT-116", {"found": shown, "expected": expected})

    return check


def _amounts(invoice: Invoice, code: str, rate: Decimal | None) -> Iterator[Decimal | None]:
    """Yield what is taxed under a category and, where one is given, a rate: lines and charges, less allowances."""
    for line in invoice.lines:
        if line.vat_category == code and (rate is None or line.vat_rate == rate):
            yield line.net
    for one in invoice.allowances_charges:
        if one.vat_category == code and (rate is None or one.vat_rate == rate):
            yield one.amount if one.is_charge or one.amount is None else -one.amount


def _taxes(category: Category) -> Callable[[Invoice], Iterable[Breach]]:
    def check(invoice: Invoice) -> Iterator[Breach]:
        for place, group in _groups(invoice, category.code):
            expected = Decimal(0)
            if category.taxed:
                expected = cents(abs(group.basis or Decimal(0)) * (group.rate or Decimal(0)) / 100)
            amount = group.amount
            fits = amount is not None and (abs(abs(amount) - expected) < 1 if category.taxed else amount == 0)
            if not fits:
                yield Breach(
                    f"{place}/BT-117", {"found": "nothing" if amount is None else amount, "expected": expected}
                )

    return check


def _reasons(category: Category) -> Callable[[Invoice], Iterable[Breach]]:
    def check(invoice: Invoice) -> Iterator[Breach]:
        for place, group in _groups(invoice, category.code):
            if bool(group.exemption_reason or group.exemption_code) != category.reason:
                yield Breach(f"{place}/BT-120")

    return check


_WHO = {
    "S": ("the seller's VAT identifier or tax number", "die USt-ID oder Steuernummer des Verkäufers"),
    "AE": (
        "the seller's VAT identifier or tax number, and the buyer's VAT identifier or registration",
        "USt-ID oder Steuernummer des Verkäufers und USt-ID oder Registernummer des Käufers",
    ),
    "K": ("the VAT identifiers of seller and buyer", "die USt-IDs von Verkäufer und Käufer"),
    "G": ("the seller's VAT identifier", "die USt-ID des Verkäufers"),
}
_RATE = {
    "positive": ("above zero", "über null"),
    "any": ("zero or above", "null oder darüber"),
    "zero": ("zero", "null"),
    "none": ("left out", "weggelassen"),
}


def _rules_of(category: Category) -> Iterator[Rule]:
    def rule(number: int, check: Callable[[Invoice], Iterable[Breach]], english: str, german: str) -> Rule:
        return Rule(
            f"BR-{category.family}-{number:02}",
            check,
            f"{english} (VAT category {category.code}, {category.english})",
            f"{german} (Umsatzsteuerkategorie {category.code}, {category.german})",
        )

    yield rule(
        1,
        _in_breakdown(category),
        "The VAT breakdown has {groups} groups of a category that the invoice uses or must use; give "
        + ("one for each rate that is used." if category.taxed else "exactly one."),
        "Die Steueraufschlüsselung hat {groups} Gruppen der Kategorie; bitte "
        + ("eine je verwendetem Satz angeben." if category.taxed else "genau eine angeben."),
    )
    if category.code == "O":
        who = (
            "VAT identifiers of seller, tax representative or buyer must not stand here; leave them out.",
            "USt-IDs von Verkäufer, Steuervertreter oder Käufer dürfen nicht dastehen; bitte weglassen.",
        )
    else:
        needed = _WHO.get(category.code, _WHO["S"])
        who = (f"This needs {needed[0]}; add it.", f"Dafür braucht es {needed[1]}; bitte ergänzen.")
    for part in (_LINE, _ALLOWANCE, _CHARGE):
        yield rule(2 + part, _parties(category, part), *who)
    rate = _RATE[category.rate]
    places = ((lines, "BT-152"), (allowances, "BT-96"), (charges, "BT-103"))
    for number, (where, term) in enumerate(places, 5):
        yield rule(
            number,
            _rates(category, where, term),
            f"The VAT rate is {{found}}, but must be {rate[0]}; correct rate or category.",
            f"Der Steuersatz ist {{found}}, er muss aber {rate[1]} sein; bitte Satz oder Kategorie berichtigen.",
        )
    yield rule(
        8,
        bases(category),
        "The taxable amount is {found}, lines, charges and allowances make {expected}; correct it.",
        "Der steuerpflichtige Betrag ist {found}, Positionen, Zu- und Abschläge ergeben {expected}; bitte berichtigen.",
    )
    yield rule(
        9,
        _taxes(category),
        "The VAT amount is {found}, but must be {expected}; correct it.",
        "Der Steuerbetrag ist {found}, er muss {expected} sein; bitte berichtigen.",
    )
    yield rule(
        10,
        _reasons(category),
        "A reason for exemption, or its code, is missing; add it."
        if category.reason
        else "A reason for exemption stands here, though nothing is exempt; leave it out.",
        "Ein Befreiungsgrund oder sein Code fehlt; bitte ergänzen."
        if category.reason
        else "Ein Befreiungsgrund steht da, obwohl nichts befreit ist; bitte weglassen.",
    )


def _undelivered(invoice: Invoice) -> Iterable[Breach]:
    delivered = invoice.delivery.delivered_on if invoice.delivery else None
    return when(bool(_groups(invoice, "K")) and not (delivered or invoice.period), "BG-13/BT-72")


def _nowhere_delivered(invoice: Invoice) -> Iterable[Breach]:
    address = invoice.delivery.address if invoice.delivery else None
    return when(bool(_groups(invoice, "K")) and not (address and address.country), "BG-15/BT-80")


def _other_groups(invoice: Invoice) -> Iterable[Breach]:
    others = any(group.category not in {"", "O"} for group in invoice.vat_breakdown)
    return when(bool(_groups(invoice, "O")) and others, "BG-23/BT-118")


def _other_than_o(places: Callable[[Invoice], Iterable[tuple[str, Any]]], term: str) -> Any:
    def check(invoice: Invoice) -> Iterator[Breach]:
        if _groups(invoice, "O"):
            found = [place for place, one in places(invoice) if one.vat_category not in {"", "O"}]
            if found:
                yield Breach(f"{found[0]}/{term}")

    return check


def _split(invoice: Invoice) -> bool:
    return any(_used(invoice, "B")) or bool(_groups(invoice, "B"))


def _split_abroad(invoice: Invoice) -> Iterable[Breach]:
    found = [party.address.country for party in (invoice.seller, invoice.buyer) if party.address]
    return when(_split(invoice) and any(country != "IT" for country in found), "BG-23/BT-118")


def _split_and_standard(invoice: Invoice) -> Iterable[Breach]:
    standard = any(_used(invoice, "S")) or bool(_groups(invoice, "S"))
    return when(_split(invoice) and standard, "BG-23/BT-118")


_ONLY_O = (
    "What is not subject to VAT (O) cannot stand beside another category; write a second invoice.",
    "Nicht Steuerbares (O) kann nicht neben einer anderen Kategorie stehen; bitte eine zweite Rechnung schreiben.",
)

RULES: tuple[Rule, ...] = (
    *(rule for category in CATEGORIES for rule in _rules_of(category)),
    Rule(
        "BR-IC-11",
        _undelivered,
        "An intra-community supply needs the day of delivery (BT-72) or the period (BG-14); add one of them.",
        "Eine innergemeinschaftliche Lieferung braucht Liefertag (BT-72) oder Zeitraum (BG-14); bitte ergänzen.",
    ),
    Rule(
        "BR-IC-12",
        _nowhere_delivered,
        "An intra-community supply needs the country delivered to (BT-80); add it.",
        "Eine innergemeinschaftliche Lieferung braucht das Lieferland (BT-80); bitte ergänzen.",
    ),
    Rule("BR-O-11", _other_groups, *_ONLY_O),
    Rule("BR-O-12", _other_than_o(lines, "BT-151"), *_ONLY_O),
    Rule("BR-O-13", _other_than_o(allowances, "BT-95"), *_ONLY_O),
    Rule("BR-O-14", _other_than_o(charges, "BT-102"), *_ONLY_O),
    Rule(
        "BR-B-01",
        _split_abroad,
        "Split payment (B) is for invoices within Italy; choose another VAT category.",
        "Split Payment (B) gilt nur innerhalb Italiens; bitte eine andere Umsatzsteuerkategorie wählen.",
    ),
    Rule(
        "BR-B-02",
        _split_and_standard,
        "Split payment (B) and standard rate (S) exclude each other; write two invoices.",
        "Split Payment (B) und Normalsatz (S) schließen einander aus; bitte zwei Rechnungen schreiben.",
    ),
)

_OF = {
    category.code: tuple(rule for rule in RULES if rule.id.split("-")[1] == category.family) for category in CATEGORIES
}
_SPLIT = tuple(rule for rule in RULES if rule.id.startswith("BR-B-"))


def rules_for(invoice: Invoice) -> tuple[Rule, ...]:
    """Return the rules of the categories that an invoice uses anywhere; no rule of another can be broken."""
    used = {one.category for one in invoice.vat_breakdown}
    used.update(one.vat_category for one in invoice.allowances_charges)
    used.update(line.vat_category for line in lines_with_sub_lines(invoice.lines))
    return _rules_of_used(frozenset(used & (_OF.keys() | {"B"})))


@lru_cache(maxsize=128)
def _rules_of_used(used: frozenset[str]) -> tuple[Rule, ...]:
    chosen = (rule for code, rules in _OF.items() if code in used for rule in rules)
    return (*chosen, *(_SPLIT if "B" in used else ()))
