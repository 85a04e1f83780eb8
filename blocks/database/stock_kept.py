"""What is kept for orders that goods move for, and how shipments, undone ones and closed sales use it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database.stock import Taking
from blocks.documents.stock import MovementKind

if TYPE_CHECKING:
    from blocks.database.engine import Connection

NONE = Decimal(0)
SHIPPED, UNDONE = "shipped", "shipment undone"
"""Reasons of reservations taken up by shipments, and put back when one was undone."""
GOING_OUT = (MovementKind.SHIPMENT.value, MovementKind.SALE.value, MovementKind.VOID.value)
"""Movements that take up reservations, or, where they are undone, put them back."""
_HELD = """
SELECT order_id, warehouse, sku, sum(quantity) AS held,
  coalesce(-sum(quantity) FILTER (WHERE reason = ANY(%s)), 0) AS shipped
FROM reservation WHERE order_id = ANY(%s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

Place = tuple[str, str]
"""A warehouse and an article."""
Out = Mapping[int, Mapping[Place, Decimal]]
"""Pieces that went out, by order and place; negative where more was undone than went out."""


@dataclass(frozen=True, slots=True)
class OrderOf:
    """The order a sale belongs to, and which of its parts the sale is."""

    id: int
    part: int


@dataclass(slots=True)
class Used:
    """What shipments take up, what undone ones put back, and which back-orders they serve (pieces by row id)."""

    taken: list[Taking] = field(default_factory=list)
    undone: list[Taking] = field(default_factory=list)
    served: dict[int, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Kept:
    """What is kept for locked orders, as it goes down.

    Attributes:
        held: Reserved pieces by order and place.
        shipped: Pieces that shipments took up, by order and place.
        waiting: Open back-orders by order: ``id, warehouse, sku, quantity``.
        parts: The warehouse of each part of each order.
        accepted: Orders that still are to be served.
    """

    held: dict[int, dict[Place, Decimal]] = field(default_factory=dict)
    shipped: dict[int, dict[Place, Decimal]] = field(default_factory=dict)
    waiting: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    parts: dict[int, dict[int, str]] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()

    def ship(self, connection: "Connection", out: Out) -> Used:
        """Take up what goes out, from where it is reserved, then from elsewhere, then from what is waited for."""
        used = Used()
        for order_id, places in out.items():
            for place, count in places.items():
                if count > 0:
                    self._ship(used, order_id, place, count)
        back = {
            (order_id, place): -count
            for order_id, places in out.items()
            if order_id in self.accepted
            for place, count in places.items()
            if count < 0
        }
        if back:
            self._undo(connection, used, back)
        return used

    def _ship(self, used: Used, order_id: int, place: Place, count: Decimal) -> None:
        warehouse, sku = place
        held = self.held.get(order_id, {})
        elsewhere = sorted(other for other in held if other[1] == sku and other != place)
        for here in [place, *elsewhere]:
            taken = min(count, max(held.get(here, NONE), NONE))
            if taken:
                held[here] -= taken
                used.taken.append(Taking(order_id, sku, here[0], -taken))
                count -= taken
        own = [row for row in self.waiting.get(order_id, ()) if row["sku"] == sku]
        for row in sorted(own, key=lambda row: (row["warehouse"] != warehouse, row["id"])):
            before = used.served.get(row["id"], NONE)
            served = min(count, row["quantity"] - before)
            if served > 0:
                used.served[row["id"]] = before + served
                count -= served

    def _undo(self, connection: "Connection", used: Used, back: Mapping[tuple[int, Place], Decimal]) -> None:
        """Reserve again what a shipment took up that was undone, as far as it is there."""
        skus = sorted({sku for _, (_, sku) in back})
        rows = connection.execute(
            "SELECT warehouse, sku, on_hand - reserved AS free FROM stock WHERE sku = ANY(%s)", (skus,)
        )
        free: dict[Place, Decimal] = {(row["warehouse"], row["sku"]): row["free"] for row in rows}
        for (order_id, place), count in back.items():
            again = min(count, self.shipped.get(order_id, {}).get(place, NONE), free.get(place, NONE))
            if again > 0:
                free[place] -= again
                held = self.held.setdefault(order_id, {})
                held[place] = held.get(place, NONE) + again
                used.undone.append(Taking(order_id, place[1], place[0], again))

    def close(self, order: OrderOf) -> list[Taking]:
        """Give back what is left reserved for a sale: the whole order's, or its part's where it ships in parts."""
        given = []
        held = self.held.get(order.id, {})
        for (warehouse, sku), count in held.items():
            if count > 0 and self._belongs(order, warehouse):
                given.append(Taking(order.id, sku, warehouse, -count))
                held[warehouse, sku] = NONE
        return given

    def waiting_for(self, order: OrderOf) -> list[int]:
        """Return the ids of the back-orders that nobody waits for once the sale is closed."""
        return [row["id"] for row in self.waiting.get(order.id, ()) if self._belongs(order, row["warehouse"])]

    def _belongs(self, order: OrderOf, warehouse: str) -> bool:
        parts = self.parts.get(order.id, {})
        return len(parts) <= 1 or parts.get(order.part) == warehouse or warehouse not in parts.values()


def read_kept(connection: "Connection", order_ids: Sequence[int]) -> Kept:
    """Read what is kept for these orders; they are locked, so it stands."""
    ids, kept = list(order_ids), Kept()
    for row in connection.execute(_HELD, ([SHIPPED, UNDONE], ids)):
        place = (row["warehouse"], row["sku"])
        kept.held.setdefault(row["order_id"], {})[place] = row["held"]
        kept.shipped.setdefault(row["order_id"], {})[place] = row["shipped"]
    for row in connection.execute(
        "SELECT id, order_id, warehouse, sku, quantity FROM backorder WHERE order_id = ANY(%s)"
        " AND served_at IS NULL ORDER BY id",
        (ids,),
    ):
        kept.waiting.setdefault(row["order_id"], []).append(row)
    for row in connection.execute("SELECT order_id, part, warehouse FROM order_part WHERE order_id = ANY(%s)", (ids,)):
        kept.parts.setdefault(row["order_id"], {})[row["part"]] = row["warehouse"]
    rows = connection.execute("SELECT id FROM sales_order WHERE id = ANY(%s) AND status = 'accepted'", (ids,))
    kept.accepted = frozenset(row["id"] for row in rows)
    return kept


def net_out(events: Sequence[Mapping[str, Any]]) -> dict[int, dict[Place, Decimal]]:
    """Return the pieces that events ``order_id, kind, warehouse, sku, quantity`` sent out, undone ones taken off."""
    out: dict[int, dict[Place, Decimal]] = {}
    for event in events:
        if event["kind"] in GOING_OUT:
            places, place = out.setdefault(event["order_id"], {}), (event["warehouse"], event["sku"])
            places[place] = places.get(place, NONE) - event["quantity"]
    return out
