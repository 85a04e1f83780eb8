"""From inbox records to booked orders: read, gate, rules, stock, one transaction."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from blocks import garbage, quality
from blocks.database import corrections, effects, inbox, quality_results, quarantine
from blocks.database.effect_withdrawal import want_again, withdraw
from blocks.database.engine import is_passing
from blocks.documents.orders import Order
from blocks.documents.patches import patched_bytes, patched_order
from blocks.documents.verdicts import Fault, QualityFinding
from blocks.errors import Refused, SomsError, Unreadable, where_it_broke
from blocks.systems.shops.contract import Received
from tasks.order_intake import mailing, records, versions
from tasks.order_intake.changes import Decision, Standing
from tasks.order_intake.expectations import ORDERS, rows
from tasks.order_intake.placing import place
from tasks.order_intake.rulebook import with_own_articles
from tasks.order_intake.rules import KnownMaster, faults
from tasks.order_intake.versions import Holding, Revision, Version
from tasks.order_intake.weighing import newest, news

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.systems.sources import OrderSource
    from tasks.order_intake.reading_ahead import Prepared, ReadAhead

_log = logging.getLogger(__name__)

PROCESS, KIND = "order_intake", "order"
SALE, TAKEOVER = "erp.sale", "shop.takeover"


@dataclass(frozen=True, slots=True)
class Route:
    """Where the orders come from and where they go: block names of the source and the ERP.

    ``channel`` is the channel the orders belong to; when not said, the source's name without its type.
    """

    source: str
    erp: str
    channel: str = ""

    def __post_init__(self) -> None:
        """Name the channel after the source."""
        if not self.channel:
            object.__setattr__(self, "channel", self.source.partition("/")[2] or self.source)

    @classmethod
    def of(cls, source: str, erp: str, system: "OrderSource") -> "Route":
        """Return the route of a loaded source, which may say whose channel its orders belong to."""
        return cls(source, erp, getattr(system, "channel", ""))


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of records: counts."""

    accepted: int = 0
    short: int = 0
    put_aside: int = 0
    followed: int = 0
    superseded: int = 0
    ignored: int = 0
    changed: int = 0
    cancelled: int = 0

    def __add__(self, other: "Judged") -> "Judged":
        """Return the sums."""
        return Judged(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Judged)))

    @property
    def total(self) -> int:
        """Return how many records were judged."""
        return sum(getattr(self, each.name) for each in fields(Judged))


class Bench:
    """One batch of inbox records on its way to a verdict; every record ends in exactly one of the lists.

    ``changing`` are versions still to be judged by the rules; ``left`` counts records that stay open for now.
    """

    def __init__(self, connection: "Connection", trail: "Trail", shop: "OrderSource", route: Route) -> None:
        """Start with nothing judged."""
        self.connection, self.trail, self.shop, self.route = connection, trail, shop, route
        self.aside: list[quarantine.PutAside] = []
        self.bookings: list[records.Booking] = []
        self.follows: list[Version] = []
        self.unchanged: list[Version] = []
        self.changing: dict[int, Version] = {}
        self.revisions: list[Revision] = []
        self.held: dict[int, Holding] = {}
        self.left = 0
        self.superseded: list[int] = []
        self.ignored: list[tuple[int, Order]] = []
        self.duplicates: list[tuple[int, Order, versions.Booked]] = []
        self.prepared: Mapping[int, Prepared] = {}
        self.texts: dict[int, tuple[str, str]] = {}
        self.before_booking: Callable[[], None] | None = None

    def put_aside(self, inbox_id: int, external_id: str, reasons: Iterable[Fault]) -> None:
        """Keep one record back with its reasons."""
        self.aside.append(quarantine.PutAside(inbox_id, self.route.source, KIND, external_id, tuple(reasons)))


