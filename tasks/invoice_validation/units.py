"""Quantities of one unit in another: codes of UN/ECE Recommendations 20 and 21 that measure the same thing. Pure."""

from decimal import Decimal

_PIECES = ("C62", "H87", "EA", "NAR", "PCE", "XPP", "ST", "PC", "STK", "ZZ", "E48")
"""One of something: the Recommendation's own codes, and what older documents write for it."""

_MEASURES: tuple[dict[str, Decimal], ...] = (
    {
        **dict.fromkeys(_PIECES, Decimal(1)),
        "PR": Decimal(2),
        "DZN": Decimal(12),
        "DZP": Decimal(144),
        "GRO": Decimal(144),
        "SCO": Decimal(20),
        "CEN": Decimal(100),
        "MIL": Decimal(1000),
        "T3": Decimal(1000),
        "TP": Decimal(10),
    },
    {
        "KGM": Decimal(1),
        "GRM": Decimal("0.001"),
        "MGM": Decimal("0.000001"),
        "TNE": Decimal(1000),
        "DTN": Decimal(100),
        "LBR": Decimal("0.45359237"),
        "ONZ": Decimal("0.028349523125"),
    },
    {
        "MTR": Decimal(1),
        "CMT": Decimal("0.01"),
        "MMT": Decimal("0.001"),
        "DMT": Decimal("0.1"),
        "KMT": Decimal(1000),
        "INH": Decimal("0.0254"),
        "FOT": Decimal("0.3048"),
        "LM": Decimal(1),
    },
    {"MTK": Decimal(1), "CMK": Decimal("0.0001"), "MMK": Decimal("0.000001"), "DMK": Decimal("0.01")},
    {
        "LTR": Decimal(1),
        "MLT": Decimal("0.001"),
        "CLT": Decimal("0.01"),
        "DLT": Decimal("0.1"),
        "HLT": Decimal(100),
        "MTQ": Decimal(1000),
        "DMQ": Decimal(1),
        "CMQ": Decimal("0.001"),
    },
    {"HUR": Decimal(3600), "MIN": Decimal(60), "SEC": Decimal(1)},
    {"DAY": Decimal(1), "WEE": Decimal(7)},
    {"MON": Decimal(1), "ANN": Decimal(12), "QAN": Decimal(3)},
    {"KWH": Decimal(1), "MWH": Decimal(1000), "WHR": Decimal("0.001"), "JOU": Decimal(1) / Decimal(3600000)},
)
"""A day has no hours here, and a month no days: how many were agreed is nobody's guess."""

_FACTORS = {code: (place, factor) for place, measure in enumerate(_MEASURES) for code, factor in measure.items()}


def ratio(unit: str, other: str) -> Decimal | None:
    """Return how many of ``other`` one of ``unit`` is (a dozen is 12 pieces); None where they measure not the same.

    A unit nobody named counts as the other one.
    """
    if unit == other or not unit or not other:
        return Decimal(1)
    one, two = _FACTORS.get(unit), _FACTORS.get(other)
    return one[1] / two[1] if one and two and one[0] == two[0] else None


def is_piece(unit: str) -> bool:
    """Tell whether a unit counts single pieces."""
    return not unit or unit in _PIECES
