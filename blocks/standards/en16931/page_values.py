"""Values as pages print them: amounts, days, IBANs, currencies and the labels of totals, in six languages."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

_GROUPED = re.compile(r"(?<![0-9])[0-9]+(?:[ .,'\u2019\u00a0\u202f][0-9]+)*(?![0-9])")
_SPACES = re.compile(r"[ \u00a0\u202f]")
_THREE = 3
_MOST_GROUPS = 5
_PLACES = range(1, 5)

_MONTHS: dict[str, int] = {}
for _names in (
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mär apr mai jun jul aug sep okt nov dez",
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sept oct nov dec",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
):
    for _number, _name in enumerate(_names.split(), 1):
        _MONTHS.setdefault(_name, _number)
_MONTHS |= {"maerz": 3, "fevrier": 2, "aout": 8, "decembre": 12}

_NUMERIC = re.compile(r"(?<![0-9])([0-9]{1,4})\s?([./-])\s?([0-9]{1,2})\s?\2\s?([0-9]{2,4})(?![0-9])")
_COMPACT = re.compile(r"(?<![0-9])(20[0-9]{2})([01][0-9])([0-3][0-9])(?![0-9])")
_DAY_FIRST = re.compile(
    r"(?<![0-9])([0-9]{1,2})(?:\.|er|st|nd|rd|th)?[\s./-]*(?:de\s)?([^\W\d_]{3,12})\.?[\s,./-]*(?:de\s)?([0-9]{4})"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,12})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})")

_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}")
_SHORTEST_IBAN = 15

CURRENCIES = {
    "EUR": ("eur", "euro", "euros", "€"),
    "USD": ("usd", "us$", "$"),
    "GBP": ("gbp", "£"),
    "CHF": ("chf", "sfr"),
    "DKK": ("dkk",),
    "SEK": ("sek",),
    "NOK": ("nok",),
    "PLN": ("pln", "zł"),
    "CZK": ("czk", "kč"),
    "HUF": ("huf",),
    "JPY": ("jpy", "¥"),
    "CAD": ("cad", "$"),
    "AUD": ("aud", "$"),
}
"""Currencies told apart on a page, with what stands for them there."""

_SIGNS: dict[str, set[str]] = {}
for _code, _marks in CURRENCIES.items():
    for _mark in _marks:
        _SIGNS.setdefault(_mark, set()).add(_code)
_SIGN = re.compile(r"us\$|[€$£¥]|(?<![^\W\d_])[^\W\d_]{2,5}(?![^\W\d_])")

_GROSS = re.compile(
    r"gesamtbetrag|rechnungsbetrag|endbetrag|bruttobetrag|gesamtsumme|rechnungssumme|gesamt\s*brutto|brutto\s*gesamt"
    r"|summe brutto|bruttosumme|grand total|invoice total|total amount|total gross|gross total|total ttc|montant ttc"
    r"|totale fattura|totale documento|total factura|importe total|totaal incl|totaalbedrag|total incl"
)
_PAYABLE = re.compile(
    r"zahlbetrag|zu zahlen|zahlender betrag|noch offen|offener betrag|fälliger betrag|amount due|balance due|total due"
    r"|net à payer|à payer|totale da pagare|da pagare|total a pagar|a pagar|te betalen"
)
_NOT_THE_TOTAL = re.compile(
    r"netto|\bnet\b(?! à payer)|hors taxe|\bht\b|excl|ohne|zzgl|imponibile|zwischensumme|subtotal|übertrag|skonto"
    r"|discount|escompte|abzug|abzügl|mwst-betrag|steuerbetrag|\btva\b|anzahlung|prepaid|acompte|davon|darin|zuschl"
    r"|abschl|rabatt|nachl|charges|allowance|remise|frais|versand|fracht"
)


@lru_cache(maxsize=4096)
def amounts_of(row: str) -> frozenset[Decimal]:
    """Return every amount that a row may show: where a sign may group or divide, both readings count."""
    found: set[Decimal] = set()
    for match in _GROUPED.finditer(row):
        parts = _SPACES.split(match[0])
        for start in range(len(parts)):
            for end in range(start + 1, min(start + _MOST_GROUPS, len(parts)) + 1):
                found |= _readings(parts[start:end])
    return frozenset(found)


def _readings(parts: list[str]) -> set[Decimal]:
    """Return the readings of digits in groups: between spaces only groups of three belong together."""
    if any(len(re.split(r"[.,]", part)[0]) != _THREE for part in parts[1:]):
        return set()
    text = "".join(parts).replace("'", "").replace("\u2019", "")
    marks = [sign for sign in text if sign in ".,"]
    whole = re.split(r"[.,]", text)
    found: set[Decimal] = set()
    if all(len(group) == _THREE for group in whole[1:]) and len(set(marks)) <= 1:
        found.add(Decimal("".join(whole)))
    divides = marks and marks.count(marks[-1]) == 1 and len(set(marks[:-1])) <= 1 and len(whole[-1]) in _PLACES
    if divides and all(len(group) == _THREE for group in whole[1:-1]):
        found.add(Decimal("".join(whole[:-1]) + "." + whole[-1]))
    return found


@lru_cache(maxsize=4096)
def days_of(row: str) -> frozenset[date]:
    """Return every day that a row may show; where day and month could change places, both readings count."""
    found: set[date | None] = set()
    for first, _, second, third in _NUMERIC.findall(row):
        if len(first) == 4:  # noqa: PLR2004 - a year
            found.add(_date(first, second, third))
        else:
            found |= {_date(third, second, first), _date(third, first, second)}
    found |= {_date(*parts) for parts in _COMPACT.findall(row)}
    lowered = row.lower()
    found |= {_named(year, month, day) for day, month, year in _DAY_FIRST.findall(lowered)}
    found |= {_named(year, month, day) for month, day, year in _MONTH_FIRST.findall(lowered)}
    return frozenset(day for day in found if day is not None)


def _named(year: str, month: str, day: str) -> date | None:
    number = _MONTHS.get(month) or _MONTHS.get(month[:3])
    return _date(year, str(number), day) if number else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))  # noqa: PLR2004 - two digits
    except ValueError:
        return None


def ibans_of(rows: list[str]) -> frozenset[str]:
    """Return the IBANs printed: those whose check digits fit, however they are spaced."""
    found: set[str] = set()
    for row in rows:
        for match in _IBAN.finditer(row.upper()):
            text = match[0].replace(" ", "")
            fitting = (text[:end] for end in range(len(text), _SHORTEST_IBAN - 1, -1))
            found |= {next((each for each in fitting if _checks(each)), "")}
    return frozenset(found - {""})


def _checks(iban: str) -> bool:
    """Tell whether the check digits fit (ISO 13616, MOD 97-10)."""
    digits = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


@lru_cache(maxsize=4096)
def currencies_of(row: str) -> frozenset[str]:
    """Return the currencies whose code or sign stands in a row that shows an amount."""
    if not any(sign.isdigit() for sign in row):
        return frozenset()
    return frozenset(code for mark in _SIGN.findall(row.lower()) for code in _SIGNS.get(mark, ()))


def is_gross_label(row: str) -> bool:
    """Tell whether a row's words name the total with VAT."""
    lowered = row.lower()
    return bool(_GROSS.search(lowered)) and not _NOT_THE_TOTAL.search(lowered)


def is_payable_label(row: str) -> bool:
    """Tell whether a row's words name the amount due."""
    lowered = row.lower()
    return bool(_PAYABLE.search(lowered)) and not _NOT_THE_TOTAL.search(lowered)
