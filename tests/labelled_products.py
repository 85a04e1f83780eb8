"""Articles with known truth, told with real-world messiness by an API, web pages, data sheets and a catalogue.

Each source has its own words, units, decimal marks and gaps; some values are plain wrong, some GTINs mistyped, some
products stand twice. The bytes are real: JSON, HTML with JSON-LD and tables, PDF with a text layer, BMEcat XML.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import escape
from random import Random

from blocks.standards.product_data.gtins import check_digit
from tests.pdfs import PaperPage, pdf

MAKERS = {
    "Nordlicht": ("Nordlicht GmbH", "NORDLICHT", "Nordlicht"),
    "Werkstahl": ("Werkstahl Tools AG", "WERKSTAHL", "Werkstahl"),
}
CATEGORIES = ("lighting", "power_tools", "monitors", "household", "furniture", "installation")
SHOP_CATEGORY = {
    "lighting": "Wohnen > Leuchten", "power_tools": "Werkstatt > Elektrowerkzeuge", "monitors": "Büro > Monitore",
    "household": "Küche > Haushaltsgeräte", "furniture": "Büro > Möbel", "installation": "Haus > Elektroinstallation",
}  # fmt: skip
MISSING, WRONG, WRONG_UNIT, WRONG_GTIN, TWICE, SAYS_NOTHING = 0.12, 0.03, 0.02, 0.03, 0.03, 0.03
SHEETS = 0.35
"""Share of the articles of which there is a data sheet."""


@dataclass(frozen=True)
class Told:
    """A value in a source's own words: the name of the attribute, the value and its unit."""

    name: str
    value: str
    unit: str = ""


@dataclass
class Labelled:
    """An article of ours with what is true of it."""

    sku: str
    category: str
    maker: str
    mpn: str
    gtin: str
    name: str
    truth: dict[str, str] = field(default_factory=dict)
    """Feature → its normalised value."""
    human: dict[str, str] = field(default_factory=dict)
    """What a person wrote in the shop, by the shop's field."""


