"""Data sheets of made-up makers, in the layouts makers use, each with what it states and what must not be taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.pdfs import PaperPage, pdf

Value = tuple[str, str, str, int]
"""Part of the name, value (or 'min/typ/max'), unit, page."""


@dataclass(frozen=True)
class Sheet:
    """A data sheet: its pages, what it states, and texts that are no values."""

    pages: tuple[PaperPage, ...]
    states: tuple[Value, ...]
    traps: tuple[str, ...] = ()
    name: str = ""
    mpn: str = ""
    brand: str = ""

    def data(self) -> bytes:
        """Return it as a PDF."""
        return pdf(self.pages)


def _table(
    page: PaperPage,
    y: float,
    lefts: Sequence[float],
    rows: Sequence[Sequence[str]],
    *,
    step: float = 16,
    size: float = 9,
) -> float:
    for row in rows:
        for left, text in zip(lefts, row, strict=True):
            if text:
                page.text(left, y, text, size=size)
        y -= step
    return y


def _title(page: PaperPage, title: str, under: str = "") -> PaperPage:
    page.text(50, 780, title, size=20)
    if under:
        page.text(50, 760, under, size=10)
    return page


def german() -> Sheet:
    """Merkmal, Wert, Einheit; order numbers and a revision history below."""
    page = _title(PaperPage(), "Schaltnetzteil NT-2405", "Datenblatt     Artikelnummer: 471105")
    page.text(50, 720, "Technische Daten", size=12)
    rows = [
        ("Merkmal", "Wert", "Einheit"),
        ("Eingangsspannung", "100 - 240", "V AC"),
        ("Ausgangsspannung", "24", "V DC"),
        ("Ausgangsstrom", "5", "A"),
        ("Wirkungsgrad", "89,5", "%"),
        ("Schutzart", "IP20", ""),
        ("Gewicht", "0,48", "kg"),
        ("Betriebstemperatur", "-25 bis +70", "°C"),
        ("Farbe", "schwarz", ""),
    ]  # fmt: skip
    y = _table(page, 700, (50, 260, 380), rows)
    page.text(50, y - 20, "Bestellangaben", size=12)
    orders = [
        ("Bestellnummer", "Ausführung", "VPE"),
        ("471105", "Standard", "10"),
        ("471106", "mit Relais", "25"),
    ]
    y = _table(page, y - 40, (50, 260, 380), orders)
    page.text(50, y - 20, "Änderungen", size=12)
    _table(page, y - 40, (50, 150, 260), [("Datum", "Version", "Änderung"), ("2023-04-01", "1.2", "Gewicht 0,5 kg")])
    states = (
        ("Eingangsspannung", "100-240", "V AC", 1),
        ("Ausgangsspannung", "24", "V DC", 1),
        ("Ausgangsstrom", "5", "A", 1),
        ("Wirkungsgrad", "89,5", "%", 1),
        ("Schutzart", "IP20", "", 1),
        ("Gewicht", "0,48", "kg", 1),
        ("Betriebstemperatur", "-25 bis +70", "°C", 1),
        ("Farbe", "schwarz", "", 1),
    )
    return Sheet((page,), states, ("10", "25", "1.2", "0,5", "471106"), "Schaltnetzteil NT-2405", "471105")


def regulator() -> Sheet:
    """Symbol, parameter, conditions, limits, unit; names over two lines; absolute maximum ratings; pins."""
    page = _title(PaperPage(), "VR3300 Low Dropout Regulator", "© 2021 Voltara Semiconductor GmbH")
    page.text(50, 720, "Pin Description", size=12)
    y = _table(
        page,
        700,
        (50, 110, 200),
        [("Pin", "Name", "Description"), ("1", "GND", "Ground 0 V"), ("2", "OUT", "3.3 V output")],
    )
    page.text(50, y - 16, "Table 2. Absolute Maximum Ratings", size=11)
    y = _table(
        page,
        y - 36,
        (50, 300, 360, 420),
        [
            ("Parameter", "Min", "Max", "Unit"),
            ("Input voltage", "-0.3", "18", "V"),
            ("Storage temperature", "-55", "150", "°C"),
        ],
    )
    page.text(50, y - 16, "Table 3. Electrical Characteristics", size=11)
    heads = ("Symbol", "Parameter", "Conditions", "Min", "Typ", "Max", "Unit")
    lefts = (50, 100, 230, 350, 395, 440, 490)
    y = _table(page, y - 36, lefts, [heads], step=20)
    y = _table(page, y, lefts, [("VIN", "Input voltage", "", "2.5", "-", "16", "V")], step=20)
    y = _table(page, y, lefts, [("VOUT", "Output voltage", "IOUT = 10 mA", "3.267", "3.300", "3.333", "V")], step=20)
    y = _table(page, y, lefts, [("IQ", "Quiescent current", "no load", "", "1.8", "3.5", "µA")], step=11)
    y = _table(page, y, lefts, [("", "in standby mode", "", "", "", "", "")], step=20)
    y = _table(page, y, lefts, [("VDO", "Dropout voltage", "IOUT = 100 mA", "", "120", "180", "mV")], step=20)
    y = _table(page, y, lefts, [("", "", "IOUT = 250 mA", "", "310", "420", "mV")], step=20)
    _table(page, y, lefts, [("PSRR", "Ripple rejection", "f = 1 kHz", "-", "TBD", "-", "dB")], step=20)
    states = (
        ("Input voltage", "2.5//16", "V", 1),
        ("Output voltage", "3.267/3.300/3.333", "V", 1),
        ("Quiescent current in standby mode", "/1.8/3.5", "µA", 1),
        ("Dropout voltage", "/120/180", "mV", 1),
        ("Dropout voltage", "/310/420", "mV", 1),
        ("absolute maximum", "-0.3//18", "V", 1),
        ("absolute maximum", "-55//150", "°C", 1),
    )
    return Sheet(
        (page,),
        states,
        ("TBD", "0", "10", "250", "100"),
        "VR3300 Low Dropout Regulator",
        "VR3300",
        "Voltara Semiconductor",
    )


def pairs() -> Sheet:
    """Names and values without any head, in sections, values with units and remarks."""
    page = _title(PaperPage(), "Relais RX 24-2C", "www.nordschalt.de      Nordschalt")
    y = 720.0
    page.text(50, y, "General data", size=12)
    left = [
        ("Rated control voltage", "24 V DC"),
        ("Rated current AC", "16 A"),
        ("Contact material", "AgNi"),
        ("Number of poles", "2"),
        ("Ambient temperature", "-40 °C ... 85 °C"),
        ("Dimensions (W x H x D)", "12.4 x 29 x 25.5 mm"),
        ("Protection degree", "IP 40"),
        ("Weight", "21 g"),
    ]
    y = _table(page, y - 18, (50, 260), left, step=14)
    page.text(50, y - 14, "Approvals", size=12)
    _table(
        page,
        y - 32,
        (50, 260),
        [("Certificate No. (cURus)", "E223474"), ("Standards", "EN 61810-1"), ("Overvoltage category", "III")],
        step=14,
    )
    states = (
        ("Rated control voltage", "24", "V DC", 1),
        ("Rated current AC", "16", "A", 1),
        ("Contact material", "AgNi", "", 1),
        ("Number of poles", "2", "", 1),
        ("Ambient temperature", "-40...85", "°C", 1),
        ("Dimensions", "12.4 x 29 x 25.5", "mm", 1),
        ("Weight", "21", "g", 1),
        ("Certificate", "E223474", "", 1),
        ("Overvoltage category", "III", "", 1),
    )
    return Sheet((page,), states, (), "Relais RX 24-2C", "RX 24-2C", "Nordschalt")


def bullets() -> Sheet:
    """Bullets 'name: value', counts, marketing."""
    page = _title(PaperPage(), "Feathermote S3 Board", "Product code: FM-5300")
    items = [
        "Processor: dual-core 32-bit RISC at 240 MHz",
        "Flash memory: 8 MB",
        "12-bit ADC with 10 channels",
        "21x GPIO",
        "2x I2C, 3x UART, 1x CAN",
        "Supply voltage: 3.0 - 5.5 V",
        "Deep sleep current: 70 µA",
        "Dimensions (L x W x H in mm): 50.8 x 22.9 x 7.2",
        "Up to 40 % faster than comparable boards",
        "Save 25 % of your development time",
        "Trusted by more than 500 customers",
        "Wi-Fi 802.11 b/g/n",
    ]
    y = 700.0
    for item in items:
        page.text(60, y, "\u2022", size=10)
        page.text(72, y, item, size=10)
        y -= 15
    states = (
        ("Flash memory", "8", "MB", 1),
        ("ADC", "12", "bit", 1),
        ("GPIO", "21", "", 1),
        ("UART", "3", "", 1),
        ("CAN", "1", "", 1),
        ("Supply voltage", "3.0-5.5", "V", 1),
        ("Deep sleep current", "70", "µA", 1),
        ("Length", "50.8", "mm", 1),
        ("Height", "7.2", "mm", 1),
        ("Wi-Fi", "802.11b/g/n", "", 1),
    )
    return Sheet((page,), states, ("40", "25", "500"), "Feathermote S3 Board", "FM-5300")


def abreast() -> Sheet:
    """Two columns of pairs abreast on one page."""
    page = _title(PaperPage(), "Pumpe PX-80", "Hersteller: Aquaria GmbH")
    rows = [
        ("Förderstrom", "8000 l/h", "Höhe", "212 mm"),
        ("Förderhöhe", "3,6 m", "Breite", "145 mm"),
        ("Leistung", "80 W", "Tiefe", "160 mm"),
        ("Spannung", "230 V", "Gewicht", "2,9 kg"),
        ("Kabellänge", "10 m", "Farbe", "anthrazit"),
    ]
    _table(page, 700, (50, 150, 310, 410), rows, step=15)
    states = (
        ("Förderstrom", "8000", "l/h", 1),
        ("Förderhöhe", "3,6", "m", 1),
        ("Leistung", "80", "W", 1),
        ("Kabellänge", "10", "m", 1),
        ("Höhe", "212", "mm", 1),
        ("Gewicht", "2,9", "kg", 1),
        ("Farbe", "anthrazit", "", 1),
    )
    return Sheet((page,), states, (), "Pumpe PX-80", "PX-80", "Aquaria")


def french() -> Sheet:
    """French heads, decimal commas, notes below the table."""
    page = _title(PaperPage(), "Capteur de pression CP-16B", "Fiche technique")
    rows = [
        ("Caractéristique", "Valeur", "Unité"),
        ("Plage de mesure", "0 à 16", "bar"),
        ("Tension d'alimentation", "12 à 30", "V DC"),
        ("Précision", "±0,25", "% FS"),
        ("Température de service", "-20 à 85", "°C"),
        ("Masse", "95", "g"),
    ]
    y = _table(page, 700, (50, 260, 360), rows)
    page.text(
        50, y - 12, "1) Valeurs mesurées à 23 °C et 50 % d'humidité relative pendant 24 h de fonctionnement.", size=7
    )
    states = (
        ("Plage de mesure", "0 à 16", "bar", 1),
        ("Tension d'alimentation", "12 à 30", "V DC", 1),
        ("Précision", "±0,25", "% FS", 1),
        ("Température", "-20 à 85", "°C", 1),
        ("Masse", "95", "g", 1),
    )
    return Sheet((page,), states, ("23", "24"), "Capteur de pression CP-16B", "CP-16B")


def pages() -> Sheet:
    """A table over three pages: with its head again on the second, without it on the third."""
    papers = [PaperPage(), PaperPage(), PaperPage()]
    _title(papers[0], "Motor driver MD-7")
    heads = ("Parameter", "Min.", "Nom.", "Max.", "Units")
    lefts = (50, 300, 360, 420, 480)
    states = []
    for number, paper in enumerate(papers, 1):
        paper.text(50, 30, f"MD-7 data sheet    page {number} of 3", size=8)
        last = number == len(papers)
        rows = [] if last else [heads]
        for at in range(3 if last else 29):
            low = number * 100 + at
            rows.append((f"Delay of channel {number}.{at}", str(low), str(low + 20), str(low + 40), "ns"))
            states.append((f"Delay of channel {number}.{at}", f"{low}/{low + 20}/{low + 40}", "ns", number))
        _table(paper, 740 if number == 1 else 790, lefts, rows, step=23)
    return Sheet(tuple(papers), tuple(states), (), "Motor driver MD-7", "MD-7")


def variants() -> Sheet:
    """One column for each model; the sheet is about one of them. A table of types to order from is none of values."""
    page = _title(PaperPage(), "Bench supply BX-300", "Model: BX-300")
    rows = [
        ("Specification", "BX-200", "BX-300", "BX-500"),
        ("Output voltage", "20 V", "30 V", "50 V"),
        ("Output current", "3 A", "5 A", "2.5 A"),
        ("Weight", "3.1 kg", "4.2 kg", "4.4 kg"),
    ]
    y = _table(page, 700, (50, 200, 300, 400), rows)
    page.text(50, y - 20, "Accessories", size=12)
    _table(
        page,
        y - 40,
        (50, 200, 400),
        [
            ("Order code", "Description", "Package"),
            ("BX-A1", "Test lead 1 m", "2 pcs"),
            ("BX-A2", "Rack kit 19 in", "1 pcs"),
        ],
    )
    states = (("Output voltage", "30", "V", 1), ("Output current", "5", "A", 1), ("Weight", "4.2", "kg", 1))
    return Sheet((page,), states, ("20", "50", "2.5", "1", "19", "4.4", "2"), "Bench supply BX-300", "BX-300")


def notes() -> Sheet:
    """Units in heads and in brackets behind names, footnote marks, place holders, prose full of figures."""
    page = _title(PaperPage(), "Gigabit Switch GS-108")
    prose = [
        "The GS-108 was tested for 1000 hours at 40 °C and is delivered with a 1.5 m cable. In use it needs 3 W,",
        "which is less than other switches of its class, and works for more than 10 years when it is kept below 35 °C.",
        "Please do not connect more than 8 devices; keep at least 20 cm of free space around the housing.",
    ]
    for at, line in enumerate(prose):
        page.text(50, 730 - 12 * at, line, size=9)
    rows = [
        ("Item", "Value"),
        ("Ports", "8"),
        ("Switching capacity (Gbit/s)", "16"),
        ("Power consumption 1)", "4.8 W"),
        ("Length [mm]", "158"),
        ("MTBF", "n/a"),
        ("Noise level", "TBC"),
        ("Housing", "Metal"),
    ]
    _table(page, 660, (50, 300), rows)
    states = (
        ("Ports", "8", "", 1),
        ("Switching capacity", "16", "Gbit/s", 1),
        ("Power consumption", "4.8", "W", 1),
        ("Length", "158", "mm", 1),
        ("Housing", "Metal", "", 1),
    )
    return Sheet(
        (page,), states, ("1000", "40", "10", "35", "20", "n/a", "TBC", "1.5"), "Gigabit Switch GS-108", "GS-108"
    )


def boxes() -> Sheet:
    """A landscape of boxes beside each other, labels of a drawing above."""
    page = PaperPage()
    page.text(50, 790, "Moteshield Mini (DEV-44021)", size=22)
    for at, label in enumerate(("GND", "3.3V", "D5", "D6", "A0", "RST")):
        page.text(80, 700 - 12 * at, label, size=9)
        page.text(400, 700 - 12 * at, f"PWM{at}", size=9)
    left = ["Power", "VIN: 5-12V", "VCC: 3.3V @ 500mA", "Sleep current: 12uA"]
    middle = ["Chip", "64KB RAM", "16-bit ADC", "Clock: 48MHz", "6 UARTS, 2 SPI Ports"]
    right = ["LEDs", "Power: Green", "Status: Blue"]
    for x, box in ((50, left), (230, middle), (430, right)):
        for at, text in enumerate(box):
            page.text(x, 300 - 13 * at, text, size=8)
    states = (
        ("VIN", "5-12", "V", 1),
        ("VCC", "3.3", "V", 1),
        ("VCC current", "500", "mA", 1),
        ("Sleep current", "12", "uA", 1),
        ("RAM", "64", "KB", 1),
        ("ADC", "16", "bit", 1),
        ("Clock", "48", "MHz", 1),
        ("UARTS", "6", "", 1),
        ("Power", "Green", "", 1),
    )
    return Sheet((page,), states, ("D5", "GND"), "Moteshield Mini", "DEV-44021")


def contents() -> Sheet:
    """A table of contents, a register map, and one table of values on the second page."""
    first, second = PaperPage(), PaperPage()
    _title(first, "Humidity Sensor HS20", "Datasheet")
    lines = [
        ("1 General description", "3"),
        ("2 Pinning information", "4"),
        ("3 Limiting values", "7"),
        ("4 Package outline", "11"),
    ]
    first.text(50, 700, "Contents", size=14)
    _table(first, 680, (50, 500), lines)
    second.text(50, 790, "Register map", size=12)
    y = _table(
        second,
        770,
        (50, 150, 300),
        [("Register", "Address", "Description"), ("CTRL", "0x20", "16 bit control"), ("STAT", "0x21", "8 bit status")],
    )
    second.text(50, y - 20, "Characteristics", size=12)
    rows = [
        ("Parameter", "Value", "Unit"),
        ("Relative humidity range", "0 to 100", "%RH"),
        ("Humidity accuracy", "±1.8", "%RH"),
        ("Response time", "8", "s"),
        ("I2C address", "0x44", ""),
    ]
    _table(second, y - 40, (50, 260, 360), rows)
    states = (
        ("Relative humidity range", "0 to 100", "%RH", 2),
        ("Humidity accuracy", "±1.8", "%RH", 2),
        ("Response time", "8", "s", 2),
        ("I2C address", "0x44", "", 2),
    )
    return Sheet((first, second), states, ("3", "4", "7", "11", "0x20", "16"), "Humidity Sensor HS20", "HS20")


def tight() -> Sheet:
    """Rows as close as lines, figures flush right, units in the heads of two lines."""
    page = _title(PaperPage(), "Bearing 6204-2RS", "Maker: Rollwerk")
    page.text(50, 700, "Property", size=9).text(300, 700, "Min.", size=9).text(370, 700, "Max.", size=9)
    page.text(302, 689, "(mm)", size=9).text(372, 689, "(mm)", size=9)
    states = []
    for at, (name, low, high) in enumerate(
        (
            ("Bore diameter", "19.990", "20.000"),
            ("Outside diameter", "46.989", "47.000"),
            ("Width", "13.880", "14.000"),
            ("Corner radius", "1.0", "1.5"),
        )
    ):
        page.text(50, 677 - 11 * at, name, size=9)
        page.right(325, 677 - 11 * at, low, size=9).right(395, 677 - 11 * at, high, size=9)
        states.append((name, f"{low}//{high}", "mm", 1))
    return Sheet((page,), tuple(states), (), "Bearing 6204-2RS", "6204-2RS")


def beside() -> Sheet:
    """A table of pairs beside a column of text; two-line names with their figures between the lines below."""
    page = _title(PaperPage(), "LED Spot LS-7")
    prose = (
        "The LS-7 is a lamp for shops and",
        "offices. It was tested for 30000 h",
        "and saves 80 % of energy compared",
    )
    for at, line in enumerate(prose):
        page.text(50, 700 - 12 * at, line, size=9)
    rows = [("Power", "7 W"), ("Luminous flux", "560 lm"), ("Colour temperature", "3000 K"), ("Lifetime", "25000 h")]
    _table(page, 700, (310, 440), [*rows, ("Base", "GU10")], step=12)
    page.row(560, (60, "Parameter"), (260, "Min"), (310, "Typ"), (360, "Max"), (410, "Unit"), size=9)
    page.text(60, 535, "Supply voltage of the", size=9).text(60, 524, "power stage", size=9)
    page.row(529.5, (260, "190"), (310, "230"), (360, "250"), (410, "V"), size=9)
    page.text(60, 500, "Frequency", size=9).row(500, (260, "47"), (360, "63"), (410, "Hz"), size=9)
    states = (
        ("Power", "7", "W", 1),
        ("Luminous flux", "560", "lm", 1),
        ("Lifetime", "25000", "h", 1),
        ("Base", "GU10", "", 1),
        ("Supply voltage of the power stage", "190/230/250", "V", 1),
        ("Frequency", "47//63", "Hz", 1),
    )
    return Sheet((page,), states, ("30000", "80"), "LED Spot LS-7", "LS-7")


def categories() -> Sheet:
    """Three columns of which the first holds for several rows."""
    page = _title(PaperPage(), "Radio Module WX02-A", "Copyright 2022 Funkwerk Ltd.")
    rows = [
        ("Categories", "Items", "Specifications"),
        ("Wi-Fi", "Protocols", "802.11 b/g/n (up to 150 Mbps)"),
        ("", "Frequency range", "2412 ~ 2484 MHz"),
        ("Hardware", "Operating voltage", "3.0 V ~ 3.6 V"),
        ("", "Antenna", "PCB"),
    ]
    _table(page, 700, (60, 160, 320), rows, step=18)
    states = (
        ("Frequency range", "2412~2484", "MHz", 1),
        ("Operating voltage", "3.0~3.6", "V", 1),
        ("Antenna", "PCB", "", 1),
    )
    return Sheet((page,), states, (), "Radio Module WX02-A", "WX02-A", "Funkwerk")


MADE = (
    german,
    regulator,
    pairs,
    bullets,
    abreast,
    french,
    pages,
    variants,
    notes,
    boxes,
    contents,
    tight,
    beside,
    categories,
)