def judge(
    connection: "Connection",
    trail: "Trail",
    shop: "OrderSource",
    route: Route,
    *,
    limit: int,
    ids: Sequence[str] = (),
    ahead: "ReadAhead | None" = None,
) -> tuple[Judged, tuple[QualityFinding, ...]]:
    """Judge up to ``limit`` open records of the source and book the good ones, all in the caller's transaction.

    With ``ahead``, the next batch is read while this one is booked.

    Raises:
        Refused: Nothing is known of the channel's articles yet.
    """
    inbox.hold_source(connection, source=route.source, kind=KIND)
    inbox.hold_source(connection, source=f"channel/{route.channel}", kind=KIND)  # a channel can have several sources
    open_records = inbox.open_records(connection, source=route.source, kind=KIND, limit=limit, external_ids=ids)
    if not open_records:
        return Judged(), ()
    assortment = shop.assortment or route.channel
    if not records.has_master_data(connection, assortment):
        raise Refused(f"No articles of channel '{assortment}' are known yet: run `soms run master_data` first.")
    bench = Bench(connection, trail, shop, route)
    if ahead:
        bench.prepared = ahead.take()
        if len(open_records) == limit:
            bench.before_booking = partial(ahead.begin, open_records[-1]["id"], limit)
    with garbage.held_back():
        return _judge_records(bench, open_records)


def _judge_records(
    bench: Bench, open_records: Sequence[Mapping[str, Any]]
) -> tuple[Judged, tuple[QualityFinding, ...]]:
    """Judge records together; when that breaks, judge each half by itself until the one that breaks it is alone.

    A record that SOMS itself cannot cope with must be put aside like any other, or it would stop its source for ever.
    """
    told = len(bench.trail.events)
    try:
        with bench.connection.transaction():
            candidates = news(bench, newest(bench, _read(bench, open_records), open_records, kind=KIND), sale=SALE)
            known = known_for(bench.connection, bench.shop, bench.route, candidates.values())
            findings = _gate(bench, candidates, known)
            _apply_rules(bench, candidates, known)
            return _book(bench), findings
    except SomsError:
        raise  # not one record's fault
    except Exception as error:
        if isinstance(error, psycopg.Error) and is_passing(error):
            raise
        _log.error("Judging %s records broke: %s", len(open_records), where_it_broke(error))
        del bench.trail.events[told:]
        fresh = Bench(bench.connection, bench.trail, bench.shop, bench.route)
        if len(open_records) == 1:
            fresh.put_aside(open_records[0]["id"], open_records[0]["external_id"], [_broken_by(error)])
            return _book(fresh), ()
    half = len(open_records) // 2
    first, found = _judge_records(fresh, open_records[:half])
    rest = Bench(bench.connection, bench.trail, bench.shop, bench.route)
    second, found_too = _judge_records(rest, open_records[half:])
    return first + second, found + found_too


def _broken_by(error: Exception) -> Fault:
    return Fault(
        rule="ORD-BROKEN",
        place="order",
        text=f"SOMS failed with {type(error).__name__} while it judged this record; its log says why.",
        remedy="Tell whoever looks after SOMS; release the record when it is mended.",
    )


def _read(bench: Bench, open_records: Sequence[Mapping[str, Any]]) -> dict[int, Order]:
    orders = {}
    rules = records.rules_in_force(bench.connection)
    patches = corrections.in_force(bench.connection, [record["id"] for record in open_records])
    for record in open_records:
        mine = patches.get(record["id"], ())
        prepared = bench.prepared.get(record["id"])
        if prepared and not mine and prepared.rules == rules.version:
            orders[record["id"]], bench.texts[record["id"]] = prepared.order, prepared.text
            continue
        try:
            body = patched_bytes(bytes(record["body"]), mine)
            received = Received(record["external_id"], body, record["content_type"])
            order, made = patched_order(bench.shop.read_order(received, bench.route.channel), mine)
            orders[record["id"]] = with_own_articles(order, rules)
            if made:
                subject = f"inbox/{record['id']}"
                bench.trail.add("order.corrected", subject, [("inbox", record["id"])], {"corrections": made})
        except Unreadable as error:
            reasons = [
                Fault(rule="ORD-UNREADABLE", place=defect.place, text=defect.text, remedy=defect.remedy)
                for defect in error.reasons
            ] or [Fault(rule="ORD-UNREADABLE", place="order", text=str(error), remedy="Ask the shop's operator.")]
            bench.put_aside(record["id"], record["external_id"], reasons)
    return orders