NAMES = {
    "weight": (("Gewicht", "Nettogewicht"), ("Weight", "Net weight"), ("Gewicht netto",)),
    "width": (("Breite",), ("Width", "Overall width"), ("Produktbreite",)),
    "height": (("Höhe",), ("Height",), ("Gesamthöhe",)),
    "length": (("Tiefe", "Länge"), ("Depth",), ("Länge",)),
    "colour": (("Farbe", "Gehäusefarbe"), ("Colour",), ("Farbton",)),
    "material": (("Material", "Werkstoff"), ("Housing material",), ("Material",)),
    "warranty": (("Garantie",), ("Warranty",), ("Herstellergarantie",)),
    "rated_voltage": (("Spannung", "Nennspannung"), ("Voltage", "Rated voltage"), ("Betriebsspannung",)),
    "power": (("Leistung", "Leistungsaufnahme"), ("Power consumption", "Rated power"), ("Nennleistung",)),
    "luminous_flux": (("Lichtstrom",), ("Luminous flux",), ("Lichtstrom",)),
    "colour_temperature": (("Farbtemperatur",), ("Color temperature",), ("Lichtfarbe",)),
    "socket": (("Fassung", "Sockel"), ("Lamp base",), ("Fassung",)),
    "dimmable": (("Dimmbar",), ("Dimmable",), ("Dimmbar",)),
    "protection_class": (("Schutzart",), ("IP rating",), ("Schutzart (IP)",)),
    "torque": (("Drehmoment", "Max. Drehmoment"), ("Max. torque",), ("Drehmoment max.",)),
    "idle_speed": (("Leerlaufdrehzahl",), ("No-load speed",), ("Drehzahl",)),
    "battery_capacity": (("Akkukapazität",), ("Battery capacity",), ("Akku-Kapazität",)),
    "battery_type": (("Akkutyp",), ("Battery type",), ("Akku-Technologie",)),
    "brushless": (("Bürstenloser Motor",), ("Brushless",), ("Bürstenlos",)),
    "display_size": (("Bildschirmdiagonale",), ("Screen size",), ("Diagonale",)),
    "resolution": (("Auflösung",), ("Resolution",), ("Auflösung",)),
    "refresh_rate": (("Bildwiederholrate",), ("Refresh rate",), ("Bildwiederholfrequenz",)),
    "panel_type": (("Paneltyp",), ("Panel type",), ("Panel",)),
    "capacity": (("Fassungsvermögen", "Volumen"), ("Capacity",), ("Nutzinhalt",)),
    "pressure": (("Pumpendruck", "Druck"), ("Max. pressure",), ("Betriebsdruck",)),
    "cable_length": (("Kabellänge",), ("Cord length",), ("Leitungslänge",)),
    "dishwasher_safe": (("Spülmaschinengeeignet",), ("Dishwasher safe",), ("Spülmaschinenfest",)),
    "load_capacity": (("Belastbarkeit", "Tragkraft"), ("Load capacity",), ("Traglast",)),
    "assembly_required": (("Montage erforderlich",), ("Assembly required",), ("Aufbau nötig",)),
    "operating_temperature": (("Betriebstemperatur",), ("Operating temperature",), ("Umgebungstemperatur",)),
    "rated_current": (("Nennstrom",), ("Rated current",), ("Bemessungsstrom",)),
    "thread_size": (("Gewinde", "Anschlussgewinde"), ("Thread size",), ("Gewinde",)),
}  # fmt: skip
"""Feature → how page, API and catalogue call it."""
WORDS = {
    "colour": {"black": ("schwarz matt", "matte black", "Schwarz"), "white": ("weiß", "White", "reinweiß"),
               "grey": ("anthrazit", "grey", "grau"), "red": ("rot", "Red", "Rot")},
    "material": {"steel": ("Stahlblech", "steel", "Metall"), "aluminium": ("Aluminium", "aluminum", "Alu-Druckguss"),
                 "plastic": ("Kunststoff", "ABS", "Kunststoff"), "wood": ("Eiche", "solid wood", "Massivholz")},
    "socket": {"E27": ("E27", "E 27", "E27"), "GU10": ("GU10", "GU10", "GU 10"), "E14": ("E 14", "E14", "E14")},
    "protection_class": {"IP20": ("IP20", "IP 20", "IP20"), "IP44": ("IP 44", "IP44", "IP44"),
                         "IP65": ("IP65", "IP65", "IP 65")},
    "battery_type": {"li_ion": ("Li-Ion", "lithium-ion", "Lithium-Ionen"), "ni_mh": ("NiMH", "Ni-MH", "NiMH")},
    "panel_type": {"IPS": ("IPS-Panel", "IPS", "IPS"), "VA": ("VA", "VA-Panel", "VA"), "OLED": ("OLED",) * 3},
    "resolution": {"1920 x 1080": ("1920 x 1080",) * 3, "3840 x 2160": ("3840 x 2160",) * 3},
}  # fmt: skip
YES = {"true": ("Ja", "yes", "ja"), "false": ("Nein", "no", "nein")}
BOOLEANS = frozenset({"dimmable", "brushless", "dishwasher_safe", "assembly_required"})
FEATURES = {
    "lighting": ("rated_voltage", "power", "luminous_flux", "colour_temperature", "socket", "dimmable",
                 "protection_class"),
    "power_tools": ("rated_voltage", "torque", "idle_speed", "battery_capacity", "battery_type", "brushless"),
    "monitors": ("display_size", "resolution", "refresh_rate", "panel_type", "power"),
    "household": ("capacity", "power", "rated_voltage", "pressure", "cable_length", "dishwasher_safe"),
    "furniture": ("load_capacity", "assembly_required"),
    "installation": ("rated_voltage", "rated_current", "protection_class", "operating_temperature", "thread_size"),
}  # fmt: skip


def articles(count: int, seed: int = 7) -> list[Labelled]:
    """Return articles, their categories in turn."""
    dice = Random(seed)
    return [_article(number, CATEGORIES[number % len(CATEGORIES)], dice) for number in range(count)]


def _article(number: int, category: str, dice: Random) -> Labelled:
    maker = dice.choice(sorted(MAKERS))
    body = f"40{dice.randrange(10**10):010d}"[:12]
    made = Labelled(
        f"SKU-{number:04d}", category, maker, f"{maker[:2].upper()}-{number:04d}.{dice.randrange(10, 99)}",
        body + check_digit(body), f"{maker} Modell {number}",
    )  # fmt: skip
    for name in ("weight", "width", "height", "length", "colour", "material", "warranty", *FEATURES[category]):
        made.truth[name] = _true_value(name, category, dice)
    if dice.random() < 0.15:
        made.human = {"name": f"Unser Liebling Nr. {number}", "weight": "4711"}
    return made


