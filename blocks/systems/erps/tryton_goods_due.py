"""What is on its way to Tryton's warehouses, each piece once: from the wish to buy it to the shelf it is put on.

What is ordered or sent has a day; what is only asked for or drafted has none, for nobody may be promised it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from blocks.documents.stock import GoodsDue
from blocks.errors import Refused
from blocks.systems.erps.tryton_papers import numbered, origins
from blocks.systems.erps.tryton_places import Places, named
from blocks.systems.erps.tryton_rpc import PAGE, RefusedByTryton, TrytonRpc, by_model, rows

_MOVE_FIELDS = (
    "product.code", "internal_quantity", "from_location", "to_location", "shipment", "origin", "planned_date",
)  # fmt: skip
_GOODS = (["product.type", "=", "goods"], ["product.code", "!=", None])
_UNITS = ("quantity", "unit.factor", "product.code", "product.default_uom.factor")
_STEP = Decimal("0.0001")

_COMING = {
    "stock.shipment.in": {"draft"},
    "stock.shipment.internal": {"waiting", "assigned", "packed", "shipped"},
}
"""By document: the states in which what it brings is under way to the warehouse."""
_AT_THE_DOOR = {"stock.shipment.in": {"received"}, "stock.shipment.out.return": {"received"}}
"""By document: the states in which what it brought waits to be put on the shelf."""

_WITHOUT_REQUEST = ["draft", "waiting", "approved"]


@dataclass(frozen=True, slots=True)
class _Due:
    """One piece of what is due, before equal ones are added up."""

    document: str
    warehouse: str
    sku: str
    quantity: Decimal
    due_on: date | None


def goods_due(tryton: TrytonRpc) -> Iterator[tuple[GoodsDue, ...]]:
    """Yield what is on its way, in pages; what one document brings on several days is told for each of them.

    Raises:
        Refused: Tryton does not let the user see it; the text names the groups that do.
    """
    try:
        due = _added_up(tryton)
    except RefusedByTryton as error:
        raise Refused(
            f"Tryton does not tell what is on its way: {str(error).rstrip('. ')}. Give the user of this connection the"
            " groups Stock and Purchase, and Purchase Request where that module is active."
        ) from None
    found = [line for key, days in sorted(due.items()) for line in _lines(key, days)]
    for start in range(0, len(found), PAGE):
        yield tuple(found[start : start + PAGE])


def _added_up(tryton: TrytonRpc) -> dict[tuple[str, str, str], dict[date | None, Decimal]]:
    """Return what is due by document, warehouse and article, and then by day."""
    asked = tryton.search_read("ir.model", [["name", "in", list(_BUYING)]], ["name"])
    sources = [_moving(tryton), *(_BUYING[row["name"]](tryton) for row in asked)]
    due: dict[tuple[str, str, str], dict[date | None, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for source in sources:
        for one in source:
            due[one.document, one.warehouse, one.sku][one.due_on] += one.quantity
    return due


def _lines(key: tuple[str, str, str], days: Mapping[date | None, Decimal]) -> Iterator[GoodsDue]:
    document, warehouse, sku = key
    for place, (day, quantity) in enumerate(sorted(days.items(), key=lambda item: item[0] or date.max)):
        # The same document brings the rest on another day: what is kept of it has to be told apart.
        name = f"{document} on {day or 'a later day'}" if place else document
        if quantity > 0:
            yield GoodsDue(document=name, warehouse=warehouse, sku=sku, quantity=quantity, due_on=day)


def _moving(tryton: TrytonRpc) -> Iterator[_Due]:
    """Yield what open moves bring: from suppliers, from other warehouses, from the door to the shelf."""
    places = Places(tryton)
    inside = sorted({*places.zones, *places.doors})
    if not inside:
        return
    domain = [["state", "in", ["draft", "assigned"]], *_GOODS, ["to_location", "child_of", inside, "parent"]]
    for page in tryton.read_all("stock.move", domain, _MOVE_FIELDS):
        places.learn(place for move in page for place in (move["from_location"], move["to_location"]))
        states, names = _shipments(tryton, page)
        origin_of = origins(tryton, page)
        bought = _purchases(tryton, origin_of)
        for move in page:
            warehouse = _comes_to(move, places, states)
            if warehouse:
                name = bought.get(origin_of[move["id"]]) or names.get(move["shipment"] or "") or f"move {move['id']}"
                pieces = Decimal(str(move["internal_quantity"]))
                yield _Due(name, warehouse, move["product."]["code"], pieces, move["planned_date"])


def _comes_to(move: Mapping[str, Any], places: Places, states: Mapping[str, str]) -> str:
    """Return the warehouse an open move brings something to; empty when it brings nothing, or nothing yet."""
    shelf = places.spot(move["to_location"])
    warehouse = shelf.warehouse if shelf else places.door(move["to_location"])
    start = places.spot(move["from_location"])
    if warehouse is None or (start and start.warehouse == warehouse):
        return ""
    model, _, _ = (move["shipment"] or "").partition(",")
    state = states.get(move["shipment"] or "")
    at_the_door = places.door(move["from_location"]) == warehouse
    if at_the_door:
        return warehouse if shelf and (state is None or state in _AT_THE_DOOR.get(model, ())) else ""
    if places.kind(move["from_location"]) not in {"supplier", "storage", "production"}:
        return ""
    return warehouse if state is None or state in _COMING.get(model, ()) else ""


def _shipments(tryton: TrytonRpc, moves: list[dict[str, Any]]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the states and the names of the documents of moves, by Tryton's reference."""
    states, names = {}, {}
    for model, numbers in by_model(move["shipment"] for move in moves).items():
        for row in rows(tryton, model, numbers, ["state", "number"]):
            states[f"{model},{row['id']}"], names[f"{model},{row['id']}"] = row["state"], numbered(model, row)
    return states, names


