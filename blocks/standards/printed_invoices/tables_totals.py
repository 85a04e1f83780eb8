"""The words of totals, of amounts carried over and of charges that stand among the lines, in six languages."""

import re
import unicodedata
from functools import lru_cache

_TOTAL = re.compile(
    r"^(?:\W*)(?:zwischen|end|gesamt|rechnungs|brutto|netto|positions|teil|zahl|rest|ust|mwst|steuer|waren|"
    r"mehrwertsteuer|umsatzsteuer|sub|sous|grand|sum|suma|summe|total|totaal|totale|balance|amount|net |"
    r"net$|gross|vat|tax|tva|iva|btw|montant|net a payer|base|imponibile|imposta|importe|a pagar|"
    r"te betalen|bedrag|uber|carried|brought|report|a reporter|a reportar|riporto|suma y sigue|transport$|"
    r"zu zahlen|zzgl|inkl|incl|excl|exkl|davon|payable|due|paid|prepaid|anzahlung|abzgl|deposit|acompte|"
    r"reste|skonto|rundung|rounding|erhaltene|payment|zahlung|offener|vorausbezahlt|saldo|subtotaal|"
    r"betaald|dont|somme|vat amount|ht|ttc|you pay|invoice)"
)
_CARRIED = re.compile(
    r"ubertrag|uebertrag|carried (?:forward|over)|brought forward|a reporter|^report\b|riporto|"
    r"suma y sigue|suma anterior|transporte?\b(?= |$)|zwischensumme|sub ?-?total|sous[ -]?total|subtotale|"
    r"parziale|tussentotaal|teilsumme|gruppensumme|titelsumme|summe (?:titel|los|gruppe|pos)"
)
_BROUGHT = re.compile(
    r"ubertrag|uebertrag|carried|brought|reporter|"
    r"^report\b|riporto|suma y sigue|suma anterior|^transporte?\b(?= ?[\d€]|$)"
)
_ALLOWANCE = re.compile(
    r"rabatt|nachlass|remise|discount|sconto|descuento|korting|rabais|abschlag|abzug|gutschein|voucher|"
    r"allowance|reduction|ristourne"
)
_CHARGE = re.compile(
    r"versand|fracht|porto|transport|verpackung|mindermenge|zuschlag|freight|shipping|postage|packing|"
    r"packaging|delivery|surcharge|handling|\bport\b|frais|emballage|livraison|trasporto|spedizione|"
    r"imballo|\bspese|portes|gastos|envio|embalaje|verzend|vracht|\bcharge\b|lieferkosten|maut|bearbeitung"
)


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Return the text in lower case without accents, words kept apart."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


_LEADING = "0123456789.,%€$£ +-(=:*"


def is_total(text: str) -> bool:
    """Tell whether a row (folded) begins like a total, a tax row or what follows them."""
    return bool(_TOTAL.match(text.lstrip(_LEADING))) or is_carried(text)


def is_carried(text: str) -> bool:
    """Tell whether a row (folded) names a subtotal or an amount carried over, after which lines may go on."""
    return bool(_CARRIED.search(text))


def is_brought(text: str) -> bool:
    """Tell whether a row (folded) names an amount carried over from page to page, which no total of the document is."""
    return bool(_BROUGHT.search(text))


def charge_kind(text: str) -> str:
    """Return ``allowance``, ``charge`` or '' for the words of a row (folded)."""
    if _ALLOWANCE.search(text):
        return "allowance"
    return "charge" if _CHARGE.search(text) else ""
