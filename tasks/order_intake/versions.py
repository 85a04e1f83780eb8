"""Versions of booked orders in Postgres: what is booked and done, what a newer version makes of it, and its history."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import stock
from blocks.database.effect_withdrawal import WITHDRAWN
from blocks.documents.base import canonical_json
from blocks.documents.orders import Order
from tasks.order_intake.allocation import Part, Promise
from tasks.order_intake.changes import Change, Decision, Standing, money_delta
from tasks.order_intake.parts import write_parts

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Booked:
    """An order as it is booked, and how far its sales have come outside."""

    id: int
    document: Order
    version: int
    status: str
    warehouse: str | None
    erp_number: str
    standing: Standing
    source: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A newer version of a booked order."""

    booked: Booked
    inbox_id: int
    order: Order
    decision: Decision
    changes: tuple[Change, ...]
    by: str

    @property
    def delta(self) -> Decimal:
        """Return by how much the amount to pay moved."""
        return money_delta(self.booked.document, self.order)


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept for an order: reserved pieces by (warehouse, SKU), back-ordered pieces by SKU, its parts."""

    reserved: Mapping[tuple[str, str], Decimal]
    backordered: Mapping[str, Decimal]
    parts: tuple[str, ...]

    def pieces(self) -> dict[str, Decimal]:
        """Return all pieces by SKU."""
        total = dict(self.backordered)
        for (_, sku), count in self.reserved.items():
            total[sku] = total.get(sku, Decimal(0)) + count
        return total


NOTHING_HELD = Holding({}, {}, ())


@dataclass(frozen=True, slots=True)
class Revision:
    """A newer version and where the order ships from now; ``parts`` is None where that stays as it is."""

    version: Version
    parts: tuple[Part, ...] | None
    hold_reason: str | None = None
    promises: Mapping[str, Promise] | None = None

    @property
    def status(self) -> str:
        """Return the order's status from now on."""
        if self.version.decision is Decision.CANCELLED:
            return "cancelled"
        if self.parts is None:
            return "accepted"
        return "short" if self.hold_reason else "accepted"

    @property
    def warehouse(self) -> str | None:
        """Return the warehouse of the first part."""
        if self.parts is None:
            return self.version.booked.warehouse
        return self.parts[0].warehouse if self.parts else None


def text_and_hash(order: Order) -> tuple[str, str]:
    """Return the canonical text and its sha256, made once."""
    text = order.canonical_text()
    return text, hashlib.sha256(text.encode()).hexdigest()


def booked(connection: "Connection", channel: str, external_ids: Sequence[str], *, sale: str) -> dict[str, Booked]:
    """Lock and return the orders that are already booked, by external id.

    Their effects are locked before they are, as when answers are booked: so nobody claims a call that is due while the
    order changes, and the two never wait for each other.

    Args:
        connection: The transaction's connection.
        channel: The orders' channel.
        external_ids: The channel's ids.
        sale: The kind of effect that makes sales.
    """
    found = connection.execute(
        "SELECT id FROM sales_order WHERE channel = %s AND external_id = ANY(%s)", (channel, list(external_ids))
    ).fetchall()
    if not found:
        return {}
    ids = [row["id"] for row in found]
    calls: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(
        "SELECT subject, kind, state, answer, maybe_done_at FROM effect WHERE subject = ANY(%s) ORDER BY id FOR UPDATE",
        ([f"sales_order/{order_id}" for order_id in ids],),
    ):
        calls.setdefault(row["subject"], []).append(row)
    rows = connection.execute(
        "SELECT o.id, o.external_id, document, version, status, warehouse, erp_number, i.source FROM sales_order o"
        " JOIN inbox i ON i.id = o.inbox_id WHERE o.id = ANY(%s) ORDER BY o.id FOR UPDATE OF o",
        (ids,),
    )
    return {
        row["external_id"]: Booked(
            row["id"], Order.model_validate_json(row["document"]), row["version"], row["status"], row["warehouse"],
            row["erp_number"] or "", _standing(row, calls.get(f"sales_order/{row['id']}", ()), sale), row["source"],
        )
        for row in rows
    }  # fmt: skip


def _standing(order: Mapping[str, Any], calls: Iterable[Mapping[str, Any]], sale: str) -> Standing:
    """Return how far an order's sales have come; a call that was withdrawn before it was made counts for nothing.

    A call that a person abandoned counts as made: they may have made the sale by hand.
    """
    sales = [call for call in calls if call["kind"] == sale]
    if order["erp_number"] or any(
        call["state"] in {"done", "failed"}
        or call["maybe_done_at"] is not None
        or (call["state"] == "abandoned" and call["answer"] != WITHDRAWN)
        for call in sales
    ):
        return Standing.OUTSIDE
    return Standing.UNDER_WAY if any(call["state"] == "claimed" for call in sales) else Standing.UNTOUCHED