_DRAWN = {
    "weight": (300, 20_000, 10), "width": (60, 1800, 1), "height": (60, 1400, 1), "length": (60, 900, 1),
    "warranty": (12, 61, 12), "power": (5, 190, 1), "luminous_flux": (200, 9000, 50),
    "torque": (20, 140, 5), "idle_speed": (500, 3200, 100), "refresh_rate": (60, 241, 15), "pressure": (3, 19, 1),
    "cable_length": (800, 3000, 100), "load_capacity": (80, 200, 10), "rated_current": (6, 63, 1),
}  # fmt: skip
_PICKED = {
    "colour_temperature": ("2700", "3000", "4000", "6500"), "display_size": ("23.8", "24", "27", "31.5"),
    "battery_capacity": ("1.5", "2", "4", "5"), "capacity": ("0.5", "1.2", "1.7", "12"),
    "operating_temperature": ("-10..40", "0..35", "-25..55"), "thread_size": ("0.5", "0.75", "1.25"),
}  # fmt: skip
_VOLTAGES = {"power_tools": ("18 DC", "12 DC")}


def _true_value(name: str, category: str, dice: Random) -> str:
    if name == "rated_voltage":
        return dice.choice(_VOLTAGES.get(category, ("230 AC", "220..240 AC", "24 DC")))
    if name in BOOLEANS:
        return dice.choice(("true", "false"))
    if name in WORDS:
        return dice.choice(sorted(WORDS[name]))
    if name in _PICKED:
        return dice.choice(_PICKED[name])
    return str(dice.randrange(*_DRAWN[name]))


PAGE, API, CATALOGUE = 0, 1, 2
_COMMA = {PAGE: True, API: False, CATALOGUE: True}


def _number(value: Decimal, source: int, *, grouped: bool = False) -> str:
    text = f"{value.normalize():f}"
    whole, _, part = text.partition(".")
    mark, group = (",", ".") if _COMMA[source] else (".", ",")
    if grouped and len(whole) > 3:
        whole = f"{whole[:-3]}{group}{whole[-3:]}"
    return whole + (f"{mark}{part}" if part else "")


def told(name: str, value: str, source: int, dice: Random) -> Told:
    """Return a true value in a source's own words."""
    title = dice.choice(NAMES[name][source])
    if name in BOOLEANS:
        return Told(title, YES[value][source])
    if name in WORDS:
        return Told(title, WORDS[name][value][source])
    return _measure(name, title, value, source, dice)


def _measure(name: str, title: str, value: str, source: int, dice: Random) -> Told:
    if name in {"rated_voltage", "operating_temperature", "thread_size"}:
        return Told(title, _in_words(name, value, source, dice))
    number, unit = dice.choice(_ways(name, value, source))
    said = _number(Decimal(number), source, grouped=source == PAGE and name in {"width", "height", "length"})
    if source == API:
        return Told(title, said, unit)
    if dice.random() < 0.15:
        return Told(f"{title} ({unit})", said)
    return Told(title, f"{'ca. ' if dice.random() < 0.1 else ''}{said} {unit}")


def _ways(name: str, value: str, source: int) -> tuple[tuple[str, str], ...]:
    """Return the numbers and units in which a source may print a measure."""
    known = Decimal(value)
    ways: dict[str, tuple[tuple[str, str], ...]] = {
        "weight": ((str(known / 1000), "kg"), (value, "g"))[: 1 if source == CATALOGUE else 2],
        "warranty": ((str(known / 12), "years" if source == API else "Jahre"), (value, "month")),
    }
    ways |= dict.fromkeys(("width", "height", "length"), ((value, "mm"), (str(known / 10), "cm")))
    if name == "battery_capacity" and source == API:
        return ((str(known * 1000), "mAh"),)
    if name == "display_size" and source == CATALOGUE:
        return ((str(round(known * Decimal("2.54"), 1)), "cm"),)
    return ways[name] if name in ways else ((value, _UNITS[name][source]),)


def _in_words(name: str, value: str, source: int, dice: Random) -> str:
    if name == "rated_voltage":
        return _voltage(value, source, dice)
    if name == "operating_temperature":
        low, high = value.split("..")
        return {PAGE: f"{low} … +{high} °C", API: f"{low} to {high} °C", CATALOGUE: f"{low} bis {high} °C"}[source]
    inch = {"0.5": "1/2", "0.75": "3/4", "1.25": "1 1/4"}[value]
    return {PAGE: f'G {inch}"', API: f"{inch} inch", CATALOGUE: f"{inch} Zoll"}[source]


