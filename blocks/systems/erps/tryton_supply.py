"""What Tryton knows of supply: whom goods are bought from, what was ordered of them, what came and went back.

Order lines and receipts are read by the time they were last written, with what they stand on: an order that is
cancelled, or a delivery note that is entered later, is written without its lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from blocks.documents.supply import PurchaseLine, ReceiptLine, SupplierParty
from blocks.errors import Refused
from blocks.systems.erps.tryton_rpc import RefusedByTryton, TrytonRpc, by_model, rows

_UNITS = {
    "u": "C62", "kg": "KGM", "g": "GRM", "lb": "LBR", "oz": "ONZ", "c": "CTM", "s": "SEC", "min": "MIN", "h": "HUR",
    "d": "DAY", "m": "MTR", "km": "KMT", "cm": "CMT", "mm": "MMT", "ft": "FOT", "yd": "YRD", "in": "INH", "mi": "SMI",
    "m³": "MTQ", "l": "LTR", "cm³": "CMQ", "in³": "INQ", "ft³": "FTQ", "gal": "GLL", "m²": "MTK", "cm²": "CMK",
    "a": "ARE", "ha": "HAR", "ft²": "FTK", "J": "JOU", "MJ": "3B", "kW⋅h": "KWH", "MW⋅h": "MWH",
}  # fmt: skip
"""Symbols that Tryton ships, and their codes of UN/ECE Recommendation 20."""
_PIECE, _STEP = "C62", Decimal("0.0001")
_MONEY_STEP = Decimal("0.00000001")
_NOT_IN_FORCE = frozenset({"draft", "quotation", "cancelled"})
_LINE = (
    "purchase", "purchase.number", "purchase.state", "purchase.reference", "purchase.purchase_date",
    "purchase.write_date", "purchase.party.code", "purchase.currency.code", "product", "product.code",
    "product.template.type", "product.template.name", "product_supplier.code", "description", "quantity", "unit",
    "unit_price", "write_date", "create_date",
)  # fmt: skip
_MOVE = (
    "state", "effective_date", "quantity", "unit", "product.code", "product.default_uom", "origin", "shipment",
    "from_location.type", "write_date", "create_date",
)  # fmt: skip
_SHIPMENTS = ("stock.shipment.in", "stock.shipment.in.return")


def suppliers(tryton: TrytonRpc) -> Iterator[tuple[SupplierParty, ...]]:
    """Yield the parties that goods are bought from or that have a bank account, with what their invoices show.

    Raises:
        Refused: Tryton does not let the user see them; the text names the groups that do.
    """
    try:
        accounts = _accounts(tryton)
        wanted = {*accounts, *_parties(tryton, "purchase.purchase"), *_parties(tryton, "purchase.product_supplier")}
        for page in tryton.read_all("party.party", [["id", "in", sorted(wanted)], ["code", "!=", None]], _PARTY):
            numbers = _identifiers(tryton, [party["id"] for party in page])
            yield tuple(_supplier(party, numbers.get(party["id"], ()), accounts.get(party["id"], ())) for party in page)
    except RefusedByTryton as error:
        raise _refused(error) from None


_PARTY = ("code", "name", "email")


def _refused(error: RefusedByTryton) -> Refused:
    return Refused(
        f"Tryton does not tell what was bought: {str(error).rstrip('. ')}. Give the user of this connection the groups"
        " Purchase and Stock."
    )


def _parties(tryton: TrytonRpc, model: str) -> set[int]:
    return {row["party"] for page in tryton.read_all(model, [["party.code", "!=", None]], ["party"]) for row in page}


def _has(tryton: TrytonRpc, model: str) -> bool:
    return bool(tryton.search_read("ir.model", [["name", "=", model]], ["name"]))


def _accounts(tryton: TrytonRpc) -> dict[int, list[str]]:
    """Return the IBANs of parties by their id; without the module bank there are none."""
    found: dict[int, list[str]] = {}
    if not _has(tryton, "bank.account"):
        return found
    ibans: dict[int, list[str]] = {}
    for page in tryton.read_all("bank.account.number", [["type", "=", "iban"]], ["account", "number"]):
        for row in page:
            ibans.setdefault(row["account"], []).append(row["number"])
    for page in tryton.read_all("bank.account", [["owners", "!=", None]], ["owners"]):
        for row in page:
            for owner in row["owners"]:
                found.setdefault(owner, []).extend(ibans.get(row["id"], ()))
    return found


def _identifiers(tryton: TrytonRpc, parties: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for page in tryton.read_all("party.identifier", [["party", "in", list(parties)]], ["party", "type", "code"]):
        for row in page:
            found.setdefault(row["party"], []).append((row["type"] or "", row["code"]))
    return found


def _supplier(party: Mapping[str, Any], numbers: Sequence[tuple[str, str]], ibans: Sequence[str]) -> SupplierParty:
    vat = [_with_country(kind, code) for kind, code in numbers if kind.endswith(("vat", "uid"))]
    tax = [code for kind, code in numbers if kind.endswith(("stnr", "idnr", "tin"))]
    gln = [code for kind, code in numbers if kind in {"ean", "gln"}]
    return SupplierParty(
        code=party["code"],
        name=party["name"] or "",
        vat_ids=tuple(dict.fromkeys(vat)),
        tax_numbers=tuple(dict.fromkeys(tax)),
        gln=gln[0] if gln else "",
        ibans=tuple(dict.fromkeys("".join(iban.split()) for iban in ibans)),
        mail=party["email"] or "",
    )


def _with_country(kind: str, code: str) -> str:
    """Return a VAT id with its country: Tryton keeps national ones, such as de_vat, with or without."""
    plain, country = code.replace(" ", "").upper(), kind.partition("_")[0].upper()
    return plain if country == "EU" or plain.startswith(country) or len(country) != len("DE") else country + plain


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of Tryton: its code, and how many of that code's own it is (a dozen of Tryton's is 12 pieces)."""

    code: str
    of_code: Decimal
    factor: Decimal


