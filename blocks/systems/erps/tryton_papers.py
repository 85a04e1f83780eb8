"""What moves in Tryton stand on: the names of their documents, the sales they ship, the purchases they bring in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.systems.erps.tryton_rpc import TrytonRpc, by_model, rows

WORDS = {
    "stock.shipment.out": "shipment",
    "stock.shipment.out.return": "return",
    "stock.shipment.in": "receipt",
    "stock.shipment.in.return": "supplier return",
    "stock.shipment.internal": "transfer",
}
"""Every kind of document has numbers of its own, so a number alone would name several."""

_LINE, _SALE = "sale.line", "sale.sale"


@dataclass(frozen=True, slots=True)
class Papers:
    """Names of documents and our references of sales, by the id of the move; what stands on none is missing."""

    documents: Mapping[int, str]
    sales: Mapping[int, str]


def papers_of(tryton: TrytonRpc, moves: Sequence[Mapping[str, Any]]) -> Papers:
    """Return what these moves, read with ``shipment`` and ``origin``, stand on."""
    return Papers(_documents(tryton, moves), _sales(tryton, origins(tryton, moves)))


def origins(tryton: TrytonRpc, moves: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Return what each move comes from in the end, by its id.

    A move between door and shelf carries on the one between door and customer or supplier, which names the line.
    """
    origin_of = {move["id"]: move["origin"] or "" for move in moves}
    carried = by_model(origin_of.values()).get("stock.move", [])
    beyond = {f"stock.move,{row['id']}": row["origin"] or "" for row in rows(tryton, "stock.move", carried, ["origin"])}
    return {number: beyond.get(origin, origin) for number, origin in origin_of.items()}


def numbered(model: str, row: Mapping[str, Any]) -> str:
    """Return the name of a document read with its number, e.g. 'receipt 17'."""
    return f"{WORDS.get(model, model)} {row['number'] or row['id']}"


def _documents(tryton: TrytonRpc, moves: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    names: dict[str, str] = {}
    for model, numbers in by_model(move["shipment"] for move in moves).items():
        names |= {f"{model},{row['id']}": numbered(model, row) for row in rows(tryton, model, numbers, ["number"])}
    counted = by_model(move["origin"] for move in moves).get("stock.inventory.line", [])
    for row in rows(tryton, "stock.inventory.line", counted, ["inventory.number"]):
        count = row["inventory."]
        names[f"stock.inventory.line,{row['id']}"] = f"count {count['number'] or count['id']}"
    found = {move["id"]: names.get(move["shipment"] or "") or names.get(move["origin"] or "") for move in moves}
    return {number: name for number, name in found.items() if name}


def _sales(tryton: TrytonRpc, origin_of: Mapping[int, str]) -> dict[int, str]:
    lines = by_model(origin_of.values()).get(_LINE, [])
    read = rows(tryton, _LINE, lines, ["sale.origin"])
    sale_of = {f"{_LINE},{row['id']}": row["sale."] for row in read}
    # What is taken back stands on a sale of its own, whose origin is the one that sold it.
    sold = {line: sale["origin"] or f"{_SALE},{sale['id']}" for line, sale in sale_of.items()}
    sales = by_model(sold.values()).get(_SALE, [])
    names = {f"{_SALE},{row['id']}": row["reference"] for row in rows(tryton, _SALE, sales, ["reference"])}
    found = {number: names.get(sold.get(origin, "")) for number, origin in origin_of.items()}
    return {number: reference for number, reference in found.items() if reference}
