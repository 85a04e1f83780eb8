"""Takes reports in: records what is new, moves the orders, and puts what the other systems are to be told."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from blocks.database import effects
from blocks.documents.statuses import PERSON
from blocks.errors import WrongUse
from tasks.order_status import records, rules
from tasks.order_status.records import Entry, NewEntry
from tasks.order_status.ruling import ERP, PROCESS, Ruling, channel_of

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of reports: counts."""

    applied: int = 0
    overruled: int = 0
    unmapped: int = 0
    moved: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        """Return the sums."""
        return Taken(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Taken)))


def take(connection: "Connection", trail: "Trail", ruling: Ruling, seen: Sequence[rules.Seen]) -> Taken:
    """Take reports in, all in the caller's transaction; what says nothing new leaves no trace.

    Reports from the future are taken as of now: a clock that runs ahead must not win for as long as it does.
    """
    if not seen:
        return Taken()
    by_order: dict[int, list[rules.Seen]] = {}
    clock = records.now(connection)
    for each in seen:
        heard = each if each.at <= clock else rules.Seen(each.order_id, each.system, each.word, clock, each.reason)
        by_order.setdefault(each.order_id, []).append(heard)
    known = records.histories(connection, sorted(by_order))
    saying = [order_id for order_id, heard in by_order.items() if rules.news(known[order_id], heard, ruling.judge)]
    if not saying:  # nearly always: what was heard before is heard again
        return Taken()
    orders = records.lock_orders(connection, sorted(saying))
    histories = records.histories(connection, list(orders))
    outcomes = {}
    for order_id, order in orders.items():
        fresh = rules.news(histories[order_id], by_order[order_id], ruling.judge)
        if fresh:
            outcomes[order_id] = rules.rule(histories[order_id], fresh, ruling.judge, order["lifecycle"])
    if not outcomes:
        return Taken()
    return _write(connection, trail, ruling, _Batch(orders, histories, outcomes))


def set_by_person(
    connection: "Connection", trail: "Trail", ruling: Ruling, order_id: int, status: str, *, by: str, reason: str
) -> bool:
    """Let a person set an order's status, one step along the graph; returns False when it stands there already.

    Raises:
        WrongUse: There is no such status, no way leads there directly, or the winner rule lets another system lead.
    """
    graph = ruling.graph
    current = str(records.lock_orders(connection, [order_id])[order_id]["lifecycle"] or graph.first)
    if graph.status(status) is None:
        known = ", ".join(each.code for each in graph.statuses)
        raise WrongUse(f"There is no status '{status}'. The statuses in force have: {known}.")
    if current == status:
        return False
    if status not in graph.next_of(current):
        allowed = ", ".join(graph.next_of(current)) or "nothing"
        raise WrongUse(f"The order is '{current}', and from there a person may set: {allowed}.")
    seen = rules.Seen(order_id, PERSON, status, records.now(connection), f"{by}: {reason}")
    if not take(connection, trail, ruling, [seen]).moved:
        raise WrongUse("By the winner rule another system leads over a person here; nothing was set.")
    trail.add("order.status_set", f"sales_order/{order_id}", (), {"status": status, "by": by})
    return True


@dataclass(frozen=True, slots=True)
class _Batch:
    """Orders of one transaction with what was known and what it came to."""

    orders: dict[int, dict[str, object]]
    histories: dict[int, list[Entry]]
    outcomes: dict[int, rules.Outcome]


def _write(connection: "Connection", trail: "Trail", ruling: Ruling, batch: _Batch) -> Taken:
    new = [
        NewEntry(order_id, each.seen.system, each.seen.word, each.status, each.outcome, each.reason, each.seen.at)
        for order_id, outcome in batch.outcomes.items()
        for each in outcome.ruled
    ]
    numbers = records.add_entries(connection, new, run_id=trail.actor.run_id)
    newest = {entry.order_id: number for entry, number in zip(new, numbers, strict=True)}
    moved = {order_id: outcome.after for order_id, outcome in batch.outcomes.items() if outcome.moved}
    unset = {order_id: outcome.after for order_id, outcome in batch.outcomes.items() if not outcome.moved}
    unset = {order_id: status for order_id, status in unset.items() if batch.orders[order_id]["lifecycle"] is None}
    if moved or unset:
        records.set_lifecycles(connection, moved | unset)
    for order_id, outcome in batch.outcomes.items():
        rows = [("sales_order", order_id), ("order_status_entry", order_id)]
        facts = {
            "from": outcome.before,
            "to": outcome.after,
            "statuses": ruling.version,
            "reports": [[each.seen.system, each.seen.word, each.outcome] for each in outcome.ruled],
        }
        kind = "order.status_changed" if outcome.moved else "order.status_reported"
        trail.add(kind, f"sales_order/{order_id}", rows, facts)
    _put_due(connection, trail, ruling, batch, newest)
    counts = [each.outcome for outcome in batch.outcomes.values() for each in outcome.ruled]
    return Taken(counts.count("applied"), counts.count("overruled"), counts.count("unmapped"), len(moved))


def _put_due(connection: "Connection", trail: "Trail", ruling: Ruling, batch: _Batch, newest: dict[int, int]) -> None:
    sales = records.sales_of(connection, list(batch.outcomes))
    decided_at = records.now(connection)
    due = []
    for order_id, outcome in batch.outcomes.items():
        knowing = {sale["system"] for sale in sales[order_id]}
        channel = batch.orders[order_id]["channel"]  # another channel's order of the same id is none of this shop's
        systems = {
            system: kind
            for system, kind in ruling.told
            if (system in knowing if kind == ERP else channel_of(system) == channel)
        }
        told = rules.to_tell(outcome, _words(batch.histories[order_id], outcome), ruling.judge, systems)
        status = ruling.graph.status(outcome.after)
        for system, word in told.items():
            kind, order = systems[system], batch.orders[order_id]
            due.append(
                effects.Due(
                    business_key=f"{kind}:{order['channel']}:{order['external_id']}:{outcome.after}:{newest[order_id]}",
                    process=PROCESS,
                    system=system,
                    kind=kind,
                    subject=f"sales_order/{order_id}",
                    payload={
                        "order_id": order_id,
                        "entry_id": newest[order_id],
                        "status": outcome.after,
                        "word": word,
                        "label": status.label.model_dump() if status else {},
                        "decided_at": decided_at,
                    },
                )
            )
    effects.put(connection, trail, due)
    if due:
        records.abandon_outdated(connection, trail, [effect.subject for effect in due])


def _words(history: Sequence[Entry], outcome: rules.Outcome) -> dict[str, str]:
    """Return what each system said last, by its own time."""
    said = [(entry.at, entry.system, entry.word) for entry in history]
    said += [(each.seen.at, each.seen.system, each.seen.word) for each in outcome.ruled]
    return {system: word for _, system, word in sorted(said, key=lambda each: each[0]) if system != PERSON}