def released_by(connection: "Connection", inbox_ids: Sequence[int]) -> dict[int, str]:
    """Return who released these records, by inbox id; those that nobody released are missing."""
    if not inbox_ids:
        return {}
    rows = connection.execute(
        "SELECT inbox_id, closed_by FROM quarantine WHERE state = 'released' AND inbox_id = ANY(%s) ORDER BY id",
        (list(inbox_ids),),
    )
    return {row["inbox_id"]: row["closed_by"] or "" for row in rows}


def waiting_versions(
    connection: "Connection", *, source: str, kind: str, external_ids: Sequence[str], but: Sequence[int]
) -> list[dict[str, Any]]:
    """Return versions of these orders that wait for a person: ``id, external_id, body, content_type`` of the inbox."""
    return connection.execute(
        "SELECT i.id, i.external_id, i.body, i.content_type FROM quarantine q JOIN inbox i ON i.id = q.inbox_id"
        " WHERE q.state = 'open' AND q.source = %s AND q.kind = %s AND q.external_id = ANY(%s)"
        " AND NOT q.inbox_id = ANY(%s)",
        (source, kind, list(external_ids), list(but)),
    ).fetchall()


def holdings(connection: "Connection", order_ids: Sequence[int]) -> dict[int, Holding]:
    """Return what is kept for each of these orders; the caller has locked them."""
    if not order_ids:
        return {}
    ids = list(order_ids)
    reserved: dict[int, dict[tuple[str, str], Decimal]] = {}
    for row in connection.execute(
        "SELECT order_id, warehouse, sku, sum(quantity) AS quantity FROM reservation WHERE order_id = ANY(%s)"
        " GROUP BY 1, 2, 3 HAVING sum(quantity) <> 0",
        (ids,),
    ):
        reserved.setdefault(row["order_id"], {})[row["warehouse"], row["sku"]] = row["quantity"]
    awaited: dict[int, dict[str, Decimal]] = {}
    for row in connection.execute(
        "SELECT order_id, sku, sum(quantity) AS quantity FROM backorder WHERE order_id = ANY(%s)"
        " AND served_at IS NULL GROUP BY 1, 2",
        (ids,),
    ):
        awaited.setdefault(row["order_id"], {})[row["sku"]] = row["quantity"]
    parts: dict[int, list[str]] = {}
    for row in connection.execute(
        "SELECT order_id, warehouse FROM order_part WHERE order_id = ANY(%s) ORDER BY order_id, part", (ids,)
    ):
        parts.setdefault(row["order_id"], []).append(row["warehouse"])
    return {key: Holding(reserved.get(key, {}), awaited.get(key, {}), tuple(parts.get(key, ()))) for key in ids}


def write_versions(
    connection: "Connection", rows: Iterable[tuple[int, int, int, str, str, str, tuple[Change, ...], Decimal, str]]
) -> None:
    """Add history: (order, version, inbox id, decision, document, its hash, changes, money delta, by whom)."""
    with connection.cursor().copy(
        "COPY order_version (order_id, version, inbox_id, decision, document, content_hash, changes, delta, by)"
        " FROM STDIN"
    ) as copy:
        for order_id, version, inbox_id, decision, document, content_hash, changes, delta, by in rows:
            told = canonical_json([change.model_dump() for change in changes]) if changes else "[]"
            copy.write_row((order_id, version, inbox_id, decision, document, content_hash, told, delta, by))


def write_lines(connection: "Connection", orders: Mapping[int, Order]) -> None:
    """Write the lines of orders, by order row id."""
    with connection.cursor().copy(
        "COPY order_line (order_id, position, sku, name, quantity, unit_net, net, gross, tax_rate) FROM STDIN"
    ) as copy:
        for order_id, order in orders.items():
            for position, line in enumerate(order.lines, 1):
                copy.write_row((
                    order_id, position, line.sku, line.name, line.quantity, line.unit_net, line.net, line.gross,
                    line.tax_rate,
                ))  # fmt: skip


def follow(connection: "Connection", trail: "Trail", versions: Sequence[Version]) -> None:
    """Take over what booked orders may follow by themselves."""
    if not versions:
        return
    texts = [text_and_hash(version.order) for version in versions]
    connection.execute(
        "UPDATE sales_order SET version = sales_order.version + 1, channel_status = new.status,"
        " payment_status = new.payment, document = new.document, content_hash = new.hash"
        " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])"
        " AS new(id, status, payment, document, hash) WHERE sales_order.id = new.id",
        (
            [version.booked.id for version in versions],
            [version.order.status for version in versions],
            [version.order.payment_status for version in versions],
            [text for text, _ in texts],
            [digest for _, digest in texts],
        ),
    )
    write_versions(connection, map(_history, versions, texts))
    for version in versions:
        trail.add(
            "order.followed",
            f"sales_order/{version.booked.id}",
            _touched(version, "sales_order", "order_version"),
            {"channel_status": version.order.status, "payment_status": version.order.payment_status},
        )


def _history(
    version: Version, text: tuple[str, str]
) -> tuple[int, int, int, str, str, str, tuple[Change, ...], Decimal, str]:
    number = version.booked.version + 1
    return (version.booked.id, number, version.inbox_id, version.decision, *text, version.changes, version.delta,
            version.by)  # fmt: skip


