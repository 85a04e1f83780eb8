"""What order intake reads and writes in Postgres."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from blocks.database import rulebooks, stock, stock_position, stock_rules
from blocks.documents.orders import Component, Order
from blocks.documents.stock_rules import StockRules
from tasks.order_intake import rulebook, versions
from tasks.order_intake.allocation import Part, Promise
from tasks.order_intake.changes import Decision
from tasks.order_intake.packs import in_singles
from tasks.order_intake.parts import write_parts
from tasks.order_intake.rulebook import OrderRules
from tasks.order_intake.rules import KnownArticle, KnownMaster

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Booking:
    """One order that may be booked, with the parts it ships in or why it is held short."""

    inbox_id: int
    order: Order
    parts: tuple[Part, ...]
    hold_reason: str | None
    promises: Mapping[str, Promise]

    @property
    def warehouse(self) -> str | None:
        """Return the warehouse of the first part; None when the order is held short."""
        return self.parts[0].warehouse if self.parts else None


def rules_in_force(connection: "Connection") -> OrderRules:
    """Return the merchant's order rules; the defaults when none were activated."""
    edition = rulebooks.in_force(connection, kind=rulebook.KIND, name=rulebook.NAME)
    return rulebook.load(edition.content, edition.version) if edition else rulebook.DEFAULTS


def known_master(connection: "Connection", channel: str, skus: Iterable[str], *, rules: OrderRules) -> KnownMaster:
    """Return what master data says of these articles and of the parts they are made of; without any mappings.

    A pack is made of its single article, which the channel need not sell: that there is stock of it is enough.
    """
    settings, asked = stock_rules.in_force(connection), set(skus)
    articles = _articles(connection, channel, asked, settings)
    parts = {part.sku for article in articles.values() for part in article.components}
    parts |= {settings.packs[sku].of for sku in asked & settings.packs.keys()}
    articles |= _articles(connection, channel, parts - articles.keys(), settings)
    singles = {pack.of for pack in settings.packs.values()} & parts - articles.keys()
    articles |= {sku: KnownArticle(sku, in_erp=True, stock_managed=True) for sku in _kept(connection, singles)}
    return KnownMaster(articles, {}, {}, rules, packs=settings.packs)


def _kept(connection: "Connection", skus: Iterable[str]) -> list[str]:
    names = sorted(skus)
    if not names:
        return []
    rows = connection.execute("SELECT DISTINCT sku FROM stock WHERE sku = ANY(%s)", (names,))
    return [row["sku"] for row in rows]


def known_customers(connection: "Connection", channel: str, customers: Iterable[str]) -> frozenset[str]:
    """Return which of these customers of a channel have ordered before, by the channel's ids."""
    rows = connection.execute(
        "SELECT external_id FROM customer WHERE channel = %s AND external_id = ANY(%s)",
        (channel, sorted(set(customers))),
    )
    return frozenset(row["external_id"] for row in rows)


def _articles(connection: "Connection", channel: str, skus: set[str], settings: StockRules) -> dict[str, KnownArticle]:
    rows = connection.execute(
        "SELECT sku, in_erp, stock_managed, components, price, backorder, preorder, available_on FROM article"
        " WHERE channel = %s AND sku = ANY(%s)",
        (channel, sorted(skus)),
    )
    return {
        row["sku"]: KnownArticle(
            row["sku"],
            row["in_erp"],
            row["stock_managed"],
            _parts(row["sku"], json.loads(row["components"]), settings),
            row["price"],
            row["backorder"],
            bool(row["preorder"]),
            row["available_on"],
        )
        for row in rows
    }


def _parts(sku: str, said: Sequence[tuple[str, str]], settings: StockRules) -> tuple[Component, ...]:
    if sku in settings.packs:
        return in_singles((Component(sku=sku, quantity=Decimal(1)),), settings.packs)
    return in_singles(tuple(Component(sku=part, quantity=quantity) for part, quantity in said), settings.packs)


def has_master_data(connection: "Connection", channel: str) -> bool:
    """Return whether any article of the channel is known."""
    row = connection.execute("SELECT EXISTS (SELECT FROM article WHERE channel = %s) AS known", (channel,)).fetchone()
    return bool(row and row["known"])


def warehouses(connection: "Connection", channel: str) -> list[str]:
    """Return the codes of the warehouses that serve a channel, by name."""
    serving = stock_rules.in_force(connection).channel(channel).warehouses
    return [house for house in stock_position.warehouses(connection) if not serving or house in serving]


