"""What a record is news of: a new order, a newer version of a booked one, or nothing any more."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from blocks.documents.orders import Order, OrderStatus
from blocks.errors import Unreadable
from blocks.systems.shops.contract import Received
from tasks.order_intake import versions
from tasks.order_intake.changes import Decision, Standing, conflict, decide, differences
from tasks.order_intake.other_sources import contradiction, disagreements
from tasks.order_intake.versions import Booked, Revision, Version

if TYPE_CHECKING:
    from tasks.order_intake.judging import Bench


def newest(
    bench: "Bench", orders: Mapping[int, Order], records: Sequence[Mapping[str, Any]], *, kind: str
) -> dict[int, Order]:
    """Keep the newest version of each order; what is outdated is superseded, and what waits already may be newer.

    The source's own time of change decides. Where that says nothing, what was delivered last is newer.
    """
    delivered = {record["id"]: record["last_delivered_at"] for record in records}
    best: dict[str, int] = {}
    for inbox_id, order in orders.items():
        other = best.get(order.external_id)
        if other is None or _age(orders, delivered, other) < _age(orders, delivered, inbox_id):
            best[order.external_id] = inbox_id
    overtaken = _overtaken(bench, {orders[inbox_id].external_id: inbox_id for inbox_id in best.values()}, orders, kind)
    kept = sorted(set(best.values()) - overtaken)
    bench.superseded += sorted(orders.keys() - set(kept))
    return {inbox_id: orders[inbox_id] for inbox_id in kept}


def _age(
    orders: Mapping[int, Order], delivered: Mapping[int, datetime], inbox_id: int
) -> tuple[datetime, datetime, int]:
    return orders[inbox_id].changed_at, delivered[inbox_id], inbox_id


def _overtaken(bench: "Bench", asked: Mapping[str, int], orders: Mapping[int, Order], kind: str) -> set[int]:
    """Return which records are older than a version of the same order that waits for a person.

    A waiting version that cannot be read does not say when it was made: it is newer than what came before it.
    """
    waiting = versions.waiting_versions(
        bench.connection, source=bench.route.source, kind=kind, external_ids=list(asked), but=list(orders)
    )
    found = set()
    for row in waiting:
        inbox_id = asked[row["external_id"]]
        try:
            received = Received(row["external_id"], bytes(row["body"]), row["content_type"])
            changed_at = bench.shop.read_order(received, bench.route.channel).changed_at
        except Unreadable:
            newer = row["id"] > inbox_id
        else:
            newer = changed_at > orders[inbox_id].changed_at
        if newer:
            found.add(inbox_id)
    return found


def news(bench: "Bench", orders: Mapping[int, Order], *, sale: str) -> dict[int, Order]:
    """Sort out what needs no judging by rules; the rest are new orders and changed ones (``bench.changing``)."""
    keys = [order.external_id for order in orders.values()]
    known = versions.booked(bench.connection, bench.route.channel, keys, sale=sale)
    again = [inbox_id for inbox_id, order in orders.items() if order.external_id in known]
    released = versions.released_by(bench.connection, again)
    candidates = {}
    for inbox_id, order in orders.items():
        earlier = known.get(order.external_id)
        if earlier is not None:
            if _weigh(bench, inbox_id, order, earlier, released):
                candidates[inbox_id] = order
        elif order.status in {OrderStatus.CANCELLED, OrderStatus.COMPLETE}:
            bench.ignored.append((inbox_id, order))
        else:
            candidates[inbox_id] = order
    return candidates


def _weigh(bench: "Bench", inbox_id: int, order: Order, earlier: Booked, released: Mapping[int, str]) -> bool:
    """Put a version of a booked order where it belongs; returns whether it has to be judged by the rules."""
    before = earlier.document
    if earlier.source != bench.route.source and inbox_id not in released:
        if places := disagreements(before, order):
            bench.put_aside(inbox_id, order.external_id, [contradiction(places, earlier.source)])
        else:
            bench.duplicates.append((inbox_id, order, earlier))
        return False
    if order.changed_at < before.changed_at:
        bench.superseded.append(inbox_id)
        return False
    changes = differences(before, order)
    decision = decide(order, changes, cancelled=earlier.status == "cancelled")
    by = released.get(inbox_id, bench.trail.actor.name)
    version = Version(earlier, inbox_id, order, decision, changes, by)
    if not changes:
        bench.unchanged.append(version)
    elif decision is Decision.FOLLOWED:
        bench.follows.append(version)
    elif earlier.standing is Standing.UNDER_WAY:
        bench.left += 1  # its sale is being made right now: the next judgement sees what became of it
    elif earlier.standing is Standing.OUTSIDE and inbox_id not in released:
        bench.put_aside(inbox_id, order.external_id, [_conflict(version)])
    elif decision is Decision.CANCELLED:
        bench.revisions.append(Revision(version, ()))
    else:
        bench.changing[inbox_id] = version
        return True
    return False


def _conflict(version: Version) -> Any:
    return conflict(
        version=version.booked.version,
        decision=version.decision,
        changes=version.changes,
        delta=version.delta,
        currency=version.booked.document.currency,
        sale=version.booked.erp_number,
    )


def external_ids(versions_: Iterable[Version]) -> list[str]:
    """Return the orders' ids of these versions."""
    return [version.order.external_id for version in versions_]
