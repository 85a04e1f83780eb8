"""What the sandbox manufacturer makes, and what is true of each product. The same on every call for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from random import Random

from deployments.sandbox.catalogue import check_digit, items

BRAND = "Nordlicht"
CATEGORIES = ("Leuchten", "Wasserkocher", "Gartengeräte", "Textilien", "Rucksäcke", "Kochgeschirr")
_WORDS = {
    "Leuchten": ("lantern", "lamp", "candle", "clock"),
    "Wasserkocher": ("kettle", "thermos", "stove", "mug"),
    "Gartengeräte": ("shears", "pot", "knife", "mat"),
    "Textilien": ("blanket", "towel", "shirt", "hoodie", "cap", "jacket", "trousers", "cape", "umbrella"),
    "Rucksäcke": ("backpack",),
    "Kochgeschirr": ("board", "pan", "ring"),
}
_MADE = {
    "Leuchten": ("Stehleuchte", "floor lamp"),
    "Wasserkocher": ("Wasserkocher", "kettle"),
    "Gartengeräte": ("Gartenschere", "garden shears"),
    "Textilien": ("Wolldecke", "wool blanket"),
    "Rucksäcke": ("Rucksack", "backpack"),
    "Kochgeschirr": ("Bratpfanne", "frying pan"),
}
_COLOURS = (("schwarz", "black"), ("weiß", "white"), ("rot", "red"), ("blau", "blue"), ("natur", "natural"))
_SERIES = ("Alster", "Bille", "Elbe", "Förde", "Hallig", "Schlei", "Trave", "Wakenitz")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its names, its value in the maker's unit; a value in words has one for each language."""

    name: str
    english: str
    value: str
    unit: str = ""
    english_value: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """One product as it really is. ``weight`` is in kg; ``size`` is width, height and depth in mm."""

    number: int
    mpn: str
    gtin: str
    name: str
    english_name: str
    category: str
    price: Decimal
    weight: Decimal
    size: tuple[int, int, int]
    features: tuple[Feature, ...] = field(default=())
    sku: str = ""
    revision: int = 0

    @property
    def text(self) -> str:
        """Return the describing text in German."""
        return (
            f"{self.name} von {BRAND}: {self.category} aus eigener Fertigung in Flensburg. "
            f"Gewicht {german(self.weight)} kg, geprüft und mit zwei Jahren Garantie."
        )

    @property
    def english_text(self) -> str:
        """Return the describing text in English."""
        return f"{self.english_name} by {BRAND}, made in Flensburg, weighs {self.weight} kg, two years' guarantee."

    def all_features(self) -> Iterator[Feature]:
        """Yield every feature, weight and size included."""
        yield Feature("Gewicht", "Weight", str(self.weight), "kg")
        for (name, english), value in zip((("Breite", "Width"), ("Höhe", "Height"), ("Tiefe", "Depth")), self.size,
                                          strict=True):  # fmt: skip
            yield Feature(name, english, str(value), "mm")
        yield from self.features


def german(value: Decimal | str) -> str:
    """Return a number as printed in German."""
    return str(value).replace(".", ",")


def products(count: int, seed: int = 1) -> "Range":
    """Return the products from the first: those that the sandbox shop sells, then as many more as are asked for."""
    return Range(count, seed)


class Range:
    """The products of one seed; each is made when it is asked for, so that any number costs nothing."""

    def __init__(self, count: int, seed: int) -> None:
        """Make none yet."""
        self.count, self.seed = count, seed
        sold = [item for item in items() if item.gtin]
        self._sold = sold[:count]

    def __len__(self) -> int:
        """Return how many there are."""
        return self.count

    def __iter__(self) -> Iterator[Truth]:
        """Yield every product in order."""
        return (self[number] for number in range(self.count))

    def __getitem__(self, number: int) -> Truth:
        """Return the product with this number, from 0."""
        if not 0 <= number < self.count:
            raise IndexError(number)
        return _made(number, self.seed)

    def find(self, mpn: str) -> Truth | None:
        """Return the product with this part number."""
        digits = mpn.removeprefix("NL-")
        number = int(digits) - 100_000 if digits.isascii() and digits.isdigit() and len(digits) < 9 else -1
        return self[number] if 0 <= number < self.count else None

    def by_gtin(self, gtin: str) -> Truth | None:
        """Return the product with this GTIN."""
        if gtin.startswith("4099998") and len(gtin) == 13:
            number = int(gtin[7:12]) + len(_sold())
            found = self[number] if number < self.count else None
            return found if found is not None and found.gtin == gtin else None
        place = _sold_gtins().get(gtin)
        return self[place] if place is not None and place < self.count else None


