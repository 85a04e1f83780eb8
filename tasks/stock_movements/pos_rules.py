"""What makes a till's row fit to be booked, and as what it is booked. Pure: rows in, movements and faults out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from blocks.documents.base import plain_decimal
from blocks.documents.stock import MOST_PIECES, MovementKind, StockMovement
from blocks.documents.stock_rules import DEFAULTS, StockRules
from blocks.documents.till_rows import RowKind, TillRow
from blocks.documents.verdicts import Fault

FASTEST_CLOCK = timedelta(minutes=15)
"""How far a till's clock may be ahead: a count of next year would overrule whatever happens until then."""
A_MOMENT = timedelta(microseconds=1)
_AGAIN = re.compile(r"~\d+\Z")
_CORRECT = "Correct it in the file and send the row again, or correct the record here."

Slip = tuple[str, str]
"""A slip: warehouse and number."""
CountKey = tuple[str, str, str]
"""An article in one count: warehouse, number or moment of the count, SKU that stock is kept of."""


@dataclass(frozen=True, slots=True)
class Named:
    """One row with its inbox record and its name there."""

    inbox_id: int
    name: str
    row: TillRow

    @property
    def document(self) -> str:
        """Return what its event stands on: the slip, for a void the slip that is taken back, or the count."""
        if self.row.kind is RowKind.VOID:
            return self.row.voids
        return self.row.slip or self.row.happened_at.isoformat()


@dataclass(frozen=True, slots=True)
class CountedBefore:
    """What an earlier part of the same count had counted of an article, and when."""

    event_id: str
    pieces: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules look things up in.

    Attributes:
        now: This moment.
        warehouses: The files' name of each store → warehouse.
        articles: SKUs that are known.
        gtins: GTIN → the SKUs it stands for.
        rules: The merchant's stock rules, for packs.
        taken_back: Slips that were voided as a whole.
        moved: Slip → SKU → what its events add up to; below zero was sold and not taken back.
        counted: What earlier parts of the same counts had counted.
    """

    now: datetime
    warehouses: Mapping[str, str]
    articles: frozenset[str] = frozenset()
    gtins: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rules: StockRules = DEFAULTS
    taken_back: frozenset[Slip] = frozenset()
    moved: Mapping[Slip, Mapping[str, Decimal]] = field(default_factory=dict)
    counted: Mapping[CountKey, CountedBefore] = field(default_factory=dict)


@dataclass(slots=True)
class Decided:
    """What became of rows: movements with the record each comes from, faults by record, records of voided slips."""

    movements: list[tuple[int, StockMovement]] = field(default_factory=list)
    aside: dict[int, tuple[Fault, ...]] = field(default_factory=dict)
    ignored: list[int] = field(default_factory=list)


def decide(rows: Iterable[Named], known: Known) -> Decided:
    """Return what becomes of each row; what a slip says comes before what takes it back, whatever their order."""
    decided, moved = Decided(), {slip: dict(pieces) for slip, pieces in known.moved.items()}
    good: list[tuple[Named, str, str]] = []
    for each in rows:
        faults, warehouse, sku = placed(each.row, known)
        if faults:
            decided.aside[each.inbox_id] = faults
        else:
            good.append((each, warehouse, sku))
    taken_back = set(known.taken_back)
    for each, warehouse, sku in good:
        if each.row.kind is RowKind.VOID or each.row.kind is RowKind.COUNT:
            continue
        if each.row.kind in {RowKind.SALE, RowKind.RETURN} and (warehouse, each.row.slip) in taken_back:
            decided.ignored.append(each.inbox_id)
            continue
        movement = _moved(each, warehouse, sku)
        decided.movements.append((each.inbox_id, movement))
        _add(moved, movement, known.rules)
    _take_back(decided, [each for each in good if each[0].row.kind is RowKind.VOID], moved, known.rules)
    _count(decided, [each for each in good if each[0].row.kind is RowKind.COUNT], known)
    return decided


def warehouse_of(row: TillRow, known: Known) -> str | None:
    """Return the warehouse of a row's store, without regard to case; None when it is not mapped."""
    wanted = row.warehouse.casefold()
    return next((code for name, code in known.warehouses.items() if name.strip().casefold() == wanted), None)


