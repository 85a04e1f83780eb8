"""What the sandbox merchant sells: one range of articles that the shop and the ERP are both filled from."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import product
from random import Random

WAREHOUSES = {"BER": ("BER-A", "BER-B"), "HAM": ("HAM-A",)}
"""Warehouse codes with their storage locations, in the order in which the merchant ships from them."""

STANDARD, REDUCED, ZERO = Decimal(19), Decimal(7), Decimal(0)


@dataclass(frozen=True, slots=True)
class Item:
    """One sellable article. ``price`` is gross in EUR; ``stock`` maps storage location to pieces."""

    sku: str
    name: str
    price: Decimal
    tax_rate: Decimal = STANDARD
    weight: Decimal = Decimal("0.5")
    gtin: str = ""
    parent: str = ""
    options: tuple[tuple[str, str], ...] = ()
    components: tuple[tuple[str, int], ...] = ()
    managed: bool = True
    stock: dict[str, int] = field(default_factory=dict)

    @property
    def on_hand(self) -> int:
        """Return the pieces in all locations together."""
        return sum(self.stock.values())


_NOUNS = (
    "Lantern", "Tea kettle", "Oak board", "Wool blanket", "Garden shears", "Enamel mug", "Desk lamp", "Wall clock",
    "Backpack", "Bread knife", "Linen towel", "Candle holder", "Door mat", "Plant pot", "Cast-iron pan", "Thermos",
    "Pocket knife", "Rain cape", "Camping stove", "Umbrella",
)  # fmt: skip
_BOOKS = ("Baltic Coasts", "Bread at Home", "Birds of the Elbe", "Knots and Ropes", "The Herb Garden", "Night Skies")
_WEARABLES = ("T-shirt", "Hoodie", "Wool cap", "Rain jacket", "Trousers", "Signet ring")


def check_digit(digits: str) -> str:
    """Return the GS1 check digit for the first 12 digits of a GTIN-13 (GS1 General Specifications 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)


def _gtin(number: int) -> str:
    stem = f"4099999{number:05d}"
    return stem + check_digit(stem)


def _spread(random: Random, pieces: int) -> dict[str, int]:
    berlin, back = int(pieces * 0.6), int(pieces * 0.15)
    if random.random() < 0.2:  # some articles lie in Hamburg alone
        return {"BER-A": 0, "BER-B": 0, "HAM-A": pieces}
    return {"BER-A": berlin, "BER-B": back, "HAM-A": pieces - berlin - back}


@cache
def items() -> tuple[Item, ...]:
    """Return the whole range, the same on every call: simple articles, books, variants, bundles and services."""
    random = Random(4711)
    found: list[Item] = []
    for number, (series, noun) in enumerate(product(("Nord", "Sued"), _NOUNS)):
        scarce = number % 13 == 5
        found.append(
            Item(
                sku=f"HOME-{number + 1:03d}",
                name=f"{noun} {series}",
                price=Decimal(random.randrange(790, 18900, 5)) / 100,
                weight=Decimal(random.randrange(10, 400)) / 100,
                gtin=_gtin(number),
                stock=_spread(random, 3 if scarce else random.randrange(4000, 9000)),
            )
        )
    for number, title in enumerate(_BOOKS):
        price = Decimal(random.randrange(990, 4990, 10)) / 100
        stock = _spread(random, random.randrange(3000, 6000))
        found.append(Item(f"BOOK-{number + 1:02d}", title, price, REDUCED, gtin=_gtin(500 + number), stock=stock))
    for number, noun in enumerate(_WEARABLES):
        parent, price = f"WEAR-{number + 1:02d}", Decimal(random.randrange(1490, 9990, 10)) / 100
        for place, (colour, size) in enumerate(product(("Red", "Blue"), ("S", "M", "L"))):
            found.append(
                Item(
                    sku=f"{parent}-{colour[:3].upper()}-{size}",
                    name=noun,
                    price=price + (5 if size == "L" else 0),
                    gtin=_gtin(700 + number * 10 + place),
                    parent=parent,
                    options=(("Colour", colour), ("Size", size)),
                    stock=_spread(random, 2 if place == 5 else random.randrange(3000, 6000)),
                )
            )
    simple = [item for item in found if not item.parent and item.on_hand > 100 and item.tax_rate == STANDARD]
    for number in range(4):
        first, second = simple[number * 3], simple[number * 3 + 1]
        price = (first.price + 2 * second.price) * Decimal("0.9")
        parts = ((first.sku, 1), (second.sku, 2))
        found.append(
            Item(f"SET-{number + 1:02d}", f"Set {number + 1}", round(price, 1), components=parts, managed=False)
        )
    found.append(Item("GIFT-WRAP", "Gift wrapping", Decimal("3.90"), managed=False, weight=Decimal(0)))
    found.append(Item("ENGRAVING", "Engraving", Decimal("14.50"), managed=False, weight=Decimal(0)))
    return tuple(found)
