"""The particulars of an invoice, §14(4) sentence 1 nos. 1 to 10 UStG, with what §31 UStDV allows instead."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from blocks.documents.invoice_verdicts import Gravity, InputTax
from blocks.documents.invoices import Party
from blocks.standards.en16931.rules.groups import breakdown, lines
from blocks.standards.en16931.rules.law.rule import Case, Check, LawRule
from blocks.standards.en16931.rules.rule import Breach, when

_PREPAYMENT = "386"
_TAXED = frozenset({"S", "L", "M"})
_GLN = "0088"
_NO_REASON = frozenset({"Z", "AE"})
"""Zero rate is a rate; what reverse charge must say stands in §14a(5), a rule of its own."""
_TELLS_EXEMPTION = re.compile(
    r"steuerfrei|umsatzsteuerbefreit|§\s*(?:4|19)\b[^\n]{0,20}UStG|kleinunternehm|innergemeinschaftliche|ausfuhrlieferung"
    r"|nicht steuerbar|exempt|tax[- ]free|intra-community|outside the scope",
    re.IGNORECASE,
)
_SIX_MONTHS = timedelta(days=184)
_TELLS_TIME = re.compile(
    r"(?:liefer|leistungs?|versand|abhol|ausf(?:ü|ue)hrungs)\w*(?:datum|tag|zeit\w*|monat|termin|woche)"
    r"|(?:geliefert|geleistet|erbracht|versendet)\s+am|lieferschein|lieferung\s+(?:vom|am)|abrechnungs(?:zeitraum|monat)"
    r"|(?:delivery|service|supply|dispatch|shipping|billing)\s*(?:date|period)|delivered\s+on"
    r"|date\s+of\s+(?:supply|service)|date\s+de\s+(?:livraison|prestation)|data\s+(?:di\s+)?consegna|leverdatum|rechnungsdatum\s+(?:entspricht|gleich|=)"
    r"|(?:liefer|leistung|erbracht|geliefert|deliver|suppl|service)[^\n]{0,60}?"
    r"(?:\d\d?\. ?(?:\d\d?\.|[a-zä]{3,9} 20\d\d)|20\d\d)",
    re.IGNORECASE,
)
_POSTCODE_AND_CITY = re.compile(r"(?<![\w.,])(?:[A-Z]{1,2}[- ])?[0-9]{4,5}\s+[A-ZÄÖÜ][^\W\d_]{2,}")
_BUILDING = re.compile(
    r"bauleistung|handwerk|renovier|sanier|dachdeck|maler|fliesen|montage|installation|gartenbau|fenstereinbau|estrich"
    r"|gebäude|grundstück",
    re.IGNORECASE,
)
_KEEP = re.compile(r"aufbewahr|aufzubewahren|keep (?:this|the) invoice|retain", re.IGNORECASE)
_ADDRESSES = 2


def unless_small(check: Check) -> Check:
    """Return a check that small amounts need not pass (§33 UStDV)."""
    return lambda case: () if case.is_small else check(case)


def _parties(case: Case) -> Iterator[Breach]:
    for place, party in (("BG-4", case.invoice.seller), ("BG-7", case.invoice.buyer)):
        if place == "BG-7" and case.is_small:
            continue
        if missing := _missing(case, party):
            german = " und ".join(_GERMAN[one] for one in missing)
            yield Breach(place, {"missing": " and ".join(missing), "german": german})


_GERMAN = {"name": "Name", "city": "Ort", "street, post box or postcode": "Straße, Postfach oder PLZ"}


def _missing(case: Case, party: Party) -> list[str]:
    """Return what is missing of a party; a GLN stands for name and address, whose key both sides have (§31(3) UStDV).

    On a page the addresses are not read; there they are looked for by postcodes, in a rule of their own.
    """
    if any(one.scheme == _GLN for one in party.identifiers):
        return []
    address = party.address
    parts: dict[str, Any] = {"name": party.name}
    if case.page is None:
        parts["city"] = address and address.city
        parts["street, post box or postcode"] = address and (address.line_1 or address.line_2 or address.postcode)
    return [name for name, given in parts.items() if not given]


def _addresses_on_page(case: Case) -> Iterable[Breach]:
    if case.page is None:
        return ()
    needed = 1 if case.is_small else _ADDRESSES
    found = len({" ".join(one.split()) for one in _POSTCODE_AND_CITY.findall(case.page)})
    return when(found < needed, "BG-5/BG-8", found=found, needed=needed)


def _tax_numbers(case: Case) -> Iterable[Breach]:
    representative = case.invoice.tax_representative
    seller = case.invoice.seller
    given = seller.vat_id or seller.tax_number or (representative and representative.vat_id)
    return when(not given, "BG-4/BT-31")


def _goods(case: Case) -> Iterator[Breach]:
    if not case.invoice.lines:
        yield Breach("BG-25")
    for place, line in lines(case.invoice):
        if line.quantity is None or not (line.item.name or line.item.description):
            yield Breach(place)


def time_of_supply(case: Case) -> date | None:
    """Return the last day on which the invoice's supply was made, as far as it gives a day."""
    invoice = case.invoice
    delivered = invoice.delivery.delivered_on if invoice.delivery else None
    ends = [line.period.end for line in invoice.lines if line.period and line.period.end]
    return delivered or (invoice.period and invoice.period.end) or invoice.tax_point_date or max(ends, default=None)