def placed(row: TillRow, known: Known) -> tuple[tuple[Fault, ...], str, str]:
    """Return why a row cannot be booked, or its warehouse and its article."""
    faults: list[Fault] = []
    warehouse = warehouse_of(row, known)
    if warehouse is None:
        faults.append(
            Fault(
                rule="POS-WAREHOUSE", place="warehouse",
                text=f"The store '{row.warehouse}' is none of those this connection knows.",
                remedy="Enter the store under 'warehouses' in the till's connection, or correct the file.",
            )
        )  # fmt: skip
    sku = "" if row.takes_back_all else _article(row, known, faults)
    _, pieces = known.rules.in_pieces(sku, row.quantity or Decimal(0))
    if abs(pieces) > MOST_PIECES:
        text = f"Its quantity comes to {plain_decimal(pieces)} pieces, which nobody has: was a number scanned into it?"
        faults.append(Fault(rule="POS-QUANTITY", place="quantity", text=text, remedy=_CORRECT))
    if row.happened_at > known.now + FASTEST_CLOCK:
        text = f"It happened at {row.happened_at:%Y-%m-%d %H:%M} UTC, which is yet to come."
        remedy = "Set the till's clock and zone, or 'dates.zone' in the profile; then send the row again."
        faults.append(Fault(rule="POS-CLOCK", place="happened_at", text=text, remedy=remedy))
    return tuple(faults), warehouse or "", sku


def _article(row: TillRow, known: Known, faults: list[Fault]) -> str:
    """Return the article by its SKU, or else by its GTIN, which tills also write in the place of an SKU."""
    if row.sku in known.articles:
        return row.sku
    for code in filter(None, (row.gtin, row.sku)):
        found = known.gtins.get(code, ())
        if len(found) == 1:
            return found[0]
        if found:
            text = f"The GTIN {code} stands for several articles: {', '.join(sorted(found)[:5])}."
            faults.append(Fault(rule="POS-ARTICLE", place="gtin", text=text, remedy="Send the article's number along."))
            return ""
    text = f"Nobody knows an article '{row.sku or row.gtin}'."
    remedy = "Correct the number, or create the article in the shop and run `soms run master_data`; then release it."
    faults.append(Fault(rule="POS-ARTICLE", place="sku", text=text, remedy=remedy))
    return ""


def _moved(each: Named, warehouse: str, sku: str) -> StockMovement:
    quantity = each.row.quantity or Decimal(0)
    return StockMovement(
        event_id=each.name, kind=_movement_kind(each.row.kind, quantity), sku=sku, warehouse=warehouse,
        location=each.row.location, quantity=quantity, happened_at=each.row.happened_at, document=each.document,
    )  # fmt: skip


def _movement_kind(kind: RowKind, quantity: Decimal) -> MovementKind:
    """Return what a row is to the ledger: a sale that comes in is a return, a delivery that goes out an adjustment."""
    if kind in {RowKind.SALE, RowKind.RETURN}:
        return MovementKind.SALE if quantity < 0 else MovementKind.RETURN
    return MovementKind.RECEIPT if kind is RowKind.DELIVERY and quantity > 0 else MovementKind.ADJUSTMENT


def _add(moved: dict[Slip, dict[str, Decimal]], movement: StockMovement, rules: StockRules) -> None:
    if movement.kind not in {MovementKind.SALE, MovementKind.RETURN, MovementKind.VOID}:
        return
    sku, pieces = rules.in_pieces(movement.sku, movement.quantity)
    of_slip = moved.setdefault((movement.warehouse, movement.document), {})
    of_slip[sku] = of_slip.get(sku, Decimal(0)) + pieces


def _take_back(
    decided: Decided,
    voids: Sequence[tuple[Named, str, str]],
    moved: dict[Slip, dict[str, Decimal]],
    rules: StockRules,
) -> None:
    """Take slips back, never more of them than stands."""
    for each, warehouse, sku in voids:
        slip = (warehouse, each.row.voids)
        standing = moved.get(slip)
        if standing is None:
            decided.aside[each.inbox_id] = (_unknown_slip(each.row),)
            continue
        found = (
            _whole(each, warehouse, standing) if each.row.takes_back_all else _line(each, slip, sku, standing, rules)
        )
        if isinstance(found, Fault):
            decided.aside[each.inbox_id] = (found,)
            continue
        for movement in found:
            decided.movements.append((each.inbox_id, movement))
            _add(moved, movement, rules)


def _unknown_slip(row: TillRow) -> Fault:
    text = f"It takes back slip {row.voids}, of which nothing has come in."
    remedy = "It goes on by itself when the slip comes. If the number is wrong, correct it, or reject the record."
    return Fault(rule="POS-VOID", place="voids", text=text, remedy=remedy)