def known_for(connection: "Connection", shop: "OrderSource", route: Route, orders: Iterable[Order]) -> KnownMaster:
    """Return master data for all articles these orders name, the mappings, and the merchant's rules."""
    orders = list(orders)
    lines = [line for order in orders for line in order.lines]
    skus = {line.sku for line in lines} | {part.sku for line in lines for part in line.components}
    rules = records.rules_in_force(connection)
    known = records.known_master(connection, shop.assortment or route.channel, skus, rules=rules)
    customers = None
    if rules.holds.new_customer_over:
        asked = [order.customer.external_id for order in orders]
        customers = records.known_customers(connection, route.channel, asked)
    own = rules.mapping(route.channel)
    return replace(
        known,
        payment_methods=shop.payment_methods | own.payment_methods,
        shipping_methods=shop.shipping_methods | own.shipping_methods,
        customers=customers,
    )


def _gate(bench: Bench, candidates: dict[int, Order], known: KnownMaster) -> tuple[QualityFinding, ...]:
    """Judge the batch as a whole; a fatal finding puts the whole batch aside. Released records pass unasked."""
    released = records.released_ids(bench.connection, list(candidates))
    asked = {inbox_id: order for inbox_id, order in candidates.items() if inbox_id not in released}
    findings = quality.judge(ORDERS, rows(asked.values(), known))
    if findings:
        batch = f"{bench.trail.actor.run_id or 'desk'}:{min(asked)}"
        quality_results.keep(bench.connection, bench.trail, batch=batch, suite=ORDERS.name, findings=findings)
    stopped = quality.stopped_by(findings)
    if stopped:
        reasons = [_stop(finding, len(asked)) for finding in stopped]
        for inbox_id, order in asked.items():
            bench.put_aside(inbox_id, order.external_id, reasons)
            del candidates[inbox_id]
    return findings


def _stop(finding: QualityFinding, orders: int) -> Fault:
    return Fault(
        rule=finding.expectation,
        place="batch",
        text=f"The whole batch of {orders} orders was stopped. Expected: {finding.text}"
        f" Not so in {finding.unexpected} of {finding.checked}.",
        remedy="Find the cause in the shop or in master data, then release these records.",
    )


def _apply_rules(bench: Bench, candidates: Mapping[int, Order], known: KnownMaster) -> None:
    fit: dict[int, Order] = {}
    released = records.released_ids(bench.connection, list(candidates))
    for inbox_id, order in candidates.items():
        reasons = faults(order, known, released=inbox_id in released)
        if reasons:
            bench.put_aside(inbox_id, order.external_id, reasons)
        else:
            fit[inbox_id] = order
    place(bench, fit, known)


def _book(bench: Bench) -> Judged:
    connection, trail = bench.connection, bench.trail
    if bench.before_booking:
        bench.before_booking()
    settled = {booking.inbox_id: "accepted" for booking in bench.bookings}
    revised = [revision.version for revision in bench.revisions]
    settled |= {version.inbox_id: "accepted" for version in (*bench.follows, *bench.unchanged, *revised)}
    settled |= {record.inbox_id: "put_aside" for record in bench.aside}
    settled |= dict.fromkeys(bench.superseded, "superseded")
    settled |= {inbox_id: "ignored" for inbox_id, _ in bench.ignored}
    settled |= {inbox_id: "ignored" for inbox_id, *_ in bench.duplicates}
    newer = [booking.order.external_id for booking in bench.bookings] + [record.external_id for record in bench.aside]
    newer += [version.order.external_id for version in (*bench.follows, *bench.unchanged, *revised)]
    newer += [order.external_id for _, order, _ in bench.duplicates]
    newer += [order.external_id for _, order in bench.ignored]  # what was cancelled since must not be released
    quarantine.supersede(connection, trail, source=bench.route.source, kind=KIND, external_ids=newer)
    inbox.settle(connection, settled)  # after that: a record may take the place of its own earlier judgement
    quarantine.put_aside(connection, trail, bench.aside)
    _revise(bench)  # before new orders take what changed and cancelled ones give back
    if bench.bookings:
        booked = records.book(connection, trail, bench.bookings, bench.texts)
        accepted = {key: (booked[key], len(each.parts)) for each in bench.bookings
                    if each.parts and (key := each.order.external_id)}  # fmt: skip
        put_sales_due(connection, trail, bench.shop, bench.route, accepted)
    versions.follow(connection, trail, bench.follows)
    _tell_rest(bench)
    cancelled = sum(version.decision is Decision.CANCELLED for version in revised)
    short = sum(booking.hold_reason is not None for booking in bench.bookings)
    return Judged(
        len(bench.bookings) - short, short, len(bench.aside), len(bench.follows) + len(bench.unchanged),
        len(bench.superseded), len(bench.ignored) + len(bench.duplicates), len(revised) - cancelled, cancelled,
    )  # fmt: skip


