"""A booking batch in DATEV's exchange format (EXTF, version 700, category 21, format version 13). Pure.

Two head lines and one line per posting: semicolons, texts in quotation marks, decimal comma, Windows-1252, CRLF.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

CHARSET, LINE_END = "cp1252", "\r\n"
_VERSION, _CATEGORY, _FORMAT_VERSION = 700, 21, 13
_LONGEST_NUMBER, _LONGEST_TEXT, _LONGEST_TITLE, _LONGEST_VAT_ID = 36, 60, 30, 15
_NOT_IN_NUMBER = re.compile(r"[^A-Za-z0-9$&%*+\-/]")
_CENT, _RATE_STEP = Decimal("0.01"), Decimal("0.000001")
_INFORMATION = tuple(
    name for place in range(1, 9) for name in (f"Beleginfo - Art {place}", f"Beleginfo - Inhalt {place}")
)
_ADDITIONAL = tuple(
    name
    for place in range(1, 21)
    for name in (f"Zusatzinformation - Art {place}", f"Zusatzinformation- Inhalt {place}")
)
COLUMNS = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz",
    "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto",
    "Buchungstext", "Postensperre", "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre",
    "Beleglink", *_INFORMATION, "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID",
    "EU-Steuersatz", "Abw. Versteuerungsart", "Sachverhalt L+L", "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp",
    "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung", *_ADDITIONAL, "Stück", "Gewicht", "Zahlweise",
    "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit", "Skontotyp", "Auftragsnummer", "Buchungstyp",
    "USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)",
    "EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "KOST-Datum",
    "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer",
    "Zeichnernummer", "Postensperre bis", "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung",
    "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit", "Generalumkehr (GU)", "Steuersatz",
    "Land", "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)",
    "Abw. Skontokonto",
)  # fmt: skip
"""The columns of format version 13, in their order."""
_PLACES = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True)
class Batch:
    """What the head says; days are within one fiscal year, which begins on ``year_begins``."""

    consultant: int
    client: int
    year_begins: date
    account_length: int
    first_day: date
    last_day: date
    title: str
    made_at: datetime
    chart: str
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting; ``side`` 'S' is debit, 'H' credit, of ``account``; the amount includes what the tax key takes out.

    ``exchange_rate`` says how many units of ``currency`` one of the batch's currency is; None where they are the same.
    """

    amount: Decimal
    side: str
    account: str
    contra_account: str
    tax_key: str
    currency: str
    exchange_rate: Decimal | None
    dated: date
    number: str
    said: str
    vat_id: str = ""
    supplied_on: date | None = None
    due_on: date | None = None


def write(batch: Batch, entries: Iterable[Entry]) -> bytes:
    """Return the file. What Windows-1252 cannot say is spelt without accents, or with a question mark."""
    lines = [_head(batch), ";".join(COLUMNS), *(_line(batch, entry) for entry in entries)]
    text = LINE_END.join([*lines, ""])
    return text.encode(CHARSET, "replace")


def _head(batch: Batch) -> str:
    made = f"{batch.made_at:%Y%m%d%H%M%S}{batch.made_at.microsecond // 1000:03d}"
    fields = (
        _text("EXTF"), _VERSION, _CATEGORY, _text("Buchungsstapel"), _FORMAT_VERSION, made, "", _text("RE"),
        _text("SOMS"), _text(""), batch.consultant, batch.client, f"{batch.year_begins:%Y%m%d}", batch.account_length,
        f"{batch.first_day:%Y%m%d}", f"{batch.last_day:%Y%m%d}", _text(batch.title[:_LONGEST_TITLE]), _text(""), 1, 0,
        0, _text(batch.currency), "", _text(""), "", "", _text(batch.chart), "", "", _text(""), _text(""),
    )  # fmt: skip
    return ";".join(map(str, fields))


def _line(batch: Batch, entry: Entry) -> str:
    cells = [""] * len(COLUMNS)
    said = {
        "Umsatz (ohne Soll/Haben-Kz)": amount(entry.amount),
        "Soll/Haben-Kennzeichen": _text(entry.side),
        "WKZ Umsatz": _text(entry.currency),
        "Konto": entry.account,
        "Gegenkonto (ohne BU-Schlüssel)": entry.contra_account,
        "BU-Schlüssel": _text(entry.tax_key),
        "Belegdatum": f"{entry.dated:%d%m}",
        "Belegfeld 1": _text(document_number(entry.number)),
        "Buchungstext": _text(_plain(entry.said)[:_LONGEST_TEXT]),
        "Festschreibung": "0",
    }
    if entry.currency != batch.currency and entry.exchange_rate:
        said |= {
            "Kurs": _figure(entry.exchange_rate.quantize(_RATE_STEP)),
            "Basis-Umsatz": amount(entry.amount / entry.exchange_rate),
            "WKZ Basis-Umsatz": _text(batch.currency),
        }
    if entry.tax_key and 0 < len(entry.vat_id) <= _LONGEST_VAT_ID:
        said["EU-Land u. UStID"] = _text(entry.vat_id)
    for name, day in (("Leistungsdatum", entry.supplied_on), ("Fälligkeit", entry.due_on)):
        if day:
            said[name] = f"{day:%d%m%Y}"
    for name, value in said.items():
        cells[_PLACES[name]] = value
    return ";".join(cells)


def amount(value: Decimal) -> str:
    """Return an amount with two places and a comma, e.g. '1190,00'."""
    return _figure(value.quantize(_CENT, ROUND_HALF_UP))


def _figure(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def document_number(text: str) -> str:
    """Return a document number as the field takes it: 36 characters of letters, digits and $ & % * + - /."""
    return _NOT_IN_NUMBER.sub("", _plain(text))[:_LONGEST_NUMBER]


def _text(text: str) -> str:
    said = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in _plain(text))
    return '"' + said.replace('"', '""') + '"'


def _plain(text: str) -> str:
    """Return a text in letters of Windows-1252: those it lacks without their accents."""
    return "".join(letter if _sayable(letter) else _without_accents(letter) for letter in text)


def _sayable(letter: str) -> bool:
    try:
        letter.encode(CHARSET)
    except UnicodeEncodeError:
        return False
    return True


def _without_accents(letter: str) -> str:
    kept = [part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part)]
    return "".join(part if _sayable(part) else "?" for part in kept)


def total(entries: Sequence[Entry]) -> dict[str, Decimal]:
    """Return what the batch comes to by currency: debit positive, credit negative."""
    found: dict[str, Decimal] = {}
    for entry in entries:
        signed = entry.amount if entry.side == "S" else -entry.amount
        found[entry.currency] = found.get(entry.currency, Decimal(0)) + signed
    return found