@lru_cache(maxsize=1)
def _sold() -> tuple[tuple[str, str, str, Decimal, Decimal], ...]:
    return tuple((item.sku, item.name, item.gtin, item.price, item.weight) for item in items() if item.gtin)


@lru_cache(maxsize=1)
def _sold_gtins() -> dict[str, int]:
    return {sold[2]: place for place, sold in enumerate(_sold())}


@lru_cache(maxsize=4096)
def _made(number: int, seed: int) -> Truth:
    random = Random(seed * 1_000_003 + number)
    sold = _sold()[number] if number < len(_sold()) else None
    size = (random.randrange(40, 900), random.randrange(20, 1200), random.randrange(20, 600))
    mpn = f"NL-{100_000 + number}"
    if sold is not None:
        sku, name, gtin, price, weight = sold
        category = _category(name)
        return Truth(number, mpn, gtin, name, name, category, round(price * Decimal("0.55"), 2), weight, size,
                     _features(category, random), sku)  # fmt: skip
    stem = f"4099998{number - len(_sold()):05d}"
    category = CATEGORIES[random.randrange(len(CATEGORIES))]
    series, (german_name, english) = random.choice(_SERIES), _MADE[category]
    return Truth(
        number, mpn, stem + check_digit(stem), f"{german_name} {series} {number}", f"{series} {english} {number}",
        category, Decimal(random.randrange(590, 19900, 5)) / 100, Decimal(random.randrange(5, 900)) / 100, size,
        _features(category, random),
    )  # fmt: skip


def _category(name: str) -> str:
    lower = name.lower()
    return next((category for category, words in _WORDS.items() if any(word in lower for word in words)), "Leuchten")


def _features(category: str, random: Random) -> tuple[Feature, ...]:
    """Return the features of a product's category."""
    colour, english = random.choice(_COLOURS)
    found = [Feature("Farbe", "Colour", colour, english_value=english)]
    if category == "Leuchten":
        found += [
            Feature("Leistung", "Power", str(random.choice((4, 7, 9, 12, 40))), "W"),
            Feature("Lichtstrom", "Luminous flux", str(random.randrange(200, 1600, 10)), "lm"),
            Feature("Fassung", "Socket", random.choice(("E14", "E27", "GU10"))),
            Feature("Nennspannung", "Rated voltage", "230", "V"),
        ]
    elif category == "Wasserkocher":
        found += [
            Feature("Fassungsvermögen", "Capacity", str(Decimal(random.randrange(3, 25)) / 10), "l"),
            Feature("Leistung", "Power", str(random.choice((800, 1500, 2200, 3000))), "W"),
            Feature("Nennspannung", "Rated voltage", "230", "V"),
        ]
    elif category == "Gartengeräte":
        found += [
            Feature("Klingenlänge", "Blade length", str(random.randrange(40, 260, 5)), "mm"),
            Feature("Werkstoff", "Material", "Edelstahl", english_value="stainless steel"),
        ]
    elif category == "Textilien":
        found += [
            Feature("Flächengewicht", "Grammage", str(random.randrange(120, 480, 10)), "g/m²"),
            Feature("Material", "Fabric", "100 % Wolle", english_value="100 % wool"),
        ]
    elif category == "Rucksäcke":
        found += [
            Feature("Volumen", "Volume", str(random.randrange(12, 75)), "l"),
            Feature("Wasserdicht", "Waterproof", random.choice(("ja", "nein"))),
        ]
    else:
        found += [
            Feature("Durchmesser", "Diameter", str(random.randrange(14, 36, 2)), "cm"),
            Feature("Induktionsgeeignet", "Induction", random.choice(("ja", "nein"))),
        ]
    return tuple(found)