def _time(case: Case) -> Iterable[Breach]:
    """Look for the time of supply; a delivery note that is named counts, an invoice may be several documents.

    Source: §14(4) no. 6 UStG; §31(1) and (4) UStDV.
    """
    invoice = case.invoice
    told: tuple[Any, ...] = (
        time_of_supply(case),
        invoice.period,
        invoice.tax_point_code,
        invoice.despatch_advice_reference,
        any(line.period for line in invoice.lines),
        invoice.type_code == _PREPAYMENT,
        _TELLS_TIME.search(case.notes),
    )
    return when(not any(told), "BG-13/BT-72")


def _consideration(case: Case) -> Iterator[Breach]:
    if case.is_small:
        return
    if not case.invoice.vat_breakdown:
        yield Breach("BG-23")
    for place, group in breakdown(case.invoice):
        if group.basis is None:
            yield Breach(f"{place}/BT-116")


def _taxes(case: Case) -> Iterator[Breach]:
    for place, group in breakdown(case.invoice):
        if group.category in _TAXED:
            told = group.rate is not None and (group.amount is not None or case.is_small)
        else:
            given = group.exemption_reason or group.exemption_code or group.category in _NO_REASON
            told = bool(given) or case.says(_TELLS_EXEMPTION)
        if not told:
            yield Breach(place)


def _storage_hint(case: Case) -> Iterable[Breach]:
    building = case.to_consumer and _BUILDING.search(case.goods) is not None
    return when(building and not case.says(_KEEP), "BG-1/BT-22")


def _late(case: Case) -> Iterable[Breach]:
    supplied, issued = time_of_supply(case), case.invoice.issue_date
    late = supplied is not None and issued is not None and issued - supplied > _SIX_MONTHS
    return when(late, "BT-2", issued=issued, supplied=supplied)


def _future(case: Case) -> Iterable[Breach]:
    issued = case.invoice.issue_date
    ahead = issued is not None and case.context is not None and issued > case.context.received_on
    return when(ahead, "BT-2", issued=issued, received=case.context and case.context.received_on)


def _other_buyer(case: Case) -> Iterable[Breach]:
    ours = case.context.buyer_vat_ids if case.context else ()
    named = _bare(case.invoice.buyer.vat_id)
    return when(bool(ours and named) and named not in {_bare(one) for one in ours}, "BG-7/BT-48", found=named[:20])


def _bare(vat_id: str) -> str:
    return "".join(one for one in vat_id.upper() if one.isalnum())