def _purchases(tryton: TrytonRpc, origin_of: Mapping[int, str]) -> dict[str, str]:
    """Return the name of the purchase behind each origin that is a line of one."""
    lines = by_model(origin_of.values()).get("purchase.line", [])
    read = rows(tryton, "purchase.line", lines, ["purchase.number"])
    return {f"purchase.line,{row['id']}": _purchase(row["purchase."]) for row in read}


def _purchase(record: Mapping[str, Any]) -> str:
    return f"purchase {record['number'] or record['id']}"


def _ordered(tryton: TrytonRpc) -> Iterator[_Due]:
    """Yield the lines of purchases that have no moves yet; only what is confirmed has a day."""
    domain = [["purchase.state", "in", ["draft", "quotation", "confirmed"]], ["type", "=", "line"], *_GOODS]
    fields = [*_UNITS, "delivery_date", "purchase.state", "purchase.number", *_names("purchase.warehouse")]
    for page in tryton.read_all("purchase.line", domain, fields):
        for line in page:
            purchase = line["purchase."]
            day = line["delivery_date"] if purchase["state"] == "confirmed" else None
            yield from _asked_for(_purchase(purchase), purchase["warehouse."], line, day)


def _asked(tryton: TrytonRpc) -> Iterator[_Due]:
    """Yield the requests that nobody has made a purchase of yet."""
    fields = [*_UNITS, "origin", *_names("warehouse")]
    for page in tryton.read_all("purchase.request", [["state", "=", "draft"], *_GOODS], fields):
        lines = by_model(request["origin"] for request in page).get("purchase.requisition.line", [])
        read = rows(tryton, "purchase.requisition.line", lines, ["requisition.number"]) if lines else ()
        names = {f"purchase.requisition.line,{row['id']}": _requisition(row["requisition."]) for row in read}
        for request in page:
            name = names.get(request["origin"] or "") or f"purchase request {request['id']}"
            yield from _asked_for(name, request["warehouse."], request, None)


def _wished(tryton: TrytonRpc) -> Iterator[_Due]:
    """Yield the lines of requisitions that have not become requests yet."""
    domain = [["requisition.state", "in", _WITHOUT_REQUEST], ["purchase_requests", "=", None], *_GOODS]
    fields = [*_UNITS, "requisition.number", *_names("requisition.warehouse")]
    for page in tryton.read_all("purchase.requisition.line", domain, fields):
        for line in page:
            requisition = line["requisition."]
            yield from _asked_for(_requisition(requisition), requisition["warehouse."], line, None)


_BUYING: dict[str, Callable[[TrytonRpc], Iterator[_Due]]] = {
    "purchase.purchase": _ordered,
    "purchase.request": _asked,
    "purchase.requisition": _wished,
}
"""By the model its module brings: what tells how far buying has come there."""


def _requisition(record: Mapping[str, Any]) -> str:
    return f"requisition {record['number'] or record['id']}"


def _names(warehouse: str) -> tuple[str, str]:
    return f"{warehouse}.code", f"{warehouse}.name"


def _asked_for(
    name: str, warehouse: Mapping[str, Any] | None, line: Mapping[str, Any], day: date | None
) -> Iterator[_Due]:
    if warehouse:
        yield _Due(name, named(warehouse), line["product."]["code"], in_pieces(line), day)


def in_pieces(line: Mapping[str, Any]) -> Decimal:
    """Return the quantity of a line in its product's own unit, which stock is kept in: 2 dozen are 24 pieces."""
    own = line["product."]["default_uom."]["factor"]
    ratio = Decimal(str(line["unit."]["factor"])) / Decimal(str(own))
    return (Decimal(str(line["quantity"])) * ratio).quantize(_STEP)