_UNITS = {
    "power": ("W", "W", "Watt"), "luminous_flux": ("lm", "lm", "Lumen"), "colour_temperature": ("K", "K", "Kelvin"),
    "torque": ("Nm", "Nm", "Nm"), "idle_speed": ("U/min", "rpm", "min-1"), "refresh_rate": ("Hz",) * 3,
    "pressure": ("bar",) * 3, "cable_length": ("mm",) * 3, "load_capacity": ("kg",) * 3, "rated_current": ("A",) * 3,
    "battery_capacity": ("Ah",) * 3, "capacity": ("Liter", "l", "l"), "display_size": ("Zoll", "inch", "cm"),
}  # fmt: skip


def _voltage(value: str, source: int, dice: Random) -> str:
    numbers, current = value.split()
    said = numbers.replace("..", {PAGE: "-", API: " to ", CATALOGUE: "\u2013"}[source])
    if current == "DC":
        return f"{said} V DC" if source != PAGE else f"{said} V"
    return dice.choice((f"{said} V ~", f"{said} V AC", f"{said}V~")) if source != API else f"{said} VAC"


def _otherwise(name: str, value: str, dice: Random) -> str:
    """Return another value that is just as plausible."""
    if name in BOOLEANS:
        return "false" if value == "true" else "true"
    if name in WORDS:
        return dice.choice([each for each in sorted(WORDS[name]) if each != value])
    if name in _PICKED:
        return dice.choice([each for each in _PICKED[name] if each != value])
    if name == "rated_voltage":
        return "110 AC" if "AC" in value else "14.4 DC"
    return str(int(Decimal(value) * dice.choice((Decimal("1.25"), Decimal("0.8"), Decimal("1.5")))))


def _one(name: str, value: str, source: int, dice: Random) -> Told:
    """Return what a source says of one feature: mostly the truth."""
    if name == "weight" and dice.random() < WRONG_UNIT:
        return Told(NAMES[name][source][0], f"{value} kg")
    if dice.random() < WRONG and name != "operating_temperature":
        value = _otherwise(name, value, dice)
    return told(name, value, source, dice)


@dataclass(frozen=True)
class Said:
    """What one source says of one article: its identity, and its attributes in its own words."""

    gtin: str
    mpn: str
    brand: str
    name: str
    told: tuple[Told, ...]
    stated: frozenset[str]
    """The features of which it says anything true or false."""


def said(article: Labelled, source: int, dice: Random) -> Said:
    """Return what a source says of an article, gaps and mistakes included."""
    attributes, stated = [Told("Verpackungseinheit", "1 Stück"), Told("Sortiment", "A")], set()
    for name, value in article.truth.items():
        if dice.random() < MISSING:
            continue
        if dice.random() < SAYS_NOTHING:
            attributes.append(Told(dice.choice(NAMES[name][source]), dice.choice(("-", "k.A.", "n/a"))))
            continue
        stated.add(name)
        attributes.append(_one(name, value, source, dice))
    dice.shuffle(attributes)
    gtin = article.gtin
    if dice.random() < WRONG_GTIN:
        gtin = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
    mpn = {PAGE: article.mpn, API: article.mpn.replace("-", " ").lower(), CATALOGUE: article.mpn.replace(".", "")}[
        source
    ]
    return Said(gtin, mpn, MAKERS[article.maker][source], article.name, tuple(attributes), frozenset(stated))


def as_page(told_of: Said) -> bytes:
    """Return a web page with JSON-LD and a table of attributes."""
    marked = {
        "@context": "https://schema.org", "@type": "Product", "name": told_of.name, "gtin13": told_of.gtin,
        "mpn": told_of.mpn, "brand": {"@type": "Brand", "name": told_of.brand},
    }  # fmt: skip
    rows = "".join(f"<tr><th>{escape(each.name)}</th><td>{escape(each.value)}</td></tr>" for each in told_of.told)
    return (
        f"<!doctype html><html lang=de><head><title>{escape(told_of.name)}</title>"
        f'<script type="application/ld+json">{json.dumps(marked)}</script></head><body><h1>{escape(told_of.name)}</h1>'
        f"<h2>Technische Daten</h2><table>{rows}</table></body></html>"
    ).encode()


def as_json(told_of: Said) -> str:
    """Return an entry of an API's answer."""
    features = [{"name": each.name, "value": each.value, "unit": each.unit} for each in told_of.told]
    entry = {"ean": told_of.gtin, "no": told_of.mpn, "brand": told_of.brand, "title": told_of.name, "tech": features}
    return json.dumps(entry)


