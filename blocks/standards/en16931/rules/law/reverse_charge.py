"""Reverse charge (§13b UStG): the words of §14a(5), VAT that must not be shown, and the cases of §13b(2)."""

import re
from collections.abc import Iterable
from decimal import Decimal

from blocks.documents.invoice_verdicts import Gravity, InputTax
from blocks.standards.en16931.rules.law.rule import Case, LawRule
from blocks.standards.en16931.rules.rule import Breach, when

CATEGORY = "AE"
_CODE = "VATEX-EU-AE"
_LIMIT = Decimal(5000)
"""Euros without VAT from which mobile phones, chips and metals fall under §13b(2) nos. 10 and 11 UStG."""

_WORDS = (
    "steuerschuldnerschaft des leistungsempf[äa]e?ngers",
    "reverse[ -]?charge",
    "auto-?liquidation",
    "inversione contabile",
    "inversi[óo]n del sujeto pasivo",
    "btw verlegd",
    "omv[äa]nd (?:betalningsskyldighet|skattskyldighet)",
    "omvendt betalingspligt",
    "k[äa][äa]nnetty verovelvollisuus",
    "odwrotne obci[ąa][żz]enie",
    "da[ňn] odvede z[áa]kazn[íi]k",
    "prenesenie da[ňn]ovej povinnosti",
    "ford[íi]tott ad[óo]z[áa]s",
    "taxare invers[ăa]",
    "обратно начисляване",
    "αντ[ίι]στροφη επιβ[άα]ρυνση",
    "obrnjena dav[čc]na obveznost",
    "prijenos porezne obveze",
    "atvirk[šs]tinis apmokestinimas",
    "apgriezt[āa] maks[āa][šs]ana",
    "p[öo]{1,2}rdmaksustamine",
    "autoliquida[çc][ãa]o",
    "inver[żz]joni tal-[ħh]las",
)
"""What the member states call it (Article 226 no. 11a of Directive 2006/112/EC); any official language will do."""

WORDING = re.compile("|".join(_WORDS), re.IGNORECASE)

CASES: tuple[tuple[str, str], ...] = (
    ("no. 4", r"bau(?:leistung|arbeit|stelle|werk)|rohbau|estrich|trockenbau|dachdeck|fassade|gerüst|construction"),
    ("no. 5", r"\bgas\b|erdgas|strom|elektrizität|wärme|kälte|electricity"),
    ("no. 6", r"emission|zertifikat|\bCO2\b|treibhausgas|certificate"),
    ("no. 7", r"schrott|altmetall|abfall|altpapier|scrap|waste"),
    ("no. 8", r"gebäudereinigung|reinigung|cleaning"),
    ("no. 9", r"\bgold"),
    ("no. 10", r"mobil(?:funk|telefon)|smartphone|handy|tablet|spielekonsole|schaltkreis|prozessor|\bCPU\b|chip"),
    ("no. 11", r"silber|platin|roheisen|stahl|kupfer|nickel|aluminium|blei|zink|zinn|metal"),
    ("no. 12", r"telekommunikation|telefonie|telecom|interconnection|roaming"),
)
"""The cases of §13b(2) UStG that goods show by what they are called."""

_CASE = re.compile("|".join(f"(?:{words})" for _, words in CASES), re.IGNORECASE)
_PHONES = re.compile(CASES[6][1], re.IGNORECASE)


def said(case: Case) -> bool:
    """Return whether the invoice says that the buyer owes the VAT, in words or by the code of the exemption."""
    coded = any(group.exemption_code.upper() == _CODE for group in case.invoice.vat_breakdown)
    return coded or case.says(WORDING)


def _vat_shown(case: Case) -> Iterable[Breach]:
    """Find VAT in a group of reverse charge, or in an invoice that says the words and taxes everything."""
    shown = sum(
        (one.amount for one in case.invoice.vat_breakdown if one.category == CATEGORY and one.amount), Decimal(0)
    )
    if not shown and (case.categories == {CATEGORY} or (case.categories == {"S"} and case.says(WORDING))):
        shown = case.invoice.totals.vat or Decimal(0)
    return when(bool(shown), "BG-23/BT-117", vat=shown)


def _words_missing(case: Case) -> Iterable[Breach]:
    return when(CATEGORY in case.categories and not said(case), "BG-23/BT-120")


