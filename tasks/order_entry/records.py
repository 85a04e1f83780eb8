"""What order entry reads and writes in Postgres."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import inbox
from blocks.documents.orders import Order
from blocks.systems.desks.entries import Entry, Listed

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

KIND = "order"


@dataclass(frozen=True, slots=True)
class Typed:
    """An entry as the inbox takes it."""

    external_id: str
    body: bytes
    content_type: str = "application/json"


def price_list(connection: "Connection", channel: str, skus: Iterable[str]) -> dict[str, Listed]:
    """Return what a channel's price list says of these articles; unknown ones are missing."""
    rows = connection.execute(
        "SELECT sku, name, variant, price, tax_category FROM article WHERE channel = %s AND sku = ANY(%s)",
        (channel, sorted(set(skus))),
    )
    return {
        row["sku"]: Listed(
            name=row["name"], variant=row["variant"], price=row["price"], tax_category=row["tax_category"]
        )
        for row in rows
    }


def last_order(connection: "Connection", channels: Sequence[str], customer: str) -> Order | None:
    """Return the newest order of a customer in the first of these channels that knows them."""
    row = connection.execute(
        "SELECT o.document FROM customer c JOIN sales_order o ON o.customer_id = c.id"
        " WHERE c.external_id = %s AND c.channel = ANY(%s)"
        " ORDER BY array_position(%s::text[], c.channel), o.id DESC LIMIT 1",
        (customer, list(channels), list(channels)),
    ).fetchone()
    return Order.model_validate_json(row["document"]) if row else None


def keep(connection: "Connection", trail: "Trail", *, source: str, entry: Entry) -> bool:
    """Keep an entry in the inbox, once; returns whether it was new.

    Who sends the same form again is told so by the same bytes: then the first time of entry and its prices stay. Unless
    the price list had no price for an article then, and something has changed since: that is worth judging anew.
    """
    inbox.hold_source(connection, source=source, kind=KIND)
    row = connection.execute(
        "SELECT body FROM inbox WHERE source = %s AND kind = %s AND external_id = %s ORDER BY id DESC LIMIT 1",
        (source, KIND, entry.id),
    ).fetchone()
    body = entry.canonical_text().encode()
    if row is not None:
        before = Entry.model_validate_json(bytes(row["body"]))
        if before.says_the_same(entry) and (not before.unpriced() or before.prices == entry.prices):
            body = bytes(row["body"])
    deliveries = [Typed(entry.id, body)]
    return inbox.store(connection, trail, source=source, kind=KIND, deliveries=deliveries).new > 0


def fate(connection: "Connection", *, source: str, channel: str, name: str) -> dict[str, Any] | None:
    """Return what became of an entry: its record's state, its order, and why it waits; None when there is none."""
    row = connection.execute(
        "SELECT i.state, o.status, o.total, o.currency, o.warehouse, o.hold_reason, q.id AS quarantine_id, q.faults"
        " FROM inbox i LEFT JOIN sales_order o ON o.channel = %s AND o.external_id = i.external_id"
        " LEFT JOIN quarantine q ON q.inbox_id = i.id AND q.state = 'open'"
        " WHERE i.source = %s AND i.kind = %s AND i.external_id = %s ORDER BY i.id DESC LIMIT 1",
        (channel, source, KIND, name),
    ).fetchone()
    return {**row, "faults": json.loads(row["faults"]) if row["faults"] else []} if row else None
