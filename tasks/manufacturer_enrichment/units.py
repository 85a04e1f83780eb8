"""Units as sources print them, turned into the unit a feature is kept in, by pint. Pure."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

_SPELT: dict[str, tuple[str, ...]] = {
    "mm": ("millimeter", "millimetre", "millimeters", "millimetres"),
    "cm": ("zentimeter", "centimeter", "centimetre", "zentimetern"),
    "dm": ("dezimeter",),
    "m": ("meter", "metre", "metern", "meters", "metres", "mtr"),
    "km": ("kilometer",),
    "um": ("µm", "μm", "mikrometer", "micron"),
    "in": ("zoll", "inch", "inches", '"', "''", "in.", "''."),
    "ft": ("fuß", "fuss", "feet", "foot"),
    "g": ("gr", "gramm", "gram", "grams", "gr."),
    "kg": ("kilogramm", "kilogram", "kilograms", "kgs", "kilo"),
    "mg": ("milligramm",),
    "t": ("tonne", "tonnen", "tons"),
    "lb": ("lbs", "pound", "pounds", "lb.", "lbs."),
    "oz": ("ounce", "ounces", "oz.", "unzen"),
    "V": ("volt", "volts"),
    "mV": ("millivolt",),
    "kV": ("kilovolt",),
    "A": ("ampere", "amp", "amps"),
    "mA": ("milliampere",),
    "W": ("watt", "watts"),
    "kW": ("kilowatt",),
    "mW": ("milliwatt",),
    "VA": ("voltampere",),
    "metric_horsepower": ("ps",),
    "horsepower": ("hp",),
    "A*h": ("ah", "amperestunden"),
    "mA*h": ("mah",),
    "W*h": ("wh", "wattstunden"),
    "kW*h": ("kwh",),
    "l": ("liter", "ltr", "litre", "litres", "liters", "ltr.", "\u2113"),
    "ml": ("milliliter", "millilitre"),
    "cl": ("zentiliter", "centilitre"),
    "floz": ("fl oz", "fl.oz.", "fl. oz."),
    "gallon": ("gal", "gallons", "gallonen"),
    "l/min": ("l/min.", "liter/min", "lpm", "l pro minute", "litres per minute", "liter pro minute"),
    "l/h": ("l/std", "liter/h", "liter/stunde"),
    "m³/h": ("m3/h", "cbm/h", "m^3/h"),
    "bar": ("bars",),
    "mbar": ("millibar",),
    "Pa": ("pascal",),
    "kPa": ("kilopascal",),
    "MPa": ("megapascal",),
    "psi": ("lbf/in²",),
    "°C": ("c", "grad celsius", "degc", "℃", "grad c", "deg c", "° c"),
    "°F": ("f", "fahrenheit", "degf", "℉", "° f"),
    "K": ("kelvin",),
    "lm": ("lumen", "lumens"),
    "lx": ("lux",),
    "cd": ("candela",),
    "cd/m²": ("cd/m2", "nits", "nit", "cd/qm", "candela/m²"),
    "Hz": ("hertz",),
    "kHz": ("kilohertz",),
    "MHz": ("megahertz",),
    "GHz": ("gigahertz",),
    "rpm": ("u/min", "1/min", "min-1", "min⁻¹", "min^-1", "/min", "upm", "u/min.", "umdrehungen/min", "r/min",
            "umdrehungen pro minute", "rev/min"),
    "N*m": ("nm", "newtonmeter", "n·m", "n m", "n-m"),
    "N": ("newton",),
    "J": ("joule",),
    "s": ("sek", "sek.", "sec", "sekunden", "seconds", "sekunde"),
    "ms": ("millisekunden", "msec", "milliseconds"),
    "min": ("minuten", "minutes", "min.", "mins"),
    "h": ("std", "std.", "stunden", "hours", "hrs", "stunde", "hour"),
    "day": ("tage", "tag", "days", "d"),
    "month": ("monate", "monat", "months", "mon.", "mt."),
    "year": ("jahre", "jahr", "years", "yr", "yrs", "j."),
    "m²": ("m2", "qm"),
    "g/m²": ("g/m2", "g/qm", "gsm"),
    "mm²": ("mm2", "qmm", "mm^2"),
    "cm²": ("cm2",),
    "m³": ("m3", "cbm"),
    "cm³": ("cm3", "ccm"),
    "deg": ("°", "grad", "degree", "degrees"),
    "dB": ("db(a)", "dba", "dezibel", "db (a)", "decibel"),
    "%": ("prozent", "percent"),
    "piece": ("stück", "stk", "stk.", "pcs", "pc", "pcs.", "pieces", "st.", "st", "pce", "c62"),
    "ohm": ("ω", "ohms"),
    "px": ("pixel", "pixels"),
    "dpi": (),
    "GB": (), "TB": (), "MB": (),
}  # fmt: skip
_BY_WORD = {word: unit for unit, words in _SPELT.items() for word in (unit.lower(), *words)} | {
    # What differs in case alone means what it says.
    "mw": "mW", "kw": "kW", "ma": "mA", "mpa": "MPa", "kpa": "kPa", "t": "t", "l": "l", "m": "m", "k": "K",
}  # fmt: skip
_BY_CASE = {"mW": "mW", "MW": "MW", "mV": "mV", "MV": "MV", "mHz": "mHz", "MHz": "MHz", "mPa": "mPa", "MPa": "MPa"}
_CODES = {
    "MMT": "mm", "CMT": "cm", "MTR": "m", "GRM": "g", "KGM": "kg", "VLT": "V", "AMP": "A", "WTT": "W", "KWT": "kW",
    "CEL": "°C", "KEL": "K", "LTR": "l", "MLT": "ml", "BAR": "bar", "HTZ": "Hz", "INH": "in", "MON": "month",
    "ANN": "year", "SEC": "s", "MIN": "min", "HUR": "h", "LUM": "lm", "NU": "N*m", "RPM": "rpm", "PCE": "piece",
    "MMK": "mm²", "DD": "deg", "2N": "dB", "P1": "%", "LBR": "lb", "ONZ": "oz", "AMH": "A*h", "L2": "l/min",
}  # fmt: skip
"""Common Code of UN/ECE Recommendation 20, as catalogues use it."""
_OPAQUE = frozenset({"dB", "%", "piece", "px", "dpi", "GB", "TB", "MB", "deg"})
"""Units that are only ever equal to themselves."""
_FOR_PINT = {
    "°C": "degC", "°F": "degF", "m³/h": "m**3/h", "m²": "m**2", "mm²": "mm**2", "cm²": "cm**2", "m³": "m**3",
    "cm³": "cm**3", "cd/m²": "cd/m**2", "g/m²": "g/m**2", "floz": "fluid_ounce",
}  # fmt: skip
LONGEST_WORD = 30


def unit_of(word: str) -> str:
    """Return the unit that a printed word means, e.g. 'kg' for 'Kilogramm'; '' where it means none we know."""
    text = " ".join(word.strip().strip("[]()").replace("\u00a0", " ").split())
    if not text or len(text) > LONGEST_WORD:
        return ""
    if text in _BY_CASE:
        return _BY_CASE[text]
    if text in _CODES:
        return _CODES[text]
    return _BY_WORD.get(text.lower(), "")


def converted(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """Return a value in the wanted unit, rounded to six decimals; None where the units measure different things."""
    if unit == wanted:
        return value
    if unit in _OPAQUE or wanted in _OPAQUE or not unit or not wanted:
        return None
    line = _line(unit, wanted)
    return None if line is None else round(value * line[0] + line[1], 6)


@lru_cache(maxsize=1000)
def _line(unit: str, wanted: str) -> tuple[Decimal, Decimal] | None:
    """Return factor and summand that turn one unit into the other; all units here are linear."""
    from pint.errors import PintError  # noqa: PLC0415 - a second of import, for runs that convert something

    registry = _registry()
    try:
        zero, one = (
            Decimal(
                registry.Quantity(Decimal(n), _FOR_PINT.get(unit, unit)).to(_FOR_PINT.get(wanted, wanted)).magnitude
            )
            for n in (0, 1)
        )
    except (PintError, AttributeError, TypeError, ValueError):
        return None
    return one - zero, zero


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint  # noqa: PLC0415

    return pint.UnitRegistry(non_int_type=Decimal)