def as_catalogue(all_told: list[Said]) -> bytes:
    """Return a BMEcat 1.2 catalogue of all articles."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><BMECAT version="1.2"><HEADER><CATALOG><LANGUAGE>deu</LANGUAGE>'
        "<CATALOG_ID>1</CATALOG_ID><CATALOG_VERSION>1.0</CATALOG_VERSION></CATALOG>"
        "<SUPPLIER><SUPPLIER_NAME>Katalog</SUPPLIER_NAME></SUPPLIER></HEADER><T_NEW_CATALOG>"
    )
    entries = (_entry(number, each) for number, each in enumerate(all_told))
    return "".join([head, *entries, "</T_NEW_CATALOG></BMECAT>"]).encode()


def _entry(number: int, told_of: Said) -> str:
    features = "".join(
        f"<FEATURE><FNAME>{escape(each.name)}</FNAME><FVALUE>{escape(each.value)}</FVALUE></FEATURE>"
        for each in told_of.told
    )
    return (
        f'<ARTICLE mode="new"><SUPPLIER_AID>K{number}</SUPPLIER_AID><ARTICLE_DETAILS>'
        f"<DESCRIPTION_SHORT>{escape(told_of.name)}</DESCRIPTION_SHORT><EAN>{told_of.gtin}</EAN>"
        f"<MANUFACTURER_AID>{escape(told_of.mpn)}</MANUFACTURER_AID>"
        f"<MANUFACTURER_NAME>{escape(told_of.brand)}</MANUFACTURER_NAME></ARTICLE_DETAILS>"
        f"<ARTICLE_FEATURES>{features}</ARTICLE_FEATURES></ARTICLE>"
    )


_SHEET_WORDS = {
    PAGE: ("Datenblatt", "Technische Daten", ("Merkmal", "Wert", ""), "Art.-Nr.: ", "Änderungen", "Seite 1 von 1"),
    API: ("Data sheet", "Specifications", ("Parameter", "Value", "Unit"), "Order no.: ", "Revisions", "Page 1 of 1"),
}
_TYPED = {ord("\u2026"): "...", ord("\u2013"): "-"}


def as_sheet(told_of: Said, wording: int, dice: Random) -> bytes:
    """Return a data sheet: a table of two or three columns between an address, a revision history and a foot line."""
    title, heading, heads, number, revisions, foot = _SHEET_WORDS[wording]
    page = PaperPage()
    page.text(50, 790, told_of.name, size=18)
    page.text(50, 768, f"{title}     {number}{told_of.mpn}", size=10)
    page.text(50, 735, heading, size=12)
    lefts, y = (50, 280 + dice.randrange(40), 430), 712.0
    step, size = dice.choice((15, 17, 20)), dice.choice((8.5, 9, 10))
    rows = [heads, *((each.name, each.value, each.unit) for each in told_of.told)]
    for row in rows:
        for left, text in zip(lefts, row, strict=True):
            if text:
                page.text(left, y, text.translate(_TYPED), size=size)
        y -= step
    page.text(50, y - 24, revisions, size=11)
    page.row(
        y - 42, (50, "2024-03-01"), (150, "1.2"), (220, "Gewicht 0,5 kg" if wording == PAGE else "Power 3 W"), size=9
    )
    page.row(40, (50, f"{told_of.brand}, 12345 Musterstadt, Tel. +49 30 1234567"), (480, foot), size=7)
    return pdf((page,))


@dataclass
class Told4:
    """What the sources say of all articles, as bytes, and which features of an article any of them states."""

    pages: list[bytes]
    sheets: dict[str, bytes]
    """SKU → the data sheet that its page links to, where it has one."""
    entries: list[str]
    catalogue: bytes
    stated: Mapping[str, frozenset[str]]


def told_by_all(all_articles: list[Labelled], seed: int = 11) -> Told4:
    """Let the sources speak of the articles; some products stand twice, and of every third there is a data sheet."""
    dice = Random(seed)
    pages, entries, catalogued = [], [], []
    sheets: dict[str, bytes] = {}
    stated: dict[str, frozenset[str]] = {}
    drawn = Random(seed + 1)
    for article in all_articles:
        page, entry, line = (said(article, source, dice) for source in (PAGE, API, CATALOGUE))
        pages.append(as_page(page))
        entries.append(as_json(entry))
        catalogued.append(line)
        if dice.random() < TWICE:
            entries.append(as_json(entry))
            catalogued.append(line)
        stated[article.sku] = page.stated | entry.stated | line.stated
        if drawn.random() < SHEETS:
            wording = drawn.choice((PAGE, API))
            sheet = replace(said(article, wording, drawn), mpn=article.mpn)
            sheets[article.sku] = as_sheet(sheet, wording, drawn)
            stated[article.sku] |= sheet.stated
    return Told4(pages, sheets, entries, as_catalogue(catalogued), stated)