def units(tryton: TrytonRpc) -> dict[int, Unit]:
    """Return all units by id; packs of pieces that somebody made there count as pieces."""
    read = [row for page in tryton.read_all("product.uom", [], ["symbol", "factor", "category"]) for row in page]
    pieces = {row["category"] for row in read if row["symbol"] == "u"}
    found = {}
    for row in read:
        factor, known = Decimal(str(row["factor"])), _UNITS.get(row["symbol"])
        if known is None and row["category"] in pieces:
            found[row["id"]] = Unit(_PIECE, factor, factor)
        else:
            found[row["id"]] = Unit(known or str(row["symbol"]).upper(), Decimal(1), factor)
    return found


def purchase_lines(tryton: TrytonRpc, since: datetime, charges: Sequence[str]) -> Iterator[tuple[PurchaseLine, ...]]:
    """Yield the lines of numbered orders that were written since a time, or whose order was, by ascending id.

    Args:
        tryton: The conversation.
        since: By Tryton's clock.
        charges: Codes of the articles that freight and packing are ordered on.

    Raises:
        Refused: Tryton does not let the user see them.
    """
    written = ["OR", *_written(since), *_written(since, "purchase.")]
    domain = [["type", "=", "line"], ["purchase.number", "!=", None], written]
    try:
        known = units(tryton)
        for page in tryton.read_all("purchase.line", domain, _LINE):
            places = _positions(tryton, {line["purchase"] for line in page})
            gtins = _gtins(tryton, {line["product"] for line in page if line["product"]})
            yield tuple(
                to_purchase_line(line, known, charges=charges, position=places.get(line["id"], ""), gtins=gtins)
                for line in page
            )
    except RefusedByTryton as error:
        raise _refused(error) from None


def _written(since: datetime, of: str = "") -> list[list[Any]]:
    return [[f"{of}write_date", ">=", since], [f"{of}create_date", ">=", since]]


def _positions(tryton: TrytonRpc, purchases: set[int]) -> dict[int, str]:
    """Return the place of each line in its order, from 1, comments and headings aside."""
    return {
        line: str(place)
        for row in rows(tryton, "purchase.purchase", purchases, ["line_lines"])
        for place, line in enumerate(row["line_lines"], 1)
    }


def _gtins(tryton: TrytonRpc, products: set[int]) -> dict[int, str]:
    domain = [["product", "in", sorted(products)], ["type", "=", "ean"]]
    found: dict[int, str] = {}
    for page in tryton.read_all("product.identifier", domain, ["product", "code"]):
        for row in page:
            found.setdefault(row["product"], row["code"])
    return found