RULES: tuple[LawRule, ...] = (
    LawRule(
        "USTG-14-4-1",
        "§14(4) no. 1 UStG",
        _parties,
        "The full name and address are not given ({missing} missing); have the invoice completed.",
        "Name und Anschrift sind nicht vollständig (es fehlt: {german}); bitte ergänzen lassen.",
    ),
    LawRule(
        "USTG-14-4-1-PAGE",
        "§14(4) no. 1 UStG",
        _addresses_on_page,
        "{found} of {needed} addresses with postcode and city were found on the page; look whether both stand there.",
        "{found} von {needed} Anschriften mit PLZ und Ort wurden auf der Seite gefunden; bitte prüfen, ob beide"
        " dastehen.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14-4-1-BUYER",
        "§14(4) no. 1, §15(1) no. 1 UStG",
        _other_buyer,
        "The buyer's VAT identifier {found} is none of ours: the invoice is for somebody else; send it back.",
        "Die USt-ID {found} des Käufers ist keine von uns: die Rechnung gilt jemand anderem; bitte zurückgeben.",
    ),
    LawRule(
        "USTG-14-4-2",
        "§14(4) no. 2 UStG",
        unless_small(_tax_numbers),
        "Neither tax number nor VAT identifier of the seller is given; have one added.",
        "Weder Steuernummer noch USt-ID des Verkäufers ist angegeben; bitte ergänzen lassen.",
    ),
    LawRule(
        "USTG-14-4-3",
        "§14(4) no. 3 UStG",
        lambda case: when(case.invoice.issue_date is None, "BT-2"),
        "The date of issue is missing; have it added.",
        "Das Ausstellungsdatum fehlt; bitte ergänzen lassen.",
    ),
    LawRule(
        "USTG-14-4-3-FUTURE",
        "§14(4) no. 3 UStG",
        _future,
        "The invoice is dated {issued}, after the day it was received, {received}; ask which day is right.",
        "Die Rechnung ist auf {issued} datiert, nach dem Tag des Eingangs, {received}; bitte das Datum klären.",
        Gravity.WARNING,
    ),
    LawRule(
        "USTG-14-4-4",
        "§14(4) no. 4 UStG",
        unless_small(lambda case: when(not case.invoice.number, "BT-1")),
        "The invoice number is missing; have one given that occurs once only.",
        "Die Rechnungsnummer fehlt; bitte eine einmalige Nummer vergeben lassen.",
    ),
    LawRule(
        "USTG-14-4-5",
        "§14(4) no. 5 UStG",
        _goods,
        "Quantity and usual description of what was supplied are not both given; have them added.",
        "Menge und handelsübliche Bezeichnung der Leistung sind nicht beide angegeben; bitte ergänzen lassen.",
    ),
    LawRule(
        "USTG-14-4-6",
        "§14(4) no. 6 UStG",
        unless_small(_time),
        "The time of supply is not given; have the day of delivery or the period added.",
        "Der Zeitpunkt der Leistung fehlt; bitte Liefertag oder Zeitraum ergänzen lassen.",
    ),
    LawRule(
        "USTG-14-4-7",
        "§14(4) no. 7 UStG",
        _consideration,
        "The consideration is not broken down by rate and exemption; have the taxable amounts added.",
        "Das Entgelt ist nicht nach Steuersätzen und Befreiungen aufgeschlüsselt; bitte ergänzen lassen.",
    ),
    LawRule(
        "USTG-14-4-8",
        "§14(4) no. 8 UStG",
        _taxes,
        "Rate and amount of the tax, or the reason of the exemption, are not given; have them added.",
        "Steuersatz und Steuerbetrag oder der Hinweis auf die Befreiung fehlen; bitte ergänzen lassen.",
    ),
    LawRule(
        "USTG-14-4-9",
        "§14(4) no. 9, §14b(1) sentence 5 UStG",
        _storage_hint,
        "Work on property for a private person lacks the hint that the invoice is to be kept for two years; add it.",
        "Bei Leistungen am Grundstück für Privatpersonen fehlt der Hinweis auf die zweijährige Aufbewahrung; bitte"
        " ergänzen.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14-2",
        "§14(2) sentence 2 UStG",
        _late,
        "The invoice of {issued} was issued more than six months after the supply on {supplied}; nothing to do.",
        "Die Rechnung vom {issued} wurde mehr als sechs Monate nach der Leistung am {supplied} ausgestellt; es ist"
        " nichts zu tun.",
        Gravity.INFORMATION,
        InputTax.UNAFFECTED,
    ),
)