def _touched(version: Version, *tables: str) -> list[tuple[str, object]]:
    return [*((table, version.booked.id) for table in tables), ("inbox", version.inbox_id)]


def revise(
    connection: "Connection",
    trail: "Trail",
    revisions: Sequence[Revision],
    held: Mapping[int, Holding],
    customers: Mapping[str, int],
) -> None:
    """Write newer versions over booked orders: the order, its lines, parts, reservations by difference, history.

    Args:
        connection: An audited transaction's connection; orders and stock are locked.
        trail: The same transaction's trail.
        revisions: What becomes of each order.
        held: What is kept for them now.
        customers: Row ids of their customers by the channel's ids.
    """
    if not revisions:
        return
    takings = [taking for revision in revisions for taking in _difference(revision, held)]
    stock.take(connection, trail, takings, reason="order changed or cancelled")
    texts = [text_and_hash(revision.version.order) for revision in revisions]
    _update_orders(connection, revisions, texts, customers)
    changed = {each.version.booked.id: each for each in revisions if each.version.decision is Decision.CHANGED}
    connection.execute("DELETE FROM order_line WHERE order_id = ANY(%s)", (list(changed),))
    write_lines(connection, {order_id: each.version.order for order_id, each in changed.items()})
    moved = [each for each in revisions if each.parts is not None]
    ids = [each.version.booked.id for each in moved]
    connection.execute("DELETE FROM backorder WHERE order_id = ANY(%s) AND served_at IS NULL", (ids,))
    free = {each.version.booked.id for each in moved if each.version.booked.standing is Standing.UNTOUCHED}
    connection.execute("DELETE FROM order_part WHERE order_id = ANY(%s)", (sorted(free),))
    write_parts(
        connection,
        {each.version.booked.id: each.parts or () for each in moved if each.version.booked.id in free},
        {each.version.booked.id: each.promises or {} for each in moved},
    )
    write_versions(connection, (_history(each.version, text) for each, text in zip(revisions, texts, strict=True)))
    for revision in revisions:
        _tell(trail, revision, customers)


def _difference(revision: Revision, held: Mapping[int, Holding]) -> Iterable[stock.Taking]:
    if revision.parts is None:
        return
    order_id = revision.version.booked.id
    wanted: dict[tuple[str, str], Decimal] = {}
    for part in revision.parts:
        for sku, count in part.pieces.items():
            key = (part.warehouse, sku)
            wanted[key] = wanted.get(key, Decimal(0)) + count
    now = held.get(order_id, NOTHING_HELD).reserved
    for warehouse, sku in sorted(wanted.keys() | now.keys()):
        more = wanted.get((warehouse, sku), Decimal(0)) - now.get((warehouse, sku), Decimal(0))
        if more:
            yield stock.Taking(order_id, sku, warehouse, more)


def _update_orders(
    connection: "Connection",
    revisions: Sequence[Revision],
    texts: Sequence[tuple[str, str]],
    customers: Mapping[str, int],
) -> None:
    connection.execute(
        "CREATE TEMP TABLE revision (id bigint, status text, hold_reason text, number text, channel_status text,"
        " payment_status text, currency text, total numeric, placed_at timestamptz, customer_id bigint,"
        " warehouse text, document text, content_hash text) ON COMMIT DROP"
    )
    with connection.cursor().copy("COPY revision FROM STDIN") as copy:
        for revision, (text, digest) in zip(revisions, texts, strict=True):
            order = revision.version.order
            copy.write_row((
                revision.version.booked.id, revision.status, revision.hold_reason, order.number, order.status,
                order.payment_status, order.currency, order.totals.total, order.placed_at,
                customers[order.customer.external_id], revision.warehouse, text, digest,
            ))  # fmt: skip
    connection.execute(
        "UPDATE sales_order o SET version = o.version + 1, status = r.status, hold_reason = r.hold_reason,"
        " number = r.number, channel_status = r.channel_status, payment_status = r.payment_status,"
        " currency = r.currency, total = r.total, placed_at = r.placed_at, customer_id = r.customer_id,"
        " warehouse = r.warehouse, document = r.document, content_hash = r.content_hash"
        " FROM revision r WHERE o.id = r.id"
    )
    connection.execute("DROP TABLE revision")


def _tell(trail: "Trail", revision: Revision, customers: Mapping[str, int]) -> None:
    version = revision.version
    tables = ("sales_order", "order_line", "order_part", "order_version", "reservation", "backorder")
    rows = [*_touched(version, *tables), ("customer", customers[version.order.customer.external_id])]
    facts = {
        "version": version.booked.version + 1,
        "places": [change.place for change in version.changes],
        "delta": version.delta,
        "status": revision.status,
        "warehouse": revision.warehouse,
        "by": version.by,
    }
    if version.booked.standing is Standing.OUTSIDE:
        facts["changed_by_hand_in_erp"] = version.booked.erp_number or "not confirmed"
    trail.add(f"order.{version.decision}", f"sales_order/{version.booked.id}", rows, facts)