def to_purchase_line(
    line: Mapping[str, Any],
    known: Mapping[int, Unit],
    *,
    charges: Sequence[str] = (),
    position: str = "",
    gtins: Mapping[int, str] | None = None,
) -> PurchaseLine:
    """Translate one line of an order, in a unit that has a code; quantity and price agree with it."""
    purchase, product = line["purchase."], line["product."] or {}
    unit = known.get(line["unit"] or 0, Unit(_PIECE, Decimal(1), Decimal(1)))
    quantity = Decimal(str(line["quantity"] or 0)) * unit.of_code
    template = product.get("template.") or {}
    return PurchaseLine(
        order=purchase["number"],
        line=str(line["id"]),
        position=position,
        supplier=(purchase["party."] or {}).get("code") or "",
        supplier_reference=purchase["reference"] or "",
        sku=product.get("code") or "",
        supplier_sku=(line["product_supplier."] or {}).get("code") or "",
        gtin=(gtins or {}).get(line["product"] or 0, ""),
        description=line["description"] or template.get("name") or "",
        kind=_kind(product.get("code") or "", template.get("type"), charges),
        quantity=quantity.quantize(_STEP),
        unit=unit.code,
        unit_price=((line["unit_price"] or Decimal(0)) / unit.of_code).quantize(_MONEY_STEP),
        currency=(purchase["currency."] or {}).get("code") or "",
        ordered_on=purchase["purchase_date"],
        cancelled=purchase["state"] in _NOT_IN_FORCE,
        changed_at=max(filter(None, (line["write_date"], line["create_date"], purchase["write_date"]))),
    )


def _kind(code: str, kind: str | None, charges: Sequence[str]) -> str:
    if code and code in charges:
        return "charge"
    return "goods" if kind in {"goods", "assets"} else "service"


def receipt_lines(tryton: TrytonRpc, since: datetime) -> Iterator[tuple[ReceiptLine, ...]]:
    """Yield what came from suppliers or went back and was written since a time, by ascending id.

    A receipt that was cancelled after it had been done is told with a quantity of nothing.

    Raises:
        Refused: Tryton does not let the user see it.
    """
    done = ["OR", ["state", "=", "done"], [["state", "=", "cancelled"], ["effective_date", "!=", None]]]
    outside = ["OR", ["from_location.type", "=", "supplier"], ["to_location.type", "=", "supplier"]]
    noted = [["shipment.write_date", ">=", since, model] for model in _SHIPMENTS]
    try:
        known = units(tryton)
        for page in tryton.read_all("stock.move", [done, outside, ["OR", *_written(since), *noted]], _MOVE):
            lines = by_model(move["origin"] for move in page).get("purchase.line", [])
            bought = {row["id"]: row for row in rows(tryton, "purchase.line", lines, ["unit"])}
            papers = _papers(tryton, page)
            yield tuple(to_receipt_line(move, known, bought, papers) for move in page)
    except RefusedByTryton as error:
        raise _refused(error) from None


def _papers(tryton: TrytonRpc, moves: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the receipts and returns that moves stand on, by Tryton's reference."""
    return {
        f"{model},{row['id']}": row
        for model, numbers in by_model(move["shipment"] for move in moves).items()
        if model in _SHIPMENTS
        for row in rows(tryton, model, numbers, ["number", "reference", "write_date"])
    }


def to_receipt_line(
    move: Mapping[str, Any],
    known: Mapping[int, Unit],
    bought: Mapping[int, Mapping[str, Any]],
    papers: Mapping[str, Mapping[str, Any]],
) -> ReceiptLine:
    """Translate one move from or to a supplier, in the unit its order line is told in."""
    number = next(iter(by_model([move["origin"]]).get("purchase.line", [])), 0)
    line = bought.get(number)
    product = move["product."] or {}
    one = Unit(_PIECE, Decimal(1), Decimal(1))
    target = known.get((line["unit"] if line else product.get("default_uom")) or 0, one)
    quantity = Decimal(str(move["quantity"] or 0)) * known.get(move["unit"], one).factor / target.factor
    came = move["from_location."]["type"] == "supplier"
    paper = papers.get(move["shipment"] or "", {})
    signed = (quantity if came else -quantity) * target.of_code
    return ReceiptLine(
        receipt=paper.get("number") or f"move {move['id']}",
        line=str(move["id"]),
        delivery_note=paper.get("reference") or "",
        order_line=str(number) if line else "",
        sku=product.get("code") or "",
        quantity=signed.quantize(_STEP) if move["state"] == "done" else Decimal(0),
        received_on=move["effective_date"] or (move["write_date"] or move["create_date"]).date(),
        changed_at=max(filter(None, (move["write_date"], move["create_date"], paper.get("write_date")))),
    )