def released_ids(connection: "Connection", inbox_ids: Sequence[int]) -> set[int]:
    """Return which of the records a person released: the batch gate does not stop those a second time."""
    rows = connection.execute(
        "SELECT DISTINCT inbox_id FROM quarantine WHERE state = 'released' AND inbox_id = ANY(%s)", (list(inbox_ids),)
    )
    return {row["inbox_id"] for row in rows}


def keep_customers(connection: "Connection", orders: Sequence[Order]) -> dict[str, int]:
    """Find or create each customer once; returns row ids by the channel's customer id."""
    newest = {order.customer.external_id: (order.channel, order.customer) for order in orders}
    connection.execute(
        "INSERT INTO customer (channel, external_id, name, company, email, vat_id, guest)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])"
        " ON CONFLICT ON CONSTRAINT customer_business_key DO NOTHING",
        tuple(
            list(column)
            for column in zip(
                *(
                    (channel, key, who.name, who.company, who.email, who.vat_id, who.guest)
                    for key, (channel, who) in sorted(newest.items())
                ),
                strict=True,
            )
        ),
    )
    rows = connection.execute(
        "SELECT id, external_id FROM customer WHERE channel = %s AND external_id = ANY(%s)",
        (orders[0].channel, list(newest)),
    )
    return {row["external_id"]: row["id"] for row in rows}


def book(
    connection: "Connection",
    trail: "Trail",
    bookings: Sequence[Booking],
    known_texts: Mapping[int, tuple[str, str]] = MappingProxyType({}),
) -> dict[str, int]:
    """Write orders, lines and reservations; returns the new order ids by external id.

    ``known_texts`` has the canonical text and its sha256 of orders that were put into words already, by inbox id.

    The caller settles the inbox and writes the due effects in the same transaction, then tells the trail with ``told``.
    """
    customers = keep_customers(connection, [booking.order for booking in bookings])
    texts = [known_texts.get(each.inbox_id) or versions.text_and_hash(each.order) for each in bookings]
    orders = _insert_orders(connection, bookings, texts, customers)
    by_id = {orders[booking.order.external_id]: booking for booking in bookings}
    versions.write_lines(connection, {order_id: booking.order for order_id, booking in by_id.items()})
    write_parts(
        connection,
        {order_id: booking.parts for order_id, booking in by_id.items()},
        {order_id: booking.promises for order_id, booking in by_id.items()},
    )
    versions.write_versions(
        connection,
        (
            (order_id, 1, booking.inbox_id, Decision.ACCEPTED, *text, (), Decimal(0), trail.actor.name)
            for (order_id, booking), text in zip(by_id.items(), texts, strict=True)
        ),
    )
    takings = [
        stock.Taking(order_id, sku, part.warehouse, quantity)
        for order_id, booking in by_id.items()
        for part in booking.parts
        for sku, quantity in part.pieces.items()
    ]
    stock.take(connection, trail, takings, reason="order accepted")
    for booking in bookings:
        _tell(trail, booking, orders[booking.order.external_id], customers[booking.order.customer.external_id])
    return orders


def _tell(trail: "Trail", booking: Booking, order_id: int, customer_id: int) -> None:
    rows: list[tuple[str, object]] = [
        ("sales_order", order_id), ("order_line", order_id), ("customer", customer_id), ("inbox", booking.inbox_id),
        ("reservation", order_id), ("order_version", order_id),
    ]  # fmt: skip
    if booking.parts:
        rows.append(("order_part", order_id))
    if any(part.missing for part in booking.parts):
        rows.append(("backorder", order_id))
    held = booking.hold_reason is not None
    facts = {
        "channel": booking.order.channel,
        "external_id": booking.order.external_id,
        "total": booking.order.totals.total,
        "warehouse": booking.warehouse,
        "held": booking.hold_reason,
    }
    trail.add("order.held_short" if held else "order.accepted", f"sales_order/{order_id}", rows, facts)


