"""Where good orders ship from: new ones and changed ones, one after the other, from one shelf."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from blocks.database.stock_orders import shipped_pieces
from blocks.documents.orders import Order
from tasks.order_intake import records, versions, waiting
from tasks.order_intake.allocation import Demand, Part, Shelf, demand, shortage, unshipped
from tasks.order_intake.changes import Standing, unserved
from tasks.order_intake.rulebook import AllocationPolicy, Split
from tasks.order_intake.rules import KnownMaster
from tasks.order_intake.versions import NOTHING_HELD, Holding, Revision, Version

if TYPE_CHECKING:
    from tasks.order_intake.judging import Bench


def place(bench: "Bench", fit: Mapping[int, Order], known: KnownMaster) -> None:
    """Give each order its parts, or hold it short; what a changed order held before is its own again first.

    All stock this batch touches is locked at once, in its one order.
    """
    changing = [version.booked.id for inbox_id, version in bench.changing.items() if inbox_id in fit]
    leaving = [revision.version.booked.id for revision in bench.revisions]
    bench.held = versions.holdings(bench.connection, [*changing, *leaving])
    wanted = {inbox_id: demand(order, known) for inbox_id, order in fit.items()}
    gone = shipped_pieces(bench.connection, changing)
    for inbox_id in fit.keys() & bench.changing.keys():
        pieces = gone.get(bench.changing[inbox_id].booked.id, {})
        wanted[inbox_id] = unshipped(wanted[inbox_id], pieces) if pieces else wanted[inbox_id]
    skus = {sku for needs in wanted.values() for sku in needs.pieces}
    skus |= {sku for holding in bench.held.values() for _, sku in holding.reserved}
    there = waiting.available(bench.connection, skus, but=[*changing, *leaving])
    policy = known.rules.allocation
    houses = records.warehouses(bench.connection, bench.route.channel)
    shelf = Shelf(there, policy.preferred(houses), policy)
    for revision in bench.revisions:
        shelf.put(bench.held[revision.version.booked.id].reserved)
    short: list[tuple[int, Order, Demand]] = []
    for inbox_id, order in fit.items():
        needs, version = wanted[inbox_id], bench.changing.get(inbox_id)
        if version is not None:
            _place_again(bench, version, needs, shelf)
        elif parts := shelf.serve(needs):
            bench.bookings.append(records.Booking(inbox_id, order, parts, None, needs.beyond))
        else:
            short.append((inbox_id, order, needs))
    for inbox_id, order, needs in short:  # told what is left when all are served
        bench.bookings.append(records.Booking(inbox_id, order, (), shortage(needs, shelf), needs.beyond))


def _place_again(bench: "Bench", version: Version, needs: Demand, shelf: Shelf) -> None:
    """Place a changed order as if it came now; where it needs the same as before, it keeps what it has."""
    held = bench.held.get(version.booked.id, NOTHING_HELD)
    if version.booked.status == "accepted" and len(held.parts) <= 1 and _same(held, needs):
        bench.revisions.append(Revision(version, None))
        return
    shelf.put(held.reserved)
    outside = version.booked.standing is Standing.OUTSIDE
    parts = _at_its_warehouses(version, held, needs, shelf) if outside else shelf.serve(needs)
    if parts or not outside:
        reason = None if parts else shortage(needs, shelf)
        bench.revisions.append(Revision(version, parts, reason, needs.beyond))
        return
    fault = unserved(needs.pieces, shortage(needs, shelf))
    shelf.put({key: -count for key, count in held.reserved.items()})
    bench.put_aside(version.inbox_id, version.order.external_id, [fault])


def _same(held: Holding, needs: Demand) -> bool:
    now = {sku: count for sku, count in held.pieces().items() if count}
    return now == {sku: count for sku, count in needs.pieces.items() if count}


def _at_its_warehouses(version: Version, held: Holding, needs: Demand, shelf: Shelf) -> tuple[Part, ...]:
    """Place an order whose sales are in the ERP: there its warehouses stand, and a person has changed the sales."""
    houses = held.parts or (version.booked.warehouse or "",)
    split = AllocationPolicy(split=Split.ALLOW if len(houses) > 1 else Split.NEVER)
    own = Shelf(shelf.left, houses, split)
    parts = own.serve(needs)
    shelf.put({(part.warehouse, sku): Decimal(0) - count for part in parts for sku, count in part.pieces.items()})
    return parts
