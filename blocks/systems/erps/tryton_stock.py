"""What moved stock in Tryton: done moves in and out of the storage zones, each told once, in the words of the house.

Tryton keeps stock as moves between locations. One that crosses the border of a warehouse's storage zone changes what
that warehouse can sell; picking and putting away cross it, what happens between a customer and the doors does not.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from blocks.documents.stock import MovementKind, StockMovement
from blocks.systems.erps.tryton_marks import Mark, Stream, marks_of
from blocks.systems.erps.tryton_papers import Papers, papers_of
from blocks.systems.erps.tryton_places import Places, Spot
from blocks.systems.erps.tryton_rpc import TrytonRpc
from blocks.systems.stock import Movements

_WAS_DONE = ["OR", ["state", "=", "done"], [["state", "=", "cancelled"], ["effective_date", "!=", None]]]

MOVES = Stream(
    "stock.move",
    [_WAS_DONE, ["product.type", "=", "goods"], ["product.code", "!=", None]],
    [
        *("state", "effective_date", "product.code", "internal_quantity"),
        *("from_location", "to_location", "shipment", "origin"),
    ],
    # A done move that is cancelled later is heard a second time.
    key=lambda move: int(move["id"]) if move["state"] == "done" else -int(move["id"]),
)
_NOTHING_LEFT = [
    "OR",
    ["state", "in", ["done", "cancelled"]],
    [["state", "=", "processing"], ["shipment_state", "=", "sent"]],
    # A sale that ships on order has its moves once it is processed: none means that all of them were given up.
    [["state", "=", "processing"], ["shipment_state", "=", "none"], ["shipment_method", "=", "order"]],
]
CLOSED = Stream("sale.sale", [["reference", "!=", None], _NOTHING_LEFT], ["reference"])

_BY_SHIPMENT = {
    "stock.shipment.out": MovementKind.SHIPMENT,
    "stock.shipment.out.return": MovementKind.RETURN,
    "stock.shipment.in": MovementKind.RECEIPT,
    "stock.shipment.in.return": MovementKind.RECEIPT,
    "stock.shipment.internal": MovementKind.TRANSFER,
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """When Tryton was first listened to; what was done before is in the levels read as a whole."""

    day: date
    newest_move: int

    def is_before(self, move: Mapping[str, Any]) -> bool:
        """Tell whether a move was done earlier, and only written once more, as when cost prices are recomputed."""
        return bool(move["id"] <= self.newest_move and move["effective_date"] and move["effective_date"] < self.day)


def movements(tryton: TrytonRpc, position: str) -> Iterator[Movements]:
    """Yield what happened after a position, oldest first; from now on when it is empty.

    Sales come last and are looked up first: whatever was shipped of a sale is told before the sale is closed.
    """
    if not position:
        yield Movements((), (), _begin(tryton))
        return
    marks, kept = marks_of(position, ("moves", "sales"))
    beginning = Beginning(date.fromisoformat(kept["day"]), int(kept["newest_move"]))
    sales_before = marks["sales"].plain()
    closed = [sale["reference"] for page in CLOSED.go_on(tryton, marks["sales"]) for sale in page]
    reader = Reader(tryton, beginning)
    for page in MOVES.go_on(tryton, marks["moves"]):
        yield Movements(reader.read(page), (), _kept(marks["moves"], sales_before, beginning))
    yield Movements((), tuple(closed), _kept(marks["moves"], marks["sales"].plain(), beginning))


def _begin(tryton: TrytonRpc) -> str:
    sales, moves = CLOSED.begin(tryton), MOVES.begin(tryton)
    newest = tryton.model("stock.move", "search", [], 0, 1, [["id", "DESC"]])
    # Tryton's days are the company's, whose zone may lie a day behind.
    day = (moves.at if moves.seen else datetime.now(UTC)).date() - timedelta(days=1)
    return _kept(moves, sales.plain(), Beginning(day, newest[0] if newest else 0))


def _kept(moves: Mark, sales: Mapping[str, Any], beginning: Beginning) -> str:
    found = {"moves": moves.plain(), "sales": sales}
    return json.dumps({**found, "day": beginning.day.isoformat(), "newest_move": beginning.newest_move})


@dataclass(slots=True)
class Reader:
    """Reads pages of moves with all that they stand on: places, documents, sales."""

    tryton: TrytonRpc
    beginning: Beginning
    places: Places | None = field(default=None, init=False)

    def read(self, heard: Sequence[Mapping[str, Any]]) -> tuple[StockMovement, ...]:
        """Return what a page of moves did to stock, in its order."""
        self.places = self.places or Places(self.tryton)
        self.places.learn(place for move in heard for place in (move["from_location"], move["to_location"]))
        crossing = [move for move in heard if _crosses(move, self.places)]
        papers = papers_of(self.tryton, crossing)
        return tuple(
            told for move in crossing for told in to_movements(move, self.places, papers, beginning=self.beginning)
        )


def _crosses(move: Mapping[str, Any], places: Places) -> bool:
    """Tell whether a move changes the stock of a warehouse: from shelf to shelf of one it does not."""
    before, after = places.spot(move["from_location"]), places.spot(move["to_location"])
    return (before and before.warehouse) != (after and after.warehouse) and bool(move["internal_quantity"])


def to_movements(
    move: Mapping[str, Any], places: Places, papers: Papers, *, beginning: Beginning
) -> Iterator[StockMovement]:
    """Yield what one move did: out of one storage zone, into another, and both once more when it was cancelled."""
    ends = (
        ("out", places.spot(move["from_location"]), places.kind(move["to_location"])),
        ("in", places.spot(move["to_location"]), places.kind(move["from_location"])),
    )
    for way, spot, beyond in ends:
        if spot is None:
            continue
        done = _movement(move, way, spot, papers, kind=kind_of(move, way, beyond))
        if not beginning.is_before(move):
            yield done
        if move["state"] == "cancelled":
            undone = {"event_id": f"{done.event_id}/undone", "kind": MovementKind.VOID, "quantity": -done.quantity}
            yield done.model_copy(update=undone)


def kind_of(move: Mapping[str, Any], way: str, beyond: str) -> MovementKind:
    """Return what a move was, by what lies at its other end and the document it stands on."""
    by_place = {
        "supplier": MovementKind.RECEIPT,
        "customer": MovementKind.SHIPMENT if way == "out" else MovementKind.RETURN,
        "lost_found": MovementKind.ADJUSTMENT,
        "production": MovementKind.ADJUSTMENT,
    }
    model, _, _ = (move["shipment"] or "").partition(",")
    return by_place.get(beyond) or _BY_SHIPMENT.get(model, MovementKind.TRANSFER)


def _movement(move: Mapping[str, Any], way: str, spot: Spot, papers: Papers, *, kind: MovementKind) -> StockMovement:
    pieces = Decimal(str(move["internal_quantity"]))
    document = papers.documents.get(move["id"])
    return StockMovement(
        event_id=f"move/{move['id']}/{way}",
        kind=kind,
        sku=move["product."]["code"] or "",
        warehouse=spot.warehouse,
        location=spot.location,
        quantity=-pieces if way == "out" else pieces,
        happened_at=move["write_date"],
        document=document or f"move {move['id']}",
        sale=papers.sales.get(move["id"], ""),
    )
