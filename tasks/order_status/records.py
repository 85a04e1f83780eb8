"""What the order-status process reads and writes in Postgres."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tasks.order_status.ruling import PROCESS, SALE

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an order's status history."""

    id: int
    system: str
    word: str
    status: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be written."""

    order_id: int
    system: str
    word: str
    status: str
    outcome: str
    reason: str
    at: datetime


def lock_orders(connection: "Connection", order_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Lock orders in the one order of all locks: ``id, channel, external_id, lifecycle`` by row id."""
    rows = connection.execute(
        "SELECT id, channel, external_id, lifecycle FROM sales_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        (list(order_ids),),
    )
    return {row["id"]: row for row in rows}


def keys_of(connection: "Connection", order_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what the outside calls these orders: ``channel, external_id`` by row id."""
    rows = connection.execute("SELECT id, channel, external_id FROM sales_order WHERE id = ANY(%s)", (list(order_ids),))
    return {row["id"]: row for row in rows}


def histories(connection: "Connection", order_ids: Sequence[int]) -> dict[int, list[Entry]]:
    """Return the status history of these orders, as it was recorded."""
    found: dict[int, list[Entry]] = {order_id: [] for order_id in order_ids}
    for row in connection.execute(
        "SELECT id, order_id, system, system_status AS word, status, outcome, reported_at AS at"
        " FROM order_status_entry WHERE order_id = ANY(%s) ORDER BY id",
        (list(order_ids),),
    ):
        found[row.pop("order_id")].append(Entry(**row))
    return found


def now(connection: "Connection") -> datetime:
    """Return the database's clock, the one that every recorded time is compared with."""
    row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
    if row is None:  # pragma: no cover - a SELECT without a table has one row
        raise RuntimeError("Postgres gave no time.")
    moment: datetime = row["now"]
    return moment


def add_entries(connection: "Connection", entries: Sequence[NewEntry], *, run_id: str) -> list[int]:
    """Append entries; returns their ids in order."""
    rows = connection.execute(
        "INSERT INTO order_status_entry"
        " (order_id, system, system_status, status, outcome, reason, reported_at, recorded_at, run_id)"
        " SELECT order_id, system, word, status, outcome, reason, at, clock_timestamp(), %s FROM unnest(%s::bigint[],"
        " %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[]) WITH ORDINALITY"
        " AS new(order_id, system, word, status, outcome, reason, at, place) ORDER BY place RETURNING id",
        (
            run_id,
            [each.order_id for each in entries],
            [each.system for each in entries],
            [each.word for each in entries],
            [each.status for each in entries],
            [each.outcome for each in entries],
            [each.reason for each in entries],
            [each.at for each in entries],
        ),
    ).fetchall()
    return [row["id"] for row in rows]


def set_lifecycles(connection: "Connection", statuses: Mapping[int, str]) -> None:
    """Write the orders' statuses."""
    connection.execute(
        "UPDATE sales_order SET lifecycle = new.status FROM unnest(%s::bigint[], %s::text[]) AS new(id, status)"
        " WHERE sales_order.id = new.id",
        (list(statuses), list(statuses.values())),
    )


def sales_of(connection: "Connection", order_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the sales of these orders as order intake makes them: ``system, state, reference`` (None until booked)."""
    found: dict[int, list[dict[str, Any]]] = {order_id: [] for order_id in order_ids}
    for row in connection.execute(
        "SELECT subject, system, state, answer FROM effect WHERE kind = %s AND subject = ANY(%s)"
        " AND state <> 'abandoned' ORDER BY id",
        (SALE, [f"sales_order/{order_id}" for order_id in order_ids]),
    ):
        reference = json.loads(row["answer"])["reference"] if row["state"] == "done" else None
        sale = {"system": row["system"], "state": row["state"], "reference": reference}
        found[int(row["subject"].partition("/")[2])].append(sale)
    return found


def orders_with_numbers(connection: "Connection", numbers: Sequence[str]) -> list[int]:
    """Return orders of which a sale may have one of these numbers; numbers of two ERPs may be the same."""
    rows = connection.execute(
        "SELECT id FROM sales_order WHERE erp_number = ANY(%s)"
        " UNION SELECT order_id FROM order_part WHERE erp_number = ANY(%s) ORDER BY 1",
        (list(numbers), list(numbers)),
    )
    return [row["id"] for row in rows]


def sources_of(connection: "Connection", order_ids: Sequence[int]) -> dict[int, str]:
    """Return the source that each order first came from, by row id."""
    rows = connection.execute(
        "SELECT o.id, i.source FROM sales_order o JOIN inbox i ON i.id = o.inbox_id WHERE o.id = ANY(%s)",
        (list(order_ids),),
    )
    return {row["id"]: row["source"] for row in rows}


def orders_by_external_id(connection: "Connection", channel: str, external_ids: Sequence[str]) -> dict[str, int]:
    """Return row ids by the channel's ids; unknown ones are missing."""
    rows = connection.execute(
        "SELECT id, external_id FROM sales_order WHERE channel = %s AND external_id = ANY(%s)",
        (channel, list(external_ids)),
    )
    return {row["external_id"]: row["id"] for row in rows}


def received_since(
    connection: "Connection", *, source: str, channel: str, since: datetime, after: int, limit: int
) -> list[dict[str, Any]]:
    """Return a page of raw orders received since then, of orders that are booked: ``id, order_id, received_at, …``."""
    return connection.execute(
        "SELECT i.id, i.external_id, i.body, i.content_type, i.received_at, o.id AS order_id FROM inbox i"
        " JOIN sales_order o ON o.channel = %s AND o.external_id = i.external_id"
        " WHERE i.source = %s AND i.kind = 'order' AND (i.received_at, i.id) > (%s, %s)"
        " ORDER BY i.received_at, i.id LIMIT %s",
        (channel, source, since, after, limit),
    ).fetchall()


def newest_of_booked(
    connection: "Connection", *, source: str, channel: str, since: datetime, after: int, limit: int
) -> list[dict[str, Any]]:
    """Return a page of the orders booked since then, with the newest raw order where that was received before.

    What was received since is read by ``received_since``; its ``body`` is None here.
    """
    return connection.execute(
        "SELECT o.id AS order_id, o.external_id, i.body, i.content_type FROM"
        " (SELECT id, external_id FROM sales_order WHERE channel = %s AND booked_at >= %s AND id > %s"
        " ORDER BY id LIMIT %s) o"
        " LEFT JOIN LATERAL (SELECT id, received_at FROM inbox WHERE source = %s AND kind = 'order'"
        " AND external_id = o.external_id ORDER BY id DESC LIMIT 1) newest ON newest.received_at <= %s"
        " LEFT JOIN inbox i ON i.id = newest.id ORDER BY o.id",
        (channel, since, after, limit, source, since),
    ).fetchall()


def first_booked(connection: "Connection", channel: str) -> datetime | None:
    """Return when the channel's first order was booked."""
    row = connection.execute("SELECT min(booked_at) AS at FROM sales_order WHERE channel = %s", (channel,)).fetchone()
    return row["at"] if row else None


def unmapped(connection: "Connection", *, systems: Sequence[str], after: int, limit: int) -> list[dict[str, Any]]:
    """Return words of these systems that nobody has mapped when they were recorded, and that nothing replaced since."""
    return connection.execute(
        "SELECT e.id, e.order_id, e.system, e.system_status AS word, e.reported_at AS at, o.external_id"
        " FROM order_status_entry e JOIN sales_order o ON o.id = e.order_id"
        " WHERE e.outcome = 'unmapped' AND e.system = ANY(%s) AND e.id > %s AND NOT EXISTS (SELECT FROM"
        " order_status_entry later WHERE later.order_id = e.order_id AND later.system = e.system AND later.id > e.id)"
        " ORDER BY e.id LIMIT %s",
        (list(systems), after, limit),
    ).fetchall()


_OLDER = (
    "EXISTS (SELECT FROM effect newer WHERE newer.subject = e.subject AND newer.kind = e.kind"
    " AND newer.system = e.system AND newer.process = e.process AND newer.id > e.id)"
)


def abandon_outdated(connection: "Connection", trail: "Trail", subjects: Sequence[str] | None = None) -> int:
    """Abandon what was never told and need not be told any more, because a newer status of the order is to be.

    For stated subjects that includes what was refused: nobody need look into it any more.
    """
    rows = connection.execute(
        "UPDATE effect e SET state = 'abandoned', settled_at = clock_timestamp(),"  # noqa: S608 - a constant
        " last_error = 'A newer status of this order is told instead.'"
        " WHERE e.process = %(process)s AND (e.state = 'due' AND %(subjects)s::text[] IS NULL"
        " OR e.state IN ('due', 'failed') AND e.subject = ANY(%(subjects)s::text[]))"
        f" AND {_OLDER} RETURNING e.id, e.subject",
        {"process": PROCESS, "subjects": None if subjects is None else list(subjects)},
    ).fetchall()
    for row in rows:
        facts = {"reason": "a newer status is told instead"}
        trail.add("effect.abandoned", row["subject"], [("effect", row["id"])], facts)
    return len(rows)


def out_of_turn(connection: "Connection", effect_ids: Sequence[int]) -> dict[int, bool]:
    """Return effects whose turn it is not: True because a newer one exists, False because an older one is under way."""
    rows = connection.execute(
        f"SELECT e.id, {_OLDER} AS outdated FROM effect e WHERE e.id = ANY(%s) AND ({_OLDER}"  # noqa: S608 - a constant
        " OR EXISTS (SELECT FROM effect older JOIN lease l ON l.token = older.token"
        " WHERE older.subject = e.subject AND older.kind = e.kind AND older.system = e.system"
        " AND older.process = e.process AND older.id < e.id AND older.state = 'claimed'"
        " AND older.token IS DISTINCT FROM e.token"
        " AND l.until > clock_timestamp()))",
        (list(effect_ids),),
    )
    return {row["id"]: row["outdated"] for row in rows}