def _identifiers_missing(case: Case) -> Iterable[Breach]:
    """Look for both VAT identifiers where a supplier of another member state leaves the VAT to us (§14a(1), (3))."""
    if CATEGORY not in case.categories or case.domestic is not False:
        return ()
    seller, buyer = case.invoice.seller.vat_id, case.invoice.buyer.vat_id
    place = "BG-4/BT-31" if not seller else "BG-7/BT-48"
    return when(not (seller and buyer), place)


def _no_case(case: Case) -> Iterable[Breach]:
    """Doubt reverse charge between domestic businesses for goods that look like none of the cases of §13b(2)."""
    doubtful = CATEGORY in case.categories and case.domestic is True and not _CASE.search(f"{case.goods}\n{case.said}")
    return when(doubtful, "BG-23/BT-118")


def _taxed_phones(case: Case) -> Iterable[Breach]:
    """Doubt VAT on mobile phones and chips of 5,000 euros and more between domestic businesses (no. 10)."""
    invoice = case.invoice
    if case.domestic is not True or case.to_consumer or invoice.currency != "EUR" or case.categories != {"S"}:
        return ()
    of_kind = [line.net for line in invoice.lines if line.net is not None and _PHONES.search(line.item.name)]
    worth = sum(of_kind, Decimal(0))
    return when(worth >= _LIMIT, "BG-23/BT-118", worth=worth)


RULES: tuple[LawRule, ...] = (
    LawRule(
        "USTG-14C-13B",
        "§13b, §14a(5) sentence 2, §14c(1) UStG",
        _vat_shown,
        "VAT of {vat} is shown although the buyer owes it: the seller owes it as well, and it cannot be deducted; have"
        " the invoice corrected.",
        "Umsatzsteuer von {vat} ist ausgewiesen, obwohl der Leistungsempfänger sie schuldet: sie wird zusätzlich"
        " geschuldet und ist nicht abziehbar; bitte berichtigen lassen.",
        input_tax=InputTax.NOT_DEDUCTIBLE,
    ),
    LawRule(
        "USTG-14A-5",
        "§14a(5) sentence 1 UStG",
        _words_missing,
        "The words 'Steuerschuldnerschaft des Leistungsempfängers' (reverse charge) are missing; have them added. The"
        " buyer owes the VAT all the same.",
        "Die Angabe 'Steuerschuldnerschaft des Leistungsempfängers' fehlt; bitte ergänzen lassen. Die Steuer schuldet"
        " der Leistungsempfänger trotzdem.",
        input_tax=InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-14A-1",
        "§14a(1) sentence 3 UStG",
        _identifiers_missing,
        "A service of another member state under reverse charge needs the VAT identifiers of both sides; have the"
        " missing one added.",
        "Eine Leistung aus einem anderen Mitgliedstaat mit Umkehr der Steuerschuld braucht die USt-ID beider Seiten;"
        " bitte die fehlende ergänzen lassen.",
        input_tax=InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-13B-CASE",
        "§13b(2) UStG",
        _no_case,
        "Both sides are in Germany and nothing in the lines looks like a case of reverse charge (building, cleaning,"
        " scrap, gold, metals, mobile phones, gas and electricity …); ask the seller which one it is.",
        "Beide Seiten sitzen in Deutschland, und keine Position sieht nach einem Fall der Umkehr der Steuerschuld aus"
        " (Bau, Reinigung, Schrott, Gold, Metalle, Mobiltelefone, Gas und Strom …); bitte beim Verkäufer klären.",
        Gravity.WARNING,
        InputTax.UNAFFECTED,
    ),
    LawRule(
        "USTG-13B-2-10",
        "§13b(2) no. 10, §14c(1) UStG",
        _taxed_phones,
        "Mobile phones, tablets, consoles or chips of {worth} bear VAT, but from 5,000 euros on the buyer owes it;"
        " look whether they were one delivery.",
        "Mobiltelefone, Tablets, Spielekonsolen oder Schaltkreise für {worth} tragen Umsatzsteuer, die ab 5.000 Euro"
        " der Leistungsempfänger schuldet; bitte prüfen, ob es eine Lieferung war.",
        Gravity.WARNING,
    ),
)