def _revise(bench: Bench) -> None:
    """Write changed and cancelled orders; calls that are due stay due, or are withdrawn with what they were for."""
    if not bench.revisions:
        return
    connection, trail = bench.connection, bench.trail
    customers = records.keep_customers(connection, [revision.version.order for revision in bench.revisions])
    versions.revise(connection, trail, bench.revisions, bench.held, customers)
    by_status: dict[str, list[str]] = {}
    for revision in bench.revisions:
        by_status.setdefault(revision.status, []).append(f"sales_order/{revision.version.booked.id}")
    withdraw(
        connection, trail, process=PROCESS, subjects=by_status.get("cancelled", ()), reason="The order was cancelled."
    )
    accepted = {}
    for revision in bench.revisions:
        order_id = revision.version.booked.id
        if revision.version.booked.standing is Standing.OUTSIDE or revision.parts is None:
            continue  # its sales were changed by hand, or are built anew when they are made
        why, parts = "Stock is short for the changed order.", 0
        if revision.parts:
            why, parts = "The order ships in fewer parts.", len(revision.parts)
            accepted[revision.version.order.external_id] = order_id, parts
        if revision.status != "cancelled":
            withdraw(connection, trail, process=PROCESS, subjects=[f"sales_order/{order_id}"], reason=why,
                     beyond_part=parts)  # fmt: skip
    put_sales_due(connection, trail, bench.shop, bench.route, accepted, again=True)


def _tell_rest(bench: Bench) -> None:
    for inbox_id, order in bench.ignored:
        facts = {"reason": f"It was {order.status} in the shop when first seen."}
        bench.trail.add("order.ignored", f"inbox/{inbox_id}", [("inbox", inbox_id)], facts)
    for inbox_id, _, booked in bench.duplicates:
        rows_touched, told = [("inbox", inbox_id)], {"source": bench.route.source, "booked_from": booked.source}
        bench.trail.add("order.duplicate", f"sales_order/{booked.id}", rows_touched, told)
    for inbox_id in bench.superseded:
        bench.trail.add("order.superseded", f"inbox/{inbox_id}", [("inbox", inbox_id)])
    for version in bench.unchanged:
        rows_touched = [("inbox", version.inbox_id)]
        bench.trail.add("order.unchanged", f"sales_order/{version.booked.id}", rows_touched)


def put_sales_due(
    connection: "Connection",
    trail: "Trail",
    shop: "OrderSource",
    route: Route,
    orders: Mapping[str, tuple[int, int]],
    *,
    again: bool = False,
) -> None:
    """Write what follows from accepting orders as due effects: a sale for each part, a mail where the shop sends none.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        shop: The orders' source.
        route: Where the orders come from and go.
        orders: Row id and number of parts by external id.
        again: Whether the orders may have had sales due before that were withdrawn.
    """
    due = [
        effects.Due(
            business_key=f"{SALE}:{route.channel}:{external_id}" + (f":{part}" if part > 1 else ""),
            process=PROCESS,
            system=route.erp,
            kind=SALE,
            subject=f"sales_order/{order_id}",
            payload={"order_id": order_id, "source": route.source} | ({"part": part} if part > 1 else {}),
        )
        for external_id, (order_id, parts) in orders.items()
        for part in range(1, parts + 1)
    ]
    ids = {external_id: order_id for external_id, (order_id, _) in orders.items()}
    due += mailing.confirmations_due(connection, shop, name=route.source, channel=route.channel, orders=ids)
    effects.put(connection, trail, due)
    if again:
        want_again(connection, trail, [effect.business_key for effect in due])
