"""Single values within messages: figures, GS1 numbers, currencies."""

import re
from decimal import Decimal
from functools import lru_cache

_FIGURE = re.compile(r"-?(?:[0-9]{1,24}(?:[.,][0-9]{0,12})?|[.,][0-9]{1,12})")

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XAG XAU XCD XCG XDR XOF XPD XPF XPT XSU XTS
    XUA XXX YER ZAR ZMW ZWG ZWL ATS BEF CYP DEM EEK ESP FIM FRF GRD IEP ITL LTL LUF LVL MTL NLG PTE SIT SKK
    """.split()  # noqa: SIM905 - a paragraph is easier to compare with the standard
)
"""ISO 4217, and what the euro replaced: old messages are kept and read again."""

GTIN_TYPES = {"EN", "SRV", "UP", "EU"}
"""Item number types (7143) that are GTINs."""
_GTIN_LENGTHS = {8, 12, 13, 14}


@lru_cache(maxsize=1 << 16)
def figure(text: str) -> Decimal | None:
    """Return a figure written with a full stop or a comma as decimal mark; None for anything else."""
    return Decimal(text.replace(",", ".")) if _FIGURE.fullmatch(text) else None


@lru_cache(maxsize=1 << 15)
def gs1_check(number: str) -> bool:
    """Tell whether the last digit of a GTIN, GLN or SSCC is its check digit (GS1 General Specifications, 7.9)."""
    if not (number.isascii() and number.isdigit()):
        return False
    digits = number.encode()  # code points: 48 is added to each, which the sum below takes out again
    body = digits[-2::-1]
    total = 3 * (sum(body[::2]) - 48 * len(body[::2])) + sum(body[1::2]) - 48 * len(body[1::2])
    return (10 - total % 10) % 10 == digits[-1] - 48


def gtin_fault(number: str) -> str:
    """Say what is wrong with a GTIN; empty when nothing is."""
    if len(number) not in _GTIN_LENGTHS or not (number.isascii() and number.isdigit()):
        return "is no GTIN of 8, 12, 13 or 14 digits"
    return "" if gs1_check(number) else "has a wrong check digit"


def gln_fault(number: str) -> str:
    """Say what is wrong with a GLN; empty when nothing is."""
    if len(number) != 13 or not (number.isascii() and number.isdigit()):  # noqa: PLR2004 - a GLN's digits
        return "is no GLN of 13 digits"
    return "" if gs1_check(number) else "has a wrong check digit"


def sscc_fault(number: str) -> str:
    """Say what is wrong with an SSCC; empty when nothing is."""
    if len(number) != 18 or not (number.isascii() and number.isdigit()):  # noqa: PLR2004 - an SSCC's digits
        return "is no SSCC of 18 digits"
    return "" if gs1_check(number) else "has a wrong check digit"