def _insert_orders(
    connection: "Connection",
    bookings: Sequence[Booking],
    texts: Sequence[tuple[str, str]],
    customers: Mapping[str, int],
) -> dict[str, int]:
    connection.execute(
        "CREATE TEMP TABLE booking (place int, channel text, external_id text, number text, status text,"
        " hold_reason text, channel_status text, payment_status text, currency text, total numeric,"
        " placed_at timestamptz, customer_id bigint, inbox_id bigint, warehouse text, document text,"
        " content_hash text) ON COMMIT DROP"
    )
    with connection.cursor().copy("COPY booking FROM STDIN") as copy:
        for place, (booking, text) in enumerate(zip(bookings, texts, strict=True)):
            order = booking.order
            copy.write_row((
                place, order.channel, order.external_id, order.number, "short" if booking.hold_reason else "accepted",
                booking.hold_reason, order.status, order.payment_status, order.currency, order.totals.total,
                order.placed_at, customers[order.customer.external_id], booking.inbox_id, booking.warehouse,
                *text,
            ))  # fmt: skip
    rows = connection.execute(
        "INSERT INTO sales_order (channel, external_id, number, status, hold_reason, channel_status, payment_status,"
        " currency, total, placed_at, customer_id, inbox_id, warehouse, document, content_hash)"
        " SELECT channel, external_id, number, status, hold_reason, channel_status, payment_status, currency, total,"
        " placed_at, customer_id, inbox_id, warehouse, document, content_hash FROM booking ORDER BY place"
        " RETURNING id, external_id"
    ).fetchall()
    connection.execute("DROP TABLE booking")
    return {row["external_id"]: row["id"] for row in rows}


def orders_by_id(connection: "Connection", order_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return booked orders: ``id, channel, external_id, status, warehouse, erp_number, document`` by row id."""
    rows = connection.execute(
        "SELECT id, channel, external_id, status, warehouse, erp_number, document FROM sales_order WHERE id = ANY(%s)",
        (list(order_ids),),
    )
    return {row["id"]: row for row in rows}


def book_takeover(connection: "Connection", order_ids: Sequence[int]) -> None:
    """Write that the shop carries the takeover mark."""
    connection.execute(
        "UPDATE sales_order SET taken_over_at = %s WHERE id = ANY(%s) AND taken_over_at IS NULL",
        (datetime.now(UTC), list(order_ids)),
    )


def recent_orders(connection: "Connection", *, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return what became of the orders that one run brought in, newest first."""
    return connection.execute(
        "SELECT i.external_id, i.state, o.number, o.status, o.total, o.currency, o.warehouse, o.hold_reason,"
        " o.erp_number, q.id AS quarantine_id, q.faults FROM inbox i"
        " LEFT JOIN sales_order o ON o.inbox_id = i.id"
        " LEFT JOIN quarantine q ON q.inbox_id = i.id AND q.state = 'open'"
        " WHERE i.run_id = %s AND i.kind = 'order' ORDER BY i.id DESC LIMIT %s",
        (run_id, limit),
    ).fetchall()


def short_orders(connection: "Connection", *, channel: str, limit: int) -> list[dict[str, Any]]:
    """Return the orders that are held because stock is short, oldest first."""
    return connection.execute(
        "SELECT external_id, number, total, currency, hold_reason, booked_at FROM sales_order"
        " WHERE channel = %s AND status = 'short' ORDER BY id LIMIT %s",
        (channel, limit),
    ).fetchall()


def count_waiting(connection: "Connection", *, source: str, channel: str, process: str) -> dict[str, int]:
    """Return how much waits, by what it waits for."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM quarantine WHERE state = 'open' AND source = %(source)s) AS aside,"
        " (SELECT count(*) FROM sales_order WHERE status = 'short' AND channel = %(channel)s) AS short,"
        " (SELECT count(DISTINCT o.id) FROM backorder b JOIN sales_order o ON o.id = b.order_id"
        " WHERE b.served_at IS NULL AND o.channel = %(channel)s) AS owed,"
        " (SELECT count(*) FROM effect WHERE state = 'failed' AND process = %(process)s) AS failed,"
        " (SELECT count(*) FROM effect WHERE state IN ('due', 'claimed') AND process = %(process)s) AS due",
        {"source": source, "channel": channel, "process": process},
    ).fetchone()
    counts = row or {"aside": 0, "short": 0, "owed": 0, "failed": 0, "due": 0}
    return {
        "put aside": counts["aside"],
        "short of stock": counts["short"],
        "sold beyond stock": counts["owed"],
        "refused outside": counts["failed"],
        "calls still due": counts["due"],
    }


def contested(connection: "Connection", source: str, external_ids: Sequence[str]) -> set[str]:
    """Return which of a source's orders have a version that nobody has judged yet, or that waits for a person."""
    rows = connection.execute(
        "SELECT external_id FROM quarantine WHERE state = 'open' AND source = %(source)s AND kind = 'order'"
        " AND external_id = ANY(%(ids)s) UNION SELECT external_id FROM inbox WHERE state = 'received'"
        " AND source = %(source)s AND kind = 'order' AND external_id = ANY(%(ids)s)",
        {"source": source, "ids": list(external_ids)},
    )
    return {row["external_id"] for row in rows}
