"""Where stock lies in Tryton: which warehouse and storage location a location belongs to, and what stands beyond it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from blocks.documents.stock import StockLevel
from blocks.errors import Unreadable
from blocks.systems.erps.tryton_rpc import TrytonRpc, rows

_FIELDS = ("code", "name", "type", "parent")
_ANY = ["active", "in", [True, False]]


@dataclass(frozen=True, slots=True)
class Spot:
    """A storage location: stock is counted here."""

    warehouse: str
    location: str


@dataclass(slots=True)
class Places:
    """The locations of one Tryton as far as they were asked for; a warehouse with 10,000 bins is never read whole.

    Only what lies beneath a warehouse's storage zone is stock: goods in its input or output zone are about to come
    or gone already.
    """

    tryton: TrytonRpc
    zones: dict[int, str] = field(init=False)
    """Warehouse by its storage zone."""
    doors: dict[int, str] = field(init=False)
    """Warehouse by the location its goods come in at; no storage zone is among them."""
    _known: dict[int, dict[str, Any]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Read the warehouses, which are few."""
        names = ["code", "name", "storage_location", "input_location"]
        houses = self.tryton.search_read("stock.location", [["type", "=", "warehouse"]], names)
        self.zones = {house["storage_location"]: named(house) for house in houses}
        doors = {house["input_location"]: named(house) for house in houses}
        self.doors = {place: name for place, name in doors.items() if place not in self.zones}

    def learn(self, numbers: Iterable[int]) -> None:
        """Read these locations and all they lie in, a level at a time."""
        wanted = {number for number in numbers if number not in self._known}
        while wanted:
            read = list(rows(self.tryton, "stock.location", wanted, _FIELDS, also=[_ANY]))
            self._known |= {place["id"]: place for place in read}
            wanted = {p["parent"] for p in read if p["parent"] is not None and p["parent"] not in self._known}

    def spot(self, number: int) -> Spot | None:
        """Return the storage location behind an id; None when what lies there is no stock."""
        zone = _upwards(number, self._known, self.zones)
        return None if zone is None else Spot(self.zones[zone], named(self._known[number]))

    def door(self, number: int) -> str | None:
        """Return the warehouse at whose input a location lies."""
        zone = _upwards(number, self._known, self.doors)
        return None if zone is None else self.doors[zone]

    def kind(self, number: int) -> str:
        """Return Tryton's word for a location's type, e.g. 'supplier'; empty when it was deleted."""
        return str(self._known[number]["type"]) if number in self._known else ""


def named(place: Mapping[str, Any]) -> str:
    """Return what people call a location: its code, or its name."""
    return str(place["code"] or place["name"])


def storage_locations(tryton: TrytonRpc) -> list[tuple[int, str, str]]:
    """Return id, warehouse code and own code of every storage location beneath a warehouse's storage zone."""
    houses = tryton.search_read("stock.location", [["type", "=", "warehouse"]], ["code", "name", "storage_location"])
    warehouse_of = {house["storage_location"]: named(house) for house in houses}
    domain = [["type", "=", "storage"], ["parent", "child_of", sorted(warehouse_of)]]
    places = [p for page in tryton.read_all("stock.location", domain, ["code", "name", "parent"]) for p in page]
    parents = {place["id"]: place["parent"] for place in places}
    return [(p["id"], warehouse_of[zone_of(p["id"], parents, warehouse_of)], named(p)) for p in places]


def zone_of(location: int, parents: Mapping[int, int], zones: Mapping[int, str]) -> int:
    """Return the storage zone a location lies in, or is."""
    while location not in zones:
        location = parents[location]
    return location


def to_stock_level(record: Mapping[str, Any], warehouse: str, location: str) -> StockLevel:
    """Translate one product record read with the stock of one location.

    Raises:
        Unreadable: Its quantity is none that anybody can have.
    """
    try:
        return StockLevel(
            sku=record["code"],
            warehouse=warehouse,
            location=location,
            on_hand=Decimal(str(record["quantity"])),
            forecast=Decimal(str(record["forecast_quantity"])),
        )
    except (ArithmeticError, ValueError) as error:
        text = (
            f"The stock of '{record['code']}' at {warehouse} {location} is no number of pieces: correct it in Tryton."
        )
        raise Unreadable(text) from error


def _upwards(number: int | None, known: Mapping[int, Mapping[str, Any]], zones: Mapping[int, str]) -> int | None:
    while number is not None and number not in zones:
        number = known[number]["parent"] if number in known else None
    return number
