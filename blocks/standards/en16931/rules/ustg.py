"""What German VAT law wants an invoice to say (§14(4), §14c UStG, §33 UStDV), as far as the invoice itself shows it."""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from blocks.documents.invoices import Invoice, Party
from blocks.standards.en16931.rules.groups import breakdown, lines
from blocks.standards.en16931.rules.rule import Breach, Rule, RuleSet, Severity, when

SMALL = Decimal(250)
"""Euros with VAT up to which an invoice needs less (§33 UStDV)."""

_NEVER_SMALL = frozenset({"K", "AE"})
"""Intra-Community supplies and those whose VAT the buyer owes: §33 UStDV does not hold for them."""

_PREPAYMENT = "386"
_TAXED = frozenset({"S", "L", "M"})
_TELLS_TIME = re.compile(r"liefer|leistung|deliver|suppl|service", re.IGNORECASE)
_SMALL_BUSINESS = re.compile(r"§\s*19\b|kleinunternehm|small (business|undertaking)", re.IGNORECASE)


def is_small(invoice: Invoice) -> bool:
    """Return whether an invoice is one over a small amount, so that §33 UStDV lets it leave out much."""
    gross = invoice.totals.gross
    if gross is None or invoice.currency != "EUR" or abs(gross) > SMALL:
        return False
    return not any(group.category in _NEVER_SMALL for group in invoice.vat_breakdown)


def _unless_small(check: Callable[[Invoice], Iterable[Breach]]) -> Callable[[Invoice], Iterable[Breach]]:
    return lambda invoice: () if is_small(invoice) else check(invoice)


def _parties(invoice: Invoice) -> Iterator[Breach]:
    for place, party in (("BG-4", invoice.seller), ("BG-7", invoice.buyer)):
        if (place == "BG-4" or not is_small(invoice)) and (missing := _missing(party)):
            yield Breach(place, {"missing": " and ".join(missing)})


def _missing(party: Party) -> list[str]:
    address = party.address
    parts = {
        "name": party.name,
        "city": address and address.city,
        "street, post box or postcode": address and (address.line_1 or address.line_2 or address.postcode),
    }
    return [name for name, given in parts.items() if not given]


def _tax_numbers(invoice: Invoice) -> Iterable[Breach]:
    representative = invoice.tax_representative
    given = invoice.seller.vat_id or invoice.seller.tax_number or (representative and representative.vat_id)
    return when(not given, "BG-4/BT-31")


def _goods(invoice: Invoice) -> Iterator[Breach]:
    if not invoice.lines:
        yield Breach("BG-25")
    for place, line in lines(invoice):
        if line.quantity is None or not (line.item.name or line.item.description):
            yield Breach(place)


def _time(invoice: Invoice) -> Iterable[Breach]:
    said = " ".join((*(note.text for note in invoice.notes), invoice.payment_terms))
    known: tuple[Any, ...] = (
        invoice.delivery and invoice.delivery.delivered_on,
        invoice.period,
        invoice.tax_point_date,
        invoice.tax_point_code,
        any(line.period for line in invoice.lines),
        invoice.type_code == _PREPAYMENT,
        _TELLS_TIME.search(said),
    )
    return when(not any(known), "BG-13/BT-72")


def _consideration(invoice: Invoice) -> Iterator[Breach]:
    if is_small(invoice):
        return
    if not invoice.vat_breakdown:
        yield Breach("BG-23")
    for place, group in breakdown(invoice):
        if group.basis is None:
            yield Breach(f"{place}/BT-116")


def _taxes(invoice: Invoice) -> Iterator[Breach]:
    for place, group in breakdown(invoice):
        if group.category in _TAXED:
            told = group.rate is not None and (group.amount is not None or is_small(invoice))
        else:
            told = bool(group.exemption_reason or group.exemption_code or group.category == "Z")
        if not told:
            yield Breach(place)


def _small_business(invoice: Invoice) -> Iterable[Breach]:
    said = " ".join((
        *(note.text for note in invoice.notes),
        *(group.exemption_reason for group in invoice.vat_breakdown),
    ))  # fmt: skip
    shown = any(group.amount for group in invoice.vat_breakdown)
    return when(shown and bool(_SMALL_BUSINESS.search(said)), "BG-22/BT-110", vat=invoice.totals.vat)


def _rule(rule_id: str, source: str, check: Callable[[Invoice], Iterable[Breach]], english: str, german: str) -> Rule:
    told = f" ({source})"
    return Rule(rule_id, check, english + told, german + told, Severity.WARNING, RuleSet.USTG, source)


RULES: tuple[Rule, ...] = (
    _rule(
        "USTG-14-4-1",
        "§14(4) no. 1 UStG",
        _parties,
        "The full name and address are not given ({missing} missing); complete them.",
        "Name und Anschrift sind nicht vollständig (es fehlt: {missing}); bitte ergänzen.",
    ),
    _rule(
        "USTG-14-4-2",
        "§14(4) no. 2 UStG",
        _unless_small(_tax_numbers),
        "Neither tax number nor VAT identifier of the seller is given; add one.",
        "Weder Steuernummer noch USt-ID des Verkäufers ist angegeben; bitte ergänzen.",
    ),
    _rule(
        "USTG-14-4-3",
        "§14(4) no. 3 UStG",
        lambda invoice: when(invoice.issue_date is None, "BT-2"),
        "The date of issue is missing; add it.",
        "Das Ausstellungsdatum fehlt; bitte ergänzen.",
    ),
    _rule(
        "USTG-14-4-4",
        "§14(4) no. 4 UStG",
        _unless_small(lambda invoice: when(not invoice.number, "BT-1")),
        "The invoice number is missing; give one that occurs once only.",
        "Die Rechnungsnummer fehlt; bitte eine einmalige Nummer vergeben.",
    ),
    _rule(
        "USTG-14-4-5",
        "§14(4) no. 5 UStG",
        _goods,
        "Quantity and usual description of what was supplied are not both given; add them.",
        "Menge und handelsübliche Bezeichnung der Leistung sind nicht beide angegeben; bitte ergänzen.",
    ),
    _rule(
        "USTG-14-4-6",
        "§14(4) no. 6 UStG",
        _unless_small(_time),
        "The time of supply is not given; add the day of delivery or the period.",
        "Der Zeitpunkt der Leistung fehlt; bitte Liefertag oder Zeitraum ergänzen.",
    ),
    _rule(
        "USTG-14-4-7",
        "§14(4) no. 7 UStG",
        _consideration,
        "The consideration is not broken down by rate and exemption; add the taxable amounts.",
        "Das Entgelt ist nicht nach Steuersätzen und Befreiungen aufgeschlüsselt; bitte ergänzen.",
    ),
    _rule(
        "USTG-14-4-8",
        "§14(4) no. 8 UStG",
        _taxes,
        "Rate and amount of the tax, or the reason of the exemption, are not given; add them.",
        "Steuersatz und Steuerbetrag oder der Hinweis auf die Befreiung fehlen; bitte ergänzen.",
    ),
    _rule(
        "USTG-14C",
        "§14c UStG",
        _small_business,
        "VAT of {vat} is shown beside the exemption of small businesses (§19 UStG): it would be owed; remove one.",
        "Umsatzsteuer von {vat} steht neben der Befreiung als Kleinunternehmer (§19 UStG): sie würde geschuldet.",
    ),
)


def check(invoice: Invoice) -> tuple[Any, ...]:
    """Return a warning for each particular that the law demands and the invoice lacks."""
    return tuple(finding for rule in RULES for finding in rule.findings(invoice))