def _nothing_left(row: TillRow, text: str) -> Fault:
    remedy = "Look whether it was taken back already; reject the record if so."
    return Fault(rule="POS-VOID-AGAIN", place="voids", text=f"It takes back slip {row.voids}, {text}.", remedy=remedy)


def _whole(each: Named, warehouse: str, standing: Mapping[str, Decimal]) -> list[StockMovement] | Fault:
    left = {sku: pieces for sku, pieces in standing.items() if pieces}
    if not left:
        return _nothing_left(each.row, "of which nothing is left to take back")
    return [_void(each, warehouse, sku, -pieces, event_id=f"{each.name}>{sku}") for sku, pieces in sorted(left.items())]


def _line(
    each: Named, slip: Slip, sku: str, standing: Mapping[str, Decimal], rules: StockRules
) -> list[StockMovement] | Fault:
    """Return the void of one line: it goes against what the slip did, whatever sign the till gives it."""
    kept_of, pieces = rules.in_pieces(sku, abs(each.row.quantity or Decimal(0)))
    left = standing.get(kept_of, Decimal(0))
    if pieces > abs(left):
        there = f"which has {plain_decimal(abs(left))} of {sku} left to take back, not {plain_decimal(pieces)}"
        return _nothing_left(each.row, there)
    return [_void(each, slip[0], kept_of, pieces if left < 0 else -pieces, event_id=each.name)]


def _void(each: Named, warehouse: str, sku: str, quantity: Decimal, *, event_id: str) -> StockMovement:
    return StockMovement(
        event_id=event_id, kind=MovementKind.VOID, sku=sku, warehouse=warehouse, location=each.row.location,
        quantity=quantity, happened_at=each.row.happened_at, document=each.row.voids,
    )  # fmt: skip


def _count(decided: Decided, counts: Sequence[tuple[Named, str, str]], known: Known) -> None:
    """Make one count of all places of an article that one count names, parts of it that came before included."""
    places: set[tuple[str, str, str, str]] = set()
    together: dict[CountKey, list[tuple[Named, str, str]]] = {}
    for each, warehouse, sku in counts:
        place = (warehouse, each.document, sku, each.row.location)
        if not each.row.adds_up and (place in places or _names_again(each)):
            decided.aside[each.inbox_id] = (_counted_twice(each.row),)
            continue
        places.add(place)
        kept_of, _ = known.rules.in_pieces(sku, Decimal(1))
        together.setdefault((warehouse, each.document, kept_of), []).append((each, warehouse, sku))
    for key, parts in together.items():
        before = known.counted.get(key)
        at = max(part.row.happened_at for part, _, _ in parts)
        if before is not None:
            at = max(at, before.at + A_MOMENT)
        for number, (each, warehouse, sku) in enumerate(parts):
            location = each.row.location or "-"
            decided.movements.append((each.inbox_id, _counted(
                each, warehouse, sku, each.row.quantity or Decimal(0), at,
                event_id=each.name, location=each.row.location if len(parts) == 1 else f"{location} ({number + 1})",
            )))  # fmt: skip
        if before is not None:
            first, warehouse, _ = parts[0]
            decided.movements.append((first.inbox_id, _counted(
                first, warehouse, key[2], before.pieces, at, event_id=f"{first.name}+", location="counted before",
            )))  # fmt: skip


def _names_again(each: Named) -> bool:
    """Return whether the row's name was told apart from an earlier one: the same place stood in the count before."""
    again = _AGAIN.search(each.name)
    own = (each.row.sku, each.row.gtin, each.row.location)
    return again is not None and not any(text.endswith(again[0]) for text in own)


def _counted(
    each: Named, warehouse: str, sku: str, quantity: Decimal, at: datetime, *, event_id: str, location: str
) -> StockMovement:
    return StockMovement(
        event_id=event_id, kind=MovementKind.COUNT, sku=sku, warehouse=warehouse, location=location,
        quantity=quantity, happened_at=at, document=each.document,
    )  # fmt: skip


def _counted_twice(row: TillRow) -> Fault:
    place = f" at '{row.location}'" if row.location else ""
    text = f"The article '{row.sku or row.gtin}' stands twice in this count{place}."
    remedy = f"Send one row with the sum, or set 'counted_again: add' in the profile. {_CORRECT}"
    return Fault(rule="POS-COUNTED-TWICE", place="sku", text=text, remedy=remedy)
